//! Which of the planted defects the worlds notice: a line for each, and a failure where one is
//! noticed too seldom. The defects are planted by `tests/simulation/mutants`.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::arguments::Arguments;
use crate::exhaustive;
use crate::mutant::Mutant;
use crate::report::Tally;
use crate::run::{Failure, Recipe};
use crate::{say, shell};

/// What was found of one defect.
#[derive(Default)]
struct Found {
    /// How many seeds were played.
    played: u64,
    /// Those that noticed it, with the rule that was broken, which is one that the defect names.
    noticed: Vec<(u64, &'static str)>,
    /// The exhaustive runs noticed it: the rule that was broken.
    exhaustively: Option<&'static str>,
    /// Rules that were broken and are not named: what follows from a defect is no proof that
    /// whoever is to notice it sees.
    others: BTreeSet<&'static str>,
}

impl Found {
    fn is_enough(&self) -> bool {
        self.noticed.len() >= WANTED || self.exhaustively.is_some()
    }
}

/// Looks for every planted defect, and says a line about each as soon as it is known.
///
/// # Errors
/// How many are missed.
pub fn hunt(asked: &Arguments) -> Result<String, String> {
    let (mut all, mut missed) = (0, 0);
    for mutant in Mutant::all() {
        mutant.plant();
        let mut found = Found::default();
        // Most are noticed by a few worlds; a rare one is sooner found in the short stories than in
        // all the seeds.
        seeds(asked, mutant, SOON, &mut found);
        // The short stories do not play the shell.
        if !found.is_enough() && !mutant.is_in_the_shell() {
            exhaustively(asked, mutant, &mut found);
        }
        if !found.is_enough() {
            seeds(asked, mutant, asked.seeds, &mut found);
        }
        (all, missed) = (all + 1, missed + u32::from(!found.is_enough()));
        say(&line(mutant, &mut found));
    }
    if all == 0 {
        return Err("no defect is planted here: run tests/simulation/mutants".to_owned());
    }
    if missed > 0 {
        return Err(format!("{missed} of {all} not noticed"));
    }
    Ok(format!("all {all} noticed"))
}

fn line(mutant: Mutant, found: &mut Found) -> String {
    found.noticed.sort_unstable();
    let by_seeds = found.noticed.iter().map(|(_, rule)| *rule);
    let mut rules: Vec<&str> = by_seeds.chain(found.exhaustively).collect();
    rules.sort_unstable();
    rules.dedup();
    let first =
        found.noticed.first().map_or_else(String::new, |(seed, _)| format!(", first {seed}"));
    let exhaustively = if found.exhaustively.is_some() { ", and by an exhaustive run" } else { "" };
    let others: Vec<&str> = found.others.iter().copied().collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!(", not named: {}", others.join(", ")),
    };
    format!(
        "{:<30} noticed by {} of {} seeds{first}{exhaustively} ({}){others}",
        mutant.name(),
        found.noticed.len(),
        found.played,
        rules.join(", ")
    )
}

/// Plays seeds, from where the last ones ended and `end` at the most, until enough have noticed it.
fn seeds(asked: &Arguments, mutant: Mutant, end: u64, found: &mut Found) {
    let (next, named) = (AtomicU64::new(found.played), mutant.rules());
    let shared = Mutex::new(found);
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let enough = shared.lock().expect("nobody panicked").noticed.len() >= WANTED;
        if number >= end.min(asked.seeds) || enough {
            break;
        }
        let seed = asked.from + number;
        let rule = noticed(|| play(seed, mutant));
        let mut found = shared.lock().expect("nobody panicked");
        found.played += 1;
        match rule {
            Some(rule) if named.contains(&rule) => found.noticed.push((seed, rule)),
            Some(rule) => drop(found.others.insert(rule)),
            None => {}
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs {
            scope.spawn(work);
        }
    });
}

/// Plays exhaustive runs until one has noticed it. Their order is mixed, so that every story has
/// its turn soon.
fn exhaustively(asked: &Arguments, mutant: Mutant, found: &mut Found) {
    let named = mutant.rules();
    let pieces = match exhaustive::pieces(Some(mutant)) {
        Ok((pieces, _)) => pieces,
        Err(failure) if named.contains(&failure.violation.rule) => {
            found.exhaustively = Some(failure.violation.rule);
            return;
        }
        Err(failure) => {
            found.others.insert(failure.violation.rule);
            return;
        }
    };
    let count = pieces.len() as u64;
    let next = AtomicU64::new(0);
    let shared = Mutex::new(found);
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count || shared.lock().expect("nobody panicked").exhaustively.is_some() {
            break;
        }
        let piece = pieces[(number * STRIDE % count) as usize];
        let Some(broken) = noticed(|| piece.play()) else { continue };
        let mut found = shared.lock().expect("nobody panicked");
        if named.contains(&broken) {
            found.exhaustively.get_or_insert(broken);
        } else {
            found.others.insert(broken);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs {
            scope.spawn(work);
        }
    });
}

/// The rule that is broken when this is played. A terminal that panics is noticed as well.
fn noticed(play: impl FnOnce() -> Result<Tally, Box<Failure>>) -> Option<&'static str> {
    match catch_unwind(AssertUnwindSafe(play)) {
        Ok(Ok(_)) => None,
        Ok(Err(failure)) => Some(failure.violation.rule),
        Err(_) => Some("panic"),
    }
}

/// Plays the world where it must be noticed.
fn play(seed: u64, mutant: Mutant) -> Result<Tally, Box<Failure>> {
    let recipe = Recipe::drawn(seed, Some(mutant));
    if mutant.is_in_the_shell() { shell::play(&recipe) } else { recipe.play() }
}

/// How many seeds must notice a defect: one could be luck.
const WANTED: usize = 5;
/// So many seeds take a few seconds.
const SOON: u64 = 2_000;
/// A prime larger than any number of pieces.
const STRIDE: u64 = 1_000_003;
