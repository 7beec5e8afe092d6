//! A numeric keypad: what its keys mean, for counters where the amount is typed.

use std::time::Duration;

use evdev::KeyCode;

use super::keyboard::{Event, event};
use crate::clock::Moment;

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

/// Turns one keypad's events into keys; pure.
///
/// A lost key would be another amount, and so would what is left of it: when the kernel says that
/// keys were lost, the answer is [`Key::Clear`], and nothing counts before the keypad was left
/// alone for a second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keypad {
    /// When the last key after a loss went down, or the loss itself.
    lost: Option<Moment>,
}

impl Keypad {
    /// What an event means; nothing for releases, the kernel's repeats, and keys of no meaning.
    pub fn feed(&mut self, event: Event) -> Option<Key> {
        match (event.kind, event.code) {
            (event::SYN, event::SYN_DROPPED) => {
                self.lost = Some(event.at);
                Some(Key::Clear)
            }
            (event::KEY, code) if event.value == event::DOWN => {
                if self.lost.is_some_and(|lost| event.at - lost < QUIET) {
                    self.lost = Some(event.at);
                    return None;
                }
                self.lost = None;
                key(KeyCode(code))
            }
            _ => None,
        }
    }
}

/// The keys of the keypad and of the row above the letters, whatever NumLock says.
fn key(key: KeyCode) -> Option<Key> {
    let digit = DIGITS.iter().position(|keys| keys.contains(&key));
    let digit = digit.and_then(|digit| u8::try_from(digit).ok());
    digit.map(Key::Digit).or(match key {
        KeyCode::KEY_KPDOT | KeyCode::KEY_DOT => Some(Key::Point),
        KeyCode::KEY_KPCOMMA | KeyCode::KEY_COMMA => Some(Key::Point),
        KeyCode::KEY_BACKSPACE => Some(Key::Erase),
        KeyCode::KEY_ESC | KeyCode::KEY_KPMINUS | KeyCode::KEY_MINUS => Some(Key::Clear),
        KeyCode::KEY_ENTER | KeyCode::KEY_KPENTER => Some(Key::Enter),
        _ => None,
    })
}

/// Longer than between two keys of somebody who types.
const QUIET: Duration = Duration::from_secs(1);

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of these events, each given by milliseconds, key and value.
    fn keys(events: &[(u64, KeyCode, i32)]) -> Vec<Key> {
        let mut keypad = Keypad::default();
        let event = |&(at, key, value): &(u64, KeyCode, i32)| {
            let (kind, code) = match key {
                LOSS => (event::SYN, event::SYN_DROPPED),
                key => (event::KEY, key.code()),
            };
            keypad.feed(Event { at: Moment::from_millis(at), kind, code, value })
        };
        events.iter().filter_map(event).collect()
    }

    const LOSS: KeyCode = KeyCode(u16::MAX);

    #[test]
    fn keys_mean_what_is_engraved_on_them() {
        for (key, expected) in [
            (KeyCode::KEY_KP0, Some(Key::Digit(0))),
            (KeyCode::KEY_KP9, Some(Key::Digit(9))),
            (KeyCode::KEY_0, Some(Key::Digit(0))),
            (KeyCode::KEY_1, Some(Key::Digit(1))),
            (KeyCode::KEY_KPDOT, Some(Key::Point)),
            (KeyCode::KEY_DOT, Some(Key::Point)),
            (KeyCode::KEY_COMMA, Some(Key::Point)),
            (KeyCode::KEY_KPCOMMA, Some(Key::Point)),
            (KeyCode::KEY_BACKSPACE, Some(Key::Erase)),
            (KeyCode::KEY_ESC, Some(Key::Clear)),
            (KeyCode::KEY_KPMINUS, Some(Key::Clear)),
            (KeyCode::KEY_MINUS, Some(Key::Clear)),
            (KeyCode::KEY_ENTER, Some(Key::Enter)),
            (KeyCode::KEY_KPENTER, Some(Key::Enter)),
            (KeyCode::KEY_NUMLOCK, None),
            (KeyCode::KEY_KPPLUS, None),
            (KeyCode::KEY_A, None),
        ] {
            let expected = Vec::from_iter(expected);
            assert_eq!(keys(&[(0, key, 1), (1, key, 2), (2, key, 0)]), expected, "{key:?}");
        }
        let zero = KeyCode::KEY_KP0;
        let twice = keys(&[(0, zero, 1), (1, zero, 0), (2, zero, 1), (3, zero, 0)]);
        assert_eq!(twice, [Key::Digit(0), Key::Digit(0)], "a key 00");
    }

    #[test]
    fn a_loss_clears_and_what_is_left_of_the_amount_does_not_count() {
        let (four, enter) = (KeyCode::KEY_KP4, KeyCode::KEY_KPENTER);
        let typed = [
            (0, four, 1),
            (100, LOSS, 0),
            (100, four, 1),
            (900, enter, 1),
            (1899, four, 1),
            (2000, four, 0),
            (2899, four, 1),
            (2900, enter, 1),
        ];
        assert_eq!(keys(&typed), [Key::Digit(4), Key::Clear, Key::Digit(4), Key::Enter]);
    }
}
