//! A numeric keypad: what its keys mean, for counters where the amount is typed.

/// One key that was pressed. A `00` key is two presses of [`Key::Digit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `0` to `9`.
    Digit(u8),
    /// The decimal point or comma: satang follow.
    Point,
    /// Backspace: takes the last key back.
    Erase,
    /// Esc or minus: takes everything back.
    Clear,
    /// The amount is complete.
    Enter,
}
