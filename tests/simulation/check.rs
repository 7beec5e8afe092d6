//! Checked before anything else in each run: the same seed twice gives byte-equal traces. And O1:
//! with other wall clocks it still does.

use crate::run::{EPOCH, Recipe};

/// Plays each of `seeds` three times.
pub fn worlds_repeat(seeds: impl Iterator<Item = u64>) -> Result<(), String> {
    for seed in seeds {
        let recipe = Recipe::drawn(seed, None);
        let lines = |epoch| recipe.traced(epoch).trace.lines().join("\n");
        let first = lines(EPOCH);
        if first != lines(EPOCH) {
            return Err(format!("seed {seed} is not the same world twice"));
        }
        // The gateway's clock a year and a day and some later; ours is nowhere.
        if first != lines(EPOCH + 31_622_400_123) {
            return Err(format!("O1: seed {seed} depends on the wall clock"));
        }
    }
    Ok(())
}
