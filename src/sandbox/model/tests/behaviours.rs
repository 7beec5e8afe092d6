//! Every row of the behaviour table, played against the model.

use std::fmt::Write as _;
use std::time::Duration;

use expect_test::expect;
use serde_json::json;

use super::{Shop, order};
use crate::sandbox::behaviour::behaviours;
use crate::sandbox::model::{Content, Delivery, Reply, Truth};

/// Each behaviour is played twice and told as what the client sees of create, then each change with
/// the seconds since; the second line is what follows on an expire call after half a second.
#[test]
fn every_behaviour_does_what_its_row_says() {
    let mut text = String::new();
    for row in behaviours() {
        let told = play(row.digits, false).replacen(", ", "\n   ", 1);
        let _ = writeln!(text, "{:02} {}: {told}", row.digits, row.name);
        if let Some((_, after)) = play(row.digits, true).split_once("expire: ") {
            let _ = writeln!(text, "   expire: {after}");
        }
    }
    expect![[r#"
        00 paid: pending
           1.0s successful 150000
           expire: expired
        01 paid_at_once: successful
           0.0s successful 150000
           expire: 400 failed_expire, 1.0s successful 150000
        02 paid_after_3_s: pending
           3.0s successful 150000
           expire: expired
        03 paid_after_10_s: pending
           10.0s successful 150000
           expire: expired
        04 needs_password: pending
           20.0s successful 150000
           expire: expired
        05 paid_after_70_s: pending
           70.0s successful 150000
           expire: expired
        06 never_paid: pending
           expire: expired
        10 insufficient_fund: pending
           1.0s failed insufficient_fund
           expire: expired
        11 payment_rejected: pending
           1.0s failed payment_rejected
           expire: expired
        12 invalid_account: failed
           0.0s failed invalid_account
           expire: 400 failed_expire, 1.0s failed invalid_account
        13 failed_processing: pending
           1.0s failed failed_processing
           expire: expired
        14 payment_expired: pending
           1.0s failed payment_expired
           expire: expired
        15 unknown_failure_code: pending
           1.0s failed wallet_asleep
           expire: expired
        16 invalid_charge: 400 invalid_charge
        17 bad_request: 400 bad_request
        20 revoked_as_failed: pending
           45.0s failed payment_expired
           expire: expired
        21 revoked_as_expired: pending
           45.0s expired
           expire: expired
        22 reversed: pending
           1.0s reversed
           expire: expired
        30 wins_race_against_expire: pending
           expire: 400 failed_expire, 1.0s successful 150000
        31 late_after_expire: pending
           expire: expired, 5.5s successful 150000
        32 late_after_failure: pending
           1.0s failed failed_processing, 6.0s successful 150000
           expire: expired, 6.0s successful 150000
        33 expire_answer_lost: pending
           expire: dropped, 1.0s expired
        34 expire_502: pending
           expire: 502 html, 1.0s pending
        40 lost_then_paid: dropped
           0.0s pending, 2.0s successful 150000
           expire: expired
        41 lost_never_paid: dropped
           0.0s pending
           expire: expired
        42 lost_then_declined: dropped
           0.0s pending, 2.0s failed payment_rejected
           expire: expired
        43 hang_without_charge: held 60s
        44 hang_then_charge: held 60s
           15.0s pending, 16.0s successful 150000
        45 500_after_effect: 500 html
           0.0s pending, 2.0s successful 150000
           expire: expired
        46 502_after_effect: 502 html
           0.0s pending, 2.0s successful 150000
           expire: expired
        47 503_without_charge: 503 html
        48 504_after_effect: 504 html
           0.0s pending, 2.0s successful 150000
           expire: expired
        50 429_on_polls: pending
           0.0s pending (read 429), 1.0s successful 150000 (read 429), 1.5s successful 150000
           expire: expired, 1.0s expired (read 429), 1.5s expired
        51 429_on_create: 429 too_many_requests
        52 backend_error_with_charge: 400 backend_error
           0.0s pending, 2.0s successful 150000
           expire: expired
        53 backend_error_no_charge: 400 backend_error
        60 garbage_body: garbage
           0.0s pending, 2.0s successful 150000
           expire: expired
        61 truncated_body: pending truncated
           0.0s pending, 2.0s successful 150000
           expire: expired
        62 empty_body: empty
           0.0s pending, 2.0s successful 150000
           expire: expired
        63 foreign_charge: successful
           0.0s pending
           expire: expired
        64 unknown_status: processing
           3.0s successful 150000
           expire: expired
        65 extra_fields: pending
           1.0s successful 150000
           expire: expired
        66 expired_at_when_paid: pending
           1.0s successful 150000
           expire: expired
        67 wrong_amount: pending
           1.0s successful 150100
           expire: expired
        68 wrong_currency: pending
           1.0s successful 150000 USD
           expire: expired
        69 polls_fail: pending
           0.0s pending (read 500), 2.0s successful 150000 (read 500), 5.0s successful 150000
           expire: expired, 1.0s expired (read 500), 5.0s expired
        70 polls_not_found: pending
           0.0s pending (read 404), 1.0s successful 150000 (read 404), 3.0s successful 150000
           expire: expired, 1.0s expired (read 404), 3.0s expired
        71 lost_and_listed_late: dropped
           0.0s pending (not listed), 2.0s successful 150000 (not listed), 3.0s successful 150000
           expire: expired, 1.0s expired (not listed), 3.0s expired
        80 refund_refused: pending
           1.0s successful 150000
           expire: expired
        81 refund_answer_lost: pending
           1.0s successful 150000
           expire: expired
        82 refund_500_made: pending
           1.0s successful 150000
           expire: expired
        83 refund_503_not_made: pending
           1.0s successful 150000
           expire: expired
        84 refund_slow: pending
           1.0s successful 150000
           expire: expired
        85 refund_made_later: pending
           1.0s successful 150000
           expire: expired
        86 refund_hang: pending
           1.0s successful 150000
           expire: expired
        87 refund_backend_error: pending
           1.0s successful 150000
           expire: expired
        88 refund_429: pending
           1.0s successful 150000
           expire: expired
        89 refund_foreign: pending
           1.0s successful 150000
           expire: expired
        90 refund_no_balance: pending
           1.0s successful 150000
           expire: expired
        91 refund_too_late: pending
           1.0s successful 150000
           expire: expired
        92 refund_whole_only: pending
           1.0s successful 150000
           expire: expired
        94 refunded_elsewhere: pending
           1.0s successful 150000, 5.0s successful
           expire: expired
        95 partly_refunded_elsewhere: pending
           1.0s successful 150000, 5.0s successful 90000
           expire: expired
        96 refunded_15_times: pending
           1.0s successful 127500
           expire: expired
    "#]]
    .assert_eq(&text);
}

fn play(digits: u8, with_expire: bool) -> String {
    let mut shop = Shop::new();
    let made = shop.reply("POST /charges", order(digits));
    let mut trail = vec![told(&made)];
    let mut known = told(&made);
    let started = shop.now;
    let early = (0..15).map(|half_second| half_second * 500);
    for at in early.chain([10_000, 15_000, 15_500, 16_000, 20_000, 45_000, 70_000]) {
        shop.now = started.plus(Duration::from_millis(at));
        shop.model.advance(shop.now);
        let Some(truth) = shop.model.truths().next() else { continue };
        let now = seen(&mut shop, &truth);
        if now != known {
            trail.push(format!("{}.{}s {now}", at / 1_000, at % 1_000 / 100));
            known = now;
        }
        if with_expire && at == 500 {
            let expire = shop.reply(&format!("POST /charges/{}/expire", truth.id), json!({}));
            known = told(&expire);
            trail.push(format!("expire: {known}"));
        }
    }
    trail.join(", ")
}

/// A charge's status and money, and what is unusual in reading and listing it.
fn seen(shop: &mut Shop, truth: &Truth) -> String {
    let mut text = truth.status.to_owned();
    if let Some(failure) = shop.model.charges[&truth.id].failure {
        let _ = write!(text, " {}", failure.code);
    }
    if truth.money_moved != 0 {
        let _ = write!(text, " {}", truth.money_moved);
    }
    if truth.currency != "THB" {
        let _ = write!(text, " {}", truth.currency);
    }
    let read = shop.reply(&format!("GET /charges/{}", truth.id), json!({})).status;
    if read != 200 {
        let _ = write!(text, " (read {read})");
    }
    if shop.reply("GET /charges", json!({})).json().unwrap()["total"] != 1 {
        text.push_str(" (not listed)");
    }
    text
}

pub(super) fn told(reply: &Reply) -> String {
    let what = match &reply.content {
        Content::Json(_) => {
            let json = reply.json().unwrap();
            let word = json["status"].as_str().or(json["code"].as_str());
            word.unwrap_or("?").to_owned()
        }
        Content::Html(_) => "html".to_owned(),
        Content::Garbage => "garbage".to_owned(),
        Content::Empty => "empty".to_owned(),
    };
    let what = if reply.status == 200 { what } else { format!("{} {what}", reply.status) };
    match reply.delivery {
        Delivery::Whole => what,
        Delivery::Truncated => format!("{what} truncated"),
        Delivery::Dropped => "dropped".to_owned(),
        Delivery::Held(time) => format!("held {}s", time.as_secs()),
        Delivery::Late(time) => format!("{what} after {}s", time.as_secs()),
    }
}

#[test]
fn a_foreign_answer_has_nothing_of_the_shop() {
    let mut shop = Shop::new();
    let (_, foreign) = shop.call("POST /charges", order(63));
    let own = shop.model.charges.keys().next().unwrap().clone();
    assert_ne!(foreign["id"], own);
    assert_eq!(foreign["metadata"], json!({"order_id": "384"}));
    let path = format!("GET {}", foreign["location"].as_str().unwrap());
    let message = format!("charge {} was not found", foreign["id"].as_str().unwrap());
    shop.check_error(&path, json!({}), (404, "not_found", &message));
    assert_eq!(shop.truth(&own).money_moved, 0);
}

#[test]
fn oddities_are_in_the_json() {
    let table =
        [(66, "/expired_at", json!("2023-12-19T10:18:56Z")), (65, "/risk_score", json!(0.25))];
    for (digits, path, expected) in table {
        let mut shop = Shop::new();
        let id = shop.charge(digits);
        shop.wait(1_000);
        let (_, charge) = shop.call(&format!("GET /charges/{id}"), json!({}));
        assert_eq!(charge.pointer(path), Some(&expected));
        assert_eq!((&charge["expired"], &charge["paid"]), (&json!(false), &json!(true)));
    }
}
