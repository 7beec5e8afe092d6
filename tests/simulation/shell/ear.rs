//! What the daemon tells: the desk's events, and its answers to those who asked. They reach the
//! oracles before anything else happens, so that they are judged by what is so when they are told.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tillscan::api::document::{EventDocument, SaleDocument, ScreenDocument, StatusDocument};
use tillscan::api::{CallError, Desk};
use tillscan::journal::Receipt;
use tillscan::terminal::{Announcement, Frame, SaleView};
use tillscan::webhook;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::post::Webhook;
use super::process::Process;
use super::sight;
use super::world::World;
use crate::event::What;
use crate::oracles::{Violation, require};
use crate::world::Checked;

/// Hears one process.
pub struct Ear {
    events: Receiver<Arc<EventDocument>>,
    asked: Vec<Asking>,
    /// What the counter shows.
    pub frame: Option<Frame>,
}

/// Somebody who waits for an answer.
pub type Asking = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What somebody is answered.
pub enum Answer {
    /// With one sale, after a wish or a look at it, or with the newest ones.
    Sales(Result<Vec<SaleDocument>, CallError>),
    /// With everything an operator wants to know.
    Status(Result<Box<StatusDocument>, CallError>),
    /// That a webhook is on record, or is to come again.
    Hint(Webhook, webhook::Event, Result<Receipt, CallError>),
}

enum Heard {
    Event(Arc<EventDocument>),
    Answer(Answer),
    Missed,
}

impl Ear {
    /// Hears everything from here on.
    pub fn new(desk: &Desk) -> Self {
        Self { events: desk.listen(), asked: Vec::new(), frame: None }
    }

    /// Asks, at once, and waits for the answer.
    pub fn asks(&mut self, mut asking: Asking) -> Option<Answer> {
        let answer = asking.as_mut().now_or_never();
        if answer.is_none() {
            self.asked.push(asking);
        }
        answer
    }

    fn hear(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        loop {
            match self.events.try_recv() {
                Ok(event) => heard.push(Heard::Event(event)),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(_)) => heard.push(Heard::Missed),
            }
        }
        self.asked.retain_mut(|asking| match asking.as_mut().now_or_never() {
            Some(answer) => {
                heard.push(Heard::Answer(answer));
                false
            }
            None => true,
        });
        heard
    }
}

impl World {
    /// Hands what was told so far to the oracles.
    pub fn hears(&mut self) -> Checked {
        let heard = self.process.as_mut().map(|process| process.ear.hear()).unwrap_or_default();
        heard.into_iter().try_for_each(|heard| match heard {
            Heard::Event(event) => self.hears_event(&event),
            Heard::Answer(answer) => self.hears_answer(answer),
            Heard::Missed => {
                Err(Violation::new("O3", "a listener missed what was told in one turn".to_owned()))
            }
        })
    }

    /// The loop is at rest: whoever asked has been answered.
    pub fn rests(&mut self) -> Checked {
        self.looks_at_the_clock();
        self.hears()?;
        let asked = self.process.as_ref().map_or(0, |process| process.ear.asked.len());
        require(asked == 0, "L5", || format!("{asked} callers wait for an answer"))?;
        self.promises.are_kept(&self.truth, self.now)
    }

    fn hears_event(&mut self, event: &EventDocument) -> Checked {
        match event {
            EventDocument::Screen(screen) => {
                let frame = frame(screen);
                self.trace.note(self.now, || format!("    {frame:?}"));
                self.tell(What::Showed(&frame))?;
                if let Some(process) = &mut self.process {
                    process.ear.frame = Some(frame);
                }
                Ok(())
            }
            EventDocument::Outcome(told) => {
                let sale = told.sale.sale.clone();
                let refund = told.refund.as_ref().map(|document| document.refund.clone());
                let (event, repeated) = (told.event, told.repeated);
                let told = Announcement { event, repeated, sale, refund };
                self.trace.note(self.now, || format!("    {told:?}"));
                self.tell(What::Announced(&told))
            }
            EventDocument::Feedback(told) => {
                self.trace.note(self.now, || format!("    {:?}", told.feedback));
                self.tell(What::Judged(told.feedback))
            }
            EventDocument::Status(status) => sight::judge(status, &self.truth),
        }
    }

    /// Somebody is answered.
    pub fn hears_answer(&mut self, answer: Answer) -> Checked {
        match answer {
            Answer::Sales(Ok(documents)) => {
                documents.into_iter().try_for_each(|document| self.hears_sale(Ok(document.sale)))
            }
            Answer::Status(Ok(status)) => {
                self.trace.note(self.now, || format!("    {} unsettled", status.unsettled));
                sight::judge(&status, &self.truth)
            }
            Answer::Sales(Err(error)) | Answer::Status(Err(error)) => self.hears_sale(Err(error)),
            Answer::Hint(webhook, event, answer) => self.answers_webhook(&webhook, &event, answer),
        }
    }

    /// Somebody is answered with a sale, or turned away.
    pub fn hears_sale(&mut self, answer: Result<SaleView, CallError>) -> Checked {
        self.trace.note(self.now, || format!("    {answer:?}"));
        match answer {
            Ok(view) => self.tell(What::Replied(&Ok(view))),
            Err(CallError::Refused(refusal)) => self.tell(What::Replied(&Err(refusal))),
            Err(CallError::Unavailable) => {
                let ends = |process: &Process| process.stopping || process.failed;
                require(self.process.as_ref().is_none_or(ends), "L5", || {
                    "somebody was turned away although the daemon runs".to_owned()
                })
            }
            Err(CallError::DiskFull(why)) => Err(Violation::new("D6", why)),
        }
    }
}

fn frame(screen: &ScreenDocument) -> Frame {
    Frame {
        screen: screen.screen,
        sale: screen.sale.as_ref().map(|document| document.sale.clone()),
        typed: screen.typed.clone(),
    }
}
