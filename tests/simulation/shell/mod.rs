//! The shell in the same worlds: the daemon's own loop (`daemon::Counter`: select, handle, perform,
//! reload) on tokio's paused clock, with the faults, the people, the gateway and the oracles of
//! the terminal's worlds. What stands in for the world is at the loop's own doors:
//!
//! | door | who stands there |
//! |---|---|
//! | `gateway::Wire` | the simulated network, and the gateway behind it |
//! | `daemon::Append`, `Receive` | the real journal, on a disk that fails and a power supply that goes |
//! | deliveries, `Desk`, signals | people, and the gateway's webhooks; SIGTERM is a power cut that is announced (O4) |
//! | the desk's events and answers | the oracles |
//! | `daemon::Draw` | names drawn from the seed |
//!
//! | file | what it owns |
//! |---|---|
//! | `world` | one queue of what is to come around the process, and its truth |
//! | `process` | one life of the daemon, from its start to its end: a runtime of its own |
//! | `wire` | the way of a request and its answer |
//! | `post` | the way of a webhook and its answer |
//! | `promise` | that what was promised to the gateway is kept |
//! | `pen` | the way of a record, or an event, to the disk |
//! | `paper` | the journal's folder: what a power cut leaves of it, and what is read back |
//! | `people` | what is done at the counter, and who looks |
//! | `ear` | what the daemon tells, handed to the oracles |
//! | `sight` | that nothing is out of sight, by the daemon's own status |
//!
//! Not judged here is what only the terminal's inside shows, and its own worlds judge: that a code
//! is nowhere in it (half of P2), that a customer is asked about in time (L5; that he is at all is
//! L1), that nothing is waited for in the end (half of L4), and the table of cells. Hooks are
//! processes, which have no place in simulated time: they hang on the announcements that are judged
//! here, and have their own tests. A power cut falls before, within or after a write, or between
//! two inputs: effects between two writes reach the world only when the loop rests.

use crate::arguments::Arguments;
use crate::check::other;
use crate::report::Tally;
use crate::run::{EPOCH, Failure, Recipe, play_all};
use crate::trace::Trace;
use crate::{COMMAND, last, named, timed};

mod ear;
mod paper;
mod pen;
mod people;
mod post;
mod process;
mod promise;
mod sight;
mod wire;
mod world;

/// Plays what is asked for, or shows the one world that is.
///
/// # Errors
/// The first failure, for people.
pub fn run(asked: &Arguments) -> Result<String, String> {
    let recipe = |seed| Recipe::drawn(seed, asked.mutant);
    if let Some(seed) = asked.replay {
        return Ok(traced(&recipe(seed), EPOCH).join("\n"));
    }
    for seed in asked.from..asked.from + CHECKED.min(asked.seeds) {
        repeats(&recipe(seed))?;
    }
    let again = |number| play(&recipe(COMMITTED[number as usize]));
    timed("the shell, committed seeds", told, || {
        play_all(COMMITTED.len() as u64, asked.jobs, &again)
    })?;
    let piece = |number| play(&recipe(asked.from + number));
    timed("the shell, fresh seeds", told, || play_all(asked.seeds, asked.jobs, &piece))?;
    Ok("every rule held in every world of the shell".to_owned())
}

/// Plays the world of `recipe`.
pub fn play(recipe: &Recipe) -> Result<Tally, Box<Failure>> {
    let world = world::played(recipe, EPOCH, Trace::default());
    match world.broken {
        None => Ok(world.tally),
        Some(violation) => Err(recipe.failed(violation, world.faults.struck)),
    }
}

/// Plays it with every word, the gateway's wall clock at `epoch`.
fn traced(recipe: &Recipe, epoch: i64) -> Vec<String> {
    let mut world = world::played(recipe, epoch, Trace::kept());
    if let Some(violation) = world.broken.take() {
        world.trace.note(world.now, || format!("! {violation}"));
    }
    world.trace.lines().to_vec()
}

/// The same seed is the same world, whatever our wall clock and the gateway's show meanwhile (O1).
fn repeats(recipe: &Recipe) -> Result<(), String> {
    let first = traced(recipe, EPOCH);
    // A year and a day later.
    match other(&first, &traced(recipe, EPOCH + 31_622_400_000)) {
        None => Ok(()),
        Some(line) => Err(format!("seed {} is not the same shell twice:\n{line}", recipe.seed)),
    }
}

/// A failure for people: the rule, the options, the last that happened, and how to see it again.
fn told(failure: Failure) -> String {
    let Failure { recipe, violation, .. } = &failure;
    format!(
        "{} broke {violation}\nthe last events:\n{}\nagain: {COMMAND} --shell --replay {}",
        named(recipe),
        last(&traced(recipe, EPOCH)).join("\n"),
        recipe.seed
    )
}

/// Every seed that ever failed. 110137: a write was torn in the word that marks a commit, and the
/// journal took that for damage. 9: a webhook came while a refund was under way, and its charge was
/// not read behind that.
const COMMITTED: [u64; 2] = [110_137, 9];
/// How many worlds are played twice first.
const CHECKED: u64 = 5;
