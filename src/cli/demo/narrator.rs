//! Tells what happens at the counter, from the same event stream that every integrator reads.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::super::output;
use crate::api::Client;
use crate::api::client::Events;
use crate::api::document::{EventDocument, SaleDocument};
use crate::report::text::Language;
use crate::terminal::Reference;

/// Tells every event from here on, until the daemon ends the stream.
pub struct Narrator {
    events: Events,
    language: Language,
    hook_log: PathBuf,
    hook_lines: usize,
}

impl Narrator {
    /// Begins to listen.
    pub async fn new(client: &Client, hook_log: PathBuf) -> Result<Self> {
        let events = client.events().await?;
        Ok(Self { events, language: output::language(), hook_log, hook_lines: 0 })
    }

    /// Tells what happens until the counter shows how `reference` ended, and the hook was told too.
    pub async fn tell_sale(&mut self, reference: &Reference) -> Result<SaleDocument> {
        let sale = loop {
            let event = self.events.next().await?.context("the daemon ended")?;
            self.tell_event(&event);
            if let EventDocument::Screen(screen) = event
                && let Some(sale) = screen.sale
                && sale.sale.reference == *reference
                && sale.sale.is_over()
            {
                break sale;
            }
        };
        while self.tell_hooks() == 0 {
            tokio::time::sleep(HOOK_LOOK).await;
        }
        Ok(sale)
    }

    /// Tells until the stream ends.
    pub async fn tell(mut self) {
        loop {
            tokio::select! {
                event = self.events.next() => match event {
                    Ok(Some(event)) => self.tell_event(&event),
                    Ok(None) | Err(_) => return,
                },
                // The hook runs a little after its event: its log is looked at in between.
                () = tokio::time::sleep(HOOK_LOOK) => { self.tell_hooks(); }
            }
        }
    }

    fn tell_event(&self, event: &EventDocument) {
        match event {
            EventDocument::Status(_) => {}
            EventDocument::Screen(screen) => {
                let words = output::words(screen.message.in_language(self.language));
                let sale = screen.sale.as_ref().map_or(String::new(), |sale| {
                    format!("[{} {}] ", sale.sale.reference, sale.sale.amount)
                });
                output::line(&format!("  screen  {sale}{words}"));
            }
            EventDocument::Feedback(feedback) => {
                let beep = if feedback.good { "beep" } else { "BEEP-BEEP" };
                let words = output::words(feedback.message.in_language(self.language));
                output::line(&format!("  scan    ({beep}) {words}"));
            }
            EventDocument::Outcome(outcome) => {
                let (event, sale) = (outcome.event.word(), &outcome.sale.sale);
                let charge = sale.charge_id.as_ref().map_or("no charge", |charge| &charge.0);
                let code =
                    sale.failure_code.as_ref().map_or(String::new(), |code| format!(", {code}"));
                output::line(&format!("  told    {event} ({charge}{code})"));
            }
        }
    }

    /// Tells what the hook was told since the last look; how many times it was.
    fn tell_hooks(&mut self) -> usize {
        let text = std::fs::read_to_string(&self.hook_log).unwrap_or_default();
        let documents = text.lines().filter_map(|line| {
            // A line that is still being written is no JSON yet.
            Some((line.len(), serde_json::from_str::<Value>(line).ok()?))
        });
        let fresh: Vec<_> = documents.skip(self.hook_lines).collect();
        for (bytes, document) in &fresh {
            let (event, sale) = (&document["event"], &document["sale"]);
            let (reference, outcome) = (&sale["reference"], &sale["outcome"]);
            output::line(&format!(
                "  hook    got {bytes} bytes: event {event}, sale {reference}, outcome {outcome}",
            ));
        }
        self.hook_lines += fresh.len();
        fresh.len()
    }
}

const HOOK_LOOK: Duration = Duration::from_millis(50);
