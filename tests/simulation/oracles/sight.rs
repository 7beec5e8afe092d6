//! Nothing that somebody must see is out of sight (L2, and the first half of S6).

use std::collections::BTreeSet;

use tillscan::terminal::Reference;

use super::{Held, Oracle, require};
use crate::event::{Event, What};
use crate::truth::{Entry, Truth};

/// What is open or not yet seen is at the counter or an alert. Behind an amount that is being typed
/// there is at most one result.
pub struct Sight;

impl Oracle for Sight {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let What::Stepped { terminal, .. } = &event.what else { return Ok(()) };
        let frame = terminal.frame();
        let mut seen: BTreeSet<Reference> = terminal.alerts().map(|sale| sale.reference).collect();
        seen.extend(frame.sale.map(|sale| sale.reference));
        let hidden = truth
            .books
            .iter()
            .filter(|(reference, entry)| !entry.acknowledged && !seen.contains(*reference));
        let hidden: Vec<(&Reference, &Entry)> = hidden.collect();
        let behind = frame.typed.is_some() && hidden.len() == 1 && is_a_result(hidden[0].1);
        require(hidden.is_empty() || behind, "L2", || {
            format!("{:?} is out of sight", hidden.first().map(|(reference, _)| reference))
        })
    }
}

fn is_a_result(entry: &Entry) -> bool {
    entry.open().is_none() && !entry.armed && !entry.tries.iter().any(|one| one.late)
}
