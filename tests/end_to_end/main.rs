//! End-to-end tests against the real binary: what becomes of a sale, whatever the gateway does and
//! whenever the daemon is killed.
//!
//! | file | what it proves |
//! |---|---|
//! | `outcomes` | each of the sandbox's behaviours ends as the rules of payment ask |
//! | `restarts` | killed or stopped at any moment, a restart ends right |
//! | `webhooks` | webhooks are hints that are found at once, and nothing depends on them |
//! | `wishes` | cancel, check, detach, again |
//! | `refunds` | money goes back once or not at all, whatever the gateway does and whenever the daemon is killed |
//! | `rivals` | a second daemon is refused and disturbs nothing |
//! | `storm` | a hundred kills in streams of sales: gateways and journals agree to the satang |

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../harness/mod.rs"]
mod harness;
mod outcomes;
mod refunds;
mod restarts;
mod rivals;
mod storm;
mod webhooks;
mod wishes;
