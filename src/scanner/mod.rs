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
//! | `supervisor` | which scanners run, as configured or as found; their change on SIGHUP and plug |
//! | `slot` | one scanner's life: found, opened, read until it goes away, found again |
//! | `serial`, `keyboard`, `hid_pos` | opening and reading of each kind |
//! | `discovery`, `known` | which devices there are, and which are barcode scanners |
//! | `frame`, `reading`, `payload` | pure: bytes to frames, and the text in them |
//! | `feedback`, `orders` | what a scanner is told, where it understands it |
//! | `keypad` | pure: the keys of a numeric keypad |
//! | `status` | what each device is doing, and the way of its scans |
//! | `thread`, `ioctl` | a reader's own thread; requests to the kernel |
//! | `pty` | a scanner that is a program: for the demo and the tests |

pub mod discovery;
mod feedback;
mod frame;
mod hid_pos;
mod ioctl;
mod keyboard;
mod keypad;
pub mod known;
#[cfg(test)]
mod log;
mod orders;
mod payload;
mod pty;
mod reading;
mod serial;
mod settings;
mod slot;
mod status;
mod supervisor;
mod thread;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

pub use self::feedback::{Profile, Signal};
pub use self::frame::{Frame, Framer, Poison};
pub use self::hid_pos::{Assembler, Role, Usage, top_level};
pub use self::keyboard::{Decoder, Event, Layout};
pub use self::keypad::{Key, Keypad};
pub use self::payload::{Payload, Symbology};
pub use self::pty::Pty;
pub use self::reading::Habit;
pub use self::settings::{Kind, Model, ModelError, Place, Retry, ScannerSettings, Selector};
pub use self::status::{DeviceStatus, Refusal, State};
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
    /// A key of a numeric keypad.
    Key {
        /// Which keypad.
        device: DeviceId,
        /// Which key.
        key: Key,
        /// When it was pressed.
        at: Moment,
    },
}

/// One decoded reading of a device.
///
/// What was scanned before the device was opened is flushed away. What was scanned before a sale
/// was armed is recognized by `begun`: whoever arms refuses scans that began before. Of a keyboard
/// both moments are the kernel's, when the keys were pressed; of the others those of *reading* the
/// bytes, so they can only be later than the scan itself, by as long as this process was held up.
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
    /// The longest pause inside it, between two reads or two keys.
    pub pause: Duration,
}

/// Names one scanner in status, logs and scans: its configured path, or what selects it.
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

#[cfg(test)]
mod tests;
