//! Tells people and programs what came of a sale: words for cashier and customer, and the shop's own commands.
//! Decides nothing about money, and never holds up whoever does (L5).
//!
//! | room | what it owns |
//! |---|---|
//! | [`text`] | the sentences people read, in three languages; the only place with such words |
//! | [`hooks`] | the configured commands, run for each announcement |
//!
//! The outbox of a counter is one function, `announce`: whoever keeps announcements over a restart stands before
//! [`Hooks::announce`] with the same one, and nothing else of the daemon changes.

pub mod hooks;
pub mod text;

pub use self::hooks::{HookDocument, HookSettings, HookStatus, Hooks};
pub use self::text::{Language, Sentence};
