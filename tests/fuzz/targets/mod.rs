//! What must hold for any bytes at all that come from outside: one function for each parser, for
//! libFuzzer as well as for the corpus in `cargo test`. A parser that panics has failed as well.
//!
//! | file | whose bytes |
//! |---|---|
//! | `scanner` | a scanner's |
//! | `gateway` | Opn's answers and its webhooks |
//! | `api` | a till's |
//! | `files` | the configuration's, the journal's; amounts, wherever somebody writes one |

#![allow(dead_code, reason = "each fuzzer calls one of them")]
#![allow(clippy::unwrap_used, reason = "a test")]

mod api;
mod files;
mod gateway;
mod scanner;

pub use api::api;
pub use files::{amounts, configuration, journal};
pub use gateway::{answers, lookups, refunds, retry_after, webhooks};
pub use scanner::{aim, descriptors, keys, reports, scans, serial};

/// What must hold for any bytes, or it panics.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 15] = [
    ("aim", aim),
    ("amounts", amounts),
    ("answers", answers),
    ("api", api),
    ("configuration", configuration),
    ("descriptors", descriptors),
    ("journal", journal),
    ("keys", keys),
    ("lookups", lookups),
    ("refunds", refunds),
    ("reports", reports),
    ("retry_after", retry_after),
    ("scans", scans),
    ("serial", serial),
    ("webhooks", webhooks),
];
