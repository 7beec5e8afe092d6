//! One effect each, carried out in the order the terminal gave them.

use std::sync::Arc;

use anyhow::{Context, Result};

use super::counter::Counter;
use crate::api::CallError;
use crate::api::document::{EventDocument, FeedbackDocument, OutcomeDocument};
use crate::scanner::Signal;
use crate::terminal::{Announcement, Effect, Feedback, Frame, Request, RequestId, Screen};

impl Counter {
    /// Carries out everything the terminal ordered. The first failure ends it: what comes behind a
    /// record that is not on disk must not happen (D1, D2, D4).
    pub(super) fn perform_all(&mut self) -> Result<()> {
        while let Some(effect) = self.terminal.next_effect() {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::Persist(records) => {
                (self.append)(&mut self.journal, &records)
                    .context("the journal cannot be written")?;
            }
            Effect::Send(id, request) => self.send(id, request),
            Effect::Answer(token, answer) => {
                if let Some(waiting) = self.waiting.remove(&token) {
                    // Whoever asked may be gone by now; asking again gives the same answer.
                    let _ = waiting.send(answer.map_err(CallError::from));
                }
            }
            Effect::Show(frame) => self.show(&frame),
            Effect::Feedback(feedback) => self.feedback(feedback),
            Effect::Announce(announcement) => self.announce(announcement),
        }
        Ok(())
    }

    /// Each request is a task of its own that answers exactly once; the gateway client bounds its
    /// time.
    fn send(&self, id: RequestId, request: Request) {
        let (gateway, replies) = (Arc::clone(&self.gateway), self.replies.clone());
        tokio::spawn(async move {
            let reply = gateway.execute(request).await;
            // The loop is gone: the process is ending, and the restart asks again.
            let _ = replies.send((id, reply)).await;
        });
    }

    fn show(&mut self, frame: &Frame) {
        let armed = frame.screen == Screen::ScanCode;
        self.scanners.tell(None, if armed { Signal::Armed } else { Signal::Disarmed });
        let reference = frame.sale.as_ref().map(|sale| sale.reference.as_str());
        tracing::info!(screen = ?frame.screen, reference, "the counter shows");
        self.notifier.status(&self.summary(frame));
        if self.desk.is_heard() {
            self.desk.tell(EventDocument::Screen(Box::new(frame.clone().into())));
        }
    }

    pub(super) fn feedback(&mut self, feedback: Feedback) {
        *self.scans.entry(feedback).or_default() += 1;
        tracing::info!(?feedback, "told the cashier");
        if let Some(device) = self.scanned_by.take() {
            let signal = if feedback.is_good() { Signal::Good } else { Signal::Bad };
            self.scanners.tell(Some(&device), signal);
        }
        self.desk.tell(EventDocument::Feedback(Box::new(FeedbackDocument::from(feedback))));
    }

    fn announce(&self, announcement: Announcement) {
        let Announcement { event, repeated, sale, refund } = &announcement;
        tracing::info!(
            event = event.word(), repeated, reference = %sale.reference, amount = %sale.amount,
            charge = sale.charge_id.as_ref().map(|charge| charge.0.as_str()),
            failure_code = sale.failure_code,
            refund = refund.as_ref().map(|refund| refund.refund.as_str()), "announced"
        );
        self.hooks.announce(&announcement);
        self.desk.tell(EventDocument::Outcome(Box::new(OutcomeDocument::from(announcement))));
    }
}
