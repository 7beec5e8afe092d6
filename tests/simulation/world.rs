//! The world: one virtual clock and one queue of what is to come. Nothing else decides the order of
//! things, so that a seed is always the same world.

use std::collections::BTreeMap;
use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::gateway::{Exchange, Inquiry};
use tillscan::terminal::{
    ChargeId, Heard, Input, LateMoney, Policy, Record, RequestId, Terminal, Token, Wish,
};

use crate::disk::Disk;
use crate::event::{Ask, Event, Start, What};
use crate::faults::{Fault, Faults};
use crate::gateway::{Gateway, Letter, Turn};
use crate::mutant::Mutant;
use crate::network::Back;
use crate::oracles::{Oracle, Violation, oracles};
use crate::plan::{Act, Plan};
use crate::report::Tally;
use crate::trace::Trace;
use crate::truth::Truth;

/// Goes on, or a rule was broken.
pub type Checked = Result<(), Violation>;

/// What is to come.
pub enum Coming {
    /// Somebody does something at the counter.
    Acts(Act),
    /// A message reaches the gateway; its answer goes to the exchange, if to any.
    Arrives { letter: Letter, exchange: Option<u64>, back: Back },
    /// What became of an exchange reaches the process.
    Returns(u64, Exchange),
    /// Something is done to a charge.
    Turns(ChargeId, Turn),
    /// The power comes back.
    Boots,
}

/// One request of the terminal, under way.
pub struct Waiting {
    pub id: RequestId,
    pub inquiry: Inquiry,
    pub ask: Ask,
    pub fault: Option<Fault>,
}

/// A counter with everything around it.
pub struct World {
    pub seed: u64,
    pub faults: Faults,
    pub plan: Plan,
    pub mutant: Option<Mutant>,
    pub policy: Policy,
    pub now: Duration,
    coming: BTreeMap<(Duration, u64), Coming>,
    sequence: u64,
    pub gateway: Gateway,
    pub truth: Truth,
    pub disk: Disk,
    pub process: Process,
    /// Exchanges that a process waits for.
    pub open: BTreeMap<u64, Waiting>,
    pub counters: Counters,
    /// Nothing that is scanned arrives until then.
    pub unplugged_until: Duration,
    oracles: Vec<Box<dyn Oracle>>,
    pub trace: Trace,
    pub tally: Tally,
}

/// The running daemon, as far as it matters.
#[derive(Default)]
pub struct Process {
    pub terminal: Option<Terminal>,
    /// Counted from the starts.
    pub run: u32,
    /// When it started, by the world's clock.
    pub started: Duration,
    /// How long the machine has slept since, with its clock.
    pub slept: Duration,
    /// It stands still until then, by the world's clock.
    pub late_until: Duration,
    /// How much of that its clock does not see.
    pub nap: Duration,
}

/// How often what happened: the occasions of faults.
#[derive(Default)]
pub struct Counters {
    pub messages: u64,
    pub points: u64,
    pub crashes: u64,
    pub writes: u64,
    pub steps: u64,
    pub attempts: u64,
    pub tokens: u64,
}

impl Process {
    /// The process's own clock, which starts with it and stops while the machine sleeps.
    pub fn clock(&self, now: Duration) -> Moment {
        let running = now.saturating_sub(self.started).saturating_sub(self.slept);
        Moment::from_millis(running.as_millis() as u64)
    }

    /// It runs on: what it slept, its clock has not seen.
    pub fn wake(&mut self) {
        self.slept += std::mem::take(&mut self.nap);
    }

    /// When its clock shows `moment`, by the world's.
    fn at(&self, moment: Moment) -> Duration {
        let at = self.started + self.slept + moment.since_start();
        // The process's timers fire late rather than early: to the millisecond, upwards.
        Duration::from_millis(at.as_nanos().div_ceil(1_000_000) as u64)
    }
}

impl World {
    /// A world before anything happened in it. `epoch` is the gateway's wall clock then, in
    /// milliseconds.
    pub fn new(seed: u64, mut faults: Faults, plan: Plan, epoch: i64, trace: Trace) -> Self {
        let gateway = Gateway::new(seed, epoch, &mut faults);
        let mut world = Self {
            seed,
            faults,
            plan: Plan::default(),
            mutant: None,
            policy: plan.policy.clone(),
            now: Duration::ZERO,
            coming: BTreeMap::new(),
            sequence: 0,
            gateway,
            truth: Truth::default(),
            disk: Disk::default(),
            process: Process::default(),
            open: BTreeMap::new(),
            counters: Counters::default(),
            unplugged_until: Duration::ZERO,
            oracles: oracles(),
            trace,
            tally: Tally::default(),
        };
        for visit in &plan.visits {
            for (at, act) in &visit.acts {
                world.comes(*at, Coming::Acts(act.clone()));
            }
        }
        world.trace.configured(&plan.policy);
        world.truth.late_success = plan.policy.late_success;
        world.plan = plan;
        world
    }

    /// Lets everything happen, and judges it.
    pub fn play(&mut self) -> Checked {
        let played = self.chaos_and_calm();
        self.tally.world(self.now, &self.counters, &self.truth, &self.faults.struck);
        played
    }

    fn chaos_and_calm(&mut self) -> Checked {
        self.boot()?;
        self.pass_until(self.plan.end)?;
        self.faults.calm();
        self.trace.note(self.now, || "calm".to_owned());
        self.calm_down();
        if self.process.terminal.is_none() {
            self.boot()?;
        }
        self.tell(What::Calm)?;
        self.quietly(|world| world.pass_until(world.now + CLOSED_AFTER))?;
        self.tell(What::Closed)?;
        self.quietly(|world| world.pass_until(world.now + WATCHED_FOR))?;
        self.quietly(Self::count)?;
        for oracle in &mut self.oracles {
            oracle.at_end(&self.truth)?;
        }
        self.wakes_up_no_more()
    }

    /// Does something until no fault, which may have been planned for the calm, fell into it: what
    /// is judged after it had all its time.
    fn quietly(&mut self, passes: impl Fn(&mut Self) -> Checked) -> Checked {
        loop {
            let struck = self.faults.struck.len();
            passes(self)?;
            if self.process.terminal.is_none() {
                self.boot()?;
            } else if self.faults.struck.len() == struck {
                return Ok(());
            }
        }
    }

    /// A person sees every result, and has every sale read once more.
    fn count(&mut self) -> Checked {
        let references: Vec<_> = self.truth.books.keys().cloned().collect();
        for reference in references {
            self.command(reference.clone(), Wish::Acknowledge(LateMoney::Keep))?;
            self.command(reference, Wish::Check)?;
        }
        self.pass_until(self.now + COUNTED_WITHIN)
    }

    /// People go home; what a machine that stood still has not taken yet, it takes now.
    fn calm_down(&mut self) {
        let late = self.process.late_until;
        (self.process.late_until, self.process.nap) = (self.now, Duration::ZERO);
        for ((at, sequence), coming) in std::mem::take(&mut self.coming) {
            let at = match coming {
                Coming::Acts(_) => continue,
                Coming::Returns(..) if at == late => self.now,
                _ => at,
            };
            self.coming.insert((at, sequence), coming);
        }
    }

    /// Nothing is left to do, so nothing is waited for; but for what only a person can tell.
    fn wakes_up_no_more(&self) -> Checked {
        let wrong = self.truth.charges.iter().any(|charge| charge.is_wrong());
        let deadline = self.process.terminal.as_ref().and_then(Terminal::next_deadline);
        if deadline.is_none() || wrong {
            return Ok(());
        }
        Err(Violation::new("L4", "wakes up although nothing is left to do".to_owned()))
    }

    fn pass_until(&mut self, end: Duration) -> Checked {
        let most = self.counters.steps + STEPS_MAX;
        while self.step(end)? {
            if self.counters.steps > most {
                return Err(Violation::new("L4", "traffic without end".to_owned()));
            }
        }
        self.now = end;
        Ok(())
    }

    /// Whatever comes next, if it comes before `end`.
    fn step(&mut self, end: Duration) -> Result<bool, Violation> {
        self.counters.steps += 1;
        let deadline = self.process.terminal.as_ref().and_then(Terminal::next_deadline);
        let deadline = deadline.map(|at| self.process.at(at).max(self.process.late_until));
        let queued = self.coming.keys().next().map(|(at, _)| *at);
        let changes = self.gateway.next_change();
        let next = [deadline, queued, changes].into_iter().flatten().min();
        let Some(at) = next.filter(|at| *at <= end) else { return Ok(false) };
        self.now = self.now.max(at);
        if changes.is_some_and(|changes| changes <= self.now) {
            self.gateway.advance(self.now);
            self.changed()?;
        } else if queued.is_some_and(|queued| queued <= self.now) {
            if let Some((_, coming)) = self.coming.pop_first() {
                self.happens(coming)?;
            }
        } else {
            self.handle(Input::TimerFired, None)?;
            self.sleeps_enough()?;
        }
        Ok(true)
    }

    fn sleeps_enough(&self) -> Checked {
        let Some(terminal) = &self.process.terminal else { return Ok(()) };
        let now = self.process.clock(self.now);
        if terminal.next_deadline().is_none_or(|at| at > now) {
            return Ok(());
        }
        Err(Violation::new("L4", "wakes up at once, without end".to_owned()))
    }

    fn happens(&mut self, coming: Coming) -> Checked {
        let late = self.process.late_until;
        match coming {
            // A machine that stands still takes things as soon as it runs again.
            Coming::Acts(_) | Coming::Returns(..) | Coming::Turns(_, Turn::Told(_))
                if self.now < late =>
            {
                self.comes(late, coming);
                Ok(())
            }
            Coming::Acts(act) => self.act(act),
            Coming::Returns(exchange, what) => self.returns(exchange, &what),
            Coming::Arrives { letter, exchange, back } => self.arrives(&letter, exchange, back),
            Coming::Turns(charge, Turn::Told(_)) => self.hint(&charge),
            Coming::Turns(charge, turn) => {
                self.gateway.turn(self.now, &charge, &turn);
                self.changed()
            }
            Coming::Boots => self.boot(),
        }
    }

    /// The gateway may have changed: the truth follows it.
    pub fn changed(&mut self) -> Checked {
        let (changed, turns) = self.gateway.tell(&mut self.truth, &mut self.faults, &self.plan);
        for (after, charge, turn) in turns {
            self.comes(self.now + after, Coming::Turns(charge, turn));
        }
        self.look_at_the_way();
        if changed { self.tell(What::Changed) } else { Ok(()) }
    }

    /// Counts the creates that would still make a charge.
    pub fn look_at_the_way(&mut self) {
        let letters = self.coming.values().filter_map(|coming| match coming {
            Coming::Arrives { letter, .. } => Some(letter),
            _ => None,
        });
        self.gateway.look_at_the_way(self.now, letters, &mut self.truth);
    }

    /// Puts something into the queue.
    pub fn comes(&mut self, at: Duration, coming: Coming) {
        self.sequence += 1;
        self.coming.insert((at, self.sequence), coming);
    }

    /// Hands an input to the terminal and does what it orders.
    pub fn handle(&mut self, input: Input, fault: Option<Fault>) -> Checked {
        self.process.wake();
        self.stand_still()?;
        let now = self.process.clock(self.now);
        let Some(terminal) = &mut self.process.terminal else { return Ok(()) };
        self.tally.cell(terminal.frame().screen, &input, fault);
        self.trace.input(self.now, now, terminal.next_deadline(), &input);
        terminal.handle(now, input);
        self.perform()
    }

    /// Now and then the machine stands still after an input, or sleeps with its clock.
    fn stand_still(&mut self) -> Checked {
        let occasion = self.counters.steps;
        if !self.faults.strikes(Fault::Stall, occasion) {
            return Ok(());
        }
        let mut dice = self.faults.dice(Fault::Stall, occasion);
        let sleeps = !dice.chance(500);
        let longest = dice.pick(&[3, 60, 4_000]);
        let span = dice.span(Duration::from_secs(longest));
        self.trace.note(self.now, || format!("stands still for {span:?}, sleeping: {sleeps}"));
        // What is under way meanwhile comes later, in its own order.
        self.process.late_until = self.now + span;
        if sleeps {
            self.process.nap = span;
        }
        self.tell(What::Stalled(span))
    }

    /// A webhook comes.
    fn hint(&mut self, charge: &ChargeId) -> Checked {
        let reference = self.truth.sale_of(charge);
        if let Some(reference) = &reference {
            self.tell(What::Asked(reference))?;
        }
        let history = reference.map_or_else(Vec::new, |reference| self.unheld_history(&reference));
        let (charge, heard) = (charge.clone(), Heard::Now);
        self.handle(Input::Hinted { charge, history, heard }, None)
    }

    /// A command of the till, or of a person.
    pub fn command(&mut self, reference: tillscan::terminal::Reference, wish: Wish) -> Checked {
        self.tell(What::Asked(&reference))?;
        self.counters.tokens += 1;
        let history = self.unheld_history(&reference);
        let command = tillscan::terminal::Command { reference, wish, history };
        self.handle(Input::Commanded { token: Token(self.counters.tokens), command }, None)
    }

    /// Tells all oracles what happened.
    pub fn tell(&mut self, what: What<'_>) -> Checked {
        let event = Event { at: self.now, run: self.process.run, what };
        judge(&mut self.oracles, &self.truth, &event)
    }

    /// Tells all oracles that the effects of an input are done.
    pub fn stepped(&mut self) -> Checked {
        let Some(terminal) = &self.process.terminal else { return Ok(()) };
        let what = What::Stepped { terminal };
        let event = Event { at: self.now, run: self.process.run, what };
        judge(&mut self.oracles, &self.truth, &event)
    }

    /// Tells all oracles what a process started with.
    pub fn booted(&mut self, unsettled: &[Record], start: &Start) -> Checked {
        let what = What::Booted { records: self.disk.records(), unsettled, start };
        let event = Event { at: self.now, run: self.process.run, what };
        judge(&mut self.oracles, &self.truth, &event)
    }
}

fn judge(oracles: &mut [Box<dyn Oracle>], truth: &Truth, event: &Event<'_>) -> Checked {
    oracles.iter_mut().try_for_each(|oracle| oracle.on(truth, event))
}

/// Deadline, quarantine, two polls beside the counter and the longest stay-away and back-off (L1).
const CLOSED_AFTER: Duration = Duration::from_secs(60 + 90 + 2 * 30 + 60 + 60);
/// The watch, which a crash may have begun anew, with every success that comes late within it.
const WATCHED_FOR: Duration = Duration::from_secs(30 * 3_600);
/// Every sale is read for what went back of it, one by one.
const COUNTED_WITHIN: Duration = Duration::from_secs(120);
/// More than any world needs between two of its phases: thirty hours of looks at a charge that only
/// a person can judge are 2,000.
const STEPS_MAX: u64 = 100_000;
