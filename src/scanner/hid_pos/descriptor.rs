//! What a HID device says it is: the usages of its top-level collections, read from its report
//! descriptor (sysfs has it, no device need be opened).
//!
//! A small parser of the items of "Device Class Definition for HID" 1.11, §6.2.2. It answers one
//! question and is total: whatever the bytes are, it ends, with what it understood by then.

/// What a collection is for: a usage and the page that gives it its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Usage {
    /// The usage page; from 0xFF00 on it is the maker's own.
    pub page: u16,
    /// The usage in it.
    pub usage: u16,
}

/// What a collection means for tillscan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A bar code scanner of the usage page made for them: HID-POS, which can be read.
    Scanner,
    /// A keyboard, or a scanner that types.
    Keyboard,
    /// A numeric keypad.
    Keypad,
    /// A page of the maker's own. A scanner that has nothing but this speaks IBM's SurePOS protocol
    /// ("USB OEM") or Zebra's SNAPI; neither is read, and it has to be set to another mode. Which
    /// of the two it is cannot be told by the page for certain.
    Vendor,
    /// Something else.
    Other,
}

impl Usage {
    /// What it means: "HID Usage Tables" 1.12 for keyboards and keypads, "HID Point of Sale Usage
    /// Tables" 1.02 for scanners.
    #[must_use]
    pub const fn role(self) -> Role {
        match (self.page, self.usage) {
            (0x8c, 0x02) => Role::Scanner,
            (0x01, 0x06) => Role::Keyboard,
            (0x01, 0x07) => Role::Keypad,
            (0xff00.., _) => Role::Vendor,
            _ => Role::Other,
        }
    }
}

/// The usages of a descriptor's top-level collections in their order, at most 16. A collection
/// whose usage is not told is left out.
#[must_use]
pub fn top_level(descriptor: &[u8]) -> Vec<Usage> {
    let mut found = Vec::new();
    let mut state = State::default();
    let mut rest = descriptor;
    while let Some((item, behind)) = Item::first(rest) {
        rest = behind;
        found.extend(state.take(&item));
        found.truncate(COLLECTIONS);
    }
    found
}

/// A short item; a long one has a kind of its own.
struct Item {
    /// The first byte without its size.
    kind: u8,
    data: u32,
    size: usize,
}

impl Item {
    /// The first item of the bytes, and what stands behind it; nothing where it is cut off.
    fn first(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&prefix, rest) = bytes.split_first()?;
        if prefix == LONG_ITEM {
            let (&size, rest) = rest.split_first()?;
            // Behind the size stands a tag; no long item has a meaning yet.
            let rest = rest.get(1 + usize::from(size)..)?;
            return Some((Self { kind: LONG_ITEM, data: 0, size: 0 }, rest));
        }
        let size = match prefix & 3 {
            3 => 4,
            size => usize::from(size),
        };
        let (bytes, rest) = rest.split_at_checked(size)?;
        let data = bytes.iter().rev().fold(0, |data, &byte| data << 8 | u32::from(byte));
        Some((Self { kind: prefix & !3, data, size }, rest))
    }
}

/// What the items up to here have set.
#[derive(Default)]
struct State {
    page: u16,
    /// Pages put aside by Push.
    pages: Vec<u16>,
    /// The first usage since the last main item, with its page where it says one itself.
    usage: Option<(Option<u16>, u16)>,
    /// How many collections are open.
    depth: usize,
}

impl State {
    /// Takes an item; its usage where it opens a top-level collection.
    fn take(&mut self, item: &Item) -> Option<Usage> {
        let [low, high] = [item.data & 0xffff, item.data >> 16].map(|half| half as u16);
        match item.kind {
            USAGE_PAGE => self.page = low,
            PUSH if self.pages.len() < PUSHED => self.pages.push(self.page),
            POP => self.page = self.pages.pop().unwrap_or(self.page),
            USAGE => {
                let page = (item.size == 4).then_some(high);
                self.usage = self.usage.or(Some((page, low)));
            }
            COLLECTION => {
                self.depth += 1;
                let (page, usage) = self.usage.take()?;
                let usage = Usage { page: page.unwrap_or(self.page), usage };
                return (self.depth == 1).then_some(usage);
            }
            END_COLLECTION => {
                self.depth = self.depth.saturating_sub(1);
                self.usage = None;
            }
            INPUT | OUTPUT | FEATURE => self.usage = None,
            _ => {}
        }
        None
    }
}

/// More collections than any device has that is plugged into a till, and more pages put aside.
const COLLECTIONS: usize = 16;
const PUSHED: usize = 16;

// The first byte of an item, its two bits for the size left out.
const INPUT: u8 = 0x80;
const OUTPUT: u8 = 0x90;
const COLLECTION: u8 = 0xa0;
const FEATURE: u8 = 0xb0;
const END_COLLECTION: u8 = 0xc0;
const USAGE_PAGE: u8 = 0x04;
const PUSH: u8 = 0xa4;
const POP: u8 = 0xb4;
const USAGE: u8 = 0x08;
const LONG_ITEM: u8 = 0xfe;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(descriptor: &[u8], expected: &[(u16, u16, Role)]) {
        let found = top_level(descriptor);
        let found: Vec<_> =
            found.iter().map(|usage| (usage.page, usage.usage, usage.role())).collect();
        assert_eq!(found, expected, "{descriptor:02x?}");
    }

    #[test]
    fn a_device_is_what_its_top_level_collections_say() {
        // A boot keyboard, as the specification prints it.
        let keyboard = b"\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\
            \x95\x08\x81\x02\x95\x01\x75\x08\x81\x01\xc0";
        check(keyboard, &[(0x01, 0x06, Role::Keyboard)]);
        // A scanner: a page of one byte, an inner collection with its own usage.
        let scanner = b"\x05\x8c\x09\x02\xa1\x01\x85\x02\x09\x12\xa1\x02\x75\x08\x95\x3f\x81\x02\
            \xc0\xc0";
        check(scanner, &[(0x8c, 0x02, Role::Scanner)]);
        check(
            &[&keyboard[..], scanner].concat(),
            &[(0x01, 0x06, Role::Keyboard), (0x8c, 0x02, Role::Scanner)],
        );
        check(b"\x05\x01\x09\x07\xa1\x01\xc0", &[(0x01, 0x07, Role::Keypad)]);
        check(b"\x05\x8c\x09\x01\xa1\x01\xc0", &[(0x8c, 0x01, Role::Other)]);
        check(b"\x06\x45\xff\x0a\x00\x4b\xa1\x01\xc0", &[(0xff45, 0x4b00, Role::Vendor)]);
        // A usage that brings its page; the first usage counts.
        check(b"\x0b\x02\x00\x8c\x00\x09\x06\xa1\x01\xc0", &[(0x8c, 0x02, Role::Scanner)]);
        // The page that counts is the one at the collection.
        check(b"\x09\x02\x05\x8c\xa1\x01\xc0", &[(0x8c, 0x02, Role::Scanner)]);
        check(b"\x05\x8c\xa4\x05\x01\xb4\x09\x02\xa1\x01\xc0", &[(0x8c, 0x02, Role::Scanner)]);
        // Long items are passed over, their contents as well.
        check(
            b"\xfe\x03\x00\x05\x01\x09\x05\x8c\x09\x02\xa1\x01\xc0",
            &[(0x8c, 0x02, Role::Scanner)],
        );
    }

    #[test]
    fn whatever_the_bytes_are_there_is_an_answer() {
        for nothing in
            [&b""[..], b"\xa1\x01", b"\x05\x8c\xa1\x01\xc0", b"\x09", b"\xfe", b"\xfe\x05\0"]
        {
            check(nothing, &[]);
        }
        check(b"\xb4\xb4\xc0\xc0\x05\x8c\x09\x02\xa1", &[]);
        check(b"\x05\x8c\x09\x02\xa1\x01\x09", &[(0x8c, 0x02, Role::Scanner)]);
        let many = b"\x05\x8c\x09\x02\xa1\x01\xc0".repeat(100);
        assert_eq!(top_level(&many).len(), 16);
        check(
            &[&[0xa4; 1000][..], b"\x05\x8c\x09\x02\xa0"].concat(),
            &[(0x8c, 0x02, Role::Scanner)],
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_bounded(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            prop_assert!(top_level(&bytes).len() <= COLLECTIONS);
        }
    }
}
