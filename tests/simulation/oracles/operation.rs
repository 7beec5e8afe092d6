//! Bounds: O3. (That no decision uses the wall clock, O1, is judged by running a world twice, with
//! other clocks: see `check`.)

use super::{Held, Oracle, require};
use crate::event::{Event, What};
use crate::truth::Truth;

/// No more sales are held than somebody armed, and no more wait for a person than are unsettled.
pub struct O3;

impl Oracle for O3 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let What::Stepped { terminal, .. } = &event.what else { return Ok(()) };
        let open = truth.books.values().filter(|entry| entry.open().is_some()).count();
        require(terminal.unsettled() == open, "O3", || {
            format!("{} attempts are held open, {open} are", terminal.unsettled())
        })?;
        let unsettled = truth.books.values().filter(|entry| !entry.settled).count();
        let alerts = terminal.alerts().count();
        require(alerts <= unsettled, "O3", || format!("{alerts} alerts of {unsettled} sales"))
    }
}
