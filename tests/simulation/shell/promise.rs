//! A webhook on record is a promise: its charge is read soon, whatever ends in between (L2). And
//! the gateway is told that it is on record only when it is (D3).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tillscan::terminal::{ChargeId, Fact, Outcome, Reply, RequestId};
use tillscan::webhook::{Event as News, EventId};

use crate::event::{Ask, Event, What};
use crate::oracles::{Held, require};
use crate::truth::{Entry, Truth, Try};

/// What was promised.
#[derive(Default)]
pub struct Promises {
    /// The events on record.
    recorded: BTreeSet<EventId>,
    open: BTreeMap<ChargeId, Promise>,
}

/// The charge is to be read.
#[derive(Default)]
struct Promise {
    /// When something was last done about it, or could be.
    last: Duration,
    /// Readings under way that began since.
    asked: BTreeSet<RequestId>,
}

impl Promises {
    /// Whether this event is on record, for all that the disk says.
    pub fn is_on_record(&self, event: &EventId) -> bool {
        self.recorded.contains(event)
    }

    /// An event came on record.
    pub fn made(&mut self, at: Duration, event: &News) {
        self.recorded.insert(event.id.clone());
        self.open.insert(event.charge.clone(), Promise { last: at, ..Promise::default() });
    }

    /// A process starts, and finds these events on record: of the newest ones it owes the reading,
    /// whether it was under way or not.
    pub fn booted(&mut self, at: Duration, events: &[News]) -> Held {
        let found: BTreeSet<EventId> = events.iter().map(|event| event.id.clone()).collect();
        let lost = self.recorded.difference(&found).count();
        require(lost == 0, "D3", || format!("{lost} webhooks were on record and are not"))?;
        // What was written and not synced may be there all the same.
        let survived: Vec<&News> =
            events.iter().filter(|event| !self.recorded.contains(&event.id)).collect();
        for event in survived {
            self.made(at, event);
        }
        let newest = &events[events.len().saturating_sub(REPEATED)..];
        self.open.retain(|charge, _| newest.iter().any(|event| event.charge == *charge));
        let anew = || Promise { last: at, ..Promise::default() };
        self.open.values_mut().for_each(|promise| *promise = anew());
        Ok(())
    }

    /// Something happened.
    pub fn hear(&mut self, truth: &Truth, event: &Event<'_>) {
        match &event.what {
            What::Sent { id, ask } => {
                for (charge, promise) in &mut self.open {
                    if reads(truth, ask, charge) {
                        promise.asked.insert(*id);
                    }
                }
            }
            What::Answered { id, reply: Reply::Charge(_) | Reply::Refunds(_), .. } => {
                self.open.retain(|_, promise| !promise.asked.contains(id));
            }
            What::Answered { id, reply, .. } => {
                let wait = match reply {
                    Reply::Unknown { retry_after, .. } => retry_after.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                self.open.retain(|charge, promise| {
                    let asked = promise.asked.remove(id);
                    if asked {
                        promise.last = event.at + wait;
                    }
                    // What went back of it is only a figure: whoever wants it can ask again.
                    !asked || !booked(truth, charge).is_some_and(|(_, one)| is_paid(one))
                });
            }
            What::Wrote { record, .. } => {
                if let Fact::AttemptClosed { attempt, .. } | Fact::LateSuccess { attempt } =
                    &record.fact
                {
                    let theirs = |charge: &ChargeId| truth.of(attempt).any(|one| one.id == *charge);
                    self.open.retain(|charge, _| !theirs(charge));
                }
            }
            What::Stalled(span) => {
                self.open.values_mut().for_each(|promise| promise.last += *span);
            }
            _ => {}
        }
    }

    /// The process is at rest: every reading that is owed is under way, or was asked for lately.
    pub fn are_kept(&self, truth: &Truth, now: Duration) -> Held {
        let mut late = self.open.iter().filter(|(charge, promise)| {
            promise.asked.is_empty() && now > promise.last + PATIENCE && is_owed(truth, charge)
        });
        require(late.next().is_none(), "L2", || {
            let open: Vec<_> = self.open.iter().map(|(charge, one)| (charge, one.last)).collect();
            format!("a webhook is on record, and its charge is not read; owed since: {open:?}")
        })
    }
}

/// Whether `ask` shows what became of `charge`.
fn reads(truth: &Truth, ask: &Ask, charge: &ChargeId) -> bool {
    match ask {
        Ask::Get(other) => other == charge,
        Ask::Find(attempt) => truth.of(attempt).any(|one| one.id == *charge),
        // The news of a charge whose money is booked are its refunds.
        Ask::Refunds(other) => other == charge,
        Ask::Warm | Ask::Create { .. } | Ask::Expire(_) | Ask::Refund { .. } => false,
    }
}

/// Whether the charge may have news: of what was closed unpaid nobody reads on when its watch is
/// over, and one that is not known is looked for by its attempt while that is open.
fn is_owed(truth: &Truth, charge: &ChargeId) -> bool {
    let Some((entry, one)) = booked(truth, charge) else { return false };
    let watched = entry.records.iter().rev().find_map(|record| match &record.fact {
        Fact::AttemptClosed { attempt, watch, .. } if *attempt == one.id => Some(*watch),
        Fact::WatchEnded { attempt } if *attempt == one.id => Some(false),
        _ => None,
    });
    one.outcome.is_none() || is_paid(one) || one.charge.is_some() && watched == Some(true)
}

/// The attempt whose charge this is, with its sale.
fn booked<'a>(truth: &'a Truth, charge: &ChargeId) -> Option<(&'a Entry, &'a Try)> {
    let charge = truth.charges.iter().find(|one| one.id == *charge)?;
    truth.find(&charge.attempt).map(|(_, entry, one)| (entry, one))
}

/// Whether its money came in, as the records say.
fn is_paid(one: &Try) -> bool {
    one.late || one.outcome == Some(Outcome::Paid)
}

/// How many of the newest events become hints again at a start.
const REPEATED: usize = 16;
/// A time-out, the longest stay-away or back-off, and turns beside the counter.
const PATIENCE: Duration = Duration::from_secs(10 + 60 + 30);
