//! What went into the terminal, in the words of its table tests (`src/terminal/tests/mod.rs`), so
//! that a failure can be pasted there and read.

use std::time::Duration;

use tillscan::scanner::Key;
use tillscan::terminal::{
    Charge, IfClosed, Input, LateMoney, MadeRefund, Reply, Status, UnknownWhy, Wish,
};

/// The steps so far, and the time of the last one.
#[derive(Default)]
pub struct Script {
    pub steps: Vec<String>,
    at: Duration,
}

impl Script {
    /// The process starts.
    pub fn boots(&mut self, now: Duration) {
        if !self.steps.is_empty() {
            self.steps.push("crash".to_owned());
        }
        self.at = now;
    }

    /// Something goes in. Deadlines fire by themselves while time passes, and the answers to warm
    /// connections come by themselves.
    pub fn input(&mut self, now: Duration, input: &Input) {
        let Some(step) = step(input) else { return };
        let passed = now.saturating_sub(self.at).as_millis();
        if passed > 0 {
            self.steps.push(format!("+{passed}ms"));
        }
        self.at = now;
        self.steps.push(step);
    }
}

fn step(input: &Input) -> Option<String> {
    Some(match input {
        Input::Commanded { command, .. } => match &command.wish {
            Wish::Arm { amount, closed: IfClosed::Keep } => {
                format!("arm {} {amount}", command.reference)
            }
            Wish::Arm { amount, closed: IfClosed::Again } => {
                format!("again {} {amount}", command.reference)
            }
            Wish::Cancel => format!("cancel {}", command.reference),
            Wish::Check => format!("check {}", command.reference),
            Wish::Detach => format!("detach {}", command.reference),
            Wish::Acknowledge(LateMoney::Keep) => format!("ack {}", command.reference),
            Wish::Acknowledge(LateMoney::GiveBack) => format!("ack {} refund", command.reference),
            Wish::Refund(wish) => {
                let amount = wish.amount.map_or_else(String::new, |amount| amount.to_string());
                format!("refund {} {} {amount}", command.reference, wish.refund)
            }
        },
        Input::Scanned(scan) => format!("scan {}", scan.text.as_str()),
        Input::ScanDamaged(_) => "damaged".to_owned(),
        Input::Keyed { key, reference, .. } => match key {
            Key::Digit(digit) => format!("type {digit}"),
            Key::Point => "type .".to_owned(),
            Key::Erase => "erase".to_owned(),
            Key::Clear => "clear".to_owned(),
            Key::Enter => format!("enter as {reference}"),
        },
        Input::Replied { reply, .. } => format!("< {}", answer(reply)?),
        Input::Hinted { charge, .. } => format!("hint {charge}"),
        Input::TimerFired | Input::Configured(_) => return None,
    })
}

fn answer(reply: &Reply) -> Option<String> {
    Some(match reply {
        Reply::Charge(charge) => shown(charge),
        Reply::Absent => "absent".to_owned(),
        Reply::Refund(_) => "made".to_owned(),
        Reply::Refunds(made) => {
            let own = |made: &MadeRefund| made.own.clone().map_or("else".to_owned(), |own| own.0);
            let listed = made.iter().map(|made| format!(" {}:{}", own(made), made.amount_satang));
            format!("list{}", listed.collect::<String>())
        }
        Reply::Warm { .. } => return None,
        Reply::Refused(rejection) => format!("refused {}", rejection.code),
        Reply::NotSent { .. } => "not-sent".to_owned(),
        Reply::Unknown { why: UnknownWhy::TooManyRequests, retry_after } => {
            format!("429 {}s", retry_after.unwrap_or_default().as_secs())
        }
        Reply::Unknown { why, .. } => match why {
            UnknownWhy::Broken => "reset",
            UnknownWhy::ServerError => "5xx",
            UnknownWhy::BackendError => "backend_error",
            UnknownWhy::BadBody | UnknownWhy::Foreign => "garbage",
            _ => "lost",
        }
        .to_owned(),
    })
}

fn shown(charge: &Charge) -> String {
    let id = &charge.id;
    match charge.status {
        Status::Pending => format!("pending {id}"),
        Status::Successful => format!("paid {id} amount {}", charge.amount_satang),
        Status::Failed => {
            format!("failed {id} {}", charge.failure_code.as_deref().unwrap_or("none"))
        }
        Status::Expired => format!("expired {id}"),
        Status::Reversed => format!("reversed {id}"),
        Status::Unrecognised => format!("odd {id}"),
    }
}
