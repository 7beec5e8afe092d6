//! The words: complete, short enough for a small screen, and never "not paid" without proof (S3).

use std::fmt::Write as _;

use expect_test::expect_file;

use super::facts::columns;
use super::*;
use crate::terminal::{Outcome, State};

const SCREENS: [Screen; 16] = [
    Screen::Idle,
    Screen::NotReady,
    Screen::EnteringAmount,
    Screen::ScanCode,
    Screen::Sending,
    Screen::AwaitingCustomer,
    Screen::CancelWaits,
    Screen::Stopping,
    Screen::Checking,
    Screen::Unknown,
    Screen::Paid,
    Screen::Declined,
    Screen::Expired,
    Screen::Cancelled,
    Screen::NotCreated,
    Screen::LateSuccess,
];

const FEEDBACKS: [Feedback; 28] = [
    Feedback::Accepted,
    Feedback::CommandDone,
    Feedback::CommandIdle,
    Feedback::NothingArmed,
    Feedback::Busy,
    Feedback::AlreadyPaid,
    Feedback::Repeated,
    Feedback::Stale,
    Feedback::Partial,
    Feedback::TooLong,
    Feedback::ControlCharacters,
    Feedback::AlipayNotEnabled,
    Feedback::WechatNotEnabled,
    Feedback::OutsideLimits,
    Feedback::UnionPay,
    Feedback::LinePay,
    Feedback::MerchantQr,
    Feedback::EmvConsumer,
    Feedback::WechatPersonal,
    Feedback::Product,
    Feedback::Unreadable,
    Feedback::AmountRefused,
    Feedback::AmountArmed,
    Feedback::NotReady,
    Feedback::TooManyUnsettled,
    Feedback::DiskFull,
    Feedback::LateSuccess,
    Feedback::KeyRefused,
];

const DECLINED: [&str; 6] = [
    "payment_expired",
    "payment_rejected",
    "invalid_account",
    "insufficient_fund",
    "failed_processing",
    "failed_fraud_check",
];

const NOT_CREATED: [&str; 5] =
    ["no_connection", "not_found", "authentication_failure", "not_authorized", "bad_request"];

/// How a screen stands to money.
#[derive(PartialEq)]
enum Proof {
    Money,
    NoMoney,
    Nothing,
}

fn proof(screen: Screen) -> Proof {
    match screen {
        Screen::Paid => Proof::Money,
        Screen::Declined | Screen::Expired | Screen::Cancelled | Screen::NotCreated => {
            Proof::NoMoney
        }
        Screen::Idle
        | Screen::NotReady
        | Screen::EnteringAmount
        | Screen::ScanCode
        | Screen::Sending
        | Screen::AwaitingCustomer
        | Screen::CancelWaits
        | Screen::Stopping
        | Screen::Checking
        | Screen::Unknown
        | Screen::LateSuccess => Proof::Nothing,
    }
}

/// The words that tell "not paid", in lower case.
fn unpaid_words(language: Language) -> &'static [&'static str] {
    match language {
        Language::Thai => &["ไม่ได้จ่าย", "ไม่มีการตัดเงิน", "ยังไม่จ่าย"],
        Language::English => &["not paid", "unpaid", "no money", "nothing was taken", "declined"],
        Language::Chinese => &["未付款", "未支付", "没有付款", "扣款"],
    }
}

/// The words that tell "paid", in lower case, and how "not paid" would hide in them.
fn paid_words(language: Language) -> (&'static [&'static str], &'static str) {
    match language {
        Language::Thai => (&["จ่ายแล้ว", "ชำระแล้ว"], ""),
        Language::English => (&["paid"], "not paid"),
        Language::Chinese => (&["已付款", "已支付"], ""),
    }
}

fn contains(sentence: &Sentence, words: &[&str]) -> bool {
    let text = format!("{}\n{}", sentence.headline, sentence.next_step).to_lowercase();
    words.iter().any(|word| text.contains(word))
}

fn says_paid(language: Language, sentence: &Sentence) -> bool {
    let (words, unless) = paid_words(language);
    let without = |text: &str| match unless {
        "" => text.to_lowercase(),
        unless => text.to_lowercase().replace(unless, ""),
    };
    let Sentence { headline, next_step } = sentence;
    contains(&say(without(headline), without(next_step)), words)
}

fn sale(reference: &str, satang: i64, failure_code: Option<&str>) -> SaleView {
    SaleView {
        reference: reference.parse().unwrap(),
        amount: crate::money::Amount::from_satang(satang).unwrap(),
        currency: "THB".into(),
        state: State::Closed,
        outcome: Some(Outcome::Declined),
        charge_id: None,
        failure_code: failure_code.map(str::to_owned),
        wallet: None,
        code: None,
        warning: None,
        attempt: None,
        attempts: 1,
        stop: None,
        detached: false,
        late_success: false,
        acknowledged: false,
        refunded: crate::money::Amount::ZERO,
        refunds: Vec::new(),
    }
}

/// Every screen with every code that matters to it.
fn every_screen() -> impl Iterator<Item = (Screen, Option<&'static str>)> {
    SCREENS.into_iter().flat_map(|screen| {
        let codes: &[&str] = if screen == Screen::Declined {
            &DECLINED
        } else if screen == Screen::NotCreated {
            &NOT_CREATED
        } else {
            &[]
        };
        codes.iter().copied().map(Some).chain([None]).map(move |code| (screen, code))
    })
}

fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn table(language: Language) -> String {
    let mut table = String::new();
    let mut row = |name: String, Sentence { headline, next_step }: Sentence| {
        writeln!(table, "{name}\n    {headline}\n    {next_step}").unwrap();
    };
    for (shown, code) in every_screen() {
        let sale = sale("INV-1", 15_000, code);
        let name = format!("{} {}", word(shown), code.unwrap_or_default());
        row(name.trim_end().to_owned(), screen(language, shown, Some(&sale)));
    }
    for heard in FEEDBACKS {
        row(format!("({})", word(heard)), feedback(language, heard));
    }
    table
}

/// The words of every variant: serde names them all when it meets another one.
fn variants<T: serde::de::DeserializeOwned>() -> Vec<String> {
    let error = serde_json::from_str::<T>("\"?\"").err().unwrap().to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn nothing_is_left_out_of_these_tests() {
    assert_eq!(SCREENS.map(word).to_vec(), variants::<Screen>());
    assert_eq!(FEEDBACKS.map(word).to_vec(), variants::<Feedback>());
}

#[test]
fn what_people_read() {
    expect_file!["table/th.txt"].assert_eq(&table(Language::Thai));
    expect_file!["table/en.txt"].assert_eq(&table(Language::English));
    expect_file!["table/zh.txt"].assert_eq(&table(Language::Chinese));
}

#[test]
fn s3_s4_screens_say_only_what_is_proven() {
    for language in Language::ALL {
        for (shown, code) in every_screen() {
            let sale = sale("INV-1", 15_000, code);
            for sentence in [screen(language, shown, Some(&sale)), screen(language, shown, None)] {
                let unpaid = contains(&sentence, unpaid_words(language));
                assert_eq!(unpaid, proof(shown) == Proof::NoMoney, "{language} {sentence:?}");
                let paid = says_paid(language, &sentence);
                assert_eq!(paid, proof(shown) == Proof::Money, "{language} {sentence:?}");
            }
        }
    }
}

#[test]
fn s3_s4_feedback_says_nothing_about_money_but_paid_already() {
    for language in Language::ALL {
        for heard in FEEDBACKS {
            let sentence = feedback(language, heard);
            assert!(!contains(&sentence, unpaid_words(language)), "{sentence:?}");
            let paid = says_paid(language, &sentence);
            assert_eq!(paid, heard == Feedback::AlreadyPaid, "{sentence:?}");
        }
    }
}

#[test]
fn goods_stay_where_nothing_is_proven() {
    for language in Language::ALL {
        let keep = match language {
            Language::Thai => "ห้ามส่งสินค้า",
            Language::English => "goods",
            Language::Chinese => "勿交货",
        };
        for shown in [Screen::AwaitingCustomer, Screen::Stopping, Screen::Checking, Screen::Unknown]
        {
            assert!(contains(&screen(language, shown, None), &[keep]), "{language} {shown:?}");
        }
        let paid = screen(language, Screen::Paid, None);
        assert!(!contains(&paid, &["ห้ามส่งสินค้า", "do not", "勿交货"]), "{paid:?}");
    }
}

#[test]
fn everything_fits_a_small_screen() {
    for language in Language::ALL {
        let long = ["x", "ก", "票"].map(|letter| letter.repeat(64));
        let screens = every_screen().flat_map(|(shown, code)| {
            long.iter().flat_map(move |long| {
                [code, Some(long.as_str())]
                    .map(|code| screen(language, shown, Some(&sale(long, 99_999_999, code))))
            })
        });
        let without = SCREENS.map(|shown| screen(language, shown, None));
        let heard = FEEDBACKS.map(|heard| feedback(language, heard));
        let typed = [entry(language, "123456789."), entry(language, "1234567.89")];
        for sentence in screens.chain(without).chain(heard).chain(typed) {
            assert!(columns(&sentence.headline) <= 40, "{language} {sentence:?}");
            assert!(columns(&sentence.next_step) <= 120, "{language} {sentence:?}");
            assert!(!sentence.headline.is_empty() && !sentence.next_step.is_empty());
        }
    }
}

#[test]
fn amount_reference_and_code_are_shown() {
    let check = |language, shown, code, parts: &[&str]| {
        let Sentence { headline, next_step } =
            screen(language, shown, Some(&sale("INV-{1}", 15_050, code)));
        for part in parts {
            assert!(
                format!("{headline} {next_step}").contains(part),
                "{part}: {headline} {next_step}"
            );
        }
    };
    for (language, amount) in [
        (Language::Thai, "150.50 บาท"),
        (Language::English, "THB 150.50"),
        (Language::Chinese, "150.50 泰铢"),
    ] {
        for shown in [Screen::ScanCode, Screen::AwaitingCustomer, Screen::Paid] {
            check(language, shown, None, &[amount]);
        }
        check(language, Screen::LateSuccess, None, &[amount, "INV-{1}"]);
        check(language, Screen::Unknown, None, &["INV-{1}"]);
        check(language, Screen::Declined, Some("failed_fraud_check"), &["failed_fraud_check"]);
        check(language, Screen::NotCreated, Some("bad_request"), &["bad_request"]);
        check(language, Screen::NotCreated, Some("not_authorized"), &["not_authorized"]);
        check(language, Screen::Declined, Some("a\u{1b}\0b"), &["a\u{fffd}\u{fffd}b"]);
    }
}

#[test]
fn an_amount_is_shown_as_it_was_typed() {
    for language in Language::ALL {
        for typed in ["0", "12", "12.", "12.5", "0.50", "1234567.89"] {
            let Sentence { headline, .. } = entry(language, typed);
            assert!(headline.split(' ').any(|word| word == typed), "{headline}");
        }
    }
}

#[test]
fn languages_are_named_by_code() {
    for language in Language::ALL {
        assert_eq!(language.code().parse(), Ok(language));
        assert_eq!(word(language), language.to_string());
    }
    assert_eq!(Language::ALL[0], Language::Thai);
    assert_eq!("TH".parse::<Language>(), Err(UnknownLanguage));
}
