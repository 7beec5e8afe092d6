//! Pure: each device with whether it is used, why, and what to do to have it used.

use serde::Serialize;

use crate::api::document::ScannerDocument;
use crate::scanner::discovery::{Access, Candidate, Mode, Node, locate};
use crate::scanner::{Kind, Place, ScannerSettings, known};

/// One device, for people and programs.
#[derive(Debug, Serialize)]
pub struct Device {
    /// How it shows itself: `keyboard`, `serial`, `hid_pos`, `vendor`.
    pub mode: &'static str,
    /// What it calls itself.
    pub name: String,
    /// USB vendor and product, `1eab:8306`.
    pub usb: Option<String>,
    /// Its USB serial number.
    pub serial_number: Option<String>,
    /// The USB port it is plugged into, `1-1.2`.
    pub port: Option<String>,
    /// Its device files.
    pub nodes: Vec<NodeDocument>,
    /// Whether it is read.
    pub used: bool,
    /// What the running daemon says of it.
    pub state: Option<String>,
    /// Why it is used or not.
    pub why: String,
    /// The lines that configure it; empty for a device that cannot be read.
    pub configuration: String,
    /// The udev rule that lets the service open it; empty where it may.
    pub udev_rule: String,
}

/// One device file.
#[derive(Debug, Serialize)]
pub struct NodeDocument {
    /// Its path.
    pub path: String,
    /// Its permission bits, as `ls` would count them: `0660`.
    pub mode: Option<String>,
    /// Its group's name, or number.
    pub group: Option<String>,
    /// Whether whoever asks may open it.
    pub allowed: bool,
}

/// What decides whether a device is used.
pub struct Situation<'a> {
    /// The scanners of the configuration, and the keypad.
    pub configured: &'a [ScannerSettings],
    /// Everything that is plugged in.
    pub found: &'a [Candidate],
    /// What the running daemon says, if there is one.
    pub running: &'a [ScannerDocument],
    /// The name of a group.
    pub group: &'a dyn Fn(u32) -> String,
}

impl Situation<'_> {
    /// Every device that is plugged in.
    pub fn devices(&self) -> Vec<Device> {
        self.found.iter().map(|candidate| self.device(candidate)).collect()
    }

    fn device(&self, candidate: &Candidate) -> Device {
        let usb = candidate.usb.as_ref();
        let (used, why) = self.verdict(candidate);
        let readable = candidate.nodes.iter().all(|node| self.is_open_to_service(node));
        let state = candidate.nodes.iter().find_map(|node| {
            let path = node.path.to_string_lossy();
            self.running.iter().find(|one| one.path == path).map(|one| one.sentence.clone())
        });
        Device {
            mode: match candidate.mode {
                Mode::Keyboard => "keyboard",
                Mode::Serial => "serial",
                Mode::HidPos => "hid_pos",
                Mode::Vendor => "vendor",
            },
            name: candidate.name.clone(),
            usb: usb.map(|usb| usb.model.to_string()),
            serial_number: usb.and_then(|usb| usb.serial_number.clone()),
            port: usb.map(|usb| usb.port.clone()),
            nodes: candidate.nodes.iter().map(|node| self.node(node)).collect(),
            used,
            state,
            why,
            configuration: configuration(candidate),
            udev_rule: if readable || candidate.mode.kind().is_none() {
                String::new()
            } else {
                udev_rule(candidate)
            },
        }
    }

    /// Whether a device is used, and why.
    fn verdict(&self, candidate: &Candidate) -> (bool, String) {
        let means_it = |settings: &&ScannerSettings| {
            locate(settings, self.found).is_ok_and(|target| {
                candidate.nodes.iter().any(|node| target.reads.contains(&node.path))
            })
        };
        let maker = candidate.usb.as_ref().and_then(|usb| known::maker(usb.model.vendor));
        let mut scanners = self.configured.iter().filter(|one| one.kind != Kind::Keypad);
        match self.configured.iter().find(means_it) {
            Some(settings) if settings.kind == Kind::Keypad => {
                return (true, "configured as the keypad".to_owned());
            }
            Some(_) => return (true, "configured".to_owned()),
            None => {}
        }
        if candidate.mode == Mode::Vendor {
            let why = "in a mode that only its maker's programs read (IBM hand-held, OPOS, \
                       SNAPI): scan \"USB CDC\", \"USB COM port\" or \"USB keyboard\" from its \
                       manual";
            return (false, why.to_owned());
        }
        if scanners.next().is_some() {
            return (false, "the configuration names other scanners".to_owned());
        }
        if candidate.is_known_scanner() {
            return (
                true,
                format!("known as a barcode scanner of {}", maker.unwrap_or("its maker")),
            );
        }
        let why = match (candidate.mode, maker) {
            (_, Some(maker)) => format!(
                "not known as a barcode scanner, though {maker} makes some; if it is one, \
                 configure it"
            ),
            (Mode::Keyboard, None) => {
                "not known as a barcode scanner, and a keyboard is never taken unasked; if it is a \
                 scanner, configure it"
                    .to_owned()
            }
            (Mode::Serial | Mode::HidPos | Mode::Vendor, None) => {
                "not known as a barcode scanner; if it is one, configure it".to_owned()
            }
        };
        (false, why)
    }

    fn node(&self, node: &Node) -> NodeDocument {
        NodeDocument {
            path: node.path.display().to_string(),
            mode: node.access.map(|access| format!("{:04o}", access.mode)),
            group: node.access.map(|access| (self.group)(access.group)),
            allowed: node.access.is_some_and(|access| access.allowed),
        }
    }

    /// Whether the service of the package may read it: by the group that its udev rules give, by
    /// the one of serial ports, or as anybody.
    fn is_open_to_service(&self, node: &Node) -> bool {
        node.access.is_none_or(|Access { mode, group, .. }| {
            let group = (self.group)(group);
            let its_own = group == "tillscan" || group == "dialout";
            mode & 0o004 != 0 || (its_own && mode & 0o040 != 0)
        })
    }
}

/// The lines that configure exactly this device.
fn configuration(candidate: &Candidate) -> String {
    let Some(kind) = candidate.mode.kind() else { return String::new() };
    let place = match (candidate.selector(), candidate.nodes.first()) {
        (Some(selector), _) => Place::Usb(selector),
        (None, Some(node)) => Place::Path(node.path.clone()),
        (None, None) => return String::new(),
    };
    let mut lines = format!("[[scanner]]\nkind = \"{}\"\n", kind.word());
    let mut key = |name: &str, value: String| {
        // The text of a device, quoted as TOML and JSON both do.
        lines.push_str(&format!("{name} = {}\n", serde_json::Value::String(value)));
    };
    match place {
        Place::Path(path) => key("path", path.display().to_string()),
        Place::Usb(selector) => {
            if let Some(model) = selector.model {
                key("usb", model.to_string());
            }
            if let Some(serial_number) = selector.serial_number {
                key("serial_number", serial_number);
            }
            if let Some(port) = selector.port {
                key("port", port);
            }
        }
    }
    lines
}

fn udev_rule(candidate: &Candidate) -> String {
    candidate.usb.as_ref().map_or_else(String::new, |usb| {
        format!(
            "SUBSYSTEMS==\"usb\", ATTRS{{idVendor}}==\"{:04x}\", ATTRS{{idProduct}}==\"{:04x}\", \
             ENV{{TILLSCAN_SCANNER}}=\"1\"",
            usb.model.vendor, usb.model.product
        )
    })
}
