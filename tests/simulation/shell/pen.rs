//! The way of records and events to the disk: the real journal writes them, unless the disk fails
//! or the power goes before, within or after it.

use std::io;

use tillscan::journal::{Journal, JournalError, Receipt, encode};
use tillscan::terminal::{Fact, Record};
use tillscan::webhook::Event;

use super::people::TYPED;
use super::process::PowerCut;
use super::world::{Shared, World, lock};
use crate::event::What;
use crate::faults::Fault;
use crate::oracles::{Violation, require};
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
    let before = lock(shared).begins_to_write(|| format!("    {records:?}"));
    fulfil(shared, journal, before)?;
    let log = lock(shared).paper.log_length();
    journal.append(records)?;
    let after = lock(shared).has_written(log, records);
    fulfil(shared, journal, after)
}

/// Puts `event` on record with `journal`, likewise.
pub fn receive(
    shared: &Shared,
    journal: &mut Journal,
    event: &Event,
) -> Result<Receipt, JournalError> {
    let before =
        lock(shared).begins_to_write(|| format!("    an event of {} comes in", event.charge));
    fulfil(shared, journal, before)?;
    let log = lock(shared).paper.log_length();
    let receipt = journal.receive(event)?;
    let after = lock(shared).has_received(log, event, receipt);
    fulfil(shared, journal, after)?;
    Ok(receipt)
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
    fn begins_to_write(&mut self, what: impl FnOnce() -> String) -> Result<Fate, Violation> {
        self.looks_at_the_clock();
        self.hears()?;
        self.trace.note(self.now, what);
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
        if let Some(fate) = self.may_lose(log)? {
            return Ok(fate);
        }
        for record in records {
            self.tells_what_was_meant(record)?;
            let body = encode(&record.fact).expect("facts are JSON");
            let bytes = format!("{} {body}", record.reference).into_bytes();
            self.tell(What::Wrote { record, bytes: &bytes })?;
            self.truth.enter(record);
        }
        Ok(self.is_synced())
    }

    /// The same of an event. What is on record already is not written again.
    fn has_received(
        &mut self,
        log: u64,
        event: &Event,
        receipt: Receipt,
    ) -> Result<Fate, Violation> {
        if let Some(fate) = self.may_lose(log)? {
            return Ok(fate);
        }
        let known = self.promises.is_on_record(&event.id);
        require(known == (receipt == Receipt::Duplicate), "D3", || {
            format!("an event was {receipt:?}; on record before: {known}")
        })?;
        if !known {
            self.promises.made(self.now, event);
        }
        Ok(self.is_synced())
    }

    /// What was written since the log had so many bytes is not synced: the power may go, and the
    /// disk may fail.
    fn may_lose(&mut self, log: u64) -> Result<Option<Fate>, Violation> {
        let loose = self.paper.written_since(log);
        if self.power_goes() {
            self.tally.crash("written");
            self.crash_within(loose);
            return Ok(Some(Fate::PowerGoes));
        }
        if self.faults.strikes(Fault::SyncFails, self.counters.writes) {
            return self.disk_fails(loose).map(Some);
        }
        Ok(None)
    }

    /// It is certain, and the power may go before anybody is told.
    fn is_synced(&mut self) -> Fate {
        if self.power_goes() {
            self.tally.crash("synced");
            self.crash();
            return Fate::PowerGoes;
        }
        Fate::GoesOn
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
