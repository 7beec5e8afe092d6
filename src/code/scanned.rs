//! The table "what a scan can be": one text in, one of its rows out.
//!
//! Rows can overlap; the first that fits wins, in the order of [`classify`]. One overlap matters at
//! the counter: a LINE Pay code of 12 digits passes the check digit of a UPC-A product code by
//! chance in one of ten cases, and is then named a product code. Neither is ever charged.

use super::{PaymentCode, Prefixes};

/// What a scan is.
#[derive(Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A customer's payment code of a wallet that can become a charge.
    Payment(PaymentCode),
    /// A command barcode of the counter.
    Command(Command),
    /// A UnionPay payment code: 19 digits, 62….
    UnionPay,
    /// Possibly a LINE Pay payment code: 12 digits and no product code.
    LinePay,
    /// A merchant's QR (PromptPay or any other EMV merchant-presented one), not the customer's
    /// code.
    MerchantQr,
    /// An EMV consumer-presented QR, of a wallet that cannot become a charge here.
    EmvConsumer,
    /// The customer's own receive or friend code instead of the payment code.
    WechatPersonal,
    /// A product's barcode with a right check digit: EAN-13, EAN-8, UPC-A, ITF-14.
    Product,
    /// Anything else.
    Unreadable,
}

impl Scanned {
    /// Whether a customer could pay with it, here or elsewhere: then it is a secret (P1).
    #[must_use]
    pub const fn could_pay(&self) -> bool {
        match self {
            Self::Payment(_)
            | Self::UnionPay
            | Self::LinePay
            | Self::EmvConsumer
            | Self::WechatPersonal => true,
            Self::Command(_) | Self::MerchantQr | Self::Product | Self::Unreadable => false,
        }
    }
}

/// What a command barcode asks for, so that a counter works without a keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// `TILLSCAN:CANCEL`: cancel the sale.
    Cancel,
    /// `TILLSCAN:CHECK`: ask the gateway at once.
    Check,
    /// `TILLSCAN:REPRINT`: print the last receipt again.
    Reprint,
    /// `TILLSCAN:LAST`: show the last outcome again.
    Last,
    /// `TILLSCAN:REPORT`: print the report.
    Report,
}

/// Tells what a scanned text is. Spaces around it are ignored; it never panics, whatever was
/// scanned.
#[must_use]
pub fn classify(text: &str, prefixes: &Prefixes) -> Scanned {
    let text = text.trim();
    let begins = |prefix: &str| begins_with(text, prefix);
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return classify_digits(text, prefixes);
    }
    if begins(COMMAND) {
        return Command::parse(text).map_or(Scanned::Unreadable, Scanned::Command);
    }
    if text.starts_with(MERCHANT_QR) {
        return Scanned::MerchantQr;
    }
    if text.starts_with(EMV_CONSUMER) {
        return Scanned::EmvConsumer;
    }
    if WECHAT_PERSONAL.into_iter().any(begins) {
        return Scanned::WechatPersonal;
    }
    Scanned::Unreadable
}

fn classify_digits(digits: &str, prefixes: &Prefixes) -> Scanned {
    if let Some(code) = PaymentCode::parse(digits, prefixes) {
        return Scanned::Payment(code);
    }
    match digits.len() {
        19 if digits.starts_with("62") => Scanned::UnionPay,
        8 | 12 | 13 | 14 if check_digit_is_right(digits) => Scanned::Product,
        12 => Scanned::LinePay,
        _ if digits.starts_with(MERCHANT_QR) => Scanned::MerchantQr,
        _ => Scanned::Unreadable,
    }
}

impl Command {
    /// Every command with the text of its barcode. Printed by the shop as Code 128 or QR.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Cancel, "TILLSCAN:CANCEL"),
        (Self::Check, "TILLSCAN:CHECK"),
        (Self::Reprint, "TILLSCAN:REPRINT"),
        (Self::Last, "TILLSCAN:LAST"),
        (Self::Report, "TILLSCAN:REPORT"),
    ];

    /// Small letters pass: some scanners are set to change the case.
    fn parse(text: &str) -> Option<Self> {
        let named = |(_, barcode): &(Self, &str)| text.eq_ignore_ascii_case(barcode);
        Self::ALL.into_iter().find(named).map(|(command, _)| command)
    }
}

/// GS1's check digit, the same for EAN-8, UPC-A, EAN-13 and ITF-14: counted from the right, every
/// second digit weighs three, and the sum ends in zero.
fn check_digit_is_right(digits: &str) -> bool {
    let weights = [1, 3].into_iter().cycle();
    let weighed =
        digits.bytes().rev().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight);
    weighed.sum::<u32>() % 10 == 0
}

fn begins_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

const COMMAND: &str = "TILLSCAN:";

/// EMV merchant-presented QR: payload format indicator (tag 00, 2 characters) 01.
const MERCHANT_QR: &str = "000201";

/// EMV consumer-presented QR: base64 of tag 85, length 5, `CPV01`. The tenth letter mixes the last
/// two bits of that with the next byte: `Q` at the text's end, `W` before tag 61, which every real
/// code has.
const EMV_CONSUMER: &str = "hQVDUFYwM";

/// Receive codes, friend codes, and whatever else opens inside WeChat.
const WECHAT_PERSONAL: [&str; 4] =
    ["wxp://", "https://u.wechat.com/", "http://u.wechat.com/", "weixin://"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Wallet;
    use super::*;

    /// What the counter makes of `text`, as one word.
    fn named(text: &str) -> String {
        let scanned = classify(text, &Prefixes::default());
        if let Scanned::Payment(code) = scanned {
            assert_eq!(code.expose(), text.trim());
            return code.wallet().to_string();
        }
        format!("{scanned:?}")
    }

    #[track_caller]
    fn check(expected: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(named(text), expected, "{text:?}");
        }
    }

    #[test]
    fn wallets_codes_are_payments() {
        check(
            "wechat_pay_upm",
            &[
                "100000000000000000",
                "110991292552725093",
                "120991292552725093",
                "130991292552725093",
                "140991292552725181",
                "159999999999999999",
                "160991292552725093",
                " 130991292552725093 ",
            ],
        );
        check(
            "alipayplus_upm",
            &[
                "2512345678901234",
                "281234567890123456",
                "2897991359827699709",
                "301234567890123456789012",
            ],
        );
    }

    #[test]
    fn other_codes_are_named() {
        check("UnionPay", &["6212345678901234567"]);
        check("LinePay", &["123456789013"]);
        check(
            "MerchantQr",
            &[
                "00020101021129370016A000000677010111011300668000000005802TH53037646304ABCD",
                "000201",
                "00020101021153037645802",
            ],
        );
        check("EmvConsumer", &["hQVDUFYwMWETTwegAAAFVVVV", "hQVDUFYwMQ=="]);
        check(
            "WechatPersonal",
            &[
                "wxp://f2f0abcdef",
                "WXP://F2F0ABCDEF",
                "https://u.wechat.com/abc",
                "http://u.wechat.com/abc",
                "weixin://dl/business",
            ],
        );
    }

    #[test]
    fn p1_what_a_customer_could_pay_with_is_a_secret() {
        for (text, secret) in [
            ("130991292552725093", true),
            ("281234567890123456", true),
            ("6212345678901234567", true),
            ("123456789013", true),
            ("hQVDUFYwMQ", true),
            ("wxp://f2f0abc", true),
            ("TILLSCAN:CANCEL", false),
            ("00020101021129370016A000000677010111", false),
            ("8850999320021", false),
            ("hello", false),
        ] {
            assert_eq!(classify(text, &Prefixes::default()).could_pay(), secret, "{text}");
        }
    }

    #[test]
    fn products_need_a_right_check_digit() {
        check("Product", &["4006381333931", "96385074", "036000291452", "00012345600012"]);
        check("Unreadable", &["4006381333932", "96385075", "00012345600013"]);
        check("LinePay", &["036000291453"]);
    }

    #[test]
    fn commands_are_exact_but_for_the_case() {
        for (command, barcode) in Command::ALL {
            let expected = Scanned::Command(command);
            assert_eq!(classify(barcode, &Prefixes::default()), expected);
            assert_eq!(classify(&barcode.to_lowercase(), &Prefixes::default()), expected);
        }
        check(
            "Unreadable",
            &["TILLSCAN:", "TILLSCAN:CANCELS", "TILLSCAN:REFUND", "TILLSCAN", "CANCEL"],
        );
    }

    #[test]
    fn anything_else_is_unreadable() {
        check(
            "Unreadable",
            &[
                "",
                " ",
                "AT",
                "13099129255272509",
                "1309912925527250931",
                "161991292552725093",
                "170991292552725093",
                "090991292552725093",
                "251234567890123",
                "2512345678901234567890123",
                "3112345678901234",
                "621234567890123456",
                "13099129255272509x",
                "1309912925 52725093",
                "1.30991292552725e17",
                "๑๓๐๙๙๑๒๙๒๕๕๒๗๒๕๐๙๓",
                "https://example.com/",
                "ก",
            ],
        );
    }

    /// The two wallets of the default table never claim each other's codes.
    #[test]
    fn wechat_pay_is_matched_first_where_a_configuration_overlaps() {
        let prefixes =
            Prefixes { alipayplus_upm: Prefixes::default().wechat_pay_upm, ..Prefixes::default() };
        let Scanned::Payment(code) = classify("130991292552725093", &prefixes) else {
            panic!("a payment code");
        };
        assert_eq!(code.wallet(), Wallet::WechatPayUpm);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            prop_assert!(!named(&text).is_empty());
        }

        #[test]
        fn near_misses_do_not_panic(text in "(TILLSCAN:|000201|hQVDUFYwMQ|wxp://|[0-9]{7,25}).{0,3}") {
            prop_assert!(!named(&text).is_empty());
        }

        #[test]
        fn p1_the_classification_of_a_payment_hides_it(digits in "1[0-5][0-9]{16}") {
            let scanned = classify(&digits, &Prefixes::default());
            prop_assert!(matches!(scanned, Scanned::Payment(_)));
            let printed = format!("{scanned:?} {scanned:#?}");
            prop_assert!(!printed.contains(&digits));
        }

        #[test]
        fn any_wrong_digit_breaks_the_check_digit(place in 0_usize..13, by in 1_u8..10) {
            let mut digits = *b"4006381333931";
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            prop_assert!(!check_digit_is_right(std::str::from_utf8(&digits).unwrap()));
        }
    }
}
