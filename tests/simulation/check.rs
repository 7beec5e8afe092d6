//! Checked before anything else in each run: the same seed twice gives byte-equal traces. And O1:
//! with other wall clocks it still does.

use crate::run::{EPOCH, Recipe};

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

/// Where two worlds part: the line of each.
pub fn other(one: &[String], two: &[String]) -> Option<String> {
    let part = one.iter().zip(two).find(|(one, two)| one != two);
    let lines = part.map(|(one, two)| format!("{one}\n{two}"));
    lines.or_else(|| (one.len() != two.len()).then(|| "one of them is longer".to_owned()))
}
