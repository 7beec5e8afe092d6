//! The local API: HTTP with JSON over a Unix socket, for tills, pages and the command line. It
//! parses, asks the [`desk`], and answers; it decides nothing about money.

pub(crate) mod body;
pub mod client;
pub mod desk;
pub mod document;
mod events;
pub mod listen;
mod routes;

pub use client::{Client, ClientError};
pub use desk::{Call, CallError, Desk, DeskInside};
pub use routes::router;
