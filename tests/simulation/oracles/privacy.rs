//! Secrets: P1, P2. Every payment code of these worlds has sixteen digits and more, and nothing
//! else has.

use std::collections::BTreeSet;

use tillscan::code::{PaymentCode, Prefixes};
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

/// The code leaves the terminal with its one create, and nothing is left in it that holds one: no
/// digits, and no value of the type that hides them. What becomes of it behind that door, in the
/// request and its body, is not seen here.
#[derive(Default)]
pub struct P2 {
    sent: BTreeSet<AttemptId>,
    /// What was scanned, and as what the code that it is would show itself.
    scanned: Option<(String, Option<String>)>,
}

impl Oracle for P2 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Scanned { text, .. } => {
                let code = PaymentCode::parse(text, &Prefixes::default());
                let shown = code.map(|code| format!("{code:?}"));
                let long = text.len() >= CODE_DIGITS as usize;
                self.scanned = long.then(|| ((*text).to_owned(), shown));
                Ok(())
            }
            What::Sent { ask: Ask::Create { attempt, .. }, .. } => {
                let first = self.sent.insert(attempt.clone());
                require(first, "P2", || format!("the code of {attempt} was kept and sent again"))
            }
            What::Stepped { terminal, .. } => {
                // Whatever holds a code got it with a scan: other steps are not worth the words.
                let Some((text, code)) = self.scanned.take() else { return Ok(()) };
                let inside = format!("{terminal:?}");
                require(!inside.contains(&text), "P2", || "what was scanned is kept".to_owned())?;
                let kept = code.is_some_and(|code| inside.contains(&code));
                require(!kept, "P2", || "a payment code is kept".to_owned())
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
