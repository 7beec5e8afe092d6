//! The disk: transactions of the journal's own rows, sealed as the journal seals them. Around each
//! transaction stands what SQLite's log has: a length and a sum, by which it drops what a power cut
//! left of a write that nobody was told of.

use std::collections::BTreeMap;

use tillscan::journal::{Checksum, Row, decode, unbroken};
use tillscan::terminal::{Record, Reference, Sale};

use crate::dice::Dice;

/// A disk with one log on it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What a reader sees now, byte for byte.
    bytes: Vec<u8>,
    /// How many of them are there after a power cut.
    synced: usize,
    /// What the running process wrote or read.
    known: Known,
}

/// What the rows say.
#[derive(Clone, Debug, Default)]
struct Known {
    records: Vec<Record>,
    sales: BTreeMap<Reference, Book>,
    /// In the order of their first records.
    order: Vec<Reference>,
    newest: i64,
    unsettled: i64,
}

/// One sale's records, and its last row.
#[derive(Clone, Debug, Default)]
struct Book {
    records: Vec<Record>,
    last: Option<Row>,
    settled: bool,
}

/// The log is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage(pub String);

/// How a power cut treats what was not synced.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cut {
    /// A piece of it survives; else all or nothing.
    pub torn: bool,
    /// A bit of it is another one.
    pub flipped: bool,
}

impl Disk {
    /// Writes one transaction; whoever cuts the power now may find it or not. Returns what the rows
    /// look like on the disk.
    pub fn write(&mut self, records: &[Record]) -> Vec<Vec<u8>> {
        let rows = records.iter().map(|record| written(&self.known.add(record)));
        let rows: Vec<Vec<u8>> = rows.collect();
        let body = rows.concat();
        self.bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(&sum(&body).to_be_bytes());
        self.bytes.extend_from_slice(&body);
        rows
    }

    /// All that was written survives from here on.
    pub fn sync(&mut self) {
        self.synced = self.bytes.len();
    }

    /// The power goes.
    pub fn cut(&mut self, cut: Cut, mut dice: Dice) {
        let loose = self.bytes.len() - self.synced;
        let kept = match (cut.torn, dice.chance(500)) {
            (true, _) => dice.below(loose as u64 + 1) as usize,
            (false, true) => loose,
            (false, false) => 0,
        };
        self.bytes.truncate(self.synced + kept);
        if cut.flipped && kept > 0 {
            let at = self.synced + dice.below(kept as u64) as usize;
            self.bytes[at] ^= 1 << dice.below(8);
        }
    }

    /// Reads everything back. A transaction that was never synced and is not whole is cut off; any
    /// other damage is told (D3).
    pub fn recover(&mut self) -> Result<(), Damage> {
        let (mut at, mut rows) = (0, Vec::new());
        while let Some((body, next)) = self.transaction(at) {
            rows.extend(read(body)?);
            at = next;
        }
        if at < self.synced {
            return Err(Damage(format!("byte {at} was synced and is not there")));
        }
        self.known = Known::of(&rows)?;
        self.bytes.truncate(at);
        self.synced = at;
        Ok(())
    }

    /// Whether the journal notices that one bit of what it reads is not as it was written, below
    /// all that SQLite checks. `None` where nothing is written.
    pub fn notices_rot(&self, mut dice: Dice) -> Option<bool> {
        let (mut at, mut bytes) = (0, Vec::new());
        while let Some((body, next)) = self.transaction(at) {
            bytes.extend_from_slice(body);
            at = next;
        }
        let byte = dice.below((bytes.len() as u64).max(1)) as usize;
        *bytes.get_mut(byte)? ^= 1 << dice.below(8);
        Some(read(&bytes).and_then(|rows| Known::of(&rows)).is_err())
    }

    fn transaction(&self, at: usize) -> Option<(&[u8], usize)> {
        let head = self.bytes.get(at..at + HEAD)?;
        let (length, sealed) = head.split_at(4);
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        let body = self.bytes.get(at + HEAD..(at + HEAD).checked_add(length)?)?;
        let whole = sum(body).to_be_bytes() == *sealed;
        whole.then_some((body, at + HEAD + length))
    }

    /// What the running process knows of a sale.
    pub fn history(&self, reference: &Reference) -> Vec<Record> {
        self.known.sales.get(reference).map(|book| book.records.clone()).unwrap_or_default()
    }

    /// What the running process knows of all sales, in the order it was written.
    pub fn records(&self) -> &[Record] {
        &self.known.records
    }

    /// The records of all sales that are not settled, sale by sale.
    pub fn unsettled(&self) -> Vec<Record> {
        let books = self.known.order.iter().filter_map(|reference| self.known.sales.get(reference));
        books.filter(|book| !book.settled).flat_map(|book| book.records.iter().cloned()).collect()
    }
}

impl Known {
    /// Takes a record in. Returns the row that holds it.
    fn add(&mut self, record: &Record) -> Row {
        let book = self.enter(record);
        let last = book.last.take();
        let (seq, unsettled) = (self.newest + 1, self.unsettled);
        let row = Row::behind(last.as_ref(), seq, unsettled, record, WRITTEN_AT);
        let row = row.expect("a fact is JSON");
        self.newest = seq;
        self.book(&record.reference).last = Some(row.clone());
        row
    }

    /// Takes a record in, but for its row.
    fn enter(&mut self, record: &Record) -> &mut Book {
        self.records.push(record.clone());
        if !self.sales.contains_key(&record.reference) {
            self.order.push(record.reference.clone());
        }
        let book = self.sales.entry(record.reference.clone()).or_default();
        let was_unsettled = !book.records.is_empty() && !book.settled;
        book.records.push(record.clone());
        // As the journal does it; a sale that was never armed stays in sight.
        book.settled = Sale::from_records(&book.records).is_some_and(|sale| sale.settled);
        self.unsettled += i64::from(!book.settled) - i64::from(was_unsettled);
        book
    }

    fn book(&mut self, reference: &Reference) -> &mut Book {
        self.sales.entry(reference.clone()).or_default()
    }

    /// What these rows say, proven as the journal proves it: every sale's chain, and how many sales
    /// are not settled.
    fn of(rows: &[Row]) -> Result<Self, Damage> {
        let mut known = Self::default();
        let mut chains: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for row in rows {
            let record = decode(&row.reference, &row.body);
            let record = record.map_err(|cause| Damage(format!("row {}: {cause}", row.seq)))?;
            known.enter(&record).last = Some(row.clone());
            known.newest = row.seq;
            chains.entry(&row.reference).or_default().push(row.clone());
        }
        for (reference, chain) in chains {
            unbroken(&chain, reference).map_err(|seq| Damage(format!("row {seq} was changed")))?;
        }
        let counted = rows.last().map_or(0, |row| row.unsettled);
        if counted != known.unsettled {
            return Err(Damage(format!("{counted} sales are unsettled, not {}", known.unsettled)));
        }
        Ok(known)
    }
}

/// A row as this disk keeps it.
fn written(row: &Row) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [row.seq, row.previous, row.unsettled] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(&row.checksum);
    for text in [&row.written_at, &row.reference, &row.body] {
        bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The rows in these bytes.
fn read(mut bytes: &[u8]) -> Result<Vec<Row>, Damage> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let row = row(&mut bytes);
        rows.push(row.ok_or_else(|| Damage(format!("row {} is cut off", rows.len())))?);
    }
    Ok(rows)
}

fn row(bytes: &mut &[u8]) -> Option<Row> {
    let mut number = || Some(i64::from_be_bytes(bytes.split_off(..8)?.try_into().ok()?));
    let (seq, previous, unsettled) = (number()?, number()?, number()?);
    let checksum = bytes.split_off(..size_of::<Checksum>())?.try_into().ok()?;
    let mut text = || {
        let length = u32::from_be_bytes(bytes.split_off(..4)?.try_into().ok()?);
        String::from_utf8(bytes.split_off(..length as usize)?.to_vec()).ok()
    };
    let (written_at, reference, body) = (text()?, text()?, text()?);
    Some(Row { seq, previous, written_at, reference, body, unsettled, checksum })
}

/// SQLite's sum of a piece of its log; any other (here FNV-1a) finds a changed bit as well.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A length and a sum.
const HEAD: usize = 4 + 8;
/// No clock of ours decides anything (O1): one time is as good as another.
const WRITTEN_AT: &str = "2023-11-14T22:13:20.000Z";
