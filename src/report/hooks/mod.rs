//! The shop's own commands, each run once for every announcement it wants: one after the other in
//! the order of the announcements, beside the other hooks, and never in the way of a payment (L5).
//!
//! A command reads one JSON object from its standard input ([`OutcomeDocument`]) and finds the main
//! fields in its environment ([`OutcomeDocument::environment`]), which holds nothing else of the
//! daemon's but `PATH` and `LANG`: no secret can leak. It runs without a shell, in a process group
//! of its own. When its time is over the whole group is killed; a child left behind by a command
//! that ended in time is not. What a command prints goes to the log, the first 4 KiB of each
//! stream: as warnings where it failed, else for debugging. A failure is logged and counted, and
//! the run is never repeated.
//!
//! Up to 256 announcements wait for each hook; when that many do, the next one is dropped for this
//! hook, logged and counted. Announcements do not survive the process: the terminal repeats after a
//! restart what nobody has acknowledged.

mod output;
mod process;
mod queue;

#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::error;

use self::process::Order;
use self::queue::{Leftover, Queue};
use super::document::OutcomeDocument;
use crate::config::HookSettings;
use crate::terminal::Announcement;

/// How a hook has fared since it was started or its settings changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookStatus {
    /// The program; arguments are left out, as they may hold a shop's secrets.
    pub program: String,
    /// Runs that are over, however they ended.
    pub run: u64,
    /// Of these, those that could not start, or ended by a signal or with another exit code than 0.
    pub failed: u64,
    /// Of these, those that were killed because their time was over.
    pub timed_out: u64,
    /// Announcements that were dropped because too many waited.
    pub dropped: u64,
    /// Announcements that are being run or wait for it.
    pub waiting: u64,
}

/// Every hook of the configuration.
#[derive(Debug, Default)]
pub struct Hooks {
    hooks: Vec<Queue>,
    /// Hooks that the configuration has no more, until they have run what waited for them.
    leftover: Vec<Leftover>,
}

impl Hooks {
    /// Hooks as configured, each with a task of its own in the current tokio runtime.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[must_use]
    pub fn start(settings: Vec<HookSettings>) -> Self {
        Self { hooks: settings.into_iter().map(Queue::start).collect(), leftover: Vec::new() }
    }

    /// Has every hook that wants this event run for it. Never blocks and never fails.
    pub fn announce(&self, announcement: &Announcement) {
        let mut wanting =
            self.hooks.iter().filter(|hook| hook.wants(announcement.event)).peekable();
        if wanting.peek().is_none() {
            return;
        }
        match Order::of(&OutcomeDocument::from(announcement.clone())) {
            Ok(order) => {
                let order = Arc::new(order);
                wanting.for_each(|hook| hook.push(&order));
            }
            Err(error) => error!(%error, "an announcement could not be written for the hooks"),
        }
    }

    /// Changes to other settings. A hook whose settings are the same goes on undisturbed. One that
    /// is gone or changed first finishes what waited for it, beside its successor.
    pub fn apply(&mut self, settings: Vec<HookSettings>) {
        let mut former = std::mem::take(&mut self.hooks);
        for one in settings {
            let same = former.iter().position(|hook| *hook.settings() == one);
            let hook = match same {
                Some(place) => former.remove(place),
                None => Queue::start(one),
            };
            self.hooks.push(hook);
        }
        self.leftover.retain(|one| !one.is_done());
        self.leftover.extend(former.into_iter().map(Queue::close));
        while self.leftover.len() > LEFTOVER_MAX {
            self.leftover.remove(0).abandon();
        }
    }

    /// How each hook fares, in the order of the configuration.
    #[must_use]
    pub fn status(&self) -> Vec<HookStatus> {
        self.hooks.iter().map(Queue::status).collect()
    }

    /// Takes no more announcements and lets the hooks run what waits, for at most `limit`; then
    /// kills what still runs. Returns how many announcements were not run to their end; they are
    /// logged.
    pub async fn drain(&mut self, limit: Duration) -> u64 {
        let deadline = Instant::now() + limit;
        let hooks = std::mem::take(&mut self.hooks).into_iter().map(Queue::close);
        let all: Vec<Leftover> =
            std::mem::take(&mut self.leftover).into_iter().chain(hooks).collect();
        let mut lost = 0;
        for one in all {
            lost += one.finish(deadline).await;
        }
        lost
    }
}

/// More hooks than this do not linger after reloads (O3): each one more means a reload while others
/// still hang.
const LEFTOVER_MAX: usize = 16;
