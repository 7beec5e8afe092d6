//! The daemon's status beside the truth: L2 and O3, as the terminal's worlds judge them from
//! inside.

use std::collections::BTreeSet;

use tillscan::api::document::StatusDocument;
use tillscan::terminal::Reference;

use crate::oracles::require;
use crate::truth::{Entry, Truth};
use crate::world::Checked;

/// What is open or not yet seen is at the counter or an alert; behind an amount that is being typed
/// there is at most one result. As many attempts are open as were opened.
pub fn judge(status: &StatusDocument, truth: &Truth) -> Checked {
    let open = truth.books.values().filter(|entry| entry.open().is_some()).count();
    require(status.unsettled == open, "O3", || {
        format!("{} attempts are held open, {open} are", status.unsettled)
    })?;
    let seen: BTreeSet<&Reference> = status
        .alerts
        .iter()
        .chain(&status.screen.sale)
        .map(|document| &document.sale.reference)
        .collect();
    let books = truth.books.iter();
    let hidden: Vec<(&Reference, &Entry)> = books
        .filter(|(reference, entry)| !entry.acknowledged && !seen.contains(reference))
        .collect();
    let behind = status.screen.typed.is_some() && hidden.len() == 1 && is_a_result(hidden[0].1);
    require(hidden.is_empty() || behind, "L2", || {
        format!("{:?} is out of sight", hidden.first().map(|(reference, _)| reference))
    })
}

fn is_a_result(entry: &Entry) -> bool {
    entry.open().is_none() && !entry.armed && !entry.tries.iter().any(|one| one.late)
}
