//! What a terminal wants done. Effects are orders, carried out one at a time and in order.

use serde::{Deserialize, Serialize};

use super::Reference;
use super::feedback::Feedback;
use super::input::Token;
use super::outcome::Outcome;
use super::policy::Limits;
use super::record::Record;
use super::refund::RefundView;
use super::request::{Request, RequestId};
use super::screen::Frame;
use super::view::SaleView;
use crate::money::Amount;

/// One order to the shell.
#[derive(Debug)]
pub enum Effect {
    /// Write these records, all or none, and have them on disk before the next effect (D1, D2). A
    /// failure ends the process (D4).
    Persist(Vec<Record>),
    /// Send a request; its reply comes back as [`Input::Replied`](super::Input::Replied).
    Send(RequestId, Request),
    /// Answer a command.
    Answer(Token, Result<SaleView, Refusal>),
    /// Show this at the counter, until the next one.
    Show(Frame),
    /// Tell scanner and cashier what became of a scan, or why a key was refused.
    Feedback(Feedback),
    /// Tell hooks, till and event stream.
    Announce(Announcement),
}

/// Something that happened to a sale, for hooks and the event stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// What happened.
    pub event: Event,
    /// It was announced before (a restart, or a reprint): paper must say DUPLICATE.
    pub repeated: bool,
    /// The sale as it is now.
    pub sale: SaleView,
    /// The refund that it is about, if it is about one.
    pub refund: Option<RefundView>,
}

/// What can be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Paid.
    Paid,
    /// Declined by the wallet.
    Declined,
    /// Nobody paid in time.
    Expired,
    /// Cancelled before anybody paid.
    Cancelled,
    /// No charge was made.
    NotCreated,
    /// Not known: do not hand out the goods, do not pay again.
    Unknown,
    /// A sale that was announced as unknown has its outcome now.
    Resolved,
    /// Money came in after "not paid" was told.
    LateSuccess,
    /// Money went back to the customer.
    Refunded,
    /// A refund was not made.
    RefundRefused,
    /// Whether a refund was made is not known; it is looked up, not repeated.
    RefundUnknown,
}

impl Event {
    /// Every event, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Paid,
        Self::Declined,
        Self::Expired,
        Self::Cancelled,
        Self::NotCreated,
        Self::Unknown,
        Self::Resolved,
        Self::LateSuccess,
        Self::Refunded,
        Self::RefundRefused,
        Self::RefundUnknown,
    ];

    /// The word that hooks and configuration use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::NotCreated => "not_created",
            Self::Unknown => "unknown",
            Self::Resolved => "resolved",
            Self::LateSuccess => "late_success",
            Self::Refunded => "refunded",
            Self::RefundRefused => "refund_refused",
            Self::RefundUnknown => "refund_unknown",
        }
    }
}

impl From<Outcome> for Event {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Paid => Self::Paid,
            Outcome::Declined => Self::Declined,
            Outcome::Expired => Self::Expired,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::NotCreated => Self::NotCreated,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

/// Why a command was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One customer at a time.
    #[error("the terminal is busy with sale {0}: finish, cancel or detach it first")]
    Busy(Reference),
    /// The reference belongs to another sale.
    #[error("reference {reference} was used for {used} THB, not {asked} THB")]
    AmountDiffers {
        /// The reference.
        reference: Reference,
        /// The amount it was used with.
        used: Amount,
        /// The amount asked for now.
        asked: Amount,
    },
    /// Outside what the wallets take.
    #[error("{amount} THB is outside the limits: {} to {} THB", limits.min, limits.max)]
    OutsideLimits {
        /// The amount asked for.
        amount: Amount,
        /// What would be taken.
        limits: Limits,
    },
    /// No wallet is enabled in the configuration.
    #[error("no wallet is enabled in the configuration")]
    NoWallet,
    /// The gateway's key is missing.
    #[error("no secret key is configured: no sale can be taken and no money given back")]
    NoKey,
    /// Too much is unresolved (D6, O3).
    #[error("{0} sales are unsettled: look at them before taking or giving back more")]
    TooManyUnsettled(usize),
    /// Too many tries for one sale (O3).
    #[error("sale {0} was tried too often: use another reference")]
    TooManyAttempts(Reference),
    /// Nobody armed such a sale.
    #[error("there is no sale {0}")]
    NoSuchSale(Reference),
    /// The sale has its outcome.
    #[error("sale {0} is closed: {1}")]
    Closed(Reference, Outcome),
    /// It has no final outcome that could be acknowledged, or after which another attempt may begin
    /// (S8).
    #[error("sale {0} has no final outcome yet: wait for it")]
    Unresolved(Reference),
    /// Money came in late: another attempt would take it twice (S2).
    #[error("sale {0} was paid late: acknowledge it, do not charge again")]
    PaidLate(Reference),
    /// No money came in for it that could go back.
    #[error("sale {0} is not known to be paid: there is nothing that could be given back now")]
    NotPaid(Reference),
    /// More than the charge holds.
    #[error("{asked} THB is more than the {left} THB that are left of sale {reference}")]
    MoreThanLeft {
        /// The sale.
        reference: Reference,
        /// What was asked for.
        asked: Amount,
        /// What is left to give back.
        left: Amount,
    },
    /// A refund of nothing, or of a sale that all went back of.
    #[error("nothing of sale {0} is left to give back, or nothing was asked for")]
    NothingToRefund(Reference),
    /// The refund's name belongs to another refund of the sale.
    #[error("refund {0} of sale {1} was asked for with another amount")]
    RefundDiffers(Reference, Reference),
    /// One refund of a charge at a time (S9).
    #[error("refund {0} of sale {1} is under way: wait for it")]
    RefundUnderWay(Reference, Reference),
    /// Too many refunds were asked for (O3).
    #[error("sale {0} was asked for too many refunds")]
    TooManyRefunds(Reference),
    /// Detaching is for sales that cannot be resolved now.
    #[error("sale {0} is in progress and nothing is unknown about it: cancel it instead")]
    NotInTrouble(Reference),
}

impl Refusal {
    /// The word that programs read.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy(_) => "busy",
            Self::AmountDiffers { .. } => "amount_differs",
            Self::OutsideLimits { .. } => "outside_limits",
            Self::NoWallet => "no_wallet",
            Self::NoKey => "no_key",
            Self::TooManyUnsettled(_) => "too_many_unsettled",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::NoSuchSale(_) => "no_such_sale",
            Self::Closed(..) => "closed",
            Self::Unresolved(_) => "unresolved",
            Self::PaidLate(_) => "paid_late",
            Self::NotPaid(_) => "not_paid",
            Self::MoreThanLeft { .. } => "more_than_left",
            Self::NothingToRefund(_) => "nothing_to_refund",
            Self::RefundDiffers(..) => "refund_differs",
            Self::RefundUnderWay(..) => "refund_under_way",
            Self::TooManyRefunds(_) => "too_many_refunds",
            Self::NotInTrouble(_) => "not_in_trouble",
        }
    }
}
