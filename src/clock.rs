//! The time since the daemon started, from `CLOCK_MONOTONIC`; never the wall clock (O1).

use std::ops::{Add, Sub};
use std::time::Duration;

use tokio::time::Instant;

/// A point in time: how long after the daemon's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The daemon's start.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The moment `millis` milliseconds after the start.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// The moment so long before this one; never before the start.
    #[must_use]
    pub const fn before(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(earlier))
    }

    /// How long after the start this is.
    #[must_use]
    pub const fn since_start(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

impl Sub for Moment {
    type Output = Duration;

    /// How long after `earlier` this is; nothing where it is not after it.
    fn sub(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Tells the [`Moment`]; every copy counts from the same start.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock whose [`Moment::ZERO`] is this call.
    #[must_use]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// The moment of this call.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.origin.elapsed())
    }

    /// The instant of `moment`, for tokio's timers.
    #[must_use]
    pub fn instant(&self, moment: Moment) -> Instant {
        self.origin + moment.0
    }
}
