//! Checked before anything else in each run: the same seed twice gives byte-equal traces. And O1:
//! with other wall clocks it still does. And what would be printed of a failure pastes.

use crate::exhaustive::STORIES;
use crate::failure::named;
use crate::faults::Fault;
use crate::run::{EPOCH, Recipe};
use crate::tables::paste;

/// Plays each of `seeds` three times.
pub fn worlds_repeat(seeds: impl Iterator<Item = u64>) -> Result<(), String> {
    for seed in seeds {
        let recipe = Recipe::drawn(seed, None);
        let lines = |epoch| recipe.traced(epoch).trace.lines().to_vec();
        let first = lines(EPOCH);
        if let Some(line) = other(&first, &lines(EPOCH)) {
            return Err(format!("seed {seed} is not the same world twice:\n{line}"));
        }
        // The gateway's clock a year and a day later; ours is nowhere. Its sweep comes at whole
        // five minutes, which must stay where they are.
        if let Some(line) = other(&first, &lines(EPOCH + 31_622_400_000)) {
            return Err(format!("O1: seed {seed} depends on the wall clock:\n{line}"));
        }
    }
    Ok(())
}

/// What worlds emit as scripts comes to the same in the driver of the table tests: some drawn ones,
/// and every story, calm and with a power cut.
///
/// # Errors
/// The first script that does not, and where it parts from its world.
pub fn scripts_paste() -> Result<(), String> {
    let drawn = (0..PASTED).map(|seed| Recipe::drawn(seed, None));
    let stories = STORIES.iter().flat_map(|story| {
        [&[][..], &[(Fault::Crash, 9)]].map(|planned| story.recipe(planned, None))
    });
    for recipe in drawn.chain(stories) {
        let (script, orders) = recipe.traced(EPOCH).trace.script();
        match paste(&script, &orders, false) {
            // Whoever looks for broken rules will tell of the others.
            Err(parted) if recipe.play().is_ok() => {
                let (named, script) = (named(&recipe), script.join("\n    "));
                return Err(format!("{named} does not paste:\n{parted}\n    {script}"));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Where two worlds part: the line of each.
pub fn other(one: &[String], two: &[String]) -> Option<String> {
    let part = one.iter().zip(two).find(|(one, two)| one != two);
    let lines = part.map(|(one, two)| format!("{one}\n{two}"));
    lines.or_else(|| (one.len() != two.len()).then(|| "one of them is longer".to_owned()))
}

/// How many drawn worlds are played by their scripts.
const PASTED: u64 = 48;
