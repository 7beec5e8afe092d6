//! Secrets: P1, P2. Every payment code of these worlds has sixteen digits and more, and nothing
//! else has.

use std::collections::BTreeSet;

use tillscan::terminal::AttemptId;

use super::{Held, Oracle, require};
use crate::event::{Ask, Event, What};
use crate::truth::Truth;

/// No payment code in any record, screen, announcement, answer or debug output.
pub struct P1;

impl Oracle for P1 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Wrote { bytes, .. } => clean("a record", bytes),
            What::Showed(frame) => clean("a screen", format!("{frame:?}").as_bytes()),
            What::Announced(told) => clean("an announcement", format!("{told:?}").as_bytes()),
            What::Replied(answer) => clean("an answer", format!("{answer:?}").as_bytes()),
            What::Answered { reply, .. } => clean("a reply", format!("{reply:?}").as_bytes()),
            _ => Ok(()),
        }
    }
}

/// The code leaves the terminal with its one create, and is nowhere in it afterwards.
#[derive(Default)]
pub struct P2 {
    sent: BTreeSet<AttemptId>,
    scanned: Option<String>,
}

impl Oracle for P2 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Scanned { text, .. } => {
                self.scanned = (text.len() >= CODE_DIGITS as usize).then(|| (*text).to_owned());
                Ok(())
            }
            What::Sent { ask: Ask::Create { attempt, .. }, .. } => {
                let first = self.sent.insert(attempt.clone());
                require(first, "P2", || format!("the code of {attempt} was kept and sent again"))
            }
            What::Stepped { terminal, .. } => {
                let Some(code) = self.scanned.take() else { return Ok(()) };
                let kept = format!("{terminal:?}").contains(&code);
                require(!kept, "P2", || "the terminal keeps what was scanned".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn clean(what: &'static str, text: &[u8]) -> Held {
    let mut digits = 0;
    for byte in text {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        require(digits < CODE_DIGITS, "P1", || format!("a payment code in {what}"))?;
    }
    Ok(())
}

/// As many as the shortest payment code has.
const CODE_DIGITS: u32 = 16;
