//! Giving money back: the refund object and the rules for making one.

use serde_json::{Map, Value, json};

use super::charge::{Charge, REFUND_WINDOW, REFUNDS_MAX, Status};
use super::parameters::Parameters;
use super::reply::ApiError;
use crate::sandbox::moment::Moment;

/// Money given back, all or part of a charge.
#[derive(Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) charge_id: String,
    pub(crate) transaction: String,
    /// Satang.
    pub(crate) amount: i64,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) created_at: Moment,
}

impl Refund {
    /// The refund as the API shows it.
    pub(crate) fn to_json(&self, currency: &str) -> Value {
        json!({
            "object": "refund",
            "id": self.id,
            "location": format!("/charges/{}/refunds/{}", self.charge_id, self.id),
            "livemode": false,
            "voided": false,
            "currency": currency,
            "amount": self.amount,
            "metadata": self.metadata,
            "charge": self.charge_id,
            "capture": null,
            "terminal": null,
            "transaction": self.transaction,
            "status": "closed",
            "funding_amount": self.amount,
            "funding_currency": currency,
            "created_at": self.created_at.to_string(),
            "acquirer_reference_number": null,
            "approval_code": null,
        })
    }
}

/// How much is to be given back of a charge, if the rules allow it.
pub(crate) fn refund_amount(
    charge: &Charge,
    now: Moment,
    parameters: &Parameters,
) -> Result<i64, ApiError> {
    if parameters.flag("void") {
        return Err(ApiError::bad("failed_void", "void is not supported for this charge"));
    }
    let amount = parameters.integer("amount").map_err(|_| failed("amount is not a number"))?;
    let amount = amount.ok_or_else(|| failed("amount is not a number"))?;
    if amount < 1 {
        return Err(failed("amount must be greater than or equal to 1 (thb subunits)"));
    }
    if charge.status != Status::Successful {
        return Err(failed("charge is not paid"));
    }
    let paid_at = charge.paid_at.unwrap_or(charge.created_at);
    if now.since(paid_at) > REFUND_WINDOW {
        return Err(failed("charge is older than 90 days"));
    }
    if charge.refunds.len() >= REFUNDS_MAX {
        return Err(failed("charge already has 15 refunds"));
    }
    if amount > charge.money_moved() {
        return Err(failed("amount is more than what is left of the charge"));
    }
    Ok(amount)
}

/// The code is documented, its messages are not.
fn failed(message: &str) -> ApiError {
    ApiError::bad("failed_refund", message)
}
