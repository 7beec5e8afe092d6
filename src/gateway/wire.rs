//! The gateway's JSON, decoded leniently: fields come and go without notice there, so unknown ones
//! are skipped and missing ones tolerated, unless without them the object could not be judged. What
//! is skipped is never copied: a charge echoes the payment code (P2).
//!
//! Everything here returns `None` for a body that is not what it should be; what that proves is not
//! decided here.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Metadata, Object, Scalar};
use crate::terminal::{
    AttemptId, Charge, ChargeId, GatewayTime, MadeRefund, RefundId, Refunds, Rejection, Status,
};

/// The charge in a body.
pub(super) fn charge(body: &[u8]) -> Option<Charge> {
    object::<ChargeBody>(body)?.charge()
}

/// Opn's error in a body.
pub(super) fn rejection(body: &[u8]) -> Option<Rejection> {
    let error = object::<ErrorBody>(body)?;
    if error.object.text()? != "error" {
        return None;
    }
    let message = error.message.text().unwrap_or_default();
    let (code, message) = (word(error.code.text()?), readable(message, MESSAGE_LENGTH_MAX));
    Some(Rejection { code, message })
}

/// The list of charges in a body.
pub(super) fn charges(body: &[u8]) -> Option<List<ChargeBody<'_>>> {
    list(body)
}

/// The list of refunds in a body.
pub(super) fn refunds(body: &[u8]) -> Option<List<RefundBody>> {
    list(body)
}

/// The refund in a body.
pub(super) fn refund(body: &[u8]) -> Option<MadeRefund> {
    object::<RefundBody>(body)?.refund()
}

/// The account in a body.
pub(super) fn account(body: &[u8]) -> Option<Account> {
    let account = object::<AccountBody>(body)?;
    if account.object.text()? != "account" {
        return None;
    }
    Some(Account {
        id: id(&account.id)?,
        livemode: account.livemode.truth(),
        api_version: account.api_version.text().map(word),
    })
}

/// Whether `text` is shaped like an id of the gateway. Ids go into paths and on record, so that
/// nothing else may pass for one; the longest seen has 30 characters.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// The account that a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Opn's id, `account_…`.
    pub id: String,
    /// Whether real money moves, where the gateway says so.
    pub livemode: Option<bool>,
    /// The version that webhooks are written in, whatever version a request asks for.
    pub api_version: Option<String>,
}

/// A list, of which `T` are the entries.
#[derive(Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct List<T> {
    object: Scalar,
    data: Option<Vec<Object<T>>>,
    total: Scalar,
    offset: Scalar,
    order: Scalar,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        let other = Scalar::default;
        Self { object: other(), data: None, total: other(), offset: other(), order: other() }
    }
}

impl<T> List<T> {
    /// The entries, in the order of the gateway.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.data.as_deref().unwrap_or_default().iter().map(|entry| &entry.0)
    }

    /// How many entries there are, on all pages.
    pub fn total(&self) -> Option<u64> {
        self.total.integer().and_then(|total| u64::try_from(total).ok())
    }

    /// Whether this is the page that starts at `offset`, as far as the list says.
    pub fn starts_at(&self, offset: u64) -> bool {
        self.offset.integer().is_none_or(|told| u64::try_from(told) == Ok(offset))
    }

    /// Whether the newest entry is the first, as far as the list says.
    pub fn is_newest_first(&self) -> bool {
        self.order.text().is_none_or(|order| order == "reverse_chronological")
    }
}

impl List<RefundBody> {
    /// Every refund there is; `None` where one cannot be read, or not all are listed.
    pub fn whole(&self) -> Option<Vec<MadeRefund>> {
        let refunds: Option<Vec<MadeRefund>> = self.entries().map(RefundBody::refund).collect();
        let all = |refunds: &Vec<MadeRefund>| self.total() == Some(refunds.len() as u64);
        refunds.filter(|refunds| self.starts_at(0) && all(refunds))
    }
}

/// A charge as it is written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChargeBody<'body> {
    object: Scalar,
    id: Scalar,
    amount: Scalar,
    currency: Scalar,
    status: Scalar,
    failure_code: Scalar,
    created_at: Scalar,
    description: Scalar,
    metadata: Metadata,
    refunded_amount: Scalar,
    refundable: Scalar,
    partially_refundable: Scalar,
    /// As it stands there: whatever it is, it must not keep the charge from being judged.
    #[serde(borrow)]
    refunds: Option<&'body RawValue>,
}

impl ChargeBody<'_> {
    /// The charge, if it can be judged.
    pub fn charge(&self) -> Option<Charge> {
        if self.object.text()? != "charge" {
            return None;
        }
        Some(Charge {
            id: ChargeId(id(&self.id)?),
            attempt: self.metadata.attempt().map(|attempt| AttemptId(attempt.to_owned())),
            amount_satang: self.amount.integer()?,
            currency: word(self.currency.text()?),
            status: status(self.status.text()?),
            failure_code: self.failure_code.text().map(word),
            refunds: self.refunds(),
        })
    }

    fn refunds(&self) -> Refunds {
        Refunds {
            satang: self.refunded_amount.integer(),
            whole: self.refundable.truth(),
            part: self.partially_refundable.truth(),
            made: self.refunds.and_then(|raw| refunds(raw.get().as_bytes())?.whole()),
        }
    }

    /// When the gateway made it.
    pub fn created_at(&self) -> Option<GatewayTime> {
        let time: jiff::Timestamp = self.created_at.text()?.parse().ok()?;
        Some(GatewayTime(time.as_second()))
    }

    /// Whether this is the charge of `attempt`.
    pub fn belongs_to(&self, attempt: &AttemptId) -> Belongs {
        if self.metadata.attempt() == Some(&attempt.0) {
            return Belongs::Yes;
        }
        // The description carries the attempt too. Where only that does, somebody changed the
        // metadata.
        let described = self.description.text() == Some(&attempt.0);
        if described || !self.metadata.is_readable() { Belongs::Unclear } else { Belongs::No }
    }
}

/// Whether a charge is an attempt's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    Yes,
    No,
    /// Cannot be ruled out: absence must not be concluded from a list that holds such a charge
    /// (S3).
    Unclear,
}

/// A refund as it is written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RefundBody {
    object: Scalar,
    id: Scalar,
    charge: Scalar,
    amount: Scalar,
    currency: Scalar,
    status: Scalar,
    metadata: Metadata,
}

impl RefundBody {
    /// The refund, if it can be judged.
    pub fn refund(&self) -> Option<MadeRefund> {
        if self.object.text()? != "refund" || !self.metadata.is_readable() {
            return None;
        }
        Some(MadeRefund {
            id: id(&self.id)?,
            charge: ChargeId(id(&self.charge)?),
            own: self.metadata.refund().map(|own| RefundId(own.to_owned())),
            amount_satang: self.amount.integer()?,
            currency: word(self.currency.text()?),
            status: self.status.text().map(word),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    object: Scalar,
    code: Scalar,
    message: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AccountBody {
    object: Scalar,
    id: Scalar,
    livemode: Scalar,
    api_version: Scalar,
}

/// The JSON object in a body.
pub(crate) fn object<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<T> {
    serde_json::from_slice::<Object<T>>(body).ok().map(|object| object.0)
}

fn list<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<List<T>> {
    let list: List<T> = object(body)?;
    (list.object.text() == Some("list") && list.data.is_some()).then_some(list)
}

fn status(word: &str) -> Status {
    match word {
        "pending" => Status::Pending,
        "successful" => Status::Successful,
        "failed" => Status::Failed,
        "expired" => Status::Expired,
        "reversed" => Status::Reversed,
        _ => Status::Unrecognised,
    }
}

fn id(value: &Scalar) -> Option<String> {
    value.text().filter(|text| is_id(text)).map(str::to_owned)
}

/// A word of the gateway's that goes on record.
fn word(text: &str) -> String {
    readable(text, WORD_LENGTH_MAX)
}

/// What people may read of a text of the gateway's: at most `length_max` characters, no control
/// characters, and no run of digits as long as a payment code's, since a message may quote the code
/// (P1).
fn readable(text: &str, length_max: usize) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let length = digits.max(first.len_utf8());
        match digits {
            DIGITS_HIDDEN_FROM.. => shown.push('…'),
            _ if first.is_control() => shown.push(' '),
            _ => shown.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    shown.chars().take(length_max).collect()
}

/// The longest id that is taken for one.
const ID_LENGTH_MAX: usize = 64;
/// The most characters of a code, a status or a currency. The longest documented code has 28.
const WORD_LENGTH_MAX: usize = 64;
/// The most characters of an error message; several messages may be joined in one.
const MESSAGE_LENGTH_MAX: usize = 300;
/// Payment codes have 12 digits at least; an amount in satang within the limits has 8.
const DIGITS_HIDDEN_FROM: usize = 10;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_of_the_gateways_stays_readable() {
        let table = [
            ("amount must be greater than or equal to 2000 (thb subunits)", 300, None),
            ("charge chrg_test_5y4zoncy13i53sx0834 was not found", 300, None),
            ("จำนวนเงิน 123456789", 300, None),
            ("code 1309912925 used", 300, Some("code … used")),
            ("130991292552725093", 300, Some("…")),
            ("a\r\nb\u{1b}[31mc", 300, Some("a  b [31mc")),
            ("ราคา", 2, Some("รา")),
            ("", 300, None),
        ];
        for (text, length_max, expected) in table {
            assert_eq!(readable(text, length_max), expected.unwrap_or(text));
        }
    }

    proptest! {
        #[test]
        fn p1_no_text_of_the_gateways_carries_a_payment_code(text in ".{0,20}[0-9]{10,24}.{0,20}") {
            let shown = readable(&text, MESSAGE_LENGTH_MAX);
            let longest = shown.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest < Some(DIGITS_HIDDEN_FROM), "{shown}");
        }

        #[test]
        fn o3_no_body_is_too_strange(body in r#"([\[\]{}:,"0-9a-z\\. -]|"object"|"charge"|"id"){0,60}"#) {
            let body = body.as_bytes();
            let _ = (charge(body), rejection(body), charges(body), refund(body), account(body));
        }
    }
}
