//! The search for damage in the database itself (D3).

use rusqlite::Connection;

use super::Newest;
use super::error::Fault;
use super::row::{NONE, Row};
use super::summary::{self, Tip};

/// Reads the whole journal: the database's structure, and every sale's chain of records.
///
/// SQLite's own check finds pages and indexes that do not fit together, the checksums find the
/// flipped bit inside a value. Neither finds what the other does.
pub(super) fn whole(connection: &Connection) -> Result<(), Fault> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if found != "ok" {
        return Err(Fault::Damage(found.lines().last().unwrap_or_default().to_owned()));
    }
    let mut counted = 0_usize;
    let mut unsettled = 0;
    let mut after = NONE;
    loop {
        let tips =
            Tip::select(connection, "WHERE id > ? ORDER BY id LIMIT ?", &[&after, &SALES_AT_ONCE])?;
        let Some(last) = tips.last() else { break };
        after = last.id;
        for tip in &tips {
            counted += summary::records(connection, tip)?.len();
            unsettled += i64::from(!tip.settled);
        }
    }
    let written: i64 = connection.query_row("SELECT count(*) FROM record", (), |row| row.get(0))?;
    if i64::try_from(counted) != Ok(written) {
        let what = format!("{written} records are found where the sales have {counted}");
        return Err(Fault::Damage(what));
    }
    let newest = newest(connection)?;
    if newest.unsettled != unsettled {
        let what = format!(
            "{unsettled} unsettled sales are found where {} were written",
            newest.unsettled
        );
        return Err(Fault::Damage(what));
    }
    Ok(())
}

/// Reads the sales that were begun last.
pub(super) fn recent(connection: &Connection) -> Result<(), Fault> {
    for tip in Tip::select(connection, "ORDER BY id DESC LIMIT ?", &[&SALES_AT_ONCE])? {
        summary::records(connection, &tip)?;
    }
    Ok(())
}

/// What the newest record says, after its sale was proven.
pub(super) fn newest(connection: &Connection) -> Result<Newest, Fault> {
    let seq = Row::newest(connection)?;
    let Some(row) = Row::load(connection, seq)? else {
        let sales: i64 = connection.query_row("SELECT count(*) FROM sale", (), |row| row.get(0))?;
        return match (seq, sales) {
            (NONE, 0) => Ok(Newest { seq, unsettled: 0 }),
            _ => Err(Fault::Damage("the newest record is missing".to_owned())),
        };
    };
    let tip = Tip::load(connection, &row.reference)?.filter(|tip| tip.last_seq == seq);
    let Some(tip) = tip else {
        return Err(Fault::Damage(format!("record {seq} belongs to no sale")));
    };
    summary::records(connection, &tip)?;
    Ok(Newest { seq, unsettled: row.unsettled })
}

/// So that the check of a large journal needs little memory, and that of the newest sales about 15
/// ms.
const SALES_AT_ONCE: i64 = 256;
