//! End-to-end tests against the real binary: what becomes of a sale, whatever the gateway does and whenever the
//! daemon is killed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../harness/mod.rs"]
mod harness;

use harness::{Counter, Sandbox};

#[test]
fn smoke() {
    let sandbox = Sandbox::start("40");
    let counter = Counter::start(&sandbox.url(), &[]);
    let sale = counter.spawn(&["sale", "150.00", "--reference", "INV-1", "--wait", "--json"]);
    counter.until_sale("INV-1", "state", "armed");
    counter.scan(0);
    let sale = sale.finish();
    assert_eq!(sale.code, Some(0), "{sale:?}");
    assert_eq!(sale.json()["outcome"], "paid");
    counter.until_told("INV-1", &["paid"]);
    assert_eq!(sandbox.charges_of("INV-1").len(), 1);
}
