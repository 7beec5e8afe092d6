//! `devices`: the inventory, printed.

use std::collections::BTreeMap;

use anyhow::Result;

use super::super::{Exit, output};
use super::inventory::{Device, Situation};
use crate::api::document::ScannerDocument;
use crate::scanner::{ScannerSettings, discovery};

pub fn list(
    configured: &[ScannerSettings],
    running: Option<Vec<ScannerDocument>>,
    json: bool,
) -> Result<Exit> {
    let found = discovery::look();
    let groups = groups();
    let running = running.unwrap_or_default();
    let name = |number: u32| groups.get(&number).cloned().unwrap_or_else(|| number.to_string());
    let situation = Situation { configured, found: &found, running: &running, group: &name };
    let devices = situation.devices();
    // Scanners of the daemon that are not plugged in, or are no USB device: a pty, RS-232.
    let shown =
        |path: &str| devices.iter().any(|device| device.nodes.iter().any(|node| node.path == path));
    let others: Vec<_> = running.iter().filter(|one| !shown(&one.path)).collect();
    if json {
        output::json(&serde_json::json!({ "devices": devices, "others": others }))?;
        return Ok(Exit::Done);
    }
    for device in &devices {
        print(device);
    }
    for other in &others {
        output::line(&format!("{} – {}", other.device, other.sentence));
    }
    if devices.is_empty() && others.is_empty() {
        output::line("no keyboard, no serial port and no HID-POS device is plugged in");
    }
    Ok(Exit::Done)
}

fn print(device: &Device) {
    let name = if device.name.is_empty() { "a device without a name" } else { &device.name };
    let used = if device.used { "used" } else { "not used" };
    output::line(&format!("{name} ({}) – {used}: {}", device.mode, device.why));
    if let (Some(usb), Some(port)) = (&device.usb, &device.port) {
        let serial_number = device.serial_number.as_deref().unwrap_or("none");
        output::line(&format!("  USB {usb}, port {port}, serial number {serial_number}"));
    }
    for node in &device.nodes {
        let access = match (&node.mode, &node.group) {
            (Some(mode), Some(group)) => format!("mode {mode}, group {group}"),
            (_, _) => "not there yet".to_owned(),
        };
        output::line(&format!("  {} ({access})", node.path));
    }
    if let Some(state) = &device.state {
        output::line(&format!("  now: {state}"));
    }
    if !device.used && !device.configuration.is_empty() {
        output::line("  to use it, in /etc/tillscan/tillscan.toml:");
        for line in device.configuration.lines() {
            output::line(&format!("    {line}"));
        }
    }
    if !device.udev_rule.is_empty() && !device.configuration.is_empty() {
        output::line("  to let the service open it, in /etc/udev/rules.d/59-tillscan-local.rules:");
        output::line(&format!("    {}", device.udev_rule));
        output::line("    then: udevadm control --reload; udevadm trigger");
    }
}

/// The names of the groups, as `/etc/group` has them.
fn groups() -> BTreeMap<u32, String> {
    let file = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let entry = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let number = fields.nth(1)?.parse().ok()?;
        Some((number, name))
    };
    file.lines().filter_map(entry).collect()
}
