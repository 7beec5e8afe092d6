//! Money that goes back, seen from outside: the real daemon, its hooks and its clients against the
//! sandbox, which tells the truth.
//!
//! | file | what it proves |
//! |---|---|
//! | `behaviours` | each way in which the sandbox gives money back, or does not, ends right |
//! | `orders` | what is asked for wrongly, twice, or at the same instant |
//! | `restarts` | killed or stopped at each step, the refund ends right and is made once |
//! | `late_money` | what becomes of money that came after "not paid" was told |

mod behaviours;
mod late_money;
mod orders;
mod restarts;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::{Counter, Finished, Gate, Process, Sandbox, until};

/// A counter with one sale, its gateway, and a gate between them.
struct Till {
    counter: Counter,
    gate: Gate,
    sandbox: Sandbox,
}

impl Till {
    fn open(speed: &str, keys: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::start(speed);
        let gate = Gate::open(sandbox.address());
        Self { counter: Counter::start(&gate.url(), keys), gate, sandbox }
    }

    /// Sells for 150.00 baht; the customer's code has these last two digits.
    #[track_caller]
    fn sell(&self, digits: u8) -> Finished {
        let sale = ["sale", "150.00", "--reference", SALE, "--wait", "--json"];
        let sale = self.counter.spawn(&sale);
        self.counter.until_sale(SALE, "state", "armed");
        self.counter.scan(digits);
        sale.finish()
    }

    /// The same, and it is paid and seen.
    #[track_caller]
    fn take_money(&self, digits: u8) {
        assert_eq!(self.sell(digits).code, Some(0));
        self.counter.until_told(SALE, &["paid"]);
        self.acknowledge();
    }

    #[track_caller]
    fn acknowledge(&self) {
        let acknowledged = self.counter.run(&["acknowledge", SALE, "--json"]);
        assert_eq!(acknowledged.code, Some(0), "{acknowledged:?}");
    }

    /// `tillscan refund` of the sale to its end: `options` are an amount, names, a reason.
    fn refund(&self, options: &[&str]) -> Finished {
        self.start_refund(options).finish()
    }

    fn start_refund(&self, options: &[&str]) -> Process {
        let mut arguments = vec!["refund", SALE, "--wait", "--json"];
        arguments.extend(options);
        self.counter.spawn(&arguments)
    }

    /// Asks for a refund over the API.
    #[track_caller]
    fn post(&self, body: &str) -> (u16, Value) {
        self.counter.ask("POST", &format!("/v1/sales/{SALE}/refunds"), body)
    }

    /// The sale's one charge, as it is at the gateway.
    #[track_caller]
    fn charge(&self) -> Value {
        let charges = self.sandbox.charges_of(SALE);
        assert_eq!(charges.len(), 1);
        charges[0].clone()
    }

    #[track_caller]
    fn until_given_back(&self, satang: i64) {
        until("the money given back", || (self.charge()["refunded"] == satang).then_some(()));
    }

    /// The counter and its clients agree with the gateway to the satang, before and after a
    /// restart: what counts as refunded was made, once, and nothing else of ours was (S9).
    #[track_caller]
    fn check_books(&mut self) {
        let shown = self.check_shown();
        let told = self.told_by_the_end();
        self.counter.run_daemon();
        assert_eq!(self.check_shown(), shown, "the journal tells the same");
        // What nobody has acknowledged is told again, and only that.
        let repeated = self.told_by_the_end().split_off(told.len());
        let unseen = |word: &String| word.ends_with('+');
        assert!(repeated.iter().all(unseen), "{repeated:?}");
        assert!(shown["acknowledged"] == false || repeated.is_empty(), "{repeated:?}");
        self.counter.run_daemon();
    }

    /// Ends the daemon in good order, which waits for the hooks.
    fn told_by_the_end(&mut self) -> Vec<String> {
        assert_eq!(self.counter.end_daemon(Signal::TERM).code(), Some(0), "SIGTERM");
        self.counter.told(SALE)
    }

    fn check_shown(&self) -> Value {
        let shown = self.counter.run(&["show", SALE, "--json"]).json();
        let charge = self.charge();
        assert_eq!(satang(&shown["refunded"]), charge["refunded"], "{shown:#}\n{charge:#}");
        let refunds = shown["refunds"].as_array().unwrap().iter();
        let made: Vec<&Value> =
            refunds.filter(|one| one["state"] == "refunded").map(|one| &one["id"]).collect();
        assert_eq!(json!(made), charge["refunded_as"], "{shown:#}");
        shown
    }
}

/// The refund that a client printed.
#[track_caller]
fn printed(refund: &Finished) -> Value {
    let sale = refund.json();
    let refunds = sale["refunds"].as_array().unwrap_or_else(|| panic!("{refund:?}"));
    assert_eq!(refunds.len(), 1, "the one that was asked for: {refund:?}");
    refunds[0].clone()
}

/// Baht as the documents have them.
fn satang(baht: &Value) -> i64 {
    let amount: tillscan::money::Amount = baht.as_str().unwrap().parse().unwrap();
    amount.satang()
}

const SALE: &str = "INV-1";
