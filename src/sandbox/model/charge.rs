//! One charge: its state and what follows from it. [`charge_json`](super::charge_json) writes it
//! out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use super::order::Order;
use super::refund::Refund;
use crate::sandbox::moment::Moment;
use crate::sandbox::script::{Refunds, Script};

/// A charge as the gateway knows it.
#[derive(Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) source_id: String,
    pub(crate) document_id: String,
    pub(crate) order: Order,
    pub(crate) status: Status,
    pub(crate) failure: Option<Failure>,
    pub(crate) transaction: Option<String>,
    pub(crate) created_at: Moment,
    pub(crate) expires_at: Moment,
    pub(crate) paid_at: Option<Moment>,
    pub(crate) expired_at: Option<Moment>,
    pub(crate) reversed_at: Option<Moment>,
    /// The gateway's sweep marks charges as expired which never were: seen on failed card charges.
    pub(crate) marked_expired: bool,
    pub(crate) refunds: Vec<Refund>,
    /// How often it was asked for a refund that the rules allow.
    pub(crate) refund_calls: u32,
    /// How often it was read by its id.
    pub(crate) reads: u32,
    /// How often it was asked to expire.
    pub(crate) expire_calls: u32,
    pub(crate) script: &'static Script,
}

/// Where a charge is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody paid or refused yet.
    Pending,
    /// Paid.
    Successful,
    /// Refused; there is a failure code.
    Failed,
    /// Closed by an expire call, WeChat or the sweep.
    Expired,
    /// Taken back before it was captured.
    Reversed,
    /// A status that no documentation names; the charge is as open as a pending one.
    Unknown(&'static str),
}

/// Why a charge failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

impl Status {
    /// The word in the JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Successful => "successful",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Reversed => "reversed",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the customer may still pay in the ordinary way.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Unknown(_))
    }
}

impl Failure {
    /// The failure with this code. Only the first message is a captured one.
    pub(crate) fn of(code: &'static str) -> Self {
        let message = match code {
            "insufficient_fund" => {
                "insufficient funds in the account or the card has reached the credit limit"
            }
            "payment_expired" => "payment expired",
            "payment_rejected" => "payment rejected",
            "invalid_account" => "no valid account for the payment method",
            "failed_processing" => "failed processing",
            _ => "the payment could not be completed",
        };
        Self { code, message }
    }
}

impl Charge {
    /// Satang that were taken from the customer and not given back.
    pub(crate) fn money_moved(&self) -> i64 {
        match self.status {
            Status::Successful => self.order.amount - self.refunded_amount(),
            Status::Pending
            | Status::Failed
            | Status::Expired
            | Status::Reversed
            | Status::Unknown(_) => 0,
        }
    }

    /// Satang that were given back.
    pub(crate) fn refunded_amount(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// Whether some of it can still be given back.
    pub(crate) fn is_refundable(&self, now: Moment) -> bool {
        self.is_in_refund_window(now) && self.money_moved() > 0 && self.refunds.len() < REFUNDS_MAX
    }

    /// Whether less than all of it can be given back at a time.
    pub(crate) fn is_partially_refundable(&self, now: Moment) -> bool {
        self.is_refundable(now) && self.script.refunds != Refunds::WholeOnly
    }

    /// Whether it was paid, and not too long ago to be given back.
    pub(crate) fn is_in_refund_window(&self, now: Moment) -> bool {
        let in_time = self.paid_at.is_some_and(|paid_at| now.since(paid_at) <= REFUND_WINDOW);
        in_time && self.script.refunds != Refunds::TooLate
    }

    /// Closes the charge: the time at which it would have expired is overwritten too.
    pub(crate) fn expire(&mut self, now: Moment) {
        self.status = Status::Expired;
        self.expires_at = now;
        self.expired_at = Some(now);
    }

    pub(crate) fn location(&self) -> String {
        format!("/charges/{}", self.id)
    }

    /// A copy as somebody else's charge: another id, paid, without anything of this shop in it.
    pub(crate) fn as_foreign(&self, id: String) -> Self {
        let mut foreign = self.clone();
        foreign.id = id;
        foreign.status = Status::Successful;
        foreign.paid_at = Some(self.created_at);
        foreign.order.description = Some("Order-384".to_owned());
        let metadata = Map::from_iter([("order_id".to_owned(), json!("384"))]);
        foreign.order.metadata = Arc::new(metadata);
        foreign
    }
}

/// A charge can be given back within 90 days (Opn's guide for WeChat).
pub(crate) const REFUND_WINDOW: Duration = Duration::from_secs(90 * 86_400);
/// A charge has at most 15 refunds (Opn's page on refunding).
pub(crate) const REFUNDS_MAX: usize = 15;
