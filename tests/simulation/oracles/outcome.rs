//! Outcomes and their proofs: S3, S4, S5, S6.

use std::collections::{BTreeMap, BTreeSet};

use tillscan::terminal::{AttemptId, Event as Told, Fact, Outcome, Reply, RequestId, SaleView};

use super::{Held, Oracle, is_unpaid, require, told};
use crate::event::{Ask, Event, What};
use crate::truth::Truth;

/// "Not paid" only where no money moved and none can.
pub struct S3;

impl Oracle for S3 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Wrote { record, .. } = &event.what
            && let Fact::AttemptClosed { attempt, outcome, .. } = &record.fact
            && is_unpaid(*outcome)
        {
            return unpaid(truth, attempt, *outcome);
        }
        let view = told(event).and_then(|view| Some((view.attempt.as_ref()?, view.outcome?)));
        match view {
            Some((attempt, outcome)) if is_unpaid(outcome) => unpaid(truth, attempt, outcome),
            Some(_) | None => Ok(()),
        }
    }
}

fn unpaid(truth: &Truth, attempt: &AttemptId, outcome: Outcome) -> Held {
    require(truth.is_dead(attempt), "S3", || format!("{attempt} is {outcome} without proof"))?;
    require(!truth.is_on_the_way(attempt), "S3", || {
        format!("{attempt} is {outcome}, and its create is still on its way")
    })
}

/// "Paid" only where the gateway took this amount, in baht, for this attempt; late only where it
/// took any.
pub struct S4;

impl Oracle for S4 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Wrote { record, .. } = &event.what
            && let Fact::AttemptClosed { attempt, outcome: Outcome::Paid, .. } = &record.fact
        {
            let satang = truth.books.get(&record.reference).map(|entry| entry.satang);
            return paid(truth, attempt, satang);
        }
        if let What::Wrote { record, .. } = &event.what
            && let Fact::LateSuccess { attempt } = &record.fact
        {
            let came = truth.is_paid(attempt);
            return require(came, "S4", || format!("{attempt} came late, and did not come"));
        }
        match told(event) {
            Some(SaleView { attempt, outcome: Some(Outcome::Paid), amount, .. }) => {
                let nobodys = AttemptId(String::new());
                paid(truth, attempt.as_ref().unwrap_or(&nobodys), Some(amount.satang()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn paid(truth: &Truth, attempt: &AttemptId, satang: Option<i64>) -> Held {
    let paid = truth.of(attempt).any(|charge| {
        charge.is_paid() && Some(charge.taken()) == satang && charge.currency == "THB"
    });
    require(paid, "S4", || format!("{attempt} is told paid, and the money did not move"))
}

/// Only an answer that proves something makes an outcome.
#[derive(Default)]
pub struct S5 {
    run: u32,
    asked: BTreeMap<RequestId, AttemptId>,
    proven: BTreeSet<AttemptId>,
}

impl Oracle for S5 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            *self = Self { run: event.run, ..Self::default() };
        }
        match &event.what {
            What::Sent { id, ask } => {
                let attempt = match ask {
                    Ask::Create { attempt, .. } | Ask::Find(attempt) => Some(attempt),
                    Ask::Get(charge) | Ask::Expire(charge) => truth.owner(charge),
                    Ask::Warm | Ask::Refund { .. } | Ask::Refunds(_) => None,
                };
                self.asked.extend(attempt.map(|attempt| (*id, attempt.clone())));
            }
            What::Answered { id, ask, reply } => {
                let create = matches!(ask, Ask::Create { .. });
                let proves = match reply {
                    Reply::Charge(_) => true,
                    Reply::Absent => matches!(ask, Ask::Find(_)),
                    Reply::Refused(_) | Reply::NotSent { .. } => create,
                    Reply::Refund(_)
                    | Reply::Refunds(_)
                    | Reply::Warm { .. }
                    | Reply::Unknown { .. } => false,
                };
                if let Some(attempt) = self.asked.remove(id) {
                    if proves {
                        self.proven.insert(attempt);
                    } else {
                        self.proven.remove(&attempt);
                    }
                }
            }
            What::Wrote { record, .. } => {
                if let Fact::AttemptClosed { attempt, outcome, .. } = &record.fact {
                    let proven = self.proven.contains(attempt);
                    return require(proven, "S5", || format!("{attempt} is {outcome} of nothing"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Once "not paid" was told, a later success is a late one.
#[derive(Default)]
pub struct S6 {
    unpaid: BTreeSet<AttemptId>,
}

impl Oracle for S6 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Wrote { record, .. } = &event.what
            && let Fact::AttemptClosed { attempt, .. } = &record.fact
        {
            let before = truth.find(attempt).and_then(|(_, _, one)| one.outcome);
            let told = self.unpaid.contains(attempt);
            require(before.is_none() && !told, "S6", || {
                format!("{attempt} gets an outcome after an outcome")
            })?;
        }
        if let What::Wrote { record, .. } = &event.what
            && let Fact::LateSuccess { attempt } = &record.fact
        {
            let before = truth.find(attempt).and_then(|(_, _, one)| one.outcome);
            require(before.is_some_and(is_unpaid), "S6", || {
                format!("{attempt} is late, and open")
            })?;
        }
        let Some(view) = told(event) else { return Ok(()) };
        let (Some(attempt), Some(outcome)) = (&view.attempt, view.outcome) else { return Ok(()) };
        if is_unpaid(outcome) {
            self.unpaid.insert(attempt.clone());
        }
        let silently = outcome == Outcome::Paid && self.unpaid.contains(attempt);
        require(!silently, "S6", || format!("{attempt} was told unpaid, and is told paid"))?;
        let late = truth.find(attempt).is_some_and(|(_, _, one)| one.late);
        let again = matches!(&event.what, What::Announced(told)
            if told.event != Told::LateSuccess && told.refund.is_none());
        require(!(late && again && is_unpaid(outcome)), "S6", || {
            format!("{attempt} is told unpaid again, after its money came")
        })
    }
}
