//! What the counter refuses, each with one clear line and the right status or exit code, while the
//! open sale goes on.

use std::io::Write;
use std::os::unix::net::UnixStream;

use expect_test::expect;
use serde_json::Value;

use super::configuration::edit;
use super::customer::{NEVER_PAYS, pay};
use super::harness::{Counter, Sandbox, until};
use super::http::{Answer, Request};

/// Long enough that every refusal happens while the sale is open.
const UNHURRIED: [(&str, &str); 2] = [("payment.deadline", "5m"), ("sale.lease", "1h")];

#[test]
fn every_bad_request_is_refused_in_one_line_and_the_open_sale_is_paid() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &UNHURRIED);
    let armed = Request::arm("INV-1", r#"{"amount": "150.00"}"#).send(&counter.socket());
    assert_eq!((armed.status, armed.json()["state"].as_str()), (200, Some("armed")));
    let while_armed = refusals(&counter);
    assert_eq!(counter.sale("INV-1")["state"], "armed");
    counter.scan(NEVER_PAYS);
    let sale = counter.until_sale("INV-1", "state", "awaiting_customer");
    assert_eq!(refusals(&counter), while_armed);
    assert_eq!(counter.sale("INV-1"), sale);
    pay(&counter, &sandbox, &sale);
    let sale = counter.until_sale("INV-1", "outcome", "paid");
    assert_eq!(sale["amount"], "150.00");
    counter.until_told("INV-1", &["paid"]);
    assert_eq!(counter.status()["unsettled"], 0);
    let sales = counter.ask("GET", "/v1/sales", "").1;
    assert_eq!(sales["sales"].as_array().unwrap().len(), 1, "{sales:#}");
    assert_eq!(sandbox.charges().len(), 1);
    expect![[r#"
        19.99: 422 outside_limits: 19.99 THB is outside the limits: 20.00 to 150000.00 THB
        150000.01: 422 outside_limits: 150000.01 THB is outside the limits: 20.00 to 150000.00 THB
        1e3: 422 bad_amount: amount: not an amount; write baht such as 150, 150.5 or 1,500.00
        -5: 422 bad_amount: amount: not an amount; write baht such as 150, 150.5 or 1,500.00
        1,50: 422 bad_amount: amount: not an amount; write baht such as 150, 150.5 or 1,500.00
        no amount: 422 bad_amount: amount: the amount is empty; write baht such as 150, 150.5 or 1,500.00
        20.001: 422 bad_amount: amount: an amount has at most two decimals (satang)
        99999999999999999999: 422 bad_amount: amount: the amount is too large
        reference of 300: 400 bad_reference: a reference has 1 to 64 characters of UTF-8 without control characters
        no reference: 404 no_such_path: there is no /v1/sales/; see the README for the paths of the API
        control character: 400 bad_reference: a reference has 1 to 64 characters of UTF-8 without control characters
        no UTF-8: 400 bad_reference: a reference has 1 to 64 characters of UTF-8 without control characters
        show of no UTF-8: 400 bad_reference: a reference has 1 to 64 characters of UTF-8 without control characters
        cancel of no UTF-8: 400 bad_reference: a reference has 1 to 64 characters of UTF-8 without control characters
        a second sale: 409 busy: the terminal is busy with sale INV-1: finish, cancel or detach it first
        another amount: 409 amount_differs: reference INV-1 was used for 150.00 THB, not 20.00 THB
        body of 1 MB: 413 too_large: the body has more than 16384 bytes
        body of 20 MB: 413 too_large: the body has more than 16384 bytes
        no body: 400 bad_body: the body is JSON such as {"amount": "150.00"}: EOF while parsing a value at line 1 column 0
        broken JSON: 400 bad_body: the body is JSON such as {"amount": "150.00"}: EOF while parsing an object at line 1 column 18
        no object: 400 bad_body: the body is JSON such as {"amount": "150.00"}: a list is no object
        number as amount: 400 bad_body: the body is JSON such as {"amount": "150.00"}: invalid type: floating point `20.0`, expected a string at line 1 column 16
        unknown field: 400 bad_body: the body is JSON such as {"amount": "150.00"}: unknown field `currency`, expected `amount` or `again` at line 1 column 30
        amount twice: 400 bad_body: the body is JSON such as {"amount": "150.00"}: duplicate field `amount` at line 1 column 28
        wrong method: 405 wrong_method: /v1/sales/INV-1 is not asked that way; see the README for the methods
        wrong method: 405 wrong_method: /v1/status is not asked that way; see the README for the methods
        wrong path: 404 no_such_path: there is no /v2/sales; see the README for the paths of the API
        wrong wish: 404 no_such_path: there is no /v1/sales/INV-1/refund; see the README for the paths of the API
        bad wait: 400 bad_query: the query is empty or wait=SECONDS, a whole number up to 300
        bad limit: 400 bad_query: the query is empty or limit=N, a whole number up to 500
        unknown query: 400 bad_query: the query is empty or limit=N, a whole number up to 500
        no such sale: 404 no_such_sale: there is no sale INV-9
        no such sale: 404 no_such_sale: there is no sale INV-9
        detach of a good sale: 409 not_in_trouble: sale INV-1 is in progress and nothing is unknown about it: cancel it instead
        acknowledge of an open sale: 409 unresolved: sale INV-1 has no final outcome yet: wait for it
    "#]].assert_eq(&while_armed);
}

/// Sends everything that must be refused; a line for each: what, status, code, sentence.
fn refusals(counter: &Counter) -> String {
    let long = "x".repeat(300);
    let amount = |text: &str| Request::arm("INV-2", &format!(r#"{{"amount": "{text}"}}"#));
    let sale = |reference: &str| Request::arm(reference, r#"{"amount": "20.00"}"#);
    let body = |text: &str| Request::arm("INV-2", text);
    let table: Vec<(&str, Request)> = vec![
        ("19.99", amount("19.99")),
        ("150000.01", amount("150000.01")),
        ("1e3", amount("1e3")),
        ("-5", amount("-5")),
        ("1,50", amount("1,50")),
        ("no amount", amount("")),
        ("20.001", amount("20.001")),
        ("99999999999999999999", amount("99999999999999999999")),
        ("reference of 300", sale(&long)),
        ("no reference", sale("")),
        ("control character", sale("a%0Ab")),
        ("no UTF-8", sale("%FF%FE")),
        ("show of no UTF-8", Request::new("GET", "/v1/sales/%FF")),
        ("cancel of no UTF-8", Request::new("POST", "/v1/sales/%FF/cancel")),
        ("a second sale", sale("INV-2")),
        ("another amount", sale("INV-1")),
        ("body of 1 MB", body(&"x".repeat(1_000_000))),
        ("body of 20 MB", body(&"x".repeat(20_000_000))),
        ("no body", body("")),
        ("broken JSON", body("{\"amount\": \"20.00\"")),
        ("no object", body("[\"20.00\", true]")),
        ("number as amount", body("{\"amount\": 20.00}")),
        ("unknown field", body("{\"amount\": \"20.00\", \"currency\": \"USD\"}")),
        ("amount twice", body("{\"amount\": \"20.00\", \"amount\": \"21.00\"}")),
        ("wrong method", Request::new("DELETE", "/v1/sales/INV-1")),
        ("wrong method", Request::new("POST", "/v1/status")),
        ("wrong path", Request::new("GET", "/v2/sales")),
        ("wrong wish", Request::new("POST", "/v1/sales/INV-1/refund")),
        ("bad wait", Request::new("GET", "/v1/sales/INV-1?wait=soon")),
        ("bad limit", Request::new("GET", "/v1/sales?limit=-1")),
        ("unknown query", Request::new("GET", "/v1/sales?page=2")),
        ("no such sale", Request::new("GET", "/v1/sales/INV-9")),
        ("no such sale", Request::new("POST", "/v1/sales/INV-9/cancel")),
        ("detach of a good sale", Request::new("POST", "/v1/sales/INV-1/detach")),
        ("acknowledge of an open sale", Request::new("POST", "/v1/sales/INV-1/acknowledge")),
    ];
    let mut lines = String::new();
    for (what, request) in table {
        let answer = request.send(&counter.socket());
        let (status, code) = answer.refusal();
        let sentence = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        lines += &format!("{what}: {status} {code}: {sentence}\n");
    }
    lines
}

#[test]
fn the_command_line_refuses_with_30_and_one_line() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &UNHURRIED);
    assert_eq!(counter.run(&["sale", "150", "--reference", "INV-1"]).code, Some(0));
    let mut lines = String::new();
    let table: [(&[&str], i32); 9] = [
        (&["sale", "19.99"], 30),
        (&["sale", "150000.01"], 30),
        (&["sale", "20", "--reference", "INV-2"], 30),
        (&["sale", "20", "--reference", "INV-2", "--wait"], 30),
        (&["sale", "20", "--reference", "INV-1"], 30),
        (&["show", "INV-9"], 30),
        (&["cancel", "INV-9"], 30),
        (&["detach", "INV-1"], 30),
        (&["acknowledge", "INV-1"], 30),
    ];
    for (arguments, code) in table {
        let finished = counter.run(arguments);
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(code), ""), "{finished:?}");
        assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
        lines += &finished.stderr;
        let finished = counter.run(&[arguments, &["--json"]].concat());
        let error: Value = finished.json()["error"].clone();
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(code), ""), "{finished:?}");
        assert!(lines.ends_with(&format!("{}\n", error["message"].as_str().unwrap())), "{error}");
    }
    expect![[r#"
        tillscan: 19.99 THB is outside the limits: 20.00 to 150000.00 THB
        tillscan: 150000.01 THB is outside the limits: 20.00 to 150000.00 THB
        tillscan: the terminal is busy with sale INV-1: finish, cancel or detach it first
        tillscan: the terminal is busy with sale INV-1: finish, cancel or detach it first
        tillscan: reference INV-1 was used for 150.00 THB, not 20.00 THB
        tillscan: there is no sale INV-9
        tillscan: there is no sale INV-9
        tillscan: sale INV-1 is in progress and nothing is unknown about it: cancel it instead
        tillscan: sale INV-1 has no final outcome yet: wait for it
    "#]]
    .assert_eq(&lines);
    // None of it touched the sale that is open.
    let waiting = counter.spawn(&["sale", "150", "--reference", "INV-1", "--wait", "--json"]);
    counter.scan(1);
    let finished = waiting.finish();
    assert_eq!((finished.code, finished.json()["outcome"].as_str()), (Some(0), Some("paid")));
}

/// References in any script go all the way: till, journal, gateway, hook and back.
#[test]
fn references_in_any_script_work_end_to_end() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    let thai = "ใบเสร็จ 7/2569";
    let chinese = "发票".repeat(32);
    let table: [(&str, &str); 4] = [
        (thai, "%E0%B9%83%E0%B8%9A%E0%B9%80%E0%B8%AA%E0%B8%A3%E0%B9%87%E0%B8%88%207%2F2569"),
        (&chinese, &"%E5%8F%91%E7%A5%A8".repeat(32)),
        ("50%?#&=\"'\\", "50%25%3F%23%26%3D%22%27%5C"),
        ("..", "%2E%2E"),
    ];
    for (reference, encoded) in table {
        let answer = Request::arm(encoded, r#"{"amount": "150.00"}"#).send(&counter.socket());
        assert_eq!(answer.json()["reference"], reference, "{}", answer.text);
        counter.scan(1);
        let shown = counter.until_sale(encoded, "outcome", "paid");
        assert_eq!(shown["reference"], reference);
        // The command line writes the same reference its own way.
        let shown = counter.run(&["show", reference, "--json"]);
        assert_eq!((shown.code, &shown.json()["reference"]), (Some(0), &Value::from(reference)));
        counter.until_told(reference, &["paid"]);
        assert_eq!(sandbox.charges_of(reference).len(), 1, "{reference}");
    }
    let long = "ก".repeat(65);
    let refused = counter.run(&["sale", "150", "--reference", &long]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

/// Connections that say nothing, or one byte now and then, keep neither the customer nor for ever
/// the till waiting.
#[test]
fn two_hundred_idle_connections_and_a_flood_of_headers_leave_a_payment_alone() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    let flood = (0..1_000).fold(Request::new("GET", "/v1/status"), |request, number| {
        request.header(&format!("x-{number}: {}", "y".repeat(100)))
    });
    let answer: Answer = flood.send(&counter.socket());
    assert!((400..500).contains(&answer.status), "{}", answer.text);
    let beginnings: [&[u8]; 3] = [
        b"",
        b"GET /v1/status HTTP/1.1\r\nhost: ",
        b"PUT /v1/sales/INV-2 HTTP/1.1\r\nhost: till\r\ncontent-length: 20\r\n\r\n",
    ];
    let idle: Vec<UnixStream> = (0..200)
        .map(|number| {
            let mut stream = UnixStream::connect(counter.socket()).unwrap();
            stream.write_all(beginnings[number % beginnings.len()]).unwrap();
            stream
        })
        .collect();
    counter.scan(0);
    counter.until_told("INV-1", &["paid"]);
    // Those who say nothing are sent away: the till is served again while they are still there.
    until("an answer for the till", || (counter.status()["unsettled"] == 0).then_some(()));
    assert_eq!(counter.sale("INV-1")["outcome"], "paid");
    drop(idle);
}

#[test]
fn without_a_key_the_daemon_runs_says_so_and_refuses_sales() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), &[]);
    edit(&counter, "gateway.secret_key_file", "# gateway.secret_key_file");
    counter.run_daemon();
    let status = counter.status();
    assert_eq!(
        (&status["key"], &status["screen"]["screen"]),
        (&"missing".into(), &"not_ready".into())
    );
    let problem = "no secret key: put it into the systemd credential opn-secret-key or name \
                   gateway.secret_key_file; no sale is taken";
    assert_eq!(status["problems"], serde_json::json!([problem]));
    let shown = counter.run(&["status"]);
    assert!(shown.stdout.contains(problem) && shown.stdout.contains("no key"), "{shown:?}");
    let (status, refused) = counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    assert_eq!((status, &refused["error"]["code"]), (503, &"no_key".into()));
    let refused = counter.run(&["sale", "150"]);
    assert_eq!((refused.code, refused.stderr.lines().count()), (Some(30), 1), "{refused:?}");
    let checked = counter.run(&["config", "check"]);
    assert_eq!(checked.stdout, "the configuration is good; key: missing\n");
}
