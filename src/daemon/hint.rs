//! What the gateway says by webhook: on disk first, then a hint for the terminal.

use anyhow::{Context, Result};

use super::counter::Counter;
use crate::api::CallError;
use crate::journal::Receipt;
use crate::terminal::{ChargeId, Heard, Input};
use crate::webhook::Event;

impl Counter {
    /// Puts an event on record and hands its charge to the terminal, once. After a power cut the
    /// gateway will not send it again, because it was told that we have it.
    pub(super) fn hinted(&mut self, event: &Event) -> Result<Result<Receipt, CallError>> {
        if let Err(error) = self.journal.check_space() {
            return Ok(Err(CallError::DiskFull(error.to_string())));
        }
        let receipt =
            (self.receive)(&mut self.journal, event).context("the journal cannot be written")?;
        if receipt == Receipt::New {
            tracing::info!(charge = %event.charge, "the gateway has news of a charge");
            self.hint(event.charge.clone(), Heard::Now)?;
        }
        Ok(Ok(receipt))
    }

    /// Hands the newest events to the terminal once more: a crash may have come between the answer
    /// to the gateway and the reading of the charge. Idempotent (D5).
    pub(super) fn hint_again(&mut self) -> Result<()> {
        // As settled at the start: a reload does not change it.
        if self.settings.webhook.listen.is_none() {
            return Ok(());
        }
        let events = self.journal.newest_events(AGAIN_MAX).context("reading the journal")?;
        let mut charges: Vec<ChargeId> = events.into_iter().map(|event| event.charge).collect();
        // A charge has more than one event, one behind the other.
        charges.dedup();
        for charge in charges {
            self.hint(charge, Heard::Before)?;
            self.perform_all()?;
        }
        Ok(())
    }

    fn hint(&mut self, charge: ChargeId, heard: Heard) -> Result<()> {
        let history = match self.journal.sale_of(&charge).context("reading the journal")? {
            Some(reference) => self.unheld_history(&reference)?,
            None => Vec::new(),
        };
        self.handle(Input::Hinted { charge, history, heard });
        Ok(())
    }
}

/// Readings beside the counter take turns, one a second: so many wait for theirs in a busy quarter
/// of a minute. What a crash takes of a longer queue is figures of what went back, which any later
/// reading corrects; late money is found by the watch.
const AGAIN_MAX: u32 = 16;
