//! `[[scanner]]` and `[[hook]]`: what a shop attaches to its counter.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use config::Value;

use super::millis;
use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::{HookSettings, ScannerSettings};
use crate::config::written::{self, Document};
use crate::scanner::Kind;
use crate::terminal::Event;

pub(super) fn scanners(document: &Document) -> Result<Vec<ScannerSettings>, ConfigError> {
    let mut paths = HashSet::new();
    let tables = document.tables("scanner", document.root.scanner.as_ref(), 16)?;
    tables
        .into_iter()
        .map(|(table, read): (written::Scanner, _)| {
            let idle = Duration::from_millis(150);
            let path = read.path("path", table.path)?.ok_or_else(|| {
                read.refuse("path", "must be given: the device, such as \"/dev/ttyACM0\"")
            })?;
            if !paths.insert(path.clone()) {
                return Err(read.refuse("path", "must not be the path of another [[scanner]]"));
            }
            Ok(ScannerSettings {
                kind: read.choice("kind", table.kind)?.unwrap_or(Kind::Serial),
                path,
                baud_rate: read.whole("baud_rate", table.baud_rate, 300..=921_600, 9_600)?,
                idle: read.duration("idle", table.idle, millis(10, 5_000), idle)?,
            })
        })
        .collect()
}

pub(super) fn hooks(document: &Document) -> Result<Vec<HookSettings>, ConfigError> {
    let tables = document.tables("hook", document.root.hook.as_ref(), 16)?;
    tables
        .into_iter()
        .map(|(table, read): (written::Hook, _)| {
            let timeout = Duration::from_secs(10);
            Ok(HookSettings {
                command: command(&read, table.command)?,
                timeout: read.duration("timeout", table.timeout, millis(10, 300_000), timeout)?,
                events: events(&read, table.events)?.unwrap_or(Event::ALL.into()),
            })
        })
        .collect()
}

fn command(read: &Reader<'_>, value: Option<Value>) -> Result<Vec<String>, ConfigError> {
    let form =
        "texts, the program first, such as [\"/usr/local/bin/print-receipt\", \"--copies=1\"]";
    let items = read.list("command", value, 64, form)?;
    let items = items.ok_or_else(|| read.refuse("command", &format!("must be given: {form}")))?;
    let mut command: Vec<String> = Vec::with_capacity(items.len());
    for (key, value) in items {
        if command.is_empty() {
            // The program is a path; what it accepts is checked, and it is kept as the text it was.
            read.path(&key, Some(value.clone()))?;
        }
        let form = "an argument of up to 4096 bytes without a zero byte";
        let text = read.text(&key, Some(value), form)?.unwrap_or_default();
        if text.len() > 4_096 || text.contains('\0') {
            return Err(read.refuse(&key, &format!("must be {form}")));
        }
        command.push(text);
    }
    Ok(command)
}

fn events(read: &Reader<'_>, value: Option<Value>) -> Result<Option<BTreeSet<Event>>, ConfigError> {
    let form = "events, such as [\"paid\", \"late_success\"]";
    let Some(items) = read.list("events", value, Event::ALL.len(), form)? else {
        return Ok(None);
    };
    let chosen = items.into_iter().map(|(key, value)| read.choice(&key, Some(value)));
    // Each item has a value, so that each choice has one.
    chosen.filter_map(Result::transpose).collect::<Result<_, _>>().map(Some)
}
