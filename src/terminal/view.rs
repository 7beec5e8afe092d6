//! What everybody outside may see of a sale: the till, the screen, hooks, the command line. No
//! secrets.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::id::{AttemptId, ChargeId, Reference};
use super::outcome::Outcome;
use super::record::StopWhy;
use super::refund::RefundView;
use crate::code::{Wallet, Warning};
use crate::money::Amount;

/// A sale as programs read it. Field names are the local API's, and stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleView {
    /// The shop's name for the sale.
    pub reference: Reference,
    /// Baht as text, `150.00`.
    pub amount: Amount,
    /// `THB`.
    pub currency: Cow<'static, str>,
    /// Where it stands.
    pub state: State,
    /// How it ended; null while it is open; `unknown` where that had to be told.
    pub outcome: Option<Outcome>,
    /// Opn's charge of the last attempt.
    pub charge_id: Option<ChargeId>,
    /// Why the last attempt was declined or not created, as the gateway calls it.
    pub failure_code: Option<String>,
    /// Whose code was scanned.
    pub wallet: Option<Wallet>,
    /// The scanned code's mask, `13…93 len=18`.
    pub code: Option<String>,
    /// What was unusual about the code.
    pub warning: Option<Warning>,
    /// Our name for the last attempt, as in the charge's metadata.
    pub attempt: Option<AttemptId>,
    /// How many attempts there were.
    pub attempts: usize,
    /// Why the attempt under way is being closed, if it is.
    pub stop: Option<StopWhy>,
    /// The cashier freed the terminal while the sale was unknown.
    pub detached: bool,
    /// Money came in after "not paid" was told: a person must look.
    pub late_success: bool,
    /// Somebody has seen the result.
    pub acknowledged: bool,
    /// Baht as text: what went back to the customer so far, as the gateway last said, whoever gave
    /// it back.
    #[serde(default)]
    pub refunded: Amount,
    /// The refunds that were asked for here, oldest first.
    #[serde(default)]
    pub refunds: Vec<RefundView>,
}

/// Where a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Ready to take a code.
    Armed,
    /// The create is under way.
    Creating,
    /// The charge is pending: the customer confirms on the phone.
    AwaitingCustomer,
    /// The create's answer was lost: the charge is being looked up. Nothing is proven.
    Resolving,
    /// The deadline passed or somebody cancelled: the charge is being expired and read back.
    Stopping,
    /// It has its outcome.
    Closed,
}

impl SaleView {
    /// Whether the till can stop waiting: the sale is final, or the cashier detached it, and no
    /// refund is under way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let refunded = self.refunds.iter().all(|refund| refund.state.is_final());
        (self.state == State::Closed || self.detached) && refunded
    }
}
