//! A refund: money of a paid charge that the shop gives back. What is asked for is on record, the
//! charge is read, the refund goes out once (D1), and one whose answer was lost is looked up in the
//! charge's own list and never repeated (S9). Here is what is durable about it, and how it is told.
//!
//! ```text
//!  asked ──charge read, allowed──▶ sent ──answered──▶ refunded, refused
//!    │ not allowed                   │ answer lost         ▲
//!    └────────────▶ refused          └──▶ unknown ──listed, or absent for a whole quarantine
//! ```
//!
//! | file | what it decides |
//! |---|---|
//! | [`order`] | what may be asked to go back |
//! | [`reading`] | how much went back of a charge, and whether one that is asked for goes out |
//! | [`course`] | what became of one that went out |
//!
//! A refund travels on the one line to the gateway that its attempt has: the attempt is closed, so
//! that nothing else wants it, and no two refunds of one charge are ever under way.

mod course;
mod order;
mod reading;

use serde::{Deserialize, Serialize};

use super::id::{AttemptId, Reference, RefundId};
use super::record::Fact;
use crate::money::Amount;

/// What the shop wants given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundWish {
    /// The shop's own name for the refund, unique within the sale: the same one is the same refund.
    pub refund: Reference,
    /// Our name for it, should it be a new one: drawn by the shell, the core throws no dice.
    pub id: RefundId,
    /// How much; `None` for all that is left.
    pub amount: Option<Amount>,
    /// Why, for people.
    pub reason: Option<String>,
}

/// A refund that was asked for. Changes only by [`Refund::apply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refund {
    pub reference: Reference,
    pub id: RefundId,
    /// Whose charge gives the money back.
    pub attempt: AttemptId,
    /// How much was asked for; `None` for all that is left.
    pub asked: Option<Amount>,
    pub reason: Option<String>,
    /// How much was sent for; with it the request may be out.
    pub sent: Option<Amount>,
    /// Its answer proved nothing.
    pub unknown: bool,
    pub end: Option<RefundOutcome>,
    /// Opn's name for it.
    pub made: Option<String>,
    /// Why it was refused.
    pub code: Option<String>,
    /// Its end was announced: the sale was settled since.
    pub told: bool,
}

/// How a refund ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundOutcome {
    /// The money went back.
    Refunded,
    /// It did not.
    Refused,
}

/// A refund as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// The shop's name for the refund.
    pub refund: Reference,
    /// Where it stands.
    pub state: RefundState,
    /// Baht as text; null while it is not known how much is left to give back.
    pub amount: Option<Amount>,
    /// Opn's name for it, `rfnd_…`.
    pub refund_id: Option<String>,
    /// Our name for it, as in its metadata at Opn.
    pub id: RefundId,
    /// The attempt whose charge gives the money back.
    pub attempt: AttemptId,
    /// Why it was refused.
    pub failure_code: Option<String>,
    /// What the shop said why it gives the money back.
    pub reason: Option<String>,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// On record; its charge is being read. Nothing was sent.
    Asked,
    /// It is being made.
    Sent,
    /// The answer was lost: it is looked up, and not repeated (S9).
    Unknown,
    /// The money went back.
    Refunded,
    /// It did not.
    Refused,
}

impl RefundState {
    /// The word that programs read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Refunded => "refunded",
            Self::Refused => "refused",
        }
    }

    /// Whether nothing more is done about it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Refunded | Self::Refused => true,
            Self::Asked | Self::Sent | Self::Unknown => false,
        }
    }
}

impl Refund {
    /// A refund whose record was just written; `None` for any other record.
    pub fn asked(fact: &Fact) -> Option<Self> {
        let Fact::RefundAsked { refund, id, attempt, amount, reason } = fact else { return None };
        Some(Self {
            reference: refund.clone(),
            id: id.clone(),
            attempt: attempt.clone(),
            asked: *amount,
            reason: reason.clone(),
            sent: None,
            unknown: false,
            end: None,
            made: None,
            code: None,
            told: false,
        })
    }

    /// Takes one fact about this refund into account.
    pub fn apply(&mut self, fact: &Fact) {
        if let Fact::RefundSent { amount, .. } = fact {
            self.sent = Some(*amount);
        }
        if let Fact::RefundUnknown { .. } = fact {
            self.unknown = true;
        }
        if let Fact::RefundClosed { outcome, refund_id, failure_code, .. } = fact {
            self.end = Some(*outcome);
            self.made.clone_from(refund_id);
            self.code.clone_from(failure_code);
            self.told = false;
        }
    }

    /// Whether something is left to do about it.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Where it stands.
    pub fn state(&self) -> RefundState {
        match (self.end, self.sent) {
            (Some(RefundOutcome::Refunded), _) => RefundState::Refunded,
            (Some(RefundOutcome::Refused), _) => RefundState::Refused,
            (None, Some(_)) if self.unknown => RefundState::Unknown,
            (None, Some(_)) => RefundState::Sent,
            (None, None) => RefundState::Asked,
        }
    }

    /// The refund as everybody outside sees it.
    pub fn view(&self) -> RefundView {
        RefundView {
            refund: self.reference.clone(),
            state: self.state(),
            amount: self.sent.or(self.asked),
            refund_id: self.made.clone(),
            id: self.id.clone(),
            attempt: self.attempt.clone(),
            failure_code: self.code.clone(),
            reason: self.reason.clone(),
        }
    }
}
