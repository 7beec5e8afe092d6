//! What the gateway answers, and what it sends by itself. Beside each parser of ours a second,
//! simpler reading of the same bytes stands here: what was proven must be what the JSON says, and
//! half a body proves nothing.

use std::time::Duration;

use axum::http::header::{DATE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::Value;
use tillscan::gateway::{self, Answer, Asked, Exchange, Failure, Search};
use tillscan::money::Amount;
use tillscan::sandbox::WebhookSecret;
use tillscan::terminal::{
    AttemptId, Charge, ChargeId, GatewayTime, RefundId, RefundOrder, Rejection, Reply, Status,
};
use tillscan::webhook::event::{self, Told};
use tillscan::webhook::signature::{self, Flaw};

/// An answer to each question that has one charge for an answer, or the newest one: a byte for what
/// was asked, a byte for the status, then the body.
pub fn answers(input: &[u8]) {
    let [how, status, body @ ..] = input else { return };
    let charge = ChargeId("chrg_1".to_owned());
    let asked = [Asked::Warm, Asked::Create, Asked::Get(&charge), Asked::Expire(&charge)];
    let asked = asked[usize::from(*how) % asked.len()];
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let reply = gateway::classify(asked, &answered(status, body));
    let by_id = matches!(asked, Asked::Get(_) | Asked::Expire(_));
    match &reply {
        Reply::Charge(found) => {
            assert!(status == 200 && asked != Asked::Warm);
            assert!(!by_id || found.id == charge);
            read(body, |said| is_said(found, said));
        }
        Reply::Absent => {
            assert!(status == 404 && by_id, "absent from {status} to {asked:?}");
            read(body, |said| assert_eq!(said["code"], "not_found"));
        }
        Reply::Warm { newest } => {
            assert!(status == 200 && asked == Asked::Warm);
            read(body, |said| assert_eq!(newest.is_none(), said["data"][0].is_null()));
        }
        Reply::Refused(rejection) => is_refusal(status, body, rejection),
        Reply::Refund(_) | Reply::Refunds(_) => panic!("no refund was asked about"),
        Reply::NotSent { .. } => panic!("it was sent"),
        Reply::Unknown { .. } => return,
    }
    for half in halves(body) {
        let reply = gateway::classify(asked, &answered(status, half));
        assert!(matches!(reply, Reply::Unknown { .. }), "{reply:?} from half a body");
    }
}

/// A look-up: a byte of which the first bit says whether the look-up may stop at a time, then pages
/// that stand apart by a zero.
pub fn lookups(input: &[u8]) {
    let Some((first, pages)) = input.split_first() else { return };
    let attempt = AttemptId("me".to_owned());
    let since = (first & 1 != 0).then_some(GatewayTime(SINCE));
    let mut search = Search::new(attempt.clone(), since);
    let mut seen = Vec::new();
    for (number, page) in pages.split(|byte| *byte == 0).enumerate() {
        assert!(number < PAGES_MAX, "O3");
        let found = search.take(page);
        seen.push(page);
        match found {
            None => continue,
            Some(Reply::Charge(charge)) => assert_eq!(charge.attempt, Some(attempt)),
            Some(Reply::Absent) => is_absent(&seen, since),
            Some(Reply::Unknown { .. }) => return,
            Some(reply) => panic!("{reply:?} from a look-up"),
        }
        for half in halves(page) {
            let reply = Search::new(AttemptId("me".to_owned()), since).take(half);
            assert!(matches!(reply, Some(Reply::Unknown { .. })), "{reply:?} from half a page");
        }
        return;
    }
}

/// A byte for the status, then what a refund, the list of them, and the account answer.
pub fn refunds(input: &[u8]) {
    let Some((status, body)) = input.split_first() else { return };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let (charge, amount) = (ChargeId("chrg_1".to_owned()), Amount::from_baht(20));
    let id = RefundId("r-1".to_owned());
    let order = RefundOrder { charge: charge.clone(), id, amount };
    let exchange = answered(status, body);
    match gateway::classify_refund(&order, &exchange) {
        Ok(refund) => read(body, |said| {
            assert_eq!((&said["id"], &said["amount"]), (&refund.id.into(), &2_000.into()));
            assert_eq!((&said["charge"], &said["currency"]), (&"chrg_1".into(), &"THB".into()));
            assert_eq!(said["metadata"]["refund"], "r-1", "S9");
        }),
        Err(Failure::Refused(rejection)) => is_refusal(status, body, &rejection),
        Err(failure) => assert!(matches!(failure, Failure::Unknown { .. }), "{failure:?}"),
    }
    if let Ok(refunds) = gateway::classify_refunds(&charge, &exchange) {
        assert!(refunds.iter().all(|refund| refund.charge == charge), "S9");
        read(body, |said| {
            let (listed, all) = (said["data"].as_array().unwrap(), said["total"].as_u64());
            assert_eq!((listed.len(), all), (refunds.len(), Some(refunds.len() as u64)));
        });
    }
    let known = |exchange: &Exchange| {
        gateway::classify_refund(&order, exchange).is_ok()
            || gateway::classify_refunds(&charge, exchange).is_ok()
            || gateway::classify_account(exchange).is_ok()
    };
    if known(&exchange) {
        assert_eq!(status, 200);
        assert!(!halves(body).any(|half| known(&answered(200, half))), "half a body");
    }
}

/// `Retry-After`, a line end, and `Date`.
pub fn retry_after(input: &[u8]) {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [RETRY_AFTER, DATE] {
        let value = lines.next().map(HeaderValue::from_bytes);
        value.into_iter().flatten().for_each(|value| drop(headers.insert(&name, value)));
    }
    let found = gateway::retry_after(&headers);
    assert!(found.is_none_or(|wait| wait <= Duration::from_secs(60)), "L1: {found:?}");
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or("").trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let seconds = text.parse().unwrap_or(60).min(60);
        assert_eq!(found, Some(Duration::from_secs(seconds)));
    } else if found.is_some() {
        assert!(headers.contains_key(DATE), "O1: a date beside no date");
    }
}

/// A webhook: the time, a line end, the signatures, a line end, and the body.
pub fn webhooks(input: &[u8]) {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let [time, signatures, body] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    for (name, value) in [(WEBHOOK_TIME, time), (WEBHOOK_SIGNATURE, signatures)] {
        let value = HeaderValue::from_bytes(value);
        value.into_iter().for_each(|value| drop(headers.insert(name, value)));
    }
    let ours: WebhookSecret = "c2VjcmV0LWtleQ==".parse().unwrap();
    let secrets = [OTHER_SECRET, "c2VjcmV0LWtleQ=="].map(|text| text.parse().unwrap());
    let check = |headers: &HeaderMap, body: &[u8]| {
        signature::check(headers, body, &secrets, WEBHOOK_NOW, Duration::from_secs(300))
    };
    let other: WebhookSecret = OTHER_SECRET.parse().unwrap();
    let checked = check(&headers, body);
    if let Ok(()) | Err(Flaw::Late { .. }) = checked {
        let seconds: i64 = std::str::from_utf8(time).unwrap().trim().parse().unwrap();
        assert_eq!(checked.is_ok(), (WEBHOOK_NOW - 300..=WEBHOOK_NOW + 300).contains(&seconds));
        let said = String::from_utf8_lossy(signatures).to_lowercase();
        let right = |secret: &WebhookSecret| said.contains(&secret.sign(seconds, body));
        assert!(right(&ours) || right(&other), "{said}");
    }
    // Signed right, it passes; of another body, it does not.
    headers.insert(WEBHOOK_TIME, HeaderValue::from(WEBHOOK_NOW));
    let right = ours.sign(WEBHOOK_NOW, body);
    headers.insert(WEBHOOK_SIGNATURE, HeaderValue::from_str(&right).unwrap());
    assert_eq!(check(&headers, body), Ok(()));
    assert_eq!(check(&headers, &[body, b"\n"].concat()), Err(Flaw::Forged));

    let Some(told) = event::read(body) else { return };
    if let Told::Of(event) = told {
        let id = event.id.as_str();
        let shaped = |text: &str, prefix: &str| {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            text.starts_with(prefix) && text.len() <= 64 && text.bytes().all(word)
        };
        assert!(shaped(id, "evnt_") && shaped(&event.charge.0, "chrg_"), "O3");
        read(body, |said| {
            assert_eq!(said["id"], id);
            let data = &said["data"];
            assert!([&data["id"], &data["charge"]].iter().any(|id| **id == *event.charge.0));
        });
    }
    assert!(halves(body).all(|half| event::read(half).is_none()), "half a body");
}

fn answered(status: u16, body: &[u8]) -> Exchange {
    let body = Some(body.to_vec().into());
    Exchange::Answered(Answer { status, retry_after: None, body })
}

/// Looks at the body as plain JSON, if [`Value`] can hold it: nothing too deep, no number too
/// large. What is skipped need not be UTF-8. It was whole in any case.
#[track_caller]
fn read(body: &[u8], compare: impl FnOnce(&Value)) {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).unwrap();
    if let Ok(said) = serde_json::from_str(&String::from_utf8_lossy(body)) {
        compare(&said);
    }
}

fn is_said(found: &Charge, said: &Value) {
    assert_eq!(said["object"], "charge");
    assert_eq!(said["id"], *found.id.0);
    assert_eq!(said["amount"].as_i64(), Some(found.amount_satang), "S10");
    assert_eq!(said["metadata"]["attempt"].as_str(), found.attempt.as_ref().map(|own| &*own.0));
    let status = match said["status"].as_str().unwrap() {
        "pending" => Status::Pending,
        "successful" => Status::Successful,
        "failed" => Status::Failed,
        "expired" => Status::Expired,
        "reversed" => Status::Reversed,
        _ => Status::Unrecognised,
    };
    assert_eq!(status, found.status, "S4");
    // An id may have as many digits as it likes.
    assert!((1..=64).contains(&found.id.0.len()), "O3");
    let shown = [Some(&found.currency), found.failure_code.as_ref()];
    shown.into_iter().flatten().for_each(|text| is_readable(text, 64));
}

fn is_refusal(status: u16, body: &[u8], rejection: &Rejection) {
    assert!((400..=499).contains(&status), "refused by {status}");
    assert!(![408, 409, 423, 425, 429, 499].contains(&status), "S5: refused by {status}");
    assert_ne!(rejection.code, "backend_error", "S5");
    is_readable(&rejection.code, 64);
    is_readable(&rejection.message, 300);
    read(body, |said| assert_eq!(said["object"], "error"));
}

/// No charge on these pages is the attempt's, or could be, and no page is missing behind them.
fn is_absent(pages: &[&[u8]], since: Option<GatewayTime>) {
    let (mut listed, mut read_whole) = (0, 0);
    for page in pages {
        read(page, |said| {
            for charge in said["data"].as_array().unwrap() {
                assert!(charge["metadata"].is_object() || charge["metadata"].is_null(), "S3");
                assert_ne!(charge["metadata"]["attempt"], "me", "S3");
                assert_ne!(charge["description"], "me", "S3");
                listed += 1;
            }
            read_whole += 1;
        });
    }
    read(pages.last().unwrap(), |said| {
        let whole = said["total"].as_u64().is_some_and(|total| total <= listed);
        let known = read_whole == pages.len();
        assert!(whole || since.is_some() || !known, "S3: {listed} of {}", said["total"]);
    });
}

/// What goes on record and to people: short, one line, without a payment code (P1).
fn is_readable(text: &str, length_max: usize) {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
    assert!(text.chars().count() <= length_max && !text.chars().any(char::is_control), "{text:?}");
    assert!(digits < Some(10), "P1: {text:?}");
}

/// Some of the bodies that break off before the end.
fn halves(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = body.trim_ascii_end().len();
    (0..whole).rev().step_by(1 + whole / 16).map(|end| &body[..end])
}

/// The first is the one with content, so that a zero means it.
const STATUSES: [u16; 16] =
    [200, 404, 400, 401, 402, 408, 409, 422, 423, 425, 429, 499, 500, 503, 201, 302];
/// 2023-12-18T10:18:56Z, the newest charge before the attempt.
const SINCE: i64 = 1_702_894_736;
/// As many as a look-up may read.
const PAGES_MAX: usize = 10;

const WEBHOOK_TIME: &str = "omise-signature-timestamp";
const WEBHOOK_SIGNATURE: &str = "omise-signature";
const WEBHOOK_NOW: i64 = 1_702_894_743;
const OTHER_SECRET: &str = "bmV3LXNlY3JldC1rZXktMDAwMDAwMDAwMDAwMDAwMDA=";
