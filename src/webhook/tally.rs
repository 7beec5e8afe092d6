//! What became of the webhooks since the start, and what is to be mended where they are refused.
//! Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;

use super::signature::Flaw;
use crate::clock::Moment;

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is on record and its charge is asked for.
    Taken,
    /// It is on record already.
    Duplicate,
    /// It is the gateway's and tells of no charge.
    OtherMatter,
    /// It could not be put on record: the gateway is to send it again.
    Postponed,
    /// Its signature is of none of our secrets.
    Forged,
    /// It is signed right, and dated too far away from now.
    Late,
    /// It is not signed as the gateway signs, or no event.
    Malformed,
    /// Its body is larger than any webhook.
    TooLarge,
    /// Its body did not come in time.
    TooSlow,
    /// Too many came.
    TooOften,
    /// It was meant for another path, or is no POST.
    Elsewhere,
}

/// How many fared how, and when the last good one came.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<Fate, u64>,
    valid_at: Option<Moment>,
    /// Those since the last good one, or since the secrets were read.
    forged_since: u64,
    late_since: u64,
    /// How old the last late one was, in seconds.
    age_seconds: i64,
}

impl Fate {
    /// Every fate, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Taken,
        Self::Duplicate,
        Self::OtherMatter,
        Self::Postponed,
        Self::Forged,
        Self::Late,
        Self::Malformed,
        Self::TooLarge,
        Self::TooSlow,
        Self::TooOften,
        Self::Elsewhere,
    ];

    /// The word of the status.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Duplicate => "duplicate",
            Self::OtherMatter => "other_matter",
            Self::Postponed => "postponed",
            Self::Forged => "forged",
            Self::Late => "late",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::TooOften => "too_often",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// What the sender is told: nothing of why.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Taken | Self::Duplicate | Self::OtherMatter => StatusCode::NO_CONTENT,
            Self::Postponed => StatusCode::SERVICE_UNAVAILABLE,
            Self::Forged | Self::Late | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::Elsewhere => StatusCode::NOT_FOUND,
        }
    }

    /// Whether it was the gateway that sent it, as far as its signature was asked for.
    const fn is_valid(self) -> bool {
        match self {
            Self::Taken | Self::Duplicate | Self::OtherMatter | Self::Postponed => true,
            Self::Forged
            | Self::Late
            | Self::Malformed
            | Self::TooLarge
            | Self::TooSlow
            | Self::TooOften
            | Self::Elsewhere => false,
        }
    }
}

impl From<Flaw> for Fate {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Malformed => Self::Malformed,
            Flaw::Forged => Self::Forged,
            Flaw::Late { .. } => Self::Late,
        }
    }
}

impl Tally {
    /// One more.
    pub fn count(&mut self, fate: Fate, now: Moment) {
        *self.counts.entry(fate).or_default() += 1;
        if fate.is_valid() {
            self.valid_at = Some(now);
            self.begin_anew();
        }
        self.forged_since += u64::from(fate == Fate::Forged);
        self.late_since += u64::from(fate == Fate::Late);
    }

    /// Notes how old one was that came too late.
    pub fn note_age(&mut self, age_seconds: i64) {
        self.age_seconds = age_seconds;
    }

    /// The secrets were read again: what was refused before says nothing of them.
    pub fn begin_anew(&mut self) {
        (self.forged_since, self.late_since) = (0, 0);
    }

    /// Every fate's word and count.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let count = |fate| self.counts.get(&fate).copied().unwrap_or(0);
        Fate::ALL.into_iter().map(|fate| (fate.word().to_owned(), count(fate))).collect()
    }

    /// How long ago the last good one came.
    #[must_use]
    pub fn since_valid(&self, now: Moment) -> Option<Duration> {
        self.valid_at.map(|at| now - at)
    }

    /// What the operator should mend, if webhooks come and all are refused.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.late_since > 0 {
            let (seconds, side) = (self.age_seconds.unsigned_abs(), self.age_seconds >= 0);
            let side = if side { "behind" } else { "ahead of" };
            return Some(format!(
                "webhooks are signed right and dated {seconds} s {side} this box's clock: set the \
                 clock (timedatectl), or somebody sends old ones again"
            ));
        }
        (self.forged_since >= FORGED_TO_TELL).then(|| {
            format!(
                "{} webhooks in a row had a wrong signature: is the secret (credential \
                 opn-webhook-secret, or webhook.secrets) the one of Opn's dashboard, or does somebody forge them?",
                self.forged_since
            )
        })
    }
}

/// One may be anybody's; so many in a row, without a good one, may be Opn's own.
const FORGED_TO_TELL: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(fates: &[Fate]) -> Tally {
        let mut tally = Tally::default();
        for (second, fate) in (0..).zip(fates) {
            tally.count(*fate, Moment::from_millis(second * 1_000));
        }
        tally
    }

    #[test]
    fn every_fate_has_a_word_an_answer_and_a_count() {
        let tally = tally(&Fate::ALL);
        let answers: Vec<_> = Fate::ALL
            .iter()
            .map(|fate| format!("{} {}", fate.word(), fate.status().as_u16()))
            .collect();
        expect_test::expect![[r#"
            taken 204, duplicate 204, other_matter 204, postponed 503, forged 400, late 400, malformed 400, too_large 413, too_slow 408, too_often 429, elsewhere 404"#]]
        .assert_eq(&answers.join(", "));
        assert_eq!(tally.counts().len(), Fate::ALL.len());
        assert!(tally.counts().values().all(|count| *count == 1));
        let now = Moment::from_millis(13_000);
        assert_eq!(tally.since_valid(now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn what_is_to_be_mended_is_said_while_no_good_one_comes() {
        use Fate::{Elsewhere, Forged, Late, Malformed, Postponed, Taken};
        let forged = "wrong signature";
        let table: &[(&[Fate], i64, &str)] = &[
            (&[], 0, ""),
            (&[Forged, Forged], 0, ""),
            (&[Forged, Elsewhere, Malformed, Forged, Forged], 0, forged),
            (&[Forged, Forged, Postponed, Forged], 0, ""),
            (&[Forged, Forged, Forged, Taken], 0, ""),
            (&[Taken, Forged, Forged, Forged], 0, forged),
            (&[Elsewhere, Malformed, Malformed, Malformed], 0, ""),
            (&[Late], 1_000, "dated 1000 s behind this box's clock"),
            (&[Forged, Forged, Forged, Late], -400, "dated 400 s ahead of this box's clock"),
            (&[Late, Taken], 1_000, ""),
        ];
        for (fates, age_seconds, expected) in table {
            let mut tally = tally(fates);
            tally.note_age(*age_seconds);
            let problem = tally.problem().unwrap_or_default();
            assert!(problem.contains(expected), "{problem}");
            assert_eq!(problem.is_empty(), expected.is_empty(), "{fates:?}: {problem}");
            tally.begin_anew();
            assert_eq!(tally.problem(), None);
        }
    }
}
