//! A hook's queue and the task that works it off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{debug, error, warn};

use super::output::lines;
use super::process::{End, Order, Ran, run};
use super::{HookSettings, HookStatus};
use crate::terminal::Event;

/// A hook that takes announcements.
#[derive(Debug)]
pub(super) struct Queue {
    sender: Sender<Arc<Order>>,
    task: JoinHandle<()>,
    hook: Arc<Hook>,
}

/// A hook that takes no more, and works off what waits.
#[derive(Debug)]
pub(super) struct Leftover {
    task: JoinHandle<()>,
    hook: Arc<Hook>,
}

/// What queue and task share.
#[derive(Debug)]
struct Hook {
    settings: HookSettings,
    accepted: AtomicU64,
    run: AtomicU64,
    failed: AtomicU64,
    timed_out: AtomicU64,
    dropped: AtomicU64,
}

impl Queue {
    pub fn start(settings: HookSettings) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let zero = AtomicU64::default;
        let hook = Arc::new(Hook {
            settings,
            accepted: zero(),
            run: zero(),
            failed: zero(),
            timed_out: zero(),
            dropped: zero(),
        });
        let task = tokio::spawn(work(Arc::clone(&hook), receiver));
        Self { sender, task, hook }
    }

    pub fn settings(&self) -> &HookSettings {
        &self.hook.settings
    }

    pub fn wants(&self, event: Event) -> bool {
        self.hook.settings.events.contains(&event)
    }

    /// Has the hook run for this, or drops it where too many wait.
    pub fn push(&self, order: &Arc<Order>) {
        let hook = &self.hook;
        if self.sender.try_send(Arc::clone(order)).is_ok() {
            hook.accepted.fetch_add(1, Relaxed);
            return;
        }
        hook.dropped.fetch_add(1, Relaxed);
        error!(
            hook = hook.program(),
            event = order.event.word(),
            reference = %order.reference,
            waiting = hook.waiting(),
            "hook is too slow: announcement dropped"
        );
    }

    pub fn close(self) -> Leftover {
        Leftover { task: self.task, hook: self.hook }
    }

    pub fn status(&self) -> HookStatus {
        let hook = &self.hook;
        HookStatus {
            program: hook.program().to_owned(),
            run: hook.run.load(Relaxed),
            failed: hook.failed.load(Relaxed),
            timed_out: hook.timed_out.load(Relaxed),
            dropped: hook.dropped.load(Relaxed),
            waiting: hook.waiting(),
        }
    }
}

impl Leftover {
    pub fn is_done(&self) -> bool {
        self.task.is_finished()
    }

    /// Waits for it until `deadline`, then gives it up. Returns how many announcements it did not
    /// run to the end.
    pub async fn finish(mut self, deadline: Instant) -> u64 {
        if timeout_at(deadline, &mut self.task).await.is_ok() {
            return 0;
        }
        self.task.abort();
        // Its process group is killed when this returns. The error is that of the abort.
        let _ = (&mut self.task).await;
        self.tell_lost()
    }

    /// Gives it up now.
    pub fn abandon(self) {
        self.task.abort();
        self.tell_lost();
    }

    fn tell_lost(&self) -> u64 {
        let lost = self.hook.waiting();
        if lost > 0 {
            error!(hook = self.hook.program(), lost, "hook did not finish: announcements lost");
        }
        lost
    }
}

impl Hook {
    fn program(&self) -> &str {
        self.settings.command.first().map_or("", String::as_str)
    }

    fn waiting(&self) -> u64 {
        self.accepted.load(Relaxed).saturating_sub(self.run.load(Relaxed))
    }

    /// Counts a run and writes it to the log.
    fn note(&self, order: &Order, ran: &Ran) {
        let problem = match &ran.end {
            End::Exited(status) if status.success() => None,
            End::Exited(status) => Some(format!("ended with {status}")),
            End::TimedOut => Some(format!("killed after {:?}", self.settings.timeout)),
            End::Failed(error) => Some(format!("cannot be run: {error}")),
        };
        let (hook, event, reference) = (self.program(), order.event.word(), &order.reference);
        match &problem {
            Some(problem) => warn!(hook, event, %reference, problem, "hook failed"),
            None => debug!(hook, event, %reference, "hook ran"),
        }
        for (stream, kept) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
            for line in lines(kept) {
                match problem {
                    Some(_) => warn!(hook, stream, line, "hook printed"),
                    None => debug!(hook, stream, line, "hook printed"),
                }
            }
        }
        match (&ran.end, problem) {
            (End::TimedOut, _) => self.timed_out.fetch_add(1, Relaxed),
            (End::Exited(_) | End::Failed(_), Some(_)) => self.failed.fetch_add(1, Relaxed),
            (End::Exited(_) | End::Failed(_), None) => 0,
        };
        self.run.fetch_add(1, Relaxed);
    }
}

/// Runs the hook for one announcement after the other, until its queue is closed and empty.
async fn work(hook: Arc<Hook>, mut receiver: Receiver<Arc<Order>>) {
    while let Some(order) = receiver.recv().await {
        let limit = sleep(hook.settings.timeout);
        let ran = run(&hook.settings.command, &order, limit).await;
        hook.note(&order, &ran);
    }
}

/// An hour of a busy counter.
const WAITING_MAX: usize = 256;
