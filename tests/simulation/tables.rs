//! The driver of the table tests (`src/terminal/tests`), file by file: what a world emits is played
//! by the very code that plays what is pasted there.

use std::panic::catch_unwind;
use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::code::Wallet;
use tillscan::scanner;
use tillscan::terminal::*;

use crate::script::Order;

#[path = "../../src/terminal/tests/driver.rs"]
mod driver;
#[path = "../../src/terminal/tests/replies.rs"]
mod replies;
#[path = "../../src/terminal/tests/trace.rs"]
mod trace;

use driver::play;
pub use replies::About;
pub use trace::{name, ordered, word};

/// Plays `script` and compares with what the terminal ordered in the world that it is of; behind a
/// broken rule, the world went no further.
///
/// # Errors
/// Where the two part.
pub fn paste(script: &[String], orders: &[Order], is_broken: bool) -> Result<(), String> {
    let played = catch_unwind(|| play(&script.join("\n"))).map_err(|panic| {
        let own = panic.downcast_ref::<String>().map(String::as_str);
        let text = own.or_else(|| panic.downcast_ref().copied()).unwrap_or("panics");
        format!("the driver stops: {text}")
    })?;
    let mut lines = played.lines();
    for (at, order) in orders {
        let line = lines.next().unwrap_or("nothing");
        if !same(line, *at, order) {
            let at = at.as_secs_f64();
            return Err(format!("in the world: {at:<9.3} {order}\nin the test:  {line}"));
        }
    }
    match lines.next().filter(|_| !is_broken) {
        Some(line) => Err(format!("in the world: nothing\nin the test:  {line}")),
        None => Ok(()),
    }
}

/// Whether the line of a trace says this. The world's timers fire at whole milliseconds; Opn's
/// names of refunds are not the driver's.
fn same(line: &str, at: Duration, order: &str) -> bool {
    let Some((time, said)) = line.split_once(' ') else { return false };
    let Ok(time) = time.parse::<f64>() else { return false };
    let unnamed = |line| str::split(line, " refunded as ").next().map(str::trim);
    (time - at.as_secs_f64()).abs() < 0.002 && unnamed(said) == unnamed(order)
}
