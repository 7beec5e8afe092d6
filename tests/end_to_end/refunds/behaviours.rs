//! `tillscan refund INV-1 AMOUNT --wait` and its API for every way in which the sandbox makes a
//! refund or does not. A behaviour of a refund without an expectation fails.

use serde_json::{Value, json};
use tillscan::sandbox::behaviours;

use super::{SALE, Till, printed};
use crate::harness::{Finished, in_parallel, until};

/// What is expected of the first refund with one behaviour.
struct Expected {
    name: &'static str,
    /// What is asked for; nothing is all that is left.
    amount: Option<&'static str>,
    end: End,
    /// What the hook is told of it, behind `paid`.
    told: &'static [&'static str],
    /// Refunds that go out, of this one and of the one after it.
    sent: u64,
    /// Satang that went back elsewhere before it is asked for.
    before: i64,
    /// How the next refund ends, which is of all that is left.
    next: End,
}

/// How a refund ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// So much went back.
    Refunded(&'static str),
    Refused(&'static str),
    /// It was not even taken down.
    NotAsked(&'static str),
}

const PART: Expected = Expected {
    name: "",
    amount: Some("50.00"),
    end: End::Refunded("50.00"),
    told: &["refunded"],
    sent: 2,
    before: 0,
    next: End::Refunded("100.00"),
};

/// The answer was lost: told unknown, looked up, and found.
const FOUND: Expected = Expected { told: &["refund_unknown", "refunded"], ..PART };

/// The answer was lost, and lists do not show it for the whole quarantine.
const ABSENT: Expected = Expected {
    end: End::Refused("not_found"),
    told: &["refund_unknown", "refund_refused"],
    next: End::Refunded("150.00"),
    ..PART
};

/// The gateway, or its charge as it was read, refuses it.
const fn refused(name: &'static str, code: &'static str, sent: u64, next: End) -> Expected {
    Expected { name, end: End::Refused(code), told: &["refund_refused"], sent, next, ..PART }
}

const TABLE: &[Expected] = &[
    Expected { name: "paid", ..PART },
    refused("refund_refused", "failed_refund", 2, End::Refused("failed_refund")),
    Expected { name: "refund_answer_lost", ..FOUND },
    Expected { name: "refund_500_made", ..FOUND },
    Expected { name: "refund_503_not_made", ..ABSENT },
    Expected { name: "refund_slow", ..PART },
    Expected { name: "refund_made_later", ..FOUND },
    Expected { name: "refund_hang", ..ABSENT },
    Expected { name: "refund_backend_error", ..FOUND },
    Expected { name: "refund_429", ..ABSENT },
    Expected { name: "refund_foreign", ..FOUND },
    refused("refund_no_balance", "failed_refund", 2, End::Refunded("150.00")),
    Expected {
        amount: None,
        ..refused("refund_too_late", "not_refundable", 0, End::Refused("not_refundable"))
    },
    refused("refund_whole_only", "not_partially_refundable", 1, End::Refunded("150.00")),
    Expected {
        amount: None,
        before: 15_000,
        ..refused("refunded_elsewhere", "nothing_left", 0, End::NotAsked("nothing_to_refund"))
    },
    Expected {
        amount: None,
        end: End::Refunded("90.00"),
        sent: 1,
        before: 6_000,
        next: End::NotAsked("nothing_to_refund"),
        ..Expected { name: "partly_refunded_elsewhere", ..PART }
    },
    Expected {
        before: 2_250,
        ..refused("refunded_15_times", "too_many_refunds", 0, End::Refused("too_many_refunds"))
    },
];

#[test]
fn s9_every_refund_of_the_sandbox_ends_as_the_rules_ask() {
    for behaviour in behaviours().iter().filter(|one| one.digits >= 80) {
        let expected = TABLE.iter().any(|row| row.name == behaviour.name);
        assert!(expected, "no expectation for {}", behaviour.name);
    }
    in_parallel(TABLE, |row| row.name.to_owned(), check);
}

fn check(expected: &Expected) {
    // What goes back elsewhere does so after the counter has seen the payment.
    let mut till = Till::open(if expected.before == 0 { "40" } else { "4" }, &[]);
    let digits = behaviours().iter().find(|one| one.name == expected.name).unwrap().digits;
    till.take_money(digits);
    till.until_given_back(expected.before);

    let mut options = vec!["--refund", "R-1", "--reason", "two of three came back"];
    options.extend(expected.amount);
    let first = till.refund(&options);
    check_refund(expected.end, &first);
    assert_eq!(printed(&first)["reason"], "two of three came back");
    let told: Vec<&str> = ["paid"].iter().chain(expected.told).copied().collect();
    till.counter.until_told(SALE, &told);
    check_hooks(expected, &till);

    // The same one again is only asked about; the rest goes back by the API.
    let same = till.refund(&options);
    assert_eq!((same.code, printed(&same)), (first.code, printed(&first)));
    check_next(expected.next, &till);
    assert_eq!(till.sandbox.requests("refund"), expected.sent, "none is repeated");
    till.check_books();
}

#[track_caller]
fn check_refund(end: End, refund: &Finished) {
    let one = printed(refund);
    let figures = (refund.code, one["state"].as_str().unwrap(), &one["failure_code"]);
    match end {
        End::Refunded(amount) => {
            assert_eq!(figures, (Some(0), "refunded", &Value::Null), "{refund:?}");
            assert_eq!(one["amount"], amount, "{refund:?}");
            assert!(one["refund_id"].as_str().unwrap().starts_with("rfnd_test_"), "{refund:?}");
        }
        End::Refused(code) => {
            assert_eq!(figures, (Some(14), "refused", &json!(code)), "{refund:?}");
            assert_eq!(one["refund_id"], Value::Null, "{refund:?}");
        }
        End::NotAsked(code) => panic!("{code} is for the next one: {refund:?}"),
    }
}

/// The hook has the refund beside the sale, and its main fields in the environment.
fn check_hooks(expected: &Expected, till: &Till) {
    let hooks = till.counter.hooks();
    let fields: Vec<String> = hooks.iter().map(fields).collect();
    assert_eq!(till.counter.environments(), fields, "{}", expected.name);
    for told in hooks.iter().skip(1) {
        let refund = &told["refund"];
        assert_eq!((&told["repeated"], &refund["refund"]), (&json!(false), &json!("R-1")));
        assert!(refund["message"]["en"]["headline"].is_string(), "{told:#}");
        let state = match told["event"].as_str().unwrap() {
            "refund_unknown" => "unknown",
            "refunded" => "refunded",
            _ => "refused",
        };
        assert_eq!(refund["state"], state, "{}", expected.name);
    }
    assert_eq!(hooks[0]["refund"], Value::Null);
}

/// As the hook's environment has them.
fn fields(told: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (refund, sale) = (&told["refund"], &told["sale"]);
    let fields = [&told["event"], &refund["refund"], &refund["amount"], &sale["refunded"]];
    fields.map(word).join("|")
}

/// All that is left, by the API.
fn check_next(end: End, till: &Till) {
    let (status, answer) = till.post(r#"{"refund": "R-2"}"#);
    if let End::NotAsked(code) = end {
        assert_eq!((status, &answer["error"]["code"]), (422, &json!(code)), "{answer:#}");
        return;
    }
    assert_eq!(status, 200, "{answer:#}");
    assert_eq!(answer["refunds"][1]["state"], "asked", "{answer:#}");
    let sale = till.counter.ask("GET", &format!("/v1/sales/{SALE}?wait=20"), "").1;
    let refund = &sale["refunds"][1];
    match end {
        End::Refunded(amount) => {
            assert_eq!((&refund["state"], &refund["amount"]), (&json!("refunded"), &json!(amount)));
            assert_eq!(sale["refunded"], "150.00", "all of it went back");
        }
        End::Refused(code) => {
            assert_eq!(
                (&refund["state"], &refund["failure_code"]),
                (&json!("refused"), &json!(code))
            );
        }
        End::NotAsked(_) => {}
    }
}

/// What somebody gives back at Opn's dashboard shows up when the counter is asked to look.
#[test]
fn what_is_given_back_elsewhere_shows_up_after_a_check() {
    for (digits, baht) in [(94, "150.00"), (95, "60.00"), (96, "22.50")] {
        let mut till = Till::open("4", &[]);
        till.take_money(digits);
        // Only those that were made at once are known without another look.
        let known = if digits == 96 { baht } else { "0.00" };
        assert_eq!(till.counter.sale(SALE)["refunded"], known);
        until("the money given back", || (till.charge()["refunded"] != 0).then_some(()));
        assert_eq!(till.counter.run(&["check", SALE, "--json"]).code, Some(0));
        let sale = till.counter.until_sale(SALE, "refunded", baht);
        assert_eq!((&sale["outcome"], &sale["refunds"]), (&json!("paid"), &json!([])));
        till.check_books();
        assert_eq!(till.counter.told(SALE), ["paid"], "it is in the figures, and no event");
        assert_eq!(till.sandbox.requests("refund"), 0);
    }
}
