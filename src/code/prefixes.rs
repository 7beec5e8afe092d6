//! Which digits are a payment code of which wallet: configuration, with the wallets' published rules as default.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Wallet;

/// The accepted shapes of each wallet. A code that would fit both is WeChat Pay's.
///
/// ```toml
/// wechat_pay_upm = [{ prefixes = ["10-15", "160"], digits = "18" }]
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prefixes {
    /// Codes that become a `wechat_pay_upm` charge.
    pub wechat_pay_upm: Vec<Shape>,
    /// Codes that become an `alipayplus_upm` charge.
    pub alipayplus_upm: Vec<Shape>,
}

/// One shape: begins with one of these prefixes, and is that long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Any of these.
    pub prefixes: Vec<PrefixRange>,
    /// How many digits the whole code has.
    pub digits: Lengths,
}

/// A prefix (`160`), or all prefixes from one to another of as many digits (`10-15`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrefixRange {
    first: String,
    last: String,
}

/// A number of digits (`18`), or all from one to another (`16-24`); 1 to 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lengths {
    shortest: usize,
    longest: usize,
}

/// Why a text is neither prefix nor length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Not digits, or a range that runs backwards or between different numbers of digits.
    #[error(
        "not a prefix; write digits such as \"160\", or a range of equally long ones such as \"10-15\""
    )]
    Prefix,
    /// Not a number from 1 to 64, or a range that runs backwards.
    #[error(
        "not a number of digits; write one from 1 to 64 such as \"18\", or a range such as \"16-24\""
    )]
    Lengths,
}

impl Prefixes {
    /// The wallet whose shape `text` has; never for anything but ASCII digits.
    pub(super) fn wallet_of(&self, text: &str) -> Option<Wallet> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fits = |wallet: &Wallet| self.of(*wallet).iter().any(|shape| shape.fits(text));
        Wallet::ALL.into_iter().find(fits)
    }

    fn of(&self, wallet: Wallet) -> &[Shape] {
        match wallet {
            Wallet::WechatPayUpm => &self.wechat_pay_upm,
            Wallet::AlipayplusUpm => &self.alipayplus_upm,
        }
    }
}

impl Default for Prefixes {
    /// WeChat Pay: 18 digits from 10 to 15, and 160 for the fusion wallets. Alipay: 16 to 24 digits from 25 to 30.
    fn default() -> Self {
        let range =
            |first: &str, last: &str| PrefixRange { first: first.into(), last: last.into() };
        Self {
            wechat_pay_upm: vec![Shape {
                prefixes: vec![range("10", "15"), range("160", "160")],
                digits: Lengths { shortest: 18, longest: 18 },
            }],
            alipayplus_upm: vec![Shape {
                prefixes: vec![range("25", "30")],
                digits: Lengths { shortest: 16, longest: 24 },
            }],
        }
    }
}

impl Shape {
    fn fits(&self, digits: &str) -> bool {
        self.digits.contain(digits.len()) && self.prefixes.iter().any(|range| range.begin(digits))
    }
}

impl PrefixRange {
    /// Texts of equally many digits order as their numbers do, so that nothing is ever parsed into one.
    fn begin(&self, digits: &str) -> bool {
        digits
            .get(..self.first.len())
            .is_some_and(|begin| *self.first <= *begin && *begin <= *self.last)
    }
}

impl FromStr for PrefixRange {
    type Err = ShapeError;

    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(first) || !digits(last) || first.len() != last.len() || first > last {
            return Err(ShapeError::Prefix);
        }
        Ok(Self { first: first.to_owned(), last: last.to_owned() })
    }
}

impl fmt::Display for PrefixRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, &self.first, &self.last)
    }
}

impl Lengths {
    const fn contain(self, length: usize) -> bool {
        self.shortest <= length && length <= self.longest
    }
}

impl FromStr for Lengths {
    type Err = ShapeError;

    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let (shortest, longest) = text.split_once('-').unwrap_or((text, text));
        let length = |part: &str| part.parse().map_err(|_| ShapeError::Lengths);
        let lengths = Self { shortest: length(shortest)?, longest: length(longest)? };
        if lengths.shortest == 0 || lengths.shortest > lengths.longest || lengths.longest > LONGEST
        {
            return Err(ShapeError::Lengths);
        }
        Ok(lengths)
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, &self.shortest, &self.longest)
    }
}

impl TryFrom<String> for PrefixRange {
    type Error = ShapeError;

    fn try_from(text: String) -> Result<Self, ShapeError> {
        text.parse()
    }
}

impl From<PrefixRange> for String {
    fn from(range: PrefixRange) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for Lengths {
    type Error = ShapeError;

    fn try_from(text: String) -> Result<Self, ShapeError> {
        text.parse()
    }
}

impl From<Lengths> for String {
    fn from(lengths: Lengths) -> Self {
        lengths.to_string()
    }
}

fn write_range<T: fmt::Display + PartialEq>(
    formatter: &mut fmt::Formatter<'_>,
    first: &T,
    last: &T,
) -> fmt::Result {
    write!(formatter, "{first}")?;
    if first == last { Ok(()) } else { write!(formatter, "-{last}") }
}

/// No wallet's code comes near it, and no shape can swallow a shop's QR.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_lengths_are_read_or_refused() {
        for good in ["10-15", "160", "25-30", "0"] {
            assert_eq!(good.parse::<PrefixRange>().unwrap().to_string(), good);
        }
        for bad in ["", "-", "10-", "-15", "15-10", "9-10", "1a", "๑๐", " 10", "+1"] {
            assert_eq!(bad.parse::<PrefixRange>(), Err(ShapeError::Prefix), "{bad:?}");
        }
        for good in ["18", "16-24", "1-64"] {
            assert_eq!(good.parse::<Lengths>().unwrap().to_string(), good);
        }
        for bad in ["", "0", "24-16", "65", "1-65", "a", "-18", "18-", "99999999999999999999"] {
            assert_eq!(bad.parse::<Lengths>(), Err(ShapeError::Lengths), "{bad:?}");
        }
    }

    #[test]
    fn configured_shapes_replace_those_of_their_wallet_only() {
        let text = r#"{"wechat_pay_upm":[{"prefixes":["9"],"digits":"4-5"}]}"#;
        let prefixes: Prefixes = serde_json::from_str(text).unwrap();
        let table = [
            ("9123", Some(Wallet::WechatPayUpm)),
            ("91234", Some(Wallet::WechatPayUpm)),
            ("912345", None),
            ("130991292552725093", None),
            ("281234567890123456", Some(Wallet::AlipayplusUpm)),
        ];
        for (digits, wallet) in table {
            assert_eq!(prefixes.wallet_of(digits), wallet, "{digits}");
        }
        let written = serde_json::to_string(&prefixes).unwrap();
        assert_eq!(serde_json::from_str::<Prefixes>(&written).unwrap(), prefixes);
        let unknown = serde_json::from_str::<Prefixes>(r#"{"wechat":[]}"#).unwrap_err();
        assert!(unknown.to_string().contains("unknown field `wechat`"), "{unknown}");
        let bad = r#"{"wechat_pay_upm":[{"prefixes":["15-10"],"digits":"18"}]}"#;
        let refused = serde_json::from_str::<Prefixes>(bad).unwrap_err();
        assert!(refused.to_string().contains("not a prefix; write digits"), "{refused}");
    }
}
