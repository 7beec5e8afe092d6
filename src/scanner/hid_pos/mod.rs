//! Scanners of the USB usage page for bar code scanners (HID-POS, "HID Point of Sale Usage Tables"
//! 1.02): no layout, no lost keys, and the kind of barcode comes with every reading.
//!
//! | part | what it owns |
//! |---|---|
//! | `report` | pure: reports to frames |
//! | `descriptor` | pure: what a HID device says it is |

mod descriptor;
mod report;

pub use self::descriptor::{Role, Usage, top_level};
pub use self::report::Assembler;
