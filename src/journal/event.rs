//! The table `webhook_event`: what the gateway told by webhook, so that a second delivery is known
//! after a restart, too. A hint proves nothing, and so no row of it is in the chain of checksums:
//! one that is damaged costs or spares one reading of a charge.

use rusqlite::{Connection, OptionalExtension as _};

use super::error::Fault;
use super::schema;
use crate::terminal::{ChargeId, Reference};
use crate::webhook::{Event, EventId};

/// Whether an event was on record before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It was not.
    New,
    /// It was.
    Duplicate,
}

/// Puts an event on record, unless it is there; drops the oldest one above [`KEPT_MAX`] (D6).
pub(super) fn receive(
    connection: &mut Connection,
    event: &Event,
    received_at: &str,
) -> Result<Receipt, Fault> {
    let transaction = schema::begin(connection)?;
    let added = transaction
        .prepare_cached(
            "INSERT INTO webhook_event (id, charge, received_at) VALUES (?, ?, ?)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute((event.id.as_str(), &event.charge.0, received_at))?;
    if added == 0 {
        return Ok(Receipt::Duplicate);
    }
    let oldest = transaction.last_insert_rowid().saturating_sub(KEPT_MAX);
    transaction.prepare_cached("DELETE FROM webhook_event WHERE seq <= ?")?.execute([oldest])?;
    transaction.commit()?;
    Ok(Receipt::New)
}

/// The newest events, oldest first, at most so many.
pub(super) fn newest(connection: &Connection, limit: u32) -> Result<Vec<Event>, Fault> {
    let sql = "SELECT id, charge FROM webhook_event ORDER BY seq DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |row| Ok(read(row)))?;
    let mut events: Vec<Event> = rows.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    events.reverse();
    Ok(events)
}

/// None of a damaged row: no start fails for a hint.
fn read(row: &rusqlite::Row<'_>) -> Option<Event> {
    let (id, charge): (String, String) = (row.get(0).ok()?, row.get(1).ok()?);
    Some(Event { id: EventId::new(&id)?, charge: ChargeId(charge) })
}

/// The sale that one of its attempts has this charge of.
pub(super) fn sale_of(
    connection: &Connection,
    charge: &ChargeId,
) -> Result<Option<Reference>, Fault> {
    let sql = "SELECT reference FROM record WHERE charge = ? ORDER BY seq DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found: Option<String> = statement.query_row([&charge.0], |row| row.get(0)).optional()?;
    let damaged = |reference| Fault::Damage(format!("{reference:?} is no reference of a sale"));
    found.map(|text| text.parse().map_err(|_| damaged(text))).transpose()
}

/// Two events for a sale: two weeks of a busy counter, and far longer than anybody repeats one.
pub(super) const KEPT_MAX: i64 = 10_000;
