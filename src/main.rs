//! The `tillscan` command: parse the arguments, dispatch, end with the exit code.

fn main() {}
