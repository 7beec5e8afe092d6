//! What a scan can be, and the payment code among it: a customer's one-time code, a secret for
//! about a minute.
//!
//! A code is digits in a text, never a number (a float turns …181 into …180). It is shown only as a
//! [`Mask`] (P1), cannot be cloned or serialized, and is wiped from memory when dropped (P2).
//! Whether a wallet is accepted at this counter is not decided here.

mod prefixes;
mod scanned;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use self::prefixes::{PrefixError, PrefixRange, Prefixes, Shape};
pub use self::scanned::{Command, Scanned, classify};

/// The customer's payment code. Whoever holds its digits can take the customer's money for about a
/// minute.
pub struct PaymentCode {
    digits: Zeroizing<String>,
    wallet: Wallet,
}

impl PaymentCode {
    /// The payment code that `text` is, or `None` where its prefix and length belong to no wallet.
    #[must_use]
    pub fn parse(text: &str, prefixes: &Prefixes) -> Option<Self> {
        let wallet = prefixes.wallet_of(text)?;
        Some(Self { digits: Zeroizing::new(text.to_owned()), wallet })
    }

    /// The digits themselves, for the create request and nothing else (P1).
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.digits
    }

    /// Whose customer shows this code.
    #[must_use]
    pub const fn wallet(&self) -> Wallet {
        self.wallet
    }

    /// What is to be put on record before this code is sent.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        let from_hong_kong = self.wallet == Wallet::WechatPayUpm && self.digits.starts_with("15");
        from_hong_kong.then_some(Warning::HongKongWallet)
    }

    /// Recognizes the same code again after the digits were wiped (P2).
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        static KEY: OnceLock<RandomState> = OnceLock::new();
        Fingerprint(KEY.get_or_init(RandomState::new).hash_one(self.expose()))
    }
}

impl PartialEq for PaymentCode {
    fn eq(&self, other: &Self) -> bool {
        *self.digits == *other.digits
    }
}

impl Eq for PaymentCode {}

impl fmt::Display for PaymentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Mask(&self.digits).fmt(formatter)
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PaymentCode({} {})", self.wallet, Mask(&self.digits))
    }
}

/// Stands for a payment code that is no longer held. Keyed by chance at each start of the process,
/// so that it says nothing about the digits; worthless in a log or a file, hence without `Display`
/// and a silent `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Fingerprint")
    }
}

/// A wallet whose payment codes can become a charge, named as the gateway names its source type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// WeChat Pay, and the wallets that share its 160 codes.
    WechatPayUpm,
    /// Alipay and the Alipay+ wallets.
    AlipayplusUpm,
}

/// A text that names no wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such wallet; write wechat_pay_upm or alipayplus_upm")]
pub struct UnknownWallet;

impl Wallet {
    /// Every wallet, in the order in which a code is matched against them.
    pub const ALL: [Self; 2] = [Self::WechatPayUpm, Self::AlipayplusUpm];

    /// The gateway's name, as in `source[type]`.
    #[must_use]
    pub const fn source_type(self) -> &'static str {
        match self {
            Self::WechatPayUpm => "wechat_pay_upm",
            Self::AlipayplusUpm => "alipayplus_upm",
        }
    }
}

impl fmt::Display for Wallet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.source_type())
    }
}

impl FromStr for Wallet {
    type Err = UnknownWallet;

    fn from_str(text: &str) -> Result<Self, UnknownWallet> {
        Self::ALL.into_iter().find(|wallet| wallet.source_type() == text).ok_or(UnknownWallet)
    }
}

/// A payment code that is sent although it may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// WeChat Pay Hong Kong, 15…: WeChat says such customers may not be able to pay across the
    /// border.
    HongKongWallet,
}

/// Shows of a scanned text its first and last two characters and its length: `13…93 len=18` (P1).
/// A text of fewer than 8 characters shows its length only.
pub struct Mask<'a>(pub &'a str);

impl fmt::Display for Mask<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.chars().count();
        if length < MASKED_WHOLLY_BELOW {
            return write!(formatter, "… len={length}");
        }
        let shown = |place: usize| match self.0.chars().nth(place) {
            Some(character) if character.is_ascii_graphic() => character,
            Some(_) | None => '?',
        };
        let [a, b, y, z] = [0, 1, length - 2, length - 1].map(shown);
        write!(formatter, "{a}{b}…{y}{z} len={length}")
    }
}

impl fmt::Debug for Mask<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// So that at least half of what is masked stays hidden.
const MASKED_WHOLLY_BELOW: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(digits: &str) -> PaymentCode {
        PaymentCode::parse(digits, &Prefixes::default()).unwrap()
    }

    #[test]
    fn p1_a_code_shows_only_its_mask() {
        let code = code("130991292552725093");
        assert_eq!(code.to_string(), "13…93 len=18");
        assert_eq!(format!("{code:?}"), "PaymentCode(wechat_pay_upm 13…93 len=18)");
        assert_eq!(format!("{:?}", code.fingerprint()), "Fingerprint");
        assert_eq!(code.expose(), "130991292552725093");
        assert_eq!(format!("{:?}", Mask(code.expose())), "13…93 len=18");
    }

    #[test]
    fn p1_a_short_or_foreign_text_shows_less() {
        for (text, mask) in [
            ("", "… len=0"),
            ("1309129", "… len=7"),
            ("13091293", "13…93 len=8"),
            ("ราคา1234", "??…34 len=8"),
            ("\u{202e}\n      ", "??…?? len=8"),
        ] {
            assert_eq!(Mask(text).to_string(), mask, "{text:?}");
        }
    }

    #[test]
    fn wallets_are_named_as_the_gateway_names_them() {
        for wallet in Wallet::ALL {
            let name = wallet.source_type();
            assert_eq!(name.parse(), Ok(wallet));
            assert_eq!(wallet.to_string(), name);
            assert_eq!(serde_json::to_value(wallet).unwrap(), name);
            assert_eq!(serde_json::from_value::<Wallet>(name.into()).unwrap(), wallet);
        }
        assert_eq!("wechat".parse::<Wallet>(), Err(UnknownWallet));
    }

    #[test]
    fn only_a_hong_kong_wallet_is_warned_about() {
        assert_eq!(code("150991292552725093").warning(), Some(Warning::HongKongWallet));
        assert_eq!(code("140991292552725093").warning(), None);
        assert_eq!(code("160991292552725093").warning(), None);
        assert_eq!(code("2897991359827699709").warning(), None);
    }

    #[test]
    fn p2_the_same_code_is_recognized_without_its_digits() {
        let first = code("130991292552725093");
        assert_eq!(first, code("130991292552725093"));
        assert_eq!(first.fingerprint(), code("130991292552725093").fingerprint());
        assert_ne!(first, code("130991292552725094"));
        assert_ne!(first.fingerprint(), code("130991292552725094").fingerprint());
    }

    proptest! {
        #[test]
        fn p1_a_mask_never_shows_more_than_four_characters(text in ".{0,64}") {
            let mask = Mask(&text).to_string();
            let (shown, _) = mask.split_once(" len=").unwrap();
            prop_assert!(shown.chars().filter(|&character| character != '…').count() <= 4);
        }

        #[test]
        fn p1_a_payment_code_never_prints_its_digits(digits in "(1[0-5]|2[5-9]|30)[0-9]{16}") {
            let code = code(&digits);
            let printed = format!("{code} {code:?} {code:#?}");
            prop_assert!(!printed.contains(&digits));
            let longest = printed.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            prop_assert!(longest <= Some(2), "{printed}");
        }
    }
}
