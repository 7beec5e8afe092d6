//! Which of the planted defects the worlds notice: a line for each, and a failure where one is
//! noticed too seldom. The defects are planted by `tests/simulation/mutants`.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::arguments::Arguments;
use crate::exhaustive;
use crate::mutant::Mutant;
use crate::report::Tally;
use crate::run::{Failure, Recipe};
use crate::shell;

/// What was found of one defect.
#[derive(Default)]
struct Found {
    /// How many seeds were played.
    played: u64,
    /// Those that noticed it, with the rule that was broken.
    noticed: Vec<(u64, &'static str)>,
    /// The exhaustive runs noticed it.
    exhaustively: bool,
}

/// Looks for every planted defect.
///
/// # Errors
/// The table, where one is missed.
pub fn hunt(asked: &Arguments) -> Result<String, String> {
    let mut table = String::new();
    let mut missed = 0;
    for mutant in Mutant::all() {
        mutant.plant();
        let mut found = seeds(asked, mutant);
        let enough = found.noticed.len() >= WANTED;
        if !enough {
            found.exhaustively = exhaustively(asked, mutant);
        }
        missed += u32::from(!enough && !found.exhaustively);
        let _ = writeln!(table, "{}", line(mutant, &mut found));
    }
    if table.is_empty() {
        return Err("no defect is planted here: run tests/simulation/mutants".to_owned());
    }
    if missed > 0 { Err(format!("{table}{missed} not noticed")) } else { Ok(table) }
}

fn line(mutant: Mutant, found: &mut Found) -> String {
    found.noticed.sort_unstable();
    let mut rules: Vec<&str> = found.noticed.iter().map(|(_, rule)| *rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let first =
        found.noticed.first().map_or_else(String::new, |(seed, _)| format!(", first {seed}"));
    let exhaustively = if found.exhaustively { ", and by the exhaustive runs" } else { "" };
    format!(
        "{:<30} noticed by {} of {} seeds{first}{exhaustively} ({})",
        mutant.name(),
        found.noticed.len(),
        found.played,
        rules.join(", ")
    )
}

/// Plays seeds until enough have noticed it.
fn seeds(asked: &Arguments, mutant: Mutant) -> Found {
    let next = AtomicU64::new(0);
    let found = Mutex::new(Found::default());
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= asked.seeds || found.lock().expect("nobody panicked").noticed.len() >= WANTED {
            break;
        }
        let seed = asked.from + number;
        // A defect that makes the terminal panic is noticed as well.
        let played = catch_unwind(AssertUnwindSafe(|| play(seed, mutant)));
        let mut found = found.lock().expect("nobody panicked");
        found.played += 1;
        match played {
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => found.noticed.push((seed, failure.violation.rule)),
            Err(_) => found.noticed.push((seed, "panic")),
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs {
            scope.spawn(work);
        }
    });
    found.into_inner().expect("nobody panicked")
}

/// Plays the world where it must be noticed.
fn play(seed: u64, mutant: Mutant) -> Result<Tally, Box<Failure>> {
    let recipe = Recipe::drawn(seed, Some(mutant));
    if mutant.is_in_the_shell() { shell::play(&recipe) } else { recipe.play() }
}

/// Whether the exhaustive runs notice it.
fn exhaustively(asked: &Arguments, mutant: Mutant) -> bool {
    if mutant.is_in_the_shell() {
        return false;
    }
    let Ok((pieces, _)) = exhaustive::pieces(Some(mutant)) else { return true };
    let piece = |number: u64| pieces[number as usize].play();
    crate::run::play_all(pieces.len() as u64, asked.jobs, &piece).is_err()
}

/// How many seeds must notice a defect: one could be luck.
const WANTED: usize = 5;
