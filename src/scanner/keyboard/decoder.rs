//! From the kernel's key events to frames, with the contract of `frame::Framer`.
//!
//! Pure: no device, no clock, no thread. Keys count when they go down; the kernel's own repeats
//! never do. What a frame is and when it is poisoned is the same as on a serial line, with one
//! more danger: the kernel keeps 64 events and then throws all of them away (`SYN_DROPPED`). What
//! comes after that may look like a shorter code, so nothing counts up to the next end.
//!
//! ```text
//!  Settling --Enter, Tab or a gap--> Collecting --a poison--> Discarding --Enter, Tab or a gap--+
//!     +-- a key: we came in mid-code --------------------------> ^   ^ SYN_REPORT               |
//!  any --SYN_DROPPED--> Overrun ---------------------------------+---+      Collecting <--------+
//! ```

use std::fmt;
use std::time::Duration;

use evdev::KeyCode;

use super::alt_code::{self, AltCode};
use super::event::{DOWN, Event, KEY, SYN, SYN_DROPPED, SYN_REPORT, UP};
use super::layout::{Layout, Level};
use crate::clock::Moment;
use crate::scanner::reading::{Habit, Reading};
use crate::scanner::{Frame, Payload, Poison};

/// Turns one device's events into frames.
///
/// Contract: events go to [`Decoder::feed`] in the order in which they are read, however late.
/// When [`Decoder::next_deadline`] has passed **and nothing more can be read**, [`Decoder::idle`]
/// is called. A gap between two events ends a frame as well: their times are the kernel's, so that
/// a reader that was held up tears nothing apart.
pub struct Decoder {
    idle: Duration,
    layout: Layout,
    mode: Mode,
    held: Held,
    caps_lock: bool,
    alt_code: AltCode,
    reading: Reading,
}

/// What the next key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The device was just opened: a key that comes before the first gap is the rest of something
    /// older.
    Settling,
    /// The key belongs to a frame.
    Collecting,
    /// The key belongs to a frame that was rejected.
    Discarding,
    /// Events were lost, and the packet in which that was said is not over: even an Enter in it
    /// may be what is left of another state of the keys.
    Overrun,
}

impl Decoder {
    /// A decoder for a device opened at `now`, of which no key is down. `caps_lock` tells whether
    /// its Caps Lock is on. It trusts what comes after a terminator or after `idle` without keys.
    #[must_use]
    pub fn opened(
        now: Moment,
        layout: Layout,
        idle: Duration,
        caps_lock: bool,
        habit: Habit,
    ) -> Self {
        Self {
            idle,
            layout,
            mode: Mode::Settling,
            held: Held::default(),
            caps_lock,
            alt_code: AltCode::None,
            reading: Reading::new(now, habit),
        }
    }

    /// Takes one event, and hands out the frames that it ends.
    pub fn feed(&mut self, event: Event, out: &mut impl FnMut(Frame)) {
        match (event.kind, event.code) {
            (SYN, SYN_DROPPED) => self.overrun(event.at, out),
            (SYN, SYN_REPORT) if self.mode == Mode::Overrun => self.mode = Mode::Discarding,
            (KEY, code) if event.value == DOWN => self.pressed(event.at, KeyCode(code), out),
            (KEY, code) if event.value == UP => self.released(event.at, KeyCode(code), out),
            // Among them the kernel's repeats: a key held for long is still one key.
            _ => {}
        }
    }

    /// How the device ends its codes, as it has shown.
    #[must_use]
    pub fn habit(&self) -> Habit {
        self.reading.habit()
    }

    /// Ends the frame by silence, if `now` is not before the deadline.
    pub fn idle(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.tear_alt_code(self.reading.last(), out);
            self.mode = Mode::Collecting;
            if let Some(frame) = self.reading.silent() {
                out(self.rescue(frame));
            }
        }
    }

    /// The device went away at `now`: what was not ended by then is incomplete, and no key is down
    /// any more.
    pub fn lost(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        let open = !self.reading.is_empty() || self.alt_code.is_open();
        self.held = Held::default();
        self.alt_code = AltCode::None;
        if open {
            self.reject(now, Poison::Incomplete, out);
        }
    }

    /// When silence will end what is open; `None` while nothing is.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let open = !self.reading.is_empty() || self.alt_code.is_open();
        let waiting = open || self.mode != Mode::Collecting;
        waiting.then(|| self.reading.deadline(self.idle))
    }

    /// Whether the device can be trusted to deliver whole codes, having been silent or ended a
    /// frame once.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.mode != Mode::Settling
    }

    fn pressed(&mut self, at: Moment, key: KeyCode, out: &mut impl FnMut(Frame)) {
        self.hear(at, out);
        if self.mode == Mode::Overrun || self.held.change(key, true) {
            return;
        }
        match key {
            KeyCode::KEY_ENTER | KeyCode::KEY_KPENTER | KeyCode::KEY_TAB => {
                self.terminator(at, out)
            }
            KeyCode::KEY_CAPSLOCK => self.caps_lock = !self.caps_lock,
            // Some scanners switch NumLock around their digits; keypad digits are digits anyway.
            KeyCode::KEY_NUMLOCK | KeyCode::KEY_SCROLLLOCK => {}
            key => match self.character(key) {
                Ok(Some(character)) => self.take(at, character, out),
                Ok(None) => {}
                Err(poison) => self.poison(at, poison, out),
            },
        }
    }

    fn released(&mut self, at: Moment, key: KeyCode, out: &mut impl FnMut(Frame)) {
        self.hear(at, out);
        // Also after a loss: a key that is up is up.
        self.held.change(key, false);
        if key != KeyCode::KEY_LEFTALT {
            return;
        }
        match std::mem::take(&mut self.alt_code) {
            AltCode::None => {}
            AltCode::Digits { value, windows } => match alt_code::character(value, windows) {
                Ok(character) => self.take(at, character, out),
                Err(poison) => self.poison(at, poison, out),
            },
            // What was torn is rejected already, and this is not yet the beginning of another.
            AltCode::Torn => {
                self.mode = Mode::Discarding;
                self.reading.wipe();
            }
        }
    }

    /// A key moved at `at`; what was open long before that is over, a loss as well: had the pause
    /// been part of it, the kernel would have said so later.
    fn hear(&mut self, at: Moment, out: &mut impl FnMut(Frame)) {
        self.idle(at, out);
        self.reading.hear(at);
    }

    /// The character of a key, nothing where it belongs to a number that is not finished.
    fn character(&mut self, key: KeyCode) -> Result<Option<char>, Poison> {
        if self.held.any(&COMMANDS) {
            return Err(Poison::ControlCharacter);
        }
        let keypad = keypad(key);
        if self.held.any(&[KeyCode::KEY_LEFTALT]) {
            // Anything else with Alt opens menus: a barcode made to press keys.
            let digit = keypad.and_then(|character| character.to_digit(10));
            let digit = digit.and_then(|digit| u16::try_from(digit).ok());
            self.alt_code.digit(digit.ok_or(Poison::ControlCharacter)?);
            return Ok(None);
        }
        let shift = self.held.any(&SHIFTS);
        let level = match (self.held.any(&[KeyCode::KEY_RIGHTALT]), shift) {
            (false, false) => Level::Plain,
            (false, true) => Level::Shift,
            (true, false) => Level::AltGr,
            (true, true) => return Err(Poison::UnknownKey),
        };
        let of_layout = || self.layout.character(key.code(), self.with_caps_lock(key, level));
        keypad.or_else(of_layout).map(Some).ok_or(Poison::UnknownKey)
    }

    /// Caps Lock exchanges the small and the capital letter, and leaves other keys alone.
    fn with_caps_lock(&self, key: KeyCode, level: Level) -> Level {
        let of = |level| self.layout.character(key.code(), level);
        let letter = of(Level::Plain).is_some_and(|small| {
            of(Level::Shift).is_some_and(|capital| small.to_uppercase().eq([capital]))
        });
        match level {
            Level::Plain if self.caps_lock && letter => Level::Shift,
            Level::Shift if self.caps_lock && letter => Level::Plain,
            Level::Plain | Level::Shift | Level::AltGr => level,
        }
    }

    fn take(&mut self, at: Moment, character: char, out: &mut impl FnMut(Frame)) {
        if self.mode != Mode::Collecting {
            self.poison(at, Poison::Incomplete, out);
            return;
        }
        let mut encoded = zeroize::Zeroizing::new([0_u8; 4]);
        if let Err(poison) = self.reading.push(character.encode_utf8(&mut *encoded).as_bytes()) {
            self.reject(at, poison, out);
        }
    }

    /// A key that no frame may have. Which key it was does not matter while settling: then it is
    /// the rest of something older.
    fn poison(&mut self, at: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        match self.mode {
            Mode::Settling => self.reject(at, Poison::Incomplete, out),
            Mode::Collecting => self.reject(at, poison, out),
            Mode::Discarding | Mode::Overrun => {}
        }
    }

    fn reject(&mut self, at: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Discarding;
        self.reading.wipe();
        out(Frame::Rejected { poison, at });
    }

    /// Keys were lost before `at`. They may have been the first of a frame, or its end and the
    /// first of the next one: also where nothing is open, what follows is a part.
    fn overrun(&mut self, at: Moment, out: &mut impl FnMut(Frame)) {
        self.reading.hear(at);
        self.held = Held::default();
        self.alt_code = AltCode::None;
        match self.mode {
            Mode::Settling | Mode::Collecting => self.reject(at, Poison::Overrun, out),
            Mode::Discarding | Mode::Overrun => {}
        }
        self.mode = Mode::Overrun;
    }

    fn terminator(&mut self, at: Moment, out: &mut impl FnMut(Frame)) {
        self.tear_alt_code(at, out);
        self.mode = Mode::Collecting;
        if let Some(frame) = self.reading.terminated(at) {
            out(self.rescue(frame));
        }
    }

    /// A number that is not finished when the frame ends is a part of something.
    fn tear_alt_code(&mut self, at: Moment, out: &mut impl FnMut(Frame)) {
        if self.alt_code.is_open() {
            self.poison(at, Poison::Incomplete, out);
            self.alt_code = AltCode::Torn;
        }
    }

    fn rescue(&self, frame: Frame) -> Frame {
        let Frame::Complete { payload, symbology: None, begun, at, pause } = frame else {
            return frame;
        };
        let digits = self.layout.rescued(payload.expose());
        let payload = digits.map_or(payload, |digits| Payload::new(&digits));
        Frame::Complete { payload, symbology: None, begun, at, pause }
    }
}

impl fmt::Debug for Decoder {
    /// Without the keys that are held and the number that is typed (P1).
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Decoder");
        shown.field("mode", &self.mode).field("layout", &self.layout);
        shown.field("reading", &self.reading).finish_non_exhaustive()
    }
}

/// Which of [`MODIFIERS`] are down, one bit each.
#[derive(Clone, Copy, Default)]
struct Held(u8);

impl Held {
    /// Takes note of a key that went down or up, and tells whether it is one of them.
    fn change(&mut self, key: KeyCode, down: bool) -> bool {
        let bit = Self::bit(key);
        self.0 = if down { self.0 | bit } else { self.0 & !bit };
        bit != 0
    }

    fn any(self, keys: &[KeyCode]) -> bool {
        keys.iter().any(|&key| self.0 & Self::bit(key) != 0)
    }

    fn bit(key: KeyCode) -> u8 {
        MODIFIERS.iter().position(|&modifier| modifier == key).map_or(0, |place| 1 << place)
    }
}

/// The keys of the keypad that are text, whatever NumLock says: there is no scanner that means
/// arrows by them.
fn keypad(key: KeyCode) -> Option<char> {
    let (_, character) = KEYPAD.into_iter().find(|(other, _)| *other == key)?;
    Some(character)
}

const MODIFIERS: [KeyCode; 8] = [
    KeyCode::KEY_LEFTSHIFT,
    KeyCode::KEY_RIGHTSHIFT,
    KeyCode::KEY_LEFTCTRL,
    KeyCode::KEY_RIGHTCTRL,
    KeyCode::KEY_LEFTMETA,
    KeyCode::KEY_RIGHTMETA,
    KeyCode::KEY_LEFTALT,
    KeyCode::KEY_RIGHTALT,
];

const SHIFTS: [KeyCode; 2] = [KeyCode::KEY_LEFTSHIFT, KeyCode::KEY_RIGHTSHIFT];

/// With one of these held, a key is a command and no text.
const COMMANDS: [KeyCode; 4] =
    [KeyCode::KEY_LEFTCTRL, KeyCode::KEY_RIGHTCTRL, KeyCode::KEY_LEFTMETA, KeyCode::KEY_RIGHTMETA];

const KEYPAD: [(KeyCode, char); 17] = [
    (KeyCode::KEY_KP0, '0'),
    (KeyCode::KEY_KP1, '1'),
    (KeyCode::KEY_KP2, '2'),
    (KeyCode::KEY_KP3, '3'),
    (KeyCode::KEY_KP4, '4'),
    (KeyCode::KEY_KP5, '5'),
    (KeyCode::KEY_KP6, '6'),
    (KeyCode::KEY_KP7, '7'),
    (KeyCode::KEY_KP8, '8'),
    (KeyCode::KEY_KP9, '9'),
    (KeyCode::KEY_KPDOT, '.'),
    (KeyCode::KEY_KPPLUS, '+'),
    (KeyCode::KEY_KPMINUS, '-'),
    (KeyCode::KEY_KPASTERISK, '*'),
    (KeyCode::KEY_KPSLASH, '/'),
    (KeyCode::KEY_KPCOMMA, ','),
    (KeyCode::KEY_KPEQUAL, '='),
];

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
