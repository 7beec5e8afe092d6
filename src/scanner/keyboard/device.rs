//! One event node of a scanner: opened so that nobody else hears it, with time stamps that do not
//! depend on when this process came to read them.
//!
//! The order is that of scanner-facts.md §C1: clock, mask, all keys up, grab, drain.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use evdev::raw_stream::RawDevice;
use evdev::{EventType, LedCode};
use rustix::fs::{Mode, OFlags};

use super::Event;
use crate::clock::{Clock, Moment};
use crate::scanner::ioctl::{ask_for_keys_only, ask_for_monotonic_times};
use crate::scanner::status::{Refusal, State};

/// An open event node. Dropping it gives it back.
pub struct Device {
    raw: RawDevice,
}

impl Device {
    /// Opens a node. Read-only: nothing is ever sent to it.
    ///
    /// `RawDevice`, not the crate's `Device`, which hides that events were lost (§0.2).
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let node = rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?;
        ask_for_monotonic_times(&node).map_err(io::Error::from)?;
        // An old kernel cannot: then fewer keys fit into its memory, and nothing else changes.
        let _ = ask_for_keys_only(&node);
        Ok(Self { raw: RawDevice::from_fd(node)? })
    }

    /// Whether no key is down. A key that is down when the node is grabbed would never go up for
    /// whoever listened before.
    pub fn is_released(&self) -> io::Result<bool> {
        Ok(self.raw.get_key_state()?.iter().next().is_none())
    }

    /// Whether its own CapsLock is on, so that a scanner that types by it is read right.
    pub fn caps_lock(&self) -> bool {
        let lit = |leds: evdev::AttributeSet<LedCode>| leds.contains(LedCode::LED_CAPSL);
        let has_leds = self.raw.supported_events().contains(EventType::LED);
        has_leds && self.raw.get_led_state().is_ok_and(lit)
    }

    /// Takes the node for this process alone.
    pub fn grab(&mut self) -> Result<(), Refusal> {
        self.raw.grab().map_err(|error| {
            let mut refusal = Refusal::from(error);
            if refusal.state == State::Busy {
                refusal.detail = Some("another program has grabbed it".to_owned());
            }
            refusal
        })
    }

    /// What the kernel holds, up to a batch; `None` where there is nothing more for now.
    pub fn read(&mut self, clock: Clock) -> io::Result<Option<impl Iterator<Item = Event> + '_>> {
        match self.raw.fetch_events() {
            Ok(events) => {
                let times = Times::now(clock);
                Ok(Some(events.map(move |event| Event {
                    at: times.moment(event.timestamp()),
                    kind: event.event_type().0,
                    code: event.code(),
                    value: event.value(),
                })))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.raw.as_fd()
    }
}

/// Tells moments from the kernel's monotonic time.
#[derive(Clone, Copy, Debug)]
struct Times {
    now: Moment,
    kernel_now: std::time::Duration,
}

impl Times {
    /// As of now; good for events that were read just now.
    fn now(clock: Clock) -> Self {
        let kernel = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let kernel_now = std::time::Duration::try_from(kernel).unwrap_or_default();
        Self { now: clock.now(), kernel_now }
    }

    /// The moment of a time stamp: a time since boot, dressed up as one since 1970.
    fn moment(self, stamp: std::time::SystemTime) -> Moment {
        let stamp = stamp.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        self.now.before(self.kernel_now.saturating_sub(stamp))
    }
}
