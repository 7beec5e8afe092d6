//! Durations as people write them: a whole number and a unit, `"60s"`. Never a bare number.

use std::time::Duration;

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DurationError {
    /// A number alone: 60 what?
    NoUnit,
    /// Anything else, including more than can be held.
    Malformed,
}

/// Reads `500ms`, `60s`, `10m`, `24h` or `400d`. No fraction, no sign, no blank, no second unit.
pub(super) fn parse(text: &str) -> Result<Duration, DurationError> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| DurationError::Malformed)?;
    if unit.is_empty() {
        return Err(DurationError::NoUnit);
    }
    let found = UNITS.iter().find(|(name, _, _)| *name == unit).ok_or(DurationError::Malformed)?;
    number.checked_mul(found.1).map(Duration::from_millis).ok_or(DurationError::Malformed)
}

/// Writes a duration so that [`parse`] reads it back, to the millisecond, in the largest fitting
/// unit.
pub(super) fn text(duration: Duration) -> String {
    let millis = duration.as_millis();
    let fits =
        |length: u128, least: u128| millis.is_multiple_of(length) && millis / length >= least;
    let unit = UNITS.iter().find(|(_, length, least)| fits((*length).into(), (*least).into()));
    match unit {
        Some((name, length, _)) => format!("{}{name}", millis / u128::from(*length)),
        None => "0s".to_owned(),
    }
}

/// Unit, its length in milliseconds, and from how many of them a duration is written in it: people
/// say 60 s and 24 h, not 1 m and 1 d. Longest first.
const UNITS: [(&str, u64, u64); 5] =
    [("d", 86_400_000, 2), ("h", 3_600_000, 1), ("m", 60_000, 2), ("s", 1_000, 1), ("ms", 1, 1)];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn number_and_unit_become_a_duration() {
        let table: &[(&str, Result<u64, DurationError>)] = &[
            ("500ms", Ok(500)),
            ("60s", Ok(60_000)),
            ("10m", Ok(600_000)),
            ("24h", Ok(86_400_000)),
            ("400d", Ok(34_560_000_000)),
            ("0s", Ok(0)),
            ("60", Err(DurationError::NoUnit)),
            ("", Err(DurationError::Malformed)),
            ("s", Err(DurationError::Malformed)),
            ("1.5s", Err(DurationError::Malformed)),
            ("-1s", Err(DurationError::Malformed)),
            ("+1s", Err(DurationError::Malformed)),
            ("60 s", Err(DurationError::Malformed)),
            (" 60s", Err(DurationError::Malformed)),
            ("1m30s", Err(DurationError::Malformed)),
            ("60S", Err(DurationError::Malformed)),
            ("60sec", Err(DurationError::Malformed)),
            ("๖s", Err(DurationError::Malformed)),
            ("99999999999999999999s", Err(DurationError::Malformed)),
            ("18446744073709551615d", Err(DurationError::Malformed)),
        ];
        for (text, expected) in table {
            let millis = parse(text).map(|duration| duration.as_millis());
            assert_eq!(millis, expected.map(u128::from), "{text:?}");
        }
    }

    #[test]
    fn is_written_in_the_unit_people_say() {
        let table =
            ["0s", "1ms", "150ms", "1500ms", "1s", "60s", "90s", "10m", "1h", "24h", "400d"];
        for expected in table {
            assert_eq!(text(parse(expected).unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn text_reads_back(millis: u64) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&text(duration)), Ok(duration));
        }
    }
}
