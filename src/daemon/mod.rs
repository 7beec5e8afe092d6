//! The daemon: one task owns the counter and loops over *select, handle, perform*. It waits for
//! whatever happens first, hands it to the [`Terminal`](crate::terminal::Terminal), and carries out
//! what that orders, in order. There is no decision about money in here; there is every effect.
//!
//! | file | what it does |
//! |---|---|
//! | [`setup`] | from settings to running parts: journal, gateway, scanners, hooks, API |
//! | [`outside`] | what the loop reaches the world by |
//! | [`counter`] | the loop |
//! | [`perform`] | one effect each |
//! | [`hint`] | what the gateway says by webhook |
//! | [`reload`] | SIGHUP: the configuration checked, then applied |
//! | [`service`] | signals, systemd: ready, status, watchdog |

mod counter;
mod hint;
mod outside;
mod perform;
mod policy;
mod reload;
pub mod service;
mod setup;
mod status;

#[cfg(test)]
mod tests;

pub use counter::{Counter, Loaded, Reload};
pub use outside::{Append, Connect, Draw, Outside, Receive};
pub use service::Signal;
pub use setup::{Setup, assemble, run};
