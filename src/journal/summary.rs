//! The table `sale`: one row for each sale, made from its records and nothing else. What tillscan
//! itself relies on of it is its [`Tip`]; the other columns are for people and their `sqlite3`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::error::Fault;
use super::row::{self, Checksum, Row};
use crate::terminal::{Outcome, Record, Sale};

/// Where the records of a sale are, and whether a restart must read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    /// `seq` of its first record.
    pub id: i64,
    pub reference: String,
    /// `seq` of its last record.
    pub last_seq: i64,
    /// Of its last record.
    pub checksum: Checksum,
    pub settled: bool,
}

impl Tip {
    /// The tip of the sale with this reference.
    pub fn load(connection: &Connection, reference: &str) -> rusqlite::Result<Option<Self>> {
        let sql = format!("SELECT {TIP} FROM sale WHERE reference = ?");
        connection.prepare_cached(&sql)?.query_row([reference], Self::read).optional()
    }

    /// The tips that a query for [`TIP`] finds.
    pub fn select(
        connection: &Connection,
        rest: &str,
        parameters: &[&dyn ToSql],
    ) -> rusqlite::Result<Vec<Self>> {
        let sql = format!("SELECT {TIP} FROM sale {rest}");
        connection.prepare_cached(&sql)?.query_map(parameters, Self::read)?.collect()
    }

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            reference: row.get(1)?,
            last_seq: row.get(2)?,
            checksum: row.get(3)?,
            settled: row.get(4)?,
        })
    }
}

/// The records of a sale, proven to be as written and to end as its row says.
pub(super) fn records(connection: &Connection, tip: &Tip) -> Result<Vec<Record>, Fault> {
    let rows = row::chain(connection, tip)?;
    let records = rows.iter().map(Row::record).collect::<Result<Vec<_>, Fault>>()?;
    let sale = Sale::from_records(&records);
    // A flipped bit here would hide a sale from the restart, or keep it for ever.
    if sale.is_some_and(|sale| sale.settled == tip.settled) {
        return Ok(records);
    }
    Err(Fault::Damage(format!("the sale {:?} does not stand as its records say", tip.reference)))
}

/// Writes the row of `sale`, whose records are in `rows`.
pub(super) fn store(connection: &Connection, rows: &[Row], sale: &Sale) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Err(Fault::NeverArmed);
    };
    let view = sale.view();
    let attempts = i64::try_from(view.attempts).unwrap_or(i64::MAX);
    let sql = format!("INSERT OR REPLACE INTO sale ({TIP}, {DETAILS}) VALUES ({PLACES})");
    connection.prepare_cached(&sql)?.execute((
        first.seq,
        &last.reference,
        last.seq,
        last.checksum,
        sale.settled,
        view.amount.satang(),
        &first.written_at,
        view.outcome.map(Outcome::word),
        view.charge_id.map(|charge| charge.0),
        view.failure_code,
        attempts,
        view.late_success,
        view.acknowledged,
        view.refunded.satang(),
    ))?;
    Ok(())
}

/// Makes the whole table anew from the records: a migration may have changed what it holds.
pub(super) fn rebuild(connection: &Connection) -> Result<(), Fault> {
    connection.execute_batch("UPDATE sale SET settled = 1; DELETE FROM sale;")?;
    let mut last_of: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT reference, seq FROM record ORDER BY seq")?;
    let mut found = statement.query(())?;
    while let Some(row) = found.next()? {
        let seq = row.get(1)?;
        last_of.entry(row.get(0)?).or_insert((seq, seq)).1 = seq;
    }
    for (reference, (id, last_seq)) in last_of {
        let Some(last) = Row::load(connection, last_seq)? else { continue };
        let tip = Tip { id, reference, last_seq, checksum: last.checksum, settled: false };
        let rows = row::chain(connection, &tip)?;
        let records = rows.iter().map(Row::record).collect::<Result<Vec<_>, Fault>>()?;
        let sale = Sale::from_records(&records).ok_or(Fault::NeverArmed)?;
        store(connection, &rows, &sale)?;
    }
    Ok(())
}

/// Every row of the table.
#[cfg(test)]
pub(super) fn table(connection: &Connection) -> rusqlite::Result<Vec<Vec<rusqlite::types::Value>>> {
    let sql = format!("SELECT {TIP}, {DETAILS} FROM sale ORDER BY id");
    let mut statement = connection.prepare(&sql)?;
    let columns = statement.column_count();
    let rows =
        statement.query_map((), |row| (0..columns).map(|column| row.get(column)).collect())?;
    rows.collect()
}

const TIP: &str = "id, reference, last_seq, checksum, settled";

const DETAILS: &str = "amount_satang, armed_at, outcome, charge_id, failure_code, attempts, \
                       late_success, acknowledged, refunded_satang";

const PLACES: &str = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
