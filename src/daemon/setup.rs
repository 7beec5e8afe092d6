//! From settings to running parts, in the order in which they need each other: the journal first,
//! because what it says decides what the counter begins with; the API last, because it answers for
//! everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use super::counter::{Counter, FIRST_PRUNE, Inbox, Loaded, Reload};
use super::outside::Outside;
use super::policy::policy;
use super::service::{Notifier, Signal};
use crate::api::{Desk, listen, router};
use crate::clock::Clock;
use crate::config::Settings;
use crate::config::secret::{BearerToken, SecretKey};
use crate::journal::Journal;
use crate::report::Hooks;
use crate::scanner::Supervisor;
use crate::terminal::{Key, Terminal};
use crate::webhook::Receiver;
use crate::webhook::signature::Secret;

/// What a daemon is started with.
pub struct Setup {
    /// The configuration.
    pub loaded: Loaded,
    /// Reads it again.
    pub reload: Reload,
    /// Stop and reload.
    pub signals: mpsc::Receiver<Signal>,
}

/// Starts every part and runs until a signal to stop.
///
/// # Errors
/// In one sentence: which part could not be started or went on no longer, and why. The journal is
/// always left in order; a restart goes on from there.
pub async fn run(mut setup: Setup) -> Result<()> {
    let (desk, inside) = Desk::open();
    let secrets = std::mem::take(&mut setup.loaded.webhook_secrets);
    let mut counter = assemble(setup, Outside::real(inside))?;
    let (settings, clock) = (&counter.settings, counter.clock);
    counter.webhooks = receive_webhooks(settings, secrets, desk.clone(), clock).await?;
    serve_api(settings, desk).await?;
    counter.announce_start();
    counter.run().await
}

/// Starts every part but the loop and what listens: the API, the receiver of webhooks.
///
/// # Errors
/// As [`run`].
///
/// # Panics
/// Outside a tokio runtime.
pub fn assemble(setup: Setup, outside: Outside) -> Result<Counter> {
    let clock = Clock::start();
    let Setup { loaded: Loaded { settings, key, webhook_secrets: _ }, reload, signals } = setup;
    let Outside { desk, deliveries: (deliver, deliveries), connect, append, receive, draw } =
        outside;
    let mode = key.as_ref().map(SecretKey::mode);
    let journal = Journal::open(&settings.journal.path)?;
    let records = journal.unsettled().context("reading the journal")?;
    let present = if key.is_some() { Key::Present } else { Key::Missing };
    let terminal = Terminal::new(policy(&settings, present), &records, clock.now());
    let gateway = connect(&settings, key).context("the gateway's client")?;
    let (replies, replied) = mpsc::channel(REPLIES_MAX);
    Ok(Counter {
        clock,
        terminal,
        journal,
        append,
        receive,
        draw,
        gateway: Arc::new(gateway),
        connect,
        hooks: Hooks::start(settings.hooks.clone()),
        scanners: Supervisor::start(settings.devices(), clock, deliver),
        desk,
        webhooks: None,
        notifier: Notifier::from_environment(),
        settings,
        key: mode,
        account: mode,
        reload,
        inbox: Inbox { signals, replies: replied, deliveries },
        replies,
        waiting: BTreeMap::new(),
        next_token: 0,
        scans: BTreeMap::new(),
        next_prune: clock.now() + FIRST_PRUNE,
        scanned_by: None,
    })
}

impl Counter {
    fn announce_start(&self) {
        let key = self.key.map_or_else(|| "missing".to_owned(), |mode| mode.to_string());
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"), key, gateway = %self.settings.gateway.base_url,
            unsettled = self.terminal.unsettled(), ready_after = ?self.clock.now().since_start(),
            "ready"
        );
        self.notifier.ready();
    }
}

pub(super) async fn serve_api(settings: &Settings, desk: Desk) -> Result<()> {
    let router = router(desk);
    let socket = listen::bind_socket(&settings.api.socket).await?;
    tokio::spawn(listen::serve(socket, router.clone(), listen::CONNECTIONS_MAX));
    let Some(address) = settings.api.listen else { return Ok(()) };
    let token = BearerToken::load(&settings.api)?.context("api.listen needs api.token_file")?;
    let listener = listen::bind_address("api.listen", address).await?;
    let guarded = listen::guarded(router, token);
    tokio::spawn(listen::serve(listener, guarded, listen::CONNECTIONS_MAX));
    Ok(())
}

async fn receive_webhooks(
    settings: &Settings,
    secrets: Vec<Secret>,
    desk: Desk,
    clock: Clock,
) -> Result<Option<Receiver>> {
    let Some(address) = settings.webhook.listen else { return Ok(None) };
    let receiver = Receiver::start(address, &settings.webhook, secrets, desk, clock).await?;
    Ok(Some(receiver))
}

/// Answers that may wait for the loop; there is one request per attempt, and few attempts at a
/// time.
const REPLIES_MAX: usize = 64;
