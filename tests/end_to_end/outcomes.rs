//! `tillscan sale 150.00 --wait` for every behaviour of the sandbox: outcome, exit code, JSON,
//! hook, and what the gateway saw. A behaviour without an expectation fails.

use rustix::process::Signal;
use serde_json::{Value, json};
use tillscan::sandbox::{Behaviour, behaviours};

use crate::harness::{Counter, Finished, Sandbox, in_parallel, until};

/// How a behaviour ends at the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Paid,
    Declined(&'static str),
    Expired,
    /// Reversed at the gateway, which the counter calls cancelled.
    Reversed,
    NotCreated(&'static str),
    /// No end: the gateway says that another amount was paid. A person has to look.
    Unknown,
}

/// What is expected of one behaviour.
#[derive(Clone, Copy, Debug)]
struct Expected {
    name: &'static str,
    end: End,
    told: &'static [&'static str],
    /// Satang that the gateway holds in the end.
    money: i64,
    /// The money came in after "not paid" was told.
    late: bool,
    /// Money goes back after "paid" was told.
    given_back: bool,
    pace: Pace,
    deadline: &'static str,
}

/// The configuration's times are 40 times shorter than a counter's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// As much faster as the configuration.
    Quick,
    /// 10 times faster: where the sandbox changes its mind within seconds, a busy machine must not
    /// miss the first half.
    Steady,
}

const fn row(name: &'static str, end: End) -> Expected {
    let (told, money): (&'static [&'static str], i64) = match end {
        End::Paid => (&["paid"], AMOUNT),
        End::Declined(_) => (&["declined"], 0),
        End::Expired => (&["expired"], 0),
        End::Reversed => (&["cancelled"], 0),
        End::NotCreated(_) => (&["not_created"], 0),
        End::Unknown => (&["unknown"], AMOUNT),
    };
    Expected {
        name,
        end,
        told,
        money,
        late: false,
        given_back: false,
        pace: Pace::Quick,
        deadline: "1500ms",
    }
}

/// Absence is proven by the quarantine, which is longer than the deadline: unknown is told before.
const fn absent(name: &'static str) -> Expected {
    Expected { told: &["unknown", "resolved"], ..row(name, End::NotCreated("not_found")) }
}

const fn late(name: &'static str, end: End, told: &'static [&'static str]) -> Expected {
    Expected { late: true, money: AMOUNT, pace: Pace::Steady, told, ..row(name, end) }
}

/// Paid, and given back by somebody at Opn's dashboard.
const fn given_back(name: &'static str, money: i64) -> Expected {
    Expected { money, given_back: true, ..row(name, End::Paid) }
}

/// The gateway's `Retry-After` is in seconds that nothing makes shorter.
const fn patient(expected: Expected) -> Expected {
    Expected { deadline: "8s", ..expected }
}

const TABLE: &[Expected] = &[
    row("paid", End::Paid),
    row("paid_at_once", End::Paid),
    row("paid_after_3_s", End::Paid),
    row("paid_after_10_s", End::Paid),
    row("needs_password", End::Paid),
    row("paid_after_70_s", End::Expired),
    row("never_paid", End::Expired),
    row("insufficient_fund", End::Declined("insufficient_fund")),
    row("payment_rejected", End::Declined("payment_rejected")),
    row("invalid_account", End::Declined("invalid_account")),
    row("failed_processing", End::Declined("failed_processing")),
    row("payment_expired", End::Declined("payment_expired")),
    row("unknown_failure_code", End::Declined("wallet_asleep")),
    row("invalid_charge", End::NotCreated("invalid_charge")),
    row("bad_request", End::NotCreated("bad_request")),
    row("revoked_as_failed", End::Declined("payment_expired")),
    row("revoked_as_expired", End::Expired),
    row("reversed", End::Reversed),
    row("wins_race_against_expire", End::Paid),
    late("late_after_expire", End::Expired, &["expired", "late_success"]),
    late("late_after_failure", End::Declined("failed_processing"), &["declined", "late_success"]),
    row("expire_answer_lost", End::Expired),
    row("expire_502", End::Expired),
    row("lost_then_paid", End::Paid),
    row("lost_never_paid", End::Expired),
    row("lost_then_declined", End::Declined("payment_rejected")),
    absent("hang_without_charge"),
    row("hang_then_charge", End::Paid),
    row("500_after_effect", End::Paid),
    row("502_after_effect", End::Paid),
    absent("503_without_charge"),
    row("504_after_effect", End::Paid),
    patient(row("429_on_polls", End::Paid)),
    absent("429_on_create"),
    row("backend_error_with_charge", End::Paid),
    absent("backend_error_no_charge"),
    row("garbage_body", End::Paid),
    row("truncated_body", End::Paid),
    row("empty_body", End::Paid),
    row("foreign_charge", End::Expired),
    row("unknown_status", End::Paid),
    row("extra_fields", End::Paid),
    row("expired_at_when_paid", End::Paid),
    Expected { money: AMOUNT + 100, ..row("wrong_amount", End::Unknown) },
    row("wrong_currency", End::Unknown),
    row("polls_fail", End::Paid),
    row("polls_not_found", End::Paid),
    row("lost_and_listed_late", End::Paid),
    // What these do with a refund does not concern the sale.
    row("refund_refused", End::Paid),
    row("refund_answer_lost", End::Paid),
    row("refund_500_made", End::Paid),
    row("refund_503_not_made", End::Paid),
    row("refund_slow", End::Paid),
    row("refund_made_later", End::Paid),
    row("refund_hang", End::Paid),
    row("refund_backend_error", End::Paid),
    row("refund_429", End::Paid),
    row("refund_foreign", End::Paid),
    row("refund_no_balance", End::Paid),
    row("refund_too_late", End::Paid),
    row("refund_whole_only", End::Paid),
    given_back("refunded_elsewhere", 0),
    given_back("partly_refunded_elsewhere", AMOUNT / 100 * 60),
    given_back("refunded_15_times", AMOUNT / 100 * 85),
];

#[test]
fn every_behaviour_of_the_sandbox_ends_as_the_rules_ask() {
    let names = |row: &Expected| behaviours().iter().any(|behaviour| behaviour.name == row.name);
    assert!(TABLE.iter().all(names), "an expectation without a behaviour");
    let (quick, steady) = (Sandbox::start("40"), Sandbox::start("10"));
    let name = |behaviour: &Behaviour| behaviour.name.to_owned();
    in_parallel(behaviours(), name, |behaviour| check(behaviour, &quick, &steady));
}

/// A connection that is refused never carried the create: that is proof at once, and the daemon
/// starts without (O2).
#[test]
fn o2_without_a_gateway_nothing_is_created() {
    let url = Sandbox::start("1").url();
    let counter = Counter::start(&url, &[]);
    let sale = ["sale", "150.00", "--reference", "INV-1", "--wait", "--json"];
    let sale = counter.spawn(&sale);
    counter.until_sale("INV-1", "state", "armed");
    counter.scan(0);
    let expected = row("", End::NotCreated("no_connection"));
    check_sale(&expected, "INV-1", &sale.finish());
    counter.until_told("INV-1", expected.told);
}

/// Plays one sale with this behaviour and compares everything that can be seen of it.
fn check(behaviour: &Behaviour, quick: &Sandbox, steady: &Sandbox) {
    let expected = TABLE.iter().find(|row| row.name == behaviour.name);
    let expected = expected.unwrap_or_else(|| panic!("no expectation for {}", behaviour.name));
    let sandbox = if expected.pace == Pace::Quick { quick } else { steady };
    let mut counter = Counter::start(&sandbox.url(), &[("payment.deadline", expected.deadline)]);
    let reference = format!("INV-{:02}", behaviour.digits);
    let sale = counter.spawn(&["sale", "150.00", "--reference", &reference, "--wait", "--json"]);
    counter.until_sale(&reference, "state", "armed");
    counter.scan(behaviour.digits);
    if expected.end == End::Unknown {
        counter.until_told(&reference, &["unknown"]);
        assert_eq!(counter.status()["screen"]["screen"], "unknown");
        let detached = counter.run(&["detach", &reference, "--json"]);
        assert_eq!((detached.code, &detached.json()["outcome"]), (Some(0), &json!("unknown")));
    }
    let sale = sale.finish();
    check_sale(expected, &reference, &sale);
    check_gateway(expected, sandbox, &reference, &sale.json());
    counter.until_told(&reference, expected.told);
    check_alert(expected, &counter, &reference);
    assert_eq!(counter.end_daemon(Signal::TERM).code(), Some(0), "SIGTERM");
    assert_eq!(counter.told(&reference), expected.told, "after the hooks have ended");
}

fn check_sale(expected: &Expected, reference: &str, sale: &Finished) {
    let (outcome, code, failure_code) = match expected.end {
        End::Paid => ("paid", 0, None),
        End::Declined(failure_code) => ("declined", 10, Some(failure_code)),
        End::Expired => ("expired", 11, None),
        End::Reversed => ("cancelled", 12, Some("reversed")),
        End::NotCreated(failure_code) => ("not_created", 13, Some(failure_code)),
        End::Unknown => ("unknown", 20, None),
    };
    let json = sale.json();
    assert_eq!(json["outcome"], outcome, "{}: {sale:?}", expected.name);
    assert_eq!(sale.code, Some(code), "{}: {sale:?}", expected.name);
    assert_eq!(json["failure_code"], json!(failure_code), "{}", expected.name);
    assert_eq!(json["reference"], reference);
    assert_eq!((&json["amount"], &json["currency"]), (&json!("150.00"), &json!("THB")));
    assert_eq!((&json["amount_satang"], &json["attempts"]), (&json!(AMOUNT), &json!(1)));
}

/// S1, S8: one create, at most one charge; the money is where the outcome says (S4, L3).
fn check_gateway(expected: &Expected, sandbox: &Sandbox, reference: &str, sale: &Value) {
    let attempt = sale["attempt"].as_str().unwrap();
    let creates = sandbox.creates().into_iter().find(|(of, _)| of == attempt);
    assert_eq!(creates, Some((attempt.to_owned(), 1)), "{}: creates", expected.name);
    let charges = sandbox.charges_of(reference);
    let ids: Vec<&Value> = charges.iter().map(|charge| &charge["id"]).collect();
    if matches!(expected.end, End::NotCreated(_)) {
        assert_eq!((charges.len(), &sale["charge_id"]), (0, &Value::Null), "{}", expected.name);
    } else {
        assert_eq!(ids, [&sale["charge_id"]], "{}", expected.name);
    }
    let money = || -> i64 {
        let charges = sandbox.charges_of(reference);
        charges.iter().map(|charge| charge["money_moved"].as_i64().unwrap()).sum()
    };
    if expected.late || expected.given_back {
        until("the money of afterwards", || (money() == expected.money).then_some(()));
    }
    assert_eq!(money(), expected.money, "{}", expected.name);
}

/// A late success, or an unknown sale, stands until somebody acknowledges it; anything else is no
/// alert.
fn check_alert(expected: &Expected, counter: &Counter, reference: &str) {
    let status = counter.status();
    let alerts: Vec<&Value> =
        status["alerts"].as_array().unwrap().iter().map(|sale| &sale["reference"]).collect();
    let problems = status["problems"].to_string();
    if !expected.late && expected.end != End::Unknown {
        assert_eq!((alerts.len(), problems.as_str()), (0, "[]"), "{}", expected.name);
        let acknowledged = counter.run(&["acknowledge", reference, "--json"]);
        assert_eq!(acknowledged.json()["acknowledged"], true);
        return;
    }
    assert_eq!(alerts, [reference], "{}", expected.name);
    assert!(problems.contains(reference), "{problems}");
    let acknowledged = counter.run(&["acknowledge", reference, "--json"]);
    if expected.end == End::Unknown {
        // Unresolved: it cannot be made go away.
        assert_eq!(acknowledged.code, Some(30), "{acknowledged:?}");
        assert_eq!(counter.status()["alerts"].as_array().map(Vec::len), Some(1));
        return;
    }
    // S6: the outcome that was told stays; that money came is told beside it.
    let sale = counter.sale(reference);
    let former = if expected.end == End::Expired { "expired" } else { "declined" };
    assert_eq!((&sale["outcome"], &sale["late_success"]), (&json!(former), &json!(true)));
    assert_eq!(acknowledged.code, Some(0), "{acknowledged:?}");
    let status = counter.status();
    assert_eq!((&status["alerts"], &status["problems"]), (&json!([]), &json!([])));
}

/// 150.00 baht.
const AMOUNT: i64 = 15_000;
