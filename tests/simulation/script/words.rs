//! The words of scripts for what goes into the terminal.

use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::scanner::Key;
use tillscan::terminal::{
    Charge, Damage, Heard, IfClosed, Input, LateMoney, MadeRefund, Reply, Status, UnknownWhy, Wish,
};

use crate::tables::{About, word};

/// The step that an input is, but for answers; none for what a script need not say.
pub fn said(input: &Input, now: Moment) -> Option<String> {
    Some(match input {
        Input::Commanded { command, .. } => wish(command.reference.as_str(), &command.wish),
        Input::Scanned(scan) => {
            let age = now - scan.last;
            let text = scan.text.as_str();
            let ago = if age.is_zero() { String::new() } else { format!("@-{} ", time(age)) };
            format!("scan {ago}{text} as {}", scan.attempt)
        }
        Input::ScanDamaged(damage) => match damage {
            Damage::Partial => "damaged".to_owned(),
            Damage::TooLong => "damaged long".to_owned(),
            Damage::ControlCharacters => "damaged control".to_owned(),
        },
        Input::Keyed { key, reference, .. } => match key {
            Key::Digit(digit) => format!("type {digit}"),
            Key::Point => "type .".to_owned(),
            Key::Erase => "erase".to_owned(),
            Key::Clear => "clear".to_owned(),
            Key::Enter => format!("enter as {reference}"),
        },
        Input::Hinted { charge, heard: Heard::Now, .. } => format!("hint {charge}"),
        Input::Hinted { charge, heard: Heard::Before, .. } => format!("hint {charge} again"),
        Input::Replied { .. } | Input::TimerFired | Input::Configured(_) => return None,
    })
}

fn wish(reference: &str, wish: &Wish) -> String {
    match wish {
        Wish::Arm { amount, closed: IfClosed::Keep } => format!("arm {reference} {amount}"),
        Wish::Arm { amount, closed: IfClosed::Again } => format!("again {reference} {amount}"),
        Wish::Cancel => format!("cancel {reference}"),
        Wish::Check => format!("check {reference}"),
        Wish::Detach => format!("detach {reference}"),
        Wish::Acknowledge(LateMoney::Keep) => format!("ack {reference}"),
        Wish::Acknowledge(LateMoney::GiveBack) => format!("ack {reference} refund"),
        Wish::Refund(wish) => {
            let amount = wish.amount.map_or_else(String::new, |amount| format!("{amount} "));
            format!("refund {reference} {} {amount}as {}", wish.refund, wish.id)
        }
    }
}

/// What the gateway answers to a request that is about this.
pub fn answer(reply: &Reply, about: &About) -> String {
    match reply {
        Reply::Charge(charge) => shown(charge, about),
        Reply::Absent => "absent".to_owned(),
        Reply::Refund(_) => "made".to_owned(),
        Reply::Refunds(made) => format!("list{}", listed(made)),
        Reply::Warm { .. } => "warm".to_owned(),
        Reply::Refused(rejection) => format!("refused {}", rejection.code),
        Reply::NotSent { .. } => "not-sent".to_owned(),
        Reply::Unknown { why, retry_after: None } => match why {
            UnknownWhy::TimedOut => "lost".to_owned(),
            UnknownWhy::Broken => "reset".to_owned(),
            UnknownWhy::ServerError => "5xx".to_owned(),
            UnknownWhy::BackendError => "backend_error".to_owned(),
            UnknownWhy::BadBody => "garbage".to_owned(),
            UnknownWhy::TooMany => "too-much".to_owned(),
            UnknownWhy::TooManyRequests
            | UnknownWhy::Foreign
            | UnknownWhy::Refused
            | UnknownWhy::Missing
            | UnknownWhy::WrongAmount
            | UnknownWhy::NotSent => format!("unknown {}", word(why)),
        },
        Reply::Unknown { why: UnknownWhy::TooManyRequests, retry_after: Some(after) } => {
            format!("429 {}", time(*after))
        }
        Reply::Unknown { why, retry_after: Some(after) } => {
            format!("unknown {} {}", word(why), time(*after))
        }
    }
}

/// A charge, with what is unusual about it.
fn shown(charge: &Charge, about: &About) -> String {
    let id = &charge.id;
    let mut said = match charge.status {
        Status::Pending => format!("pending {id}"),
        Status::Successful => format!("paid {id}"),
        Status::Failed => {
            format!("failed {id} {}", charge.failure_code.as_deref().unwrap_or("-"))
        }
        Status::Expired => format!("expired {id}"),
        Status::Reversed => format!("reversed {id}"),
        Status::Unrecognised => format!("odd {id}"),
    };
    if charge.attempt != about.attempt {
        let attempt = charge.attempt.as_ref().map_or("nobody", |attempt| attempt.0.as_str());
        said += &format!(" of {attempt}");
    }
    if charge.amount_satang != about.satang {
        said += &format!(" amount {}", charge.amount_satang);
    }
    if charge.currency != "THB" {
        said += &format!(" currency {}", charge.currency);
    }
    if charge.status == Status::Successful {
        said += &given_back(charge);
    }
    said
}

/// What a paid charge says of its refunds.
fn given_back(charge: &Charge) -> String {
    let refunds = &charge.refunds;
    let Some(back) = refunds.satang else { return " without figures".to_owned() };
    let flags = match (refunds.whole, refunds.part) {
        (Some(false), Some(false)) if back < charge.amount_satang => " too late",
        (_, Some(false)) if back < charge.amount_satang => " in full only",
        _ => "",
    };
    let made = match &refunds.made {
        Some(made) if !made.is_empty() => format!(" as{}", listed(made)),
        Some(_) | None => String::new(),
    };
    if back == 0 && made.is_empty() {
        return flags.to_owned();
    }
    format!(" back {back}{flags}{made}")
}

fn listed(made: &[MadeRefund]) -> String {
    let own = |made: &MadeRefund| made.own.clone().map_or("else".to_owned(), |own| own.0);
    made.iter().map(|made| format!(" {}:{}", own(made), made.amount_satang)).collect()
}

/// A time as scripts say it.
pub fn time(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) if seconds > 0 => format!("{seconds}s"),
        _ => format!("{}ms", time.as_millis()),
    }
}
