//! Scans that nobody means: they begin nothing (S1, S8).

use std::time::Duration;

use tillscan::terminal::{Fact, Feedback};

use super::{Held, Oracle, require};
use crate::event::{Event, What};
use crate::truth::Truth;

/// A scan that is old, or from before the arming, or a double trigger, is refused for that. The
/// process's clock stops while it sleeps, so that what is too soon by the world's clock is by its
/// own, and what is too old by its own is told with the scan.
#[derive(Default)]
pub struct Scans {
    run: u32,
    /// What is being judged: when it was held there, by the world's clock, and for how long it was
    /// under way, by the process's.
    scan: Option<(String, Duration, Duration)>,
    /// What was acted on last.
    last: Option<(String, Duration)>,
    /// When a sale was armed last.
    armed: Duration,
}

impl Oracle for Scans {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        if event.run != self.run {
            *self = Self { run: event.run, ..Self::default() };
        }
        match &event.what {
            What::Scanned { text, age } => {
                let at = event.at.saturating_sub(*age);
                self.scan = Some(((*text).to_owned(), at, *age));
            }
            What::Wrote { record, .. } => {
                if matches!(record.fact, Fact::Armed { .. }) {
                    self.armed = event.at;
                }
            }
            What::Judged(feedback) => {
                if let Some((text, at, age)) = self.scan.take() {
                    return self.judged(*feedback, text, at, age);
                }
            }
            What::Stepped { .. } => self.scan = None,
            _ => {}
        }
        Ok(())
    }
}

impl Scans {
    fn judged(&mut self, feedback: Feedback, text: String, at: Duration, age: Duration) -> Held {
        let again = self.last.as_ref().is_some_and(|(last, before)| {
            *last == text && at.saturating_sub(*before) < REPEAT_WITHIN
        });
        let taken = feedback == Feedback::Accepted;
        let acted = feedback.is_good();
        require(!(again && acted), "S8", || "a double trigger is acted on".to_owned())?;
        require(!(acted && age > STALE_AFTER), "S1", || format!("a scan of {age:?} ago counts"))?;
        require(!(taken && at < self.armed), "S1", || "a scan from before counts".to_owned())?;
        if acted || feedback == Feedback::Repeated {
            self.last = Some((text, at));
        }
        Ok(())
    }
}

/// The same code again within this time is a double trigger.
const REPEAT_WITHIN: Duration = Duration::from_secs(3);
/// An older scan was queued somewhere.
const STALE_AFTER: Duration = Duration::from_secs(5);
