//! Characters typed as numbers: Alt held, digits of the keypad, Alt released. Scanners set to "ALT
//! mode" type so to be independent of the layout.

use super::super::Poison;

/// The number while Alt is held.
#[derive(Clone, Copy, Default)]
pub(super) enum AltCode {
    /// No digit yet.
    #[default]
    None,
    /// Digits came: a part of a code, never printed (P1).
    Digits {
        /// What they make so far; stays at its largest once it is too large.
        value: u16,
        /// The first was a zero: of Windows' code page instead of the old one of DOS.
        windows: bool,
    },
    /// Digits came and then the end of a frame: whatever follows is the rest of something torn.
    Torn,
}

impl AltCode {
    /// One more digit, 0 to 9.
    pub fn digit(&mut self, digit: u16) {
        *self = match *self {
            Self::None => Self::Digits { value: digit, windows: digit == 0 },
            Self::Digits { value, windows } => {
                Self::Digits { value: value.saturating_mul(10).saturating_add(digit), windows }
            }
            Self::Torn => Self::Torn,
        }
    }

    /// Whether digits wait for Alt to be released.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Digits { .. })
    }
}

/// The character that a finished number stands for.
///
/// # Errors
/// [`Poison::ControlCharacter`] for one of those, and for the numbers that a code page leaves
/// unused; [`Poison::UnknownKey`] above 255, where systems differ.
pub(super) fn character(value: u16, windows: bool) -> Result<char, Poison> {
    let byte = u8::try_from(value).map_err(|_| Poison::UnknownKey)?;
    let found = match byte {
        0x00..0x20 | 0x7f => None,
        0x20..0x7f => Some(char::from(byte)),
        0xa0.. if windows => Some(char::from(byte)),
        0x80.. => {
            let upper = if windows { WINDOWS_1252 } else { CODE_PAGE_437 };
            upper.chars().nth(usize::from(byte) - 0x80)
        }
    };
    found.filter(|character| !character.is_control()).ok_or(Poison::ControlCharacter)
}

/// 0x80 to 0x9F of Windows-1252, from the table that Microsoft gave to the Unicode Consortium
/// (CP1252.TXT); the five that are not in use are U+0000 here. From 0xA0 on it is Latin-1.
const WINDOWS_1252: &str = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

/// 0x80 to 0xFF of code page 437, from the same collection (CP437.TXT).
const CODE_PAGE_437: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e9_a_number_is_a_character_of_its_code_page() {
        for (value, windows, expected) in [
            (65, false, Ok('A')),
            (65, true, Ok('A')),
            (49, false, Ok('1')),
            (32, false, Ok(' ')),
            (126, true, Ok('~')),
            (128, false, Ok('Ç')),
            (130, false, Ok('é')),
            (225, false, Ok('ß')),
            (255, false, Ok('\u{a0}')),
            (128, true, Ok('€')),
            (233, true, Ok('é')),
            (255, true, Ok('ÿ')),
            (159, true, Ok('Ÿ')),
            (0, true, Err(Poison::ControlCharacter)),
            (13, false, Err(Poison::ControlCharacter)),
            (27, true, Err(Poison::ControlCharacter)),
            (127, false, Err(Poison::ControlCharacter)),
            (129, true, Err(Poison::ControlCharacter)),
            (157, true, Err(Poison::ControlCharacter)),
            (256, false, Err(Poison::UnknownKey)),
            (u16::MAX, true, Err(Poison::UnknownKey)),
        ] {
            assert_eq!(character(value, windows), expected, "{value} {windows}");
        }
        assert_eq!(CODE_PAGE_437.chars().count(), 128);
        assert_eq!(WINDOWS_1252.chars().count(), 32);
    }
}
