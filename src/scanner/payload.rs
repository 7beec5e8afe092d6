//! One reading of a scanner: its text, kept as the secret that it may be, and the kind of barcode
//! if known.

use std::fmt;

use zeroize::Zeroizing;

use crate::code::{self, Mask, Prefixes};

/// A scanned text. It may be a payment code: masked in `Debug`, wiped when dropped, and never
/// cloned (P1, P2).
pub struct Payload(Zeroizing<String>);

impl Payload {
    /// Keeps `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text for somebody who tests the scanner: of anything that a customer could pay with only
    /// its ends, whether this counter takes it or not (P1). `prefixes` are the configured ones.
    #[must_use]
    pub fn shown(&self, prefixes: &Prefixes) -> String {
        let secret = [prefixes, &Prefixes::default()]
            .into_iter()
            .any(|prefixes| code::classify(&self.0, prefixes).could_pay());
        if secret { self.to_string() } else { self.0.to_string() }
    }

    /// How many characters it has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The text itself, for classification and nothing else (P1).
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Mask(&self.0).fmt(formatter)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Payload({})", Mask(&self.0))
    }
}

/// The kind of barcode as an AIM symbology identifier: `]Q1` a QR code, `]C0` Code 128, `]E0`
/// EAN-13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symbology {
    letter: char,
    modifier: char,
}

impl Symbology {
    /// Takes the identifier off the beginning of a text: `]`, a letter, and a digit (A–F count,
    /// Aztec has `]zC`).
    pub(super) fn strip(text: &str) -> (Option<Self>, &str) {
        let mut characters = text.chars();
        let begin = (characters.next(), characters.next(), characters.next());
        let (Some(']'), Some(letter), Some(modifier)) = begin else {
            return (None, text);
        };
        if letter.is_ascii_alphabetic() && modifier.is_ascii_hexdigit() {
            return (Some(Self { letter, modifier }), characters.as_str());
        }
        (None, text)
    }
}

impl fmt::Display for Symbology {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "]{}{}", self.letter, self.modifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e16_p1_a_payload_shows_only_its_mask() {
        let payload = Payload::new("130991292552725093");
        assert_eq!(payload.to_string(), "13…93 len=18");
        assert_eq!(format!("{payload:?}"), "Payload(13…93 len=18)");
        assert_eq!(payload.expose(), "130991292552725093");
    }

    #[test]
    fn e16_a_test_shows_what_nobody_can_pay_with() {
        let shop = Prefixes::default();
        for (text, shown) in [
            ("130991292552725093", "13…93 len=18"),
            ("281234567890123456", "28…56 len=18"),
            ("6212345678901234567", "62…67 len=19"),
            ("991234567890123456", "991234567890123456"),
            ("8850006321034", "8850006321034"),
            ("TILLSCAN:CANCEL", "TILLSCAN:CANCEL"),
        ] {
            assert_eq!(Payload::new(text).shown(&shop), shown);
        }
    }

    #[test]
    fn an_aim_prefix_is_taken_off_and_reported() {
        for (text, symbology, rest) in [
            ("]Q113", Some("]Q1"), "13"),
            ("]C0", Some("]C0"), ""),
            ("]zC7", Some("]zC"), "7"),
            ("]d213", Some("]d2"), "13"),
            ("]1Q13", None, "]1Q13"),
            ("]Qx13", None, "]Qx13"),
            ("]Q", None, "]Q"),
            ("]ก1", None, "]ก1"),
            ("13]Q1", None, "13]Q1"),
            ("", None, ""),
        ] {
            let (found, stripped) = Symbology::strip(text);
            assert_eq!(
                (found.map(|found| found.to_string()).as_deref(), stripped),
                (symbology, rest)
            );
        }
    }
}
