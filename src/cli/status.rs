//! `status`: how the daemon and its scanners are.

use anyhow::Result;

use super::{Exit, output};
use crate::api::Client;
use crate::api::document::{KeyState, ReceiverStatus, ScannerDocument};

pub async fn status(client: Client, json: bool) -> Result<Exit> {
    let status = client.status().await?;
    if json {
        output::json(&status)?;
        return Ok(Exit::Done);
    }
    let key = match status.key {
        KeyState::Test => "test key: no real money moves",
        KeyState::Live => "LIVE key: real money moves",
        KeyState::Missing => "no key: no sale is taken",
    };
    let screen = status.screen.message.in_language(output::language());
    output::line(format!("tillscan {} {}", status.version, status.counter).trim_end());
    output::line(&format!("screen     {}", output::words(screen)));
    output::line(&format!("gateway    {} ({key})", status.gateway));
    output::line(&format!("journal    {}", status.journal));
    output::line(&format!("unsettled  {}", status.unsettled));
    for scanner in &status.scanners {
        output::line(&format!("scanner    {}", device(scanner)));
    }
    if let Some(receiver) = &status.webhooks {
        output::line(&format!("webhooks   {}", webhooks(receiver)));
    }
    for problem in &status.problems {
        output::line(&format!("problem    {problem}"));
    }
    Ok(Exit::Done)
}

fn device(scanner: &ScannerDocument) -> String {
    format!(
        "{}: {} ({} scans, {} rejected, {} dropped)",
        scanner.device, scanner.sentence, scanner.scans, scanner.rejected, scanner.dropped
    )
}

/// Where they are received and what became of them, as far as any came.
fn webhooks(receiver: &ReceiverStatus) -> String {
    let signed = if receiver.signed { "signed" } else { "UNSIGNED" };
    let last = receiver.last_valid_seconds_ago;
    let last = last.map_or("none yet".to_owned(), |seconds| format!("the last {seconds} s ago"));
    let counted = receiver.counts.iter().filter(|(_, count)| **count > 0);
    let counted: String = counted.map(|(word, count)| format!(", {count} {word}")).collect();
    format!("http://{}{}: {signed}, {last}{counted}", receiver.listen, receiver.path)
}
