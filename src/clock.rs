//! Time since the daemon started, from the monotonic clock. Never the wall clock (O1): a counter's box may
//! start in 1970 and be stepped by a day when the network comes.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A point in time: how long after the start of the clock it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The start of the clock.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The moment `millis` milliseconds after the start of the clock.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// How long after the start of the clock this moment lies.
    #[must_use]
    pub const fn since_start(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl Sub for Moment {
    type Output = Duration;

    /// The time from `earlier` to here; zero where `earlier` is later.
    fn sub(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// The one source of [`Moment`]s in the daemon. Copies share the same start.
#[derive(Clone, Copy, Debug)]
pub struct Clock(tokio::time::Instant);

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(tokio::time::Instant::now())
    }

    /// The time since the clock started.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.0.elapsed())
    }

    /// The instant of `moment`, for tokio's timers.
    #[must_use]
    pub fn instant(&self, moment: Moment) -> tokio::time::Instant {
        self.0 + moment.0
    }
}
