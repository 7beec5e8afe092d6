//! What cashier and customer read, in three languages: one file per language, each a match over
//! every screen and every feedback, so that a missing sentence does not compile.
//!
//! The words for "not paid" and "no money was taken" belong to the screens that carry proof (S3),
//! the word for "paid" to the one that is paid (S4). A headline fits 40 columns, a next step 120.

mod en;
mod facts;
mod th;
mod zh;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use self::facts::{Facts, RefundFacts};
use crate::terminal::{Feedback, Reference, RefundView, SaleView, Screen};

/// A language of the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Thai, the counter's first language.
    #[serde(rename = "th")]
    Thai,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Chinese, in simplified characters.
    #[serde(rename = "zh")]
    Chinese,
}

/// A text that names no language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such language; write th, en or zh")]
pub struct UnknownLanguage;

impl Language {
    /// Every language, Thai first.
    pub const ALL: [Self; 3] = [Self::Thai, Self::English, Self::Chinese];

    /// Its code of ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Thai => "th",
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == text).ok_or(UnknownLanguage)
    }
}

/// What a person reads: what is the matter, and what to do now. No line breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// What is the matter; at most 40 columns for amounts up to 999,999.99.
    pub headline: String,
    /// What to do now; at most 120 columns.
    pub next_step: String,
}

/// The words of a screen. Without `sale` its amount, reference and reason stay out.
#[must_use]
pub fn screen(language: Language, screen: Screen, sale: Option<&SaleView>) -> Sentence {
    let facts = Facts::of(sale);
    match language {
        Language::Thai => th::screen(screen, &facts),
        Language::English => en::screen(screen, &facts),
        Language::Chinese => zh::screen(screen, &facts),
    }
}

/// The words while an amount is being typed, `typed` as it stands so far.
#[must_use]
pub fn entry(language: Language, typed: &str) -> Sentence {
    match language {
        Language::Thai => th::entry(typed),
        Language::English => en::entry(typed),
        Language::Chinese => zh::entry(typed),
    }
}

/// The words for where a refund of the sale `reference` stands.
#[must_use]
pub fn refund(language: Language, refund: &RefundView, reference: &Reference) -> Sentence {
    let facts = RefundFacts::of(refund, reference);
    match language {
        Language::Thai => th::refund(&facts),
        Language::English => en::refund(&facts),
        Language::Chinese => zh::refund(&facts),
    }
}

/// The words for what became of a scan, or why a key was refused.
#[must_use]
pub fn feedback(language: Language, feedback: Feedback) -> Sentence {
    match language {
        Language::Thai => th::feedback(feedback),
        Language::English => en::feedback(feedback),
        Language::Chinese => zh::feedback(feedback),
    }
}

/// A headline ends in the amount; without a sale it just ends.
fn say(headline: impl AsRef<str>, next_step: impl Into<String>) -> Sentence {
    Sentence { headline: headline.as_ref().trim_end().to_owned(), next_step: next_step.into() }
}
