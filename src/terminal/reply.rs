//! What the gateway said, reduced to what it proves. A gateway problem is no error here, it is an
//! input.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::{AttemptId, ChargeId, GatewayTime, RefundId};

/// The answer to one request. Every request gets exactly one; the shell makes a time-out into
/// [`Reply::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The gateway's own reading of one charge.
    Charge(Charge),
    /// To a look-up: lists that cover the whole time of the attempt do not show it. To a `GET`:
    /// 404. Proof of absence only after the quarantine (S3).
    Absent,
    /// To a refund: it was made, as ordered.
    Refund(MadeRefund),
    /// Every refund that the charge has.
    Refunds(Vec<MadeRefund>),
    /// The connection is warm, and this is the newest charge that the gateway lists.
    Warm {
        /// `created_at` of the newest charge of the account, if it has one.
        newest: Option<GatewayTime>,
    },
    /// A 4xx with Opn's error body (neither `backend_error` nor 429): the request had no effect.
    Refused(Rejection),
    /// The connection never carried the request: it had no effect.
    NotSent {
        /// What failed, for the operator.
        cause: String,
    },
    /// Time-out, reset, 5xx, 429, `backend_error`, unreadable or foreign body: proves nothing (S5).
    Unknown {
        /// What happened, for the operator.
        why: UnknownWhy,
        /// How long the gateway asked us to stay away.
        retry_after: Option<Duration>,
    },
}

/// A charge as read from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Opn's id.
    pub id: ChargeId,
    /// `metadata.attempt`: which attempt of ours made it, if any.
    pub attempt: Option<AttemptId>,
    /// Satang, as the gateway says.
    pub amount_satang: i64,
    /// Upper-case currency, as the gateway says.
    pub currency: String,
    /// The one field that decides; `expired` and `expired_at` never do (they are set on paid
    /// charges too).
    pub status: Status,
    /// Why it failed, if it did.
    pub failure_code: Option<String>,
    /// What went back of it.
    pub refunds: Refunds,
}

/// What a charge says about its refunds. Fields come and go at the gateway: `None` is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refunds {
    /// Satang that went back in all.
    pub satang: Option<i64>,
    /// Whether all of it may go back.
    pub whole: Option<bool>,
    /// Whether a part of it may.
    pub part: Option<bool>,
    /// Every refund that was made of it.
    pub made: Option<Vec<MadeRefund>>,
}

/// A refund as read from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRefund {
    /// Opn's id, `rfnd_…`.
    pub id: String,
    /// The charge that it gives money back from.
    pub charge: ChargeId,
    /// `metadata.refund`: our own name for it, if it has one.
    pub own: Option<RefundId>,
    /// Satang, as the gateway says.
    pub amount_satang: i64,
    /// Upper-case currency, as the gateway says.
    pub currency: String,
    /// As the gateway says; `closed` is the only word that is documented.
    pub status: Option<String>,
}

/// `status` of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The customer may still pay.
    Pending,
    /// Paid.
    Successful,
    /// Declined; `failure_code` says why.
    Failed,
    /// Closed unpaid.
    Expired,
    /// Money given back before capture.
    Reversed,
    /// A word that is not in the gateway's documentation: proves nothing.
    Unrecognised,
}

/// Opn's error body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// `code`, such as `invalid_charge`.
    pub code: String,
    /// `message`, for the operator.
    pub message: String,
}

/// Why an answer proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownWhy {
    /// No answer within the time limit.
    TimedOut,
    /// The connection broke after the request may have left.
    Broken,
    /// 5xx.
    ServerError,
    /// 429.
    TooManyRequests,
    /// 400 `backend_error`: Opn could not reach the wallet; it may have taken the money all the
    /// same.
    BackendError,
    /// The body is no JSON, is cut off, or lacks what a charge must have.
    BadBody,
    /// The answer is about another charge than the one asked for.
    Foreign,
    /// A read or expire was refused (wrong key, say): says nothing about the charge.
    Refused,
    /// A charge of ours that the gateway answered before is not found.
    Missing,
    /// The charge's amount or currency is not the sale's (S4).
    WrongAmount,
    /// More charges to look through than a look-up may read.
    TooMany,
    /// The connection never carried this read.
    NotSent,
}

impl UnknownWhy {
    /// The same for the operator.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TimedOut => "no answer in time",
            Self::Broken => "the connection broke",
            Self::ServerError => "it is in trouble itself (5xx)",
            Self::TooManyRequests => "too many requests (429)",
            Self::BackendError => "it cannot reach the wallet (backend_error)",
            Self::BadBody => "its answer cannot be read",
            Self::Foreign => "its answer is about another charge",
            Self::Refused => "it refused",
            Self::Missing => "it does not find a charge it answered before",
            Self::WrongAmount => "the charge has another amount or currency",
            Self::TooMany => "too many charges to look through",
            Self::NotSent => "it cannot be reached",
        }
    }
}
