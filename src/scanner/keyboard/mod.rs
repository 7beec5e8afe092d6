//! Scanners that are USB keyboards and type what they read.
//!
//! | part | what it owns |
//! |---|---|
//! | `decoder` | pure: key events to frames |
//! | `event` | pure: one of the kernel's events |
//! | `alt_code` | pure: characters typed as numbers while Alt is held |
//! | `layout` | pure: which character a key has |

mod alt_code;
mod decoder;
pub(super) mod event;
mod layout;

pub use self::decoder::Decoder;
pub use self::event::Event;
pub use self::layout::Layout;
