//! What is written to the journal: facts, in the order they happened. The durable part of a
//! [`Sale`] is nothing but the sum of its records, while it runs and after a restart alike (D5).
//!
//! [`Sale`]: super::sale::Sale

use serde::{Deserialize, Serialize};

use super::id::{AttemptId, ChargeId, GatewayTime, Reference, RefundId};
use super::outcome::Outcome;
use super::refund::RefundOutcome;
use crate::code::{Wallet, Warning};
use crate::money::Amount;

/// One fact about one sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The sale it is about.
    pub reference: Reference,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What can happen to a sale. New kinds and new optional fields may be added; what is here keeps
/// its meaning for ever, because journals of old versions are read (O5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The till made the terminal ready to take a code.
    Armed {
        /// What the shop wants paid.
        amount: Amount,
    },
    /// The sale ended before a code was scanned: cancelled, or its lease lapsed.
    Disarmed {
        /// `cancelled` or `expired`.
        outcome: Outcome,
    },
    /// A code was accepted. On disk before the create is sent (D1). Never holds the code (P2).
    AttemptStarted {
        /// Our name for the attempt.
        attempt: AttemptId,
        /// Whose code it is.
        wallet: Wallet,
        /// The code's mask, `13…93 len=18`.
        mask: String,
        /// The newest charge the gateway listed before the attempt: where a look-up may stop.
        since: Option<GatewayTime>,
        /// What was unusual about the code, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<Warning>,
    },
    /// The create's answer proved nothing: the charge is looked up from here on, the create never
    /// repeated (S8).
    AnswerLost {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The attempt's charge is known.
    ChargeKnown {
        /// Which attempt.
        attempt: AttemptId,
        /// Its charge.
        charge: ChargeId,
    },
    /// The attempt is to be closed: the cashier cancelled, or the deadline passed.
    StopAsked {
        /// Which attempt.
        attempt: AttemptId,
        /// Who wants it closed.
        why: StopWhy,
    },
    /// The attempt is still open after its deadline: *unknown* was told.
    DeclaredUnknown {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The cashier freed the terminal; the attempt keeps resolving in the background.
    Detached {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The attempt has its outcome. On disk before anything final is shown (D2).
    AttemptClosed {
        /// Which attempt.
        attempt: AttemptId,
        /// How it ended.
        outcome: Outcome,
        /// The gateway's failure or error code, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure_code: Option<String>,
        /// Whether the gateway could still turn it: it goes on the watch list.
        watch: bool,
    },
    /// A look of the watch after an unpaid close found nothing new.
    Watched {
        /// Which attempt.
        attempt: AttemptId,
        /// How many looks of the schedule are done.
        looks: usize,
    },
    /// The last look of the watch is done: the gateway will not turn the charge any more.
    WatchEnded {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// A charge turned `successful` after the customer was told "not paid" (S6).
    LateSuccess {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The shop wants money of a paid charge back to the customer. Nothing was sent.
    RefundAsked {
        /// The shop's name for it.
        refund: Reference,
        /// Our name for it.
        id: RefundId,
        /// Whose charge gives it back.
        attempt: AttemptId,
        /// How much; `None` for all that is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Amount>,
        /// Why, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The refund goes out. On disk before it does (D1); from here on it may have been made.
    RefundSent {
        /// Which refund.
        refund: Reference,
        /// How much.
        amount: Amount,
    },
    /// The refund's answer proved nothing: it is looked up, and never repeated (S9).
    RefundUnknown {
        /// Which refund.
        refund: Reference,
    },
    /// The refund was made or was not. One that was believed not made may be found made later.
    RefundClosed {
        /// Which refund.
        refund: Reference,
        /// How it ended.
        outcome: RefundOutcome,
        /// Opn's name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund_id: Option<String>,
        /// Why it was not made: the gateway's code or ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure_code: Option<String>,
    },
    /// The gateway says that so much of the charge went back in all, whoever did that.
    GivenBack {
        /// Whose charge.
        attempt: AttemptId,
        /// How much.
        amount: Amount,
    },
    /// Somebody has seen the result (or the late success).
    Acknowledged,
    /// Nothing is left to do or to show for the sale: a restart does not read it.
    Settled,
}

/// Why an attempt is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopWhy {
    /// Its time is over.
    Deadline,
    /// The cashier or the till asked.
    Cancel,
}
