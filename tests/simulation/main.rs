//! The simulation: the real terminal in a world of faults, judged by one oracle for each invariant.
//!
//! | file | what it owns |
//! |---|---|
//! | `world`, `perform`, `people` | the clock, the queue, the process; the door out of the terminal; the ways into it |
//! | `gateway`, `network`, `disk` | what is around it, and how it fails |
//! | `faults`, `plan`, `dice` | what goes wrong and what people do, drawn from the seed |
//! | `truth`, `event`, `oracles/` | what is so, what happens, and whether it may |
//! | `shell/` | the daemon's own loop in the same worlds |
//! | `coverage`, `cells.txt`; `pairs`, `pairs.txt` | which states met which inputs, and which must |
//! | `run`, `check`, `exhaustive`, `report` | many worlds, and what came of them |
//! | `failure`, `shrink`, `trace` | one world that broke a rule, and what is left of it |
//! | `script`, `tables` | that as a script of the table tests, and their driver, which plays it |
//! | `mutants`, `mutants.txt`, `hunt` | defects planted in a copy of the crate, and whether they are noticed |
//!
//! `cargo test --release --test simulation -- --seeds N --jobs J [--from SEED] [--replay SEED]
//! [--exhaustive] [--story N [--fault WORD@N]…] [--mutant NAME] [--shell]`; nothing in it knows the
//! real time but the figure for its speed.

#![allow(clippy::wildcard_enum_match_arm, reason = "an oracle looks for some kinds of events")]

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::failure::{COMMAND, last, named, replayed, told};
use crate::report::Tally;
use crate::run::{Failure, Recipe, play_all};

mod arguments;
mod check;
mod coverage;
mod dice;
mod disk;
mod event;
mod exhaustive;
mod failure;
mod faults;
mod gateway;
mod hunt;
mod mutant;
mod network;
mod oracles;
mod pairs;
mod people;
mod perform;
mod plan;
mod report;
mod run;
mod script;
mod seeds;
mod shell;
mod shrink;
mod tables;
mod trace;
mod truth;
mod world;

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(text) => {
            say(&text);
            ExitCode::FAILURE
        }
    }
}

fn run(asked: &Arguments) -> Result<String, String> {
    if asked.elsewhere {
        return Ok(String::new());
    }
    if asked.hunt {
        return hunt::hunt(asked);
    }
    if let Some(mutant) = asked.mutant {
        mutant.plant();
    }
    if asked.shell {
        return shell::run(asked);
    }
    if let Some(seed) = asked.replay {
        return replayed(&Recipe::drawn(seed, asked.mutant));
    }
    if let Some(number) = asked.story {
        let story = exhaustive::STORIES.get(number).ok_or_else(|| format!("no story {number}"))?;
        return replayed(&story.recipe(&asked.faults, asked.mutant));
    }
    check::worlds_repeat(asked.from..asked.from + CHECKED.min(asked.seeds))?;
    if asked.mutant.is_none() {
        check::scripts_paste()?;
    }
    let committed: Vec<u64> = seeds::committed()?;
    let again = |number: u64| Recipe::drawn(committed[number as usize], asked.mutant).play();
    let (count, jobs) = (committed.len() as u64, asked.jobs);
    timed("committed seeds", told, || play_all(count, jobs, &again))?;
    let fresh = |number| Recipe::drawn(asked.from + number, asked.mutant).play();
    let tally = timed("fresh seeds", told, || play_all(asked.seeds, jobs, &fresh))?;
    if asked.cells {
        say(&coverage::listed(&tally));
    }
    coverage::missed(&tally)?;
    pairs::missed(&tally, asked.from == 0)?;
    if asked.both {
        shell::run(asked)?;
    }
    if asked.exhaustive {
        timed("exhaustive runs", told, || {
            let (pieces, mut sum) = exhaustive::pieces(asked.mutant)?;
            let piece = |number: u64| pieces[number as usize].play();
            sum.add(&play_all(pieces.len() as u64, jobs, &piece)?);
            Ok(sum)
        })?;
    }
    Ok("every rule held in every world".to_owned())
}

/// Plays many worlds, and says what they added up to and how long that took.
fn timed(
    what: &str,
    told: fn(Failure) -> String,
    play: impl FnOnce() -> Result<Tally, Box<Failure>>,
) -> Result<Tally, String> {
    let started = Instant::now();
    let tally = play().map_err(|failed| told(*failed))?;
    let seconds = started.elapsed().as_secs_f64();
    let rate = tally.worlds as f64 / seconds.max(0.001);
    say(&format!("== {what}: {seconds:.1} s, {rate:.0} a second\n{tally}"));
    Ok(tally)
}

fn say(text: &str) {
    // Whoever reads may be gone; the exit code says what matters.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// How many worlds are played three times first.
const CHECKED: u64 = 5;
