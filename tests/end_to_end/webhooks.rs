//! Webhooks from the sandbox to a daemon whose polls are far away: what they tell of is found at
//! once, in whatever state they arrive; and a daemon that gets none, or none that it may believe,
//! finds it by polling.

use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Call, Counter, Gate, Hold, Sandbox, WEBHOOK_SECRET, in_parallel, until};

/// How webhooks arrive, and what becomes of a payment that they tell of.
struct Scene {
    name: &'static str,
    /// How many times faster than real payments this one goes by.
    speed: &'static str,
    options: &'static [&'static str],
    digits: u8,
    keys: Keys,
    outcome: &'static str,
    told: &'static [&'static str],
    money: i64,
    /// What became of so many webhooks, at least.
    fate: (&'static str, u64),
    /// What the status says is to be mended.
    problem: &'static str,
}

type Keys = &'static [(&'static str, &'static str)];

const PAID: Scene = Scene {
    name: "as Opn sends them",
    speed: "10",
    options: OURS,
    digits: 0,
    keys: FAR,
    outcome: "paid",
    told: &["paid"],
    money: 15_000,
    fate: ("taken", 2),
    problem: "",
};

const SCENES: &[Scene] = &[
    PAID,
    Scene {
        name: "declined",
        digits: 10,
        outcome: "declined",
        told: &["declined"],
        money: 0,
        ..PAID
    },
    Scene {
        name: "written in an old version of the API",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-version", "2017-11-02"],
        ..PAID
    },
    Scene {
        name: "signed by a next secret, too",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-next-secret", OTHER],
        ..PAID
    },
    Scene {
        name: "signed by the next secret alone",
        options: &[
            "--webhook-secret",
            OTHER,
            "--webhook-next-secret",
            WEBHOOK_SECRET,
            "--webhook-roll-overlap",
            "0",
        ],
        ..PAID
    },
    Scene {
        name: "each twice",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-duplicates", "100"],
        fate: ("duplicate", 2),
        ..PAID
    },
    Scene {
        name: "the first one overtaken",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-swaps", "50", "--seed", "4"],
        ..PAID
    },
    Scene {
        name: "delayed, each by another time",
        options: &[
            "--webhook-secret",
            WEBHOOK_SECRET,
            "--webhook-delay",
            "100",
            "--webhook-delay-spread",
            "900",
        ],
        ..PAID
    },
    Scene {
        name: "dated by a clock that is a little wrong",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-skew", "-200"],
        ..PAID
    },
    Scene {
        name: "of a charge whose create was not answered",
        // Its answer is given up after a second.
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-delay", "2500"],
        digits: 40,
        ..PAID
    },
    Scene {
        name: "of money that comes after it was declined",
        // Else it comes before the first webhook was read.
        speed: "2",
        digits: 32,
        outcome: "declined",
        told: &["declined", "late_success"],
        ..PAID
    },
    Scene {
        name: "of a refund made elsewhere",
        digits: 95,
        money: 9_000,
        fate: ("taken", 3),
        ..PAID
    },
    Scene {
        name: "lost, and polls are enough",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-loss", "100"],
        keys: &[],
        fate: ("taken", 0),
        ..PAID
    },
    Scene {
        name: "signed by another secret, and polls are enough",
        options: &["--webhook-secret", OTHER, "--webhook-tries", "5"],
        keys: &[],
        fate: ("forged", 1),
        problem: "wrong signature",
        ..PAID
    },
    Scene {
        name: "dated by a wrong clock, and polls are enough",
        options: &["--webhook-secret", WEBHOOK_SECRET, "--webhook-skew", "-1000"],
        keys: &[],
        fate: ("late", 1),
        problem: "s behind this box's clock",
        ..PAID
    },
    Scene {
        name: "not signed, and polls are enough",
        options: &[],
        keys: &[],
        fate: ("malformed", 1),
        ..PAID
    },
];

#[test]
fn s4_l2_what_webhooks_tell_of_is_found_at_once_and_polls_are_enough_without_them() {
    in_parallel(SCENES, |scene| scene.name.to_owned(), play);
}

fn play(scene: &Scene) {
    let stage = Stage::set(scene.speed, scene.options, scene.keys);
    stage.sell(scene.digits);
    stage.counter.until_sale(REFERENCE, "outcome", scene.outcome);
    stage.counter.until_told(REFERENCE, scene.told);
    let creates = stage.sandbox.creates();
    assert!(matches!(creates[..], [(_, 1)]), "S8: {creates:?}");
    until("the money", || (stage.money() == scene.money).then_some(()));
    let (fate, count) = scene.fate;
    until(fate, || (stage.counter.webhooks(fate) >= count).then_some(()));
    until("what is to be mended", || {
        let problems = stage.counter.status()["problems"].to_string();
        let is_said = !scene.problem.is_empty() && problems.contains(scene.problem);
        (is_said || scene.problem.is_empty() && !problems.contains("webhooks")).then_some(())
    });
}

/// O4: the gateway was told that we have its webhook, and will not send it again; the daemon is
/// killed before its reading has reached the gateway. The next look of the watch is a minute away.
#[test]
fn o4_d5_a_crash_between_the_answer_and_the_reading_loses_no_webhook() {
    // Slow enough that the gate is closed before the money comes.
    let mut stage = Stage::set("2", OURS, FAR);
    stage.sell(32);
    stage.counter.until_told(REFERENCE, &["declined"]);
    stage.gate.hold(Call::Read, Hold::Request);
    // Made, declined, and paid all the same.
    until("the third webhook", || (stage.counter.webhooks("taken") == 3).then_some(()));
    until("its reading", || (stage.gate.held() > 0).then_some(()));
    stage.counter.end_daemon(Signal::KILL);
    stage.gate.release();
    stage.counter.run_daemon();
    stage.counter.until_told(REFERENCE, &["declined", "declined+", "late_success"]);
    assert_eq!((stage.money(), stage.counter.webhooks("taken")), (15_000, 0));
}

/// Of a sale that nothing was left to do for: its charge leads to it, and what went back is noted.
#[test]
fn a_refund_made_elsewhere_is_known_by_its_webhook() {
    // Slow enough that the sale is paid and settled when its charge is given back in part.
    let stage = Stage::set("2", OURS, FAR);
    stage.sell(95);
    stage.counter.until_told(REFERENCE, &["paid"]);
    let (status, _) = stage.counter.ask("POST", &format!("/v1/sales/{REFERENCE}/acknowledge"), "");
    assert_eq!(status, 200);
    let sale = stage.counter.until_sale(REFERENCE, "refunded", "60.00");
    assert_eq!((&sale["outcome"], stage.money()), (&json!("paid"), 9_000));
}

/// A counter with a receiver, its gateway, and a gate between them in either direction.
struct Stage {
    counter: Counter,
    gate: Gate,
    sandbox: Sandbox,
    _post: Gate,
}

impl Stage {
    fn set(speed: &str, options: &[&str], keys: Keys) -> Self {
        // Where it leads is known when the daemon has its port.
        let post = Gate::open(([127, 0, 0, 1], 9).into());
        let url = format!("{}/opn", post.url());
        let sandbox =
            Sandbox::start_with(&[&["--speed", speed, "--webhook-url", &url], options].concat());
        let gate = Gate::open(sandbox.address());
        let mut counter = Counter::prepare(&gate.url(), keys);
        counter.receive_webhooks("");
        counter.run_daemon();
        post.lead_to(counter.receiver());
        Self { counter, gate, sandbox, _post: post }
    }

    fn sell(&self, digits: u8) {
        let path = format!("/v1/sales/{REFERENCE}");
        let (status, sale) = self.counter.ask("PUT", &path, r#"{"amount": "150.00"}"#);
        assert_eq!((status, &sale["state"]), (200, &json!("armed")));
        self.counter.scan(digits);
    }

    fn money(&self) -> i64 {
        let charges = self.sandbox.charges_of(REFERENCE);
        charges.iter().map(|charge| charge["money_moved"].as_i64().unwrap()).sum()
    }
}

const REFERENCE: &str = "INV-1";
const OURS: &[&str] = &["--webhook-secret", WEBHOOK_SECRET];
const OTHER: &str = "c29tZWJvZHktZWxzZS1z";
/// Nothing is read by itself while any of these tests runs.
const FAR: Keys = &[
    ("payment.deadline", "10m"),
    ("payment.poll_first", "60s"),
    ("payment.poll_fast", "60s"),
    ("payment.poll_slow_min", "60s"),
    ("payment.poll_slow_max", "60s"),
    ("payment.watch", r#"["60s"]"#),
];
