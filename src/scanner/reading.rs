//! One reading while it comes in: its bytes, its times, and what it becomes at its end. Every kind
//! of scanner collects into one of these, so that what a whole text is stands in one place.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroize;

use super::frame::{Frame, Poison};
use super::payload::{Payload, Symbology};
use crate::clock::Moment;

/// How a scanner ends its codes, as far as it has shown. A scanner that is unplugged in mid-code is
/// noticed only by the hub's next poll, up to 256 ms later: without this, the silence until then
/// would make a whole code of a half one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Habit {
    /// It has not ended a code yet: silence counts only when it is longer than a hub is slow.
    #[default]
    Unknown,
    /// By a terminator, always: a pause is a hiccup of the bus, and a silence means that the rest
    /// of the code is missing.
    Terminator,
    /// By silence.
    Silence,
}

/// What came so far. Wiped when it is dropped and never printed (P1).
pub(super) struct Reading {
    /// Never more than [`LONGEST`] bytes; their room is made once, so that no copy is left behind.
    bytes: Vec<u8>,
    begun: Moment,
    last: Moment,
    pause: Duration,
    habit: Habit,
}

impl Reading {
    /// Nothing yet, of a device opened at `now` that ends its codes as `habit` says.
    pub fn new(now: Moment, habit: Habit) -> Self {
        let bytes = Vec::with_capacity(LONGEST);
        Self { bytes, begun: now, last: now, pause: Duration::ZERO, habit }
    }

    /// How the device ends its codes.
    pub fn habit(&self) -> Habit {
        self.habit
    }

    /// When silence ends it, where `idle` is the silence that ends a code by habit.
    pub fn deadline(&self, idle: Duration) -> Moment {
        let times = match self.habit {
            _ if self.is_empty() => 1,
            Habit::Silence => 1,
            Habit::Unknown => SLOW_HUB,
            Habit::Terminator => HICCUP,
        };
        self.last + idle * times
    }

    /// What it became by a terminator at `at`.
    pub fn terminated(&mut self, at: Moment) -> Option<Frame> {
        // One alone is the second of CR and LF, or one that came late.
        if !self.is_empty() {
            self.habit = Habit::Terminator;
        }
        self.end(at)
    }

    /// What it became by the silence after what was heard last.
    pub fn silent(&mut self) -> Option<Frame> {
        if self.is_empty() {
            return None;
        }
        if self.habit == Habit::Terminator {
            self.wipe();
            return Some(Frame::Rejected { poison: Poison::Incomplete, at: self.last });
        }
        self.habit = Habit::Silence;
        self.end(self.last)
    }

    /// Whether nothing of it has come.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// When something came last, text or not.
    pub fn last(&self) -> Moment {
        self.last
    }

    /// Something came at `now`, of which nothing may be text.
    pub fn hear(&mut self, now: Moment) {
        if !self.is_empty() {
            self.pause = self.pause.max(now - self.last);
        }
        self.last = self.last.max(now);
    }

    /// Adds text that came with the last [`Reading::hear`].
    ///
    /// # Errors
    /// [`Poison::TooLong`] where there is no room for all of it; then none of it is added.
    pub fn push(&mut self, text: &[u8]) -> Result<(), Poison> {
        if text.len() > LONGEST - self.bytes.len() {
            return Err(Poison::TooLong);
        }
        if self.is_empty() {
            self.begun = self.last;
            self.pause = Duration::ZERO;
        }
        self.bytes.extend_from_slice(text);
        Ok(())
    }

    /// Takes these bytes off its end.
    pub fn trim_end(&mut self, trimmed: &[u8]) {
        while self.bytes.last().is_some_and(|last| trimmed.contains(last)) {
            self.bytes.pop();
        }
    }

    /// Forgets all bytes.
    pub fn wipe(&mut self) {
        self.bytes.zeroize();
    }

    /// What it became by its end at `at`, nothing where there was no text; the next one may begin.
    pub fn end(&mut self, at: Moment) -> Option<Frame> {
        let (begun, pause) = (self.begun, self.pause);
        let frame = match read(self.without_padding()) {
            Ok(None) => None,
            Ok(Some((payload, symbology))) => {
                Some(Frame::Complete { payload, symbology, begun, at, pause })
            }
            Err(poison) => Some(Frame::Rejected { poison, at }),
        };
        self.wipe();
        frame
    }

    /// Without the NULs behind the text. One *inside* stays, and poisons: a tty driver reads a
    /// garbled character or a break as NUL.
    fn without_padding(&self) -> &[u8] {
        let end = self.bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        &self.bytes[..end]
    }

    #[cfg(test)]
    pub fn room(&self) -> usize {
        self.bytes.capacity()
    }
}

/// The text in a reading's bytes; nothing where there is no text.
fn read(bytes: &[u8]) -> Result<Option<(Payload, Option<Symbology>)>, Poison> {
    let text = std::str::from_utf8(bytes).map_err(|_| Poison::NotText)?;
    if text.chars().any(char::is_control) {
        return Err(Poison::ControlCharacter);
    }
    let (symbology, text) = Symbology::strip(text);
    Ok((!text.is_empty()).then(|| (Payload::new(text), symbology)))
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.bytes.len())
    }
}

/// How many times longer the first silence must be: with the shortest default, 100 ms, it is longer
/// than a hub takes to notice an unplugged device (USB 2.0, §11.12.4: 255 ms at most).
const SLOW_HUB: u32 = 3;
/// How many times longer the rest of a code is waited for where its terminator must come: a second,
/// far above any pause of a bus, and below the time in which somebody scans again.
const HICCUP: u32 = 10;

/// No barcode at a counter is longer; PDF417 with a driving licence stays below it.
pub(super) const LONGEST: usize = 512;
