//! Names of things: the shop's reference, our attempt and refund, the gateway's charge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// The shop's own name for a sale, unique per terminal: 1 to 64 characters of UTF-8, no control
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Reference(String);

/// Why a text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference has 1 to 64 characters of UTF-8 without control characters")]
pub struct ReferenceError;

impl Reference {
    /// The most characters a reference may have.
    pub const MAX_CHARACTERS: usize = 64;

    /// The text of the reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let length = text.chars().count();
        if !(1..=Self::MAX_CHARACTERS).contains(&length) || text.chars().any(char::is_control) {
            return Err(ReferenceError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Our own name for one try to get a sale paid; sent in the charge's metadata, so that a charge
/// whose create answer was lost can be found again. Drawn by the shell (the core throws no dice),
/// unique for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(pub String);

impl fmt::Display for AttemptId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Our own name for one refund; sent in its metadata, so that one whose answer was lost can be
/// found again. Drawn by the shell, or made of the attempt's whose late money goes back; unique for
/// ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefundId(pub String);

impl fmt::Display for RefundId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Opn's name for a charge, `chrg_…`; opaque.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChargeId(pub String);

impl fmt::Display for ChargeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A time as the gateway wrote it (`created_at`, seconds since 1970). Compared only with other
/// times of the gateway, never with a clock of ours (O1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GatewayTime(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_short_readable_text() {
        for good in ["INV-1", "ใบเสร็จ 7", "发票", " ", &"x".repeat(64), &"ก".repeat(64)]
        {
            assert!(good.parse::<Reference>().is_ok(), "{good:?}");
        }
        for bad in ["", &"x".repeat(65), &"x".repeat(300), "a\nb", "a\u{7f}", "a\u{85}"] {
            assert_eq!(bad.parse::<Reference>(), Err(ReferenceError), "{bad:?}");
        }
    }
}
