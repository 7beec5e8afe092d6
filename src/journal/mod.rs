//! The journal: every fact about every sale, on disk before anything is done or shown because of it
//! (D1, D2).
//!
//! It owns one SQLite database: the append-only table `record`, which decides, and the table
//! `sale`, which is made from it for queries. It never decides about money, never holds a payment
//! code or a key (P2), and never skips what it cannot read (D3): damage is an error that names the
//! record.
//!
//! | file | what it owns |
//! |---|---|
//! | `place` | the file, the lock against a second daemon, free space |
//! | `schema` | settings, tables, migrations (O5) |
//! | `row` | a record's row and the chain of checksums |
//! | `summary` | the table `sale` |
//! | `event` | the webhooks that were taken |
//! | `check`, `log` | the search for damage when a journal is opened |
//! | `prune` | what is dropped, and when (D6) |
//!
//! What the chain proves: no record of a sale that is read was changed, lost or moved, and no
//! unsettled sale is hidden, because the newest record counts them. What nothing can prove: that
//! the disk kept the very last transaction. It was synced; a disk that lies about that is found out
//! by the power-cut test, not here.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::terminal::{ChargeId, Record, Reference};
use crate::webhook::Event;

mod check;
mod error;
mod event;
mod log;
mod place;
mod prune;
mod row;
mod schema;
mod summary;
#[cfg(test)]
mod tests;

pub use error::JournalError;
pub use event::Receipt;
pub use prune::AT_ONCE_MAX as PRUNED_AT_ONCE_MAX;
pub use row::{Checksum, DecodeError, Row, decode, encode, unbroken};

use error::Fault;
use place::Place;
use summary::Tip;

/// The journal of one terminal, claimed for this process. See the [module](self).
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    newest: Newest,
    poisoned: bool,
    /// Dropped last: the claim must outlive the connection's last write.
    place: Place,
}

/// Which sales [`Journal::recent`] lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those with something left to do or to show.
    Unsettled,
}

/// What the newest record says about the whole journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Newest {
    seq: i64,
    unsettled: i64,
}

impl Journal {
    /// The most sales that [`Journal::recent`] returns at once (O3).
    pub const RECENT_MAX: usize = 500;

    /// Opens the journal at `path`, and makes it where there is none (in a directory that exists).
    ///
    /// A small journal is read through and proven whole. Of a larger one, the newest sale is, after
    /// a kill or a power cut the newest 256 sales and the log, and every sale when it is read;
    /// [`Journal::verify`] does the rest. Reading all of it at each start would keep a counter
    /// waiting for seconds after a year.
    ///
    /// # Errors
    ///
    /// When another daemon uses it, when it is damaged, of a newer version or no journal at all, or
    /// when the operating system refuses.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let place = Place::claim(path)?;
        let in_a_hurry = place.was_left_in_a_hurry();
        if in_a_hurry {
            log::check(&place)?;
        }
        let connection = schema::open(&place.path)?;
        let reading = |fault: Fault| fault.reading(&place.path);
        if place.length()? <= CHECKED_WHOLE_BYTES_MAX {
            check::whole(&connection).map_err(reading)?;
        } else if in_a_hurry {
            check::recent(&connection).map_err(reading)?;
        }
        let newest = check::newest(&connection).map_err(reading)?;
        if in_a_hurry {
            log::empty(&connection).map_err(|fault| fault.writing(&place.path))?;
        }
        schema::trust(&connection).map_err(reading)?;
        Ok(Self { connection, newest, poisoned: false, place })
    }

    /// The file, absolute and free of links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Writes `records`, all or none. They are on disk when this returns `Ok` (D1, D2).
    ///
    /// # Errors
    ///
    /// When anything fails. The process must then end, because nobody knows what the disk has (D4);
    /// until it does, every further call is refused.
    pub fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        self.append_at(records, Timestamp::now())
    }

    fn append_at(&mut self, records: &[Record], written_at: Timestamp) -> Result<(), JournalError> {
        let written_at = wall_clock(written_at);
        let newest = self.newest;
        self.newest = self.write(|connection| append(connection, newest, records, &written_at))?;
        Ok(())
    }

    /// The records of all sales that are not settled, sale by sale in the order of their first
    /// records, each sale's in the order they were written: what
    /// [`Terminal::new`](crate::terminal::Terminal::new) goes on with.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged.
    pub fn unsettled(&self) -> Result<Vec<Record>, JournalError> {
        let read = || {
            let tips = Tip::select(&self.connection, "WHERE settled = 0 ORDER BY id", &[])?;
            if i64::try_from(tips.len()) != Ok(self.newest.unsettled) {
                let (found, written) = (tips.len(), self.newest.unsettled);
                let what =
                    format!("{found} unsettled sales are found where {written} were written");
                return Err(Fault::Damage(what));
            }
            let mut all = Vec::new();
            for tip in &tips {
                all.extend(summary::records(&self.connection, tip)?);
            }
            Ok(all)
        };
        read().map_err(|fault| fault.reading(self.path()))
    }

    /// The records of one sale, oldest first; none where the journal does not know it.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged.
    pub fn history(&self, reference: &Reference) -> Result<Vec<Record>, JournalError> {
        let read = || match Tip::load(&self.connection, reference.as_str())? {
            Some(tip) => summary::records(&self.connection, &tip),
            None => Ok(Vec::new()),
        };
        read().map_err(|fault| fault.reading(self.path()))
    }

    /// Puts an event of the gateway on record, unless it is there already. It is on disk when this
    /// returns `Ok`.
    ///
    /// # Errors
    ///
    /// As [`Journal::append`].
    pub fn receive(&mut self, event: &Event) -> Result<Receipt, JournalError> {
        let received_at = wall_clock(Timestamp::now());
        self.write(|connection| event::receive(connection, event, &received_at))
    }

    /// The newest events of the gateway, oldest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged.
    pub fn newest_events(&self, limit: u32) -> Result<Vec<Event>, JournalError> {
        event::newest(&self.connection, limit).map_err(|fault| fault.reading(self.path()))
    }

    /// The sale that this charge was made for, whichever of its attempts made it; `None` where the
    /// journal does not know the charge.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged.
    pub fn sale_of(&self, charge: &ChargeId) -> Result<Option<Reference>, JournalError> {
        event::sale_of(&self.connection, charge).map_err(|fault| fault.reading(self.path()))
    }

    /// The records of the newest sales, newest first by their first arming: at most `limit` sales,
    /// and never more than [`Journal::RECENT_MAX`].
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged.
    pub fn recent(&self, limit: usize, which: Which) -> Result<Vec<Vec<Record>>, JournalError> {
        let limit = i64::try_from(limit.min(Self::RECENT_MAX)).unwrap_or(0);
        let rest = match which {
            Which::All => "ORDER BY id DESC LIMIT ?",
            Which::Unsettled => "WHERE settled = 0 ORDER BY id DESC LIMIT ?",
        };
        let read = || -> Result<_, Fault> {
            let tips = Tip::select(&self.connection, rest, &[&limit])?;
            tips.iter().map(|tip| summary::records(&self.connection, tip)).collect()
        };
        read().map_err(|fault| fault.reading(self.path()))
    }

    /// Drops a few of the oldest settled sales whose last record is older than `keep`, and says how
    /// many; to be called now and then, when nothing else is to do. The newest 10,000 sales stay in
    /// any case; see the module `prune` for why.
    ///
    /// # Errors
    ///
    /// As [`Journal::append`].
    pub fn prune(&mut self, keep: Duration) -> Result<usize, JournalError> {
        self.prune_at(prune::Keep { age: keep, sales: prune::SALES_MIN }, Timestamp::now())
    }

    fn prune_at(&mut self, keep: prune::Keep, now: Timestamp) -> Result<usize, JournalError> {
        let newest = self.newest.seq;
        self.write(|connection| prune::prune(connection, newest, keep, now))
    }

    /// Reads the whole journal and proves it: structure, indexes, every record, every sale. Takes
    /// some 10 µs for each record (0.5 s for 50,000): for an idle hour and for support, not for the
    /// start.
    ///
    /// # Errors
    ///
    /// When it is damaged or cannot be read.
    pub fn verify(&self) -> Result<(), JournalError> {
        check::whole(&self.connection).map_err(|fault| fault.reading(self.path()))
    }

    /// Whether there is room for the records of a sale; to be asked before one is armed.
    ///
    /// # Errors
    ///
    /// [`JournalError::LowSpace`] where there is not.
    pub fn check_space(&self) -> Result<(), JournalError> {
        self.place.check_space()
    }

    /// Carries out one write, or nothing once one has failed (D4).
    fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned(self.place.path.clone()));
        }
        write(&mut self.connection).map_err(|fault| {
            self.poisoned = true;
            fault.writing(&self.place.path)
        })
    }
}

/// One transaction: the records and their sales' rows.
fn append(
    connection: &mut Connection,
    mut newest: Newest,
    records: &[Record],
    written_at: &str,
) -> Result<Newest, Fault> {
    let transaction = schema::begin(connection)?;
    for record in records {
        newest = append_one(&transaction, newest, record, written_at)?;
    }
    transaction.commit()?;
    Ok(newest)
}

fn append_one(
    connection: &Connection,
    newest: Newest,
    record: &Record,
    written_at: &str,
) -> Result<Newest, Fault> {
    let reference = record.reference.as_str();
    let tip = Tip::load(connection, reference)?;
    // The sale is read back and proven before anything is put behind it: its row is made from all
    // its records.
    let mut rows = tip.as_ref().map_or(Ok(Vec::new()), |tip| row::chain(connection, tip))?;
    let mut records = rows.iter().map(Row::record).collect::<Result<Vec<_>, Fault>>()?;
    records.push(record.clone());
    let sale = crate::terminal::Sale::from_records(&records).ok_or(Fault::NeverArmed)?;
    let was_unsettled = tip.as_ref().is_some_and(|tip| !tip.settled);
    let unsettled = newest.unsettled + i64::from(!sale.settled) - i64::from(was_unsettled);
    let row = Row::behind(rows.last(), newest.seq + 1, unsettled, record, written_at)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    row.insert(connection)?;
    let newest = Newest { seq: row.seq, unsettled: row.unsettled };
    rows.push(row);
    summary::store(connection, &rows, &sale)?;
    Ok(newest)
}

/// RFC 3339 in UTC to the millisecond, always of the same length, so that texts sort as times do.
fn wall_clock(now: Timestamp) -> String {
    format!("{now:.3}")
}

/// A file up to this length is read through at each start: some 1,500 records, 15 ms.
const CHECKED_WHOLE_BYTES_MAX: u64 = 256 << 10;
