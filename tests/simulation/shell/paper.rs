//! The journal's folder. Each life of the daemon has its own, with what the one before left on
//! disk: after a power cut a copy of its files, of whose last write a piece may be missing or other
//! than it was. Nobody closes a database when the power goes.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use tillscan::journal::{Journal, decode};
use tillscan::terminal::{ChargeId, Record, Reference, Sale};
use tillscan::webhook::{Event, EventId};

use crate::dice::Dice;
use crate::disk::Cut;
use crate::oracles::Violation;

/// Where the journal is.
pub struct Paper {
    folder: TempDir,
    life: u32,
}

impl Paper {
    /// An empty folder; in memory where the system has such a place.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let paper = Self { folder: folder.expect("a folder"), life: 0 };
        fs::create_dir(paper.room()).expect("a folder in it");
        paper
    }

    /// The journal's file.
    pub fn path(&self) -> PathBuf {
        self.room().join(FILE)
    }

    /// The folder of the key and of nothing else.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn room(&self) -> PathBuf {
        self.folder.path().join(self.life.to_string())
    }

    /// How long the log is.
    pub fn log_length(&self) -> u64 {
        fs::metadata(self.room().join(LOG)).map_or(0, |log| log.len())
    }

    /// What was written of the log since it had `before` bytes, as far as it was not synced one by
    /// one: its head is, and all of it is before it is copied into the file.
    pub fn written_since(&self, before: u64) -> Range<u64> {
        let (from, to) = (before.max(LOG_HEAD), self.log_length());
        if to < LOG_COPIED && from < to { from..to } else { 0..0 }
    }

    /// The next life begins with what is on disk now, but for a cut through these bytes of the log.
    pub fn cut(&mut self, loose: Range<u64>, cut: Cut, mut dice: Dice) {
        let (file, log) = (fs::read(self.path()), fs::read(self.room().join(LOG)));
        let mut log = log.unwrap_or_default();
        let length = loose.end - loose.start;
        let kept = match (cut.torn, dice.chance(500)) {
            (true, _) => dice.below(length + 1),
            (false, true) => length,
            (false, false) => 0,
        };
        if length > 0 {
            log.truncate((loose.start + kept) as usize);
        }
        if cut.flipped && kept > 0 {
            log[(loose.start + dice.below(kept)) as usize] ^= 1 << dice.below(8);
        }
        self.life += 1;
        fs::create_dir(self.room()).expect("a folder for what is left");
        fs::write(self.path(), file.expect("the journal's file")).expect("a copy of it");
        fs::write(self.room().join(LOG), log).expect("a copy of its log");
    }

    /// Every record, in the order in which they were written, as another program reads them.
    pub fn records(&self) -> Result<Vec<Record>, Violation> {
        let rows = self.read("SELECT reference, body FROM record ORDER BY seq")?;
        let record = |(reference, body): &(String, String)| decode(reference, body);
        rows.iter().map(record).collect::<Result<_, _>>().map_err(|error| damaged(&error))
    }

    /// Every event that a webhook told of, likewise.
    pub fn events(&self) -> Result<Vec<Event>, Violation> {
        let rows = self.read("SELECT id, charge FROM webhook_event ORDER BY seq")?;
        let event = |(id, charge): (String, String)| {
            let id = EventId::new(&id).ok_or_else(|| damaged(&id))?;
            Ok(Event { id, charge: ChargeId(charge) })
        };
        rows.into_iter().map(event).collect()
    }

    /// Rows of two texts.
    fn read(&self, sql: &str) -> Result<Vec<(String, String)>, Violation> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(self.path(), flags)?;
            let mut rows = connection.prepare(sql)?;
            let pairs = rows.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            pairs.collect()
        };
        read().map_err(|error| damaged(&error))
    }

    /// Proves the journal of a daemon that has ended.
    pub fn is_whole(&self) -> Result<(), Violation> {
        let proven = Journal::open(&self.path()).and_then(|journal| journal.verify());
        proven.map_err(|error| Violation::new("D3", error.to_string()))
    }
}

fn damaged(what: &dyn std::fmt::Display) -> Violation {
    Violation::new("D3", what.to_string())
}

/// The records of all sales that are not settled, sale by sale.
pub fn unsettled(records: &[Record]) -> Vec<Record> {
    let mut sales: Vec<(&Reference, Vec<Record>)> = Vec::new();
    for record in records {
        match sales.iter_mut().find(|(reference, _)| **reference == record.reference) {
            Some((_, history)) => history.push(record.clone()),
            None => sales.push((&record.reference, vec![record.clone()])),
        }
    }
    let histories = sales.into_iter().map(|(_, history)| history);
    let open = |history: &Vec<Record>| Sale::from_records(history).is_none_or(|one| !one.settled);
    histories.filter(open).flatten().collect()
}

const FILE: &str = "journal.db";
const LOG: &str = "journal.db-wal";
/// The head of a write-ahead log, synced before anything follows.
const LOG_HEAD: u64 = 32;
/// From here on SQLite may have copied the log into the file: a thousand pages of 4 KiB.
const LOG_COPIED: u64 = 1_000 * 4_096;
