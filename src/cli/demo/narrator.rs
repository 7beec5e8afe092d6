//! Tells what happens at the counter, from the same event stream that every integrator reads.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::super::output;
use crate::api::Client;
use crate::api::client::Events;
use crate::api::document::EventDocument;
use crate::report::text::Language;

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

    /// Tells until the stream ends.
    pub async fn tell(mut self) {
        loop {
            tokio::select! {
                event = self.events.next() => match event {
                    Ok(Some(event)) => self.tell_event(&event),
                    Ok(None) | Err(_) => return,
                },
                // The hook runs a little after its event: its log is looked at in between.
                () = tokio::time::sleep(HOOK_LOOK) => self.tell_hooks(),
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

    fn tell_hooks(&mut self) {
        let text = std::fs::read_to_string(&self.hook_log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        for line in lines.iter().skip(self.hook_lines) {
            if let Ok(document) = serde_json::from_str::<Value>(line) {
                let (event, sale) = (&document["event"], &document["sale"]);
                let (reference, outcome) = (&sale["reference"], &sale["outcome"]);
                output::line(&format!(
                    "  hook    got {} bytes: event {event}, sale {reference}, outcome {outcome}",
                    line.len(),
                ));
            }
        }
        self.hook_lines = lines.len().max(self.hook_lines);
    }
}

const HOOK_LOOK: Duration = Duration::from_millis(50);
