//! The daemon ends at each moment of a sale, by `kill -9` or by SIGTERM (O4), and is started again
//! on the same journal: the sale ends right, nothing is created twice (S8), and what nobody
//! acknowledged is told again (D5).

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Call, Counter, Gate, Hold, Process, Sandbox, in_parallel, until};

/// One moment, and what has to come of it.
struct Scene {
    name: &'static str,
    /// The behaviour of the code that is scanned; none is where the sale stays armed.
    digits: Option<u8>,
    /// What the gate holds until the daemon has ended.
    hold: Option<(Call, Hold)>,
    moment: Moment,
    keys: &'static [(&'static str, &'static str)],
    /// Of the sale, and of the `sale --wait` that ran all the time.
    outcome: &'static str,
    code: i32,
    /// By both daemons; `+` marks what is repeated.
    told: &'static [&'static str],
    charges: usize,
    money: i64,
}

/// When the daemon ends.
#[derive(Clone, Copy)]
enum Moment {
    /// The sale is in this state.
    State(&'static str),
    /// The gate holds the call.
    Held,
    /// The gateway has got the create and does not answer.
    Created,
    /// The hook was told this last.
    Told(&'static str),
    /// A cancel was asked for and waits for the charge's age.
    CancelWaits,
    /// Unknown was told, and the cashier has detached the sale.
    Detached,
}

const EXPIRED: Scene = Scene {
    name: "",
    digits: Some(6),
    hold: None,
    moment: Moment::Held,
    keys: &[],
    outcome: "expired",
    code: 11,
    told: &["expired"],
    charges: 1,
    money: 0,
};

const PAID: Scene =
    Scene { digits: Some(0), outcome: "paid", code: 0, told: &["paid"], money: 15_000, ..EXPIRED };

const SCENES: &[Scene] = &[
    Scene {
        name: "armed: lapses",
        digits: None,
        moment: Moment::State("armed"),
        charges: 0,
        ..EXPIRED
    },
    Scene {
        name: "create sent, never arrived: absent for the quarantine",
        digits: Some(0),
        hold: Some((Call::Create, Hold::Request)),
        keys: LONG_TIME_OUT,
        outcome: "not_created",
        code: 13,
        told: &["not_created"],
        charges: 0,
        ..EXPIRED
    },
    Scene {
        name: "create sent, answered: found and paid",
        hold: Some((Call::Create, Hold::Answer)),
        keys: LONG_TIME_OUT,
        ..PAID
    },
    Scene {
        name: "create sent, charge made after the restart: found and paid",
        digits: Some(44),
        moment: Moment::Created,
        keys: LONG_TIME_OUT,
        ..PAID
    },
    Scene {
        name: "pending, paid later",
        digits: Some(4),
        moment: Moment::State("awaiting_customer"),
        keys: &[("payment.deadline", "8s")],
        ..PAID
    },
    Scene { name: "pending, never paid", moment: Moment::State("awaiting_customer"), ..EXPIRED },
    Scene {
        name: "expire sent, done, not answered",
        hold: Some((Call::Expire, Hold::Answer)),
        keys: LONG_TIME_OUT,
        ..EXPIRED
    },
    Scene {
        name: "expire sent, never arrived",
        hold: Some((Call::Expire, Hold::Request)),
        keys: LONG_TIME_OUT,
        ..EXPIRED
    },
    Scene {
        name: "expire sent, lost to the payment",
        digits: Some(30),
        hold: Some((Call::Expire, Hold::Answer)),
        keys: LONG_TIME_OUT,
        ..PAID
    },
    Scene {
        name: "a cancel waits",
        moment: Moment::CancelWaits,
        keys: &[("payment.deadline", "8s"), ("payment.cancel_not_before", "1500ms")],
        outcome: "cancelled",
        code: 12,
        told: &["cancelled"],
        ..EXPIRED
    },
    Scene {
        name: "paid, not acknowledged",
        moment: Moment::Told("paid"),
        told: &["paid", "paid+"],
        ..PAID
    },
    Scene {
        name: "declined, not acknowledged",
        digits: Some(10),
        moment: Moment::Told("declined"),
        outcome: "declined",
        code: 10,
        told: &["declined", "declined+"],
        ..EXPIRED
    },
    Scene {
        name: "late success, not acknowledged",
        digits: Some(32),
        moment: Moment::Told("late_success"),
        outcome: "declined",
        code: 10,
        told: &["declined", "late_success", "late_success+"],
        money: 15_000,
        ..EXPIRED
    },
    Scene {
        name: "unknown",
        hold: Some((Call::Read, Hold::Request)),
        moment: Moment::Told("unknown"),
        told: &["unknown", "unknown+", "resolved"],
        ..PAID
    },
    Scene {
        name: "unknown and detached",
        hold: Some((Call::Read, Hold::Request)),
        moment: Moment::Detached,
        code: 20,
        told: &["unknown", "unknown+", "resolved"],
        ..PAID
    },
];

/// The request that is held must not time out before the daemon ends.
const LONG_TIME_OUT: &[(&str, &str)] = &[
    ("gateway.request_timeout", "2500ms"),
    ("payment.quarantine", "2500ms"),
    ("payment.deadline", "4s"),
];

#[test]
fn killed_at_any_moment_a_restart_ends_right() {
    in_parallel(SCENES, |scene| scene.name.to_owned(), |scene| check(scene, Signal::KILL));
}

#[test]
fn o4_stopped_at_any_moment_a_restart_ends_right() {
    in_parallel(SCENES, |scene| scene.name.to_owned(), |scene| check(scene, Signal::TERM));
}

/// SIGTERM comes while the hook is about to run: it is told before the daemon ends, and told again
/// after.
#[test]
fn an_orderly_end_waits_for_the_hooks() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::start(&sandbox.url(), &[]);
    for index in 0..HOOKS {
        let reference = format!("INV-{index}");
        assert_eq!(counter.run(&["sale", "150.00", "--reference", &reference]).code, Some(0));
        counter.scan(1);
        counter.until_sale(&reference, "outcome", "paid");
        end(&mut counter, Signal::TERM);
        assert_eq!(counter.told(&reference), ["paid"]);
        counter.run_daemon();
        counter.until_told(&reference, &["paid", "paid+"]);
    }
}

/// The daemon is killed ever later in its start, while it recovers an armed sale, a paid one and a
/// pending one.
#[test]
fn d5_killed_within_its_recovery_it_recovers_the_next_time() {
    for (state, digits, outcome) in [
        ("armed", None, "expired"),
        ("closed", Some(1), "paid"),
        ("awaiting_customer", Some(0), "paid"),
    ] {
        let sandbox = Sandbox::start("1");
        let keys = [("payment.deadline", "20s")];
        let mut counter = Counter::start(&sandbox.url(), &keys);
        assert_eq!(counter.run(&["sale", "150.00", "--reference", REFERENCE]).code, Some(0));
        digits.into_iter().for_each(|digits| counter.scan(digits));
        counter.until_sale(REFERENCE, "state", state);
        end(&mut counter, Signal::KILL);
        for life in 0..RECOVERIES {
            let arguments = ["run", "--config", &counter.config()];
            let daemon = Process::start(counter.path(), "daemon", &arguments);
            std::thread::sleep(Duration::from_millis(life * 4));
            drop(daemon);
        }
        counter.run_daemon();
        counter.until_sale(REFERENCE, "outcome", outcome);
        let repeated = format!("{outcome}+");
        until("the hook", || (!counter.told(REFERENCE).is_empty()).then_some(()));
        let told = counter.told(REFERENCE);
        assert!(told.iter().all(|word| word == outcome || *word == repeated), "{told:?}");
        assert_eq!(sandbox.requests("create"), u64::from(digits.is_some()), "{state}");
    }
}

fn check(scene: &Scene, signal: Signal) {
    let sandbox = Sandbox::start("10");
    let gate = Gate::open(sandbox.address());
    let mut counter = Counter::start(&gate.url(), scene.keys);
    let sale = begin(scene, &counter, &gate, &sandbox);
    end(&mut counter, signal);
    gate.release();
    counter.run_daemon();
    let sale = sale.finish();
    assert_eq!(sale.code, Some(scene.code), "{}: {sale:?}", scene.name);
    counter.until_sale(REFERENCE, "outcome", scene.outcome);
    counter.until_told(REFERENCE, scene.told);
    check_gateway(scene, &counter, &sandbox);
    check_screen(scene, &counter);
    check_acknowledged(scene, &mut counter, signal);
    if scene.digits.is_none() {
        check_again(&counter, &sandbox);
    }
}

/// Brings a sale to the moment.
fn begin(scene: &Scene, counter: &Counter, gate: &Gate, sandbox: &Sandbox) -> Process {
    if let Some((call, hold)) = scene.hold {
        gate.hold(call, hold);
    }
    let mut sale = counter.spawn(&["sale", "150.00", "--reference", REFERENCE, "--wait", "--json"]);
    counter.until_sale(REFERENCE, "state", "armed");
    if let Some(digits) = scene.digits {
        counter.scan(digits);
    }
    match scene.moment {
        Moment::State(state) => {
            counter.until_sale(REFERENCE, "state", state);
        }
        Moment::Held => until("a held call", || (gate.held() > 0).then_some(())),
        Moment::Created => {
            until("the create", || (sandbox.requests("create") > 0).then_some(()));
        }
        Moment::Told(word) => until(word, || {
            let told = counter.told(REFERENCE);
            (told.last()? == word).then_some(())
        }),
        Moment::CancelWaits => {
            counter.until_sale(REFERENCE, "state", "awaiting_customer");
            let cancelled = counter.run(&["cancel", REFERENCE, "--json"]).json();
            assert_eq!(cancelled["screen"], "cancel_waits");
        }
        Moment::Detached => {
            counter.until_told(REFERENCE, &["unknown"]);
            let detached = counter.run(&["detach", REFERENCE, "--json"]);
            assert_eq!(detached.code, Some(0), "{detached:?}");
            sale.wait();
        }
    }
    sale
}

fn end(counter: &mut Counter, signal: Signal) {
    let status = counter.end_daemon(signal);
    let orderly = (signal == Signal::TERM).then_some(0);
    assert_eq!(status.code(), orderly, "{}", counter.log());
}

/// Never a second create for the attempt, and the money is where the outcome says.
fn check_gateway(scene: &Scene, counter: &Counter, sandbox: &Sandbox) {
    let charges = sandbox.charges();
    assert_eq!(charges.len(), scene.charges, "{}", scene.name);
    let money: i64 = charges.iter().map(|charge| charge["money_moved"].as_i64().unwrap()).sum();
    assert_eq!(money, scene.money, "{}", scene.name);
    for (attempt, creates) in sandbox.creates() {
        assert_eq!(creates, 1, "{}", scene.name);
        assert_eq!(counter.sale(REFERENCE)["attempt"], attempt, "{}", scene.name);
    }
    let never_arrived = scene.hold == Some((Call::Create, Hold::Request));
    let creates = u64::from(scene.digits.is_some() && !never_arrived);
    assert_eq!(sandbox.requests("create"), creates, "{}", scene.name);
}

/// The result stands on the screen, or as an alert beside it, until somebody acknowledges it.
fn check_screen(scene: &Scene, counter: &Counter) {
    let status = counter.status();
    let (alerts, screen) = (status["alerts"].as_array().unwrap(), &status["screen"]["screen"]);
    let late = scene.told.last() == Some(&"late_success+");
    let detached = matches!(scene.moment, Moment::Detached);
    assert_eq!(alerts.len(), usize::from(late || detached), "{}: {status:#}", scene.name);
    let expected = if late || detached { "idle" } else { scene.outcome };
    assert_eq!(screen, expected, "{}", scene.name);
}

/// What was acknowledged is not told again, whatever ends the daemon.
fn check_acknowledged(scene: &Scene, counter: &mut Counter, signal: Signal) {
    let acknowledged = counter.run(&["acknowledge", REFERENCE, "--json"]);
    assert_eq!(acknowledged.code, Some(0), "{}: {acknowledged:?}", scene.name);
    end(counter, signal);
    counter.run_daemon();
    let status = counter.status();
    assert_eq!(status["screen"]["screen"], "idle", "{}", scene.name);
    assert_eq!((&status["alerts"], &status["unsettled"]), (&json!([]), &json!(0)));
    // An orderly end waits for the hooks: from here on nothing more can be told.
    end(counter, Signal::TERM);
    assert_eq!(counter.told(REFERENCE), scene.told, "{}", scene.name);
    counter.run_daemon();
    let shown = counter.run(&["show", REFERENCE, "--json"]).json();
    assert_eq!(shown["outcome"], scene.outcome, "{}", scene.name);
    let again = counter.run(&["sale", "150.00", "--reference", REFERENCE, "--wait", "--json"]);
    let code = if scene.outcome == "paid" { 0 } else { scene.code };
    assert_eq!(again.code, Some(code), "{}: asking again is no new sale", scene.name);
}

/// A sale that lapsed takes another code when it is asked to.
fn check_again(counter: &Counter, sandbox: &Sandbox) {
    let sale = ["sale", "150.00", "--reference", REFERENCE, "--again", "--wait", "--json"];
    let sale = counter.spawn(&sale);
    counter.until_sale(REFERENCE, "state", "armed");
    counter.scan(0);
    let sale = sale.finish();
    assert_eq!((sale.code, &sale.json()["outcome"]), (Some(0), &json!("paid")));
    assert_eq!(sandbox.requests("create"), 1);
}

/// Without the wait, a hook would be quick enough now and then.
const HOOKS: u32 = 4;
/// Starts that are killed, 4 ms more of each: the last ones come to their end.
const RECOVERIES: u64 = 16;
const REFERENCE: &str = "INV-1";
