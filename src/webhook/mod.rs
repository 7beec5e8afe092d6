//! The receiver of the gateway's webhooks.
//!
//! A webhook is a hint, never a fact: all it does is that its charge is read at once.
//!
//! | file | what it owns |
//! |---|---|
//! | [`signature`] | whether it is the gateway's own, pure |
//! | [`event`] | what it is about, pure |
//! | [`rate`] | how many are looked at, pure |
//! | [`tally`] | what became of them, and what is to be mended, pure |

pub mod event;
pub mod rate;
pub mod signature;
pub mod tally;

pub use event::{Event, EventId};
