//! What each scanner is doing, for status and events, and the one way in which a reader reports.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

use super::discovery::Target;
use super::{Delivery, DeviceId, Frame, Key, Kind, Place, Scan, ScannerSettings};
use crate::clock::{Clock, Moment};

/// One scanner as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Its name.
    pub device: DeviceId,
    /// How it is connected.
    pub kind: Kind,
    /// Where it is looked for.
    pub place: Place,
    /// The device file that it was found at last.
    pub node: Option<PathBuf>,
    /// What it is doing.
    pub state: State,
    /// The operating system's words for a state that is a problem.
    pub detail: Option<String>,
    /// Since when it is in this state.
    pub since: Moment,
    /// Whole readings so far.
    pub scans: u64,
    /// Readings that could not be trusted so far.
    pub rejected: u64,
    /// Of both, how many were lost because the receiver did not keep up.
    pub dropped: u64,
}

/// What a scanner is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not there, and not seen since the start.
    Absent,
    /// Open; not trusted before the line was silent once, as a code may be passing.
    Opening,
    /// A scan will be delivered.
    Ready,
    /// It was there and went away.
    Lost,
    /// It is there, and this process may not open it.
    Denied,
    /// It is there, and another program holds it.
    Busy,
    /// It is there, and cannot be read as the scanner that it should be.
    Unusable,
}

impl DeviceStatus {
    pub(super) fn new(settings: &ScannerSettings, now: Moment) -> Self {
        Self {
            device: settings.device(),
            kind: settings.kind,
            place: settings.place.clone(),
            node: None,
            state: State::Absent,
            detail: None,
            since: now,
            scans: 0,
            rejected: 0,
            dropped: 0,
        }
    }

    /// The device file that it is, was last, or is configured to be.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        let configured = match &self.place {
            Place::Path(path) => Some(path),
            Place::Usb(_) => None,
        };
        configured.or(self.node.as_ref()).map(PathBuf::as_path)
    }

    /// The state as one sentence, with what to do about it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = &self.place;
        let path = self.path().map_or_else(|| place.to_string(), |path| path.display().to_string());
        match self.state {
            State::Absent => format!("not plugged in: there is no {place}"),
            State::Opening => format!("opening {path}"),
            State::Ready => "ready".to_owned(),
            State::Lost => format!("unplugged; used again as soon as {place} is back"),
            State::Denied => format!(
                "no permission to open {path}: `tillscan devices` shows who may, and the udev \
                 rule that gives it to this service"
            ),
            State::Busy => format!(
                "{path} is used by another program (ModemManager, brltty, a second tillscan): \
                 `fuser -v {path}` shows which; stop it"
            ),
            State::Unusable => {
                let detail = self.detail.as_deref().unwrap_or("no reason given");
                format!("{path} does not work as a {}: {detail}", Noun(self.kind))
            }
        }
    }
}

/// A kind in a sentence.
struct Noun(Kind);

impl fmt::Display for Noun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Kind::Serial => "serial scanner",
            Kind::Keyboard => "keyboard scanner",
            Kind::HidPos => "HID-POS scanner",
            Kind::Keypad => "keypad",
        })
    }
}

/// Why a device cannot be read, as the state that this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The state.
    pub state: State,
    /// The operating system's words, or ours.
    pub detail: Option<String>,
}

impl Refusal {
    /// The device is there and does not work.
    pub fn unusable(detail: impl Into<String>) -> Self {
        Self { state: State::Unusable, detail: Some(detail.into()) }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        // Unplugged between the look and the open; udev may not have removed the file yet.
        let gone = error.raw_os_error().is_some_and(is_gone);
        if kind == io::ErrorKind::NotFound || gone {
            return Self { state: State::Absent, detail: None };
        }
        let state = if kind == io::ErrorKind::PermissionDenied {
            State::Denied
        } else if kind == io::ErrorKind::ResourceBusy {
            State::Busy
        } else {
            State::Unusable
        };
        Self { state, detail: Some(error.to_string()) }
    }
}

/// ENODEV and ENXIO: the file is there, the device behind it is not.
fn is_gone(number: i32) -> bool {
    let errno = rustix::io::Errno::from_raw_os_error(number);
    errno == rustix::io::Errno::NODEV || errno == rustix::io::Errno::NXIO
}

/// The states of all scanners. Readers of the status subscribe to it.
pub(super) type Board = Arc<watch::Sender<Vec<DeviceStatus>>>;

/// What the reader of one device reports with. It never waits, so that it may be used from any
/// thread.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    pub device: DeviceId,
    pub clock: Clock,
    pub board: Board,
    pub sink: mpsc::Sender<Delivery>,
}

impl Reporter {
    /// The device is in this state; nothing happens where it already was.
    pub fn state(&self, state: State, detail: Option<String>) {
        let now = self.clock.now();
        let changed = self.update(|status| {
            let changes = status.state != state || status.detail != detail;
            if status.state != state {
                status.since = now;
            }
            status.state = state;
            status.detail.clone_from(&detail);
            changes
        });
        if !changed {
            return;
        }
        match state {
            State::Absent | State::Opening | State::Ready => {
                tracing::info!(device = %self.device, ?state, "scanner");
            }
            State::Lost | State::Denied | State::Busy | State::Unusable => {
                tracing::warn!(device = %self.device, ?state, detail, "scanner");
            }
        }
    }

    /// The scanner was found at these device files.
    pub fn found_at(&self, target: &Target) {
        self.update(|status| {
            let node = target.reads.first();
            let moved = status.node.as_ref() != node;
            if moved {
                status.node = node.cloned();
            }
            moved
        });
    }

    /// Hands a key of the keypad to the receiver.
    pub fn key(&self, key: Key, at: Moment) {
        let delivered = self.sink.try_send(Delivery::Key { device: self.device.clone(), key, at });
        let dropped = delivered.is_err();
        self.update(|status| {
            status.dropped += u64::from(dropped);
            dropped
        });
    }

    /// Hands a frame to the receiver. Where the channel is full, this newest one is dropped: the
    /// older ones belong to what the counter is still busy with.
    pub fn frame(&self, frame: Frame) {
        let device = self.device.clone();
        let (delivery, complete) = match frame {
            Frame::Complete { payload, symbology, begun, at, pause } => {
                tracing::debug!(%device, %payload, "scan");
                (Delivery::Scan(Scan { device, payload, symbology, begun, at, pause }), true)
            }
            Frame::Rejected { poison, at } => {
                tracing::info!(%device, %poison, "reading rejected");
                (Delivery::Rejected { device, at, poison }, false)
            }
        };
        let dropped = match self.sink.try_send(delivery) {
            Ok(()) => false,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {
                tracing::warn!(device = %self.device, "reading dropped: the counter does not keep up");
                true
            }
        };
        self.update(|status| {
            status.scans += u64::from(complete);
            status.rejected += u64::from(!complete);
            status.dropped += u64::from(dropped);
            true
        });
    }

    /// Changes this device's status, if it still has one, and tells whether it did.
    fn update(&self, change: impl FnOnce(&mut DeviceStatus) -> bool) -> bool {
        self.board.send_if_modified(|all| {
            all.iter_mut().find(|status| status.device == self.device).is_some_and(change)
        })
    }
}
