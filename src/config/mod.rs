//! The configuration: a TOML file as written, environment overrides, and the [`Settings`] that come
//! of them.
//!
//! Two layers. `written` holds the tables with values of any type, and knows which keys exist;
//! `resolve` turns them into typed values, once, so that nothing else in the program ever checks a
//! setting again. [`Settings::parse`] is pure; only [`Settings::load`] and [`secret`] touch the
//! system. Every error is one line: the place, the key, and what is accepted. A value is never
//! repeated in it, for it may be a key somebody pasted into the wrong line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

mod default;
mod duration;
mod reader;
mod resolve;
pub mod secret;
mod settings;
mod show;
mod written;

#[cfg(test)]
mod tests;

pub use settings::{
    ApiSettings, CounterSettings, GatewaySettings, HookSettings, JournalSettings, LogLevel,
    LogSettings, PaymentSettings, SaleSettings, Settings, WalletSettings, WalletsSettings,
    WebhookSettings,
};

/// Why there are no settings. Its text is one line for the person who wrote the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file was named and the default one does not exist.
    #[error("{0}: no configuration file; write one there or name another with --config FILE")]
    NoDefault(PathBuf),
    /// The file named by the caller does not exist.
    #[error("{0}: no such configuration file (named with --config)")]
    NotFound(PathBuf),
    /// The file exists and cannot be read.
    #[error("{file}: the configuration file cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file is no TOML; the problem names line and column.
    #[error("{file}: not valid TOML: {problem}")]
    Syntax {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// A key that does not exist, or a value that is not accepted; the problem names the key.
    #[error("{place}: {problem}")]
    Refused {
        /// Where the value was written.
        place: Place,
        /// The key and the accepted form.
        problem: String,
    },
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this configuration file.
    File(PathBuf),
    /// In the environment variable of this name.
    Variable(String),
}

impl Settings {
    /// Resolves the configuration `text`, which was read from `file` (used in errors only), with
    /// the overrides among the variables of `environment`; those without the prefix `TILLSCAN__`
    /// are ignored.
    ///
    /// # Errors
    /// The first key found that does not exist or has a value that is not accepted.
    pub fn parse(
        text: &str,
        file: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let overrides = environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        resolve::settings(written::Document::read(text, file, &overrides)?)
    }

    /// Reads the configuration from `path`, or [`DEFAULT_PATH`] without one, and the process's
    /// environment.
    ///
    /// # Errors
    /// A missing, unreadable or overlong file, and those of [`Settings::parse`].
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let file = path.unwrap_or(Path::new(DEFAULT_PATH));
        let text = read_text(file).map_err(|cause| match (cause.kind(), path) {
            (io::ErrorKind::NotFound, None) => ConfigError::NoDefault(file.to_owned()),
            (io::ErrorKind::NotFound, Some(_)) => ConfigError::NotFound(file.to_owned()),
            _ => ConfigError::Unreadable { file: file.to_owned(), cause },
        })?;
        let overrides = overrides(std::env::vars_os())?;
        Self::parse(&text, file, overrides.into_iter())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(formatter, "{}", file.display()),
            Self::Variable(name) => {
                write!(formatter, "environment variable {}", name.escape_debug())
            }
        }
    }
}

fn read_text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("longer than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

/// The variables that are meant for tillscan. `std::env::vars` is no choice: it panics at the first
/// one of any program that is not UTF-8.
fn overrides(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let ours = variables
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with(PREFIX));
    let mut overrides = BTreeMap::new();
    for (name, value) in ours {
        let Ok(value) = value.into_string() else {
            let place = Place::Variable(name);
            return Err(ConfigError::Refused { place, problem: "must be UTF-8 text".to_owned() });
        };
        overrides.insert(name, value);
    }
    Ok(overrides)
}

/// Where the configuration is when nobody names another place.
pub const DEFAULT_PATH: &str = "/etc/tillscan/tillscan.toml";

/// What an environment variable that overrides a key begins with: `TILLSCAN__GATEWAY__BASE_URL`.
pub const PREFIX: &str = "TILLSCAN__";

/// A configuration with every key explained is below 10 KiB; more than this is some other file.
const FILE_BYTES_MAX: u64 = 256 * 1024;
