//! `run`: the daemon.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Exit, block_on, log};
use crate::config::Settings;
use crate::config::secret::SecretKey;
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

fn load(file: Option<&Path>) -> Result<Loaded> {
    let settings = Settings::load(file)?;
    let key = load_key(&settings)?;
    Ok(Loaded { settings, key })
}

/// The secret key: systemd's credential, else the configured file.
pub fn load_key(settings: &Settings) -> Result<Option<SecretKey>> {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    Ok(SecretKey::load(&settings.gateway, credentials.as_deref())?)
}
