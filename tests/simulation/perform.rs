//! The only door out of the terminal: its effects are carried out one at a time, and the power may
//! go between any two of them and within a write.

use std::time::Duration;

use tillscan::gateway::{Exchange, Inquiry, Step};
use tillscan::terminal::{Effect, Input, Record, Reply, Request, RequestId};

use crate::disk::Cut;
use crate::event::{Ask, What};
use crate::faults::Fault;
use crate::gateway::Letter;
use crate::network::{Back, TIME_OUT, Way, spoil};
use crate::world::{Checked, Coming, Waiting, World};

/// Whether the process is still there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Gone,
}

impl World {
    /// Carries out everything the terminal ordered, unless the power goes.
    pub fn perform(&mut self) -> Checked {
        while let Some(effect) = self.next_effect() {
            self.trace.effect(self.now, &effect);
            if self.power_goes() {
                self.tally.crash(effect_word(&effect));
                return self.crash();
            }
            if self.carry_out(effect)? == Power::Gone {
                return self.crash();
            }
        }
        self.stepped()
    }

    fn next_effect(&mut self) -> Option<Effect> {
        self.process.terminal.as_mut()?.next_effect()
    }

    fn power_goes(&mut self) -> bool {
        self.counters.points += 1;
        self.faults.strikes(Fault::Crash, self.counters.points)
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Power, crate::oracles::Violation> {
        match effect {
            Effect::Persist(records) => return self.persist(&records),
            Effect::Send(id, request) => self.send(id, request)?,
            Effect::Answer(_, answer) => self.tell(What::Replied(&answer))?,
            Effect::Show(frame) => self.tell(What::Showed(&frame))?,
            Effect::Feedback(feedback) => self.tell(What::Judged(feedback))?,
            Effect::Announce(announcement) => self.tell(What::Announced(&announcement))?,
        }
        Ok(Power::On)
    }

    fn persist(&mut self, records: &[Record]) -> Result<Power, crate::oracles::Violation> {
        self.counters.writes += 1;
        let number = self.counters.writes;
        let rows = self.disk.write(records);
        for (fault, point) in [(Fault::WriteFails, false), (Fault::SyncFails, true)] {
            if point && self.power_goes() {
                self.tally.crash("written");
                return Ok(Power::Gone);
            }
            if self.faults.strikes(fault, number) {
                self.trace.note(self.now, || format!("the disk fails: {}", fault.word()));
                self.tell(What::WriteFailed)?;
                return Ok(Power::Gone);
            }
        }
        self.disk.sync();
        for (record, bytes) in records.iter().zip(&rows) {
            self.tell(What::Wrote { record, bytes })?;
            self.truth.enter(record);
        }
        Ok(Power::On)
    }

    /// The process is gone, with all it knew; the power comes back after a while.
    pub fn crash(&mut self) -> Checked {
        self.counters.crashes += 1;
        let number = self.counters.crashes;
        self.trace.crash(self.now);
        self.process.terminal = None;
        self.open.clear();
        let cut = Cut {
            torn: self.faults.strikes(Fault::TornTail, number),
            flipped: self.faults.strikes(Fault::FlippedBit, number),
        };
        let mut dice = self.faults.dice(Fault::Crash, u64::MAX - number);
        let hours = dice.chance(50);
        let longest = Duration::from_secs(if hours { 5 * 3_600 } else { 60 });
        let off = dice.between(Duration::from_millis(500), longest);
        self.disk.cut(cut, dice);
        self.comes(self.now + off, Coming::Boots);
        Ok(())
    }

    fn send(&mut self, id: RequestId, request: Request) -> Checked {
        let ask = Ask::of(&request);
        self.tell(What::Sent { id, ask: &ask })?;
        let create = match &request {
            Request::Create { attempt, code, .. } => {
                self.counters.attempts += 1;
                Some((attempt.clone(), code.expose().to_owned()))
            }
            Request::Warm
            | Request::Get { .. }
            | Request::Find { .. }
            | Request::Expire { .. }
            | Request::Refund(_)
            | Request::Refunds { .. } => None,
        };
        let (inquiry, step) = Inquiry::begin(request);
        self.go_on(Waiting { id, inquiry, ask, fault: None }, step, create)
    }

    /// Sends the next call of an inquiry, or hands its reply over.
    fn go_on(
        &mut self,
        mut waiting: Waiting,
        step: Step,
        create: Option<(tillscan::terminal::AttemptId, String)>,
    ) -> Checked {
        let call = match step {
            Step::Send(call) => call,
            Step::Done(reply) => return self.reply(waiting, reply),
        };
        let letter = Letter::new(&call, &waiting.ask, create);
        self.counters.messages += 1;
        let number = self.counters.messages;
        let fault = self.faults.of_message(number);
        waiting.fault = waiting.fault.or(fault);
        self.trace.sent(self.now, number, waiting.ask.word(), fault);
        let way = Way::of(fault, crate::dice::Dice::of(self.seed, "way", number));
        // A refund that somebody doubles on the way is two to the gateway, which knows no
        // idempotency: nothing of ours could tell or mend that.
        let way = if letter.refund.is_some() { way.once() } else { way };
        for (nth, after) in way.arrives.iter().enumerate() {
            // A copy is answered too, but nobody listens.
            let exchange = (nth == 0).then_some(number);
            let (letter, back) = (letter.clone(), way.back);
            self.comes(self.now + *after, Coming::Arrives { letter, exchange, back });
        }
        if let Some((after, exchange)) = way.instead {
            self.comes(self.now + after, Coming::Returns(number, exchange));
        }
        self.comes(self.now + TIME_OUT, Coming::Returns(number, Exchange::TimedOut));
        self.open.insert(number, waiting);
        self.look_at_the_way();
        Ok(())
    }

    /// A message reaches the gateway.
    pub fn arrives(&mut self, letter: &Letter, exchange: Option<u64>, back: Back) -> Checked {
        let hollow = matches!(back, Back::Replaced(_, Fault::Hollow));
        let answer = if hollow {
            self.gateway.receive_in_vain(self.now, letter)
        } else {
            self.gateway.receive(self.now, letter)
        };
        self.changed()?;
        let Some(number) = exchange else { return Ok(()) };
        let dice = crate::dice::Dice::of(self.seed, "spoil", number);
        let moves = letter.moves_money();
        let (after, exchange) = match back {
            Back::Never => return Ok(()),
            Back::After(after) => (after, spoil(answer, None, moves, dice)),
            Back::Broken(after) => (after, Exchange::Broken),
            Back::Replaced(after, fault) => (after, spoil(answer, Some(fault), moves, dice)),
        };
        if matches!(exchange, Exchange::TimedOut) {
            return Ok(());
        }
        self.comes(self.now + after, Coming::Returns(number, exchange));
        Ok(())
    }

    /// What became of an exchange reaches the process, if it still waits for it.
    pub fn returns(&mut self, exchange: u64, what: &Exchange) -> Checked {
        let Some(mut waiting) = self.open.remove(&exchange) else { return Ok(()) };
        let step = waiting.inquiry.take(what);
        self.go_on(waiting, step, None)
    }

    fn reply(&mut self, waiting: Waiting, reply: Reply) -> Checked {
        let Waiting { id, ask, fault, .. } = waiting;
        self.tell(What::Answered { id, ask: &ask, reply: &reply })?;
        self.handle(Input::Replied { id, reply }, fault)
    }
}

/// The effect's name in the table of cells.
const fn effect_word(effect: &Effect) -> &'static str {
    match effect {
        Effect::Persist(_) => "persist",
        Effect::Send(..) => "send",
        Effect::Answer(..) => "answer",
        Effect::Show(_) => "show",
        Effect::Feedback(_) => "feedback",
        Effect::Announce(_) => "announce",
    }
}
