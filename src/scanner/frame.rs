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

use zeroize::Zeroize;

use super::payload::{Payload, Symbology};
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
    /// More than 512 bytes without a terminator.
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
    /// The frame so far, never more than [`LONGEST`] bytes; its room is made once, so that no copy
    /// is left behind.
    bytes: Bytes,
    begun: Moment,
    last: Moment,
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
    /// A framer for a device opened at `now`. It trusts the line after a terminator or after `idle`
    /// of silence.
    #[must_use]
    pub fn opened(now: Moment, idle: Duration) -> Self {
        let bytes = Bytes(Vec::with_capacity(LONGEST));
        Self { idle, mode: Mode::Settling, bytes, begun: now, last: now }
    }

    /// Takes bytes read at `now`, and hands out the frames that they end.
    pub fn feed(&mut self, now: Moment, bytes: &[u8], out: &mut impl FnMut(Frame)) {
        for &byte in bytes {
            self.last = now;
            if TERMINATORS.contains(&byte) {
                self.end(now, out);
            } else {
                self.take(now, byte, out);
            }
        }
    }

    /// Ends the frame by silence, if `now` is not before the deadline.
    pub fn idle(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.end(self.last, out);
        }
    }

    /// The device went away at `now`: what was not ended by then is incomplete.
    pub fn lost(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if !self.bytes.0.is_empty() {
            self.reject(now, Poison::Incomplete, out);
        }
    }

    /// When silence will end what is open; `None` while nothing is.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let waiting = self.mode != Mode::Collecting || !self.bytes.0.is_empty();
        waiting.then(|| self.last + self.idle)
    }

    /// Whether the device can be trusted to deliver whole codes, having been silent or ended a
    /// frame once.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.mode != Mode::Settling
    }

    fn take(&mut self, now: Moment, byte: u8, out: &mut impl FnMut(Frame)) {
        let leading = self.bytes.0.is_empty();
        if leading && (byte == STX || byte == NUL) {
            return;
        }
        match self.mode {
            Mode::Settling => self.reject(now, Poison::Incomplete, out),
            Mode::Collecting if self.bytes.0.len() == LONGEST => {
                self.reject(now, Poison::TooLong, out);
            }
            Mode::Collecting => {
                if leading {
                    self.begun = now;
                }
                self.bytes.0.push(byte);
            }
            Mode::Discarding => {}
        }
    }

    fn reject(&mut self, now: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Discarding;
        self.bytes.wipe();
        out(Frame::Rejected { poison, at: now });
    }

    fn end(&mut self, at: Moment, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Collecting;
        match read(self.bytes.without_padding()) {
            Ok(None) => {}
            Ok(Some((payload, symbology))) => {
                out(Frame::Complete { payload, symbology, begun: self.begun, at });
            }
            Err(poison) => out(Frame::Rejected { poison, at }),
        }
        self.bytes.wipe();
    }
}

/// The text in a frame's bytes; nothing where there is no text.
fn read(bytes: &[u8]) -> Result<Option<(Payload, Option<Symbology>)>, Poison> {
    let text = std::str::from_utf8(bytes).map_err(|_| Poison::NotText)?;
    if text.chars().any(char::is_control) {
        return Err(Poison::ControlCharacter);
    }
    let (symbology, text) = Symbology::strip(text);
    Ok((!text.is_empty()).then(|| (Payload::new(text), symbology)))
}

/// A frame's bytes, wiped when they are dropped and never printed (P1).
struct Bytes(Vec<u8>);

impl Bytes {
    fn wipe(&mut self) {
        self.0.zeroize();
    }

    /// Without the NULs behind the text. One *inside* stays, and poisons: a tty driver reads a
    /// garbled character or a break as NUL.
    fn without_padding(&self) -> &[u8] {
        let end = self.0.iter().rposition(|&byte| byte != NUL).map_or(0, |last| last + 1);
        &self.0[..end]
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} bytes", self.0.len())
    }
}

/// No barcode at a counter is longer; PDF417 with a driving licence stays below it.
const LONGEST: usize = 512;

const NUL: u8 = 0x00;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// What scanners are set to send behind a code.
const TERMINATORS: [u8; 4] = [b'\r', b'\n', b'\t', ETX];

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
