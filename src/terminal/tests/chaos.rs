//! Storms: a model gateway that knows the truth, a network that loses, delays, doubles and invents
//! answers, customers, a till and a cashier who do anything at any time, power cuts between any two
//! effects; then calm. Whatever the seed, the rules named in [`Storm::require`]'s callers hold. No
//! real dice and no clock: a seed is always the same storm.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use zeroize::Zeroizing;

use super::model::{Bank, Dice, Mood, Wire};
use super::*;
use crate::money::Amount;
use crate::scanner::Key;

/// A few hundred storms, as many as a second has room for. `TILLSCAN_STORMS` asks for more.
#[test]
fn the_rules_hold_in_every_storm() {
    let asked = std::env::var("TILLSCAN_STORMS").ok().and_then(|storms| storms.parse().ok());
    for seed in 0..asked.unwrap_or(200) {
        if let Err(broken) = Storm::new(seed, false).play() {
            let mut again = Storm::new(seed, true);
            let _ = again.play();
            panic!("storm {seed}: {broken}\n{}", again.trace.join("\n"));
        }
    }
}

/// The rule that was broken, or nothing.
type Checked = Result<(), String>;

/// What comes to the terminal, or to the gateway, at its time.
enum Coming {
    /// A request reaches the gateway; its answer goes back to the request, if it may.
    Arrives(Wire, Option<(u32, RequestId)>),
    /// An answer reaches the process that asked, if that still runs.
    Answers(u32, RequestId, Reply),
    /// Something happens to a charge by itself.
    Turns(usize, Status),
}

struct Storm {
    dice: Dice,
    mood: Mood,
    bank: Bank,
    now: Moment,
    terminal: Terminal,
    disk: Vec<Record>,
    /// Which process is running: answers to the ones before it find nobody.
    run: u32,
    coming: BTreeMap<(Moment, u64), Coming>,
    number: u64,
    created: BTreeSet<AttemptId>,
    open: BTreeMap<RequestId, AttemptId>,
    stay_away: BTreeMap<AttemptId, Moment>,
    told: BTreeSet<(Reference, Event)>,
    trace: Vec<String>,
    traced: bool,
}

impl Storm {
    fn new(seed: u64, traced: bool) -> Self {
        let mut dice = Dice(seed);
        let now = Moment::from_millis(1_000);
        Self {
            mood: Mood::drawn(&mut dice),
            dice,
            bank: Bank::default(),
            now,
            terminal: Terminal::new(Policy::default(), &[], now),
            disk: Vec::new(),
            run: 0,
            coming: BTreeMap::new(),
            number: 0,
            created: BTreeSet::new(),
            open: BTreeMap::new(),
            stay_away: BTreeMap::new(),
            told: BTreeSet::new(),
            trace: Vec::new(),
            traced,
        }
    }

    fn play(&mut self) -> Checked {
        self.perform()?;
        for _ in 0..self.mood.steps {
            match self.dice.below(10) {
                0..=2 => self.somebody_acts()?,
                3 => self.time_stands_still()?,
                _ => self.pass(None)?,
            }
        }
        self.mood = Mood::calm();
        self.note("calm");
        self.pass_all(CLOSED_AFTER)?;
        self.everything_is_closed()?;
        self.pass_all(WATCHED_FOR)?;
        for reference in self.references() {
            self.command(reference, Wish::Acknowledge)?;
        }
        self.the_books_agree()
    }

    /// Goes on to whatever comes next, at most until `end`; says whether there was anything.
    fn pass(&mut self, end: Option<Moment>) -> Checked {
        let deadline = self.terminal.next_deadline();
        let coming = self.coming.keys().next().map(|(at, _)| *at);
        let next = deadline.into_iter().chain(coming).min();
        let Some(at) = next.filter(|at| end.is_none_or(|end| *at <= end)) else {
            self.now = end.unwrap_or(self.now + Duration::from_secs(30));
            return Ok(());
        };
        self.now = self.now.max(at);
        let first = self.coming.first_entry().filter(|entry| entry.key().0 <= self.now);
        match first.map(|entry| entry.remove()) {
            Some(Coming::Arrives(wire, answer)) => self.arrives(wire, answer),
            Some(Coming::Turns(charge, status)) => self.turns(charge, status),
            Some(Coming::Answers(run, id, reply)) if run == self.run => self.answers(id, reply)?,
            Some(Coming::Answers(..)) => {}
            None => {
                self.handle(Input::TimerFired)?;
                let again = self.terminal.next_deadline();
                self.require(again.is_none_or(|at| at > self.now), "L4: wakes up without end")?;
            }
        }
        Ok(())
    }

    fn pass_all(&mut self, time: Duration) -> Checked {
        let end = self.now + time;
        for _ in 0..50_000 {
            if self.now >= end {
                return Ok(());
            }
            self.pass(Some(end))?;
        }
        self.require(false, "L4: traffic without end")
    }

    /// The machine stands still: deadlines and answers come late, all at once.
    fn time_stands_still(&mut self) -> Checked {
        let span = self.dice.span(self.mood.stall);
        self.now = self.now + span;
        Ok(())
    }

    fn somebody_acts(&mut self) -> Checked {
        let sale = self.dice.below(SALES);
        let reference = name(&format!("R{sale}"));
        let at_the_counter = self.terminal.current.clone().filter(|_| self.dice.below(2) == 0);
        let somebodys = at_the_counter.unwrap_or_else(|| reference.clone());
        let arm = |closed| Wish::Arm { amount: Amount::from_baht(150), closed };
        match self.dice.below(26) {
            0..=3 => self.command(reference, arm(IfClosed::Keep)),
            4..=7 => self.command(reference, arm(IfClosed::Again)),
            8 => self.command(somebodys, Wish::Cancel),
            9 => self.command(somebodys, Wish::Check),
            10 => self.command(somebodys, Wish::Detach),
            11 => self.command(somebodys, Wish::Acknowledge),
            12 => self.scan(["TILLSCAN:CANCEL", "TILLSCAN:CHECK", "TILLSCAN:REPRINT"][sale % 3]),
            13 if self.mood.crashes > 0 => self.crash(),
            20..=23 => self.key(),
            24 => self.type_and_enter(),
            _ => {
                let code = 130_000_000_000_000_000 + self.dice.below(self.mood.codes);
                self.scan(&code.to_string())
            }
        }
    }

    fn command(&mut self, reference: Reference, wish: Wish) -> Checked {
        let history = self.unheld_history(&reference);
        self.note(&format!("{reference} {wish:?}"));
        let command = Command { reference, wish, history };
        self.handle(Input::Commanded { token: Token(0), command })
    }

    /// Any key, Enter too, with a name that may be taken already.
    fn key(&mut self) -> Checked {
        let key = match self.dice.below(8) {
            0 => Key::Point,
            1 => Key::Erase,
            2 => Key::Clear,
            3 => Key::Enter,
            _ => Key::Digit(self.dice.below(10) as u8),
        };
        self.press(key)
    }

    /// What a cashier means to do, with an Enter that bounces.
    fn type_and_enter(&mut self) -> Checked {
        let amount = [Key::Digit(1), Key::Digit(5), Key::Digit(0), Key::Point, Key::Digit(5)];
        amount.into_iter().chain([Key::Enter; 2]).try_for_each(|key| self.press(key))
    }

    fn press(&mut self, key: Key) -> Checked {
        let reference = name(&format!("K{}", self.dice.below(KEYPAD_SALES)));
        let history = self.unheld_history(&reference);
        self.note(&format!("{key:?} {reference}"));
        self.handle(Input::Keyed { key, reference, history })
    }

    fn scan(&mut self, text: &str) -> Checked {
        self.number += 1;
        let attempt = AttemptId(format!("a{}", self.number));
        self.note(&format!("scan {text}"));
        let text = Zeroizing::new(text.to_owned());
        self.handle(Input::Scanned(Scan { text, first: self.now, last: self.now, attempt }))
    }

    fn crash(&mut self) -> Checked {
        self.note("crash");
        self.run += 1;
        self.now = self.now + self.dice.span(self.mood.stall);
        self.open.clear();
        self.stay_away.clear();
        let references: BTreeSet<&Reference> = self.disk.iter().map(|one| &one.reference).collect();
        let histories = references.into_iter().map(|reference| self.history(reference));
        let unsettled =
            histories.filter(|one| Sale::from_records(one).is_some_and(|sale| !sale.settled));
        let records: Vec<Record> = unsettled.flatten().collect();
        self.terminal = Terminal::new(Policy::default(), &records, self.now);
        self.perform()
    }

    fn handle(&mut self, input: Input) -> Checked {
        self.terminal.handle(self.now, input);
        self.perform()
    }

    /// Carries the effects out, unless the power goes.
    fn perform(&mut self) -> Checked {
        while let Some(effect) = self.terminal.next_effect() {
            if self.dice.chance(self.mood.crashes) {
                // Behind a `Persist` this is right after the write, at one it is right before it.
                return self.crash();
            }
            self.carry_out(effect)?;
        }
        self.nothing_is_out_of_sight()
    }

    fn carry_out(&mut self, effect: Effect) -> Checked {
        if self.traced {
            self.note(&format!("    {effect:?}"));
        }
        match effect {
            Effect::Persist(records) => self.persist(records),
            Effect::Send(id, request) => self.send(id, request),
            Effect::Answer(_, Ok(view)) => self.is_on_disk(&view),
            Effect::Show(frame) => frame.sale.iter().try_for_each(|view| self.is_on_disk(view)),
            Effect::Announce(Announcement { event, sale, .. }) => {
                self.told.insert((sale.reference.clone(), event));
                if let (Some(attempt), Some(outcome)) = (&sale.attempt, sale.outcome) {
                    self.bank.told.insert((attempt.clone(), outcome));
                }
                self.is_on_disk(&sale)
            }
            Effect::Answer(_, Err(_)) | Effect::Feedback(_) => Ok(()),
        }
    }

    fn persist(&mut self, records: Vec<Record>) -> Checked {
        for record in records {
            let keyed = record.reference.as_str().starts_with('K');
            if let (Fact::Armed { .. }, true) = (&record.fact, keyed) {
                let fresh = self.sale(&record.reference).is_none();
                self.require(fresh, "S7: a key fell onto a former sale")?;
            }
            if let Fact::AttemptClosed { attempt, outcome, .. } = &record.fact {
                let before = self.sale(&record.reference);
                let again = before.is_some_and(|sale| {
                    sale.attempts.iter().any(|one| one.id == *attempt && one.outcome.is_some())
                });
                self.require(!again, "S6: an outcome after an outcome")?;
                if *outcome == Outcome::Paid {
                    self.require(self.bank.is_paid(attempt), "S4: paid, and no money moved")?;
                } else {
                    self.require(self.bank.is_dead(attempt), "S3: not paid without proof")?;
                    let takes = |coming: &Coming| matches!(coming, Coming::Arrives(Wire::Create(one, _, code), _) if one == attempt && self.bank.takes(code));
                    let lost = self.coming.values().any(takes);
                    self.require(!lost, "S3: a create is on its way")?;
                }
            }
            self.disk.push(record);
        }
        Ok(())
    }

    fn send(&mut self, id: RequestId, request: Request) -> Checked {
        let wire = Wire::of(request);
        let Some(attempt) = self.bank.subject(&wire) else {
            let reply = Reply::Warm { newest: Some(GatewayTime(1_700_000_000)) };
            return self.answer_at(self.now + Duration::from_millis(50), self.run, id, reply);
        };
        self.may_be_sent(&wire, &attempt)?;
        self.open.insert(id, attempt);
        let (timed_out, run) = (self.now + REQUEST_TIME_OUT, self.run);
        let soon = self.now + self.dice.span(self.mood.latency);
        if self.dice.chance(self.mood.lies) {
            let reply = self.dice.lie();
            return self.answer_at(soon, run, id, reply);
        }
        if !self.dice.chance(self.mood.losses) {
            self.arrive_at(soon, wire, Some((run, id)));
            return Ok(());
        }
        let create = matches!(wire, Wire::Create(..));
        let delayed = self.dice.span(DELAY_MAX);
        match self.dice.below(4) {
            // Lost on the way there.
            0 => {}
            // On the way for long.
            1 => self.arrive_at(self.now + delayed, wire, None),
            // Lost on the way back.
            2 => self.arrive_at(soon, wire, None),
            // Delivered twice; where the copy is answered instead of the original, nobody can tell.
            _ if create => {
                self.arrive_at(soon, wire.clone(), Some((run, id)));
                self.arrive_at(soon + delayed, wire, None);
                return Ok(());
            }
            _ => {}
        }
        let reply = Reply::Unknown { why: UnknownWhy::TimedOut, retry_after: None };
        self.answer_at(timed_out, run, id, reply)
    }

    fn may_be_sent(&mut self, wire: &Wire, attempt: &AttemptId) -> Checked {
        let busy = self.open.values().any(|open| open == attempt);
        self.require(!busy, "L4: two requests in flight")?;
        let away = self.stay_away.get(attempt).is_some_and(|until| self.now < *until);
        self.require(!away, "L4: Retry-After")?;
        let of_attempt =
            |sale: &Sale| sale.attempts.iter().position(|one| one.id == *attempt).map(|_| ());
        let references = self.references();
        let mut sales = references.iter().filter_map(|reference| self.sale(reference));
        let sale = sales.find(|sale| of_attempt(sale).is_some());
        let Some(sale) = sale else { return self.require(false, "D1: nothing on disk") };
        drop(sales);
        match wire {
            Wire::Create(..) => {
                let first = self.created.insert(attempt.clone());
                self.require(first, "S8: a second create")?;
                let others = sale.attempts.iter().filter(|one| one.id != *attempt);
                for other in others {
                    self.require(other.outcome.is_some(), "S8: the former attempt is open")?;
                    let paid = other.outcome == Some(Outcome::Paid) || other.late_success;
                    self.require(!paid, "S7: the sale is paid")?;
                    self.require(self.bank.is_dead(&other.id), "S1: two live charges")?;
                }
            }
            Wire::Expire(_) => {
                let one = sale.attempts.iter().find(|one| one.id == *attempt);
                let on_disk = one.is_some_and(|one| one.stop.is_some() || one.outcome.is_some());
                self.require(on_disk, "D1: expire before its record")?;
            }
            Wire::Warm | Wire::Get(_) | Wire::Find(_) => {}
        }
        Ok(())
    }

    fn arrives(&mut self, wire: Wire, answer: Option<(u32, RequestId)>) {
        let (reply, plans) = self.bank.receive(wire, self.now, &mut self.dice, &self.mood);
        for (after, charge, status) in plans {
            self.comes(self.now + after, Coming::Turns(charge, status));
        }
        if let Some((run, id)) = answer {
            let back = self.now + self.dice.span(self.mood.latency);
            self.comes(back, Coming::Answers(run, id, reply));
        }
    }

    fn turns(&mut self, charge: usize, status: Status) {
        self.note(&format!("charge {charge} wants to be {status:?}"));
        for (after, charge, status) in self.bank.turn(charge, status, &mut self.dice, &self.mood) {
            self.comes(self.now + after, Coming::Turns(charge, status));
        }
    }

    fn answers(&mut self, id: RequestId, reply: Reply) -> Checked {
        let attempt = self.open.remove(&id);
        if let (Some(attempt), Reply::Unknown { retry_after: Some(wait), .. }) = (attempt, &reply) {
            self.stay_away.insert(attempt, self.now + *wait);
        }
        self.note(&format!("{id:?} {reply:?}"));
        self.handle(Input::Replied { id, reply })
    }

    fn arrive_at(&mut self, at: Moment, wire: Wire, answer: Option<(u32, RequestId)>) {
        self.comes(at, Coming::Arrives(wire, answer));
    }

    fn answer_at(&mut self, at: Moment, run: u32, id: RequestId, reply: Reply) -> Checked {
        self.comes(at, Coming::Answers(run, id, reply));
        Ok(())
    }

    fn comes(&mut self, at: Moment, coming: Coming) {
        self.number += 1;
        self.coming.insert((at, self.number), coming);
    }

    /// D2, D5: what is shown is what a restart would show.
    fn is_on_disk(&self, view: &SaleView) -> Checked {
        let Some(sale) = self.sale(&view.reference) else {
            return self.require(false, "D2: shown, and nothing on disk");
        };
        // Where an attempt stands in this moment is not durable.
        let disk = SaleView { state: view.state, ..sale.view() };
        self.require(disk == *view, "D2: shown other than on disk")
    }

    /// What is open or not yet seen is at the counter or an alert. Behind an amount that is being
    /// typed there is at most a result.
    fn nothing_is_out_of_sight(&self) -> Checked {
        let frame = self.terminal.frame();
        let shown = self.terminal.current.clone();
        let behind = shown.as_ref().and_then(|reference| self.terminal.sale(reference));
        let result = behind.is_none_or(|sale| {
            !sale.holds_the_counter() && (!sale.late_success() || sale.acknowledged)
        });
        self.require(frame.typed.is_none() || result, "more than a result is hidden by typing")?;
        let framed = frame.sale.map(|sale| sale.reference);
        self.require(frame.typed.is_some() || framed == shown, "another sale is shown")?;
        let alerts: BTreeSet<Reference> =
            self.terminal.alerts().map(|sale| sale.reference).collect();
        let hidden = self.terminal.sales.values().find(|sale| {
            let known = shown.as_ref() == Some(&sale.reference) || alerts.contains(&sale.reference);
            !sale.acknowledged && !known
        });
        self.require(hidden.is_none(), "a result is out of sight")
    }

    fn everything_is_closed(&self) -> Checked {
        for sale in self.terminal.sales.values() {
            let mad = sale.attempts.iter().any(|one| self.bank.is_mad(&one.id));
            let closed = sale.open_attempt().is_none() && !sale.armed;
            self.require(closed || mad, "L1: an attempt is still open")?;
        }
        Ok(())
    }

    fn the_books_agree(&mut self) -> Checked {
        let references = self.references();
        let mut mad = false;
        for reference in &references {
            let Some(sale) = self.sale(reference) else { continue };
            let mut paid = 0;
            for attempt in &sale.attempts {
                if self.bank.is_mad(&attempt.id) {
                    mad = true;
                    continue;
                }
                let ours = attempt.outcome == Some(Outcome::Paid) || attempt.late_success;
                let what = format!("L2, L3: the books of {} do not agree", attempt.id);
                self.require(ours == self.bank.is_paid(&attempt.id), &what)?;
                paid += self.bank.paid_at_first(&attempt.id);
                let told = attempt.late_success
                    || attempt.outcome.is_some_and(|outcome| {
                        self.bank.told.contains(&(attempt.id.clone(), outcome))
                    });
                self.require(told, "a result was never announced")?;
                let late = self.told.contains(&(reference.clone(), Event::LateSuccess));
                self.require(late || !attempt.late_success, "L2: a late success was never told")?;
            }
            self.require(paid <= 1, "S2: paid twice")?;
            let at_the_end = mad || sale.settled;
            self.require(at_the_end, "D6: a sale is never settled")?;
        }
        let quiet = mad || self.terminal.next_deadline().is_none();
        self.require(quiet, "wakes up although nothing is left to do")
    }

    /// What the journal knows of a sale that the terminal does not hold.
    fn unheld_history(&self, reference: &Reference) -> Vec<Record> {
        let held = self.terminal.sale(reference).is_some();
        if held { Vec::new() } else { self.history(reference) }
    }

    fn history(&self, reference: &Reference) -> Vec<Record> {
        self.disk.iter().filter(|record| record.reference == *reference).cloned().collect()
    }

    fn sale(&self, reference: &Reference) -> Option<Sale> {
        Sale::from_records(&self.history(reference))
    }

    fn references(&self) -> BTreeSet<Reference> {
        self.disk.iter().map(|record| record.reference.clone()).collect()
    }

    fn note(&mut self, what: &str) {
        if self.traced {
            self.trace.push(format!("{:>12.3} {what}", self.now.since_start().as_secs_f64()));
        }
    }

    fn require(&self, holds: bool, rule: &str) -> Checked {
        if holds { Ok(()) } else { Err(rule.to_owned()) }
    }
}

fn name(text: &str) -> Reference {
    text.parse().expect("a reference")
}

/// How many sales the till knows.
const SALES: usize = 4;
/// How many names the keypad draws from, few enough to draw one twice.
const KEYPAD_SALES: usize = 12;
const REQUEST_TIME_OUT: Duration = Duration::from_secs(10);
/// The longest that a request may be on its way, well below the quarantine.
const DELAY_MAX: Duration = Duration::from_secs(20);
/// Deadline, quarantine, two polls beside the counter and the longest stay-away and back-off (L1).
const CLOSED_AFTER: Duration = Duration::from_secs(60 + 90 + 2 * 30 + 60 + 60);
/// The watch, which a crash may have begun anew, with every success that comes late within it.
const WATCHED_FOR: Duration = Duration::from_secs(30 * 3_600);
