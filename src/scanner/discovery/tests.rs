//! Device trees as the kernel shows them, built in a folder; what is chosen from them; and the
//! thread that watches them, with the kernel's own notices.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use super::sysfs::Roots;
use super::*;
use crate::scanner::{Place, ScannerSettings, State};

/// The keys of a keyboard, and those of its second node for volume and power.
const TYPES: &str = "10000 7 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe";
const SOUNDS: &str = "3f000301ff 0 0 483ffff17aff32d bfd4444600000000 1 130c730b17c007";

/// The beginning of a report descriptor: usage page and usage of the first collection.
const HID_POS: &[u8] = &[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0xc0];
const SNAPI: &[u8] = &[0x06, 0x45, 0xff, 0x09, 0x01, 0xa1, 0x01, 0xc0];

/// A folder that looks like `/sys` and `/dev`.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for folder in ["dev/input", "sys/class/input", "sys/class/tty", "sys/class/hidraw"] {
            fs::create_dir_all(tree.0.path().join(folder)).unwrap();
        }
        tree
    }

    fn roots(&self) -> Roots {
        Roots { sys: self.0.path().join("sys"), dev: self.0.path().join("dev") }
    }

    fn scan(&self) -> Vec<Candidate> {
        self.roots().scan()
    }

    /// Plugs a USB device in.
    fn usb(&self, port: &str, model: &str, serial_number: &str) -> &Self {
        let (vendor, product) = model.split_once(':').unwrap();
        for (file, text) in [
            ("idVendor", vendor),
            ("idProduct", product),
            ("serial", serial_number),
            ("manufacturer", "ACME"),
            ("product", "Reader \u{1b}[31m3000"),
        ] {
            self.write(&format!("sys/devices/usb1/{port}/{file}"), format!("{text}\n").as_bytes());
        }
        self
    }

    fn event(&self, port: &str, number: u32, keys: &str) -> &Self {
        let device = format!("sys/devices/usb1/{port}/{port}:1.0/input/input{number}");
        self.write(&format!("{device}/capabilities/key"), keys.as_bytes());
        self.write(&format!("{device}/name"), b"ACME Reader 3000\n");
        self.node("input", &format!("event{number}"), &device, "input/")
    }

    fn tty(&self, port: &str, name: &str) -> &Self {
        let device = format!("sys/devices/usb1/{port}/{port}:1.0");
        self.node("tty", name, &device, "")
    }

    fn hidraw(&self, port: &str, number: u32, descriptor: &[u8]) -> &Self {
        let device = format!("sys/devices/usb1/{port}/{port}:1.0/0003:000.{number:04}");
        self.write(&format!("{device}/report_descriptor"), descriptor);
        self.node("hidraw", &format!("hidraw{number}"), &device, "")
    }

    /// The class's entry, with its link to the device, and the device file.
    fn node(&self, class: &str, name: &str, device: &str, folder: &str) -> &Self {
        let entry = self.0.path().join("sys/class").join(class).join(name);
        let device = self.0.path().join(device);
        fs::create_dir_all(&entry).unwrap();
        fs::create_dir_all(&device).unwrap();
        symlink(device, entry.join("device")).unwrap();
        self.write(&format!("dev/{folder}{name}"), b"");
        self
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn unplug(&self, class: &str, name: &str, file: &str) {
        fs::remove_dir_all(self.0.path().join("sys/class").join(class).join(name)).unwrap();
        fs::remove_file(self.0.path().join("dev").join(file)).unwrap();
    }

    fn dev(&self, name: &str) -> PathBuf {
        self.0.path().join("dev").join(name)
    }
}

fn names(settings: &[ScannerSettings]) -> Vec<String> {
    settings.iter().map(|one| one.device().to_string()).collect()
}

fn selector(model: &str, serial_number: &str, port: &str) -> Selector {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let model = (!model.is_empty()).then(|| model.parse().unwrap());
    Selector { model, serial_number: given(serial_number), port: given(port) }
}

fn usb(kind: Kind, selector: Selector) -> ScannerSettings {
    ScannerSettings::new(kind, Place::Usb(selector))
}

#[test]
fn a_scanner_is_one_device_with_all_its_nodes() {
    let tree = Tree::new();
    tree.usb("1-1", "1eab:8303", "").event("1-1", 11, SOUNDS).event("1-1", 9, TYPES);
    let [scanner] = &tree.scan()[..] else { panic!("{:?}", tree.scan()) };
    assert_eq!(scanner.name, "ACME Reader [31m3000", "nothing that a terminal would act on");
    let target = locate(&usb(Kind::Keyboard, scanner.selector().unwrap()), &tree.scan()).unwrap();
    assert_eq!(target.reads, [tree.dev("input/event9")]);
    assert_eq!(target.holds, [tree.dev("input/event11")]);
}

/// Of the keys above the letters a numeric keypad need have none.
#[test]
fn a_keypad_is_found_by_its_own_digits() {
    let tree = Tree::new();
    // KEY_KP7 to KEY_KP0 but KEY_KPMINUS and KEY_KPPLUS, and KEY_KPENTER; then without KEY_KP0.
    tree.usb("1-1", "13ba:0001", "").event("1-1", 3, "10007bb80 0");
    tree.usb("1-2", "13ba:0001", "").event("1-2", 4, "10003bb80 0");
    let which = usb(Kind::Keypad, selector("13ba:0001", "", ""));
    assert_eq!(locate(&which, &tree.scan()).unwrap().reads, [tree.dev("input/event3")]);
}

#[test]
fn e6_a_keyboard_beside_the_scanner_is_seen_and_never_chosen() {
    let tree = Tree::new();
    tree.usb("1-1", "046d:c31c", "").event("1-1", 3, TYPES);
    tree.usb("1-2", "1eab:8303", "").event("1-2", 4, TYPES);
    // A chip that many things are made of, and a name that says scanner.
    tree.usb("1-3", "0416:c142", "SCANNER").event("1-3", 5, TYPES);
    tree.usb("1-4", "0403:6001", "").tty("1-4", "ttyUSB0");
    assert_eq!(tree.scan().len(), 4);
    assert_eq!(names(&detect(Vec::new(), &tree.scan())), ["keyboard:1eab:8303@1-2"]);
}

#[test]
fn e5_two_identical_scanners_are_two() {
    let tree = Tree::new();
    for (port, number) in [("1-1", 3), ("1-2.4", 4)] {
        tree.usb(port, "1eab:8303", "000000").event(port, number, TYPES);
    }
    let detected = detect(Vec::new(), &tree.scan());
    assert_eq!(
        names(&detected),
        ["keyboard:1eab:8303#000000@1-1", "keyboard:1eab:8303#000000@1-2.4"]
    );
    let reads = |one| locate(one, &tree.scan()).unwrap().reads;
    assert_eq!(reads(&detected[0]), [tree.dev("input/event3")]);
    assert_eq!(reads(&detected[1]), [tree.dev("input/event4")]);
    let either = usb(Kind::Keyboard, selector("1eab:8303", "", ""));
    let refused = locate(&either, &tree.scan()).unwrap_err();
    assert_eq!(refused.state, State::Unusable);
    assert!(refused.detail.unwrap().contains("2 devices fit; name the port"));
}

#[test]
fn every_mode_is_told_apart() {
    let tree = Tree::new();
    tree.usb("1-1", "1eab:8306", "").tty("1-1", "ttyACM0");
    tree.usb("1-2", "1eab:8310", "").hidraw("1-2", 0, HID_POS);
    tree.usb("1-3", "05e0:1900", "").hidraw("1-3", 1, SNAPI);
    // The same scanner in a mode that can be read, with a page for its settings.
    tree.usb("1-6", "05e0:1701", "").tty("1-6", "ttyACM1").hidraw("1-6", 3, SNAPI);
    // Not by a maker of scanners: a mouse with keys for games, say.
    tree.usb("1-4", "046d:c539", "").hidraw("1-4", 2, SNAPI);
    tree.usb("1-5", "046d:c077", "").event("1-5", 6, SOUNDS);
    tree.node("tty", "ttyS0", "sys/devices/platform/serial8250", "");
    tree.node("tty", "ttyACM", "sys/devices/platform/odd", "");
    let modes: Vec<_> = tree.scan().iter().map(|one| one.mode).collect();
    assert_eq!(modes, [Mode::Serial, Mode::HidPos, Mode::Vendor, Mode::Serial]);
    assert_eq!(
        names(&detect(Vec::new(), &tree.scan())),
        ["hid_pos:1eab:8310@1-2", "serial:05e0:1701@1-6", "serial:1eab:8306@1-1"]
    );
}

#[test]
fn a_selector_means_the_device_that_fits_all_of_it() {
    let tree = Tree::new();
    tree.usb("1-1", "1eab:8303", "A").event("1-1", 3, TYPES).event("1-1", 4, SOUNDS);
    tree.usb("1-2", "1eab:8306", "B").tty("1-2", "ttyACM0");
    let found = tree.scan();
    let first = tree.dev("input/event3");
    let port = tree.dev("ttyACM0");
    for (settings, expected) in [
        (usb(Kind::Keyboard, selector("1eab:8303", "", "")), Some(&first)),
        (usb(Kind::Keyboard, selector("", "A", "")), Some(&first)),
        (usb(Kind::Keyboard, selector("", "", "1-1")), Some(&first)),
        (usb(Kind::Keypad, selector("", "", "1-1")), Some(&first)),
        (usb(Kind::Keyboard, selector("1eab:8303", "B", "")), None),
        (usb(Kind::Keyboard, selector("1eab:8303", "A", "1-2")), None),
        (usb(Kind::Serial, selector("1eab:8303", "", "")), None),
        (usb(Kind::Serial, selector("", "B", "1-2")), Some(&port)),
        (ScannerSettings::serial("/dev/pts/7"), Some(&PathBuf::from("/dev/pts/7"))),
        (ScannerSettings::new(Kind::Keyboard, Place::Path(tree.dev("input/event4"))), Some(&first)),
        (ScannerSettings::new(Kind::HidPos, Place::Path(port.clone())), Some(&port)),
    ] {
        let target = locate(&settings, &found);
        let read = target.as_ref().ok().and_then(|target| target.reads.first());
        assert_eq!(read, expected, "{}", settings.device());
    }
}

#[test]
fn what_was_found_once_is_missed_until_it_shows_up_elsewhere() {
    let tree = Tree::new();
    tree.usb("1-1", "1eab:8303", "").event("1-1", 3, TYPES);
    let first = detect(Vec::new(), &tree.scan());
    tree.unplug("input", "event3", "input/event3");
    let lost = detect(first.clone(), &tree.scan());
    assert_eq!(lost, first);
    tree.usb("1-2", "0c2e:0b6a", "").tty("1-2", "ttyACM0");
    let other = detect(lost, &tree.scan());
    assert_eq!(names(&other), ["keyboard:1eab:8303@1-1", "serial:0c2e:0b6a@1-2"]);
    tree.usb("1-3", "1eab:8303", "").event("1-3", 4, TYPES);
    let moved = detect(other, &tree.scan());
    assert_eq!(names(&moved), ["keyboard:1eab:8303@1-3", "serial:0c2e:0b6a@1-2"]);
    tree.usb("1-1", "1eab:8303", "").event("1-1", 5, TYPES);
    assert_eq!(detect(moved, &tree.scan()).len(), 3, "now there are two of them");
}

#[test]
fn o3_no_more_are_found_than_could_be_configured() {
    let tree = Tree::new();
    for number in 1..=20 {
        let port = format!("1-{number}");
        tree.usb(&port, "1eab:8303", "").event(&port, number, TYPES);
    }
    let sixteen = detect(Vec::new(), &tree.scan());
    assert_eq!(sixteen.len(), 16);
    assert_eq!(detect(sixteen.clone(), &tree.scan()), sixteen, "and they stay the same ones");
}

#[test]
fn an_empty_tree_has_no_device() {
    let nowhere = Roots { sys: "/nonexistent".into(), dev: "/nonexistent".into() };
    assert_eq!(nowhere.scan(), []);
}

/// The kernel makes the file, udev gives it to a group afterwards.
#[tokio::test]
async fn e14_a_plug_and_a_change_of_permission_are_noticed() {
    let tree = Tree::new();
    let watcher = Watcher::start_in(tree.roots()).unwrap();
    let mut found = watcher.found();
    tree.usb("1-1", "1eab:8306", "").tty("1-1", "ttyACM0");
    let there = wait_for(&mut found, |found| found.len() == 1).await;
    let mode = |found: &[Candidate]| found[0].nodes[0].access.unwrap().mode;
    assert_eq!(mode(&there), 0o644);
    fs::set_permissions(tree.dev("ttyACM0"), fs::Permissions::from_mode(0o600)).unwrap();
    wait_for(&mut found, |found| mode(found) == 0o600).await;
    tree.unplug("tty", "ttyACM0", "ttyACM0");
    wait_for(&mut found, <[_]>::is_empty).await;
}

async fn wait_for(
    found: &mut tokio::sync::watch::Receiver<Found>,
    wanted: impl Fn(&[Candidate]) -> bool,
) -> Found {
    let seen = timeout(Duration::from_secs(20), found.wait_for(|found| wanted(found))).await;
    Found::clone(&seen.expect("it is noticed").unwrap())
}

/// A thread that is not wanted any more ends, and gives back what it held.
#[tokio::test]
async fn a_watcher_that_is_dropped_ends() {
    let watcher = Watcher::start_in(Tree::new().roots()).unwrap();
    let mut found = watcher.found();
    drop(watcher);
    while timeout(Duration::from_secs(20), found.changed()).await.expect("it ends").is_ok() {}
}
