//! Scanners of the USB usage page for bar code scanners (HID-POS, "HID Point of Sale Usage Tables"
//! 1.02), read from `hidraw`: no layout, no lost keys, and the kind of barcode comes with every
//! reading.
//!
//! | part | what it owns |
//! |---|---|
//! | `report` | pure: reports to frames |
//! | `descriptor` | pure: what a HID device says it is |
//! | `reader` | the thread that reads one device |

mod descriptor;
mod reader;
mod report;

pub use self::descriptor::{Role, Usage, top_level};
pub(super) use self::reader::visit;
pub use self::report::Assembler;
