//! How a sale ends, in the words of the payment rules.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An outcome. Final ones are made only from proof (see [`super::proof`]); `unknown` is never
/// final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The money moved.
    Paid,
    /// The wallet said no; a failure code says why.
    Declined,
    /// Nobody paid in time.
    Expired,
    /// The cashier or the till cancelled before anybody paid.
    Cancelled,
    /// No charge was ever made.
    NotCreated,
    /// Not known yet; resolves itself.
    Unknown,
}

impl Outcome {
    /// The word that programs read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::NotCreated => "not_created",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}
