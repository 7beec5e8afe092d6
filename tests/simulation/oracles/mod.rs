//! Judges, one for each invariant of ARCHITECTURE.md. They see the truth at the gateway, the
//! records on disk and what goes in and out of the terminal; nothing inside it.

use std::fmt;

use tillscan::terminal::{Outcome, SaleView};

use crate::event::{Event, What};
use crate::truth::Truth;

mod durable;
mod liveness;
mod money;
mod once;
mod operation;
mod outcome;
mod privacy;
mod scans;
mod sight;
mod traffic;

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub rule: &'static str,
    pub what: String,
}

impl Violation {
    pub fn new(rule: &'static str, what: String) -> Self {
        Self { rule, what }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.rule, self.what)
    }
}

/// Whether a rule holds.
pub type Held = Result<(), Violation>;

/// A judge of one rule.
pub trait Oracle: Send {
    /// Something happened; `truth` is as it was right before it came into the books.
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held;

    /// It is over: faults ended long ago.
    fn at_end(&mut self, _truth: &Truth) -> Held {
        Ok(())
    }
}

/// One of each.
pub fn oracles() -> Vec<Box<dyn Oracle>> {
    vec![
        Box::new(once::S1),
        Box::new(once::S2),
        Box::new(outcome::S3),
        Box::new(outcome::S4),
        Box::new(outcome::S5::default()),
        Box::new(outcome::S6::default()),
        Box::new(once::S7::default()),
        Box::new(once::S8::default()),
        Box::new(money::S9::default()),
        Box::new(money::S10::default()),
        Box::new(durable::D1),
        Box::new(durable::D2),
        Box::new(durable::D3::default()),
        Box::new(durable::D4::default()),
        Box::new(durable::D5),
        Box::new(durable::D6),
        Box::new(liveness::L1),
        Box::new(liveness::L2::default()),
        Box::new(liveness::L3),
        Box::new(traffic::L4::default()),
        Box::new(traffic::L5::default()),
        Box::new(privacy::P1),
        Box::new(privacy::P2::default()),
        Box::new(operation::O3::default()),
        Box::new(scans::Scans::default()),
        Box::new(sight::Sight),
    ]
}

/// The rule `rule` holds where `holds` does.
pub fn require(holds: bool, rule: &'static str, what: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(Violation::new(rule, what())) }
}

/// The sale that somebody is shown, told of or answered with.
pub fn told<'a>(event: &Event<'a>) -> Option<&'a SaleView> {
    match &event.what {
        What::Showed(frame) => frame.sale.as_ref(),
        What::Announced(announcement) => Some(&announcement.sale),
        What::Replied(Ok(view)) => Some(view),
        _ => None,
    }
}

/// Whether this outcome says that no money was taken.
pub const fn is_unpaid(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Declined | Outcome::Expired | Outcome::Cancelled | Outcome::NotCreated => true,
        Outcome::Paid | Outcome::Unknown => false,
    }
}
