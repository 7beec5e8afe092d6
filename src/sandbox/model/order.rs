//! What a create call asks for, read and checked as the gateway does it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::parameters::{Parameters, text_of};
use super::reply::ApiError;

/// A valid create call.
#[derive(Clone)]
pub(crate) struct Order {
    /// Satang.
    pub(crate) amount: i64,
    /// In capitals.
    pub(crate) currency: String,
    pub(crate) wallet: Wallet,
    pub(crate) barcode: Barcode,
    pub(crate) description: Option<String>,
    /// Shared: the index and every event keep a copy of the charge.
    pub(crate) metadata: Arc<Map<String, Value>>,
    /// `store_id`, `store_name` and `terminal_id` where given.
    stores: BTreeMap<&'static str, String>,
}

/// Whose payment code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wallet {
    WechatPay,
    AlipayPlus,
}

/// A payment code. Debug shows nothing of it.
#[derive(Clone)]
pub(crate) struct Barcode(String);

impl Order {
    /// Reads a create call.
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let Ok(Some(amount)) = parameters.integer("amount") else {
            return Err(ApiError::bad_request("amount is not a number"));
        };
        let currency = parameters.text("currency").unwrap_or_default().to_ascii_uppercase();
        check_sum(amount, &currency)?;
        let Some(source) = parameters.object("source") else {
            return Err(ApiError::bad_request("source is required"));
        };
        let field = |name: &str| source.get(name).and_then(text_of);
        let wallet = Wallet::from_word(&field("type").unwrap_or_default())
            .ok_or_else(|| ApiError::bad_request("type is currently not supported"))?;
        let barcode = Barcode::from_text(field("barcode").unwrap_or_default())?;
        let named = STORE_FIELDS.iter().filter_map(|name| field(name).map(|text| (*name, text)));
        Ok(Self {
            amount,
            currency,
            wallet,
            barcode,
            description: parameters.text("description"),
            metadata: Arc::new(metadata(parameters)?.unwrap_or_default()),
            stores: named.collect(),
        })
    }

    /// A store's field, echoed.
    pub(crate) fn store(&self, name: &str) -> Option<&str> {
        self.stores.get(name).map(String::as_str)
    }
}

/// The metadata of a call: any JSON, as long as its top level is an object.
pub(crate) fn metadata(parameters: &Parameters) -> Result<Option<Map<String, Value>>, ApiError> {
    match parameters.value("metadata") {
        None => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map.clone())),
        Some(_) => Err(ApiError::bad_request("metadata must be a hash")),
    }
}

/// The gateway joins its messages: all that is wrong with the sum is said at once.
fn check_sum(amount: i64, currency: &str) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    if amount < AMOUNT_MIN {
        wrong.push(format!("amount must be greater than or equal to {AMOUNT_MIN} (thb subunits)"));
    }
    if amount > AMOUNT_MAX {
        wrong.push(format!("amount must be less than or equal to {AMOUNT_MAX} (thb subunits)"));
    }
    if currency != crate::money::CURRENCY {
        wrong.push("currency is currently not supported".to_owned());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(ApiError::bad("invalid_charge", &wrong.join(" and ")))
}

impl Wallet {
    fn from_word(word: &str) -> Option<Self> {
        [Self::WechatPay, Self::AlipayPlus].into_iter().find(|wallet| wallet.word() == word)
    }

    /// The source's type.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat_pay_upm",
            Self::AlipayPlus => "alipayplus_upm",
        }
    }

    /// How long an unpaid charge lives.
    pub(crate) const fn time_to_live(self) -> Duration {
        match self {
            Self::WechatPay => Duration::from_secs(86_400),
            Self::AlipayPlus => Duration::from_secs(7 * 86_400),
        }
    }
}

impl Barcode {
    /// What the gateway says to a bad code is not documented. A real one has 16 to 24 digits; the
    /// sandbox takes any digits, so that short ones can be typed at a demo.
    fn from_text(text: String) -> Result<Self, ApiError> {
        if text.is_empty() {
            return Err(ApiError::bad("invalid_charge", "barcode is required"));
        }
        if text.len() > BARCODE_LENGTH_MAX || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ApiError::bad("invalid_charge", "barcode is invalid"));
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Barcode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Barcode(len={})", self.0.len())
    }
}

/// Satang; the limits of both wallets in Thailand (Opn's guide).
const AMOUNT_MIN: i64 = 2_000;
const AMOUNT_MAX: i64 = 15_000_000;
const BARCODE_LENGTH_MAX: usize = 32;
const STORE_FIELDS: [&str; 3] = ["store_id", "store_name", "terminal_id"];
