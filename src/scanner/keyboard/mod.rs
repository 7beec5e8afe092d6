//! Scanners that are USB keyboards and type what they read.
//!
//! | part | what it owns |
//! |---|---|
//! | `decoder` | pure: key events to frames |
//! | `alt_code` | pure: characters typed as numbers while Alt is held |
//! | `layout` | pure: which character a key has |

mod alt_code;
mod decoder;
mod layout;

pub use self::decoder::{Decoder, Event};
pub use self::layout::Layout;
