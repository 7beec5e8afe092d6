//! One row of the table `record`, and the chain of checksums through the rows of a sale.
//!
//! Each row seals itself and, through the checksum before it, all rows of its sale before it. The
//! sale's own row keeps the last checksum. So whoever reads a sale's records knows that none was
//! changed, lost, added or moved.

use ring::digest;
use rusqlite::{Connection, OptionalExtension as _};

use super::error::Fault;
use super::summary::Tip;
use crate::terminal::{Fact, Record, ReferenceError};

/// SHA-256, cut to 16 bytes: against broken disks, not against people (who could write a whole new
/// chain).
pub type Checksum = [u8; 16];

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, one more than that of the row before it in the journal.
    pub seq: i64,
    /// `seq` of the record before it of the same sale; 0 where it is the first one.
    pub previous: i64,
    /// RFC 3339 in UTC, for people.
    pub written_at: String,
    /// The sale it is about.
    pub reference: String,
    /// The fact as JSON, see [`encode`].
    pub body: String,
    /// How many sales are not settled after this record.
    pub unsettled: i64,
    /// See [`Row::seal`].
    pub checksum: Checksum,
}

impl Row {
    /// The row number `seq`, which holds `record` and stands behind `last`, the last one of its
    /// sale so far.
    ///
    /// # Errors
    ///
    /// Those of [`encode`].
    pub fn behind(
        last: Option<&Self>,
        seq: i64,
        unsettled: i64,
        record: &Record,
        written_at: &str,
    ) -> serde_json::Result<Self> {
        let mut row = Self {
            seq,
            previous: last.map_or(NONE, |last| last.seq),
            written_at: written_at.to_owned(),
            reference: record.reference.as_str().to_owned(),
            body: encode(&record.fact)?,
            unsettled,
            checksum: Checksum::default(),
        };
        row.checksum = row.seal(last.map_or_else(Checksum::default, |last| last.checksum));
        Ok(row)
    }

    /// The checksum that this row must have behind a row with the checksum `before`.
    #[must_use]
    pub fn seal(&self, before: Checksum) -> Checksum {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&before);
        for number in [self.seq, self.previous, self.unsettled] {
            context.update(&number.to_be_bytes());
        }
        for text in [&self.written_at, &self.reference, &self.body] {
            // The lengths keep two rows apart that differ only in where one text ends.
            context.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut checksum = Checksum::default();
        checksum.copy_from_slice(&context.finish().as_ref()[..size_of::<Checksum>()]);
        checksum
    }

    /// The record that the row holds.
    pub(super) fn record(&self) -> Result<Record, Fault> {
        decode(&self.reference, &self.body).map_err(|cause| {
            Fault::Damage(format!("record {} cannot be understood: {cause}", self.seq))
        })
    }

    /// Adds the row to the table.
    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO record (seq, previous, written_at, reference, body, unsettled, checksum)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?;
        statement.execute((
            self.seq,
            self.previous,
            &self.written_at,
            &self.reference,
            &self.body,
            self.unsettled,
            self.checksum,
        ))?;
        Ok(())
    }

    /// The row with this number.
    pub(super) fn load(connection: &Connection, seq: i64) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT seq, previous, written_at, reference, body, unsettled, checksum
             FROM record WHERE seq = ?",
        )?;
        let row = statement.query_row([seq], |row| {
            Ok(Self {
                seq: row.get(0)?,
                previous: row.get(1)?,
                written_at: row.get(2)?,
                reference: row.get(3)?,
                body: row.get(4)?,
                unsettled: row.get(5)?,
                checksum: row.get(6)?,
            })
        });
        row.optional()
    }

    /// The number of the newest row, [`NONE`] in an empty journal.
    pub(super) fn newest(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row("SELECT coalesce(max(seq), 0) FROM record", (), |row| row.get(0))
    }
}

/// Why a row holds no record.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Its sale has an impossible name.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Its body is no fact that this version knows.
    #[error(transparent)]
    Fact(#[from] serde_json::Error),
}

/// The record in a row's `reference` and `body`, of this version or of any older one (O5).
///
/// # Errors
///
/// See [`DecodeError`]. None is ever skipped: a lost record may be a lost payment (D3).
pub fn decode(reference: &str, body: &str) -> Result<Record, DecodeError> {
    Ok(Record { reference: reference.parse()?, fact: serde_json::from_str(body)? })
}

/// The body of the row that holds `fact`.
///
/// # Errors
///
/// None that is known: a fact has only texts, numbers and flags under text keys.
pub fn encode(fact: &Fact) -> serde_json::Result<String> {
    serde_json::to_string(fact)
}

/// All rows of a sale, oldest first, from its last one back along `previous`, and proven whole.
pub(super) fn chain(connection: &Connection, tip: &Tip) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    let mut seq = tip.last_seq;
    while seq != NONE {
        let Some(row) = Row::load(connection, seq)? else {
            return Err(Fault::Damage(format!("record {seq} is missing")));
        };
        // Only ever downwards, so that no damage can make this loop endless.
        if row.previous >= seq || row.previous < NONE {
            return Err(Fault::Damage(format!("record {seq} points to record {}", row.previous)));
        }
        seq = row.previous;
        rows.push(row);
    }
    rows.reverse();
    prove(&rows, tip)?;
    Ok(rows)
}

/// Proves that `rows` are what was written, and all of it.
fn prove(rows: &[Row], tip: &Tip) -> Result<(), Fault> {
    let last = unbroken(rows, &tip.reference)
        .map_err(|seq| Fault::Damage(format!("record {seq} is not as it was written")))?;
    let first = rows.first().map(|row| row.seq);
    if last == tip.checksum && first == Some(tip.id) {
        return Ok(());
    }
    Err(Fault::Damage(format!("records of the sale {:?} are missing", tip.reference)))
}

/// The last checksum of the chain that `rows`, oldest first, must be of the sale `reference`.
///
/// # Errors
///
/// The number of the first row that is not as it was written.
pub fn unbroken(rows: &[Row], reference: &str) -> Result<Checksum, i64> {
    rows.iter().try_fold(Checksum::default(), |before, row| {
        let whole = row.checksum == row.seal(before) && row.reference == reference;
        if whole { Ok(row.checksum) } else { Err(row.seq) }
    })
}

/// The number of no row.
pub(super) const NONE: i64 = 0;
