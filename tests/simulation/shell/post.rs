//! The way of a webhook: from the gateway to the desk, where the receiver hands it in, and the
//! answer back. What was not answered with a 2xx in time comes again. How one is signed, read over
//! HTTP and refused is not of these worlds.

use std::collections::BTreeMap;
use std::time::Duration;

use tillscan::api::CallError;
use tillscan::journal::Receipt;
use tillscan::webhook::Event;
use tillscan::webhook::event::{self, Told};

use super::ear::Answer;
use super::world::{Coming, World};
use crate::dice::Dice;
use crate::network::{Back, TIME_OUT, Way};
use crate::oracles::{Violation, require};
use crate::world::Checked;

/// What the gateway sends, and waits for an answer to.
#[derive(Default)]
pub struct Post {
    sent: u64,
    /// By number: which event each tells of, and how often that was sent before.
    open: BTreeMap<u64, (u64, u32)>,
    /// The power goes before anything comes of what was just answered.
    pub cut: bool,
}

/// A webhook that arrives.
#[derive(Clone, Debug)]
pub struct Webhook {
    number: u64,
    event: u64,
    /// Whether the gateway hears the answer.
    heard: bool,
}

impl World {
    /// Whether the shop has a receiver.
    pub fn listens(&self) -> bool {
        self.plan.policy.hinted_poll.is_some()
    }

    /// The gateway tells of an event, which it told of so often before.
    pub fn posts(&mut self, event: u64, before: u32) {
        if !self.listens() {
            return;
        }
        self.post.sent += 1;
        let number = self.post.sent;
        let fault = self.faults.of_message(WEBHOOKS + number);
        self.trace.sent(self.now, number, "webhook", fault);
        let way = Way::of(fault, Dice::of(self.seed, "post", number));
        for (nth, after) in way.arrives.iter().enumerate() {
            // A copy is answered too, but nobody listens.
            let heard = nth == 0 && matches!(way.back, Back::After(back) if back < TIME_OUT);
            self.comes(self.now + *after, Coming::Webhook(Webhook { number, event, heard }));
        }
        self.post.open.insert(number, (event, before));
        self.comes(self.now + TIME_OUT, Coming::Unanswered(number));
    }

    /// The gateway waits no longer for an answer: where none came, it tells once more.
    pub fn posts_again(&mut self, number: u64) {
        let Some((event, before)) = self.post.open.remove(&number) else { return };
        if before < AGAIN_MAX {
            let mut dice = Dice::of(self.seed, "post-again", number);
            let wait = dice.between(AGAIN_AFTER, AGAIN_AFTER * 2_u32.pow(before));
            self.comes(self.now + wait, Coming::Posts(event, before + 1));
        }
    }

    /// A webhook arrives, and is handed in.
    pub fn hands_in(&mut self, webhook: Webhook) -> Checked {
        let body = self.gateway.webhook(webhook.event);
        let Some(Told::Of(event)) = event::read(&body) else {
            return Err(Violation::new("L2", "a webhook about a charge is not understood".into()));
        };
        self.trace
            .note(self.now, || format!("> webhook {} about {}", webhook.number, event.charge));
        let Some(process) = &self.process else { return Ok(()) };
        let desk = process.desk.clone();
        self.asks(Box::pin(async move {
            let answer = desk.hint(event.clone()).await;
            Answer::Hint(webhook, event, answer)
        }))
    }

    /// The receiver can answer: with a 2xx or with a 503.
    pub fn answers_webhook(
        &mut self,
        webhook: &Webhook,
        event: &Event,
        answer: Result<Receipt, CallError>,
    ) -> Checked {
        self.trace.note(self.now, || format!("    {answer:?} to webhook {}", webhook.number));
        let receipt = match answer {
            Ok(receipt) => receipt,
            Err(error) => return self.hears_sale(Err(error)),
        };
        require(self.promises.is_on_record(&event.id), "D3", || {
            format!("a webhook about {} was answered before it was on record", event.charge)
        })?;
        self.tally.webhook(match receipt {
            Receipt::New => "webhooks taken",
            Receipt::Duplicate => "webhooks known",
        });
        if webhook.heard {
            self.post.open.remove(&webhook.number);
        }
        // The gateway will not send it again, and nothing came of it yet: no moment is as bad.
        self.post.cut |= (0..BAD_MOMENT).any(|_| self.power_goes());
        Ok(())
    }
}

/// Their occasions of faults are beyond those of any world's other messages.
const WEBHOOKS: u64 = 1 << 32;
/// So often is one that nobody takes sent again: for half an hour on end.
const AGAIN_MAX: u32 = 10;
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How many points at which the power may go stand for the moment behind an answer.
const BAD_MOMENT: u32 = 5;
