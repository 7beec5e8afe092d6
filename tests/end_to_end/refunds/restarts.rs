//! The daemon ends at each step of a refund, by `kill -9` or by SIGTERM (O4), and is started again
//! on the same journal: the refund ends right and is made once (S9, D1, D5).

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::{SALE, Till, printed};
use crate::harness::{Call, Hold, Process, in_parallel, until};

/// One step, and what has to come of it.
struct Scene {
    name: &'static str,
    digits: u8,
    /// What the gate holds until the daemon has ended.
    hold: Option<(Call, Hold)>,
    step: Step,
    /// Whether somebody has seen the sale before: else its results are told again.
    seen: bool,
    /// Of the `refund --wait` that ran all the time.
    code: i32,
    /// Why it was refused.
    failure_code: Option<&'static str>,
    /// By both daemons; `+` marks what is repeated.
    told: &'static [&'static str],
    /// Refunds that reach the gateway, of both daemons.
    sent: u64,
}

/// When the daemon ends.
enum Step {
    /// The gate holds the call.
    Held,
    /// The gateway has got the refund and does not answer.
    Sent,
    /// The hook was told this last.
    Told(&'static str),
}

const REFUNDED: Scene = Scene {
    name: "",
    digits: 0,
    hold: None,
    step: Step::Held,
    seen: true,
    code: 0,
    failure_code: None,
    told: &["paid", "refunded"],
    sent: 1,
};

const SCENES: &[Scene] = &[
    Scene {
        name: "asked, its charge not read",
        hold: Some((Call::Read, Hold::Request)),
        ..REFUNDED
    },
    Scene {
        name: "sent, never arrived: absent for the quarantine",
        hold: Some((Call::Refund, Hold::Request)),
        code: 14,
        failure_code: Some("not_found"),
        told: &["paid", "refund_refused"],
        sent: 0,
        ..REFUNDED
    },
    Scene {
        name: "made, not answered: found",
        hold: Some((Call::Refund, Hold::Answer)),
        ..REFUNDED
    },
    Scene { name: "made after the restart: found", digits: 85, step: Step::Sent, ..REFUNDED },
    Scene {
        name: "unknown, made",
        digits: 81,
        hold: Some((Call::Refunds, Hold::Request)),
        step: Step::Told("refund_unknown"),
        told: &["paid", "refund_unknown", "refund_unknown+", "refunded"],
        ..REFUNDED
    },
    Scene {
        name: "unknown, not made: absent for the quarantine",
        digits: 83,
        hold: Some((Call::Refunds, Hold::Request)),
        step: Step::Told("refund_unknown"),
        code: 14,
        failure_code: Some("not_found"),
        told: &["paid", "refund_unknown", "refund_unknown+", "refund_refused"],
        ..REFUNDED
    },
    Scene {
        name: "unknown, while it is looked up",
        digits: 81,
        hold: Some((Call::Refunds, Hold::Answer)),
        told: &["paid", "refund_unknown", "refund_unknown+", "refunded"],
        ..REFUNDED
    },
    Scene { name: "refunded", step: Step::Told("refunded"), ..REFUNDED },
    Scene {
        name: "refused",
        digits: 80,
        step: Step::Told("refund_refused"),
        code: 14,
        failure_code: Some("failed_refund"),
        told: &["paid", "refund_refused"],
        ..REFUNDED
    },
    Scene {
        name: "refunded, the sale not seen",
        step: Step::Told("refunded"),
        seen: false,
        told: &["paid", "refunded", "paid+", "refunded+"],
        ..REFUNDED
    },
];

#[test]
fn s9_killed_at_any_step_a_refund_ends_right_and_is_made_once() {
    in_parallel(SCENES, |scene| scene.name.to_owned(), |scene| check(scene, Signal::KILL));
}

#[test]
fn o4_stopped_at_any_step_a_refund_ends_right_and_is_made_once() {
    in_parallel(SCENES, |scene| scene.name.to_owned(), |scene| check(scene, Signal::TERM));
}

fn check(scene: &Scene, signal: Signal) {
    let mut till = Till::open("10", KEYS);
    let refund = begin(scene, &till);
    end(&mut till, signal);
    till.gate.release();
    till.counter.run_daemon();
    let refund = refund.finish();
    let one = printed(&refund);
    assert_eq!(refund.code, Some(scene.code), "{}: {refund:?}", scene.name);
    assert_eq!(one["failure_code"], json!(scene.failure_code), "{}: {refund:?}", scene.name);
    till.counter.until_told(SALE, scene.told);
    assert_eq!(till.counter.status()["alerts"], json!([]), "{}", scene.name);
    let made = if scene.code == 0 { 5_000 } else { 0 };
    assert_eq!(till.charge()["refunded"], made, "{}", scene.name);
    assert_eq!(till.sandbox.requests("refund"), scene.sent, "{}: repeated", scene.name);
    till.check_books();
    check_rest(scene, &mut till);
}

/// Brings a refund to the step.
fn begin(scene: &Scene, till: &Till) -> Process {
    if scene.seen {
        till.take_money(scene.digits);
    } else {
        assert_eq!(till.sell(scene.digits).code, Some(0));
    }
    if let Some((call, hold)) = scene.hold {
        till.gate.hold(call, hold);
    }
    let refund = till.start_refund(&["50.00", "--refund", "R-1"]);
    match scene.step {
        Step::Held => until("a held call", || (till.gate.held() > 0).then_some(())),
        Step::Sent => {
            until("the refund", || (till.sandbox.requests("refund") > 0).then_some(()));
        }
        Step::Told(word) => until(word, || {
            let told = till.counter.told(SALE);
            (told.last()? == word).then_some(())
        }),
    }
    // An answer of the API comes after everything that was done before it: what was told is
    // settled on disk, too.
    let _ = till.counter.status();
    refund
}

/// Whatever became of it, all that is left goes back under another name.
fn check_rest(scene: &Scene, till: &mut Till) {
    if scene.digits == 80 {
        return;
    }
    let rest = till.refund(&["--refund", "R-2"]);
    let amount = if scene.code == 0 { "100.00" } else { "150.00" };
    assert_eq!((rest.code, &printed(&rest)["amount"]), (Some(0), &json!(amount)), "{}", scene.name);
    assert_eq!(till.charge()["money_moved"], 0, "{}", scene.name);
    till.check_books();
}

/// The daemon is killed ever later in its start, while it recovers a refund that was asked for, one
/// that was made and not answered, and one that is unknown.
#[test]
fn d5_killed_within_its_recovery_a_refund_is_made_once() {
    for (digits, call, hold) in [
        (0, Call::Read, Hold::Request),
        (0, Call::Refund, Hold::Answer),
        (81, Call::Refunds, Hold::Request),
    ] {
        let mut till = Till::open("10", KEYS);
        till.take_money(digits);
        till.gate.hold(call, hold);
        let refund = till.start_refund(&["50.00", "--refund", "R-1"]);
        until("a held call", || (till.gate.held() > 0).then_some(()));
        end(&mut till, Signal::KILL);
        till.gate.release();
        for life in 0..RECOVERIES {
            let arguments = ["run", "--config", &till.counter.config()];
            let daemon = Process::start(till.counter.path(), "daemon", &arguments);
            std::thread::sleep(Duration::from_millis(life * 4));
            drop(daemon);
        }
        till.counter.run_daemon();
        // One that was asked for and not yet sent may have been sent, and lost, in any of the
        // starts: then its absence has to be proven.
        let refund = refund.finish();
        let one = printed(&refund);
        let state = one["state"].as_str().unwrap();
        assert!(state == "refunded" || (call == Call::Read && state == "refused"), "{refund:?}");
        assert!(till.sandbox.requests("refund") <= 1, "{digits} {call:?}");
        till.check_books();
    }
}

fn end(till: &mut Till, signal: Signal) {
    let status = till.counter.end_daemon(signal);
    let orderly = (signal == Signal::TERM).then_some(0);
    assert_eq!(status.code(), orderly, "{}", till.counter.log());
}

/// The request that is held must not time out before the daemon ends, and absence is to be proven
/// soon.
const KEYS: &[(&str, &str)] = &[
    ("gateway.request_timeout", "2500ms"),
    ("payment.quarantine", "2500ms"),
    ("payment.deadline", "4s"),
];
/// Starts that are killed, 4 ms more of each: the last ones come to their end.
const RECOVERIES: u64 = 16;
