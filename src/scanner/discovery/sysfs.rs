//! What the kernel shows of the devices, read from sysfs.
//!
//! Every file may vanish between two reads, because a device may: what cannot be read is not there.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Access, Candidate, Mode, Node, Usb, known};
use crate::scanner::Model;
use crate::scanner::hid_pos::{self, Role};

/// The two trees; others than `/sys` and `/dev` in tests.
#[derive(Clone, Debug)]
pub struct Roots {
    pub sys: PathBuf,
    pub dev: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { sys: "/sys".into(), dev: "/dev".into() }
    }
}

impl Roots {
    /// Every device that may read barcodes, in the order of the ports.
    pub fn scan(&self) -> Vec<Candidate> {
        let mut all = self.keyboards();
        all.extend(self.serial_ports());
        let (readable, vendor): (Vec<_>, Vec<_>) =
            self.hid_devices().into_iter().partition(|one| one.mode != Mode::Vendor);
        all.extend(readable);
        // Many a scanner that can be read has a page of its maker's beside, for its settings.
        let is_read = |usb: &Option<Usb>| all.iter().any(|one| one.usb == *usb);
        let unread: Vec<_> = vendor.into_iter().filter(|one| !is_read(&one.usb)).collect();
        all.extend(unread);
        all.sort();
        all
    }

    /// The input devices that type, each with the other event nodes of the same USB device.
    fn keyboards(&self) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        for (name, device) in self.class("input", &["event"]) {
            let usb = usb_of(&device);
            let node = self.node(&Path::new("input").join(&name), types(&device));
            let sibling = |one: &&mut Candidate| {
                usb.is_some() && one.usb == usb.as_ref().map(|(usb, _)| usb.clone())
            };
            match all.iter_mut().find(sibling) {
                Some(candidate) => candidate.nodes.push(node),
                None => all.push(Candidate {
                    name: called(usb.as_ref().map(|(_, folder)| folder.as_path()), &device),
                    usb: usb.map(|(usb, _)| usb),
                    mode: Mode::Keyboard,
                    nodes: vec![node],
                }),
            }
        }
        all.retain(|candidate| candidate.nodes.iter().any(|node| node.reads));
        all
    }

    fn serial_ports(&self) -> Vec<Candidate> {
        let ports = self.class("tty", &["ttyACM", "ttyUSB"]);
        let candidate = |(name, device): (String, PathBuf)| {
            let usb = usb_of(&device);
            Candidate {
                name: called(usb.as_ref().map(|(_, folder)| folder.as_path()), &device),
                usb: usb.map(|(usb, _)| usb),
                mode: Mode::Serial,
                nodes: vec![self.node(Path::new(&name), true)],
            }
        };
        ports.into_iter().map(candidate).collect()
    }

    /// HID devices of the page for scanners, and those of scanners' makers that speak a language of
    /// their own: these cannot be read, but named.
    fn hid_devices(&self) -> Vec<Candidate> {
        let candidate = |(name, device): (String, PathBuf)| {
            let descriptor = fs::read(device.join("report_descriptor")).unwrap_or_default();
            let (usb, folder) = usb_of(&device)?;
            let usages = hid_pos::top_level(&descriptor);
            let has = |role| usages.iter().any(|usage| usage.role() == role);
            let mode = if has(Role::Scanner) {
                Mode::HidPos
            } else if !usages.is_empty()
                && usages.iter().all(|usage| usage.role() == Role::Vendor)
                && known::maker(usb.model.vendor).is_some()
            {
                Mode::Vendor
            } else {
                return None;
            };
            let nodes = vec![self.node(Path::new(&name), true)];
            Some(Candidate { name: called(Some(&folder), &device), usb: Some(usb), mode, nodes })
        };
        self.class("hidraw", &["hidraw"]).into_iter().filter_map(candidate).collect()
    }

    /// The names in a class that begin with one of `prefixes` and go on with a number, with the
    /// folder of the device behind each; in the order of the numbers.
    fn class(&self, class: &str, prefixes: &[&str]) -> Vec<(String, PathBuf)> {
        let Ok(entries) = fs::read_dir(self.sys.join("class").join(class)) else {
            return Vec::new();
        };
        let number = |name: &str| -> Option<u32> {
            prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)?.parse().ok())
        };
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                let device = entry.path().join("device").canonicalize().ok()?;
                Some((number(&name)?, name, device))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, name, device)| (name, device)).collect()
    }

    fn node(&self, name: &Path, reads: bool) -> Node {
        let path = self.dev.join(name);
        let access = fs::metadata(&path).ok().map(|file| Access {
            mode: file.mode() & 0o7777,
            group: file.gid(),
            allowed: rustix::fs::access(&path, rustix::fs::Access::READ_OK).is_ok(),
        });
        Node { path, reads, access }
    }
}

/// The USB device that a device is a part of, and its folder. A hub is one too, and never the
/// nearest.
fn usb_of(device: &Path) -> Option<(Usb, PathBuf)> {
    let folder = device.ancestors().find(|folder| folder.join("idVendor").is_file())?;
    let number = |file: &str| u16::from_str_radix(&text(&folder.join(file))?, 16).ok();
    let model = Model { vendor: number("idVendor")?, product: number("idProduct")? };
    let port = folder.file_name()?.to_str()?.to_owned();
    Some((Usb { port, model, serial_number: text(&folder.join("serial")) }, folder.to_owned()))
}

/// What a device calls itself: maker and product of the USB device, else the input device's name.
fn called(usb: Option<&Path>, device: &Path) -> String {
    let words = |folder: &Path, files: &[&str]| {
        let words: Vec<_> = files.iter().filter_map(|file| text(&folder.join(file))).collect();
        words.join(" ")
    };
    usb.map_or_else(
        || words(device, &["name"]),
        |folder| words(folder, &["manufacturer", "product"]),
    )
}

/// Whether an input device has the keys that a code or an amount is typed with: the digits and
/// Enter, those of a keyboard or those of a numeric keypad, which may have no others.
fn types(device: &Path) -> bool {
    let bitmap = text(&device.join("capabilities/key")).unwrap_or_default();
    // Words of 64 keys each, the lowest last; a missing one has none.
    let mut words = bitmap.split_ascii_whitespace().rev();
    let mut word = || u64::from_str_radix(words.next().unwrap_or_default(), 16).unwrap_or_default();
    let keys = u128::from(word()) | u128::from(word()) << 64;
    [KEYBOARD, KEYPAD].iter().any(|wanted| keys & wanted == *wanted)
}

/// A file's text in one line, without what a terminal would act on: a device says of itself
/// whatever it likes. `None` for an empty one.
fn text(file: &Path) -> Option<String> {
    let bytes = fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let plain: String = text.trim().chars().filter(|one| !one.is_control()).take(LONGEST).collect();
    (!plain.is_empty()).then_some(plain)
}

/// A USB string has at most 126 characters; the key bitmap of an input device fewer than 250.
const LONGEST: usize = 256;

// Kernel key numbers (input-event-codes.h), one bit each.
/// `KEY_1` to `KEY_0` are 2 to 11, `KEY_ENTER` is 28.
const KEYBOARD: u128 = 0b11_1111_1111 << 2 | 1 << 28;
/// `KEY_KP7` to `KEY_KP9` are 71 to 73, 4 to 6 are 75 to 77, 1 to 3 are 79 to 81, `KEY_KP0` is 82,
/// `KEY_KPENTER` is 96.
const KEYPAD: u128 = 0b1111_0111_0111 << 71 | 1 << 96;
