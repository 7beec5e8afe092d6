//! The counter as a value. Everything that decides about money is here, and nothing else: no
//! socket, no file, no clock, no dice. Time comes in with every call, random names with the scan
//! or the key they are for.
//!
//! **Contract: after every [`Terminal::handle`], carry out all effects from
//! [`Terminal::next_effect`], in order, and start none before the one before it is done.** A
//! `Persist` that is not on disk yet must hold up the `Send` (D1) and the `Show` (D2) behind it;
//! skipping one effect may charge twice or lose a result.
//!
//! Call `handle` with [`Input::TimerFired`] when [`Terminal::next_deadline`] has come; its answer
//! may change with every `handle`. Spurious calls are harmless.
//!
//! | file | what it decides |
//! |---|---|
//! | [`command`] | arming, cancelling, checking, detaching, acknowledging |
//! | [`scan`] | what becomes of a scan |
//! | [`keypad`] | what becomes of a key; the amount being typed is an [`entry`] |
//! | [`progress`] | what is asked of the gateway next, and when |
//! | [`answer`] | what its answer means |
//! | [`hint`] | what a webhook makes of that: an earlier reading, never an outcome |
//! | [`settle`] | outcomes, from [`proof`] only |
//! | [`refund`] | money that goes back: asked for, read, sent once, looked up |
//! | [`recovery`] | what a restart goes on with |

use std::collections::{BTreeMap, VecDeque};

use crate::clock::Moment;

mod answer;
mod attempt;
mod command;
mod effect;
mod entry;
mod feedback;
mod hint;
mod id;
mod input;
mod keypad;
mod outcome;
mod policy;
mod progress;
mod proof;
mod record;
mod recovery;
mod refund;
mod reply;
mod request;
mod sale;
mod scan;
mod screen;
mod settle;
mod view;

#[cfg(test)]
mod tests;

pub use effect::{Announcement, Effect, Event, Refusal};
pub use feedback::Feedback;
pub use id::{AttemptId, ChargeId, GatewayTime, Reference, ReferenceError, RefundId};
pub use input::{Command, Damage, Heard, IfClosed, Input, LateMoney, Scan, Token, Wish};
pub use outcome::Outcome;
pub use policy::{HintedPoll, Key, LateSuccess, Limits, Policy, PollSchedule, watch_in_steps};
pub use proof::{NoMoneyProof, PaidProof};
pub use record::{Fact, Record, StopWhy};
pub use refund::{RefundOutcome, RefundState, RefundView, RefundWish};
pub use reply::{Charge, MadeRefund, Refunds, Rejection, Reply, Status, UnknownWhy};
pub use request::{RefundOrder, Request, RequestId};
pub use sale::Sale;
pub use screen::{Frame, Screen};
pub use view::{SaleView, State};

/// One counter: one lane, one customer at a time.
#[derive(Debug)]
pub struct Terminal {
    policy: Policy,
    /// Every sale that is not settled.
    sales: BTreeMap<Reference, Sale>,
    /// The sale at the counter: armed, under way, or its result on the screen.
    current: Option<Reference>,
    /// When the armed sale was armed.
    armed_at: Moment,
    /// The amount that is being typed; empty unless the counter is free for it.
    entry: entry::Entry,
    /// When the last key of it was pressed.
    typed_at: Moment,
    warm: progress::Warm,
    hints: hint::Hints,
    last_scan: Option<scan::Seen>,
    /// When the next request beside the counter may go out.
    background_next: Moment,
    next_request: u64,
    effects: VecDeque<Effect>,
    shown: Option<Frame>,
}

impl Terminal {
    /// A terminal as after a restart: `records` are those of every sale that is not settled, sale
    /// by sale, each sale's in the order they were written. Its first effects show where things
    /// stand.
    #[must_use]
    pub fn new(policy: Policy, records: &[Record], now: Moment) -> Self {
        let mut terminal = Self {
            policy,
            sales: BTreeMap::new(),
            current: None,
            armed_at: now,
            entry: entry::Entry::default(),
            typed_at: now,
            warm: progress::Warm::default(),
            hints: hint::Hints::default(),
            last_scan: None,
            background_next: now,
            next_request: 0,
            effects: VecDeque::new(),
            shown: None,
        };
        terminal.recover(now, records);
        // Whether the gateway answers, and where look-ups may stop, is worth knowing before the
        // first sale.
        if terminal.policy.key == Key::Present {
            terminal.warm_up(now);
            terminal.keep_warm(now);
        }
        terminal.conclude(now);
        terminal
    }

    /// Takes one fact into account.
    pub fn handle(&mut self, now: Moment, input: Input) {
        // Whatever comes after the end of a lease meets a sale that has lapsed, however late the
        // timer is.
        self.lapse(now);
        match input {
            Input::Commanded { token, command } => self.commanded(now, token, command),
            Input::Scanned(scan) => self.scanned(now, scan),
            Input::ScanDamaged(damage) => self.scan_damaged(damage),
            Input::Keyed { key, reference, history } => {
                self.keyed(now, key, &reference, &history);
            }
            Input::Replied { id, reply } => self.replied(now, id, reply),
            Input::Hinted { charge, history, heard } => {
                self.hinted(now, &charge, &history, heard);
            }
            Input::TimerFired => {}
            Input::Configured(policy) => self.policy = *policy,
        }
        self.conclude(now);
    }

    /// The next order, oldest first.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When `handle` wants to be called at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let sales = self.sales.values().filter_map(|sale| self.sale_deadline(sale));
        sales.chain(self.counter_deadline()).chain(self.entry_deadline()).min()
    }

    /// A sale the terminal holds: one that is not settled.
    #[must_use]
    pub fn sale(&self, reference: &Reference) -> Option<&Sale> {
        self.sales.get(reference)
    }

    /// What the counter shows.
    #[must_use]
    pub fn frame(&self) -> Frame {
        if self.has_entry() {
            return Frame::entering(self.entry.text());
        }
        match self.current.as_ref().and_then(|reference| self.sales.get(reference)) {
            Some(sale) => Frame::of(sale.view()),
            None if self.policy.key == Key::Missing => Frame::without_sale(Screen::NotReady),
            None => Frame::without_sale(Screen::Idle),
        }
    }

    /// Sales that wait for a person, beside the one at the counter.
    pub fn alerts(&self) -> impl Iterator<Item = SaleView> {
        self.sales.values().filter(|sale| sale.is_alert()).map(Sale::view)
    }

    /// Why the gateway could not be asked the last time, for the operator; `None` while all is
    /// well.
    #[must_use]
    pub fn gateway_problem(&self) -> Option<&str> {
        self.warm.problem.as_deref()
    }

    /// How many attempts have no final outcome.
    #[must_use]
    pub fn unsettled(&self) -> usize {
        self.sales.values().filter(|sale| sale.open_attempt().is_some()).count()
    }

    /// Of how many sales the gateway may still say what nobody knows yet: an attempt is open or
    /// watched, or a refund is under way.
    #[must_use]
    pub fn awaited(&self) -> usize {
        self.sales.values().filter(|sale| sale.is_awaited()).count()
    }

    /// Brings everything to where it must be at `now`: the steps that always run, after every
    /// input.
    fn conclude(&mut self, now: Moment) {
        self.advance(now);
        self.forget_settled();
        self.make_way();
        let frame = self.frame();
        if self.shown.as_ref() != Some(&frame) {
            self.shown = Some(frame.clone());
            self.effects.push_back(Effect::Show(frame));
        }
    }

    /// Writes a fact down and takes it into account, in one step.
    fn note(&mut self, reference: &Reference, fact: Fact) {
        if let Some(sale) = self.sales.get_mut(reference) {
            sale.apply(&fact);
        }
        let record = Record { reference: reference.clone(), fact };
        // Facts of one input that nothing came between share a transaction, and so one fsync.
        if let Some(Effect::Persist(records)) = self.effects.back_mut() {
            records.push(record);
        } else {
            self.effects.push_back(Effect::Persist(vec![record]));
        }
    }

    fn send(&mut self, request: Request) -> RequestId {
        self.next_request += 1;
        let id = RequestId(self.next_request);
        self.effects.push_back(Effect::Send(id, request));
        id
    }

    /// Drops the sales that nothing is left to do for, and says so in the journal, once.
    fn forget_settled(&mut self) {
        let done: Vec<Reference> = self
            .sales
            .values()
            .filter(|sale| !sale.settled && !sale.armed && !sale.is_awaited() && sale.acknowledged)
            .map(|sale| sale.reference.clone())
            .collect();
        for reference in &done {
            self.note(reference, Fact::Settled);
        }
        let asked_about = |sale: &Sale| sale.attempts.iter().any(attempt::Attempt::is_live);
        self.sales.retain(|_, sale| !sale.settled || asked_about(sale));
    }
}

/// The most sales that may be unsettled before no new one is taken (O3): a day's unpaid closes on
/// the watch list of a very busy counter, ten times over.
const UNSETTLED_MAX: usize = 5_000;
/// The most attempts of one sale (O3).
const ATTEMPTS_MAX: usize = 20;
