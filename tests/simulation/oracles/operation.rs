//! Bounds: O3. (That no decision uses the wall clock, O1, is judged by running a world twice, with
//! other clocks: see `check`.)

use std::collections::BTreeSet;

use tillscan::terminal::Reference;

use super::{Held, Oracle, require};
use crate::event::{Event, What};
use crate::truth::{Entry, Truth};

/// No more attempts are open and no more sales wait for a person than the books know of, and of
/// those that are settled only the one at the counter is held, and those that somebody asked about.
#[derive(Default)]
pub struct O3 {
    asked: BTreeSet<Reference>,
}

impl Oracle for O3 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Asked(reference) = &event.what {
            self.asked.insert((*reference).clone());
        }
        let What::Stepped { terminal, .. } = &event.what else { return Ok(()) };
        self.asked.retain(|reference| terminal.sale(reference).is_some());
        let open = truth.books.values().filter(|entry| entry.open().is_some()).count();
        require(terminal.unsettled() == open, "O3", || {
            format!("{} attempts are held open, {open} are", terminal.unsettled())
        })?;
        let unsettled = truth.books.values().filter(|entry| !entry.settled).count();
        let alerts = terminal.alerts().count();
        require(alerts <= unsettled, "O3", || format!("{alerts} alerts of {unsettled} sales"))?;
        let held = |(name, entry): &(&Reference, &Entry)| {
            entry.settled && terminal.sale(name).is_some() && !self.asked.contains(*name)
        };
        let settled = truth.books.iter().filter(held).count();
        // The one whose result is still on the screen, or behind what is typed.
        require(settled <= 1, "O3", || format!("{settled} settled sales are still held"))
    }
}
