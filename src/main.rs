//! The `tillscan` command: parse the arguments, dispatch, end with the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillscan::cli::main().into()
}
