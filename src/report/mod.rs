//! Tells people and programs what came of a sale: words for cashier and customer, and the shop's
//! own commands. Decides nothing about money, and never holds up whoever does (L5).
//!
//! | room | what it owns |
//! |---|---|
//! | [`document`] | a sale and its outcome as programs get them |
//! | [`text`] | the sentences people read, in three languages; the only place with such words |
//! | [`hooks`] | the configured commands, run for each announcement |
//!
//! The outbox of a counter is one function, `announce`: whoever keeps announcements over a restart
//! stands before [`Hooks::announce`] with the same one, and nothing else of the daemon changes.

mod document;
pub mod hooks;
pub mod text;

pub use self::document::{Message, OutcomeDocument, SaleDocument};
pub use self::hooks::{HookStatus, Hooks};
pub use self::text::{Language, Sentence};
