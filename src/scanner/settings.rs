//! How a scanner is found and read, as the configuration or detection says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::{DeviceId, Layout, Profile};

/// How a scanner is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A serial port: USB CDC (`ttyACM`), a USB-serial cable (`ttyUSB`), RS-232 (`ttyS`), or a pty.
    Serial,
    /// A USB keyboard that types what it reads, as most scanners are delivered.
    Keyboard,
    /// USB HID of the usage page for scanners, 0x8C (`hidraw`).
    HidPos,
    /// No scanner, but found and held like one: a numeric keypad that amounts are typed on.
    #[serde(skip_deserializing)]
    Keypad,
}

impl Kind {
    /// Its name in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Keyboard => "keyboard",
            Self::HidPos => "hid_pos",
            Self::Keypad => "keypad",
        }
    }

    /// The silence that ends a code without terminator, where none is configured. A serial line
    /// may pause between two USB frames; a keyboard's times are the kernel's own, and its slowest
    /// setting is 80 ms a key (scanner-facts.md §A).
    #[must_use]
    pub const fn idle(self) -> Duration {
        match self {
            Self::Serial | Self::HidPos => Duration::from_millis(150),
            Self::Keyboard | Self::Keypad => Duration::from_millis(100),
        }
    }
}

/// One scanner. Two with the same place and kind are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerSettings {
    /// How it is connected.
    pub kind: Kind,
    /// Where it is found; it need not be there yet.
    pub place: Place,
    /// Bits per second, more than 0; without meaning but for RS-232 and USB-serial cables.
    pub baud_rate: u32,
    /// The silence that ends a code without terminator.
    pub idle: Duration,
    /// The keyboard layout that a [`Kind::Keyboard`] scanner is set to.
    pub layout: Layout,
    /// How the scanner is told good and bad; [`Kind::Serial`] only.
    pub feedback: Profile,
    /// The wait before a device that is missing or refused is tried again.
    pub retry: Retry,
}

/// Where a device is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A device file or a link to it.
    Path(PathBuf),
    /// A USB device, whatever its device file is called today.
    Usb(Selector),
}

/// Which USB device; at least one of the three is given, and all that are must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Selector {
    /// Vendor and product.
    #[serde(rename = "usb")]
    pub model: Option<Model>,
    /// The serial number it reports. Cheap ones report none, or all the same.
    pub serial_number: Option<String>,
    /// The USB port as the kernel names it: bus, then the ports of the hubs, `1-1.2`.
    pub port: Option<String>,
}

/// A USB vendor and product number, written `0c2e:0b61`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Model {
    /// The vendor's number.
    pub vendor: u16,
    /// The vendor's number of the product.
    pub product: u16,
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
    /// A scanner of this kind at this place, set as most of them are delivered: 9600 bits per
    /// second 8N1, the layout of the United States.
    #[must_use]
    pub fn new(kind: Kind, place: Place) -> Self {
        Self {
            kind,
            place,
            baud_rate: 9600,
            idle: kind.idle(),
            layout: Layout::default(),
            feedback: Profile::default(),
            retry: Retry::default(),
        }
    }

    /// A serial scanner at `path`.
    #[must_use]
    pub fn serial(path: impl Into<PathBuf>) -> Self {
        Self::new(Kind::Serial, Place::Path(path.into()))
    }

    /// The name under which this scanner appears: its path, or its kind and what selects it.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::new(&match &self.place {
            Place::Path(path) => path.to_string_lossy().into_owned(),
            Place::Usb(selector) => format!("{}:{selector}", self.kind.word()),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(formatter),
            Self::Usb(selector) => write!(formatter, "USB device {selector}"),
        }
    }
}

impl fmt::Display for Selector {
    /// `0c2e:0b61#S1234@1-1.2`, without the parts that are not given.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(model) = self.model {
            write!(formatter, "{model}")?;
        }
        if let Some(serial_number) = &self.serial_number {
            write!(formatter, "#{serial_number}")?;
        }
        if let Some(port) = &self.port {
            write!(formatter, "@{port}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

/// The text is no USB vendor and product number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a USB vendor and product number, such as 0c2e:0b61")]
pub struct ModelError;

impl FromStr for Model {
    type Err = ModelError;

    /// Two numbers of four hexadecimal digits with a colon between them.
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let number = |digits: &str| {
            let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let value = plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten();
            value.ok_or(ModelError)
        };
        let (vendor, product) = text.split_once(':').ok_or(ModelError)?;
        Ok(Self { vendor: number(vendor)?, product: number(product)? })
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Default for Retry {
    /// 100 ms, for a device that re-enumerates, to 2 s, for one that lies in a drawer.
    fn default() -> Self {
        Self { first: Duration::from_millis(100), longest: Duration::from_secs(2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_two_numbers_of_four_hexadecimal_digits() {
        for (text, model) in [
            ("0c2e:0b61", Some((0x0c2e, 0x0b61))),
            ("FFFF:00aB", Some((0xffff, 0x00ab))),
            ("c2e:0b61", None),
            ("0c2e:0b611", None),
            ("0c2e-0b61", None),
            ("+c2e:0b61", None),
            ("0c2e:", None),
            ("", None),
        ] {
            let parsed = text.parse::<Model>().ok().map(|model| (model.vendor, model.product));
            assert_eq!(parsed, model, "{text}");
        }
    }

    #[test]
    fn a_scanner_is_called_by_what_selects_it() {
        let model = Some(Model { vendor: 0x1eab, product: 0x8303 });
        let named = |selector| {
            ScannerSettings::new(Kind::Keyboard, Place::Usb(selector)).device().to_string()
        };
        let port = Some("1-1.2".to_owned());
        let serial_number = Some("S1".to_owned());
        let all = Selector { model, serial_number, port: port.clone() };
        assert_eq!(named(all), "keyboard:1eab:8303#S1@1-1.2");
        assert_eq!(named(Selector { port, ..Selector::default() }), "keyboard:@1-1.2");
        assert_eq!(ScannerSettings::serial("/dev/ttyACM0").device().as_str(), "/dev/ttyACM0");
    }
}
