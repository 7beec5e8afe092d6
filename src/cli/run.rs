//! `run`: the daemon.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Exit, block_on, log};
use crate::config::Settings;
use crate::config::secret::{SecretKey, load_webhook_secrets};
use crate::daemon::{self, Loaded, Setup, service};

pub fn run(file: Option<PathBuf>) -> Result<Exit> {
    let loaded = load(file.as_deref())?;
    log::start(loaded.settings.log.level.into());
    block_on(async {
        let signals = service::signals()?;
        let reload = Box::new(move || load(file.as_deref()));
        daemon::run(Setup { loaded, reload, signals }).await?;
        Ok(Exit::Done)
    })
}

/// The configuration with the secrets it names: systemd's credentials, else the configured files.
pub fn load(file: Option<&Path>) -> Result<Loaded> {
    let settings = Settings::load(file)?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let key = SecretKey::load(&settings.gateway, credentials.as_deref())?;
    let webhook_secrets = load_webhook_secrets(&settings.webhook, credentials.as_deref())?;
    Ok(Loaded { settings, key, webhook_secrets })
}
