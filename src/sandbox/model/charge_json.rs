//! A charge as the API of version 2019-05-29 shows it: the fields of Opn's guide and of newer
//! captures. Written out field by field, for it is most of what a simulated gateway does.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::charge::{Charge, Status};
use super::order::Wallet;
use crate::sandbox::moment::Moment;
use crate::sandbox::script::Oddity;

/// A charge as it is shown at a time.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    charge: &'a Charge,
    now: Moment,
}

/// The refunds in a charge.
struct Refunds<'a>(Shown<'a>);

/// The source in a charge.
struct Source<'a>(&'a Charge);

/// The code to be shown in a source.
struct Picture<'a>(&'a Charge);

/// Its picture.
struct Image<'a>(&'a Charge);

#[derive(Serialize)]
struct Fees {
    fee_flat: &'static str,
    fee_rate: &'static str,
    vat_rate: &'static str,
}

#[derive(Serialize)]
struct PlatformFee {
    fixed: (),
    amount: (),
    percentage: (),
}

/// An object of these fields.
macro_rules! object {
    ($serializer:expr, {$($fields:tt)*}) => {{
        let mut map = $serializer.serialize_map(None)?;
        fields!(map, {$($fields)*});
        map.end()
    }};
}

/// Adds fields to an object.
macro_rules! fields {
    ($map:expr, {$($name:literal: $value:expr),* $(,)?}) => {
        $($map.serialize_entry($name, &$value)?;)*
    };
}

impl Charge {
    /// The charge as the API shows it.
    pub(crate) const fn shown(&self, now: Moment) -> Shown<'_> {
        Shown { charge: self, now }
    }

    /// The same as a value.
    pub(crate) fn to_json(&self, now: Moment) -> Value {
        // Texts, numbers and flags under text keys: nothing that could not be written.
        serde_json::to_value(self.shown(now)).unwrap_or_default()
    }

    fn is_odd(&self, oddity: Oddity) -> bool {
        self.script.oddity == oddity
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.sums(&mut map)?;
        self.states(&mut map)?;
        if self.charge.is_odd(Oddity::ExtraFields) {
            let loyalty = serde_json::json!({
                "object": "loyalty", "points": 12, "tiers": ["gold", null],
            });
            fields!(map, {"loyalty": loyalty, "risk_score": 0.25});
        }
        map.end()
    }
}

impl Shown<'_> {
    /// Who, how much and what for.
    fn sums<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let charge = self.charge;
        let amount = charge.order.amount;
        let fee = rounded(amount, 165, 10_000);
        let fee_vat = rounded(fee, 7, 100);
        fields!(map, {
            "object": "charge",
            "id": charge.id,
            "location": charge.location(),
            "amount": amount,
            "authorization_type": NULL,
            "authorized_amount": amount,
            "captured_amount": amount,
            "acquirer_reference_number": NULL,
            "net": amount - fee - fee_vat,
            "fee": fee,
            "fee_vat": fee_vat,
            "interest": 0,
            "interest_vat": 0,
            "funding_amount": amount,
            "refunded_amount": charge.refunded_amount(),
            "transaction_fees": FEES,
            "platform_fee": PLATFORM_FEE,
            "currency": charge.order.currency,
            "funding_currency": charge.order.currency,
            "ip": NULL,
            "refunds": Refunds(*self),
            "link": NULL,
            "description": charge.order.description,
            "metadata": *charge.order.metadata,
            "card": NULL,
            "source": Source(charge),
        });
        Ok(())
    }

    /// What became of it, and when.
    fn states<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let charge = self.charge;
        let successful = charge.status == Status::Successful;
        let odd = successful && charge.is_odd(Oddity::ExpiredAtWhenPaid);
        let expired_at = if odd { Some(charge.expires_at) } else { charge.expired_at };
        fields!(map, {
            "schedule": NULL,
            "linked_account": NULL,
            "customer": NULL,
            "dispute": NULL,
            "transaction": charge.transaction,
            "failure_code": charge.failure.map(|failure| failure.code),
            "failure_message": charge.failure.map(|failure| failure.message),
            "merchant_advice": NULL,
            "merchant_advice_code": NULL,
            "status": charge.status.word(),
            "authorize_uri": NULL,
            "return_uri": NULL,
            "created_at": charge.created_at,
            "paid_at": charge.paid_at,
            "authorized_at": charge.paid_at,
            "expires_at": charge.expires_at,
            "expired_at": expired_at,
            "reversed_at": charge.reversed_at,
            "multi_capture": false,
            "zero_interest_installments": false,
            "branch": NULL,
            "terminal": NULL,
            "device": NULL,
            "authorized": successful || charge.status == Status::Reversed,
            "capturable": false,
            "capture": true,
            "disputable": false,
            "livemode": false,
            "refundable": charge.is_refundable(self.now),
            "partially_refundable": charge.is_partially_refundable(self.now),
            "reversed": charge.status == Status::Reversed,
            "reversible": false,
            "voided": false,
            "paid": successful,
            "expired": charge.status == Status::Expired || charge.marked_expired,
            "can_perform_void": false,
            "approval_code": NULL,
        });
        Ok(())
    }
}

impl Serialize for Refunds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Shown { charge, now } = self.0;
        // The embedded list is always the first page in chronological order.
        let shown = charge.refunds.iter().take(20);
        let data: Vec<_> = shown.map(|refund| refund.to_json(&charge.order.currency)).collect();
        object!(serializer, {
            "object": "list",
            "data": data,
            "limit": 20,
            "offset": 0,
            "total": charge.refunds.len(),
            "location": format!("{}/refunds", charge.location()),
            "order": "chronological",
            "from": Moment::EPOCH,
            "to": now,
        })
    }
}

impl Serialize for Source<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let charge = self.0;
        // A picture of a code comes with WeChat's charges only, and has no use.
        let picture = (charge.order.wallet == Wallet::WechatPay).then_some(Picture(charge));
        let mut map = serializer.serialize_map(None)?;
        fields!(map, {
            "object": "source",
            "id": charge.source_id,
            "livemode": false,
            "location": format!("/sources/{}", charge.source_id),
            "amount": charge.order.amount,
            "barcode": charge.order.barcode.as_str(),
            "bank": NULL,
            "created_at": charge.created_at,
            "currency": charge.order.currency,
            "email": NULL,
            "flow": "offline",
            "installment_term": NULL,
            "ip": NULL,
            "absorption_type": NULL,
            "name": NULL,
            "mobile_number": NULL,
            "phone_number": NULL,
            "platform_type": NULL,
            "scannable_code": picture,
            "qr_settings": NULL,
            "billing": NULL,
            "shipping": NULL,
            "items": NONE,
            "references": NULL,
            "provider_references": NULL,
            "store_id": charge.order.store("store_id"),
            "store_name": charge.order.store("store_name"),
            "terminal_id": charge.order.store("terminal_id"),
            "type": charge.order.wallet.word(),
            "zero_interest_installments": NULL,
            "charge_status": charge.status.word(),
            "receipt_amount": NULL,
            "discounts": NONE,
            "promotion_code": NULL,
        });
        if charge.is_odd(Oddity::ExtraFields) {
            fields!(map, {"wallet_region": "CN"});
        }
        map.end()
    }
}

impl Serialize for Picture<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object!(serializer, {"object": "barcode", "type": "qr", "image": Image(self.0)})
    }
}

impl Serialize for Image<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let charge = self.0;
        let location = format!("{}/documents/{}", charge.location(), charge.document_id);
        object!(serializer, {
            "object": "document",
            "livemode": false,
            "id": charge.document_id,
            "deleted": false,
            "filename": "code.svg",
            "location": location,
            "kind": "qr",
            "download_uri": format!("https://api.omise.co{location}/downloads/0"),
            "created_at": charge.created_at,
        })
    }
}

/// `amount` times a fraction, halves rounded up.
fn rounded(amount: i64, numerator: i64, denominator: i64) -> i64 {
    amount.saturating_mul(numerator).saturating_add(denominator / 2) / denominator
}

const FEES: Fees = Fees { fee_flat: "0.0", fee_rate: "1.65", vat_rate: "7.0" };
const PLATFORM_FEE: PlatformFee = PlatformFee { fixed: NULL, amount: NULL, percentage: NULL };
const NULL: () = ();
const NONE: [(); 0] = [];
