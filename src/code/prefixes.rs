//! Which digits are a payment code of which wallet: configuration, with the wallets' published
//! rules as default.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Wallet;

/// The accepted shape of each wallet's codes. A code that would fit both is WeChat Pay's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefixes {
    /// Codes that become a `wechat_pay_upm` charge.
    pub wechat_pay_upm: Shape,
    /// Codes that become an `alipayplus_upm` charge.
    pub alipayplus_upm: Shape,
}

/// What codes look like: they begin with one of these prefixes, and have one of these lengths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Any of these.
    pub prefixes: Vec<PrefixRange>,
    /// How many digits the whole code has: any of these.
    pub lengths: Vec<usize>,
}

/// A prefix (`160`), or all prefixes from one to another of as many digits (`10-15`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixRange {
    first: String,
    last: String,
}

/// A text that is no prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to 8 digits, or two of the same length from low to high, such as \"10-15\"")]
pub struct PrefixError;

impl Prefixes {
    /// The wallet whose shape `text` has; never for anything but ASCII digits.
    pub(super) fn wallet_of(&self, text: &str) -> Option<Wallet> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Wallet::ALL.into_iter().find(|wallet| self.of(*wallet).fits(text))
    }

    fn of(&self, wallet: Wallet) -> &Shape {
        match wallet {
            Wallet::WechatPayUpm => &self.wechat_pay_upm,
            Wallet::AlipayplusUpm => &self.alipayplus_upm,
        }
    }
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { wechat_pay_upm: Shape::wechat_pay(), alipayplus_upm: Shape::alipay() }
    }
}

impl Shape {
    /// WeChat Pay: 18 digits from 10 to 15, and 160 for the fusion wallets.
    #[must_use]
    pub fn wechat_pay() -> Self {
        let prefixes = vec![PrefixRange::between("10", "15"), PrefixRange::between("160", "160")];
        Self { prefixes, lengths: vec![18] }
    }

    /// Alipay and the Alipay+ wallets: 16 to 24 digits from 25 to 30.
    #[must_use]
    pub fn alipay() -> Self {
        Self { prefixes: vec![PrefixRange::between("25", "30")], lengths: (16..=24).collect() }
    }

    fn fits(&self, digits: &str) -> bool {
        self.lengths.contains(&digits.len()) && self.prefixes.iter().any(|one| one.begins(digits))
    }
}

impl PrefixRange {
    fn between(first: &str, last: &str) -> Self {
        Self { first: first.to_owned(), last: last.to_owned() }
    }

    /// Texts of equally many digits order as their numbers do, so that nothing is ever parsed into
    /// one.
    fn begins(&self, digits: &str) -> bool {
        digits
            .get(..self.first.len())
            .is_some_and(|begin| *self.first <= *begin && *begin <= *self.last)
    }
}

impl FromStr for PrefixRange {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let digits = |part: &str| {
            (1..=LONGEST).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let accepted = digits(first) && digits(last) && first.len() == last.len() && first <= last;
        if accepted { Ok(Self::between(first, last)) } else { Err(PrefixError) }
    }
}

impl fmt::Display for PrefixRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.first)?;
        if self.first == self.last { Ok(()) } else { write!(formatter, "-{}", self.last) }
    }
}

impl Serialize for PrefixRange {
    /// As it is written in the configuration.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The most digits of a prefix.
const LONGEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_or_refused() {
        for good in ["10-15", "160", "25-30", "0"] {
            assert_eq!(good.parse::<PrefixRange>().unwrap().to_string(), good);
        }
        for bad in ["", "-", "10-", "-15", "15-10", "9-10", "1a", "๑๐", " 10", "+1", "123456789"]
        {
            assert_eq!(bad.parse::<PrefixRange>(), Err(PrefixError), "{bad:?}");
        }
    }

    #[test]
    fn a_configured_shape_replaces_its_wallets_only() {
        let shape = Shape { prefixes: vec!["9".parse().unwrap()], lengths: vec![4, 6] };
        let prefixes = Prefixes { wechat_pay_upm: shape, ..Prefixes::default() };
        let table = [
            ("9123", Some(Wallet::WechatPayUpm)),
            ("91234", None),
            ("912345", Some(Wallet::WechatPayUpm)),
            ("130991292552725093", None),
            ("281234567890123456", Some(Wallet::AlipayplusUpm)),
        ];
        for (digits, wallet) in table {
            assert_eq!(prefixes.wallet_of(digits), wallet, "{digits}");
        }
    }
}
