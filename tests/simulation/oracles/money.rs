//! Amounts: S9, S10.

use std::collections::{BTreeMap, BTreeSet};

use tillscan::terminal::{ChargeId, Fact, Record, Reference, RefundId, RefundOutcome};

use super::{Held, Oracle, require, told};
use crate::event::{Ask, Event, What};
use crate::truth::{Charge, Truth};

/// No more is sent back than came in, whatever the gateway would make of it; no refund is asked for
/// twice, goes out twice or is made twice, and what is told of one is so.
#[derive(Default)]
pub struct S9 {
    /// Of which charge, and how much.
    sent: BTreeMap<RefundId, (ChargeId, i64)>,
}

impl Oracle for S9 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Changed => truth.charges.iter().try_for_each(|charge| {
                let mut names: Vec<&RefundId> = charge.refunds.iter().collect();
                names.sort_unstable();
                let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
                require(twice.is_none(), "S9", || format!("{twice:?} was made twice"))
            }),
            What::Sent { ask: Ask::Refund { charge, id, satang }, .. } => {
                let before = self.sent.insert(id.clone(), (charge.clone(), *satang));
                require(before.is_none(), "S9", || format!("the refund {id} goes out twice"))?;
                self.no_more_than_came(truth, charge)
            }
            What::Wrote { record, .. } => {
                asked_once(truth, record)?;
                closed(truth, record)
            }
            _ => Ok(()),
        }
    }
}

impl S9 {
    /// The gateway would refuse what is too much, and so nothing but what is sent shows whether we
    /// count. What is proven not to have been made counts no more.
    fn no_more_than_came(&self, truth: &Truth, charge: &ChargeId) -> Held {
        let refunds = truth.books.values().flat_map(|entry| &entry.refunds);
        let refused = refunds.filter(|one| one.outcome == Some(RefundOutcome::Refused));
        let refused: BTreeSet<&RefundId> = refused.map(|one| &one.id).collect();
        let counts =
            |(id, (of, _)): &(&RefundId, &(ChargeId, i64))| of == charge && !refused.contains(id);
        let sent: i64 = self.sent.iter().filter(counts).map(|(_, (_, satang))| satang).sum();
        let real = truth.charges.iter().find(|real| real.id == *charge);
        let taken = real.map_or(0, Charge::taken);
        require(sent <= taken, "S9", || format!("{sent} of {taken} satang of {charge} go back"))
    }
}

/// A name of the shop's is one refund.
fn asked_once(truth: &Truth, record: &Record) -> Held {
    let Fact::RefundAsked { refund, .. } = &record.fact else { return Ok(()) };
    let entry = truth.books.get(&record.reference);
    let again = entry.is_some_and(|entry| entry.refunds.iter().any(|one| one.name == *refund));
    require(!again, "S9", || format!("{refund} of {} is asked for twice", record.reference))
}

/// A refund's end is what the gateway did.
fn closed(truth: &Truth, record: &Record) -> Held {
    let Fact::RefundClosed { refund, outcome, .. } = &record.fact else { return Ok(()) };
    let entry = truth.books.get(&record.reference);
    let one = entry.and_then(|entry| entry.refunds.iter().find(|one| one.name == *refund));
    let Some(one) = one else {
        return require(false, "S9", || format!("{refund} was never asked"));
    };
    let made = truth.of(&one.attempt).any(|charge| charge.refunds.contains(&one.id));
    let coming = truth.refunds_on_the_way.contains(&one.id);
    match outcome {
        RefundOutcome::Refunded => require(made, "S9", || format!("{refund} was not made")),
        RefundOutcome::Refused => {
            require(!made && !coming, "S9", || format!("{refund} was made, or still may be"))
        }
    }
}

/// What is meant is what is armed, asked for, and shown; to the satang.
#[derive(Default)]
pub struct S10 {
    meant: BTreeMap<Reference, Vec<i64>>,
    /// Armed by the running process: nobody remembers an amount from before a power cut.
    armed: BTreeSet<Reference>,
    run: u32,
}

impl Oracle for S10 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            (self.run, self.armed) = (event.run, BTreeSet::new());
        }
        match &event.what {
            What::Meant { reference, satang, .. } => {
                let meant = self.meant.entry((*reference).clone()).or_default();
                if !meant.contains(satang) {
                    meant.push(*satang);
                }
            }
            What::Wrote { record, .. } => {
                if let Fact::Armed { amount } = &record.fact {
                    self.armed.insert(record.reference.clone());
                    let meant = self.meant.get(&record.reference);
                    let holds = meant.is_some_and(|meant| meant.contains(&amount.satang()));
                    let before = truth.books.get(&record.reference).map(|entry| entry.satang);
                    let same = before.is_none_or(|before| before == amount.satang());
                    return require(holds && same, "S10", || {
                        format!("{} is armed with {amount}, meant were {meant:?}", record.reference)
                    });
                }
            }
            What::Sent { ask: Ask::Create { reference, satang, .. }, .. } => {
                let armed = truth.books.get(reference).map(|entry| entry.satang);
                return require(armed == Some(*satang), "S10", || {
                    format!("{satang} satang asked for, {armed:?} armed")
                });
            }
            What::Stepped { .. } => {
                let armed = truth.books.iter().filter(|(_, entry)| entry.armed);
                let mut former = armed.filter(|(name, _)| !self.armed.contains(*name));
                let former = former.next();
                return require(former.is_none(), "S10", || {
                    format!("{former:?} is armed since before the power cut")
                });
            }
            _ => {}
        }
        let Some(view) = told(event) else { return Ok(()) };
        let armed = truth.books.get(&view.reference).map(|entry| entry.satang);
        require(armed == Some(view.amount.satang()), "S10", || {
            format!("{} is shown with {}, {armed:?} is armed", view.reference, view.amount)
        })
    }

    fn at_end(&mut self, truth: &Truth) -> Held {
        let other = truth.charges.iter().find(|charge| {
            let entry = truth.books.iter().find(|(name, _)| name.as_str() == charge.reference);
            entry.is_none_or(|(_, entry)| entry.satang != charge.asked)
        });
        require(other.is_none(), "S10", || format!("{other:?} is not what was armed"))
    }
}
