//! What the terminal asks of the gateway.

use super::id::{AttemptId, ChargeId, GatewayTime, Reference, RefundId};
use crate::code::PaymentCode;
use crate::money::Amount;

/// Names one request, so that its answer finds its attempt. Never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One request. The shell sends it once, waits for at most the request time-out, and hands back one
/// [`Reply`](super::Reply).
#[derive(Debug)]
pub enum Request {
    /// Open a connection and read the newest charge of the account.
    Warm,
    /// Create the charge. The only request that holds the payment code; dropping it wipes the code
    /// (P2).
    Create {
        /// Goes into `metadata.attempt` and `description`, so that the charge can be found again.
        attempt: AttemptId,
        /// Goes into `metadata.reference`, for people.
        reference: Reference,
        /// What the customer is to pay.
        amount: Amount,
        /// The customer's code.
        code: PaymentCode,
    },
    /// Read one charge.
    Get {
        /// Which.
        charge: ChargeId,
    },
    /// Look an attempt's charge up in the list, newest first.
    Find {
        /// Whose `metadata.attempt` to look for.
        attempt: AttemptId,
        /// The newest charge before the attempt: no need to look further back.
        since: Option<GatewayTime>,
    },
    /// Close a pending charge.
    Expire {
        /// Which.
        charge: ChargeId,
    },
    /// Give money back.
    Refund(RefundOrder),
    /// List the refunds of a charge.
    Refunds {
        /// Which.
        charge: ChargeId,
    },
}

/// A refund to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// The charge to give money back from.
    pub charge: ChargeId,
    /// Our own name for the refund, in its metadata, so that it can be found again.
    pub id: RefundId,
    /// How much of it.
    pub amount: Amount,
}
