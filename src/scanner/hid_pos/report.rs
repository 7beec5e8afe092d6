//! From HID-POS reports to frames: one reading is one report, or several of which all but the last
//! say that more follows.
//!
//! | byte | what |
//! |---|---|
//! | 0 | the report's number, 2 |
//! | 1 | how many bytes of data there are, at most 56 |
//! | 2–4 | the AIM identifier, `]Q1` |
//! | 5–60 | the data |
//! | 61, 62 | the maker's own number of the symbology; reserved |
//! | 63 | bit 0: more data follows |
//!
//! Source: scanner-facts.md §D, from the manuals of two makers (Access-IS LSR118 and ATR110).

use std::time::Duration;

use crate::clock::Moment;
use crate::scanner::reading::Reading;
use crate::scanner::{Frame, Poison, Symbology};

/// Joins one device's reports to frames.
///
/// Contract: reports go to [`Assembler::feed`] as they are read. When
/// [`Assembler::next_deadline`] has passed **and nothing more can be read**, [`Assembler::idle`] is
/// called. As with a serial line `feed` itself takes no pause for the end of anything: reports have
/// no time of their own, and a reader that was held up would tear a code apart.
#[derive(Debug)]
pub struct Assembler {
    idle: Duration,
    mode: Mode,
    reading: Reading,
    /// Of the reading's first report.
    symbology: Option<Symbology>,
}

/// What the next report means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The device was just opened: a report that comes before the first silence may be the rest of
    /// something older.
    Settling,
    /// It is the first of a reading.
    Ready,
    /// It goes on with a reading.
    Collecting,
    /// It goes on with a reading that was rejected.
    Discarding,
}

/// What a report says.
struct Part<'report> {
    symbology: Option<Symbology>,
    data: &'report [u8],
    more: bool,
}

impl Assembler {
    /// An assembler for a device opened at `now`. It trusts what comes after the end of a reading
    /// or after `idle` without reports.
    #[must_use]
    pub fn opened(now: Moment, idle: Duration) -> Self {
        Self { idle, mode: Mode::Settling, reading: Reading::new(now), symbology: None }
    }

    /// Takes one report read at `now`, its number in front, and hands out the frame that it ends.
    /// Reports of other numbers are no readings; in the middle of one they are its ruin.
    pub fn feed(&mut self, now: Moment, report: &[u8], out: &mut impl FnMut(Frame)) {
        if report.first() != Some(&NUMBER) {
            if self.mode == Mode::Collecting {
                self.reject(now, Poison::Incomplete, out);
            }
            return;
        }
        self.reading.hear(now);
        match Part::of(report) {
            Ok(part) => self.take(now, &part, out),
            // Whether more follows cannot be believed either: up to the next end, or silence.
            Err(poison) => self.refuse(now, poison, out),
        }
    }

    /// Gives up what is open, if `now` is not before the deadline: what was to follow is missing.
    pub fn idle(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.lost(now, out);
            self.mode = Mode::Ready;
        }
    }

    /// The device went away at `now`: what was not ended by then is incomplete.
    pub fn lost(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        if self.mode == Mode::Collecting {
            self.reject(now, Poison::Incomplete, out);
        }
    }

    /// When silence will end what is open; `None` while nothing is.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        (self.mode != Mode::Ready).then(|| self.reading.last() + self.idle)
    }

    /// Whether the device can be trusted to deliver whole codes, having been silent or ended a
    /// reading once.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.mode != Mode::Settling
    }

    fn take(&mut self, now: Moment, part: &Part<'_>, out: &mut impl FnMut(Frame)) {
        match self.mode {
            Mode::Settling => self.refuse(now, Poison::Incomplete, out),
            Mode::Ready => {
                self.symbology = part.symbology;
                self.add(now, part.data, out);
            }
            Mode::Collecting if self.symbology == part.symbology => self.add(now, part.data, out),
            // The rest of one code and the beginning, or the rest, of another.
            Mode::Collecting => self.refuse(now, Poison::Incomplete, out),
            Mode::Discarding => {}
        }
        if !part.more {
            self.end(now, out);
        }
    }

    fn add(&mut self, now: Moment, data: &[u8], out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Collecting;
        if let Err(poison) = self.reading.push(data) {
            self.reject(now, poison, out);
        }
    }

    /// A report that cannot belong to a reading; said once.
    fn refuse(&mut self, now: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        if self.mode != Mode::Discarding {
            self.reject(now, poison, out);
        }
    }

    fn reject(&mut self, now: Moment, poison: Poison, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Discarding;
        self.reading.wipe();
        out(Frame::Rejected { poison, at: now });
    }

    fn end(&mut self, now: Moment, out: &mut impl FnMut(Frame)) {
        self.mode = Mode::Ready;
        self.reading.trim_end(&TERMINATORS);
        let header = self.symbology.take();
        match self.reading.end(now) {
            Some(Frame::Complete { payload, symbology, begun, at, pause }) => {
                let symbology = symbology.or(header);
                out(Frame::Complete { payload, symbology, begun, at, pause });
            }
            Some(rejected @ Frame::Rejected { .. }) => out(rejected),
            None => {}
        }
    }
}

impl<'report> Part<'report> {
    fn of(report: &'report [u8]) -> Result<Self, Poison> {
        let report: &[u8; LENGTH] = report.try_into().map_err(|_| Poison::Malformed)?;
        let [_, length, aim @ .., flags] = report;
        let (aim, rest) = aim.split_at(AIM);
        let data = &rest[..DATA];
        let data = data.get(..usize::from(*length)).ok_or(Poison::Malformed)?;
        let symbology = std::str::from_utf8(aim).ok().and_then(|aim| Symbology::strip(aim).0);
        Ok(Self { symbology, data, more: flags & 1 != 0 })
    }
}

/// The number of the report that holds a reading.
const NUMBER: u8 = 2;

/// Bytes of a report, of the identifier in it, of its data at most.
const LENGTH: usize = 64;
const AIM: usize = 3;
const DATA: usize = 56;

/// What scanners may be set to send behind a code also here.
const TERMINATORS: [u8; 3] = [b'\r', b'\n', b'\t'];

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
