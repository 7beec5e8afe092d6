//! Requests: not too many (L4), and not too few because of something else (L5).

use std::collections::BTreeMap;
use std::time::Duration;

use tillscan::terminal::{AttemptId, Reply, RequestId};

use super::{Held, Oracle, require};
use crate::event::{Ask, Event, What};
use crate::truth::Truth;

/// One request in flight per attempt, `Retry-After` honoured, and pauses between requests.
#[derive(Default)]
pub struct L4 {
    run: u32,
    open: BTreeMap<RequestId, AttemptId>,
    away: BTreeMap<AttemptId, Duration>,
    /// When the last requests about an attempt went out.
    sent: BTreeMap<AttemptId, Vec<Duration>>,
}

impl Oracle for L4 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            *self = Self { run: event.run, ..Self::default() };
        }
        match &event.what {
            What::Sent { id, ask } => {
                let Some(attempt) = subject(truth, ask) else { return Ok(()) };
                let busy = self.open.values().any(|open| *open == attempt);
                require(!busy, "L4", || format!("two requests in flight for {attempt}"))?;
                let until = self.away.get(&attempt).copied().unwrap_or_default();
                require(event.at >= until, "L4", || {
                    format!("{attempt} was to be left alone until {until:?}, it is {:?}", event.at)
                })?;
                self.open.insert(*id, attempt.clone());
                self.pauses(&attempt, event.at)
            }
            What::Answered { id, reply, .. } => {
                let attempt = self.open.remove(id);
                if let (Some(attempt), Reply::Unknown { retry_after: Some(wait), .. }) =
                    (attempt, reply)
                {
                    self.away.insert(attempt, event.at + *wait);
                }
                Ok(())
            }
            // A clock that slept counts later; what it owes is not a request too early.
            What::Stalled(_) => {
                self.away.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl L4 {
    /// However the gateway answers, no more than so many requests within so long.
    fn pauses(&mut self, attempt: &AttemptId, at: Duration) -> Held {
        let sent = self.sent.entry(attempt.clone()).or_default();
        sent.push(at);
        let from = at.saturating_sub(WINDOW);
        sent.retain(|earlier| *earlier > from);
        require(sent.len() <= REQUESTS_MAX, "L4", || {
            format!("{} requests about {attempt} within {WINDOW:?}", sent.len())
        })
    }
}

/// Whatever else goes on, the customer at the counter is asked about in time.
#[derive(Default)]
pub struct L5 {
    run: u32,
    /// When the process started.
    began: Duration,
    /// By request, so that an answer ends the wait.
    open: BTreeMap<RequestId, AttemptId>,
    /// When something was last heard or asked about an attempt.
    last: BTreeMap<AttemptId, Duration>,
    /// Until when the machine stands still: what it owes is done afterwards.
    still: Duration,
}

impl Oracle for L5 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            *self = Self { run: event.run, began: event.at, ..Self::default() };
        }
        match &event.what {
            What::Sent { id, ask } => {
                if let Some(attempt) = subject(truth, ask) {
                    self.last.insert(attempt.clone(), event.at);
                    self.open.insert(*id, attempt);
                }
            }
            What::Answered { id, reply, .. } => {
                if let Some(attempt) = self.open.remove(id) {
                    let wait = match reply {
                        Reply::Unknown { retry_after, .. } => retry_after.unwrap_or_default(),
                        _ => Duration::ZERO,
                    };
                    self.last.insert(attempt, event.at + wait);
                }
            }
            What::Stalled(span) => {
                self.still = event.at + *span;
                self.last.values_mut().for_each(|last| *last += *span);
            }
            What::Stepped { .. } => {
                let open = truth.books.values().filter_map(|entry| entry.open());
                for one in open.filter(|one| !one.unknown && !one.detached) {
                    // A restart owes it to all that it found open.
                    let last = self.last.get(&one.id).copied().unwrap_or(self.began);
                    require(event.at <= self.still.max(last) + PATIENCE, "L5", || {
                        format!("{} was not asked about since {last:?}", one.id)
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn subject(truth: &Truth, ask: &Ask) -> Option<AttemptId> {
    match ask {
        Ask::Warm => None,
        Ask::Create { attempt, .. } | Ask::Find(attempt) => Some(attempt.clone()),
        Ask::Get(charge)
        | Ask::Expire(charge)
        | Ask::Refund { charge, .. }
        | Ask::Refunds(charge) => truth.owner(charge).cloned(),
    }
}

/// The window in which requests are counted.
const WINDOW: Duration = Duration::from_secs(10);
/// Create, reads every two seconds, a cancel with its reads around the expire, wishes to check once
/// a second.
const REQUESTS_MAX: usize = 24;
/// A request's time limit, or the longest back-off, with a poll; a look-up may read ten pages.
const PATIENCE: Duration = Duration::from_secs(20);
