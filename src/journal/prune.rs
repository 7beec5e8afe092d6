//! What is dropped, so that the journal does not grow for ever (D6).
//!
//! The wall clock decides nothing about money (O1), and a settled sale has nothing left to decide.
//! Still, a box whose clock jumps to 2050 must not lose its books, so:
//!
//! - The age of a sale counts from the earlier of two times: the clock's, and the newest record's.
//! - The newest 10,000 sales stay, whatever the clocks say.
//! - One call drops at most 500, from the oldest on, and stops at the first that is young enough: a
//!   record that was written while the clock stood in 1970 is protected by its neighbours.
//! - A sale that is not settled stays; the database itself refuses to drop it.
//!
//! The file does not shrink; the freed pages take the next records (no vacuum: it would rewrite the
//! file, which is a long write on a worn card for nothing).

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use super::error::Fault;
use super::row::{self, Row};
use super::summary::Tip;
use super::{schema, wall_clock};

/// What stays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Sales whose last record is younger than this.
    pub age: Duration,
    /// This many of the newest sales.
    pub sales: i64,
}

/// Drops what is old enough, in one transaction; says how many sales that were.
pub(super) fn prune(
    connection: &mut Connection,
    newest: i64,
    keep: Keep,
    now: Timestamp,
) -> Result<usize, Fault> {
    let transaction = schema::begin(connection)?;
    let Some(limit) = written_before(&transaction, newest, keep.age, now)? else { return Ok(0) };
    let old = "WHERE settled = 1 AND last_seq < ?
               AND id < (SELECT id FROM sale ORDER BY id DESC LIMIT 1 OFFSET ? - 1)
               ORDER BY id LIMIT ?";
    let (mut dropped, at_once) = (0, i64::try_from(AT_ONCE_MAX).unwrap_or(i64::MAX));
    // The newest record stays in any case: it counts the unsettled sales.
    for tip in Tip::select(&transaction, old, &[&newest, &keep.sales, &at_once])? {
        let rows = row::chain(&transaction, &tip)?;
        if rows.last().is_none_or(|last| last.written_at >= limit) {
            break;
        }
        transaction.prepare_cached("DELETE FROM sale WHERE id = ?")?.execute([tip.id])?;
        for row in &rows {
            transaction.prepare_cached("DELETE FROM record WHERE seq = ?")?.execute([row.seq])?;
        }
        dropped += 1;
    }
    transaction.commit()?;
    Ok(dropped)
}

/// The wall clock's text before which a sale's last record must have been written.
fn written_before(
    connection: &Connection,
    newest: i64,
    age: Duration,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let Some(newest) = Row::load(connection, newest)? else { return Ok(None) };
    let Ok(written) = newest.written_at.parse::<Timestamp>() else {
        return Err(Fault::Damage(format!("record {} has no time", newest.seq)));
    };
    Ok(now.min(written).checked_sub(age).ok().map(wall_clock))
}

/// What stays in any case.
pub(super) const SALES_MIN: i64 = 10_000;

/// The most sales that one call drops: about 5 ms of work.
pub const AT_ONCE_MAX: usize = 500;
