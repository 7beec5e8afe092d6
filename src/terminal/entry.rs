//! The amount that is being typed on a keypad: a value that knows its own text and nothing of the
//! counter.

use crate::money::Amount;

/// Baht as typed so far, `12`, `12.` or `12.5`; empty where nothing is. What stands here can be
/// armed, but for the limits, unless it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry(String);

/// The key does not fit behind what is typed; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DoesNotFit;

impl Entry {
    /// The text exactly as typed, but for leading zeros: `05` is `5`.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a digit, 0 to 9: at most [`DIGITS_MAX`] of them, at most two behind the point.
    pub fn digit(&mut self, digit: u8) -> Result<(), DoesNotFit> {
        let digit = char::from_digit(u32::from(digit), 10).ok_or(DoesNotFit)?;
        if self.0 == "0" {
            self.0.clear();
        }
        let decimals = self.0.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let digits = self.0.bytes().filter(u8::is_ascii_digit).count();
        if decimals >= DECIMALS_MAX || digits >= DIGITS_MAX {
            return Err(DoesNotFit);
        }
        self.0.push(digit);
        Ok(())
    }

    /// Adds the point; one in front of everything follows a zero.
    pub fn point(&mut self) -> Result<(), DoesNotFit> {
        if self.0.contains('.') {
            return Err(DoesNotFit);
        }
        if self.0.is_empty() {
            self.0.push('0');
        }
        self.0.push('.');
        Ok(())
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.0.pop();
    }

    /// Takes everything back.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What is typed so far as an amount; `None` where nothing is.
    pub fn amount(&self) -> Option<Amount> {
        self.0.strip_suffix('.').unwrap_or(&self.0).parse().ok()
    }
}

/// The gateway takes up to 150,000.00 baht, which has eight; one more leaves room for an account
/// with higher limits and none for what is no amount.
pub(super) const DIGITS_MAX: usize = 9;
/// A baht has 100 satang.
pub(super) const DECIMALS_MAX: usize = 2;
