//! What a till sends, through the real router: the desk behind it sees only what was asked for.

use std::cell::RefCell;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tillscan::api::{Call, CallError, Desk, router};
use tillscan::terminal::{IfClosed, Reference, Refusal, Wish};
use tokio::runtime::{Builder, Runtime};

/// A request: method and path up to a line end, then the body.
pub fn api(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let body = input.get(end + 1..).unwrap_or_default();
    let Ok(line) = std::str::from_utf8(&input[..end]) else { return };
    let Some((method, path)) = line.split_once(' ') else { return };
    let request = Request::builder().method(method).uri(path).body(Body::from(body.to_vec()));
    let Ok(request) = request else { return };
    let path = request.uri().path().to_owned();
    let asked = RUNTIME.with_borrow(|runtime| runtime.block_on(ask(request)));
    let (status, answer, commanded) = asked;
    assert!((200..=599).contains(&status) && status != 500, "{status}: {answer}");
    if status != 200 && method != "HEAD" {
        let error = &answer["error"];
        assert!(error["code"].is_string() && error["message"].is_string(), "{status}: {answer}");
    }
    let Some((reference, wish)) = commanded else { return };
    assert_eq!(status, 404, "{answer}");
    let segment = path.split('/').nth(3).unwrap();
    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
    assert_eq!(reference.as_str(), decoded);
    assert_eq!(method == "PUT", matches!(wish, Wish::Arm { .. }));
    if let Wish::Arm { amount, closed } = wish {
        assert!(body.len() <= 16 * 1_024, "O3");
        let said: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(said["amount"].as_str().unwrap().parse(), Ok(amount), "S10");
        assert_eq!(said["again"] == true, closed == IfClosed::Again);
    }
}

/// The answer, and what was commanded. The desk knows no sale, has none to list and is busy.
async fn ask(request: Request<Body>) -> (u16, Value, Option<(Reference, Wish)>) {
    let (desk, mut inside) = Desk::open();
    let service = TowerToHyperService::new(router(desk));
    let desk = async {
        match inside.calls.recv().await? {
            Call::Command(reference, wish, answer) => {
                answer.send(Err(Refusal::NoSuchSale(reference.clone()).into())).unwrap();
                return Some((reference, wish));
            }
            Call::Sale(reference, answer) => {
                answer.send(Err(Refusal::NoSuchSale(reference).into())).unwrap();
            }
            Call::Sales(limit, answer) => {
                assert!(limit <= 500, "O3");
                answer.send(Ok(Vec::new())).unwrap();
            }
            Call::Hint(..) => panic!("no till hands in what the gateway says"),
            Call::Status(answer) => answer.send(Err(CallError::Unavailable)).unwrap(),
        }
        None
    };
    // Drops the router, so that a desk that is not asked does not wait for ever.
    let answer = async move {
        let response = service.call(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), ANSWER_MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    };
    let ((status, answer), commanded) = tokio::join!(answer, desk);
    (status, answer, commanded)
}

/// Above what the longest reference makes of an error.
const ANSWER_MAX: usize = 64 * 1_024;

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_time().build().unwrap());
}
