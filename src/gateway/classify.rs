//! What an exchange with the gateway proves: the one table from what was asked, how the connection
//! fared, the HTTP status, the error code and the body to a [`Reply`]. Pure, and no other place in
//! the crate reads a status.
//!
//! | what came back | what it proves |
//! |---|---|
//! | the connection was never made | nothing was sent: no effect |
//! | no answer in time; a connection that broke later | nothing |
//! | 200 with the object asked for | what the object says |
//! | 404 `not_found` to a question about one charge | it is not there |
//! | 400, 401, 403, 404, 422 or another 4xx with Opn's error body | refused: no effect |
//! | … but 408, 409, 423, 425, 429, 499, or `backend_error` | nothing: it may still happen, or have happened |
//! | 5xx | nothing |
//! | anything else: HTML, cut off JSON, a redirect, 201, 200 with an error | nothing |

use std::time::Duration;

use zeroize::Zeroizing;

use super::Failure;
use super::wire::{self, Account};
use crate::money::CURRENCY;
use crate::terminal::{ChargeId, MadeRefund, RefundOrder, Reply, UnknownWhy};

/// What was asked, as far as it matters to what the answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// The newest charge.
    Warm,
    /// A create.
    Create,
    /// A `GET` of this charge.
    Get(&'a ChargeId),
    /// To expire this charge.
    Expire(&'a ChargeId),
    /// To make this refund.
    Refund(&'a RefundOrder),
    /// Every refund of this charge.
    Refunds(&'a ChargeId),
}

/// How an exchange went.
#[derive(Debug)]
pub enum Exchange {
    /// The connection never carried the request.
    NotSent {
        /// What failed, for the operator.
        cause: String,
    },
    /// The time was over, at whatever point.
    TimedOut,
    /// The connection broke after the request may have left.
    Broken,
    /// An answer came back, whole.
    Answered(Answer),
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// How long the gateway asked us to stay away.
    pub retry_after: Option<Duration>,
    /// None where it was larger than the client reads. It may echo the payment code, hence is
    /// wiped.
    pub body: Option<Zeroizing<Vec<u8>>>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, retry_after, body: _ } = self;
        write!(formatter, "Answer({status} retry_after={retry_after:?})")
    }
}

/// What an exchange proves to one who asked `asked`.
pub fn classify(asked: Asked<'_>, exchange: &Exchange) -> Reply {
    match (success(exchange), asked) {
        (_, Asked::Refund(order)) => {
            classify_refund(order, exchange).map_or_else(Reply::from, Reply::Refund)
        }
        (_, Asked::Refunds(charge)) => {
            classify_refunds(charge, exchange).map_or_else(Reply::from, Reply::Refunds)
        }
        (Ok(body), Asked::Warm) => warm(body),
        (Ok(body), Asked::Create) => charge(body, None),
        (Ok(body), Asked::Get(id) | Asked::Expire(id)) => charge(body, Some(id)),
        // Only what was asked by its id can be absent. A create that meets a 404 was refused.
        (Err(Failure::Refused(rejection)), Asked::Get(_) | Asked::Expire(_))
            if status(exchange) == Some(404) && rejection.code == "not_found" =>
        {
            Reply::Absent
        }
        (Err(failure), _) => failure.into(),
    }
}

/// The account that an exchange proves to one who asked for it.
///
/// # Errors
///
/// Where the gateway refuses the key, was not reached or cannot be understood.
pub fn classify_account(exchange: &Exchange) -> Result<Account, Failure> {
    wire::account(success(exchange)?).ok_or(Failure::unknown(UnknownWhy::BadBody))
}

/// The refund that an exchange proves to one who ordered `order`.
///
/// # Errors
///
/// After [`Failure::Unknown`] the refund may exist.
pub fn classify_refund(order: &RefundOrder, exchange: &Exchange) -> Result<MadeRefund, Failure> {
    let refund = wire::refund(success(exchange)?);
    let refund = refund.ok_or(Failure::unknown(UnknownWhy::BadBody))?;
    if refund.charge != order.charge || refund.own.as_ref() != Some(&order.id) {
        return Err(Failure::unknown(UnknownWhy::Foreign));
    }
    if refund.amount_satang != order.amount.satang() || refund.currency != CURRENCY {
        return Err(Failure::unknown(UnknownWhy::WrongAmount));
    }
    Ok(refund)
}

/// Every refund that `charge` has, as an exchange proves to one who asked for them.
///
/// # Errors
///
/// Also where one of them cannot be read, or not all are listed: what is not in the result does not
/// exist.
pub fn classify_refunds(
    charge: &ChargeId,
    exchange: &Exchange,
) -> Result<Vec<MadeRefund>, Failure> {
    let bad_body = || Failure::unknown(UnknownWhy::BadBody);
    let list = wire::refunds(success(exchange)?).ok_or_else(bad_body)?;
    let refunds = list.whole().ok_or_else(bad_body)?;
    if refunds.iter().any(|refund| refund.charge != *charge) {
        return Err(Failure::unknown(UnknownWhy::Foreign));
    }
    Ok(refunds)
}

/// The body of a success; what it says is not looked into.
pub(super) fn success(exchange: &Exchange) -> Result<&[u8], Failure> {
    let answer = match exchange {
        Exchange::NotSent { cause } => return Err(Failure::NotSent { cause: cause.clone() }),
        Exchange::TimedOut => return Err(Failure::unknown(UnknownWhy::TimedOut)),
        Exchange::Broken => return Err(Failure::unknown(UnknownWhy::Broken)),
        Exchange::Answered(answer) => answer,
    };
    let unknown = |why| Failure::Unknown { why, retry_after: answer.retry_after };
    match (answer.status, &answer.body) {
        (200, Some(body)) => return Ok(body),
        (429, _) => return Err(unknown(UnknownWhy::TooManyRequests)),
        (500..=599, _) => return Err(unknown(UnknownWhy::ServerError)),
        // The request's time is over, or it was given up: by whom, and how far it got, nobody says.
        (408 | 499, _) => return Err(unknown(UnknownWhy::TimedOut)),
        (_, _) => {}
    }
    match (answer.status, answer.body.as_deref().and_then(|body| wire::rejection(body))) {
        (400..=499, Some(rejection)) if rejection.code == "backend_error" => {
            Err(unknown(UnknownWhy::BackendError))
        }
        // In conflict with, locked by, or too early for another request, which may be this one's
        // first half.
        (409 | 423 | 425, Some(_)) => Err(unknown(UnknownWhy::Refused)),
        (400..=499, Some(rejection)) => Err(Failure::Refused(rejection)),
        (_, _) => Err(unknown(UnknownWhy::BadBody)),
    }
}

fn status(exchange: &Exchange) -> Option<u16> {
    match exchange {
        Exchange::Answered(answer) => Some(answer.status),
        Exchange::NotSent { .. } | Exchange::TimedOut | Exchange::Broken => None,
    }
}

fn charge(body: &[u8], asked: Option<&ChargeId>) -> Reply {
    match wire::charge(body) {
        Some(charge) if asked.is_none_or(|asked| *asked == charge.id) => Reply::Charge(charge),
        Some(_) => Failure::unknown(UnknownWhy::Foreign).into(),
        None => Failure::unknown(UnknownWhy::BadBody).into(),
    }
}

/// A newest charge whose time cannot be read would start a look-up too late, so that it is no
/// answer.
fn warm(body: &[u8]) -> Reply {
    let Some(list) = wire::charges(body).filter(wire::List::is_newest_first) else {
        return Failure::unknown(UnknownWhy::BadBody).into();
    };
    match list.entries().next().map(wire::ChargeBody::created_at) {
        None => Reply::Warm { newest: None },
        Some(Some(newest)) => Reply::Warm { newest: Some(newest) },
        Some(None) => Failure::unknown(UnknownWhy::BadBody).into(),
    }
}

#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod tests;
