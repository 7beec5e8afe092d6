//! `status`: how the daemon and its scanners are.

use anyhow::Result;

use super::{Exit, output};
use crate::api::Client;
use crate::api::document::{KeyState, ScannerDocument};

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
