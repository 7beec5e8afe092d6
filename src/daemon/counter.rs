//! The loop that owns the counter: select, handle, perform.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::outside::{Append, Connect, Draw, Receive};
use super::service::{Notifier, Signal};
use crate::api::{Call, CallError, DeskInside};
use crate::clock::{Clock, Moment};
use crate::config::Settings;
use crate::config::secret::{KeyMode, SecretKey};
use crate::gateway::Gateway;
use crate::journal::{Journal, PRUNED_AT_ONCE_MAX};
use crate::report::Hooks;
use crate::scanner::{Delivery, DeviceId, Key, Poison, Supervisor};
use crate::terminal::{
    AttemptId, Command, Damage, Feedback, Input, LateMoney, Record, Reference, Reply, RequestId,
    SaleView, Scan, Terminal, Token, Wish,
};
use crate::webhook::Receiver;
use crate::webhook::signature::Secret;

/// The counter with everything it is connected to. Owned by one task; nothing else touches its
/// parts.
pub struct Counter {
    pub(super) clock: Clock,
    pub(super) terminal: Terminal,
    pub(super) journal: Journal,
    pub(super) append: Append,
    pub(super) receive: Receive,
    pub(super) draw: Draw,
    pub(super) gateway: Arc<Gateway>,
    pub(super) connect: Connect,
    pub(super) hooks: Hooks,
    pub(super) scanners: Supervisor,
    pub(super) desk: DeskInside,
    pub(super) webhooks: Option<Receiver>,
    pub(super) notifier: Notifier,
    pub(super) settings: Settings,
    pub(super) key: Option<KeyMode>,
    /// The mode of the last key that there was: whose lists show what is open.
    pub(super) account: Option<KeyMode>,
    pub(super) reload: Reload,
    pub(super) inbox: Inbox,
    pub(super) replies: mpsc::Sender<(RequestId, Reply)>,
    pub(super) waiting: BTreeMap<Token, oneshot::Sender<Result<SaleView, CallError>>>,
    pub(super) next_token: u64,
    pub(super) scans: BTreeMap<Feedback, u64>,
    pub(super) next_prune: Moment,
    /// The scanner whose reading is being decided about.
    pub(super) scanned_by: Option<DeviceId>,
}

/// A configuration with the secrets it names.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The gateway's key; without one the service runs and takes no sale.
    pub key: Option<SecretKey>,
    /// What webhooks are signed with; none without a receiver, or where it takes unsigned ones.
    pub webhook_secrets: Vec<Secret>,
}

/// Reads the configuration again, for SIGHUP.
pub type Reload = Box<dyn Fn() -> Result<Loaded> + Send>;

/// Where things come from that are not asked for by the counter's API.
pub struct Inbox {
    pub signals: mpsc::Receiver<Signal>,
    pub replies: mpsc::Receiver<(RequestId, Reply)>,
    pub deliveries: mpsc::Receiver<Delivery>,
}

/// What happened first.
enum Happening {
    Signal(Signal),
    Replied(RequestId, Reply),
    Delivered(Delivery),
    Called(Call),
    Plugged,
    Deadline,
    Watchdog,
}

impl Counter {
    /// Runs until a signal to stop. An error ends the process: the restart decides (D4).
    pub async fn run(mut self) -> Result<()> {
        self.perform_all()?;
        self.hint_again()?;
        loop {
            match self.select().await {
                Happening::Signal(Signal::Stop) => break,
                Happening::Signal(Signal::Reload) => self.reload(),
                Happening::Replied(id, reply) => self.handle(Input::Replied { id, reply }),
                Happening::Delivered(delivery) => self.delivered(delivery)?,
                Happening::Called(call) => self.called(call)?,
                Happening::Plugged => self.scanners.reconcile(),
                Happening::Deadline => self.deadline()?,
                Happening::Watchdog => self.notifier.alive(),
            }
            self.perform_all()?;
        }
        self.notifier.stopping();
        self.hooks.drain(HOOKS_DRAIN).await;
        Ok(())
    }

    /// Waits for whatever happens first. Decides nothing; in order of urgency, so that the same
    /// events are always taken in the same order.
    async fn select(&mut self) -> Happening {
        let deadline =
            self.terminal.next_deadline().unwrap_or(self.next_prune).min(self.next_prune);
        let deadline = self.clock.instant(deadline);
        tokio::select! {
            biased;
            Some(signal) = self.inbox.signals.recv() => Happening::Signal(signal),
            Some((id, reply)) = self.inbox.replies.recv() => Happening::Replied(id, reply),
            Some(delivery) = self.inbox.deliveries.recv() => Happening::Delivered(delivery),
            Some(call) = self.desk.calls.recv() => Happening::Called(call),
            () = self.scanners.plugged() => Happening::Plugged,
            () = tokio::time::sleep_until(deadline) => Happening::Deadline,
            () = self.notifier.watchdog() => Happening::Watchdog,
        }
    }

    pub(super) fn handle(&mut self, input: Input) {
        self.terminal.handle(self.clock.now(), input);
    }

    fn deadline(&mut self) -> Result<()> {
        let now = self.clock.now();
        if now >= self.next_prune {
            let dropped = self.journal.prune(self.settings.journal.keep);
            self.next_prune = now + prune_wait(dropped.context("pruning the journal")?);
        }
        self.handle(Input::TimerFired);
        Ok(())
    }

    fn delivered(&mut self, delivery: Delivery) -> Result<()> {
        let input = match delivery {
            Delivery::Scan(scan) => {
                self.scanned_by = Some(scan.device);
                Input::Scanned(Scan {
                    text: Zeroizing::new(scan.payload.expose().to_owned()),
                    first: scan.begun,
                    last: scan.at,
                    attempt: AttemptId((self.draw)().to_string()),
                })
            }
            Delivery::Key { key, .. } => return self.keyed(key),
            Delivery::Rejected { device, poison, .. } => {
                self.scanned_by = Some(device);
                Input::ScanDamaged(match poison {
                    Poison::TooLong => Damage::TooLong,
                    Poison::ControlCharacter => Damage::ControlCharacters,
                    Poison::NotText
                    | Poison::Incomplete
                    | Poison::Overrun
                    | Poison::UnknownKey
                    | Poison::Malformed => Damage::Partial,
                })
            }
        };
        self.handle(input);
        Ok(())
    }

    /// A key of the keypad. Each brings a name for the sale that it may arm.
    fn keyed(&mut self, key: Key) -> Result<()> {
        let reference = fresh_reference((self.draw)())?;
        let mut history = Vec::new();
        if key == Key::Enter && self.terminal.has_entry() {
            if let Err(error) = self.journal.check_space() {
                // As for a till: better to refuse a sale than to fail to record what became of it.
                tracing::warn!(%error, "no sale is armed");
                self.feedback(Feedback::DiskFull);
                return Ok(());
            }
            history = self.unheld_history(&reference)?;
        }
        self.handle(Input::Keyed { key, reference, history });
        Ok(())
    }

    fn called(&mut self, call: Call) -> Result<()> {
        // Whoever asked may be gone by now: an answer that nobody takes is dropped.
        match call {
            Call::Command(reference, wish, answer) => self.command(reference, wish, answer)?,
            Call::Sale(reference, answer) => {
                let _ = answer.send(self.read(&reference)?);
            }
            Call::Sales(limit, answer) => {
                let _ = answer.send(Ok(self.read_newest(limit)?));
            }
            Call::Hint(event, answer) => {
                let _ = answer.send(self.hinted(&event)?);
            }
            Call::Status(answer) => {
                let _ = answer.send(Ok(self.status()));
            }
        }
        Ok(())
    }

    fn command(
        &mut self,
        reference: Reference,
        wish: Wish,
        answer: oneshot::Sender<Result<SaleView, CallError>>,
    ) -> Result<()> {
        if let Wish::Arm { .. } | Wish::Refund(_) | Wish::Acknowledge(LateMoney::GiveBack) = wish
            && let Err(error) = self.journal.check_space()
        {
            // Better to refuse a sale than to fail to record what became of it.
            let _ = answer.send(Err(CallError::DiskFull(error.to_string())));
            return Ok(());
        }
        let history = self.unheld_history(&reference)?;
        self.next_token += 1;
        let token = Token(self.next_token);
        self.waiting.insert(token, answer);
        self.handle(Input::Commanded { token, command: Command { reference, wish, history } });
        Ok(())
    }

    /// What the journal knows of a sale that the terminal does not hold.
    pub(super) fn unheld_history(&self, reference: &Reference) -> Result<Vec<Record>> {
        let held = self.terminal.sale(reference).is_some();
        if held { Ok(Vec::new()) } else { self.history(reference) }
    }
}

/// A name for a sale that was typed: 16 hexadecimal digits of time and chance, short enough for a
/// small screen.
fn fresh_reference(drawn: Uuid) -> Result<Reference> {
    format!("keypad-{:.16}", drawn.simple().to_string()).parse().context("naming a sale")
}

/// How long until the journal is pruned again: not long where so many sales were old that one call
/// did not drop them all.
fn prune_wait(dropped: usize) -> Duration {
    if dropped < PRUNED_AT_ONCE_MAX { PRUNE_EVERY } else { PRUNE_ON }
}

/// How long waiting hooks may take when the daemon stops; within systemd's own time limit.
const HOOKS_DRAIN: Duration = Duration::from_secs(5);
/// How often settled sales that are old enough leave the journal (D6).
const PRUNE_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// How soon the next ones follow where one call did not drop them all: 30,000 sales an hour.
const PRUNE_ON: Duration = Duration::from_secs(60);
/// The first time comes soon, because many a counter is switched off every night.
pub const FIRST_PRUNE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d6_where_more_is_old_than_one_call_drops_the_next_follows_soon() {
        for (dropped, wait) in [(0, PRUNE_EVERY), (499, PRUNE_EVERY), (500, PRUNE_ON)] {
            assert_eq!(prune_wait(dropped), wait, "{dropped}");
        }
    }
}
