//! Why the gateway did not do, or did not say, what it was asked.

use std::time::Duration;

use crate::terminal::{Rejection, Reply, UnknownWhy};

/// What went wrong, sorted by what it proves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Opn's error body: the request had no effect.
    #[error("the gateway refused it: {} ({})", .0.message, .0.code)]
    Refused(Rejection),
    /// The connection never carried the request: it had no effect.
    #[error("the gateway was not reached: {cause}")]
    NotSent {
        /// What failed, for the operator.
        cause: String,
    },
    /// Proves nothing: what moves money may have happened (S5).
    #[error("the gateway's answer proves nothing: {}", meaning(*.why))]
    Unknown {
        /// What happened.
        why: UnknownWhy,
        /// How long the gateway asked us to stay away; at most 60 s.
        retry_after: Option<Duration>,
    },
}

impl Failure {
    pub(super) fn unknown(why: UnknownWhy) -> Self {
        Self::Unknown { why, retry_after: None }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(rejection) => Self::Refused(rejection),
            Failure::NotSent { cause } => Self::NotSent { cause },
            Failure::Unknown { why, retry_after } => Self::Unknown { why, retry_after },
        }
    }
}

fn meaning(why: UnknownWhy) -> &'static str {
    match why {
        UnknownWhy::TimedOut => "no answer in time",
        UnknownWhy::Broken => "the connection broke",
        UnknownWhy::ServerError => "the gateway has an error of its own (5xx)",
        UnknownWhy::TooManyRequests => "too many requests (429)",
        UnknownWhy::BackendError => "the gateway could not reach the wallet (backend_error)",
        UnknownWhy::BadBody => "its body cannot be read",
        UnknownWhy::Foreign => "it is about something else",
        UnknownWhy::Refused => "refused for now",
        UnknownWhy::Missing => "the charge is not found",
        UnknownWhy::WrongAmount => "another amount than asked for",
        UnknownWhy::TooMany => "too much to look through",
        UnknownWhy::NotSent => "the request was not sent",
    }
}
