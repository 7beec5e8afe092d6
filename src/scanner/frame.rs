//! From a stream of bytes to frames: one frame is what a scanner sent for one reading.
//!
//! Pure: no device, no clock, no task. A frame ends by CR, LF, TAB, ETX or by silence, and is
//! either complete or poisoned; nothing of a poisoned frame is ever delivered, because a code that
//! lost its middle may still look like a code (there is no check digit in a payment code).
//!
//! ```text
//!  Settling --terminator or silence--> Collecting --513th byte--> Discarding
//!     |                                 ^  (frame complete)           |
//!     +--a byte: we came in mid-code--> Discarding --terminator or silence
//! ```

use std::time::Duration;

use super::payload::{Payload, Symbology};
use super::reading::{Habit, Reading};
use crate::clock::Moment;

/// What a reading became.
#[derive(Debug)]
pub enum Frame {
    /// A whole text without control characters.
    Complete {
        /// The text without terminator, STX, NUL and AIM prefix; never empty.
        payload: Payload,
        /// What the AIM prefix said, if there was one.
        symbology: Option<Symbology>,
        /// When its first byte was read.
        begun: Moment,
        /// When its last byte was read; the terminator, if it had one.
        at: Moment,
        /// The longest pause inside it: between two reads of a serial line, two events of a
        /// keyboard, two reports of HID-POS.
        pause: Duration,
    },
    /// A reading that cannot be trusted. Its bytes are gone.
    Rejected {
        /// Why.
        poison: Poison,
        /// When that was certain.
        at: Moment,
    },
}

/// Why a frame is not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Poison {
    /// More than 512 bytes without an end.
    #[error("more than 512 bytes without an end")]
    TooLong,
    /// A control character inside, as from the wrong baud rate or from a barcode made to press
    /// keys.
    #[error("a control character inside")]
    ControlCharacter,
    /// Not UTF-8.
    #[error("no text")]
    NotText,
    /// The beginning or the end is missing: the device was opened, or went away, in the middle of
    /// it.
    #[error("only a part was received")]
    Incomplete,
    /// The kernel dropped keys that were not read in time; what is left may look like a code.
    #[error("keys were lost because the reader was held up")]
    Overrun,
    /// A key for which the keyboard layout has no character: a dead key, a function key.
    #[error("a key without a character in the configured layout")]
    UnknownKey,
    /// A HID-POS report of the wrong length, or with more data than it has room for.
    #[error("a report that contradicts itself")]
    Malformed,
}

/// Cuts one device's bytes into frames.
///
/// Contract: bytes go to [`Framer::feed`] as they are read. When [`Framer::next_deadline`] has
/// passed **and nothing more can be read**, [`Framer::idle`] is called. `feed` itself never takes a
/// pause for silence: a reader that was held up for 200 ms would otherwise tear a code apart that
/// arrived in one piece.
#[derive(Debug)]
pub struct Framer {
    idle: Duration,
    mode: Mode,
    reading: Reading,
}

/// What the next byte means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The device was just opened: a byte that comes before the first silence is the rest of
    /// something older.
    Settling,
    /// The byte belongs to a frame.
    Collecting,
    /// The byte belongs to a frame that was rejected.
    Discarding,
}

impl Framer {
    /// A framer for a device opened at `now` that ends its codes as `habit` says. It trusts the
    /// line after a terminator or after `idle` of silence.
    #[must_use]
    pub fn opened(now: Moment, idle: Duration, habit: Habit) -> Self {
        Self { idle, mode: Mode::Settling, reading: Reading::new(now, habit) }
    }

    /// How the device ends its codes, as it has shown.
    #[must_use]
    pub fn habit(&self) -> Habit {
        self.reading.habit()
    }

    /// Takes bytes read at `now`, and hands out the frames that they end.
    pub fn feed(&mut self, now: Moment, bytes: &[u8], out: &mut impl FnMut(Frame)) {
        for &byte in bytes {
            self.reading.hear(now);
            if TERMINATORS.contains(&byte) {
                self.mode = Mode::Collecting;
                self.reading.terminated(now).into_iter().for_each(&mut *out);
            } else {
                self.take(now, byte, out);
            }
        }
    }

    /// Ends the frame by silence, if `now` is not before the deadline.
    pub fn idle(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.mode = Mode::Collecting;
            self.reading.silent().into_iter().for_each(out);
        }
    }

    /// The device went away at `now`: what was not ended by then is incomplete.
    pub fn lost(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if !self.reading.is_empty() {
            self.reject(now, Poison::Incomplete, out);
        }
    }

    /// When silence will end what is open; `None` while nothing is.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let waiting = self.mode != Mode::Collecting || !self.reading.is_empty();
        waiting.then(|| self.reading.deadline(self.idle))
    }

    /// Whether the device can be trusted to deliver whole codes, having been silent or ended a
    /// frame once.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.mode != Mode::Settling
    }

    fn take(&mut self, now: Moment, byte: u8, out: &mut impl FnMut(Frame)) {
        if self.reading.is_empty() && (byte == STX || byte == NUL) {
            return;
        }
        match self.mode {
            Mode::Settling => self.reject(now, Poison::Incomplete, out),
            Mode::Collecting => {
                if let Err(poison) = self.reading.push(&[byte]) {
                    self.reject(now, poison, out);
                }
            }
            Mode::Discarding => {}
        }
    }

    fn reject(&mut self, now: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Discarding;
        self.reading.wipe();
        out(Frame::Rejected { poison, at: now });
    }
}

const NUL: u8 = 0x00;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// What scanners are set to send behind a code.
const TERMINATORS: [u8; 4] = [b'\r', b'\n', b'\t', ETX];

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
