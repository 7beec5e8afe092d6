//! `devices --test`: opens the scanners as the daemon would, and prints what they read.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::super::{Exit, output};
use crate::clock::Clock;
use crate::code::Prefixes;
use crate::config::Settings;
use crate::scanner::{
    DELIVERIES, Delivery, DeviceId, DeviceStatus, Key, Poison, Scan, State, Supervisor,
};

/// What happened, one line each.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    /// A device is in another state.
    State { device: DeviceId, state: State, sentence: String },
    /// A whole reading.
    Scan(Reading),
    /// A reading that cannot be trusted.
    Rejected { device: DeviceId, reason: Poison, sentence: String },
    /// A key of the keypad.
    Key { device: DeviceId, key: String },
}

#[derive(Serialize)]
struct Reading {
    device: DeviceId,
    /// What was read; of what may be a payment code only the ends (P1).
    text: String,
    /// In characters.
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbology: Option<String>,
    /// From the first to the last.
    took_ms: f64,
    longest_gap_ms: f64,
}

/// How it all went.
#[derive(Default)]
struct Totals {
    scans: u64,
    rejected: u64,
}

pub async fn test(
    settings: &Settings,
    count: Option<u64>,
    seconds: Option<u64>,
    json: bool,
) -> Result<Exit> {
    let prefixes = settings.wallets.prefixes();
    let (sink, mut deliveries) = mpsc::channel(DELIVERIES);
    let mut supervisor = Supervisor::start(settings.devices(), Clock::start(), sink);
    let mut statuses = supervisor.watch();
    let mut interrupted = signal(SignalKind::interrupt()).context("waiting for Ctrl+C")?;
    let mut terminated = signal(SignalKind::terminate()).context("waiting for SIGTERM")?;
    let end = tokio::time::sleep(seconds.map_or(Duration::MAX, Duration::from_secs));
    tokio::pin!(end);
    let mut states = BTreeMap::new();
    let mut totals = Totals::default();
    if !json {
        output::progress("scan something; Ctrl+C ends the test, nothing is charged");
    }
    while count.is_none_or(|count| totals.scans + totals.rejected < count) {
        tokio::select! {
            biased;
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
            Some(delivery) = deliveries.recv() => print(&line_of(delivery, &prefixes, &mut totals), json)?,
            Ok(()) = statuses.changed() => {
                for line in news(&statuses.borrow_and_update(), &mut states) {
                    print(&line, json)?;
                }
            }
            () = supervisor.plugged() => supervisor.reconcile(),
            () = &mut end => break,
        }
    }
    let dropped: u64 = supervisor.status().iter().map(|status| status.dropped).sum();
    output::progress(&format!(
        "{} read, {} rejected, {dropped} lost because this program did not keep up",
        totals.scans, totals.rejected
    ));
    let complete = count.is_none_or(|count| totals.scans >= count);
    Ok(if complete && totals.rejected == 0 && dropped == 0 { Exit::Done } else { Exit::Failed })
}

/// The states that are not as they were.
fn news(all: &[DeviceStatus], states: &mut BTreeMap<DeviceId, State>) -> Vec<Line> {
    let changed = all
        .iter()
        .filter(|status| states.insert(status.device.clone(), status.state) != Some(status.state));
    changed
        .map(|status| Line::State {
            device: status.device.clone(),
            state: status.state,
            sentence: status.sentence(),
        })
        .collect()
}

fn line_of(delivery: Delivery, prefixes: &Prefixes, totals: &mut Totals) -> Line {
    match delivery {
        Delivery::Scan(scan) => {
            totals.scans += 1;
            Line::Scan(reading(scan, prefixes))
        }
        Delivery::Rejected { device, poison, .. } => {
            totals.rejected += 1;
            Line::Rejected { device, reason: poison, sentence: poison.to_string() }
        }
        Delivery::Key { device, key, .. } => Line::Key { device, key: word(key) },
    }
}

fn reading(scan: Scan, prefixes: &Prefixes) -> Reading {
    let milliseconds = |time: Duration| (time.as_secs_f64() * 10_000.0).round() / 10.0;
    Reading {
        text: scan.payload.shown(prefixes),
        length: scan.payload.length(),
        symbology: scan.symbology.map(|symbology| symbology.to_string()),
        took_ms: milliseconds(scan.at - scan.begun),
        longest_gap_ms: milliseconds(scan.pause),
        device: scan.device,
    }
}

fn word(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::Point => "point".to_owned(),
        Key::Erase => "erase".to_owned(),
        Key::Clear => "clear".to_owned(),
        Key::Enter => "enter".to_owned(),
    }
}

fn print(line: &Line, json: bool) -> Result<()> {
    if json {
        output::line(&serde_json::to_string(line).context("writing JSON")?);
        return Ok(());
    }
    output::line(&match line {
        Line::State { device, sentence, .. } => format!("{device}: {sentence}"),
        Line::Scan(reading) => {
            let Reading { device, text, length, symbology, took_ms, longest_gap_ms } = reading;
            let symbology = symbology.as_deref().unwrap_or("");
            format!(
                "{device}: {text} {symbology} ({length} characters in {took_ms} ms, \
                 longest gap {longest_gap_ms} ms)"
            )
        }
        Line::Rejected { device, sentence, .. } => format!("{device}: rejected, {sentence}"),
        Line::Key { device, key } => format!("{device}: key {key}"),
    });
    Ok(())
}
