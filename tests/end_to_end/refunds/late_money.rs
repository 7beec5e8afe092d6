//! Money that came after "not paid" was told: it goes back by itself where the shop wants that,
//! else it is an alert until somebody has seen it (L2, S6, S9).

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{SALE, Till};
use crate::harness::{Call, Hold, in_parallel, until};

/// How a sale comes to late money: the code's last digits, how it was told first.
const LATE: &[(u8, &str)] = &[(31, "expired"), (32, "declined")];

/// When the daemon ends.
struct Scene {
    name: &'static str,
    hold: Option<(Call, Hold)>,
    /// The hook was told this last; none is where the gate holds the call.
    told: Option<&'static str>,
}

const SCENES: &[Scene] = &[
    Scene { name: "late success told", hold: None, told: Some("late_success") },
    Scene { name: "made, not answered", hold: Some((Call::Refund, Hold::Answer)), told: None },
    Scene { name: "refunded", hold: None, told: Some("refunded") },
];

#[test]
fn l2_late_money_goes_back_once() {
    in_parallel(
        LATE,
        |(_, told)| (*told).to_owned(),
        |(digits, told)| {
            let mut till = Till::open("10", REFUND);
            till.sell(*digits);
            till.counter.until_told(SALE, &[told, "late_success", "refunded"]);
            check_given_back(&mut till, told);
        },
    );
}

#[test]
fn l2_late_money_goes_back_once_whenever_the_daemon_is_killed() {
    in_parallel(
        SCENES,
        |scene| scene.name.to_owned(),
        |scene| {
            let mut till = Till::open("10", REFUND);
            if let Some((call, hold)) = scene.hold {
                till.gate.hold(call, hold);
            }
            till.sell(32);
            match scene.told {
                Some(word) => {
                    until(word, || (till.counter.told(SALE).last()? == word).then_some(()))
                }
                None => until("a held call", || (till.gate.held() > 0).then_some(())),
            }
            till.counter.end_daemon(Signal::KILL);
            till.gate.release();
            till.counter.run_daemon();
            until("the refund", || {
                let refunded = |word: &String| word.starts_with("refunded");
                till.counter.told(SALE).iter().any(refunded).then_some(())
            });
            check_given_back(&mut till, "declined");
        },
    );
}

/// It went back once, is an alert all the same, and no wish makes it go back again.
fn check_given_back(till: &mut Till, outcome: &str) {
    let sale = till.counter.until_sale(SALE, "refunded", "150.00");
    assert_eq!((&sale["outcome"], &sale["late_success"]), (&json!(outcome), &json!(true)));
    let refund = &sale["refunds"][0];
    assert_eq!(refund["refund"], format!("late-{}", sale["attempt"].as_str().unwrap()));
    let figures = (&refund["state"], &refund["amount"], &refund["id"]);
    assert_eq!(figures, (&json!("refunded"), &json!("150.00"), &sale["attempt"]));
    let status = till.counter.status();
    assert_eq!(status["alerts"][0]["reference"], SALE);
    let problems = status["problems"].to_string();
    assert!(problems.contains(SALE) && problems.contains("went back"), "{problems}");
    let again = till.counter.run(&["acknowledge", SALE, "--refund", "--json"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(till.counter.status()["alerts"], json!([]));
    till.check_books();
    let more = till.refund(&[]);
    let code = &more.json()["error"]["code"];
    assert_eq!((more.code, code), (Some(30), &json!("nothing_to_refund")));
    assert_eq!(till.sandbox.requests("refund"), 1);
    assert_eq!(till.charge()["money_moved"], 0);
}

/// By default nothing goes back by itself: the alert stands, over a restart, too.
#[test]
fn late_money_is_an_alert_until_somebody_has_seen_it() {
    let mut till = Till::open("10", &[]);
    till.sell(32);
    till.counter.until_told(SALE, &["declined", "late_success"]);
    till.counter.end_daemon(Signal::KILL);
    till.counter.run_daemon();
    till.counter.until_told(SALE, &["declined", "late_success", "late_success+"]);
    assert_eq!(alerts(&till), [SALE]);
    till.acknowledge();
    assert_eq!(alerts(&till), [""; 0]);
    assert_eq!(till.charge()["money_moved"], 15_000, "it is kept");
    till.check_books();
    assert_eq!(till.sandbox.requests("refund"), 0);

    // Whoever thinks better of it gives it back after all.
    assert_eq!(till.refund(&["--refund", "R-1"]).code, Some(0));
    let told = ["declined", "late_success", "late_success+", "refunded"];
    till.counter.until_told(SALE, &told);
    assert_eq!(till.charge()["money_moved"], 0);
    till.check_books();
}

#[test]
fn late_money_goes_back_when_somebody_who_saw_it_says_so() {
    in_parallel(
        &["command line", "API"],
        |way| (*way).to_owned(),
        |way| {
            let mut till = Till::open("10", &[]);
            till.sell(32);
            till.counter.until_told(SALE, &["declined", "late_success"]);
            let path = format!("/v1/sales/{SALE}/acknowledge");
            for body in ["[]", r#"{"refund": 1}"#, r#"{"refnd": true}"#] {
                assert_eq!(till.counter.ask("POST", &path, body).0, 400, "{body}");
            }
            assert_eq!(alerts(&till), [SALE]);
            // Twice, as somebody does who is not sure.
            for _ in 0..2 {
                if *way == "API" {
                    let (status, sale) = till.counter.ask("POST", &path, r#"{"refund": true}"#);
                    assert_eq!((status, &sale["acknowledged"]), (200, &json!(true)));
                } else {
                    let seen = till.counter.run(&["acknowledge", SALE, "--refund", "--json"]);
                    assert_eq!((seen.code, &seen.json()["acknowledged"]), (Some(0), &json!(true)));
                }
            }
            till.counter.until_told(SALE, &["declined", "late_success", "refunded"]);
            assert_eq!(alerts(&till), [""; 0]);
            assert_eq!(till.sandbox.requests("refund"), 1);
            assert_eq!(till.charge()["money_moved"], 0);
            till.check_books();
        },
    );
}

fn alerts(till: &Till) -> Vec<String> {
    let status = till.counter.status();
    let alerts = status["alerts"].as_array().unwrap().iter();
    let reference = |sale: &Value| sale["reference"].as_str().unwrap().to_owned();
    alerts.map(reference).collect()
}

const REFUND: &[(&str, &str)] = &[("payment.late_success", "refund")];
