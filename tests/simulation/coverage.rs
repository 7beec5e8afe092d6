//! State coverage: every cell of state × input × fault in `cells.txt` was hit by many worlds, and
//! one that no world hits any more is a defect of the simulation or of the terminal. One that is
//! hit very often belongs there, too, or nobody would notice when it is hit no more.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::report::{Cell, Tally};

/// The cells that must be hit, as committed.
const CELLS: &str = include_str!("cells.txt");
/// A cell is listed when as many worlds as CI plays hit it so often that chance cannot miss it.
const OFTEN: u64 = 60;
/// A cell that is hit so often by as many worlds as CI plays must be listed.
const VERY_OFTEN: u64 = 10 * OFTEN;
/// With fewer worlds a cell may be missed by chance.
pub const ENOUGH_WORLDS: u64 = 25_000;

/// The listed cells that were not hit, and those that were hit very often and are not listed.
pub fn missed(tally: &Tally) -> Result<(), String> {
    if tally.worlds < ENOUGH_WORLDS {
        return Ok(());
    }
    let listed: BTreeSet<&str> = CELLS.lines().collect();
    let hit: BTreeSet<String> = tally.cells.keys().map(line).collect();
    let missed = listed.iter().filter(|cell| !hit.contains(**cell));
    // More worlds hit every cell more often.
    let very_often = VERY_OFTEN * (tally.worlds / ENOUGH_WORLDS);
    let often = tally.cells.iter().filter(|(_, count)| **count >= very_often);
    let unlisted = often.map(|(cell, _)| line(cell)).filter(|cell| !listed.contains(&**cell));
    let missed = missed.map(|cell| format!("{cell}: not hit any more"));
    let wrong: Vec<String> =
        missed.chain(unlisted.map(|cell| format!("{cell}: hit often, not listed"))).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} cells of cells.txt (--cells prints it):\n{}", wrong.len(), wrong.join("\n")))
}

/// The cells as `cells.txt` has them.
pub fn listed(tally: &Tally) -> String {
    let often = tally.cells.iter().filter(|(_, count)| **count >= OFTEN);
    let mut text = String::new();
    for (cell, _) in often {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(cell));
    }
    text
}

fn line((screen, input, fault): &Cell) -> String {
    format!("{screen:?} {input} {fault}")
}
