//! `config check` and `config show`: what the configuration says, without starting anything.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use super::{Exit, output};
use crate::config::Settings;
use crate::config::secret::{BearerToken, SecretKey};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether the configuration and the secrets it names can be used
    Check,
    /// Print what is in force, defaults and environment included, secrets left out
    Show,
}

pub fn config(command: ConfigCommand, file: Option<PathBuf>, json: bool) -> Result<Exit> {
    let settings = Settings::load(file.as_deref())?;
    match command {
        ConfigCommand::Show if json => output::json(&settings.to_json())?,
        ConfigCommand::Show => output::line(settings.to_toml().trim_end()),
        ConfigCommand::Check => {
            let loaded = super::run::load(file.as_deref())?;
            let key = loaded.key.map(|key| SecretKey::mode(&key).to_string());
            BearerToken::load(&settings.api)?;
            let key = key.unwrap_or_else(|| "missing".to_owned());
            if json {
                output::json(&json!({ "ok": true, "key": key }))?;
            } else {
                output::line(&format!("the configuration is good; key: {key}"));
            }
        }
    }
    Ok(Exit::Done)
}
