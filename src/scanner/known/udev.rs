//! The udev rules of the package, written from the table: `UPDATE_EXPECT=1 cargo test udev`.

use std::fmt::Write;

use expect_test::expect_file;

use super::{Row, TABLE};

const HEAD: &str = r#"# Barcode scanners for tillscan. Made from src/scanner/known.rs by its tests; do not edit.
#
# Gives the nodes of scanners, and of nothing else, to the group tillscan, and keeps others away
# from them: the desktop (libinput) and ModemManager, which would send AT commands to a scanner.
#
# A scanner that is not listed gets the same by a line like these in a file that sorts before this
# one, /etc/udev/rules.d/59-tillscan-local.rules; `tillscan devices` prints it.

ACTION=="remove", GOTO="tillscan_end"
SUBSYSTEM!="input|hidraw|tty", GOTO="tillscan_end"

"#;

const TAIL: &str = r#"
ENV{TILLSCAN_SCANNER}!="1", GOTO="tillscan_end"

SUBSYSTEM=="input", ENV{LIBINPUT_IGNORE_DEVICE}="1"
SUBSYSTEM=="input", KERNEL=="event*", GROUP="tillscan", MODE="0660"
SUBSYSTEM=="hidraw", GROUP="tillscan", MODE="0660"
SUBSYSTEM=="tty", GROUP="tillscan", MODE="0660", ENV{ID_MM_DEVICE_IGNORE}="1", ENV{ID_MM_PORT_IGNORE}="1"

LABEL="tillscan_end"
"#;

fn rules() -> String {
    let mut text = HEAD.to_owned();
    for Row { vendor, maker, products } in &TABLE {
        let products = products.join("|");
        writeln!(
            text,
            "# {maker}\nSUBSYSTEMS==\"usb\", ATTRS{{idVendor}}==\"{vendor:04x}\", \
             ATTRS{{idProduct}}==\"{products}\", ENV{{TILLSCAN_SCANNER}}=\"1\""
        )
        .unwrap();
    }
    text + TAIL
}

#[test]
fn the_rules_of_the_package_are_those_of_the_table() {
    expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/udev/60-tillscan.rules")]
        .assert_eq(&rules());
}
