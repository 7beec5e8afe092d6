//! `[[scanner]]`, `[keypad]` and `[[hook]]`: what a shop attaches to its counter.

use std::collections::BTreeSet;
use std::time::Duration;

use config::Value;

use super::millis;
use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::HookSettings;
use crate::config::written::{self, Document};
use crate::scanner::{Kind, Model, Place, ScannerSettings, Selector};
use crate::terminal::Event;

pub(super) fn scanners(document: &Document) -> Result<Vec<ScannerSettings>, ConfigError> {
    let mut scanners: Vec<ScannerSettings> = Vec::new();
    for (table, read) in document.tables("scanner", document.root.scanner.as_ref(), 16)? {
        let scanner = scanner(table, &read)?;
        if scanners.iter().any(|other| other.device() == scanner.device()) {
            let key = if matches!(scanner.place, Place::Path(_)) { "path" } else { "usb" };
            return Err(read.refuse(key, "must not be the device of another [[scanner]]"));
        }
        scanners.push(scanner);
    }
    Ok(scanners)
}

fn scanner(table: written::Scanner, read: &Reader<'_>) -> Result<ScannerSettings, ConfigError> {
    let kind = read.choice("kind", table.kind)?.unwrap_or(Kind::Serial);
    for (key, value, own) in [
        ("baud_rate", &table.baud_rate, Kind::Serial),
        ("feedback", &table.feedback, Kind::Serial),
        ("layout", &table.layout, Kind::Keyboard),
    ] {
        if value.is_some() && kind != own {
            return Err(read.refuse(key, &format!("is for kind = \"{}\" only", own.word())));
        }
    }
    let selector = selector(read, table.usb, table.serial_number, table.port)?;
    let place = match (read.path("path", table.path)?, selector) {
        (Some(path), None) => Place::Path(path),
        (None, Some(selector)) => Place::Usb(selector),
        (Some(_), Some(_)) => {
            let problem = "must not be given together with usb, serial_number or port";
            return Err(read.refuse("path", problem));
        }
        (None, None) => {
            let problem = "must be given: the device, such as \"/dev/ttyACM0\"; or usb, such as \
                           \"0c2e:0b61\", or port; `tillscan devices` shows them";
            return Err(read.refuse("path", problem));
        }
    };
    let idle = read.duration("idle", table.idle, millis(10, 5_000), kind.idle())?;
    let baud_rate = read.whole("baud_rate", table.baud_rate, 300..=921_600, 9_600)?;
    let layout = read.choice("layout", table.layout)?.unwrap_or_default();
    let feedback = read.choice("feedback", table.feedback)?.unwrap_or_default();
    Ok(ScannerSettings { baud_rate, idle, layout, feedback, ..ScannerSettings::new(kind, place) })
}

pub(super) fn keypad(document: &Document) -> Result<Option<Selector>, ConfigError> {
    let (table, read): (written::Keypad, _) =
        document.table("keypad", document.root.keypad.as_ref())?;
    selector(&read, table.usb, table.serial_number, table.port)
}

/// Which USB device, if one is named.
fn selector(
    read: &Reader<'_>,
    usb: Option<Value>,
    serial_number: Option<Value>,
    port: Option<Value>,
) -> Result<Option<Selector>, ConfigError> {
    let selector = Selector {
        model: model(read, usb)?,
        serial_number: read.name("serial_number", serial_number)?,
        port: usb_port(read, port)?,
    };
    Ok((selector != Selector::default()).then_some(selector))
}

fn model(read: &Reader<'_>, value: Option<Value>) -> Result<Option<Model>, ConfigError> {
    let form = "the vendor's and the product's number, such as \"0c2e:0b61\"";
    let Some(text) = read.text("usb", value, form)? else { return Ok(None) };
    let model = text.parse().map_err(|_| read.refuse("usb", &format!("must be {form}")))?;
    Ok(Some(model))
}

/// A port as the kernel names it: the bus, then the ports of the hubs on the way.
fn usb_port(read: &Reader<'_>, value: Option<Value>) -> Result<Option<String>, ConfigError> {
    let form = "a USB port, such as \"1-1.2\"";
    let Some(text) = read.text("port", value, form)? else { return Ok(None) };
    let number = |text: &str| {
        !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let good = text
        .split_once('-')
        .is_some_and(|(bus, ports)| number(bus) && ports.split('.').all(number));
    if !good {
        return Err(read.refuse("port", &format!("must be {form}")));
    }
    Ok(Some(text))
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
