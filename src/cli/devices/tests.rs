//! What the inventory says of each device, as lines.

use std::path::Path;

use expect_test::{Expect, expect};

use super::inventory::Situation;
use crate::config::Settings;
use crate::scanner::ScannerSettings;
use crate::scanner::discovery::{Access, Candidate, Mode, Node, Usb};

/// `mode usb port serial-number path:mode:group…`; `-` for what there is not.
fn candidate(line: &str) -> Candidate {
    let fields: Vec<_> = line.split_ascii_whitespace().collect();
    let [mode, model, port, serial_number, nodes @ ..] = &fields[..] else { panic!("{line}") };
    let usb = (*model != "-").then(|| Usb {
        port: (*port).to_owned(),
        model: model.parse().unwrap(),
        serial_number: (*serial_number != "-").then(|| (*serial_number).to_owned()),
    });
    let node = |text: &&str| {
        let [path, mode, group] = text.split(':').collect::<Vec<_>>()[..] else { panic!("{text}") };
        let mode = u32::from_str_radix(mode, 8).unwrap();
        let access = Some(Access { mode, group: group.parse().unwrap(), allowed: true });
        Node { path: path.into(), reads: true, access }
    };
    Candidate {
        usb,
        mode: match *mode {
            "keyboard" => Mode::Keyboard,
            "serial" => Mode::Serial,
            "hid_pos" => Mode::HidPos,
            _ => Mode::Vendor,
        },
        name: "Reader".to_owned(),
        nodes: nodes.iter().map(node).collect(),
    }
}

fn parse(configuration: &str) -> Vec<ScannerSettings> {
    let file = Path::new("tillscan.toml");
    Settings::parse(configuration, file, std::iter::empty()).unwrap().devices()
}

fn check(configuration: &str, devices: &[&str], expected: Expect) {
    let settings = parse(configuration);
    let found: Vec<_> = devices.iter().map(|line| candidate(line)).collect();
    let group = |number: u32| ["root", "tillscan", "input", "dialout"][number as usize].to_owned();
    let situation = Situation { configured: &settings, found: &found, running: &[], group: &group };
    let lines = situation.devices().into_iter().map(|device| {
        let used = if device.used { "used" } else { "not used" };
        let indented =
            |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
        let configuration = if device.used { "" } else { &device.configuration };
        format!(
            "{used}: {}\n{}{}",
            device.why,
            indented(configuration),
            indented(&device.udev_rule)
        )
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn without_a_configuration_known_scanners_are_used_and_others_told_how() {
    check(
        "",
        &[
            "keyboard 1eab:8303 1-1 - /dev/input/event5:660:1",
            "keyboard 046d:c31c 1-2 - /dev/input/event3:660:2",
            "keyboard 0c2e:0fff 1-3 S1 /dev/input/event4:660:2",
            "serial 0403:6001 1-4 A50285BI /dev/ttyUSB0:660:3",
            "vendor 05e0:1900 1-5 - /dev/hidraw1:600:0",
            "hid_pos 1eab:8310 1-6 - /dev/hidraw2:600:0",
            "keyboard - - - /dev/input/event0:660:2",
        ],
        expect![[r#"
            used: known as a barcode scanner of Newland
            not used: not known as a barcode scanner, and a keyboard is never taken unasked; if it is a scanner, configure it
                [[scanner]]
                kind = "keyboard"
                usb = "046d:c31c"
                port = "1-2"
                SUBSYSTEMS=="usb", ATTRS{idVendor}=="046d", ATTRS{idProduct}=="c31c", ENV{TILLSCAN_SCANNER}="1"
            not used: not known as a barcode scanner, though Honeywell (Metrologic) makes some; if it is one, configure it
                [[scanner]]
                kind = "keyboard"
                usb = "0c2e:0fff"
                serial_number = "S1"
                port = "1-3"
                SUBSYSTEMS=="usb", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0fff", ENV{TILLSCAN_SCANNER}="1"
            not used: not known as a barcode scanner; if it is one, configure it
                [[scanner]]
                kind = "serial"
                usb = "0403:6001"
                serial_number = "A50285BI"
                port = "1-4"
            not used: in a mode that only its maker's programs read (IBM hand-held, OPOS, SNAPI): scan "USB CDC", "USB COM port" or "USB keyboard" from its manual
            used: known as a barcode scanner of Newland
                SUBSYSTEMS=="usb", ATTRS{idVendor}=="1eab", ATTRS{idProduct}=="8310", ENV{TILLSCAN_SCANNER}="1"
            not used: not known as a barcode scanner, and a keyboard is never taken unasked; if it is a scanner, configure it
                [[scanner]]
                kind = "keyboard"
                path = "/dev/input/event0"
        "#]],
    );
}

#[test]
fn a_configuration_decides_alone() {
    check(
        "keypad.usb = '13ba:0001'\n[[scanner]]\nkind = 'keyboard'\nport = '1-2'",
        &[
            "keyboard 1eab:8303 1-1 - /dev/input/event5:660:1",
            "keyboard 046d:c31c 1-2 - /dev/input/event3:660:2",
            "keyboard 13ba:0001 1-3 - /dev/input/event6:660:1",
        ],
        expect![[r#"
            not used: the configuration names other scanners
                [[scanner]]
                kind = "keyboard"
                usb = "1eab:8303"
                port = "1-1"
            used: configured
                SUBSYSTEMS=="usb", ATTRS{idVendor}=="046d", ATTRS{idProduct}=="c31c", ENV{TILLSCAN_SCANNER}="1"
            used: configured as the keypad
        "#]],
    );
}

#[test]
fn a_keypad_alone_leaves_the_scanners_to_be_found() {
    check(
        "keypad.usb = '13ba:0001'",
        &[
            "keyboard 1eab:8303 1-1 - /dev/input/event5:660:1",
            "keyboard 13ba:0001 1-3 - /dev/input/event6:660:1",
        ],
        expect![[r#"
            used: known as a barcode scanner of Newland
            used: configured as the keypad
        "#]],
    );
}

/// What is printed can be pasted, and then means exactly this device.
#[test]
fn the_lines_to_paste_select_the_device() {
    for line in [
        "keyboard 0c2e:0fff 1-3 S\"1 /dev/input/event4:660:2",
        "serial 0403:6001 1-4.2 - /dev/ttyUSB0:660:3",
        "hid_pos 1eab:8310 1-6 - /dev/hidraw2:600:0",
        "keyboard - - - /dev/input/event0:660:2",
    ] {
        let found = [candidate(line)];
        let group = |_| String::new();
        let none = Situation { configured: &[], found: &found, running: &[], group: &group };
        let lines = none.devices().remove(0).configuration;
        let configured = parse(&lines);
        let pasted = Situation { configured: &configured, ..none };
        let device = pasted.devices().remove(0);
        assert!(device.used && device.why == "configured", "{lines}");
    }
}
