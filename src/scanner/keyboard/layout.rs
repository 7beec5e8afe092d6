//! Keyboard layouts: which character a key has, as data.
//!
//! A scanner presses the keys that would type its text on the layout that it is *set to*; what the
//! computer's own layout is does not matter here, because the keys are read below it.
//!
//! | layout | where it is written down |
//! |---|---|
//! | us | ANSI INCITS 154, the layout of the United States |
//! | uk | BS 4822, with the € of the keyboards sold since 1999 |
//! | fr | the traditional AZERTY that computers call "French", which NF Z71-300 of 2019 lists beside its new ones |
//! | be | the Belgian AZERTY that computers call "Belgian (Period)"; there is no standard behind it |
//! | de | DIN 2137, T1 |
//!
//! Characters that a computer makes of two keys (dead keys: `^` and `¨` of AZERTY, `´` of QWERTZ)
//! are absent: a text with one of them is refused, never guessed.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The layout that a scanner is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// United States, as nearly all scanners are delivered.
    #[default]
    Us,
    /// United Kingdom.
    Uk,
    /// France, AZERTY.
    Fr,
    /// Belgium, AZERTY.
    Be,
    /// Germany and Austria, QWERTZ.
    De,
}

/// Which of a key's characters is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Plain,
    Shift,
    AltGr,
}

impl Layout {
    /// Every layout.
    #[cfg(test)]
    pub const ALL: [Self; 5] = [Self::Us, Self::Uk, Self::Fr, Self::Be, Self::De];

    /// The character of a key, by its Linux code; nothing for a key that types none.
    pub(super) fn character(self, code: u16, level: Level) -> Option<char> {
        if code == SPACE {
            return (level != Level::AltGr).then_some(' ');
        }
        let (row, place) = self.rows().iter().zip(ROWS).find_map(|(row, codes)| {
            codes.iter().position(|&other| other == code).map(|place| (row, place))
        })?;
        let characters = match level {
            Level::Plain => row.plain,
            Level::Shift => row.shift,
            Level::AltGr => row.alt_gr,
        };
        characters.chars().nth(place).filter(|&character| character != NONE)
    }

    /// The digits that were meant by a text which consists of nothing but the *other* characters
    /// of the digit keys: the scanner is set to another country than the configuration says.
    ///
    /// - Configured us, uk or de, where digits are typed without Shift, and the scanner is set to
    ///   France or Belgium: it holds Shift for every digit, `!@#` arrive for `123`.
    /// - Configured fr or be, where digits are typed with Shift, and the scanner is set to a
    ///   layout that needs none: `&é"` arrive for `123`.
    ///
    /// No barcode holds such a text on purpose; one that also has a letter is left as it is.
    pub(super) fn rescued(self, text: &str) -> Option<Zeroizing<String>> {
        let [numbers, ..] = self.rows();
        let row = if numbers.plain.contains('1') { numbers.shift } else { numbers.plain };
        // A digit is never longer than what it stands for: there is one allocation, that is wiped.
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        for character in text.chars() {
            let keys = row.chars().zip(NUMBER_ROW_DIGITS.chars());
            let mut meant = keys.filter(|(other, digit)| *other == character && *digit != NONE);
            digits.push(meant.next()?.1);
        }
        (!digits.is_empty()).then_some(digits)
    }

    /// The key of a character, as a scanner set to this layout would press it.
    #[cfg(test)]
    pub(super) fn key(self, character: char) -> Option<(u16, Level)> {
        let levels = [Level::Plain, Level::Shift, Level::AltGr];
        let keys = levels.into_iter().flat_map(|level| (1..128).map(move |code| (code, level)));
        let mut fitting =
            keys.filter(|&(code, level)| self.character(code, level) == Some(character));
        fitting.next()
    }

    const fn rows(self) -> &'static [Row; 4] {
        match self {
            Self::Us => &US,
            Self::Uk => &UK,
            Self::Fr => &FR,
            Self::Be => &BE,
            Self::De => &DE,
        }
    }
}

/// The characters of one row of keys from left to right, in the order of [`ROWS`]. [`NONE`] stands
/// for a key without one, and so does everything behind the end.
struct Row {
    plain: &'static str,
    shift: &'static str,
    alt_gr: &'static str,
}

/// No key but the space bar types a space.
const NONE: char = ' ';

const SPACE: u16 = 57;

/// Linux key codes (input-event-codes.h), which count positions and not characters: the key left
/// of 1 and the digits; Q to ]; A to ' and the key left of or above Enter; the key right of the
/// left Shift, which American keyboards lack, and Z to /.
const ROWS: [&[u16]; 4] = [
    &[41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    &[16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
    &[30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43],
    &[86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53],
];

/// The digits of the first row's keys, on every layout here.
const NUMBER_ROW_DIGITS: &str = " 1234567890  ";

const US: [Row; 4] = [
    Row { plain: "`1234567890-=", shift: "~!@#$%^&*()_+", alt_gr: "" },
    Row { plain: "qwertyuiop[]", shift: "QWERTYUIOP{}", alt_gr: "" },
    Row { plain: r"asdfghjkl;'\", shift: r#"ASDFGHJKL:"|"#, alt_gr: "" },
    Row { plain: " zxcvbnm,./", shift: " ZXCVBNM<>?", alt_gr: "" },
];

const UK: [Row; 4] = [
    Row { plain: "`1234567890-=", shift: r#"¬!"£$%^&*()_+"#, alt_gr: "¦   €" },
    Row { plain: "qwertyuiop[]", shift: "QWERTYUIOP{}", alt_gr: "" },
    Row { plain: "asdfghjkl;'#", shift: "ASDFGHJKL:@~", alt_gr: "" },
    Row { plain: r"\zxcvbnm,./", shift: "|ZXCVBNM<>?", alt_gr: "" },
];

const FR: [Row; 4] = [
    Row { plain: r#"²&é"'(-è_çà)="#, shift: " 1234567890°+", alt_gr: r"   #{[| \^@]}" },
    Row { plain: "azertyuiop $", shift: "AZERTYUIOP £", alt_gr: "  €        ¤" },
    Row { plain: "qsdfghjklmù*", shift: "QSDFGHJKLM%µ", alt_gr: "" },
    Row { plain: "<wxcvbn,;:!", shift: ">WXCVBN?./§", alt_gr: "" },
];

const BE: [Row; 4] = [
    Row { plain: r#"²&é"'(§è!çà)-"#, shift: "³1234567890°_", alt_gr: " |@#  ^  {}" },
    Row { plain: "azertyuiop $", shift: "AZERTYUIOP *", alt_gr: "  €       []" },
    Row { plain: "qsdfghjklmùµ", shift: "QSDFGHJKLM%£", alt_gr: "" },
    Row { plain: "<wxcvbn,;:=", shift: ">WXCVBN?./+", alt_gr: r"\" },
];

const DE: [Row; 4] = [
    Row { plain: " 1234567890ß ", shift: r#"°!"§$%&/()=? "#, alt_gr: r"  ²³   {[]}\" },
    Row { plain: "qwertzuiopü+", shift: "QWERTZUIOPÜ*", alt_gr: "@ €        ~" },
    Row { plain: "asdfghjklöä#", shift: "ASDFGHJKLÖÄ'", alt_gr: "" },
    Row { plain: "<yxcvbnm,.-", shift: ">YXCVBNM;:_", alt_gr: "|      µ" },
];

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
