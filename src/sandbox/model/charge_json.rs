//! A charge as the API of version 2019-05-29 shows it: the fields of Opn's guide and of newer
//! captures.

use serde_json::{Value, json};

use super::charge::{Charge, Status};
use super::order::Wallet;
use crate::sandbox::moment::Moment;
use crate::sandbox::script::Oddity;

impl Charge {
    /// The charge as the API shows it.
    pub(crate) fn to_json(&self, now: Moment) -> Value {
        let mut json = self.sums_json(now);
        if let (Value::Object(sums), Value::Object(states)) = (&mut json, self.states_json(now)) {
            sums.extend(states);
        }
        if self.script.oddity == Oddity::ExtraFields {
            json["loyalty"] = json!({"object": "loyalty", "points": 12, "tiers": ["gold", null]});
            json["risk_score"] = json!(0.25);
            json["source"]["wallet_region"] = json!("CN");
        }
        if self.script.oddity == Oddity::ExpiredAtWhenPaid && self.status == Status::Successful {
            json["expired_at"] = json!(self.expires_at.to_string());
        }
        json
    }

    /// Who, how much and what for.
    fn sums_json(&self, now: Moment) -> Value {
        let amount = self.order.amount;
        let fee = rounded(amount, 165, 10_000);
        let fee_vat = rounded(fee, 7, 100);
        json!({
            "object": "charge",
            "id": self.id,
            "location": self.location(),
            "amount": amount,
            "authorization_type": null,
            "authorized_amount": amount,
            "captured_amount": amount,
            "acquirer_reference_number": null,
            "net": amount - fee - fee_vat,
            "fee": fee,
            "fee_vat": fee_vat,
            "interest": 0,
            "interest_vat": 0,
            "funding_amount": amount,
            "refunded_amount": self.refunded_amount(),
            "transaction_fees": {"fee_flat": "0.0", "fee_rate": "1.65", "vat_rate": "7.0"},
            "platform_fee": {"fixed": null, "amount": null, "percentage": null},
            "currency": self.order.currency,
            "funding_currency": self.order.currency,
            "ip": null,
            "refunds": self.refunds_json(now),
            "link": null,
            "description": self.order.description,
            "metadata": &*self.order.metadata,
            "card": null,
            "source": self.source_json(),
        })
    }

    /// What became of it, and when.
    fn states_json(&self, now: Moment) -> Value {
        let refundable = self.is_refundable(now);
        let successful = self.status == Status::Successful;
        let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
        json!({
            "schedule": null,
            "linked_account": null,
            "customer": null,
            "dispute": null,
            "transaction": self.transaction,
            "failure_code": self.failure.map(|failure| failure.code),
            "failure_message": self.failure.map(|failure| failure.message),
            "merchant_advice": null,
            "merchant_advice_code": null,
            "status": self.status.word(),
            "authorize_uri": null,
            "return_uri": null,
            "created_at": self.created_at.to_string(),
            "paid_at": time(self.paid_at),
            "authorized_at": time(self.paid_at),
            "expires_at": self.expires_at.to_string(),
            "expired_at": time(self.expired_at),
            "reversed_at": time(self.reversed_at),
            "multi_capture": false,
            "zero_interest_installments": false,
            "branch": null,
            "terminal": null,
            "device": null,
            "authorized": successful || self.status == Status::Reversed,
            "capturable": false,
            "capture": true,
            "disputable": false,
            "livemode": false,
            "refundable": refundable,
            "partially_refundable": self.is_partially_refundable(now),
            "reversed": self.status == Status::Reversed,
            "reversible": false,
            "voided": false,
            "paid": successful,
            "expired": self.status == Status::Expired || self.marked_expired,
            "can_perform_void": false,
            "approval_code": null,
        })
    }

    fn refunds_json(&self, now: Moment) -> Value {
        // The embedded list is always the first page in chronological order.
        let data = self.refunds.iter().take(20).map(|refund| refund.to_json(&self.order.currency));
        json!({
            "object": "list",
            "data": data.collect::<Vec<_>>(),
            "limit": 20,
            "offset": 0,
            "total": self.refunds.len(),
            "location": format!("{}/refunds", self.location()),
            "order": "chronological",
            "from": Moment::EPOCH.to_string(),
            "to": now.to_string(),
        })
    }

    fn source_json(&self) -> Value {
        json!({
            "object": "source",
            "id": self.source_id,
            "livemode": false,
            "location": format!("/sources/{}", self.source_id),
            "amount": self.order.amount,
            "barcode": self.order.barcode.as_str(),
            "bank": null,
            "created_at": self.created_at.to_string(),
            "currency": self.order.currency,
            "email": null,
            "flow": "offline",
            "installment_term": null,
            "ip": null,
            "absorption_type": null,
            "name": null,
            "mobile_number": null,
            "phone_number": null,
            "platform_type": null,
            "scannable_code": self.scannable_code_json(),
            "qr_settings": null,
            "billing": null,
            "shipping": null,
            "items": [],
            "references": null,
            "provider_references": null,
            "store_id": self.order.store("store_id"),
            "store_name": self.order.store("store_name"),
            "terminal_id": self.order.store("terminal_id"),
            "type": self.order.wallet.word(),
            "zero_interest_installments": null,
            "charge_status": self.status.word(),
            "receipt_amount": null,
            "discounts": [],
            "promotion_code": null,
        })
    }

    /// A picture of a code comes with WeChat's charges only, and has no use.
    fn scannable_code_json(&self) -> Value {
        if self.order.wallet != Wallet::WechatPay {
            return Value::Null;
        }
        let location = format!("{}/documents/{}", self.location(), self.document_id);
        json!({
            "object": "barcode",
            "type": "qr",
            "image": {
                "object": "document",
                "livemode": false,
                "id": self.document_id,
                "deleted": false,
                "filename": "code.svg",
                "location": location,
                "kind": "qr",
                "download_uri": format!("https://api.omise.co{location}/downloads/0"),
                "created_at": self.created_at.to_string(),
            },
        })
    }
}

/// `amount` times a fraction, halves rounded up.
fn rounded(amount: i64, numerator: i64, denominator: i64) -> i64 {
    amount.saturating_mul(numerator).saturating_add(denominator / 2) / denominator
}
