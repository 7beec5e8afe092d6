//! Requests: not too many (L4), and not too few because of something else (L5).

use std::collections::BTreeMap;
use std::time::Duration;

use tillscan::terminal::{AttemptId, Reply, RequestId};

use super::{Held, Oracle, require};
use crate::event::{Ask, Event, What};
use crate::truth::Truth;

/// One request in flight per attempt, `Retry-After` honoured, pauses between requests, longer ones
/// while nothing is proven; and no more requests to keep the connection warm than that takes.
#[derive(Default)]
pub struct L4 {
    run: u32,
    open: BTreeMap<RequestId, AttemptId>,
    away: BTreeMap<AttemptId, Duration>,
    /// When the last requests about an attempt went out.
    sent: BTreeMap<AttemptId, Vec<Duration>>,
    /// When those went out that followed upon answers which proved nothing.
    in_vain: BTreeMap<AttemptId, Vec<Duration>>,
    /// When the connection was warmed last, and whether somebody meant to arm a sale since.
    warmed: Option<Duration>,
    meant: bool,
    /// The machine stood still since: what goes out first may have been decided before.
    stood_still: bool,
}

impl Oracle for L4 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            *self = Self { run: event.run, ..Self::default() };
        }
        match &event.what {
            What::Sent { id, ask } => {
                if **ask == Ask::Warm {
                    return self.warms(event.at);
                }
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
                let Some(attempt) = self.open.remove(id) else { return Ok(()) };
                match reply {
                    Reply::Unknown { retry_after, .. } => {
                        self.in_vain.entry(attempt.clone()).or_default();
                        self.away.extend(retry_after.map(|wait| (attempt, event.at + wait)));
                    }
                    Reply::Refused(_) | Reply::NotSent { .. } => {
                        self.in_vain.entry(attempt).or_default();
                    }
                    // Only a person can tell what another amount means.
                    Reply::Charge(_) if truth.is_wrong(&attempt) => {
                        self.in_vain.entry(attempt).or_default();
                    }
                    Reply::Charge(_)
                    | Reply::Absent
                    | Reply::Refund(_)
                    | Reply::Refunds(_)
                    | Reply::Warm { .. } => drop(self.in_vain.remove(&attempt)),
                }
                Ok(())
            }
            What::Meant { .. } => {
                self.meant = true;
                Ok(())
            }
            // A clock that slept counts later; what it owes is not a request too early.
            What::Stalled(_) => {
                self.away.clear();
                self.stood_still = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl L4 {
    /// However the gateway answers, no more than so many requests within so long.
    fn pauses(&mut self, attempt: &AttemptId, at: Duration) -> Held {
        let count = counted(self.sent.entry(attempt.clone()).or_default(), at, WINDOW);
        require(count <= REQUESTS_MAX, "L4", || {
            format!("{count} requests about {attempt} within {WINDOW:?}")
        })?;
        let Some(in_vain) = self.in_vain.get_mut(attempt) else { return Ok(()) };
        let count = counted(in_vain, at, LONG_WINDOW);
        require(count <= IN_VAIN_MAX, "L4", || {
            format!("{count} requests about {attempt} in vain within {LONG_WINDOW:?}")
        })
    }

    /// Each arming warms the connection, and once a while it is used again.
    fn warms(&mut self, at: Duration) -> Held {
        let meant = std::mem::take(&mut self.meant);
        let pause = self.warmed.replace(at).map(|before| at.saturating_sub(before));
        if std::mem::take(&mut self.stood_still) {
            self.warmed = None;
        }
        require(meant || pause.is_none_or(|pause| pause >= WARM_PAUSE), "L4", || {
            format!("the connection is warmed again after {pause:?}")
        })
    }
}

/// How many requests went out within `window` up to the one `at` now.
fn counted(sent: &mut Vec<Duration>, at: Duration, window: Duration) -> usize {
    sent.push(at);
    let from = at.saturating_sub(window);
    sent.retain(|earlier| *earlier > from);
    sent.len()
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
/// The window in which requests are counted that follow upon answers which proved nothing.
const LONG_WINDOW: Duration = Duration::from_secs(60);
/// Eight seconds of back-off at the most, half of it on the average, the first ones shorter, with
/// wishes to check and hints among them.
const IN_VAIN_MAX: usize = 40;
/// A warm connection is used again after 15 s, or later: it is never cold after less than this.
const WARM_PAUSE: Duration = Duration::from_secs(14);
/// A request's time limit, or the longest back-off, with a poll; a look-up may read ten pages.
const PATIENCE: Duration = Duration::from_secs(20);
