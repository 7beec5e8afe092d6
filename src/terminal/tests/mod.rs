//! Table tests of the rules about money, each a readable script through one [`check`].
//!
//! A script is a list of steps, separated by `;` or line ends:
//!
//! | step | meaning |
//! |---|---|
//! | `arm R 150.00` / `again R 150.00` | the till arms sale R / takes another code for it |
//! | `cancel R`, `check R`, `detach R`, `ack R` | the other commands |
//! | `refund R F 50.00`, `refund R F` | the shop gives 50.00 of sale R back, or all that is left; its refund F; `… as r5` under this name of ours instead of r1, r2 … |
//! | `ack R refund` | the late money was seen, and goes back |
//! | `scan A` … `scan D` | a WeChat code is scanned; any other word is scanned as it is; `scan @-6s A` long ago; `… as a5` as this attempt instead of a1, a2 … |
//! | `type 12.5`, `erase`, `clear`, `enter` | keys of the keypad; `enter as R` draws the name R instead of K1, K2 … |
//! | `hint C1`, `hint C1 again` | a webhook says that something happened to charge C1; repeated after a start |
//! | `damaged` | a reading was damaged on the way; `damaged long`, `damaged control`: how |
//! | `+2s`, `+500ms` | time passes; every deadline on the way fires |
//! | `late 2s` | time passes and no deadline fires, as on a machine that stood still |
//! | `< pending C1` | the oldest open request is answered; see [`replies::reply`] for the answers |
//! | `< get C1: pending C1` | the request that the trace calls `get C1` is answered |
//! | `stray paid C1` | an answer comes to a request that was never made |
//! | `warm …` | the connection that is kept warm is answered so from now on; `warm silent`: not at all |
//! | `warmed` | the newest request that keeps it warm is answered, however late |
//! | `auto …` | every open and later request is answered so, at once; `auto off` ends that |
//! | `…` | what was ordered so far is another test's business, and not compared |
//! | `crash` | the process dies; a new terminal is built from the records on disk |
//! | `crash after 2` | the process dies in a later step, as soon as it has carried out two more effects, and that step ends there; uses of the warm connection do not count |
//! | `status` | the operator looks: sales held, open attempts, uses of the warm connection, alerts, its problem |
//! | `key missing`, `alipay on`, `wechat off`, `limits 20 30`, `watch 60s 600s`, `hinted poll 10s 600s`, `late refund` | the configuration is read again |
//!
//! What the simulation finds is printed in these words: it plays scripts with this very driver.
//!
//! Whatever the script, [`driver::Driver`] checks after each effect: one create per attempt (S8),
//! nothing sent or shown before its record (D1, D2), one request in flight per attempt (L4), no
//! code in anything (P1).

#![allow(clippy::wildcard_enum_match_arm, reason = "a script looks for one kind of fact")]

mod answers;
mod comparable;
mod course;
mod driver;
mod entry;
mod hints;
mod lasting;
mod late_money;
mod numbers;
mod operator;
mod records;
mod refund_bounds;
mod refund_doubts;
mod refunds;
mod refused;
mod replies;
mod safety;
mod scans;
mod trace;
mod trust;
mod watch;
mod words;

use expect_test::Expect;

use super::*;
use crate::code::Wallet;
use crate::scanner;

/// Plays `script` and compares everything the terminal ordered, with the time it did.
#[track_caller]
fn check(script: &str, expect: &Expect) {
    expect.assert_eq(&driver::play(script));
}
