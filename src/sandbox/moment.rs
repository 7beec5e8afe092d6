//! Time and randomness as the model knows them: values that somebody else supplies.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Serialize, Serializer};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The moment so many milliseconds after 1970. Outside the years 1970 to 9999 it is clamped.
    #[must_use]
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        if milliseconds < 0 {
            return Self(0);
        }
        if milliseconds > MILLISECONDS_MAX {
            return Self(MILLISECONDS_MAX);
        }
        Self(milliseconds)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// The moment this much later.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Self::from_milliseconds(self.0.saturating_add(milliseconds))
    }

    /// The moment so many seconds later; earlier where they are negative.
    #[must_use]
    pub const fn shifted(self, seconds: i64) -> Self {
        Self::from_milliseconds(self.0.saturating_add(seconds.saturating_mul(1_000)))
    }

    /// As a `Date` header has it: `Mon, 18 Dec 2023 10:18:56 GMT` (RFC 9110, 5.6.7).
    #[must_use]
    pub fn to_http_date(self) -> String {
        let second = Timestamp::from_second(self.0.div_euclid(1_000)).unwrap_or(Timestamp::MAX);
        // Every moment lies in the years that the format can write.
        DateTimePrinter::new().timestamp_to_rfc9110_string(&second).unwrap_or_default()
    }

    /// The time from an earlier moment to this one; zero if it is a later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let milliseconds = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
    }

    /// The first whole multiple of `period` (counted from 1970) that is not before this moment.
    #[must_use]
    pub fn rounded_up_to(self, period: Duration) -> Self {
        let period = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
        let beyond = self.0 % period;
        let missing = if beyond == 0 { 0 } else { period - beyond };
        Self::from_milliseconds(self.0.saturating_add(missing))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in whole seconds, as the gateway writes it: `2023-12-18T10:18:56Z`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = Timestamp::from_second(self.0.div_euclid(1_000)).unwrap_or(Timestamp::MAX);
        write!(formatter, "{second}")
    }
}

impl Serialize for Moment {
    /// As it is displayed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is neither an RFC 3339 time nor a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time; write it as 2023-12-18T10:18:56Z or 2023-12-18")]
pub struct MomentError;

impl FromStr for Moment {
    type Err = MomentError;

    /// Reads `2023-12-18T10:18:56Z`, with a fraction or an offset too, and `2023-12-18` (midnight,
    /// UTC).
    fn from_str(text: &str) -> Result<Self, MomentError> {
        let timestamp = text
            .parse::<Timestamp>()
            .or_else(|_| format!("{text}T00:00:00Z").parse::<Timestamp>())
            .map_err(|_| MomentError)?;
        Ok(Self::from_milliseconds(timestamp.as_millisecond()))
    }
}

/// Random bits that follow from a seed (SplitMix64), so that a model is a value.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        // Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// True in about `percent` of 100 calls.
    pub(crate) fn chance(&mut self, percent: u8) -> bool {
        self.next() % 100 < u64::from(percent)
    }
}

/// An id as the gateway makes them: `chrg_test_` and 19 digits of base 36, which hold the time in
/// milliseconds and 55 random bits, so that ids of one kind sort by their time.
pub(crate) fn new_id(prefix: &str, now: Moment, random: &mut Random) -> String {
    let milliseconds = u128::from(now.0.unsigned_abs());
    let mut value = (milliseconds << 55) | u128::from(random.next() >> 9);
    let mut digits = [b'0'; 19];
    for digit in digits.iter_mut().rev() {
        let place = usize::try_from(value % 36).unwrap_or(0);
        *digit = BASE_36[place];
        value /= 36;
    }
    format!("{prefix}_test_{}", String::from_utf8_lossy(&digits))
}

const BASE_36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// 9999-12-30T00:00:00Z: the last day that every time zone can write with four digits of year.
const MILLISECONDS_MAX: i64 = 253_402_128_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_gateway_writes_them() {
        let table: &[(&str, Option<&str>)] = &[
            ("2023-12-18T10:18:56Z", Some("2023-12-18T10:18:56Z")),
            ("2023-12-18T10:18:56.999Z", Some("2023-12-18T10:18:56Z")),
            ("2023-12-18T17:18:56+07:00", Some("2023-12-18T10:18:56Z")),
            ("2023-12-18", Some("2023-12-18T00:00:00Z")),
            ("1960-01-01", Some("1970-01-01T00:00:00Z")),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in table {
            let moment = text.parse::<Moment>().ok().map(|moment| moment.to_string());
            assert_eq!(moment.as_deref(), *expected, "{text:?}");
        }
    }

    #[test]
    fn the_end_of_time_can_be_written() {
        let end = Moment::from_milliseconds(i64::MAX);
        assert_eq!(end.plus(Duration::MAX).to_string(), "9999-12-30T00:00:00Z");
        assert_eq!(end.shifted(i64::MAX).to_http_date(), "Thu, 30 Dec 9999 00:00:00 GMT");
    }

    #[test]
    fn a_date_header_may_be_ahead_or_behind() {
        let now: Moment = "2023-12-18T10:18:56.055Z".parse().unwrap();
        for (seconds, expected) in [
            (0, "Mon, 18 Dec 2023 10:18:56 GMT"),
            (3_600, "Mon, 18 Dec 2023 11:18:56 GMT"),
            (-86_400, "Sun, 17 Dec 2023 10:18:56 GMT"),
            (i64::MIN, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(now.shifted(seconds).to_http_date(), expected);
        }
    }

    #[test]
    fn a_sweep_comes_at_whole_periods() {
        let period = Duration::from_secs(300);
        for (at, expected) in [(0, 0), (1, 300_000), (300_000, 300_000), (300_001, 600_000)] {
            let moment = Moment::from_milliseconds(at);
            assert_eq!(moment.rounded_up_to(period).milliseconds(), expected);
        }
    }

    /// The document's own example: 5y4zoncy13i53sx0834 was made at 2023-12-18T10:18:56.055Z.
    #[test]
    fn ids_hold_their_time() {
        let now = "2023-12-18T10:18:56.055Z".parse().unwrap();
        let id = new_id("chrg", now, &mut Random::new(7));
        assert_eq!(id.len(), "chrg_test_5y4zoncy13i53sx0834".len());
        assert!(id.starts_with("chrg_test_5y4zonc"), "{id}");
    }
}
