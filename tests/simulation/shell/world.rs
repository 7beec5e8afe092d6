//! What is around the process: one queue of what is to come, the gateway, and the truth. The
//! process's clock is tokio's; this one goes on when the power is off or the machine sleeps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tillscan::gateway::Exchange;
use tillscan::terminal::{ChargeId, LateMoney, Reference, Wish};
use tokio::sync::Notify;

use super::paper::Paper;
use super::people::typed_names;
use super::post::{Post, Webhook};
use super::process::{self, Process};
use super::promise::Promises;
use super::wire::Waiting;
use crate::disk::Cut;
use crate::event::{Event, What};
use crate::faults::{Fault, Faults};
use crate::gateway::{Gateway, Letter, Turn};
use crate::network::Back;
use crate::oracles::{Oracle, Violation, oracles};
use crate::plan::{Act, Plan};
use crate::report::Tally;
use crate::run::Recipe;
use crate::trace::Trace;
use crate::truth::Truth;
use crate::world::{Checked, Counters};

/// The world, for those who stand at the loop's doors. One thread, so that nobody ever waits.
pub type Shared = Arc<Mutex<World>>;

/// Everything but the daemon.
pub struct World {
    pub seed: u64,
    pub faults: Faults,
    pub plan: Plan,
    pub now: Duration,
    coming: BTreeMap<(Duration, u64), Coming>,
    sequence: u64,
    /// Rings when something is put into the queue.
    pub news: Arc<Notify>,
    pub gateway: Gateway,
    pub truth: Truth,
    /// The sale that the till armed last, unless Enter was pressed since: what is typed, if
    /// anything is, is not about it.
    pub armed_by_till: Option<Reference>,
    pub paper: Paper,
    /// How often the daemon was started.
    pub run: u32,
    /// The one that runs.
    pub process: Option<Process>,
    /// Exchanges that it waits for.
    pub open: BTreeMap<u64, Waiting>,
    /// Webhooks on their way, and what they were answered with.
    pub post: Post,
    pub promises: Promises,
    pub counters: Counters,
    /// Nothing that is scanned arrives until then.
    pub unplugged_until: Duration,
    /// Everything is done: the daemon is to stop, and to stay stopped.
    pub over: bool,
    /// The first rule that was broken.
    pub broken: Option<Violation>,
    oracles: Vec<Box<dyn Oracle>>,
    pub trace: Trace,
    pub tally: Tally,
}

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
    /// The gateway tells of an event, after so many times before.
    Posts(u64, u32),
    /// A webhook reaches the receiver.
    Webhook(Webhook),
    /// The gateway waits no longer for the answer to a webhook.
    Unanswered(u64),
    /// The power comes back.
    Boots,
    /// The world's next part begins.
    Begins(Part),
}

/// The parts of a world after its chaos.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Nothing goes wrong any more, and everybody goes home.
    Calm,
    /// Every attempt must be closed by now.
    Closed,
    /// Every watch is over: somebody looks at the last results.
    Watched,
    /// Nothing is left to do.
    Over,
}

/// What the process is to do next.
pub enum Next {
    /// To see whether there is something for it.
    Look,
    /// To wait until then, or for whatever it does itself.
    WaitUntil(Duration),
    /// To go on so much later, by its own clock, than it thinks.
    WakeUp(Duration),
    /// To be gone.
    End,
}

/// Locks the world.
pub fn lock(shared: &Shared) -> MutexGuard<'_, World> {
    shared.lock().expect("nobody panics with the world in hand")
}

/// The world of `recipe` after everything has happened in it.
pub fn played(recipe: &Recipe, epoch: i64, trace: Trace) -> World {
    let shared: Shared = Arc::new(Mutex::new(World::new(recipe, epoch, trace)));
    let played = lives(&shared);
    let world = Arc::into_inner(shared).expect("the process is gone, with its doors");
    let mut world = world.into_inner().expect("nobody panics with the world in hand");
    world.broken = world.broken.or(played.err());
    let (now, counters) = (world.now, &world.counters);
    world.tally.world(now, counters, &world.truth, &world.faults.struck);
    world
}

/// One life of the daemon after the other.
fn lives(shared: &Shared) -> Checked {
    loop {
        lock(shared).passes_without_power()?;
        process::lives(shared)?;
        let mut world = lock(shared);
        if let Some(broken) = world.broken.take() {
            return Err(broken);
        }
        if world.over {
            return world.ends();
        }
    }
}

impl World {
    fn new(recipe: &Recipe, epoch: i64, trace: Trace) -> Self {
        let mut faults = recipe.faults.clone();
        let gateway = Gateway::new(recipe.seed, epoch, &mut faults);
        let mut world = Self {
            seed: recipe.seed,
            faults,
            plan: typed_names(recipe.plan.clone()),
            now: Duration::ZERO,
            coming: BTreeMap::new(),
            sequence: 0,
            news: Arc::default(),
            gateway,
            truth: Truth::default(),
            armed_by_till: None,
            paper: Paper::new(),
            run: 0,
            process: None,
            open: BTreeMap::new(),
            post: Post::default(),
            promises: Promises::default(),
            counters: Counters::default(),
            unplugged_until: Duration::ZERO,
            over: false,
            broken: None,
            oracles: oracles(),
            trace,
            tally: Tally::default(),
        };
        world.truth.late_success = world.plan.policy.late_success;
        world.comes(Duration::ZERO, Coming::Boots);
        let acts = world.plan.visits.iter().flat_map(|visit| visit.acts.clone());
        for (at, act) in acts.collect::<Vec<_>>() {
            world.comes(at, Coming::Acts(act));
        }
        world.comes(world.plan.end, Coming::Begins(Part::Calm));
        world
    }

    /// Puts something into the queue.
    pub fn comes(&mut self, at: Duration, coming: Coming) {
        self.sequence += 1;
        self.coming.insert((at, self.sequence), coming);
        self.news.notify_one();
    }

    /// Everything up to the next start of the daemon.
    fn passes_without_power(&mut self) -> Checked {
        loop {
            let at = self.next_at().unwrap_or(self.now);
            match self.step(at)? {
                Some(Coming::Boots) => return Ok(()),
                Some(Coming::Begins(part)) => self.begins(part)?,
                // There is nobody whom it could reach.
                Some(_) | None => {}
            }
        }
    }

    /// The process runs, and has come to rest: what is next?
    pub fn next(&mut self) -> Result<Next, Violation> {
        self.looks_at_the_clock();
        self.hears()?;
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        if std::mem::take(&mut self.post.cut) {
            self.tally.crash("promised");
            self.crash();
            return Ok(Next::End);
        }
        if self.process.as_ref().is_none_or(|process| process.stopping) {
            return Ok(Next::WaitUntil(self.now + STOPS_WITHIN));
        }
        let Some(at) = self.next_at() else { return Ok(Next::WaitUntil(self.now + STOPS_WITHIN)) };
        if at > self.now {
            return Ok(Next::WaitUntil(at));
        }
        match self.step(self.now)? {
            Some(coming @ (Coming::Acts(_) | Coming::Returns(..) | Coming::Webhook(_))) => {
                self.reaches(coming)
            }
            Some(Coming::Begins(part)) => self.begins(part).map(|()| Next::Look),
            Some(_) | None => Ok(Next::Look),
        }
    }

    fn next_at(&self) -> Option<Duration> {
        let queued = self.coming.keys().next().map(|(at, _)| *at);
        [queued, self.gateway.next_change()].into_iter().flatten().min()
    }

    /// The next thing happens, at `at`; what is not the gateway's alone is handed back.
    fn step(&mut self, at: Duration) -> Result<Option<Coming>, Violation> {
        self.counters.steps += 1;
        if self.counters.steps > STEPS_MAX {
            return Err(Violation::new("L4", "traffic without end".to_owned()));
        }
        self.now = self.now.max(at);
        if self.gateway.next_change().is_some_and(|change| change <= self.now) {
            self.gateway.advance(self.now);
            self.changed()?;
            return Ok(None);
        }
        match self.coming.pop_first().map(|(_, coming)| coming) {
            Some(Coming::Arrives { letter, exchange, back }) => {
                self.arrives(&letter, exchange, back)?;
                Ok(None)
            }
            Some(Coming::Turns(_, Turn::Told(event))) => {
                self.posts(event, 0);
                Ok(None)
            }
            Some(Coming::Posts(event, before)) => {
                self.posts(event, before);
                Ok(None)
            }
            Some(Coming::Unanswered(number)) => {
                self.posts_again(number);
                Ok(None)
            }
            Some(Coming::Turns(charge, turn)) => {
                self.gateway.turn(self.now, &charge, &turn);
                self.changed()?;
                Ok(None)
            }
            other => Ok(other),
        }
    }

    /// Something reaches the process, unless the power goes or the machine stands still.
    fn reaches(&mut self, coming: Coming) -> Result<Next, Violation> {
        if self.power_goes() {
            self.tally.crash("input");
            let mut dice = self.faults.dice(Fault::Crash, self.counters.points);
            // The first number was whether.
            if dice.chance(1_000) && dice.chance(TERMINATED) {
                self.terminates();
                return Ok(Next::Look);
            }
            self.crash();
            return Ok(Next::End);
        }
        if let Some((span, sleeps)) = self.stands_still() {
            return self.passes_still(span, sleeps, coming);
        }
        match coming {
            Coming::Acts(act) => self.act(act)?,
            Coming::Returns(exchange, what) => self.returns(exchange, what)?,
            Coming::Webhook(webhook) => self.hands_in(webhook)?,
            _ => {}
        }
        Ok(Next::Look)
    }

    /// Whether the power goes in this moment.
    pub fn power_goes(&mut self) -> bool {
        self.counters.points += 1;
        self.faults.strikes(Fault::Crash, self.counters.points)
    }

    /// Now and then the machine stands still, or sleeps with its clock.
    fn stands_still(&mut self) -> Option<(Duration, bool)> {
        let occasion = self.counters.steps;
        if !self.faults.strikes(Fault::Stall, occasion) {
            return None;
        }
        let mut dice = self.faults.dice(Fault::Stall, occasion);
        let sleeps = !dice.chance(500);
        let longest = dice.pick(&[3, 60, 4_000]);
        Some((dice.span(Duration::from_secs(longest)), sleeps))
    }

    /// The world goes on around a machine that stands still; what is for it, it gets in the end.
    fn passes_still(
        &mut self,
        span: Duration,
        sleeps: bool,
        first: Coming,
    ) -> Result<Next, Violation> {
        self.trace.note(self.now, || format!("stands still for {span:?}, sleeping: {sleeps}"));
        self.tell(What::Stalled(span))?;
        let until = self.now + span;
        self.comes(until, first);
        while let Some(at) = self.next_at().filter(|at| *at < until) {
            if let Some(late) = self.step(at)? {
                self.comes(until, late);
            }
        }
        self.now = until;
        if let (true, Some(process)) = (sleeps, &mut self.process) {
            process.slept += span;
            return Ok(Next::Look);
        }
        Ok(Next::WakeUp(span))
    }

    /// The process is gone, with all it knew; the power comes back after a while.
    pub fn crash(&mut self) {
        self.crash_within(0..0);
    }

    /// The same within a write: what was written and not synced are these bytes of the log.
    pub fn crash_within(&mut self, loose: std::ops::Range<u64>) {
        self.trace.crash(self.now);
        let mut dice = self.leaves(loose);
        self.ends_life(&mut dice);
    }

    /// What is on disk now is what the next process finds. Hands on the dice of this end.
    pub fn leaves(&mut self, loose: std::ops::Range<u64>) -> crate::dice::Dice {
        self.counters.crashes += 1;
        let number = self.counters.crashes;
        let cut = Cut {
            torn: self.faults.strikes(Fault::TornTail, number),
            flipped: self.faults.strikes(Fault::FlippedBit, number),
        };
        let dice = self.faults.dice(Fault::Crash, u64::MAX - number);
        self.paper.cut(loose, cut, dice.clone());
        dice
    }

    /// No process runs any more; the next one starts after a while.
    pub fn ends_life(&mut self, dice: &mut crate::dice::Dice) {
        self.process = None;
        self.open.clear();
        self.post.cut = false;
        let hours = dice.chance(50);
        let longest = Duration::from_secs(if hours { 5 * 3_600 } else { 60 });
        let off = dice.between(Duration::from_millis(500), longest);
        if !self.over {
            self.comes(self.now + off, Coming::Boots);
        }
    }

    fn begins(&mut self, part: Part) -> Checked {
        self.trace.note(self.now, || format!("{part:?}"));
        let (next, after) = match part {
            Part::Calm => {
                self.faults.calm();
                self.calms_down();
                self.tell(What::Calm)?;
                (Part::Closed, CLOSED_AFTER)
            }
            Part::Closed => {
                self.tell(What::Closed)?;
                (Part::Watched, WATCHED_FOR)
            }
            Part::Watched => {
                let references: Vec<_> = self.truth.books.keys().cloned().collect();
                for reference in references {
                    self.asks_for(reference.clone(), Wish::Acknowledge(LateMoney::Keep))?;
                    self.asks_for(reference, Wish::Check)?;
                }
                (Part::Over, COUNTED_WITHIN)
            }
            Part::Over => {
                self.over = true;
                self.terminates();
                return Ok(());
            }
        };
        self.looks_at_status()?;
        self.comes(self.now + after, Coming::Begins(next));
        Ok(())
    }

    /// Everybody goes home, and the power comes back.
    fn calms_down(&mut self) {
        for ((at, sequence), coming) in std::mem::take(&mut self.coming) {
            let at = match coming {
                Coming::Acts(_) => continue,
                Coming::Boots => self.now,
                _ => at,
            };
            self.coming.insert((at, sequence), coming);
        }
    }

    /// What must hold when it is over.
    fn ends(&mut self) -> Checked {
        self.paper.is_whole()?;
        self.oracles.iter_mut().try_for_each(|oracle| oracle.at_end(&self.truth))
    }

    /// The gateway may have changed: the truth follows it.
    pub fn changed(&mut self) -> Checked {
        let (changed, turns) = self.gateway.tell(&mut self.truth, &mut self.faults, &self.plan);
        for (after, charge, turn) in turns {
            self.comes(self.now + after, Coming::Turns(charge, turn));
        }
        self.looks_at_the_way();
        if changed { self.tell(What::Changed) } else { Ok(()) }
    }

    /// Counts the creates that would still make a charge.
    pub fn looks_at_the_way(&mut self) {
        let letters = self.coming.values().filter_map(|coming| match coming {
            Coming::Arrives { letter, .. } => Some(letter),
            _ => None,
        });
        self.gateway.look_at_the_way(self.now, letters, &mut self.truth);
    }

    /// Tells all oracles what happened.
    pub fn tell(&mut self, what: What<'_>) -> Checked {
        let event = Event { at: self.now, run: self.run, what };
        self.promises.hear(&self.truth, &event);
        self.oracles.iter_mut().try_for_each(|oracle| oracle.on(&self.truth, &event))
    }
}

/// How often a power cut is a SIGTERM instead, of a thousand times.
const TERMINATED: u32 = 250;
/// A daemon that was told to stop has nothing to wait for.
const STOPS_WITHIN: Duration = Duration::from_secs(10);
/// Deadline, quarantine, two polls beside the counter and the longest stay-away and back-off (L1).
const CLOSED_AFTER: Duration = Duration::from_secs(60 + 90 + 2 * 30 + 60 + 60);
/// The watch, which a crash may have begun anew, with every success that comes late within it.
const WATCHED_FOR: Duration = Duration::from_secs(30 * 3_600);
/// Every sale is read for what went back of it, one by one.
const COUNTED_WITHIN: Duration = Duration::from_secs(120);
/// More than any world needs.
const STEPS_MAX: u64 = 200_000;
