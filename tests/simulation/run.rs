//! One world from its seed to its verdict, and many of them side by side.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tillscan::terminal::Policy;

use crate::faults::{Fault, Faults};
use crate::mutant::Mutant;
use crate::oracles::Violation;
use crate::plan::Plan;
use crate::report::Tally;
use crate::trace::Trace;
use crate::world::World;

/// Everything that makes a world what it is.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub seed: u64,
    pub faults: Faults,
    pub plan: Plan,
    pub mutant: Option<Mutant>,
}

/// What is left out of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Less {
    /// Whole visits.
    pub visits: BTreeSet<usize>,
    /// Single acts, by their visits and their places in them.
    pub acts: BTreeSet<(usize, usize)>,
    /// Whole classes of faults.
    pub classes: BTreeSet<Fault>,
    /// Single ones.
    pub faults: BTreeSet<(Fault, u64)>,
    /// What the shop configured.
    pub policy: bool,
}

/// A world that broke a rule.
#[derive(Clone, Debug)]
pub struct Failure {
    pub recipe: Recipe,
    pub violation: Violation,
    /// What struck before that.
    pub struck: Vec<(Fault, u64)>,
}

impl Recipe {
    /// Drawn from the seed and nothing else.
    pub fn drawn(seed: u64, mutant: Option<Mutant>) -> Self {
        let faults = Faults::drawn(seed);
        let plan = Plan::drawn(seed, &faults);
        Self { seed, faults, plan, mutant }
    }

    /// The same without what is left out.
    pub fn reduced(&self, less: &Less) -> Self {
        let mut faults = self.faults.clone().muting(&less.faults);
        for class in &less.classes {
            faults = faults.without(*class);
        }
        let mut plan = self.plan.clone().without(&less.visits, &less.acts);
        if less.policy {
            plan.policy = Policy::default();
        }
        Self { faults, plan, ..self.clone() }
    }

    /// The world, with the gateway's wall clock at `epoch`.
    pub fn world(&self, epoch: i64, trace: Trace) -> World {
        let mut world = World::new(self.seed, self.faults.clone(), self.plan.clone(), epoch, trace);
        world.mutant = self.mutant;
        world
    }

    /// Plays it.
    pub fn play(&self) -> Result<Tally, Box<Failure>> {
        let mut world = self.world(EPOCH, Trace::default());
        match world.play() {
            Ok(()) => {
                world.tally.draw(&self.faults);
                Ok(world.tally)
            }
            Err(violation) => Err(self.failed(violation, world.faults.struck)),
        }
    }

    /// What is known of its failure.
    pub fn failed(&self, violation: Violation, struck: Vec<(Fault, u64)>) -> Box<Failure> {
        Box::new(Failure { recipe: self.clone(), violation, struck })
    }

    /// Plays it again with every word.
    pub fn traced(&self, epoch: i64) -> World {
        let mut world = self.world(epoch, Trace::kept());
        if let Err(violation) = world.play() {
            let now = world.now;
            world.trace.note(now, || format!("! {violation}"));
        }
        world
    }
}

/// Does `count` pieces of work, by their number, on `jobs` threads. Stops at the first failure;
/// where several threads fail at once, the lowest number counts.
pub fn play_all(
    count: u64,
    jobs: usize,
    piece: &(dyn Fn(u64) -> Result<Tally, Box<Failure>> + Sync),
) -> Result<Tally, Box<Failure>> {
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let sum = Mutex::new(Tally::default());
    let failures: Mutex<Vec<(u64, Box<Failure>)>> = Mutex::new(Vec::new());
    let work = || {
        let mut own = Tally::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count || failed.load(Ordering::Relaxed) {
                break;
            }
            match piece(number) {
                Ok(tally) => own.add(&tally),
                Err(failure) => {
                    failed.store(true, Ordering::Relaxed);
                    failures.lock().expect("nobody panicked").push((number, failure));
                }
            }
        }
        sum.lock().expect("nobody panicked").add(&own);
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().expect("nobody panicked");
    failures.sort_by_key(|(number, _)| *number);
    match failures.into_iter().next() {
        Some((_, failure)) => Err(failure),
        None => Ok(sum.into_inner().expect("nobody panicked")),
    }
}

/// The gateway's wall clock when a world begins: 2023-11-14T22:13:20Z.
pub const EPOCH: i64 = 1_700_000_000_000;
