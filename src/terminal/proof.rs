//! Evidence. Nothing shows an outcome without a [`PaidProof`] or a [`NoMoneyProof`], no refund one
//! without a [`RefundProof`] or a [`NoRefundProof`], and only the
//! functions in this file make them: `grep proof::` finds every place that can.

use std::time::Duration;

use super::id::{AttemptId, ChargeId, RefundId};
use super::reply::{Charge, MadeRefund, Rejection, Status};
use crate::clock::Moment;
use crate::money::{Amount, CURRENCY};

/// The gateway itself said that this attempt's charge is paid, for this amount (S4).
#[derive(Debug)]
pub struct PaidProof {
    charge: ChargeId,
}

impl PaidProof {
    /// The charge that is paid.
    #[must_use]
    pub fn charge(&self) -> &ChargeId {
        &self.charge
    }
}

/// This attempt (or this sale without an attempt) holds no money of the customer's (S3).
#[derive(Debug)]
pub struct NoMoneyProof(());

impl NoMoneyProof {
    /// No request was ever made for the sale, so that nothing can have moved.
    pub(super) fn nothing_was_sent() -> Self {
        Self(())
    }

    /// The gateway refused the create with an error body that proves it had no effect.
    pub(super) fn refused(_: &Rejection) -> Self {
        Self(())
    }

    /// The connection never carried the create.
    pub(super) fn never_left() -> Self {
        Self(())
    }

    /// Authoritative lists did not show the charge, from the first one to one that was asked for a
    /// whole quarantine later. None while the quarantine lasts.
    pub(super) fn absent(first: Moment, last_asked: Moment, quarantine: Duration) -> Option<Self> {
        (last_asked >= first + quarantine).then_some(Self(()))
    }
}

/// The gateway itself said that a refund of ours was made (S9).
#[derive(Debug)]
pub(super) struct RefundProof {
    made: String,
}

impl RefundProof {
    /// Opn's name for it.
    pub fn made(&self) -> &str {
        &self.made
    }

    /// What `made` proves about the refund that was sent as `id`; `None` where it is another one.
    pub fn of(made: &MadeRefund, id: &RefundId) -> Option<Self> {
        (made.own.as_ref() == Some(id)).then(|| Self { made: made.id.clone() })
    }
}

/// A refund of ours was not made, and cannot be made any more (S9).
#[derive(Debug)]
pub(super) struct NoRefundProof(());

impl NoRefundProof {
    /// It was never sent.
    pub fn never_sent() -> Self {
        Self(())
    }

    /// The gateway refused it with an error body that proves it had no effect.
    pub fn refused(_: &Rejection) -> Self {
        Self(())
    }

    /// The connection never carried it.
    pub fn never_left() -> Self {
        Self(())
    }

    /// Lists of the charge's refunds did not show it, from the first one to one that was asked for
    /// a whole quarantine later. None while the quarantine lasts.
    pub fn absent(first: Moment, last_asked: Moment, quarantine: Duration) -> Option<Self> {
        (last_asked >= first + quarantine).then_some(Self(()))
    }
}

/// What a charge must be to count for an attempt.
pub(super) struct Expected<'a> {
    pub attempt: &'a AttemptId,
    pub charge: Option<&'a ChargeId>,
    pub amount: Amount,
}

/// How the charge came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A `GET` or a list: the gateway's reading of the charge.
    ReadBack,
    /// The answer to a create or an expire: believed when it says paid, read back when it says
    /// anything else.
    Answer,
}

/// What a reading of a charge proves about an attempt.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Paid, with proof.
    Paid(PaidProof),
    /// Closed unpaid, with proof.
    Unpaid(NoMoneyProof, Unpaid),
    /// Says it is closed, but must be read back before that is believed.
    ReadBack,
    /// The customer may still pay, or the status is a word we do not know.
    Open,
    /// Not this attempt's charge.
    Foreign,
    /// This attempt's charge, with another amount or currency than the sale's.
    WrongAmount,
}

impl Verdict {
    /// Whether the charge has its final status.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Paid(_) | Self::Unpaid(..) | Self::WrongAmount => true,
            Self::ReadBack | Self::Open | Self::Foreign => false,
        }
    }
}

/// How a charge ended unpaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unpaid {
    /// `failed`, with its failure code.
    Failed(Option<String>),
    /// `expired`.
    Expired,
    /// `reversed`.
    Reversed,
}

/// The one place that turns a charge into proof.
pub(super) fn verdict(charge: &Charge, expected: &Expected<'_>, evidence: Evidence) -> Verdict {
    // Metadata can be edited in Opn's dashboard; once the charge is known, its id alone names it.
    let ours = match expected.charge {
        Some(known) => *known == charge.id,
        None => charge.attempt.as_ref() == Some(expected.attempt),
    };
    if !ours {
        return Verdict::Foreign;
    }
    let right_amount =
        charge.amount_satang == expected.amount.satang() && charge.currency == CURRENCY;
    let unpaid = match charge.status {
        Status::Successful if right_amount => {
            return Verdict::Paid(PaidProof { charge: charge.id.clone() });
        }
        Status::Successful => return Verdict::WrongAmount,
        Status::Pending | Status::Unrecognised => return Verdict::Open,
        Status::Failed => Unpaid::Failed(charge.failure_code.clone()),
        Status::Expired => Unpaid::Expired,
        Status::Reversed => Unpaid::Reversed,
    };
    match evidence {
        Evidence::ReadBack => Verdict::Unpaid(NoMoneyProof(()), unpaid),
        Evidence::Answer => Verdict::ReadBack,
    }
}
