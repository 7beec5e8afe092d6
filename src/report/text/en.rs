//! English.

use super::facts::{Decline, Facts, Obstacle, RefundFacts};
use super::{Sentence, say};
use crate::terminal::{Feedback, RefundState, Screen};

pub(super) fn screen(screen: Screen, facts: &Facts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("THB {amount}"));
    let reference = &facts.reference;
    match screen {
        Screen::Idle => say("Ready", "Start a sale at the till."),
        Screen::NotReady => say(
            "Payments are not set up",
            "The key for Opn Payments is missing. Please call the shop's administrator.",
        ),
        Screen::EnteringAmount => entry("–"),
        Screen::ScanCode => say(
            format!("Please pay {amount}"),
            "Please open Money → Pay in WeChat and hold the payment code to the scanner.",
        ),
        Screen::Sending => {
            say("Code read – please wait", "The payment is being started. Do not scan again.")
        }
        Screen::AwaitingCustomer => say(
            format!("Confirm on the phone {amount}"),
            "Customer: please confirm the payment. Cashier: wait, do not hand out the goods yet.",
        ),
        Screen::CancelWaits => say(
            "Cancelling – please wait",
            "Payments cannot be cancelled in the first 15 seconds. If the customer pays first, it is a sale.",
        ),
        Screen::Stopping => say(
            "Closing the payment – please wait",
            "The result comes in a moment. Do not scan again, do not hand out the goods.",
        ),
        Screen::Checking => say(
            "Checking – do not scan again",
            "The payment's result is being looked up. Do not hand out the goods, do not charge again.",
        ),
        Screen::Unknown => say(
            "Result not known – keep the goods",
            format!("Do not charge again. Check the status or call the manager. Sale: {reference}"),
        ),
        Screen::Paid => say(format!("Paid {amount}"), "Thank you! The goods can be handed out."),
        Screen::Declined => declined(facts),
        Screen::Expired => say(
            "Not paid – time is up",
            "No money was taken. To try again, start the sale again and ask for a fresh code.",
        ),
        Screen::Cancelled => say(
            "Cancelled – not paid",
            "No money was taken. Do not hand out the goods. Start a new sale when ready.",
        ),
        Screen::NotCreated => not_created(facts),
        Screen::LateSuccess => say(
            format!("Money came in late {amount}"),
            format!(
                "Do not charge again, give no goods and no cash. The manager looks and decides. Sale: {reference}"
            ),
        ),
    }
}

pub(super) fn refund(facts: &RefundFacts) -> Sentence {
    let amount = facts.amount.map_or(String::new(), |amount| format!("THB {amount}"));
    let RefundFacts { reference, code, .. } = facts;
    match facts.state {
        RefundState::Asked | RefundState::Sent => {
            say(format!("Refund under way {amount}"), "Wait for the result. Do not refund again.")
        }
        RefundState::Unknown => say(
            "Refund not known – do not repeat",
            format!(
                "Whether the money went back is being looked up. Give no cash. Sale: {reference}"
            ),
        ),
        RefundState::Refunded => say(
            format!("Refunded {amount}"),
            format!("The money goes back to the wallet it was paid from. Sale: {reference}"),
        ),
        RefundState::Refused => say(
            format!("Not refunded {amount}"),
            format!(
                "It was not made ({code}). Call the manager before giving cash. Sale: {reference}"
            ),
        ),
    }
}

pub(super) fn entry(typed: &str) -> Sentence {
    say(
        format!("Amount: THB {typed}"),
        "Type the amount and press Enter. Backspace takes one key back, Clear (Esc) all.",
    )
}

fn declined(facts: &Facts) -> Sentence {
    match facts.decline {
        Decline::PaymentExpired => say(
            "Not paid – the code has run out",
            "No money was taken. Start the sale again and ask the customer for a fresh code.",
        ),
        Decline::PaymentRejected => say(
            "Not paid – payment rejected",
            "No money was taken. The customer's app may say why. Offer another way to pay.",
        ),
        Decline::InvalidAccount => say(
            "Not paid – account cannot be used",
            "No money was taken. This account cannot pay here. Offer another way to pay.",
        ),
        Decline::InsufficientFund => say(
            "Not paid – balance or limit too low",
            "No money was taken. The customer can choose another card in the app; then start the sale again.",
        ),
        Decline::FailedProcessing => say(
            "Not paid – processing failed",
            "No money was taken. Wait a little, then start the sale again with a fresh code.",
        ),
        Decline::Other => say(
            "Not paid – payment declined",
            format!(
                "No money was taken. Start the sale again or offer another way to pay. Reason: {}",
                facts.code
            ),
        ),
    }
}

fn not_created(facts: &Facts) -> Sentence {
    match facts.obstacle {
        Obstacle::NoConnection => say(
            "Not paid – no network",
            "No money was taken. Check the internet connection, then start the sale again.",
        ),
        Obstacle::NotFound => say(
            "Not paid – no payment found",
            "Start the sale again. If the customer's phone shows a payment, call the manager first.",
        ),
        Obstacle::Key => say(
            "Not paid – the shop's key is refused",
            format!(
                "No money was taken. Please call the shop's administrator. Reason: {}",
                facts.code
            ),
        ),
        Obstacle::Other => say(
            "Not paid – payment not started",
            format!(
                "No money was taken. Try a fresh code; if it repeats, call the administrator. Reason: {}",
                facts.code
            ),
        ),
    }
}

pub(super) fn feedback(feedback: Feedback) -> Sentence {
    let (headline, next_step) = match feedback {
        Feedback::Accepted => ("Code read", "Please wait for the result."),
        Feedback::CommandDone => ("Done", "The command was carried out."),
        Feedback::CommandIdle => ("Nothing to do", "There is nothing this command applies to now."),
        Feedback::NothingArmed => {
            ("No amount yet", "Enter the amount at the till first, then scan the code.")
        }
        Feedback::Busy => ("A payment is under way", "Wait for its result. Do not scan again."),
        Feedback::AlreadyPaid => {
            ("This sale is paid already", "Do not charge again. Start a new sale for more.")
        }
        Feedback::Repeated => ("Same code read twice", "The second reading was ignored."),
        Feedback::Stale => ("This scan is too old", "Please scan the customer's code again now."),
        Feedback::Partial => ("Code read only in part", "Hold the phone still and scan again."),
        Feedback::TooLong => {
            ("Not a payment code – too long", "Scan the customer's WeChat payment code.")
        }
        Feedback::ControlCharacters => {
            ("Code garbled – scan again", "If this repeats, have the scanner's settings checked.")
        }
        Feedback::AlipayNotEnabled => {
            ("This is an Alipay code", "Alipay is not taken here. Ask for the WeChat payment code.")
        }
        Feedback::WechatNotEnabled => {
            ("This is a WeChat code", "WeChat Pay is not taken here. Offer another way to pay.")
        }
        Feedback::OutsideLimits => (
            "Amount outside this wallet's limits",
            "Too small or too large for this wallet. Offer another way to pay.",
        ),
        Feedback::UnionPay => (
            "This is a UnionPay code",
            "UnionPay is not taken here. Ask for the WeChat payment code.",
        ),
        Feedback::LinePay => (
            "This may be a LINE Pay code",
            "LINE Pay is not taken here. Ask for the WeChat payment code.",
        ),
        Feedback::MerchantQr => (
            "That is a shop's QR code",
            "Scan the customer's payment code instead: Money → Pay in WeChat.",
        ),
        Feedback::EmvConsumer => {
            ("A code of another wallet", "It is not taken here. Ask for the WeChat payment code.")
        }
        Feedback::WechatPersonal => (
            "WeChat code, but not for paying",
            "It is for receiving money or adding a friend. Open Money → Pay in WeChat.",
        ),
        Feedback::Product => {
            ("Product barcode", "Scan the customer's payment code, not the goods.")
        }
        Feedback::Unreadable => {
            ("Unreadable – scan again", "Turn up the phone's brightness and show the payment code.")
        }
        Feedback::AmountRefused => {
            ("Not an amount yet", "Type baht with at most two decimals, then press Enter.")
        }
        Feedback::AmountArmed => (
            "The amount is set",
            "Scan the customer's code, or press Clear (Esc) to change the amount.",
        ),
        Feedback::NotReady => (
            "Payments are not set up",
            "A setting is missing. Please call the shop's administrator.",
        ),
        Feedback::TooManyUnsettled => (
            "Too many open sales",
            "They must be looked at first. Please call the shop's administrator.",
        ),
        Feedback::DiskFull => {
            ("No room to record a sale", "The disk is full. Please call the shop's administrator.")
        }
        Feedback::LateSuccess => (
            "Money came in late",
            "Call the manager: it must be acknowledged before the next sale.",
        ),
        Feedback::KeyRefused => ("Please press the key again", "It was not taken."),
    };
    say(headline, next_step)
}
