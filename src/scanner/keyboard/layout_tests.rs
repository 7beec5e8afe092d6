//! The layouts: spot checks against the engraved keys, and what must be true of each table.

use std::collections::BTreeSet;

use super::*;

#[track_caller]
fn check(layout: Layout, code: u16, expected: [Option<char>; 3]) {
    let levels = [Level::Plain, Level::Shift, Level::AltGr];
    assert_eq!(levels.map(|level| layout.character(code, level)), expected, "{layout:?} {code}");
}

#[test]
fn keys_have_the_characters_that_are_engraved_on_them() {
    for (layout, code, expected) in [
        (Layout::Us, 2, [Some('1'), Some('!'), None]),
        (Layout::Us, 39, [Some(';'), Some(':'), None]),
        (Layout::Us, 53, [Some('/'), Some('?'), None]),
        (Layout::Us, 43, [Some('\\'), Some('|'), None]),
        (Layout::Us, 86, [None, None, None]),
        (Layout::Us, 57, [Some(' '), Some(' '), None]),
        (Layout::Us, 59, [None, None, None]),
        (Layout::Uk, 3, [Some('2'), Some('"'), None]),
        (Layout::Uk, 40, [Some('\''), Some('@'), None]),
        (Layout::Uk, 43, [Some('#'), Some('~'), None]),
        (Layout::Uk, 86, [Some('\\'), Some('|'), None]),
        (Layout::Uk, 5, [Some('4'), Some('$'), Some('€')]),
        (Layout::Fr, 2, [Some('&'), Some('1'), None]),
        (Layout::Fr, 11, [Some('à'), Some('0'), Some('@')]),
        (Layout::Fr, 9, [Some('_'), Some('8'), Some('\\')]),
        (Layout::Fr, 13, [Some('='), Some('+'), Some('}')]),
        (Layout::Fr, 16, [Some('a'), Some('A'), None]),
        (Layout::Fr, 26, [None, None, None]),
        (Layout::Fr, 39, [Some('m'), Some('M'), None]),
        (Layout::Fr, 52, [Some(':'), Some('/'), None]),
        (Layout::Be, 7, [Some('§'), Some('6'), Some('^')]),
        (Layout::Be, 13, [Some('-'), Some('_'), None]),
        (Layout::Be, 53, [Some('='), Some('+'), None]),
        (Layout::Be, 27, [Some('$'), Some('*'), Some(']')]),
        (Layout::De, 8, [Some('7'), Some('/'), Some('{')]),
        (Layout::De, 12, [Some('ß'), Some('?'), Some('\\')]),
        (Layout::De, 13, [None, None, None]),
        (Layout::De, 16, [Some('q'), Some('Q'), Some('@')]),
        (Layout::De, 21, [Some('z'), Some('Z'), None]),
        (Layout::De, 44, [Some('y'), Some('Y'), None]),
        (Layout::De, 53, [Some('-'), Some('_'), None]),
    ] {
        check(layout, code, expected);
    }
}

#[test]
fn every_layout_types_digits_letters_and_what_qr_codes_hold() {
    for layout in Layout::ALL {
        let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
        for character in letters.chain(" :/?&=%+-_.,;!'\"()*#$@".chars()) {
            assert!(layout.key(character).is_some(), "{layout:?} {character}");
        }
        for (digit, code) in "1234567890".chars().zip(2..) {
            assert_eq!(layout.key(digit).map(|(code, _)| code), Some(code), "{layout:?} {digit}");
        }
    }
}

/// A slip in a table is most likely a character that is in it twice, or a row that moved.
#[test]
fn no_layout_has_a_character_twice_or_a_row_that_is_too_long() {
    for layout in Layout::ALL {
        let mut seen = BTreeSet::new();
        for (row, codes) in layout.rows().iter().zip(ROWS) {
            for characters in [row.plain, row.shift, row.alt_gr] {
                assert!(characters.chars().count() <= codes.len(), "{layout:?} {characters}");
                for character in characters.chars().filter(|&character| character != NONE) {
                    assert!(seen.insert(character), "{layout:?} {character}");
                }
            }
            assert_eq!(row.plain.chars().count(), codes.len(), "{layout:?} {}", row.plain);
        }
    }
}

#[test]
fn e9_digits_of_another_country_are_rescued_only_as_a_whole() {
    for (layout, text, expected) in [
        (Layout::Us, "!@#$%^&*()", Some("1234567890")),
        (Layout::Us, "!#)((!@(@%%@&@%)(#", Some("130991292552725093")),
        (Layout::Us, "!#a", None),
        (Layout::Us, "!3", None),
        (Layout::Us, "_+", None),
        (Layout::Us, "", None),
        (Layout::Uk, "!\"£$%^&*()", Some("1234567890")),
        (Layout::De, "!\"§$%&/()=", Some("1234567890")),
        (Layout::Fr, "&é\"'(-è_çà", Some("1234567890")),
        (Layout::Fr, "&)", None),
        (Layout::Fr, "²&", None),
        (Layout::Fr, "130", None),
        (Layout::Be, "&é\"'(§è!çà", Some("1234567890")),
        (Layout::Be, "&-", None),
    ] {
        let digits = layout.rescued(text);
        assert_eq!(digits.as_deref().map(String::as_str), expected, "{layout:?} {text}");
    }
}

#[test]
fn layouts_are_written_by_their_country() {
    let names = Layout::ALL.map(|layout| serde_json::to_string(&layout).unwrap());
    assert_eq!(names, [r#""us""#, r#""uk""#, r#""fr""#, r#""be""#, r#""de""#]);
    assert_eq!(Layout::default(), Layout::Us);
}
