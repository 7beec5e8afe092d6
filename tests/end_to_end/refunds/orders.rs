//! Refunds that are asked for wrongly, twice, or at the same instant.

use std::sync::Barrier;
use std::thread;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{SALE, Till, printed};
use crate::harness::{Call, Hold, until};

/// Bodies that are refused, with the status and the code of the answer.
const BODIES: &[(&str, u16, &str)] = &[
    ("", 400, "bad_body"),
    ("{", 400, "bad_body"),
    ("[]", 400, "bad_body"),
    (r#"["R", "50.00"]"#, 400, "bad_body"),
    (r#"{"amount": "50.00"}"#, 400, "bad_body"),
    (r#"{"refund": 1}"#, 400, "bad_body"),
    (r#"{"refund": "R", "amount": 50}"#, 400, "bad_body"),
    (r#"{"refund": "R", "amont": "50.00"}"#, 400, "bad_body"),
    (r#"{"refund": "R", "reason": 7}"#, 400, "bad_body"),
    (r#"{"refund": ""}"#, 400, "bad_refund"),
    (r#"{"refund": "R\n"}"#, 400, "bad_refund"),
    (
        r#"{"refund": "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR"}"#,
        400,
        "bad_refund",
    ),
    (r#"{"refund": "R", "amount": "x"}"#, 422, "bad_amount"),
    (r#"{"refund": "R", "amount": "-1.00"}"#, 422, "bad_amount"),
    (r#"{"refund": "R", "amount": "1.001"}"#, 422, "bad_amount"),
    (r#"{"refund": "R", "amount": "5e1"}"#, 422, "bad_amount"),
    (r#"{"refund": "R", "reason": "a\u0007b"}"#, 422, "bad_reason"),
    (r#"{"refund": "R", "amount": "0.00"}"#, 422, "nothing_to_refund"),
    (r#"{"refund": "R", "amount": "150.01"}"#, 422, "more_than_left"),
];

#[test]
fn an_order_that_makes_no_sense_is_refused_and_changes_nothing() {
    let mut till = Till::open("40", &[]);
    assert_eq!(till.post(r#"{"refund": "R"}"#).0, 404, "nobody knows the sale yet");
    till.take_money(1);
    for (body, status, code) in BODIES {
        let (found, answer) = till.post(body);
        assert_eq!((found, &answer["error"]["code"]), (*status, &json!(code)), "{body}");
    }
    let reason = |length| json!({"refund": "R", "reason": "ก".repeat(length)}).to_string();
    let (status, answer) = till.post(&reason(201));
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("bad_reason")));
    assert_eq!(till.post(&" ".repeat(17 * 1_024)).0, 413);
    let path = format!("/v1/sales/{SALE}/refunds");
    assert_eq!(till.counter.ask("GET", &path, "").0, 405);
    for (options, code) in [
        (["-1.00"].as_slice(), 2),
        (&["1.001"], 2),
        (&["--refund", ""], 2),
        (&["0"], 30),
        (&["150.01"], 30),
        (&["--reason", "a\u{7}b"], 30),
    ] {
        assert_eq!(till.refund(options).code, Some(code), "{options:?}");
    }
    assert_eq!(till.sandbox.requests("refund"), 0);
    assert_eq!(till.charge()["reads"], 0, "paid at once, and never asked about");
    till.check_books();

    // The longest reason, and the rest of the sale to the satang.
    assert_eq!(till.post(&reason(200)).0, 200);
    till.counter.until_told(SALE, &["paid", "refunded"]);
    let (status, answer) = till.post(r#"{"refund": "S"}"#);
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("nothing_to_refund")));
    till.check_books();
}

#[test]
fn a_sale_that_is_not_paid_has_nothing_to_give_back() {
    let till = Till::open("40", &[("payment.deadline", "10s")]);
    let refused = |state: &str| {
        let refund = till.refund(&["20.00"]);
        let code = &refund.json()["error"]["code"];
        assert_eq!((refund.code, code), (Some(30), &json!("not_paid")), "{state}");
    };
    let sale = ["sale", "150.00", "--reference", SALE, "--wait"];
    let sale = till.counter.spawn(&sale);
    till.counter.until_sale(SALE, "state", "armed");
    refused("armed");
    till.counter.scan(6);
    till.counter.until_sale(SALE, "state", "awaiting_customer");
    refused("pending");
    assert_eq!(till.counter.run(&["cancel", SALE]).code, Some(0));
    assert_eq!(sale.finish().code, Some(12));
    refused("cancelled");
    assert_eq!(till.sandbox.requests("refund"), 0);
}

#[test]
fn s9_a_double_click_gives_back_once() {
    let mut till = Till::open("40", &[]);
    till.take_money(0);
    till.gate.hold(Call::Refund, Hold::Request);
    let same = ["50.00", "--refund", "R-1"];
    let clicks = [till.start_refund(&same), till.start_refund(&same)];
    until("the refund", || (till.gate.held() > 0).then_some(()));
    // While it is under way: another amount, another name, and the same by the API.
    for (options, code) in [
        (["60.00", "--refund", "R-1"].as_slice(), "refund_differs"),
        (&["--refund", "R-1"], "refund_differs"),
        (&["50.00", "--refund", "R-2"], "refund_under_way"),
        (&["50.00"], "refund_under_way"),
    ] {
        let refund = till.refund(options);
        assert_eq!((refund.code, &refund.json()["error"]["code"]), (Some(30), &json!(code)));
    }
    assert_eq!(till.post(r#"{"refund": "R-1", "amount": "50.00"}"#).0, 200);
    till.counter.until_told(SALE, &["paid", "refund_unknown"]);
    let mut asking = vec!["refund", SALE, "--json"];
    asking.extend(same);
    let asked = till.counter.run(&asking);
    assert_eq!((asked.code, &printed(&asked)["state"]), (Some(20), &json!("unknown")));
    let status = till.counter.status();
    assert_eq!(status["alerts"][0]["reference"], SALE, "unknown is an alert: {status:#}");
    let problem = status["problems"][0].as_str().unwrap();
    assert!(problem.contains("refund R-1") && problem.contains("do not refund"), "{problem}");
    till.gate.release();
    for click in clicks {
        // It never arrived; the gateway proves that by not listing it.
        let refund = click.finish();
        assert_eq!((refund.code, &printed(&refund)["state"]), (Some(14), &json!("refused")));
    }
    till.counter.until_told(SALE, &["paid", "refund_unknown", "refund_refused"]);
    assert_eq!(till.counter.status()["alerts"], json!([]));
    assert_eq!(till.sandbox.requests("refund"), 0, "never repeated");

    let again = till.refund(&["50.00", "--refund", "R-2"]);
    assert_eq!(again.code, Some(0), "under another name it is another refund");
    assert_eq!(till.sandbox.requests("refund"), 1);
    till.check_books();
}

/// Several tills give the same money back at the same instant.
#[test]
fn s9_at_the_same_instant_one_refund_is_made() {
    let mut till = Till::open("40", &[]);
    till.take_money(0);
    // The first one is not to be over before the last one is asked for.
    till.gate.hold(Call::Read, Hold::Request);
    let rivals = at_once(&till, |number| format!("R-{number}"));
    till.gate.release();
    let (made, refused): (Vec<_>, Vec<_>) = rivals.iter().partition(|(status, _)| *status == 200);
    assert_eq!(made.len(), 1, "{rivals:#?}");
    let under_way = |(status, answer): &&(u16, Value)| {
        (*status, &answer["error"]["code"]) == (409, &json!("refund_under_way"))
    };
    assert!(refused.iter().all(under_way), "{refused:#?}");
    till.counter.until_told(SALE, &["paid", "refunded"]);
    assert_eq!(till.sandbox.requests("refund"), 1);

    let same = at_once(&till, |_| "S".to_owned());
    assert!(same.iter().all(|(status, _)| *status == 200), "{same:#?}");
    till.counter.until_told(SALE, &["paid", "refunded", "refunded"]);
    assert_eq!(till.sandbox.requests("refund"), 2);
    till.check_books();
}

/// Refunds of 50.00, each with the name that belongs to its number.
fn at_once(till: &Till, name: impl Fn(usize) -> String + Sync) -> Vec<(u16, Value)> {
    let barrier = Barrier::new(CLICKS);
    let socket = till.counter.socket();
    thread::scope(|scope| {
        let click = |number| {
            let (barrier, socket, name) = (&barrier, &socket, &name);
            scope.spawn(move || {
                let body = json!({"refund": name(number), "amount": "50.00"}).to_string();
                barrier.wait();
                let path = format!("/v1/sales/{SALE}/refunds");
                crate::harness::request(socket, "POST", &path, body.as_bytes()).unwrap()
            })
        };
        let clicks: Vec<_> = (0..CLICKS).map(click).collect();
        clicks.into_iter().map(|click| click.join().unwrap()).collect()
    })
}

/// A sale that was over, seen and forgotten before the daemon's last start.
#[test]
fn a_sale_of_yesterday_is_given_back() {
    let mut till = Till::open("40", &[]);
    till.take_money(0);
    assert_eq!(till.counter.end_daemon(Signal::TERM).code(), Some(0));
    till.counter.run_daemon();
    let next = ["sale", "20.00", "--reference", "INV-2", "--wait"];
    let next = till.counter.spawn(&next);
    till.counter.until_sale("INV-2", "state", "armed");
    // The customer of today is not disturbed.
    assert_eq!(till.refund(&["0.01", "--refund", "R-1"]).code, Some(0));
    assert_eq!(till.counter.status()["screen"]["sale"]["reference"], "INV-2");
    till.counter.scan(0);
    assert_eq!(next.finish().code, Some(0));
    assert_eq!(till.refund(&["149.98", "--refund", "R-2"]).code, Some(0));
    let last = till.refund(&[]);
    assert_eq!((last.code, &printed(&last)["amount"]), (Some(0), &json!("0.01")));
    till.counter.until_told(SALE, &["paid", "refunded", "refunded", "refunded"]);
    till.check_books();
    assert_eq!(till.charge()["money_moved"], 0);
    assert_eq!(till.sandbox.requests("create"), 2);
    // People read it, too.
    for command in [["show", SALE].as_slice(), &["list"]] {
        let printed = till.counter.run(command).stdout;
        let told = ["given back 150.00", "given back: 150.00 THB"];
        assert!(told.iter().any(|words| printed.contains(words)), "{printed}");
    }
}

/// Clients that click.
const CLICKS: usize = 8;
