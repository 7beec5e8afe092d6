//! The way of records to the disk: the real journal writes them, unless the disk fails or the power
//! goes before, within or after it.

use std::io;

use tillscan::journal::{Journal, JournalError, encode};
use tillscan::terminal::{Fact, Record};

use super::people::TYPED;
use super::process::PowerCut;
use super::world::{Shared, World, lock};
use crate::event::What;
use crate::faults::Fault;
use crate::oracles::Violation;
use crate::people::satang;
use crate::world::Checked;

/// What becomes of a write next.
enum Fate {
    GoesOn,
    DiskFails,
    PowerGoes,
}

/// Writes `records` with `journal`, in the world of `shared`.
pub fn append(
    shared: &Shared,
    journal: &mut Journal,
    records: &[Record],
) -> Result<(), JournalError> {
    let before = lock(shared).begins_to_write(records);
    fulfil(shared, journal, before)?;
    let log = lock(shared).paper.log_length();
    journal.append(records)?;
    let after = lock(shared).has_written(log, records);
    fulfil(shared, journal, after)
}

fn fulfil(
    shared: &Shared,
    journal: &Journal,
    fate: Result<Fate, Violation>,
) -> Result<(), JournalError> {
    match fate {
        Ok(Fate::GoesOn) => Ok(()),
        Ok(Fate::DiskFails) => {
            let cause = io::ErrorKind::StorageFull.into();
            Err(JournalError::File { path: journal.path().to_owned(), cause })
        }
        Ok(Fate::PowerGoes) => std::panic::resume_unwind(Box::new(PowerCut)),
        Err(violation) => {
            lock(shared).broken.get_or_insert(violation);
            Ok(())
        }
    }
}

impl World {
    fn begins_to_write(&mut self, records: &[Record]) -> Result<Fate, Violation> {
        self.looks_at_the_clock();
        self.hears()?;
        self.trace.note(self.now, || format!("    {records:?}"));
        self.counters.writes += 1;
        if self.power_goes() {
            self.tally.crash("persist");
            self.crash();
            return Ok(Fate::PowerGoes);
        }
        if self.faults.strikes(Fault::WriteFails, self.counters.writes) {
            return self.disk_fails(0..0);
        }
        Ok(Fate::GoesOn)
    }

    /// `log` is how long the log was before. Nothing of it is certain until it is synced.
    fn has_written(&mut self, log: u64, records: &[Record]) -> Result<Fate, Violation> {
        let loose = self.paper.written_since(log);
        if self.power_goes() {
            self.tally.crash("written");
            self.crash_within(loose);
            return Ok(Fate::PowerGoes);
        }
        if self.faults.strikes(Fault::SyncFails, self.counters.writes) {
            return self.disk_fails(loose);
        }
        for record in records {
            self.tells_what_was_meant(record)?;
            let body = encode(&record.fact).expect("facts are JSON");
            let bytes = format!("{} {body}", record.reference).into_bytes();
            self.tell(What::Wrote { record, bytes: &bytes })?;
            self.truth.enter(record);
        }
        if self.power_goes() {
            self.tally.crash("synced");
            self.crash();
            return Ok(Fate::PowerGoes);
        }
        Ok(Fate::GoesOn)
    }

    fn disk_fails(&mut self, loose: std::ops::Range<u64>) -> Result<Fate, Violation> {
        self.trace.note(self.now, || "the disk fails".to_owned());
        self.leaves(loose);
        if let Some(process) = &mut self.process {
            process.failed = true;
        }
        self.tell(What::WriteFailed)?;
        Ok(Fate::DiskFails)
    }

    /// Whoever types means what the screen shows when Enter is pressed: the last frame before the
    /// sale is armed.
    fn tells_what_was_meant(&mut self, record: &Record) -> Checked {
        let Fact::Armed { .. } = record.fact else { return Ok(()) };
        if self.armed_by_till.as_ref() == Some(&record.reference) {
            return Ok(());
        }
        let frame = self.process.as_ref().and_then(|process| process.ear.frame.as_ref());
        let typed = frame.and_then(|frame| frame.typed.as_deref()).and_then(satang);
        match typed {
            Some(satang) if record.reference.as_str().starts_with(TYPED) => {
                self.tell(What::Meant { reference: &record.reference, satang, typed: true })
            }
            Some(_) | None => Ok(()),
        }
    }
}
