//! The table is in order, and finds what it lists and nothing near it.

use super::*;

#[test]
fn the_rows_are_in_order_and_their_patterns_name_products() {
    assert!(TABLE.is_sorted_by(|one, next| one.vendor < next.vendor));
    for row in &TABLE {
        assert!(!row.products.is_empty() && row.products.is_sorted(), "{row:?}");
        for pattern in row.products {
            let digits = pattern.bytes().filter(u8::is_ascii_hexdigit).count();
            let free = pattern.matches('?').count();
            assert!(digits >= 2 && digits + free == 4, "{pattern} is no product or half of one");
            assert_eq!(*pattern, pattern.to_lowercase(), "sysfs writes small letters");
        }
    }
}

#[test]
fn only_a_listed_vendor_and_product_is_a_scanner() {
    for (model, expected) in [
        ("1eab:8303", true),
        ("1eab:8306", true),
        ("1eab:0110", true),
        ("1eab:8301", false),
        ("0c2e:0b6a", true),
        ("0c2e:0007", false), // IBM SurePOS mode: nothing to read
        ("05e0:1701", true),
        ("05e0:1900", false), // SNAPI
        ("0416:c141", true),
        ("0416:c142", false),
        ("0627:0001", false), // QEMU's keyboard
        ("046d:c31c", false), // a keyboard
        ("0403:6001", false), // FTDI: any cable
    ] {
        assert_eq!(is_scanner(model.parse().unwrap()), expected, "{model}");
    }
    assert_eq!(maker(0x05e0), Some("Zebra (Symbol)"));
    assert_eq!(maker(0x0627), None);
}
