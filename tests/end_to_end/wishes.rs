//! What people want of a sale while it is under way: cancel, check, detach, and another try.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Call, Counter, Finished, Gate, Hold, Process, Sandbox, in_parallel, until};

type Scene = (&'static str, fn());

const SCENES: &[Scene] = &[
    ("cancelled before the scan", cancelled_before_the_scan),
    ("cancelled by a barcode", cancelled_by_a_barcode),
    ("a cancel waits for the charge's age", a_cancel_waits),
    ("a cancel closes an older charge at once", a_cancel_closes_an_older_charge),
    ("paid while a cancel waits", paid_while_a_cancel_waits),
    ("a cancel loses the race against the payment", a_cancel_loses_the_race),
    ("a check reads at once", a_check_reads_at_once),
    ("detached, the terminal is free", detached_the_terminal_is_free),
    ("declined, another code", declined_then_another_code),
    ("late money disarms", late_money_disarms),
];

#[test]
fn every_wish_ends_as_the_rules_ask() {
    in_parallel(SCENES, |(name, _)| (*name).to_owned(), |(_, play)| play());
}

fn cancelled_before_the_scan() {
    let stage = Stage::set("10", &[]);
    let sale = stage.arm(&[]);
    let cancelled = stage.counter.run(&["cancel", REFERENCE, "--json"]);
    assert_eq!((cancelled.code, &cancelled.json()["outcome"]), (Some(0), &json!("cancelled")));
    stage.check_end(sale, 12, "cancelled", &["cancelled"], 0);
    assert_eq!(stage.sandbox.requests("create"), 0);
    // Nothing is armed any more: the customer's code is refused.
    stage.counter.scan(0);
    until("the refusal", || (stage.counter.status()["scans"]["nothing_armed"] == 1).then_some(()));
    assert_eq!(stage.sandbox.requests("create"), 0);
}

fn cancelled_by_a_barcode() {
    let stage = Stage::set("10", &[]);
    let sale = stage.arm(&[]);
    stage.counter.scan_text("TILLSCAN:CANCEL");
    stage.check_end(sale, 12, "cancelled", &["cancelled"], 0);
}

fn a_cancel_waits() {
    let stage = Stage::set("10", &[LONG_DEADLINE, ("payment.cancel_not_before", "1200ms")]);
    let sale = stage.arm(&[]);
    let scanned = Instant::now();
    stage.scan_pending(6);
    stage.cancel_screen("cancel_waits");
    let reads = stage.charge()["reads"].as_u64();
    until("polls that go on", || (stage.charge()["reads"].as_u64() > reads).then_some(()));
    stage.check_end(sale, 12, "cancelled", &["cancelled"], 0);
    assert!(scanned.elapsed() >= Duration::from_millis(1_200), "WeChat refuses to revoke so early");
    let charge = stage.charge();
    assert_eq!((&charge["status"], &charge["expire_calls"]), (&json!("expired"), &json!(1)));
}

fn a_cancel_closes_an_older_charge() {
    let stage = Stage::set("10", &[LONG_DEADLINE, ("payment.cancel_not_before", "100ms")]);
    let sale = stage.arm(&[]);
    stage.scan_pending(6);
    // Polls are at least 50 ms apart.
    until("four polls", || (stage.charge()["reads"].as_u64() >= Some(4)).then_some(()));
    let cancelled = Instant::now();
    stage.counter.run(&["cancel", REFERENCE, "--json"]);
    stage.check_end(sale, 12, "cancelled", &["cancelled"], 0);
    assert!(cancelled.elapsed() < Duration::from_secs(8), "it was closed by the deadline");
    let charge = stage.charge();
    assert_eq!((&charge["status"], &charge["expire_calls"]), (&json!("expired"), &json!(1)));
}

fn paid_while_a_cancel_waits() {
    let stage = Stage::set("10", &[LONG_DEADLINE, ("payment.cancel_not_before", "8s")]);
    let sale = stage.arm(&[]);
    // Paid after 2 s.
    stage.scan_pending(4);
    stage.cancel_screen("cancel_waits");
    stage.check_end(sale, 0, "paid", &["paid"], AMOUNT);
    assert_eq!(stage.charge()["expire_calls"], 0);
}

fn a_cancel_loses_the_race() {
    let stage = Stage::set("10", &[LONG_DEADLINE]);
    let sale = stage.arm(&[]);
    stage.scan_pending(30);
    stage.counter.run(&["cancel", REFERENCE, "--json"]);
    stage.check_end(sale, 0, "paid", &["paid"], AMOUNT);
    // A sale that is paid cannot be cancelled.
    let cancelled = stage.counter.run(&["cancel", REFERENCE, "--json"]);
    let code = &cancelled.json()["error"]["code"];
    assert_eq!((cancelled.code, code), (Some(30), &json!("closed")));
}

fn a_check_reads_at_once() {
    let keys = [("payment.poll_first", "60s"), ("payment.deadline", "60s")];
    let stage = Stage::set("10", &keys);
    let sale = stage.arm(&[]);
    stage.scan_pending(0);
    until("the payment", || (stage.charge()["status"] == "successful").then_some(()));
    assert_eq!(stage.counter.sale(REFERENCE)["outcome"], Value::Null, "the next poll is far away");
    let checked = stage.counter.run(&["check", REFERENCE, "--json"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    stage.check_end(sale, 0, "paid", &["paid"], AMOUNT);
    assert_eq!(stage.charge()["reads"], 1);
}

fn detached_the_terminal_is_free() {
    let stage = Stage::set("10", &[]);
    let sale = stage.arm(&[]);
    stage.scan_pending(3);
    let early = stage.counter.run(&["detach", REFERENCE, "--json"]);
    let code = &early.json()["error"]["code"];
    assert_eq!((early.code, code), (Some(30), &json!("not_in_trouble")), "cancel it instead");
    stage.gate.hold(Call::Read, Hold::Request);
    stage.counter.until_told(REFERENCE, &["unknown"]);
    let next = ["sale", "20.00", "--reference", "INV-2", "--wait", "--json"];
    assert_eq!(stage.counter.run(&next).code, Some(30), "the terminal is busy");
    assert_eq!(stage.counter.run(&["detach", REFERENCE, "--json"]).code, Some(0));
    let sale = sale.finish();
    assert_eq!((sale.code, &sale.json()["outcome"]), (Some(20), &json!("unknown")), "{sale:?}");

    // The next customer pays; the former sale keeps resolving, and is told when it is known.
    let next = stage.counter.spawn(&next);
    stage.counter.until_sale("INV-2", "state", "armed");
    stage.gate.release();
    stage.counter.scan(0);
    assert_eq!(next.finish().code, Some(0));
    stage.counter.until_told("INV-2", &["paid"]);
    stage.counter.until_told(REFERENCE, &["unknown", "resolved"]);
    let status = stage.counter.status();
    assert_eq!(
        status["screen"]["sale"]["reference"], "INV-2",
        "the counter is the next customer's"
    );
    let alert = &status["alerts"][0];
    assert_eq!((&alert["reference"], &alert["outcome"]), (&json!(REFERENCE), &json!("paid")));
    assert_eq!(stage.counter.run(&["acknowledge", REFERENCE]).code, Some(0));
    assert_eq!(stage.counter.status()["alerts"], json!([]));
}

fn declined_then_another_code() {
    let stage = Stage::set("10", &[]);
    let sale = stage.arm(&[]);
    stage.counter.scan(10);
    stage.check_end(sale, 10, "declined", &["declined"], 0);
    let same = stage.counter.run(&["sale", "150.00", "--reference", REFERENCE, "--json"]);
    assert_eq!((same.code, &same.json()["attempts"]), (Some(10), &json!(1)), "only asked about");

    let sale = stage.arm(&["--again"]);
    stage.counter.scan(0);
    let sale = stage.check_end(sale, 0, "paid", &["declined", "paid"], AMOUNT);
    assert_eq!(sale.json()["attempts"], 2);
    assert_eq!(stage.sandbox.creates().len(), 2, "each attempt has a name of its own");

    // S7: paid is paid, whoever asks.
    let again = ["sale", "150.00", "--reference", REFERENCE, "--again", "--wait", "--json"];
    assert_eq!(stage.counter.run(&again).code, Some(0));
    stage.counter.scan(0);
    until("the refusal", || (stage.counter.status()["scans"]["already_paid"] == 1).then_some(()));
    assert_eq!(stage.sandbox.requests("create"), 2);
    let other = stage.counter.run(&["sale", "151.00", "--reference", REFERENCE, "--json"]);
    let code = &other.json()["error"]["code"];
    assert_eq!((other.code, code), (Some(30), &json!("amount_differs")));
}

/// S2: the sale waits for another code when the money of the former one comes.
fn late_money_disarms() {
    let stage = Stage::set("10", &[("payment.watch", r#"["1500ms"]"#)]);
    let sale = stage.arm(&[]);
    stage.counter.scan(32);
    assert_eq!(sale.finish().code, Some(10));
    stage.counter.until_told(REFERENCE, &["declined"]);
    let sale = stage.arm(&["--again"]);
    let told = ["declined", "late_success"];
    let sale = stage.check_end(sale, 10, "declined", &told, AMOUNT);
    assert_eq!(sale.json()["late_success"], true);
    stage.counter.scan(0);
    until("the refusal", || (stage.counter.status()["scans"]["nothing_armed"] == 1).then_some(()));
    assert_eq!(stage.counter.run(&["acknowledge", REFERENCE]).code, Some(0));
    let again = ["sale", "150.00", "--reference", REFERENCE, "--again", "--json"];
    let again = stage.counter.run(&again);
    let code = &again.json()["error"]["code"];
    assert_eq!((again.code, code), (Some(30), &json!("paid_late")));
    assert_eq!(stage.sandbox.requests("create"), 1);
}

/// A counter, its gateway, and a gate between them.
struct Stage {
    counter: Counter,
    gate: Gate,
    sandbox: Sandbox,
}

impl Stage {
    fn set(speed: &str, keys: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::start(speed);
        let gate = Gate::open(sandbox.address());
        Self { counter: Counter::start(&gate.url(), keys), gate, sandbox }
    }

    /// Arms the sale and waits until the scanner may be used.
    fn arm(&self, options: &[&str]) -> Process {
        let mut arguments = vec!["sale", "150.00", "--reference", REFERENCE, "--wait", "--json"];
        arguments.extend(options);
        let sale = self.counter.spawn(&arguments);
        self.counter.until_sale(REFERENCE, "state", "armed");
        sale
    }

    fn scan_pending(&self, digits: u8) {
        self.counter.scan(digits);
        self.counter.until_sale(REFERENCE, "state", "awaiting_customer");
    }

    fn cancel_screen(&self, screen: &str) {
        let cancelled = self.counter.run(&["cancel", REFERENCE, "--json"]);
        assert_eq!((cancelled.code, &cancelled.json()["outcome"]), (Some(0), &Value::Null));
        assert_eq!(self.counter.status()["screen"]["screen"], screen);
    }

    fn charge(&self) -> Value {
        self.sandbox.charges_of(REFERENCE).into_iter().next().unwrap()
    }

    fn check_end(
        &self,
        sale: Process,
        code: i32,
        outcome: &str,
        told: &[&str],
        money: i64,
    ) -> Finished {
        let sale = sale.finish();
        assert_eq!((sale.code, &sale.json()["outcome"]), (Some(code), &json!(outcome)), "{sale:?}");
        self.counter.until_told(REFERENCE, told);
        let charges = self.sandbox.charges_of(REFERENCE);
        let moved: i64 = charges.iter().map(|charge| charge["money_moved"].as_i64().unwrap()).sum();
        assert_eq!(moved, money);
        sale
    }
}

const REFERENCE: &str = "INV-1";
const AMOUNT: i64 = 15_000;
/// Longer than any of these sales takes, so that the deadline is not what closes them.
const LONG_DEADLINE: (&str, &str) = ("payment.deadline", "10s");
