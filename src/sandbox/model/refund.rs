//! Giving money back: the refund object and the rules for making one.

use serde_json::{Map, Value, json};

use super::agenda::Change;
use super::charge::{Charge, REFUNDS_MAX, Status};
use super::event::Subject;
use super::{ApiError, Model, Parameters, Reply, order};
use crate::sandbox::moment::{Moment, new_id};
use crate::sandbox::script::{Admission, Elsewhere, Refunds, Seen};

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
    /// `metadata.refund`: the client's own name for it, where it gave one.
    pub(crate) fn own_name(&self) -> Option<String> {
        self.metadata.get("refund")?.as_str().map(str::to_owned)
    }

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

/// What a refund call asks for, once the rules allow it.
#[derive(Clone)]
pub(crate) struct RefundOrder {
    charge_id: String,
    /// Satang.
    amount: i64,
    metadata: Map<String, Value>,
}

impl Model {
    /// `POST /charges/:id/refunds`. As with charges, no idempotency key is known.
    pub fn refund(&mut self, now: Moment, id: &str, parameters: &Parameters) -> Reply {
        self.begin(now, "refund");
        let now = self.now;
        let read = self.find(id).and_then(|charge| {
            let order = RefundOrder::read(charge, now, parameters)?;
            charge.refund_calls = charge.refund_calls.saturating_add(1);
            Ok((order, charge.refund_admission()))
        });
        let (order, admission) = match read {
            Ok(read) => read,
            Err(error) => return error.into(),
        };
        let speed = self.settings.speed;
        match admission {
            Admission::Made(seen) => self.refund_seen(order, seen),
            Admission::Refused(refusal) => Reply::refused(refusal),
            Admission::Swallowed { hold } => Reply::held(speed.scale(hold)),
            Admission::Delayed { after, hold } => {
                let at = self.now.plus(speed.scale(after));
                self.agenda.plan(at, Change::Refund(Box::new(order)));
                Reply::held(speed.scale(hold))
            }
        }
    }

    /// Gives back what was asked for, unless the rules have come to forbid it.
    pub(super) fn refund_if_allowed(&mut self, order: RefundOrder) -> Option<Value> {
        let now = self.now;
        let charge = self.charges.get(&order.charge_id)?;
        check(charge, now, order.amount).ok()?;
        let refund = Refund {
            id: new_id("rfnd", now, &mut self.random),
            charge_id: order.charge_id,
            transaction: new_id("trxn", now, &mut self.random),
            amount: order.amount,
            metadata: order.metadata,
            created_at: now,
        };
        let id = refund.charge_id.clone();
        let charge = self.charges.get_mut(&id)?;
        charge.refunds.push(refund.clone());
        let currency = charge.order.currency.clone();
        let json = refund.to_json(&currency);
        self.announce("refund.create", &id, Subject::Refund(Box::new(refund), currency));
        self.index_later(&id);
        Some(json)
    }

    /// Plans what somebody at Opn's dashboard does with a charge that has just been paid.
    pub(super) fn plan_refunds_elsewhere(&mut self, id: &str) {
        let charge = self.charges.get(id).filter(|charge| charge.status == Status::Successful);
        let Some(elsewhere) = charge.and_then(|charge| charge.script.elsewhere) else {
            return;
        };
        if elsewhere.after.is_zero() {
            return self.refund_elsewhere(id, elsewhere);
        }
        let at = self.now.plus(self.settings.speed.scale(elsewhere.after));
        self.agenda.plan(at, Change::RefundElsewhere(id.to_owned(), elsewhere));
    }

    /// Gives money back as often as asked, each time this part of the charge or what is left.
    pub(super) fn refund_elsewhere(&mut self, id: &str, elsewhere: Elsewhere) {
        for _ in 0..elsewhere.times {
            let Some(charge) = self.charges.get(id) else { return };
            let part = charge.order.amount.saturating_mul(elsewhere.percent) / 100;
            let amount = part.min(charge.money_moved());
            let metadata = Map::new();
            self.refund_if_allowed(RefundOrder { charge_id: id.to_owned(), amount, metadata });
        }
    }

    /// Gives money back, and shows as much of it as the client is to see.
    fn refund_seen(&mut self, order: RefundOrder, seen: Seen) -> Reply {
        let Some(mut json) = self.refund_if_allowed(order) else {
            return ApiError::failed_refund("charge cannot be refunded").into();
        };
        if seen == Seen::Foreign {
            let charge_id = new_id("chrg", self.now, &mut self.random);
            let id = new_id("rfnd", self.now, &mut self.random);
            json["location"] = json!(format!("/charges/{charge_id}/refunds/{id}"));
            json["id"] = json!(id);
            json["charge"] = json!(charge_id);
            json["metadata"] = json!({});
        }
        Reply::ok(&json).seen_as(seen, self.settings.speed)
    }
}

impl RefundOrder {
    fn read(charge: &Charge, now: Moment, parameters: &Parameters) -> Result<Self, ApiError> {
        if parameters.flag("void") {
            return Err(ApiError::bad("failed_void", "void is not supported for this charge"));
        }
        let Ok(Some(amount)) = parameters.integer("amount") else {
            return Err(ApiError::failed_refund("amount is not a number"));
        };
        let metadata = order::metadata(parameters)?.unwrap_or_default();
        check(charge, now, amount)?;
        Ok(Self { charge_id: charge.id.clone(), amount, metadata })
    }
}

impl Charge {
    /// What becomes of the refund call that has just been counted.
    const fn refund_admission(&self) -> Admission {
        match self.script.refunds {
            Refunds::Always(admission) => admission,
            Refunds::First(admission) if self.refund_calls == 1 => admission,
            Refunds::First(_) | Refunds::Plain | Refunds::TooLate | Refunds::WholeOnly => {
                Admission::Made(Seen::Whole)
            }
        }
    }
}

/// Whether the rules allow so much to be given back of a charge now (S9).
fn check(charge: &Charge, now: Moment, amount: i64) -> Result<(), ApiError> {
    let refused = |message| Err(ApiError::failed_refund(message));
    if amount < 1 {
        return refused("amount must be greater than or equal to 1 (thb subunits)");
    }
    if charge.status != Status::Successful {
        return refused("charge is not paid");
    }
    if !charge.is_in_refund_window(now) {
        return refused("charge is older than 90 days");
    }
    if charge.refunds.len() >= REFUNDS_MAX {
        return refused("charge already has 15 refunds");
    }
    if amount > charge.money_moved() {
        return refused("amount is more than what is left of the charge");
    }
    if charge.script.refunds == Refunds::WholeOnly && amount != charge.order.amount {
        return refused("charge can be refunded in full only");
    }
    Ok(())
}
