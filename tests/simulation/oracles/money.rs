//! Amounts: S9, S10.

use std::collections::BTreeMap;

use tillscan::terminal::{Fact, Reference};

use super::{Held, Oracle, require, told};
use crate::event::{Ask, Event, What};
use crate::truth::Truth;

/// Nothing is given back that was not taken. (The terminal refunds nothing yet; a refund that it
/// makes all the same is noticed here.)
pub struct S9;

impl Oracle for S9 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if !matches!(event.what, What::Changed) {
            return Ok(());
        }
        let refunded = truth.charges.iter().find(|charge| charge.refunded != 0);
        require(refunded.is_none(), "S9", || format!("{refunded:?} was refunded"))
    }
}

/// What is meant is what is armed, asked for, and shown; to the satang.
#[derive(Default)]
pub struct S10 {
    meant: BTreeMap<Reference, Vec<i64>>,
}

impl Oracle for S10 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Meant { reference, satang, .. } => {
                let meant = self.meant.entry((*reference).clone()).or_default();
                if !meant.contains(satang) {
                    meant.push(*satang);
                }
            }
            What::Wrote { record, .. } => {
                if let Fact::Armed { amount } = &record.fact {
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
