//! A customer who pays when the test says so.

use base64::Engine as _;
use serde_json::Value;

use super::harness::{Counter, Sandbox};
use super::http::Request;

/// The sandbox's behaviour of a customer who does nothing.
pub const NEVER_PAYS: u8 = 6;

/// Pays a charge that would never be paid, as the gateway's dashboard can.
#[track_caller]
pub fn pay(counter: &Counter, sandbox: &Sandbox, sale: &Value) {
    let key = std::fs::read_to_string(counter.path().join("key")).unwrap();
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
    let charge = sale["charge_id"].as_str().unwrap();
    let request = Request::new("POST", &format!("/charges/{charge}/mark_as_paid"));
    let request = request.header(&format!("authorization: Basic {key}"));
    let answer = request.send_to(&sandbox.address().to_string());
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"successful".into()));
}
