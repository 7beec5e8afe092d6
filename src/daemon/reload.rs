//! SIGHUP: the configuration is read and checked as a whole, and only then applied. A bad one
//! changes nothing.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::counter::{Counter, Loaded};
use super::policy::policy;
use crate::config::Settings;
use crate::config::secret::{KeyMode, SecretKey};
use crate::terminal::{Input, Key};
use crate::webhook::Guard;

impl Counter {
    /// Reads the configuration again and applies it, or says why not.
    pub(super) fn reload(&mut self) {
        match self.try_reload() {
            Ok(()) => tracing::info!("the configuration was read again and is in force"),
            Err(error) => {
                tracing::error!("the configuration stays as it was: {error:#}");
            }
        }
    }

    fn try_reload(&mut self) -> Result<()> {
        let Loaded { settings, key, webhook_secrets } = (self.reload)()?;
        needs_no_restart(&self.settings, &settings)?;
        let mode = key.as_ref().map(SecretKey::mode);
        self.may_use(mode)?;
        let present = if key.is_some() { Key::Present } else { Key::Missing };
        let policy = policy(&settings, present);
        let gateway = (self.connect)(&settings, key).context("the gateway's client")?;
        // From here on nothing can fail: all of it applies.
        self.gateway = Arc::new(gateway);
        self.scanners.apply(settings.devices());
        self.hooks.apply(settings.hooks.clone());
        if let Some(webhooks) = &self.webhooks {
            let tolerance = settings.webhook.tolerance;
            webhooks.apply(Guard { secrets: webhook_secrets, tolerance });
        }
        self.key = mode;
        self.account = mode.or(self.account);
        self.settings = settings;
        self.terminal.handle(self.clock.now(), Input::Configured(Box::new(policy)));
        Ok(())
    }

    /// Whether a key of this mode may take the place of the last one that there was: the lists of
    /// another account do not show what this one did (S3), nor what it may still do (L2).
    fn may_use(&self, mode: Option<KeyMode>) -> Result<()> {
        let waiting = match self.account {
            // Test money that comes late is nobody's loss.
            Some(KeyMode::Test) => self.terminal.unsettled(),
            Some(KeyMode::Live) => self.terminal.awaited(),
            None => 0,
        };
        ensure!(
            mode.is_none() || mode == self.account || waiting == 0,
            "the key is of another mode (test, live), and what becomes of {waiting} sales is not \
             certain yet: let them end first"
        );
        Ok(())
    }
}

/// What is opened once cannot be moved under a running sale.
fn needs_no_restart(old: &Settings, new: &Settings) -> Result<()> {
    ensure!(old.journal.path == new.journal.path, "journal.path has changed: that needs a restart");
    ensure!(old.api == new.api, "[api] has changed: that needs a restart");
    let place = |settings: &Settings| (settings.webhook.listen, settings.webhook.path.clone());
    ensure!(
        place(old) == place(new),
        "webhook.listen or webhook.path has changed: that needs a restart"
    );
    ensure!(old.log == new.log, "log.level has changed: that needs a restart");
    Ok(())
}
