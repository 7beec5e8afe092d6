//! SIGHUP: the configuration is read and checked as a whole, and only then applied. A bad one
//! changes nothing.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::counter::{Counter, Loaded};
use super::policy::policy;
use crate::config::Settings;
use crate::config::secret::SecretKey;
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
        // The lists of another account do not show what this one did (S3).
        let open = self.terminal.unsettled();
        ensure!(
            mode.is_none() || mode == self.key || self.key.is_none() || open == 0,
            "the key is of another mode (test, live), and {open} payments are open: let them end first"
        );
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
        self.settings = settings;
        self.terminal.handle(self.clock.now(), Input::Configured(Box::new(policy)));
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
