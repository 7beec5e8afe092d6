//! State coverage: every cell of state × input × fault in `cells.txt` was hit by many worlds, and
//! one that no world hits any more is a defect of the simulation or of the terminal.

use std::fmt::Write as _;

use crate::report::{Cell, Tally};

/// The cells that must be hit, as committed.
const CELLS: &str = include_str!("cells.txt");
/// A cell is listed when as many worlds as CI plays hit it so often that chance cannot miss it.
const OFTEN: u64 = 60;
/// With fewer worlds a cell may be missed by chance.
pub const ENOUGH_WORLDS: u64 = 25_000;

/// The listed cells that were not hit.
pub fn missed(tally: &Tally) -> Result<(), String> {
    if tally.worlds < ENOUGH_WORLDS {
        return Ok(());
    }
    let hit: std::collections::BTreeSet<String> = tally.cells.keys().map(line).collect();
    let missed: Vec<&str> = CELLS.lines().filter(|cell| !hit.contains(*cell)).collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("{} cells are not hit any more:\n{}", missed.len(), missed.join("\n")))
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
