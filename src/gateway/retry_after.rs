//! How long the gateway asks us to stay away: `Retry-After`, by seconds or by date.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The wait that `headers` ask for, if any; at most 60 s. A date counts only beside the answer's
/// own `Date`, as the difference between the two: no decision uses our wall clock (O1).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?;
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What does not fit is longer than the longest wait.
        text.parse().map_or(WAIT_MAX, Duration::from_secs)
    } else {
        let until = date(text)?;
        let written = date(self::text(headers, &DATE)?)?;
        // A date that is past asks for no wait.
        Duration::try_from(until.duration_since(written)).unwrap_or_default()
    };
    Some(wait.min(WAIT_MAX))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// An attempt must still close (L1), whatever the gateway asks for.
const WAIT_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_up_to_a_minute() {
        let now = Some("Mon, 18 Dec 2023 10:18:56 GMT");
        let table: &[(Option<&str>, Option<&str>, Option<u64>)] = &[
            (None, None, None),
            (Some("0"), None, Some(0)),
            (Some("7"), None, Some(7)),
            (Some(" 7 "), None, Some(7)),
            (Some("61"), None, Some(60)),
            (Some("99999999999999999999999"), None, Some(60)),
            (Some("-1"), now, None),
            (Some("1.5"), now, None),
            (Some(""), now, None),
            (Some("soon"), now, None),
            (Some("Mon, 18 Dec 2023 10:19:06 GMT"), now, Some(10)),
            (Some("Mon, 18 Dec 2023 10:18:56 GMT"), now, Some(0)),
            (Some("Mon, 18 Dec 2023 10:18:00 GMT"), now, Some(0)),
            (Some("Tue, 19 Dec 2023 10:18:56 GMT"), now, Some(60)),
            (Some("Mon, 18 Dec 2023 10:19:06 GMT"), None, None),
            (Some("Mon, 18 Dec 2023 10:19:06 GMT"), Some("today"), None),
        ];
        for (wait, date, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in [(RETRY_AFTER, wait), (DATE, date)] {
                value.map(|value| headers.insert(name, value.parse().unwrap()));
            }
            let expected = expected.map(Duration::from_secs);
            assert_eq!(retry_after(&headers), expected, "{wait:?} {date:?}");
        }
    }
}
