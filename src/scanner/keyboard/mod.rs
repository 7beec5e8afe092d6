//! Scanners that type what they read: a USB keyboard, of which every key is a part of a code.
//!
//! | part | what it owns |
//! |---|---|
//! | `event` | pure: one of the kernel's events |
//! | `decoder` | pure: key events to frames |
//! | `alt_code` | pure: characters typed as numbers while Alt is held |
//! | `layout` | pure: which character a key has |
//! | `device` | one open event node: exclusive, with the kernel's monotonic time stamps |
//! | `reader` | the thread that reads the nodes of one scanner |

mod alt_code;
mod decoder;
mod device;
pub(super) mod event;
mod layout;
mod reader;

pub use self::decoder::Decoder;
pub use self::event::Event;
pub use self::layout::Layout;
pub(super) use self::reader::visit;
