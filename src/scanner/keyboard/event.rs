//! One event of an input device, and the kernel's numbers for what matters in it, from
//! linux/input-event-codes.h.

use std::fmt;

use crate::clock::Moment;

/// One event of an input device, as the kernel wrote it. It may be a digit of a payment code, so
/// that `Debug` shows neither key nor value (P1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The kernel's timestamp, of `CLOCK_MONOTONIC`.
    pub at: Moment,
    /// `EV_KEY`, `EV_SYN` …; others are ignored.
    pub kind: u16,
    /// Which key, or what is reported.
    pub code: u16,
    /// 1 down, 0 up, 2 the kernel's own repeat.
    pub value: i32,
}

impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Event");
        shown.field("at", &self.at).field("kind", &self.kind).finish_non_exhaustive()
    }
}

pub const SYN: u16 = 0;
pub const KEY: u16 = 1;
pub const SYN_REPORT: u16 = 0;
pub const SYN_DROPPED: u16 = 3;
pub const UP: i32 = 0;
pub const DOWN: i32 = 1;
