//! Refunds: the gateway's rules, and every behaviour of the table that is about them.

use std::fmt::Write as _;
use std::time::Duration;

use expect_test::expect;
use serde_json::{Value, json};

use super::behaviours::told;
use super::{Shop, order};
use crate::sandbox::behaviour::behaviours;
use crate::sandbox::script::Refunds;

/// A charge of 1500.00 is paid after 1 s. Told is what the client sees of three refunds of 600.00,
/// at 2 s, 10 s and 30 s, and each change of what the gateway really gave back.
#[test]
fn every_refund_behaviour_does_what_its_row_says() {
    let mut text = String::new();
    for row in behaviours() {
        if row.script.refunds != Refunds::Plain || row.script.elsewhere.is_some() {
            let _ = writeln!(text, "{:02} {}: {}", row.digits, row.name, play(row.digits));
        }
    }
    expect![[r#"
        80 refund_refused: [400 failed_refund] [400 failed_refund] [400 failed_refund]
        81 refund_answer_lost: [dropped] 2s [60000,1,true,true] [closed] 10s [120000,2,true,true] [400 failed_refund]
        82 refund_500_made: [500 html] 2s [60000,1,true,true] [closed] 10s [120000,2,true,true] [400 failed_refund]
        83 refund_503_not_made: [503 html] [closed] 10s [60000,1,true,true] [closed] 30s [120000,2,true,true]
        84 refund_slow: [closed after 5s] 2s [60000,1,true,true] [closed] 10s [120000,2,true,true] [400 failed_refund]
        85 refund_made_later: [held 60s] [closed] 10s [60000,1,true,true] 17s [120000,2,true,true] [400 failed_refund]
        86 refund_hang: [held 60s] [closed] 10s [60000,1,true,true] [closed] 30s [120000,2,true,true]
        87 refund_backend_error: [400 backend_error] 2s [60000,1,true,true] [closed] 10s [120000,2,true,true] [400 failed_refund]
        88 refund_429: [429 too_many_requests] [closed] 10s [60000,1,true,true] [closed] 30s [120000,2,true,true]
        89 refund_foreign: [closed] 2s [60000,1,true,true] [closed] 10s [120000,2,true,true] [400 failed_refund]
        90 refund_no_balance: [400 failed_refund] [closed] 10s [60000,1,true,true] [closed] 30s [120000,2,true,true]
        91 refund_too_late: 1s [0,0,false,false] [400 failed_refund] [400 failed_refund] [400 failed_refund]
        92 refund_whole_only: 1s [0,0,true,false] [400 failed_refund] [400 failed_refund] [400 failed_refund]
        94 refunded_elsewhere: [closed] 2s [60000,1,true,true] 5s [150000,2,false,false] [400 failed_refund] [400 failed_refund]
        95 partly_refunded_elsewhere: [closed] 2s [60000,1,true,true] 5s [120000,2,true,true] [400 failed_refund] [400 failed_refund]
        96 refunded_15_times: 1s [22500,15,false,false] [400 failed_refund] [400 failed_refund] [400 failed_refund]
    "#]].assert_eq(&text);
}

fn play(digits: u8) -> String {
    let mut shop = Shop::new();
    let id = shop.charge(digits);
    let started = shop.now;
    let mut trail = Vec::new();
    let mut known = json!([0, 0, true, true]);
    for second in 1..40 {
        shop.now = started.plus(Duration::from_secs(second));
        if matches!(second, 2 | 10 | 30) {
            let refund = shop.reply(
                &format!("POST /charges/{id}/refunds"),
                json!({
                    "amount": 60_000, "metadata": {"refund": format!("r-{second}")},
                }),
            );
            trail.push(format!("[{}]", told(&refund)));
        }
        let now = given_back(&mut shop, &id);
        if now != known {
            trail.push(format!("{second}s {now}"));
            known = now;
        }
    }
    trail.join(" ")
}

/// Satang and refunds given back, and the two flags.
fn given_back(shop: &mut Shop, id: &str) -> Value {
    let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
    assert_eq!(charge["status"], "successful");
    let truth = shop.truth(id);
    assert_eq!(charge["refunded_amount"], truth.refunded);
    assert_eq!(charge["refunds"]["total"], truth.refunds);
    assert_eq!(truth.money_moved, 150_000 - truth.refunded);
    let created = shop.model.events().iter().filter(|event| event.key() == "refund.create");
    assert_eq!(created.count(), truth.refunds);
    let flags = (&charge["refundable"], &charge["partially_refundable"]);
    json!([truth.refunded, truth.refunds, flags.0, flags.1])
}

#[test]
fn s9_refunds_end_at_the_amount_the_count_and_the_window() {
    let mut shop = Shop::new();
    let id = shop.charge(0);
    let refund = format!("POST /charges/{id}/refunds");
    let refused = |message| (400, "failed_refund", message);
    shop.check_error(&refund, json!({"amount": 1}), refused("charge is not paid"));
    shop.wait(1_000);
    let over = "amount is more than what is left of the charge";
    shop.check_error(&refund, json!({"amount": 150_001}), refused(over));
    shop.check_error(&refund, json!({"amount": "x"}), refused("amount is not a number"));
    let least = "amount must be greater than or equal to 1 (thb subunits)";
    shop.check_error(&refund, json!({"amount": 0}), refused(least));
    shop.check_error(&refund, json!({"amount": i64::MIN}), refused(least));
    shop.check_error(&refund, json!({"amount": i64::MAX}), refused(over));
    let void = (400, "failed_void", "void is not supported for this charge");
    shop.check_error(&refund, json!({"amount": 1, "void": "true"}), void);
    for count in 1..=15 {
        let (status, made) = shop.call(&refund, json!({"amount": 100, "metadata": {"n": count}}));
        assert_eq!((status, &made["metadata"]["n"]), (200, &json!(count)));
    }
    shop.check_error(&refund, json!({"amount": 100}), refused("charge already has 15 refunds"));
    let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
    assert_eq!(
        (&charge["refunded_amount"], &charge["status"]),
        (&json!(1_500), &json!("successful"))
    );
    assert_eq!((&charge["refundable"], &charge["refunds"]["total"]), (&json!(false), &json!(15)));
    assert_eq!(shop.truth(&id).money_moved, 148_500);

    let refund_path = charge["refunds"]["data"][3]["location"].as_str().unwrap();
    let (_, one) = shop.call(&format!("GET {refund_path}"), json!({}));
    assert_eq!(one, charge["refunds"]["data"][3]);
    for path in [format!("GET /charges/{id}/refunds"), "GET /refunds".to_owned()] {
        assert_eq!(shop.call(&path, json!({"limit": 2})).1["total"], 15);
    }
}

/// The window ends 90 days after the payment, to the millisecond, and the flags say so.
#[test]
fn s9_the_window_is_90_days_from_the_payment() {
    for (more_ms, status) in [(0, 200), (1, 400)] {
        let mut shop = Shop::new();
        let id = shop.charge(0);
        shop.wait(1_000 + 90 * 86_400_000 + more_ms);
        let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
        let flag = json!(status == 200);
        assert_eq!((&charge["refundable"], &charge["partially_refundable"]), (&flag, &flag));
        let refund = shop.call(&format!("POST /charges/{id}/refunds"), json!({"amount": 1}));
        assert_eq!(refund.0, status);
        if status == 400 {
            assert_eq!(refund.1["message"], "charge is older than 90 days");
        }
    }
}

/// A refund that takes effect later obeys the rules of that time.
#[test]
fn s9_a_delayed_refund_never_makes_more_than_what_is_left() {
    let mut shop = Shop::new();
    let id = shop.charge(85);
    shop.wait(1_000);
    let refund = format!("POST /charges/{id}/refunds");
    assert_eq!(told(&shop.reply(&refund, json!({"amount": 100_000}))), "held 60s");
    assert_eq!(shop.call(&refund, json!({"amount": 100_000})).0, 200);
    shop.wait(15_000);
    assert_eq!((shop.truth(&id).refunded, shop.truth(&id).refunds), (100_000, 1));
}

/// A refund event shows the refund and names its charge; whoever made it.
#[test]
fn refund_events_show_the_refund_and_its_charge() {
    for (digits, metadata) in [(0, json!({"refund": "r-1"})), (94, json!({}))] {
        let mut shop = Shop::new();
        let id = shop.charge(digits);
        shop.wait(1_000);
        if digits == 0 {
            let parameters = json!({"amount": 150_000, "metadata": {"refund": "r-1"}});
            shop.reply(&format!("POST /charges/{id}/refunds"), parameters);
        }
        shop.wait(4_000);
        let (_, events) = shop.call(&format!("GET /charges/{id}/events"), json!({}));
        let keys: Vec<&str> =
            events["data"].as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["charge.create", "charge.complete", "refund.create"]);
        let refund = &events["data"][2]["data"];
        assert_eq!((&refund["object"], &refund["charge"]), (&json!("refund"), &json!(id)));
        let found = (&refund["amount"], &refund["currency"], &refund["metadata"]);
        assert_eq!(found, (&json!(150_000), &json!("THB"), &metadata));
        assert_eq!((&refund["status"], &refund["voided"]), (&json!("closed"), &json!(false)));
    }
}

#[test]
fn s9_what_can_be_given_back_in_full_only_is_given_back_in_full_only() {
    let mut shop = Shop::new();
    let id = shop.charge(92);
    shop.wait(1_000);
    let refund = format!("POST /charges/{id}/refunds");
    let refused = (400, "failed_refund", "charge can be refunded in full only");
    shop.check_error(&refund, json!({"amount": 149_999}), refused);
    assert_eq!(shop.call(&refund, json!({"amount": 150_000})).0, 200);
    assert_eq!(shop.truth(&id).money_moved, 0);
}

/// The foreign answer is of a charge and a refund that this shop never had.
#[test]
fn s9_a_foreign_refund_has_nothing_of_the_shop() {
    let mut shop = Shop::new();
    let id = shop.charge(89);
    shop.wait(1_000);
    let parameters = json!({"amount": 100, "metadata": {"refund": "r-1"}});
    let (status, foreign) = shop.call(&format!("POST /charges/{id}/refunds"), parameters);
    assert_eq!((status, &foreign["metadata"]), (200, &json!({})));
    let path = format!("GET {}", foreign["location"].as_str().unwrap());
    let message = format!("charge {} was not found", foreign["charge"].as_str().unwrap());
    shop.check_error(&path, json!({}), (404, "not_found", &message));
    assert_eq!(shop.truth(&id).refunded, 100);
}

#[test]
fn speed_shortens_refunds_too() {
    let settings = super::Settings { speed: "20".parse().unwrap(), ..super::Settings::default() };
    let mut shop = Shop::with(settings);
    let [slow, elsewhere] = [84, 94].map(|digits| shop.charge(digits));
    shop.wait(50);
    let reply = shop.reply(&format!("POST /charges/{slow}/refunds"), json!({"amount": 1}));
    assert_eq!(reply.delivery, super::Delivery::Late(Duration::from_millis(250)));
    shop.wait(199);
    assert_eq!(shop.truth(&elsewhere).refunded, 0);
    shop.wait(1);
    assert_eq!(shop.truth(&elsewhere).refunded, 150_000);
    assert_eq!(shop.call("POST /charges", order(6)).0, 200);
}
