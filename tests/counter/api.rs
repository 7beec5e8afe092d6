//! The local API as an integrator meets it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use expect_test::expect;
use serde_json::Value;

use super::configuration::{hook, set};
use super::harness::{Counter, PATIENCE, Sandbox};
use super::http::Request;

#[test]
fn arming_is_idempotent_again_takes_another_code_and_paid_is_locked() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    let arm = |body: &str| counter.ask("PUT", "/v1/sales/INV-1", body);
    let first = arm(r#"{"amount": "150.00"}"#);
    assert_eq!((first.0, &first.1["state"]), (200, &"armed".into()));
    assert_eq!(arm(r#"{"amount": "150"}"#), first);
    assert_eq!(arm(r#"{"amount": "150.0", "again": true}"#), first);

    counter.scan(10);
    let declined = counter.until_sale("INV-1", "outcome", "declined");
    assert_eq!(declined["failure_code"], "insufficient_fund");
    // Repeated blindly, it is the same sale as before and asks the customer nothing.
    assert_eq!(arm(r#"{"amount": "150.00"}"#).1, declined);
    let again = arm(r#"{"amount": "150.00", "again": true}"#).1;
    assert_eq!((&again["state"], &again["outcome"]), (&"armed".into(), &Value::Null));

    counter.scan(1);
    let paid = counter.until_sale("INV-1", "outcome", "paid");
    assert_eq!(paid["attempts"], 2);
    // S7: what is paid is paid, whatever is asked.
    assert_eq!(arm(r#"{"amount": "150.00"}"#).1["outcome"], "paid");
    assert_eq!(arm(r#"{"amount": "150.00", "again": true}"#).1["outcome"], "paid");
    assert_eq!(arm(r#"{"amount": "151.00", "again": true}"#).0, 409);
    let (status, refused) = counter.ask("POST", "/v1/sales/INV-1/cancel", "");
    assert_eq!((status, &refused["error"]["code"]), (409, &"closed".into()));
    assert_eq!(sandbox.charges_of("INV-1").len(), 2);
}

#[test]
fn wait_answers_at_the_end_of_the_sale_or_of_its_time() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    let started = Instant::now();
    let (_, open) = counter.ask("GET", "/v1/sales/INV-1?wait=1", "");
    assert_eq!((&open["state"], &open["outcome"]), (&"armed".into(), &Value::Null));
    assert!(started.elapsed().as_millis() >= 1_000);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| counter.ask("GET", "/v1/sales/INV-1?wait=300", ""));
        counter.scan(0);
        assert_eq!(waiting.join().unwrap().1["outcome"], "paid");
    });
    // One that is over is answered at once.
    assert_eq!(counter.ask("GET", "/v1/sales/INV-1?wait=300", "").1["outcome"], "paid");
}

#[test]
fn the_list_is_newest_first_and_bounded_also_after_a_restart() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::start(&sandbox.url(), &[]);
    for number in 1..=5 {
        let sale = format!("/v1/sales/INV-{number}");
        counter.ask("PUT", &sale, r#"{"amount": "20.00"}"#);
        counter.ask("POST", &format!("{sale}/cancel"), "");
    }
    let listed = |counter: &Counter, query: &str| {
        let (status, document) = counter.ask("GET", &format!("/v1/sales{query}"), "");
        assert_eq!(status, 200, "{query}");
        let sales = document["sales"].as_array().unwrap().iter();
        sales.map(|sale| sale["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["INV-5", "INV-4", "INV-3", "INV-2", "INV-1"];
    for _ in 0..2 {
        assert_eq!(listed(&counter, ""), all);
        assert_eq!(listed(&counter, "?limit=2"), all[..2]);
        assert_eq!(listed(&counter, "?limit=0"), all[..0]);
        assert_eq!(listed(&counter, "?limit=1000000"), all);
        let finished = counter.run(&["list", "--limit", "1"]);
        let line = "       20.00  cancelled    INV-5                 -\n";
        assert_eq!(finished.stdout, line);
        counter.end_daemon(rustix::process::Signal::TERM);
        counter.run_daemon();
    }
}

#[test]
fn the_event_stream_begins_with_the_status_and_tells_a_sale_in_order() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    let mut events = Events::of(&counter);
    let status = events.next();
    assert_eq!((status.0.as_str(), &status.1["screen"]["screen"]), ("status", &"idle".into()));
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    counter.scan(0);
    let mut told = String::new();
    loop {
        let (name, document) = events.next();
        assert_eq!(name, document["type"], "{document:#}");
        let about = ["screen", "feedback", "event"].map(|key| document[key].as_str().unwrap_or(""));
        told += &format!("{name} {}\n", about.concat());
        if name == "screen" && document["screen"] == "paid" {
            break;
        }
    }
    expect![[r#"
        screen scan_code
        feedback accepted
        screen sending
        screen awaiting_customer
        outcome paid
        screen paid
    "#]]
    .assert_eq(&told);
}

/// A page that hangs must not hold the counter up (L5); when it goes on, it is told everything
/// anew.
#[test]
fn a_reader_that_stops_reading_holds_nothing_up_and_is_told_the_status_again() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), &[]);
    hook(&counter, None);
    counter.run_daemon();
    let mut stalled = Events::of(&counter);
    assert_eq!(stalled.next().0, "status");
    // More than the kernel keeps for a reader (about 200 KiB), the daemon's connection (400 KiB)
    // and its 256 events.
    for number in 0..600 {
        let sale = format!("/v1/sales/INV-{number}");
        assert_eq!(counter.ask("PUT", &sale, r#"{"amount": "150.00"}"#).0, 200);
        assert_eq!(counter.ask("POST", &format!("{sale}/cancel"), "").0, 200);
    }
    counter.ask("PUT", "/v1/sales/LAST", r#"{"amount": "150.00"}"#);
    counter.scan(1);
    counter.until_sale("LAST", "outcome", "paid");
    let mut before = 0;
    let status = loop {
        let (name, document) = stalled.next();
        if name == "status" {
            break document;
        }
        before += 1;
    };
    assert!(before < 1_200, "nothing was missed: {before}");
    assert_eq!(status["screen"]["screen"], "paid", "{status:#}");
    // What came before that status must not be told behind it: a display would show a former
    // customer's result.
    counter.ask("PUT", "/v1/sales/NEXT", r#"{"amount": "20.00"}"#);
    let (_, document) = stalled.next();
    assert_eq!(document["sale"]["reference"], "NEXT", "{document:#}");
}

#[test]
fn on_a_loopback_address_the_api_asks_for_the_token() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), &[]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let token = counter.path().join("token");
    // The key's file has the mode that a token needs, too.
    std::fs::copy(counter.path().join("key"), &token).unwrap();
    std::fs::write(&token, "a-token-of-24-characters\n").unwrap();
    set(&counter, "api.listen", &format!("{address:?}"));
    set(&counter, "api.token_file", &format!("{:?}", token.display().to_string()));
    counter.run_daemon();
    let ask = |header: &str| {
        let request = Request::new("GET", "/v1/status");
        let request = if header.is_empty() { request } else { request.header(header) };
        request.send_to(&address)
    };
    for header in [
        "",
        "authorization: Bearer",
        "authorization: Bearer ",
        "authorization: Bearer a-token-of-24-character",
        "authorization: Bearer a-token-of-24-charactersx",
        "authorization: Bearer A-token-of-24-characters",
        "authorization: Basic a-token-of-24-characters",
        "x-token: a-token-of-24-characters",
    ] {
        assert_eq!(ask(header).refusal(), (401, "unauthorized".to_owned()), "{header}");
    }
    // Also for what is not there: a guess learns nothing.
    let missing = Request::new("GET", "/v2").send_to(&address);
    assert_eq!(missing.refusal(), (401, "unauthorized".to_owned()));
    let known = "authorization: Bearer a-token-of-24-characters";
    assert_eq!(ask(known).json()["key"], "test");
    let arm = Request::arm("INV-1", r#"{"amount": "150.00"}"#);
    assert_eq!(arm.send_to(&address).status, 401);
    assert_eq!(counter.sale("INV-1")["error"]["code"], "no_such_sale");
    let arm = Request::arm("INV-1", r#"{"amount": "150.00"}"#).header(known);
    assert_eq!(arm.send_to(&address).json()["state"], "armed");
    // The socket is guarded by its mode and asks for none.
    assert_eq!(counter.sale("INV-1")["state"], "armed");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(counter.socket()).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o660);
}

/// A reader of the event stream.
pub struct Events(BufReader<UnixStream>);

impl Events {
    #[track_caller]
    pub fn of(counter: &Counter) -> Self {
        let mut stream = UnixStream::connect(counter.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: page\r\n\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    /// The next message: its name and its document.
    #[track_caller]
    pub fn next(&mut self) -> (String, Value) {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(event) = line.strip_prefix("event: ") {
                name = event.trim_end().to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (name, serde_json::from_str(data).unwrap());
            }
        }
    }
}
