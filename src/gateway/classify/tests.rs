//! The table, row by row: what was asked, how the exchange went, the body, and what that proves.

use super::*;
use crate::terminal::{Charge, GatewayTime, Refunds, Rejection};

/// Asked, exchange, body, reply.
type Row = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn s5_what_the_transport_proves() {
    check(&[
        ("create", "not sent", "", "not sent: refused port"),
        ("create", "timed out", "", "unknown TimedOut"),
        ("create", "broken", "", "unknown Broken"),
        ("get", "not sent", "", "not sent: refused port"),
        ("get", "timed out", "", "unknown TimedOut"),
        ("expire", "broken", "", "unknown Broken"),
        ("warm", "timed out", "", "unknown TimedOut"),
        ("create", "200 too large", "", "unknown BadBody"),
        ("create", "400 too large", "", "unknown BadBody"),
        ("create", "500 too large", "", "unknown ServerError"),
        ("get", "404 too large", "", "unknown BadBody"),
    ]);
}

#[test]
fn a_charge_is_what_it_says() {
    check(&[
        ("create", "200", PENDING, "charge chrg_1 Pending 150000 THB attempt=A"),
        ("get", "200", PENDING, "charge chrg_1 Pending 150000 THB attempt=A"),
        ("expire", "200", PENDING, "charge chrg_1 Pending 150000 THB attempt=A"),
        ("get", "200", SUCCESSFUL_BUT_EXPIRED_AT, "charge chrg_1 Successful 150000 THB attempt=A"),
        ("get", "200", FAILED, "charge chrg_1 Failed 150000 THB attempt=A payment_rejected"),
        ("get", "200", EXPIRED, "charge chrg_1 Expired 150000 THB attempt=none"),
        ("get", "200", REVERSED, "charge chrg_1 Reversed 150000 THB attempt=none"),
        ("get", "200", NEW_STATUS, "charge chrg_1 Unrecognised 150000 THB attempt=A"),
        ("get", "200", UPPER_STATUS, "charge chrg_1 Unrecognised 150000 THB attempt=none"),
        ("create", "200", LEAST, "charge chrg_1 Pending 150000 THB attempt=none"),
        ("create", "200", NULL_METADATA, "charge chrg_1 Pending 150000 THB attempt=none"),
        ("create", "200", LIST_METADATA, "charge chrg_1 Pending 150000 THB attempt=none"),
        ("create", "200", NUMBER_ATTEMPT, "charge chrg_1 Pending 150000 THB attempt=none"),
        ("create", "200", OLD_CURRENCY, "charge chrg_1 Pending 150000 thb attempt=none"),
        ("create", "200", NEGATIVE, "charge chrg_1 Pending -1 THB attempt=none"),
        ("create", "200", NUMBER_FAILURE, "charge chrg_1 Failed 150000 THB attempt=none"),
        ("create", "200", QUOTED_CODE, "charge chrg_1 Failed 150000 THB attempt=none code … bad"),
    ]);
}

/// Whatever it says of its refunds, the charge itself can be judged.
#[test]
fn s9_what_a_charge_says_of_its_refunds_is_taken_as_far_as_it_goes() {
    let refunds = |text: &str| {
        let body = format!("{},{text}}}", &LEAST[..LEAST.len() - 1]);
        reply("get", "200", &body).replace("charge chrg_1 Pending 150000 THB attempt=none", "")
    };
    let one = r#"{"object":"refund","id":"rfnd_1","charge":"chrg_1","amount":5,"currency":"THB",
        "metadata":{"refund":"r-1"}}"#;
    let list =
        |total: u32| format!(r#""refunds":{{"object":"list","total":{total},"data":[{one}]}}"#);
    for (text, expected) in [
        (r#""refunded_amount":0,"refundable":true,"partially_refundable":false"#, "0 t f -"),
        (r#""refunded_amount":"5","refundable":1,"partially_refundable":null"#, ""),
        (r#""refunded_amount":5.0"#, ""),
        (&list(1), "- - - rfnd_1"),
        (&list(2), ""),
        (&list(1).replace("\"amount\":5", "\"amount\":{}"), ""),
        (r#""refunds":[1,{"a":[]}]"#, ""),
        (r#""refunds":7"#, ""),
        (r#""refunds":null"#, ""),
    ] {
        assert_eq!(refunds(text), expected, "{text}");
    }
}

#[test]
fn s5_another_charge_than_asked_for_proves_nothing() {
    check(&[
        ("get", "200", OTHER_CHARGE, "unknown Foreign"),
        ("expire", "200", OTHER_CHARGE, "unknown Foreign"),
        // Whether a created charge is the attempt's is told by its metadata; the core looks.
        ("create", "200", OTHER_CHARGE, "charge chrg_2 Successful 150000 THB attempt=B"),
    ]);
}

#[test]
fn s5_a_body_that_cannot_be_judged_proves_nothing() {
    let no_charge = [
        "",
        " ",
        "null",
        "true",
        "42",
        "\"charge\"",
        "[]",
        "{}",
        "<html><h1>502 Bad Gateway</h1></html>",
        "OK",
        // A derived decoder would take the fields of a charge from an array, too.
        r#"["charge","chrg_1",150000,"THB","successful"]"#,
        r#"{"object":"list","data":[]}"#,
        REFUSED,
    ];
    let spoilt = [
        (r#""pending"}"#, r#""pend"#),
        (r#""pending"}"#, r#""pending"}{}"#),
        (r#""status""#, r#""state""#),
        (r#""pending""#, "null"),
        (r#""currency""#, r#""money""#),
        (r#""amount""#, r#""sum""#),
        (r#""id""#, r#""name""#),
        (r#""object":"charge","#, ""),
        (r#""object":"charge""#, r#""object":"event""#),
        ("150000", "150000.0"),
        ("150000", "1.5e5"),
        ("150000", "\"150000\""),
        ("150000", "null"),
        ("150000", "[150000]"),
        ("150000", "9223372036854775808"),
        ("150000", "1e400"),
        ("150000", "150000,\"amount\":2"),
        (r#""chrg_1""#, r#""""#),
        (r#""chrg_1""#, r#""../account""#),
        (r#""chrg_1""#, "7"),
    ];
    let spoilt = spoilt.map(|(from, to)| {
        assert!(LEAST.contains(from), "{from}");
        LEAST.replacen(from, to, 1)
    });
    for body in no_charge.into_iter().chain(spoilt.iter().map(String::as_str)) {
        for asked in ["create", "get", "expire"] {
            assert_eq!(reply(asked, "200", body), "unknown BadBody", "{asked} {body}");
        }
    }
    let deep = format!("{{\"object\":\"charge\",\"id\":{}", "[".repeat(100_000));
    assert_eq!(reply("get", "200", &deep), "unknown BadBody");
}

#[test]
fn a_refusal_is_a_4xx_with_the_gateways_error() {
    let refused = "refused invalid_charge: amount must be at least 2000";
    check(&[
        ("create", "400", REFUSED, refused),
        ("create", "401", WRONG_KEY, "refused authentication_failure: authentication failed"),
        ("create", "403", REFUSED, refused),
        ("create", "404", NOT_FOUND, "refused not_found: charge chrg_1 was not found"),
        ("create", "422", REFUSED, refused),
        ("create", "413", REFUSED, refused),
        ("create", "400", NEW_CODE, "refused quantum_flux: "),
        ("create", "400", LONG_ERROR, "refused bad_request: code … is bad 130991"),
        ("get", "400", REFUSED, refused),
        ("get", "401", WRONG_KEY, "refused authentication_failure: authentication failed"),
        ("expire", "400", FAILED_EXPIRE, "refused failed_expire: expire failed"),
        ("warm", "401", WRONG_KEY, "refused authentication_failure: authentication failed"),
        // Without Opn's error it may be a proxy's word.
        ("create", "400", "", "unknown BadBody"),
        ("create", "400", "<html>400</html>", "unknown BadBody"),
        ("create", "400", "{}", "unknown BadBody"),
        ("create", "400", "[]", "unknown BadBody"),
        ("create", "400", r#"{"object":"error"}"#, "unknown BadBody"),
        ("create", "400", r#"{"object":"error","code":400}"#, "unknown BadBody"),
        ("create", "400", r#"{"object":"fault","code":"bad_request"}"#, "unknown BadBody"),
        ("create", "400", r#"["error","bad_request","m"]"#, "unknown BadBody"),
        ("create", "401", "", "unknown BadBody"),
        ("create", "403", "<html>blocked</html>", "unknown BadBody"),
        ("create", "404", "<html>404</html>", "unknown BadBody"),
        ("create", "400", PENDING, "unknown BadBody"),
    ]);
}

#[test]
fn s5_a_4xx_about_time_load_or_another_request_proves_nothing() {
    check(&[
        ("create", "400", BACKEND_ERROR, "unknown BackendError"),
        ("create", "422", BACKEND_ERROR, "unknown BackendError"),
        ("expire", "400", BACKEND_ERROR, "unknown BackendError"),
        ("create", "429", REFUSED, "unknown TooManyRequests"),
        ("create", "429", "", "unknown TooManyRequests"),
        ("create", "429 wait 7", "<html>", "unknown TooManyRequests wait=7s"),
        ("get", "429 wait 60", REFUSED, "unknown TooManyRequests wait=60s"),
        ("create", "408", REFUSED, "unknown TimedOut"),
        ("create", "408", "", "unknown TimedOut"),
        ("create", "499", REFUSED, "unknown TimedOut"),
        ("create", "409", REFUSED, "unknown Refused"),
        ("create", "423", REFUSED, "unknown Refused"),
        ("create", "425", REFUSED, "unknown Refused"),
        ("create", "409", "", "unknown BadBody"),
    ]);
}

#[test]
fn only_a_charge_that_was_asked_for_is_absent() {
    check(&[
        ("get", "404", NOT_FOUND, "absent"),
        ("expire", "404", NOT_FOUND, "absent"),
        ("get", "404", REFUSED, "refused invalid_charge: amount must be at least 2000"),
        ("get", "400", NOT_FOUND, "refused not_found: charge chrg_1 was not found"),
        ("get", "404", "", "unknown BadBody"),
        ("get", "404", "<html>404 Not Found</html>", "unknown BadBody"),
        ("get", "410", NOT_FOUND, "refused not_found: charge chrg_1 was not found"),
        ("warm", "404", NOT_FOUND, "refused not_found: charge chrg_1 was not found"),
    ]);
}

#[test]
fn s5_a_status_that_does_not_fit_its_body_proves_nothing() {
    check(&[
        ("create", "500", PENDING, "unknown ServerError"),
        ("create", "500", REFUSED, "unknown ServerError"),
        ("create", "502", "<html>502</html>", "unknown ServerError"),
        ("create", "503 wait 5", "", "unknown ServerError wait=5s"),
        ("get", "504", "", "unknown ServerError"),
        ("get", "599", SUCCESSFUL_BUT_EXPIRED_AT, "unknown ServerError"),
        ("create", "200", REFUSED, "unknown BadBody"),
        ("create", "201", PENDING, "unknown BadBody"),
        ("create", "202", PENDING, "unknown BadBody"),
        ("create", "204", "", "unknown BadBody"),
        ("create", "301", PENDING, "unknown BadBody"),
        ("create", "302", "", "unknown BadBody"),
        ("create", "307", "", "unknown BadBody"),
        ("create", "100", "", "unknown BadBody"),
        ("create", "600", REFUSED, "unknown BadBody"),
        ("create", "999", "", "unknown BadBody"),
    ]);
}

#[test]
fn warming_reads_the_newest_time() {
    let ascending = r#"{"object":"list","order":"chronological","data":[]}"#;
    check(&[
        ("warm", "200", r#"{"object":"list","data":[],"total":0}"#, "warm none"),
        ("warm", "200", NEWEST, "warm 1702894736"),
        ("warm", "200", r#"{"object":"list","data":[{"created_at":"x"}]}"#, "unknown BadBody"),
        ("warm", "200", r#"{"object":"list","data":[{}]}"#, "unknown BadBody"),
        ("warm", "200", r#"{"object":"list","data":[1]}"#, "unknown BadBody"),
        ("warm", "200", r#"{"object":"list","data":{}}"#, "unknown BadBody"),
        ("warm", "200", r#"{"object":"list","data":null}"#, "unknown BadBody"),
        ("warm", "200", r#"{"object":"search","data":[]}"#, "unknown BadBody"),
        ("warm", "200", r#"{"data":[]}"#, "unknown BadBody"),
        ("warm", "200", ascending, "unknown BadBody"),
        ("warm", "200", PENDING, "unknown BadBody"),
        ("warm", "500", NEWEST, "unknown ServerError"),
    ]);
}

#[track_caller]
fn check(rows: &[Row]) {
    for (asked, exchange, body, expected) in rows {
        assert_eq!(reply(asked, exchange, body), *expected, "{asked} {exchange} {body}");
    }
}

fn reply(asked: &str, exchange: &str, body: &str) -> String {
    let id = ChargeId("chrg_1".to_owned());
    let asked = match asked {
        "warm" => Asked::Warm,
        "create" => Asked::Create,
        "get" => Asked::Get(&id),
        "expire" => Asked::Expire(&id),
        other => panic!("no such question: {other}"),
    };
    show(classify(asked, &read(exchange, body)))
}

/// `not sent`, `timed out`, `broken`, or a status with `wait SECONDS` or `too large`.
fn read(exchange: &str, body: &str) -> Exchange {
    let (status, more) = exchange.split_once(' ').unwrap_or((exchange, ""));
    match exchange {
        "not sent" => return Exchange::NotSent { cause: "refused port".to_owned() },
        "timed out" => return Exchange::TimedOut,
        "broken" => return Exchange::Broken,
        _ => {}
    }
    let wait = more.strip_prefix("wait ").map(|seconds| seconds.parse().unwrap());
    Exchange::Answered(Answer {
        status: status.parse().unwrap(),
        retry_after: wait.map(Duration::from_secs),
        body: (more != "too large").then(|| Zeroizing::new(body.as_bytes().to_vec())),
    })
}

fn show(reply: Reply) -> String {
    match reply {
        Reply::Charge(charge) => show_charge(&charge),
        Reply::Absent => "absent".to_owned(),
        Reply::Refund(made) => format!("refund {}", made.id),
        Reply::Refunds(made) => format!("{} refunds", made.len()),
        Reply::Warm { newest: None } => "warm none".to_owned(),
        Reply::Warm { newest: Some(GatewayTime(second)) } => format!("warm {second}"),
        Reply::Refused(Rejection { code, message }) => format!("refused {code}: {message}"),
        Reply::NotSent { cause } => format!("not sent: {cause}"),
        Reply::Unknown { why, retry_after: None } => format!("unknown {why:?}"),
        Reply::Unknown { why, retry_after: Some(wait) } => format!("unknown {why:?} wait={wait:?}"),
    }
}

fn show_charge(charge: &Charge) -> String {
    let Charge { id, attempt, amount_satang, currency, status, failure_code, refunds } = charge;
    let attempt = attempt.as_ref().map_or("none", |attempt| &attempt.0);
    let failure = failure_code.iter().map(|code| format!(" {code}")).collect::<String>();
    let back = if *refunds == Refunds::default() { String::new() } else { show_refunds(refunds) };
    format!("charge {id} {status:?} {amount_satang} {currency} attempt={attempt}{failure}{back}")
}

fn show_refunds(refunds: &Refunds) -> String {
    let Refunds { satang, whole, part, made } = refunds;
    let flag = |flag: &Option<bool>| flag.map_or("-", |flag| if flag { "t" } else { "f" });
    let satang = satang.map_or("-".to_owned(), |satang| satang.to_string());
    let made = made.as_ref().map_or("-".to_owned(), |made| {
        made.iter().map(|one| one.id.clone()).collect::<Vec<_>>().join(" ")
    });
    format!("{satang} {} {} {made}", flag(whole), flag(part))
}

const PENDING: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending","failure_code":null,"metadata":{"attempt":"A","reference":"INV-1"},
    "source":{"object":"source","barcode":"130991292552725093","amount":1,"status":"x"},
    "refunds":{"object":"list","data":[]},"created_at":"2023-12-18T10:18:56Z","new_field":[{}]}"#;
/// As captured: a paid charge of which `expired_at` is set all the same.
const SUCCESSFUL_BUT_EXPIRED_AT: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,
    "currency":"THB","status":"successful","expired":false,"paid":true,"metadata":{"attempt":"A"},
    "expired_at":"2023-12-19T10:18:56Z","expires_at":"2023-12-19T10:18:56Z"}"#;
const FAILED: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"failed","failure_code":"payment_rejected","expired":true,
    "metadata":{"attempt":"A"}}"#;
const EXPIRED: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"expired","metadata":{}}"#;
const REVERSED: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"reversed","metadata":{"other":"A"}}"#;
const NEW_STATUS: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"partially_successful","metadata":{"attempt":"A"}}"#;
const UPPER_STATUS: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"SUCCESSFUL"}"#;
const LEAST: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending"}"#;
const NULL_METADATA: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending","metadata":null}"#;
const LIST_METADATA: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending","metadata":["A"]}"#;
const NUMBER_ATTEMPT: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending","metadata":{"attempt":7,"reference":{"attempt":"A"}}}"#;
const OLD_CURRENCY: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"thb",
    "status":"pending"}"#;
const NEGATIVE: &str = r#"{"object":"charge","id":"chrg_1","amount":-1,"currency":"THB",
    "status":"pending"}"#;
const NUMBER_FAILURE: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"failed","failure_code":13}"#;
const QUOTED_CODE: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"failed","failure_code":"code 130991292552725093\nbad"}"#;
const OTHER_CHARGE: &str = r#"{"object":"charge","id":"chrg_2","amount":150000,"currency":"THB",
    "status":"successful","metadata":{"attempt":"B"}}"#;
const NEWEST: &str = r#"{"object":"list","order":"reverse_chronological","total":9,"data":[
    {"object":"charge","created_at":"2023-12-18T10:18:56Z"}]}"#;

const REFUSED: &str = r#"{"object":"error","location":"https://www.omise.co/api-errors#invalid-charge",
    "code":"invalid_charge","message":"amount must be at least 2000"}"#;
const WRONG_KEY: &str =
    r#"{"object":"error","code":"authentication_failure","message":"authentication failed"}"#;
const NOT_FOUND: &str =
    r#"{"object":"error","code":"not_found","message":"charge chrg_1 was not found"}"#;
const FAILED_EXPIRE: &str =
    r#"{"object":"error","code":"failed_expire","message":"expire failed"}"#;
const BACKEND_ERROR: &str =
    r#"{"object":"error","code":"backend_error","message":"backend error"}"#;
const NEW_CODE: &str = r#"{"object":"error","code":"quantum_flux","message":null}"#;
/// A message that quotes the payment code must not carry it on (P1).
const LONG_ERROR: &str =
    r#"{"object":"error","code":"bad_request","message":"code 130991292552725093 is bad 130991"}"#;
