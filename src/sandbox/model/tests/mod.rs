//! The model seen through its calls, without a socket.

mod behaviours;
mod lists;
mod properties;
mod refunds;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::sandbox::behaviour::behaviours;

/// A gateway and a clock that only tests move.
struct Shop {
    model: Model,
    now: Moment,
}

impl Shop {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let now = "2023-12-18T10:18:56.055Z".parse().unwrap();
        Self { model: Model::new(settings, 1), now }
    }

    fn wait(&mut self, milliseconds: u64) {
        self.now = self.now.plus(Duration::from_millis(milliseconds));
    }

    fn reply(&mut self, call: &str, parameters: Value) -> Reply {
        let (method, path) = call.split_once(' ').unwrap();
        let call = Call::of(method, path).unwrap_or_else(|| panic!("no call: {call}"));
        self.model.handle(self.now, &call, &Parameters::from_json(parameters))
    }

    /// A call that answers with JSON: status and body.
    fn call(&mut self, call: &str, parameters: Value) -> (u16, Value) {
        let reply = self.reply(call, parameters);
        (reply.status, reply.json().unwrap_or_else(|| panic!("no JSON: {reply:?}")))
    }

    /// A charge of 1500.00 made with a code of these last digits.
    fn charge(&mut self, digits: u8) -> String {
        let before = self.model.charges.len();
        self.reply("POST /charges", order(digits));
        assert_eq!(self.model.charges.len(), before + 1, "no charge for {digits:02}");
        // Not the last id: those of one millisecond are in no order.
        let made = self.model.events().iter().rev().find(|event| event.key() == "charge.create");
        made.unwrap().charge_id.clone()
    }

    fn truth(&mut self, id: &str) -> Truth {
        self.model.advance(self.now);
        self.model.truths().find(|truth| truth.id == id).unwrap()
    }

    #[track_caller]
    fn check_error(&mut self, call: &str, parameters: Value, expected: (u16, &str, &str)) {
        let (status, body) = self.call(call, parameters);
        let found = (status, body["code"].as_str().unwrap_or(""), body["message"].as_str());
        assert_eq!(found, (expected.0, expected.1, Some(expected.2)), "{call}");
        assert_eq!(body["object"], "error");
        let anchor = expected.1.replace('_', "-");
        assert_eq!(body["location"], format!("https://www.omise.co/api-errors#{anchor}"));
    }
}

fn order(digits: u8) -> Value {
    json!({
        "amount": 150_000,
        "currency": "THB",
        "source": {"type": "wechat_pay_upm", "barcode": format!("1309912925527250{digits:02}")},
        "metadata": {"attempt": "A1"},
    })
}

/// Every key of the guide's charge is there with the guide's value, and nothing but the fields that
/// newer captures have beside it.
#[test]
fn a_pending_charge_is_the_one_in_the_guide() {
    let guide: Value = serde_json::from_str(include_str!("charge-pending.json")).unwrap();
    let mut shop = Shop::new();
    let mut input = order(93);
    input.as_object_mut().unwrap().remove("metadata");
    input["source"]["barcode"] = json!("130991292552725093");
    let (status, made) = shop.call("POST /charges", input);
    assert_eq!(status, 200);

    let (guide, made) = (leaves(&guide), leaves(&made));
    let keys = |leaves: &[(String, Value)]| -> BTreeSet<String> {
        leaves.iter().map(|(path, _)| path.clone()).collect()
    };
    let newer: Vec<String> = keys(&made).difference(&keys(&guide)).cloned().collect();
    expect![[r#"
        [
            "/approval_code",
            "/authorization_type",
            "/authorized_amount",
            "/authorized_at",
            "/can_perform_void",
            "/captured_amount",
            "/linked_account",
            "/merchant_advice",
            "/merchant_advice_code",
            "/multi_capture",
            "/source/promotion_code",
            "/source/qr_settings",
        ]
    "#]]
    .assert_debug_eq(&newer);
    let own = ["/id", "/location", "/filename", "/download_uri"];
    for (path, value) in guide {
        let made = made.iter().find(|(other, _)| *other == path);
        let made = &made.unwrap_or_else(|| panic!("{path} is missing")).1;
        if !own.iter().any(|end| path.ends_with(end)) {
            assert_eq!(*made, value, "{path}");
        }
    }
}

/// Paths and values of everything in a document that is not an object with fields.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    let Some(map) = value.as_object().filter(|map| !map.is_empty()) else {
        return vec![(String::new(), value.clone())];
    };
    let mut all = Vec::new();
    for (name, value) in map {
        all.extend(leaves(value).into_iter().map(|(path, leaf)| (format!("/{name}{path}"), leaf)));
    }
    all
}

#[test]
fn ids_are_of_the_gateways_form() {
    let mut shop = Shop::new();
    let (_, charge) = shop.call("POST /charges", order(0));
    for (path, prefix) in [("/id", "chrg_test_5y4zonc"), ("/source/id", "src_test_5y4zonc")] {
        let id = charge.pointer(path).and_then(Value::as_str).unwrap();
        assert!(id.starts_with(prefix), "{id}");
    }
}

#[test]
fn fees_are_rounded_half_up() {
    let table =
        [(150_000, 2_475, 173), (2_000, 33, 2), (2_101, 35, 2), (10_000_000, 165_000, 11_550)];
    for (amount, fee, fee_vat) in table {
        let mut input = order(6);
        input["amount"] = json!(amount);
        let (_, charge) = Shop::new().call("POST /charges", input);
        let found = (&charge["fee"], &charge["fee_vat"], &charge["net"]);
        assert_eq!(found, (&json!(fee), &json!(fee_vat), &json!(amount - fee - fee_vat)));
    }
}

#[test]
fn bad_orders_are_refused_in_the_gateways_words() {
    let minimum = "amount must be greater than or equal to 2000 (thb subunits)";
    let both = "amount must be greater than or equal to 2000 (thb subunits) and \
                currency is currently not supported";
    let maximum = "amount must be less than or equal to 15000000 (thb subunits)";
    let currency = "currency is currently not supported";
    let kind = "type is currently not supported";
    let table: &[(&str, Value, (u16, &str, &str))] = &[
        ("/amount", json!("12x"), (400, "bad_request", "amount is not a number")),
        ("/amount", json!(2000.5), (400, "bad_request", "amount is not a number")),
        ("/amount", json!(null), (400, "bad_request", "amount is not a number")),
        ("/amount", json!(1_999), (400, "invalid_charge", minimum)),
        ("/amount", json!("-5"), (400, "invalid_charge", minimum)),
        ("/amount", json!(15_000_001), (400, "invalid_charge", maximum)),
        ("/currency", json!("USD"), (400, "invalid_charge", currency)),
        ("", json!({"amount": 1, "currency": "usd"}), (400, "invalid_charge", both)),
        ("/source", json!(null), (400, "bad_request", "source is required")),
        ("/source/type", json!("promptpay"), (400, "bad_request", kind)),
        ("/source/barcode", json!(""), (400, "invalid_charge", "barcode is required")),
        ("/source/barcode", json!("13x"), (400, "invalid_charge", "barcode is invalid")),
        ("/metadata", json!("text"), (400, "bad_request", "metadata must be a hash")),
    ];
    for (path, value, expected) in table {
        let mut shop = Shop::new();
        let mut input = order(0);
        *input.pointer_mut(path).unwrap() = value.clone();
        shop.check_error("POST /charges", input, *expected);
        assert_eq!(shop.model.charges.len(), 0, "{path} {value}");
    }
}

#[test]
fn both_wallets_live_as_long_as_documented() {
    for (kind, days) in [("wechat_pay_upm", 1), ("alipayplus_upm", 7)] {
        let mut shop = Shop::new();
        let mut input = order(6);
        input["source"]["type"] = json!(kind);
        let (_, charge) = shop.call("POST /charges", input);
        let expires_at = shop.now.plus(Duration::from_secs(86_400 * days));
        assert_eq!(charge["expires_at"], expires_at.to_string());
        assert_eq!(charge["source"]["type"], kind);
    }
}

#[test]
fn metadata_keeps_its_types_and_can_be_changed() {
    let mut shop = Shop::new();
    let mut input = order(6);
    let metadata = json!({"s": "x", "i": 7, "f": 1.5, "b": true, "n": null, "l": [1, {"a": 2}]});
    input["metadata"] = metadata.clone();
    let (_, charge) = shop.call("POST /charges", input);
    assert_eq!(charge["metadata"], metadata);
    let path = format!("PATCH {}", charge["location"].as_str().unwrap());
    let (_, changed) = shop.call(&path, json!({"description": "new", "metadata": {"k": 1}}));
    assert_eq!((&changed["description"], &changed["metadata"]), (&json!("new"), &json!({"k": 1})));
}

/// §3.5 of the API facts: what each status says in the other fields.
#[test]
fn every_state_looks_as_documented() {
    let fields = [
        "status",
        "authorized",
        "paid",
        "expired",
        "reversed",
        "refundable",
        "paid_at",
        "expired_at",
        "expires_at",
        "failure_code",
    ];
    let mut text = String::new();
    for digits in [6, 0, 10, 21, 22] {
        let mut shop = Shop::new();
        let id = shop.charge(digits);
        shop.wait(60_000);
        let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
        let values = fields.map(|field| charge[field].to_string().replace('"', ""));
        let _ = writeln!(text, "{}", values.join(" "));
        assert_eq!(charge["source"]["charge_status"], charge["status"]);
        assert_eq!(charge["transaction"].is_string(), charge["status"] == "successful");
    }
    expect![[r#"
        pending false false false false false null null 2023-12-19T10:18:56Z null
        successful true true false false true 2023-12-18T10:18:57Z null 2023-12-19T10:18:56Z null
        failed false false false false false null null 2023-12-19T10:18:56Z insufficient_fund
        expired false false true false false null 2023-12-18T10:19:41Z 2023-12-18T10:19:41Z null
        reversed true false false true false null null 2023-12-19T10:18:56Z null
    "#]]
    .assert_eq(&text);
}

#[test]
fn speed_shortens_payments_and_hangs_but_not_the_gateways_terms() {
    let speed = "20".parse().unwrap();
    let mut shop = Shop::with(Settings { speed, ..Settings::default() });
    let id = shop.charge(20);
    shop.wait(2_249);
    assert_eq!(shop.truth(&id).status, "pending");
    shop.wait(1);
    assert_eq!(shop.truth(&id).status, "failed");
    let hang = shop.reply("POST /charges", order(43));
    assert_eq!(hang.delivery, Delivery::Held(Duration::from_secs(3)));
    let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
    assert_eq!(charge["expires_at"], "2023-12-19T10:18:56Z");
}

#[test]
fn speeds_are_read_exactly() {
    let second = Duration::from_secs(1);
    let table: &[(&str, Option<u64>)] = &[
        ("1", Some(1_000)),
        ("20", Some(50)),
        ("0.5", Some(2_000)),
        ("0.001", Some(1_000_000)),
        ("1000", Some(1)),
        ("0", None),
        ("1000.001", None),
        ("-1", None),
        ("1e3", None),
        ("", None),
        ("1.", None),
    ];
    for (text, expected) in table {
        let scaled = text.parse::<Speed>().ok().map(|speed| speed.scale(second).as_millis());
        assert_eq!(scaled, expected.map(u128::from), "{text:?}");
    }
}

#[test]
fn the_sweep_expires_what_is_open_and_marks_what_is_not() {
    let mut shop = Shop::new();
    let [open, paid, failed] = [6, 0, 10].map(|digits| shop.charge(digits));
    shop.wait(86_400_000);
    assert_eq!(shop.truth(&open).status, "pending");
    // Made at 10:18:56, so the first whole five minutes are at 10:20:00.
    shop.wait(64_000);
    let [open, paid, failed] =
        [open, paid, failed].map(|id| shop.call(&format!("GET /charges/{id}"), json!({})).1);
    let swept = |charge: &Value| {
        ["status", "expired", "expires_at", "expired_at"].map(|field| charge[field].clone())
    };
    let (due, sweep) = ("2023-12-19T10:18:56Z", "2023-12-19T10:20:00Z");
    assert_eq!(swept(&open), [json!("expired"), json!(true), json!(sweep), json!(sweep)]);
    assert_eq!(swept(&paid), [json!("successful"), json!(false), json!(due), json!(due)]);
    assert_eq!(swept(&failed), [json!("failed"), json!(true), json!(due), json!(due)]);
}

#[test]
fn only_an_open_charge_expires_and_none_is_reversed() {
    let mut shop = Shop::new();
    let id = shop.charge(0);
    let reverse = "only uncaptured authorized charges can be reversed";
    shop.check_error(
        &format!("POST /charges/{id}/reverse"),
        json!({}),
        (400, "failed_reverse", reverse),
    );
    shop.wait(1_000);
    let expire = format!("POST /charges/{id}/expire");
    shop.check_error(&expire, json!({}), (400, "failed_expire", "expire failed"));
    let missing = (404, "not_found", "charge chrg_test_x was not found");
    for action in ["expire", "reverse", "mark_as_paid", "mark_as_failed", "refunds"] {
        shop.check_error(&format!("POST /charges/chrg_test_x/{action}"), json!({}), missing);
    }
    assert_eq!(shop.truth(&id).expire_calls, 1);
}

#[test]
fn test_mode_marks_pending_charges_only() {
    for (action, status) in [("mark_as_paid", "successful"), ("mark_as_failed", "failed")] {
        let mut shop = Shop::new();
        let id = shop.charge(6);
        let (code, charge) = shop.call(&format!("POST /charges/{id}/{action}"), json!({}));
        assert_eq!((code, charge["status"].as_str()), (200, Some(status)));
        let again = (400, "bad_request", "charge is not pending");
        shop.check_error(&format!("POST /charges/{id}/{action}"), json!({}), again);
        assert_eq!(shop.model.events().last().unwrap().key(), "charge.complete");
    }
}

/// What Opn sends when a charge expires is not documented, so that it can be chosen.
#[test]
fn an_expired_charge_is_told_of_as_asked() {
    for (expire_event, expected) in [
        (ExpireEvent::Expire, &["charge.create", "charge.expire"][..]),
        (ExpireEvent::Complete, &["charge.create", "charge.complete"]),
        (ExpireEvent::Both, &["charge.create", "charge.expire", "charge.complete"]),
        (ExpireEvent::None, &["charge.create"]),
    ] {
        let mut shop = Shop::with(Settings { expire_event, ..Settings::default() });
        let id = shop.charge(6);
        shop.call(&format!("POST /charges/{id}/expire"), json!({}));
        let keys: Vec<&str> = shop.model.events().iter().map(Event::key).collect();
        assert_eq!(keys, expected);
        assert_eq!(shop.truth(&id).status, "expired");
    }
}

#[test]
fn a_changed_charge_is_told_of() {
    let mut shop = Shop::new();
    let id = shop.charge(6);
    shop.call(&format!("PATCH /charges/{id}"), json!({"description": "new"}));
    let event = shop.model.events().last().unwrap().to_json();
    assert_eq!((&event["key"], &event["data"]["id"]), (&json!("charge.update"), &json!(id)));
    assert_eq!(event["data"]["description"], "new");
    shop.call(&format!("PATCH /charges/{id}"), json!({"metadata": 7}));
    assert_eq!(shop.model.events().len(), 2);
}

#[test]
fn s8_the_truth_counts_creates_of_an_attempt_with_or_without_effect() {
    let mut shop = Shop::new();
    let id = shop.charge(40);
    shop.reply("POST /charges", order(51));
    shop.reply("POST /charges", order(43));
    let mut bad = order(0);
    bad["amount"] = json!(1);
    shop.reply("POST /charges", bad);
    assert_eq!(shop.truth(&id).creates, 4);
    assert_eq!(shop.model.creates()["A1"], 4);
    assert_eq!(shop.model.requests()["create"], 4);
    assert_eq!(shop.model.truths().count(), 1);
}

/// The same seed and calls give the same bytes, and a clone lives on by itself.
#[test]
fn the_model_is_a_value() {
    let run = |seed: u64| {
        let mut shop = Shop { model: Model::new(Settings::default(), seed), ..Shop::new() };
        for row in behaviours() {
            shop.reply("POST /charges", order(row.digits));
            shop.wait(700);
        }
        let mut twin = Shop { model: shop.model.clone(), now: shop.now };
        shop.wait(90_000);
        twin.wait(90_000);
        let text = shop.call("GET /events", json!({"limit": 100})).1.to_string();
        assert_eq!(text, twin.call("GET /events", json!({"limit": 100})).1.to_string());
        text
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

/// A clock can be driven from change to change: none is missed, none comes early, all come to an
/// end.
#[test]
fn next_change_is_when_something_changes() {
    let mut shop = Shop::new();
    shop.charge(32);
    let mut trail = Vec::new();
    while let Some(next) = shop.model.next_change() {
        assert!(next > shop.now);
        shop.now = next;
        shop.model.advance(next);
        let status = shop.model.truths().next().unwrap().status;
        if trail.last() != Some(&status) {
            trail.push(status);
        }
        assert!(trail.len() < 10);
    }
    assert_eq!(trail, ["failed", "successful"]);
}

#[test]
fn p1_a_code_is_in_no_debug_output_and_in_no_truth() {
    let mut shop = Shop::new();
    let id = shop.charge(7);
    let charge = &shop.model.charges[&id];
    assert_eq!(format!("{:?}", charge.order.barcode), "Barcode(len=18)");
    let reply = shop.reply(&format!("GET /charges/{id}"), json!({}));
    assert!(!format!("{reply:?}").contains("1309912925527250"), "{reply:?}");
    let truth = serde_json::to_string(&shop.truth(&id)).unwrap();
    assert!(!truth.contains("1309912925527250"));
}
