//! Which devices there are, and which of them are scanners.
//!
//! Level-triggered: the truth is what sysfs shows now, read again every two seconds and whenever
//! something changes below `/dev`. A missed notice costs two seconds and nothing else
//! (scanner-facts.md §B).
//!
//! | part | what it owns |
//! |---|---|
//! | `sysfs` | what the kernel shows, as [`Candidate`]s |
//! | `watcher` | the thread that looks, and tells when something changed |
//! | `choose` | pure: which candidate a configured scanner is, and which are scanners by themselves |

mod choose;
mod sysfs;
mod watcher;

use std::path::PathBuf;

pub use self::choose::{Target, detect, locate};
pub use self::watcher::{Found, Watcher};
use super::{Kind, Model, Selector, known};

/// Every device that may read barcodes, as of now, in the order of the ports.
#[must_use]
pub fn look() -> Vec<Candidate> {
    sysfs::Roots::default().scan()
}

/// One device that may read barcodes, in one of its modes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The USB device that it is; `None` for one that is not on USB.
    pub usb: Option<Usb>,
    /// How it shows itself.
    pub mode: Mode,
    /// What it calls itself; for people, never to decide by.
    pub name: String,
    /// Its device files, at least one.
    pub nodes: Vec<Node>,
}

/// What identifies a USB device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usb {
    /// Where it is plugged in, as the kernel names it: `1-1.2`.
    pub port: String,
    /// Vendor and product.
    pub model: Model,
    /// Its serial number, if it has one.
    pub serial_number: Option<String>,
}

/// How a device shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It types.
    Keyboard,
    /// A serial port.
    Serial,
    /// HID of the usage page for scanners.
    HidPos,
    /// HID of a page of the maker's own: IBM hand-held, SNAPI, OPOS.
    Vendor,
}

/// One device file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Its path.
    pub path: PathBuf,
    /// Whether codes come out of it; a scanner's other nodes are held as well, so that what they
    /// send reaches nobody.
    pub reads: bool,
    /// Who may open it; `None` where the file is not there (yet).
    pub access: Option<Access>,
}

/// Who may open a device file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The permission bits.
    pub mode: u32,
    /// The number of its group.
    pub group: u32,
    /// Whether this process may.
    pub allowed: bool,
}

impl Mode {
    /// The kind of scanner that can be read in this mode.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::Keyboard => Some(Kind::Keyboard),
            Self::Serial => Some(Kind::Serial),
            Self::HidPos => Some(Kind::HidPos),
            Self::Vendor => None,
        }
    }
}

impl Candidate {
    /// Whether the model is one that is known to be a barcode scanner and nothing else.
    #[must_use]
    pub fn is_known_scanner(&self) -> bool {
        self.usb.as_ref().is_some_and(|usb| known::is_scanner(usb.model))
    }

    /// What selects exactly this device where it is plugged in now.
    #[must_use]
    pub fn selector(&self) -> Option<Selector> {
        self.usb.as_ref().map(|usb| Selector {
            model: Some(usb.model),
            serial_number: usb.serial_number.clone(),
            port: Some(usb.port.clone()),
        })
    }
}

#[cfg(test)]
mod tests;
