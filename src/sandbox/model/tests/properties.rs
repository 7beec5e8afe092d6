//! What stays true of every charge, whatever is asked of the gateway and whenever.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Shop, order};

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_calls_breaks_a_charge(
        calls in prop::collection::vec((0_u8..7, 0_u8..100, 0_u64..40_000), 1..30),
    ) {
        let mut shop = Shop::new();
        for (call, digits, wait_ms) in calls {
            shop.now = shop.now.plus(Duration::from_millis(wait_ms));
            let ids: Vec<String> = shop.model.truths().map(|truth| truth.id).collect();
            let one = ids.get(usize::from(digits) % ids.len().max(1)).cloned().unwrap_or_default();
            let (call, parameters) = match call {
                0 | 1 => ("POST /charges".to_owned(), order(digits)),
                2 => (format!("POST /charges/{one}/expire"), json!({})),
                3 => (format!("POST /charges/{one}/refunds"), json!({"amount": 40_000})),
                4 => (format!("POST /charges/{one}/mark_as_paid"), json!({})),
                5 => (format!("POST /charges/{one}/mark_as_failed"), json!({})),
                _ => (format!("GET /charges/{one}"), json!({})),
            };
            shop.reply(&call, parameters);
            for charge in shop.model.charges.values() {
                check(&charge.to_json(shop.now))?;
            }
        }
    }
}

/// The state table of the API facts (§3.5), and that no more is given back than was taken (S9).
fn check(charge: &Value) -> Result<(), TestCaseError> {
    let is = |field: &str| charge[field] == true;
    let status = charge["status"].as_str().unwrap_or_default();
    prop_assert_eq!(is("paid"), status == "successful");
    prop_assert_eq!(is("authorized"), matches!(status, "successful" | "reversed"));
    prop_assert_eq!(is("expired"), status == "expired");
    prop_assert_eq!(is("reversed"), status == "reversed");
    prop_assert_eq!(charge["failure_code"].is_string(), status == "failed");
    prop_assert_eq!(charge["transaction"].is_string(), status == "successful");
    prop_assert_eq!(charge["paid_at"].is_string(), status == "successful");
    prop_assert_eq!(&charge["source"]["charge_status"], &charge["status"]);
    let refunded = charge["refunded_amount"].as_i64().unwrap_or(-1);
    prop_assert!((0..=charge["amount"].as_i64().unwrap_or(-1)).contains(&refunded));
    prop_assert!(refunded == 0 || status == "successful");
    let refunds = charge["refunds"]["data"].as_array();
    let sum = refunds.map(|all| all.iter().filter_map(|one| one["amount"].as_i64()).sum::<i64>());
    prop_assert_eq!(sum, Some(refunded));
    prop_assert!(charge["refunds"]["total"].as_u64().is_some_and(|total| total <= 15));
    prop_assert!(is("refundable") || !is("partially_refundable"));
    let left = status == "successful" && refunded < charge["amount"].as_i64().unwrap_or(0);
    prop_assert!(left || !is("refundable"));
    Ok(())
}
