//! A numeric keypad: what its keys mean, for counters where the amount is typed.

use evdev::{EventType, KeyCode};

use super::keyboard::Event;

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

/// What an event of the keypad means; nothing for what is no key of an amount. Digits are those of
/// the keypad or of the row above the letters, whatever NumLock says. Only a key that goes down
/// counts: one that is held is one key. Where the kernel had to drop events, nobody knows which
/// keys are missing, and an amount with a digit too few must not stay on the screen.
#[must_use]
pub fn key(event: &Event) -> Option<Key> {
    match (EventType(event.kind), event.code, event.value) {
        (EventType::SYNCHRONIZATION, SYN_DROPPED, _) => Some(Key::Clear),
        (EventType::KEY, code, DOWN) => meaning(KeyCode(code)),
        (_, _, _) => None,
    }
}

fn meaning(key: KeyCode) -> Option<Key> {
    let digit = DIGITS.iter().position(|pair| pair.contains(&key));
    if let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()) {
        return Some(Key::Digit(digit));
    }
    match key {
        KeyCode::KEY_KPDOT | KeyCode::KEY_KPCOMMA | KeyCode::KEY_DOT | KeyCode::KEY_COMMA => {
            Some(Key::Point)
        }
        KeyCode::KEY_BACKSPACE => Some(Key::Erase),
        KeyCode::KEY_ESC | KeyCode::KEY_KPMINUS | KeyCode::KEY_MINUS => Some(Key::Clear),
        KeyCode::KEY_ENTER | KeyCode::KEY_KPENTER => Some(Key::Enter),
        _ => None,
    }
}

/// Each digit's keys, from 0.
const DIGITS: [[KeyCode; 2]; 10] = [
    [KeyCode::KEY_KP0, KeyCode::KEY_0],
    [KeyCode::KEY_KP1, KeyCode::KEY_1],
    [KeyCode::KEY_KP2, KeyCode::KEY_2],
    [KeyCode::KEY_KP3, KeyCode::KEY_3],
    [KeyCode::KEY_KP4, KeyCode::KEY_4],
    [KeyCode::KEY_KP5, KeyCode::KEY_5],
    [KeyCode::KEY_KP6, KeyCode::KEY_6],
    [KeyCode::KEY_KP7, KeyCode::KEY_7],
    [KeyCode::KEY_KP8, KeyCode::KEY_8],
    [KeyCode::KEY_KP9, KeyCode::KEY_9],
];

// The kernel's numbers, from linux/input-event-codes.h.
const SYN_DROPPED: u16 = 3;
const DOWN: i32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    #[test]
    fn each_key_means_what_is_printed_on_it() {
        let of = |kind: EventType, code: u16, value| {
            key(&Event { at: Moment::ZERO, kind: kind.0, code, value })
        };
        for (code, expected) in [
            (KeyCode::KEY_KP0, Some(Key::Digit(0))),
            (KeyCode::KEY_0, Some(Key::Digit(0))),
            (KeyCode::KEY_KP7, Some(Key::Digit(7))),
            (KeyCode::KEY_9, Some(Key::Digit(9))),
            (KeyCode::KEY_KPDOT, Some(Key::Point)),
            (KeyCode::KEY_COMMA, Some(Key::Point)),
            (KeyCode::KEY_BACKSPACE, Some(Key::Erase)),
            (KeyCode::KEY_ESC, Some(Key::Clear)),
            (KeyCode::KEY_KPMINUS, Some(Key::Clear)),
            (KeyCode::KEY_KPENTER, Some(Key::Enter)),
            (KeyCode::KEY_NUMLOCK, None),
            (KeyCode::KEY_KPPLUS, None),
            (KeyCode::KEY_A, None),
        ] {
            assert_eq!(of(EventType::KEY, code.0, DOWN), expected, "{code:?}");
            for not_down in [0, 2] {
                assert_eq!(of(EventType::KEY, code.0, not_down), None, "{code:?}");
            }
        }
        assert_eq!(of(EventType::SYNCHRONIZATION, SYN_DROPPED, 0), Some(Key::Clear));
        assert_eq!(of(EventType::SYNCHRONIZATION, 0, 0), None);
        assert_eq!(of(EventType::MISC, 4, 1), None);
    }
}
