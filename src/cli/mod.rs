//! The command line: one thin file per command. All but `run`, `demo` and `sandbox` are clients of
//! the local API.

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::api::{Client, ClientError};
use crate::config::Settings;
use crate::money::Amount;
use crate::terminal::{Outcome, Reference};

mod config;
mod demo;
mod devices;
mod follow;
mod log;
#[cfg(test)]
mod manual;
mod output;
mod refund;
mod run;
mod sale;
mod sandbox;
mod show;
mod status;
mod wish;

/// Takes WeChat Pay at the counter: scanner in, paid sale out.
#[derive(Debug, Parser)]
#[command(name = "tillscan", version, max_term_width = 100)]
struct Arguments {
    /// The configuration; tells clients where the daemon's socket is
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon
    Run,
    /// Try tillscan out: daemon, sandbox and a scanner in one process
    Demo(demo::Options),
    /// Run a sandbox of Opn's API, for tests
    Sandbox(Box<sandbox::Options>),
    /// Arm a sale; with --wait, follow it to its end
    #[command(after_help = sale::EXIT_CODES)]
    Sale(sale::Options),
    /// Close a sale unpaid, if it can still be
    Cancel(About),
    /// Read a sale from the gateway at once
    Check(About),
    /// Free the terminal although the sale is unknown; it keeps resolving
    Detach(About),
    /// Say that the result was seen; with --refund, give money that came late back
    Acknowledge(wish::Acknowledgement),
    /// Give money of a paid sale back, all or a part of it
    #[command(after_help = refund::EXIT_CODES)]
    Refund(refund::Options),
    /// Show one sale
    Show(About),
    /// List the newest sales
    List(show::ListOptions),
    /// Show how the daemon is
    Status,
    /// Show what is plugged in, and why it is used as a scanner or not
    Devices(devices::Options),
    /// Check or show the configuration
    Config {
        #[command(subcommand)]
        command: config::ConfigCommand,
    },
}

/// Which sale.
#[derive(Debug, clap::Args)]
struct About {
    /// The shop's name for the sale
    reference: Reference,
}

/// How the command ended, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; a sale: paid.
    Done = 0,
    /// Something failed.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The sale was declined.
    Declined = 10,
    /// The sale expired.
    Expired = 11,
    /// The sale was cancelled.
    Cancelled = 12,
    /// No charge was made.
    NotCreated = 13,
    /// The money did not go back.
    NotRefunded = 14,
    /// The sale, or the refund, is unknown.
    Unknown = 20,
    /// Refused: busy, limits, reference used with another amount.
    Refused = 30,
    /// The daemon does not answer.
    Unreachable = 40,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Paid => Self::Done,
            Outcome::Declined => Self::Declined,
            Outcome::Expired => Self::Expired,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::NotCreated => Self::NotCreated,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

/// Parses the arguments and does what they say.
#[must_use]
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; they are no error, and a closed pipe is nobody's
            // loss.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let json = arguments.json;
    match dispatch(arguments) {
        Ok(exit) => exit,
        Err(error) => {
            output::error(&error, json);
            exit_of(&error)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<Exit> {
    let Arguments { config: file, json, command } = arguments;
    let client = || -> Result<Client> {
        let settings = client_settings(file.clone())?;
        Ok(Client::new(&settings.api.socket))
    };
    match command {
        Command::Run => run::run(file),
        Command::Demo(options) => block_on(demo::demo(options)),
        Command::Sandbox(options) => block_on(sandbox::sandbox(*options)),
        Command::Sale(options) => block_on(sale::sale(client()?, options, json)),
        Command::Cancel(about) => block_on(wish::wish(client()?, about.reference, "cancel", json)),
        Command::Check(about) => block_on(wish::wish(client()?, about.reference, "check", json)),
        Command::Detach(about) => block_on(wish::wish(client()?, about.reference, "detach", json)),
        Command::Acknowledge(seen) => block_on(wish::acknowledge(client()?, seen, json)),
        Command::Refund(options) => block_on(refund::refund(client()?, options, json)),
        Command::Show(about) => block_on(show::show(client()?, about.reference, json)),
        Command::List(options) => block_on(show::list(client()?, options, json)),
        Command::Status => block_on(status::status(client()?, json)),
        Command::Devices(options) => block_on(devices::devices(file, options, json)),
        Command::Config { command } => config::config(command, file, json),
    }
}

/// What a client needs to know: the socket. Without a configuration it is where the package puts
/// it.
fn client_settings(file: Option<PathBuf>) -> Result<Settings> {
    match Settings::load(file.as_deref()) {
        Err(crate::config::ConfigError::NoDefault(_)) => Ok(Settings::default()),
        settings => Ok(settings?),
    }
}

fn block_on(future: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("starting the runtime")?;
    let result = runtime.block_on(future);
    // A wedged serial port may hold a thread up: it ends with the process.
    runtime.shutdown_background();
    result
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<crate::config::ConfigError>() || error.is::<crate::config::secret::SecretError>()
    {
        return Exit::Usage;
    }
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::Unreachable { .. }) => Exit::Unreachable,
        Some(ClientError::Refused { .. }) => Exit::Refused,
        Some(ClientError::Unreadable(_)) | None => Exit::Failed,
    }
}

/// An amount as an argument: what the shop writes, `150` or `1,500.00`.
fn amount(text: &str) -> Result<Amount, crate::money::AmountError> {
    text.parse()
}
