//! The barcode scanners of one counter: opened, read, cut into scans, unplugged and back without a
//! restart.
//!
//! Owns the devices and nothing of the sale: what a scan is and whether it is wanted at that moment
//! is decided by those who receive it. Its only way out is one bounded channel of [`Delivery`]; a
//! receiver that does not keep up costs scans, which are counted, and never holds up a reader (O3,
//! L5). No scanned text is ever logged (P1).
//!
//! | part | what it owns |
//! |---|---|
//! | `supervisor` | one task for each configured device, and their change on SIGHUP |
//! | `serial` | opening, reading and reopening of one serial device |
//! | `keyboard` | pure: the keys of a scanner that types, to frames |
//! | `hid_pos` | pure: reports of scanners with a usage page of their own, and their descriptors |
//! | `keypad` | pure: the keys of a numeric keypad |
//! | `feedback` | pure: what tells a scanner good, bad, go and stop |
//! | `frame`, `reading`, `payload` | pure: bytes to frames, and the text in them |
//! | `status` | what each device is doing, and the way of its scans |
//! | `pty` | a scanner that is a program: for the demo and the tests |

mod feedback;
mod frame;
mod hid_pos;
mod keyboard;
mod keypad;
mod payload;
mod pty;
mod reading;
mod serial;
mod status;
mod supervisor;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::feedback::{Profile, Signal};
pub use self::frame::{Frame, Framer, Poison};
pub use self::hid_pos::{Assembler, Role, Usage, top_level};
pub use self::keyboard::{Decoder, Event, Layout};
pub use self::keypad::{Key, Keypad};
pub use self::payload::{Payload, Symbology};
pub use self::pty::Pty;
pub use self::status::{DeviceStatus, State};
pub use self::supervisor::Supervisor;
use crate::clock::Moment;

/// How many deliveries the channel between scanners and counter should hold: more than a cashier
/// can scan before a stuck receiver is noticed.
pub const DELIVERIES: usize = 16;

/// What a scanner hands over.
#[derive(Debug)]
pub enum Delivery {
    /// A whole reading.
    Scan(Scan),
    /// A reading that cannot be trusted: "scan again".
    Rejected {
        /// Which scanner.
        device: DeviceId,
        /// When.
        at: Moment,
        /// Why.
        poison: Poison,
    },
}

/// One decoded reading of a device.
///
/// What was scanned before the device was opened is flushed away. What was scanned before a sale
/// was armed is recognized by `begun`: whoever arms refuses scans that began before. Both moments
/// are those of *reading* the bytes, so they can only be later than the scan itself, by as long as
/// this process was held up.
#[derive(Debug)]
pub struct Scan {
    /// Which scanner.
    pub device: DeviceId,
    /// The text.
    pub payload: Payload,
    /// The kind of barcode, where the scanner says it.
    pub symbology: Option<Symbology>,
    /// When the first byte was read.
    pub begun: Moment,
    /// When the last byte was read.
    pub at: Moment,
    /// The longest pause inside it, as [`Frame::Complete`] has it: how well the device is read.
    pub pause: Duration,
}

/// Names one scanner in status, logs and scans; for a serial one its configured path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(Arc<str>);

impl DeviceId {
    /// The device called `name`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl Serialize for DeviceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// How a scanner is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A serial port: USB CDC (`ttyACM`), a USB-serial cable (`ttyUSB`), RS-232 (`ttyS`), or a pty.
    Serial,
}

/// One configured scanner. Two with the same path are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerSettings {
    /// How it is connected.
    pub kind: Kind,
    /// Its device file or a link to it; it need not exist yet.
    pub path: PathBuf,
    /// Bits per second, more than 0; without meaning for USB CDC and ptys.
    pub baud_rate: u32,
    /// The silence that ends a code without terminator.
    pub idle: Duration,
    /// The wait before a device that is missing or refused is tried again.
    pub retry: Retry,
}

/// A wait that doubles from one length to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Before the first attempt.
    pub first: Duration,
    /// Never longer than this.
    pub longest: Duration,
}

impl ScannerSettings {
    /// A serial scanner at `path` with what most of them are delivered with: 9600 bits per second,
    /// 8N1.
    #[must_use]
    pub fn serial(path: impl Into<PathBuf>) -> Self {
        Self {
            kind: Kind::Serial,
            path: path.into(),
            baud_rate: 9600,
            idle: Duration::from_millis(150),
            retry: Retry::default(),
        }
    }

    /// The name under which this scanner appears.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::new(&self.path.to_string_lossy())
    }
}

impl Default for Retry {
    /// 100 ms, for a device that re-enumerates, to 2 s, for one that lies in a drawer.
    fn default() -> Self {
        Self { first: Duration::from_millis(100), longest: Duration::from_secs(2) }
    }
}

#[cfg(test)]
mod tests;
