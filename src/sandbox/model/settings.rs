//! How a gateway runs: its speed and its lags.

use std::str::FromStr;
use std::time::Duration;

/// How a gateway runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How fast payments and hangs go by. The gateway's own terms (24 hours to live, 90 days for a
    /// refund, the sweep) and the lags below are not touched by it.
    pub speed: Speed,
    /// How long a change takes to be found by search.
    pub search_lag: Duration,
    /// How long a charge takes to be in a list.
    pub list_lag: Duration,
    /// Which events tell of an expired charge.
    pub expire_event: ExpireEvent,
    /// How often charges past their time are swept up.
    pub sweep_period: Duration,
}

/// Which events tell of an expired charge: what Opn sends then is not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExpireEvent {
    /// charge.expire
    Expire,
    /// charge.complete
    Complete,
    /// charge.expire, then charge.complete
    Both,
    /// No event at all
    None,
}

impl ExpireEvent {
    /// The keys of the events, in their order.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Expire => &["charge.expire"],
            Self::Complete => &["charge.complete"],
            Self::Both => &["charge.expire", "charge.complete"],
            Self::None => &[],
        }
    }
}

/// How many times faster than real a payment goes by, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(u32);

/// A text is no speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a speed; write a number from 0.001 to 1000, such as 20")]
pub struct SpeedError;

impl Default for Settings {
    fn default() -> Self {
        Self {
            speed: Speed::REAL,
            search_lag: Duration::from_secs(2),
            list_lag: Duration::ZERO,
            expire_event: ExpireEvent::Expire,
            sweep_period: Duration::from_secs(300),
        }
    }
}

impl Speed {
    /// As fast as in a shop.
    pub const REAL: Self = Self(1_000);

    /// So many times faster than real, in thousandths; `None` outside 1 to 1,000,000.
    #[must_use]
    pub const fn from_thousandths(thousandths: u32) -> Option<Self> {
        if thousandths == 0 || thousandths > 1_000_000 { None } else { Some(Self(thousandths)) }
    }

    /// A real time at this speed, to the millisecond.
    #[must_use]
    pub fn scale(self, time: Duration) -> Duration {
        let milliseconds = time.as_millis().saturating_mul(1_000) / u128::from(self.0);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=4).contains(&whole.len()) || !(1..=3).contains(&fraction.len()) {
            return Err(SpeedError);
        }
        if !figures(whole) || !figures(fraction) {
            return Err(SpeedError);
        }
        let thousandths = format!("{whole}{fraction:0<3}").parse().map_err(|_| SpeedError)?;
        Self::from_thousandths(thousandths).ok_or(SpeedError)
    }
}
