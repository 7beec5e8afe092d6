//! Scanners in HID-POS mode: reports of the USB usage page for scanners, read from `hidraw`. The
//! reports say what kind of barcode it was, and know no keyboard layout.
//!
//! | part | what it owns |
//! |---|---|
//! | `report` | pure: reports to frames |
//! | `descriptor` | pure: what language a HID device speaks |
//! | `reader` | the thread that reads one device |

mod descriptor;
mod reader;
mod report;

pub use self::descriptor::{Speaks, speaks};
pub(super) use self::reader::visit;
pub use self::report::Assembler;
