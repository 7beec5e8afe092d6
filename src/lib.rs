//! tillscan takes WeChat Pay at a shop's counter: a scanner reads the customer's payment code, the
//! daemon charges it at Opn Payments and reports what came of it.
//!
//! | room | what it owns |
//! |---|---|
//! | [`terminal`] | the counter as a value: every decision about money |
//! | [`daemon`] | the loop that owns the counter: select, handle, perform |
//! | [`gateway`] | the client of Opn Payments, and what its answers prove |
//! | [`journal`] | every record, on disk before anything follows from it |
//! | [`scanner`] | devices that read codes |
//! | [`api`] | the local HTTP API, and its client |
//! | [`webhook`] | the receiver of the gateway's webhooks |
//! | [`report`] | words for people, documents for programs, commands of the shop |
//! | [`cli`] | the command line, the demo among it |
//! | [`config`] | the file as written -> resolved settings; the secrets |
//! | [`money`], [`code`] | amounts in satang; payment codes and what a scan can be |
//! | [`clock`] | monotonic time |
//! | [`sandbox`] | Opn for tests and the demo: the pure model, and its HTTP face |

pub mod api;
pub mod cli;
pub mod clock;
pub mod code;
pub mod config;
pub mod daemon;
pub mod gateway;
pub mod journal;
pub mod money;
pub mod report;
pub mod sandbox;
pub mod scanner;
pub mod terminal;
pub mod webhook;
