//! Lists, search and events.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Shop, order};
use crate::sandbox::model::Settings;

#[test]
fn lists_are_cut_by_time_offset_limit_and_order() {
    let mut shop = Shop::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(shop.charge(6));
        shop.wait(1_000);
    }
    let table: &[(Value, &[usize], usize)] = &[
        (json!({}), &[0, 1, 2, 3, 4], 5),
        (json!({"limit": "2", "offset": "1"}), &[1, 2], 5),
        (json!({"order": "reverse_chronological", "limit": 2}), &[4, 3], 5),
        (json!({"from": "2023-12-18T10:18:58Z"}), &[2, 3, 4], 3),
        (json!({"to": "2023-12-18T10:18:58Z"}), &[0, 1], 2),
        (json!({"from": "2023-12-18", "to": "2023-12-19", "offset": 9}), &[], 5),
        (json!({"from": null, "to": null, "order": null}), &[0, 1, 2, 3, 4], 5),
    ];
    for (parameters, expected, total) in table {
        let (status, list) = shop.call("GET /charges", parameters.clone());
        let found: Vec<&str> =
            list["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
        let expected: Vec<&str> = expected.iter().map(|at| ids[*at].as_str()).collect();
        assert_eq!((status, found), (200, expected), "{parameters}");
        assert_eq!(list["total"], *total, "{parameters}");
    }
    for (name, value, message) in [
        ("limit", "101", "limit is out of range"),
        ("limit", "0", "limit is out of range"),
        ("limit", "x", "limit is not a number"),
        ("offset", "-1", "offset is out of range"),
        ("from", "monday", "from is not a valid date"),
        ("order", "up", "order is invalid"),
    ] {
        let parameters = Value::Object([(name.to_owned(), json!(value))].into_iter().collect());
        shop.check_error("GET /charges", parameters, (400, "bad_request", message));
    }
}

#[test]
fn search_lags_counts_in_baht_and_does_not_know_metadata() {
    let mut shop = Shop::new();
    let mut input = order(0);
    input["description"] = json!("Order 7 at lane 2");
    shop.reply("POST /charges", input);
    let total = |shop: &mut Shop, parameters: Value| {
        shop.call("GET /search", parameters).1["total"].clone()
    };
    shop.wait(1_999);
    assert_eq!(total(&mut shop, json!({"scope": "charge"})), 0);
    shop.wait(1);
    assert_eq!(
        total(&mut shop, json!({"filters": {"status": "pending"}})),
        1,
        "paid, not yet known"
    );
    shop.wait(1_000);
    let table = [
        (json!({"query": "order"}), 1),
        (json!({"query": "A1"}), 0),
        (json!({"filters": {"amount": "1500"}}), 1),
        (json!({"filters": {"amount": "1500.00"}}), 1),
        (json!({"filters": {"amount": "150000"}}), 0),
        (json!({"filters": {"amount": "1000..2000", "status": "successful"}}), 1),
        (json!({"filters": {"created": "2023-12-17..2023-12-18"}}), 1),
        (json!({"filters": {"created": "2023-12-17"}}), 0),
        (json!({"filters": {"source_type": "alipayplus_upm"}}), 0),
        (json!({"filters": {"captured": "true", "refunded": "no"}}), 1),
    ];
    for (parameters, expected) in table {
        assert_eq!(total(&mut shop, parameters.clone()), expected, "{parameters}");
    }
    let unknown = (400, "invalid_filters", "filter barcode is not supported");
    shop.check_error("GET /charges/search", json!({"filters": {"barcode": "13"}}), unknown);
}

#[test]
fn events_tell_what_happened_in_order() {
    let mut shop = Shop::new();
    let [paid, expired] = [0, 31].map(|digits| shop.charge(digits));
    shop.reply(&format!("POST /charges/{expired}/expire"), json!({}));
    shop.wait(6_000);
    shop.reply(&format!("POST /charges/{paid}/refunds"), json!({"amount": 100}));
    let (_, all) = shop.call("GET /events", json!({}));
    let keys: Vec<&str> =
        all["data"].as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap()).collect();
    let expected = [
        "charge.create",
        "charge.create",
        "charge.expire",
        "charge.complete",
        "charge.complete",
        "refund.create",
    ];
    assert_eq!(keys, expected);
    assert_eq!(all["data"][0]["data"]["status"], "pending", "as it was then");
    assert_eq!(all["data"][5]["data"]["charge"], paid);
    let (_, own) = shop.call(&format!("GET /charges/{expired}/events"), json!({}));
    assert_eq!(own["total"], 3);
    let event = format!("GET {}", own["data"][0]["location"].as_str().unwrap());
    assert_eq!(shop.call(&event, json!({})).1, own["data"][0]);
}

#[test]
fn a_list_may_lag() {
    let mut shop = Shop::with(Settings { list_lag: Duration::from_secs(1), ..Settings::default() });
    shop.charge(6);
    assert_eq!(shop.call("GET /charges", json!({})).1["total"], 0);
    shop.wait(1_000);
    assert_eq!(shop.call("GET /charges", json!({})).1["total"], 1);
}
