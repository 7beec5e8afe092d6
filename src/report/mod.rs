//! Tells people what came of a sale: words for cashier and customer. Decides nothing about money.
//!
//! | room | what it owns |
//! |---|---|
//! | [`text`] | the sentences people read, in three languages; the only place with such words |

pub mod text;

pub use self::text::{Language, Sentence};
