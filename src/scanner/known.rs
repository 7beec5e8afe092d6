//! The USB devices that are known to be barcode scanners and nothing else.
//!
//! One table for detection and for the udev rules, which a test writes from it. Each row is a
//! vendor *with* products: chip makers' numbers (0416, 04b4, 0483, 1a86, 0403) stand for many
//! things, and a maker of scanners may make a keypad tomorrow. A device that is missing here is
//! configured by hand (`tillscan devices` prints the lines), and is welcome as a row.
//!
//! Sources: usb.ids of 2025-07-26, where a row's products are named as barcode scanners; the
//! makers' manuals and the public device lists that scanner-facts.md §A and §D name.

use super::Model;

/// One maker's scanners.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The USB vendor number.
    pub vendor: u16,
    /// The maker, for people.
    pub maker: &'static str,
    /// Product numbers as four hexadecimal digits each; `?` stands for any one digit.
    pub products: &'static [&'static str],
}

/// Every row, in the order of the vendor numbers.
pub const TABLE: [Row; 19] = [
    // 0139 and 1d24 are named barcode scanners; HP's other numbers are everything else.
    Row { vendor: 0x03f0, maker: "HP", products: &["0139", "1d24"] },
    Row { vendor: 0x040b, maker: "Weltrend", products: &["6510"] },
    Row { vendor: 0x0416, maker: "a maker on a Winbond chip", products: &["c141"] },
    Row { vendor: 0x04b4, maker: "a maker on a Cypress chip", products: &["bca1", "de61", "de64"] },
    Row { vendor: 0x0536, maker: "Honeywell (Hand Held Products)", products: &["01ca"] },
    Row { vendor: 0x0581, maker: "Tera", products: &["0107", "0115", "011c", "020c"] },
    Row { vendor: 0x05e0, maker: "Zebra (Symbol)", products: &["1200", "1701", "1a00"] },
    Row {
        vendor: 0x05f9,
        maker: "Datalogic (PSC)",
        // Keyboard and RS-232 emulation; OEM and configuration modes cannot be read.
        products: &["1104", "120c", "2202", "2206", "220c", "2601", "2602", "4204"],
    },
    Row { vendor: 0x065a, maker: "Opticon", products: &["0001", "0009"] },
    Row { vendor: 0x067e, maker: "Intermec", products: &["0801", "0803", "0805"] },
    Row { vendor: 0x080c, maker: "Datalogic", products: &["0300", "0400", "0500", "0600"] },
    Row {
        vendor: 0x0c2e,
        maker: "Honeywell (Metrologic)",
        // The last digit is the mode: 1 keyboard, 7 HID-POS, a serial, as in 0b61 and 0b6a.
        products: &[
            "0200", "0204", "0206", "0700", "0720", "090?", "0a6?", "0b0?", "0b6?", "0b8?", "0ca?",
            "0cc?", "0cd?",
        ],
    },
    Row { vendor: 0x0db5, maker: "Access-IS", products: &["0139", "013a", "013b"] },
    Row { vendor: 0x13ba, maker: "PCPlay", products: &["0018"] },
    Row {
        vendor: 0x1eab,
        maker: "Newland",
        // The last two digits are the mode: 03 keyboard, 06 serial, 10 HID-POS.
        products: &["??03", "??06", "??10"],
    },
    Row { vendor: 0x1fbb, maker: "Cino", products: &["3850"] },
    Row { vendor: 0x24ae, maker: "Meva", products: &["0197"] },
    Row { vendor: 0x24ea, maker: "Meva", products: &["0197"] },
    Row { vendor: 0x27dd, maker: "Mindeo", products: &["0002"] },
];

/// Whether a model is known to be a barcode scanner.
#[must_use]
pub fn is_scanner(model: Model) -> bool {
    let product = format!("{:04x}", model.product);
    let rows = TABLE.iter().filter(|row| row.vendor == model.vendor);
    rows.flat_map(|row| row.products).any(|pattern| is_like(pattern, &product))
}

/// The maker of scanners whose number this is, for a hint; never to decide by.
#[must_use]
pub fn maker(vendor: u16) -> Option<&'static str> {
    TABLE.iter().find(|row| row.vendor == vendor).map(|row| row.maker)
}

fn is_like(pattern: &str, product: &str) -> bool {
    let digits = || pattern.chars().zip(product.chars());
    pattern.len() == product.len() && digits().all(|(one, other)| one == '?' || one == other)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod udev;
