//! The disk: transactions of records as the journal writes them (JSON, each sealed together with
//! all before it), of which only what was synced survives for certain.

use ring::digest::{SHA256, digest};
use tillscan::terminal::{Record, Reference};

use crate::dice::Dice;

/// A disk with one log on it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What a reader sees now, byte for byte.
    bytes: Vec<u8>,
    /// How many of them are there after a power cut.
    synced: usize,
    seal: [u8; SEAL],
    /// What the running process wrote or read, in order.
    records: Vec<Record>,
}

/// The log is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage(pub usize);

/// How a power cut treats what was not synced.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cut {
    /// A piece of it survives; else all or nothing.
    pub torn: bool,
    /// A bit of it is another one.
    pub flipped: bool,
}

impl Disk {
    /// Writes one transaction; whoever cuts the power now may find it or not.
    pub fn write(&mut self, records: &[Record]) -> Vec<Vec<u8>> {
        let rows: Vec<Vec<u8>> = records
            .iter()
            .map(|record| serde_json::to_vec(record).expect("records are JSON"))
            .collect();
        let body = rows.join(&b'\n');
        let sealed = seal(&self.seal, &body);
        self.bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
        self.bytes.extend_from_slice(&sealed);
        self.bytes.extend_from_slice(&body);
        self.seal = sealed;
        self.records.extend_from_slice(records);
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
    pub fn recover(&mut self) -> Result<&[Record], Damage> {
        let (mut at, mut before, mut records) = (0, [0; SEAL], Vec::new());
        while let Some((body, sealed, next)) = self.transaction(at) {
            if seal(&before, body) != sealed {
                break;
            }
            for row in body.split(|byte| *byte == b'\n') {
                records.push(serde_json::from_slice(row).map_err(|_| Damage(at))?);
            }
            (before, at) = (sealed, next);
        }
        if at < self.synced {
            return Err(Damage(at));
        }
        self.bytes.truncate(at);
        (self.synced, self.seal, self.records) = (at, before, records);
        Ok(&self.records)
    }

    fn transaction(&self, at: usize) -> Option<(&[u8], [u8; SEAL], usize)> {
        let head = self.bytes.get(at..at + 4)?;
        let length = u32::from_be_bytes(head.try_into().ok()?) as usize;
        let body = at.checked_add(4 + SEAL)?;
        let end = body.checked_add(length)?;
        let sealed = self.bytes.get(at + 4..body)?.try_into().ok()?;
        Some((self.bytes.get(body..end)?, sealed, end))
    }

    /// What the running process knows of a sale.
    pub fn history(&self, reference: &Reference) -> Vec<Record> {
        self.records.iter().filter(|record| record.reference == *reference).cloned().collect()
    }

    /// What the running process knows of all sales.
    pub fn records(&self) -> &[Record] {
        &self.records
    }
}

fn seal(before: &[u8; SEAL], body: &[u8]) -> [u8; SEAL] {
    let mut chained = before.to_vec();
    chained.extend_from_slice(body);
    let mut sealed = [0; SEAL];
    sealed.copy_from_slice(&digest(&SHA256, &chained).as_ref()[..SEAL]);
    sealed
}

const SEAL: usize = 16;
