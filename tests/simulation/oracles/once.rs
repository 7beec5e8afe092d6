//! One charge at a time, one payment, one create: S1, S2, S7, S8.

use std::collections::{BTreeMap, BTreeSet};

use tillscan::terminal::{AttemptId, Fact, Outcome, Reference};

use super::{Held, Oracle, is_unpaid, require};
use crate::event::{Ask, Event, What};
use crate::truth::{Charge, Truth};

/// At most one live charge per sale.
pub struct S1;

impl Oracle for S1 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if !matches!(event.what, What::Changed) {
            return Ok(());
        }
        at_most_one("S1", truth, Charge::is_open, "charges are live")
    }
}

/// At most one paid charge per sale, but for those that the gateway itself turned.
pub struct S2;

impl Oracle for S2 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if !matches!(event.what, What::Changed) {
            return Ok(());
        }
        let paid = |charge: &Charge| charge.is_paid() && !charge.was_closed;
        at_most_one("S2", truth, paid, "charges are paid")
    }
}

fn at_most_one(rule: &'static str, truth: &Truth, is: fn(&Charge) -> bool, what: &str) -> Held {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for charge in truth.charges.iter().filter(|charge| is(charge)) {
        *counts.entry(&charge.reference).or_default() += 1;
    }
    let worst = counts.into_iter().find(|(_, count)| *count > 1);
    worst.map_or(Ok(()), |(sale, count)| {
        require(false, rule, || format!("{count} {what} for sale {sale}"))
    })
}

/// A sale with a durable `paid` is locked, one whose money came late takes no other, and a key
/// never falls onto a former sale.
#[derive(Default)]
pub struct S7 {
    /// The name of the sale that Enter was pressed for, until all is done that it does.
    typed: Option<Reference>,
}

impl Oracle for S7 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Meant { reference, typed, .. } => {
                self.typed = typed.then(|| (*reference).clone());
                Ok(())
            }
            What::Stepped { .. } => {
                self.typed = None;
                let taken = truth.books.iter().find(|(_, entry)| {
                    let late = entry.tries.iter().any(|one| one.late);
                    late && (entry.armed || entry.open().is_some_and(|one| !one.stopping))
                });
                require(taken.is_none(), "S7", || {
                    format!("the money of {taken:?} came late, and may be taken again")
                })
            }
            What::Wrote { record, .. } => {
                let Some(entry) = truth.books.get(&record.reference) else { return Ok(()) };
                let paid = entry.tries.iter().any(|one| one.outcome == Some(Outcome::Paid));
                let begins =
                    matches!(record.fact, Fact::Armed { .. } | Fact::AttemptStarted { .. });
                require(!(paid && begins), "S7", || format!("{record:?} of a paid sale"))?;
                let keyed = self.typed.as_ref() == Some(&record.reference);
                let armed = matches!(record.fact, Fact::Armed { .. });
                require(!(keyed && armed), "S7", || {
                    format!("a key fell onto the former sale {}", record.reference)
                })
            }
            What::Sent { ask: Ask::Create { reference, .. }, .. } => {
                let paid = truth.books.get(reference).is_some_and(|entry| {
                    entry.tries.iter().any(|one| one.late || one.outcome == Some(Outcome::Paid))
                });
                require(!paid, "S7", || format!("a create for the paid sale {reference}"))
            }
            _ => Ok(()),
        }
    }
}

/// One attempt, one create; a new attempt only after the former one is closed unpaid.
#[derive(Default)]
pub struct S8 {
    created: BTreeSet<AttemptId>,
}

impl Oracle for S8 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let What::Sent { ask: Ask::Create { attempt, reference, .. }, .. } = &event.what else {
            return Ok(());
        };
        let first = self.created.insert(attempt.clone());
        require(first, "S8", || format!("a second create for {attempt}"))?;
        let Some(entry) = truth.books.get(reference) else { return Ok(()) };
        let mut others = entry.tries.iter().filter(|one| one.id != *attempt);
        let open = others.find(|one| !one.outcome.is_some_and(is_unpaid));
        require(open.is_none(), "S8", || format!("the former attempt of {reference} is open"))
    }
}
