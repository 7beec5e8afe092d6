//! The sandbox seen through a socket: raw TCP, so that what arrives is known to the byte.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;

mod webhooks;

/// A sandbox on a port of its own, 100 times as fast as real.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

/// What arrived until the connection closed or the whole answer was there.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Running {
    async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, options, shutdown));
        Self { address, stop, server }
    }

    async fn fast() -> Self {
        Self::start(Options { speed: "100".parse().unwrap(), ..Options::default() }).await
    }

    /// Every byte the server sends for a request until it closes the connection.
    async fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut received = Vec::new();
        let mut chunk = [0_u8; 4_096];
        loop {
            match timeout(Duration::from_secs(20), stream.read(&mut chunk)).await.unwrap() {
                Ok(0) => return received,
                Ok(length) => received.extend_from_slice(&chunk[..length]),
                // A reset is as much of an end as a proper one.
                Err(_) => return received,
            }
        }
    }

    async fn send(&self, method: &str, target: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        Answer::of(&self.raw(&request).await)
    }

    async fn json(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = format!("{}content-type: application/json\r\n", key("skey_test_1"));
        let answer = self.send(method, target, &headers, body.as_bytes()).await;
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    async fn create(&self, digits: u8) -> Answer {
        let body = order(digits).to_string();
        self.send("POST", "/charges", &key("skey_test_1"), body.as_bytes()).await
    }

    /// The truth about the only charge, once `wanted` is true of it.
    async fn truth(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let (_, truth) = self.json("GET", "/sandbox/charges", Value::Null).await;
            let charge = truth["charges"][0].clone();
            if wanted(&charge) {
                return charge;
            }
            assert!(Instant::now() < end, "still {charge}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A connection on which a create call has arrived and is not answered.
    async fn hanging(&self, digits: u8) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let body = order(digits).to_string();
        let (key, length) = (key("skey_test_1"), body.len());
        let head =
            format!("POST /charges HTTP/1.1\r\nhost: x\r\n{key}content-length: {length}\r\n");
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let (_, requests) = self.json("GET", "/sandbox/requests", Value::Null).await;
            if requests["create"] == 1 {
                return stream;
            }
            assert!(Instant::now() < end, "the call did not arrive");
        }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(10), self.server).await.unwrap().unwrap().unwrap();
    }
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            assert!(bytes.is_empty(), "half a head: {:?}", String::from_utf8_lossy(bytes));
            return Self { status: 0, head: String::new(), body: Vec::new() };
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// As many bytes as the head announces.
    fn is_whole(&self) -> bool {
        self.header("content-length").is_some_and(|length| length == self.body.len().to_string())
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(other, _)| *other == name).map(|(_, value)| value)
    }
}

fn key(key: &str) -> String {
    format!("authorization: Basic {}\r\n", BASE64_STANDARD.encode(format!("{key}:")))
}

fn order(digits: u8) -> Value {
    json!({
        "amount": 150_000,
        "currency": "THB",
        "source": {"type": "wechat_pay_upm", "barcode": format!("1309912925527250{digits:02}")},
        "metadata": {"attempt": "A1"},
    })
}

#[tokio::test]
async fn an_answer_has_the_gateways_headers_and_layout() {
    let sandbox = Running::fast().await;
    let headers = format!("{}omise-version: 2017-11-02\r\n", key("skey_test_1"));
    let answer = sandbox.send("GET", "/account", &headers, b"").await;
    assert_eq!(answer.status, 200);
    for (name, expected) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-cache, no-store"),
        ("omise-version", "2017-11-02"),
        ("server", "nginx"),
        ("status", "200 OK"),
    ] {
        assert_eq!(answer.header(name), Some(expected));
    }
    assert_eq!(answer.header("x-request-id").unwrap().len(), 36);
    assert!(answer.header("date").is_some() && answer.header("x-runtime").is_some());
    let body = String::from_utf8(answer.body).unwrap();
    assert!(body.starts_with("{\n  \"object\": \"account\",\n") && body.ends_with("}\n"), "{body}");

    let answer = sandbox.send("GET", "/charges/none", &key("skey_test_1"), b"").await;
    assert_eq!((answer.status, answer.header("omise-version")), (404, None));
    sandbox.stop().await;
}

#[tokio::test]
async fn keys_are_checked() {
    let any = Running::fast().await;
    let secret_key = Some(SecretString::from("skey_test_ours"));
    let one = Running::start(Options { secret_key, ..Options::default() }).await;
    let table = [
        (&any, "/account", key("skey_test_x"), 200),
        (&any, "/account", key("skey_test_"), 401),
        (&any, "/account", key("skey_live"), 401),
        (&any, "/account", key("pkey_test_x"), 401),
        (&any, "/capability", key("pkey_test_x"), 200),
        (&any, "/capability", key("skey_test_x"), 200),
        (&any, "/account", String::new(), 401),
        (&any, "/account", "authorization: Bearer skey_test_x\r\n".to_owned(), 401),
        (&any, "/account", "authorization: Basic %%%\r\n".to_owned(), 401),
        (&any, "/nowhere", String::new(), 401),
        (&any, "/nowhere", key("skey_test_x"), 404),
        (&one, "/account", key("skey_test_ours"), 200),
        (&one, "/account", key("skey_test_other"), 401),
    ];
    for (sandbox, target, headers, expected) in table {
        let answer = sandbox.send("GET", target, &headers, b"").await;
        assert_eq!(answer.status, expected, "{target} {headers}");
        if expected == 401 {
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["code"], "authentication_failure");
            assert_eq!(body["message"], "authentication failed");
        }
    }
    any.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn a_charge_can_be_asked_for_in_every_way() {
    let sandbox = Running::fast().await;
    let form = "amount=150000&currency=thb&source[type]=wechat_pay_upm&source%5Bbarcode%5D=1306\
                &metadata[attempt]=A1";
    let headers =
        format!("{}content-type: application/x-www-form-urlencoded\r\n", key("skey_test_1"));
    let body = sandbox.send("POST", "/charges", &headers, form.as_bytes()).await;
    let query = sandbox.send("POST", &format!("/charges?{form}"), &headers, b"").await;
    let json = sandbox.create(6).await;
    for answer in [body, query, json] {
        assert_eq!(answer.status, 200);
        let charge: Value = serde_json::from_slice(&answer.body).unwrap();
        let found = (&charge["amount"], &charge["status"], &charge["metadata"]["attempt"]);
        assert_eq!(found, (&json!(150_000), &json!("pending"), &json!("A1")));
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn s8_the_same_idempotency_key_makes_two_charges() {
    let sandbox = Running::fast().await;
    let headers = format!("{}idempotency-key: same\r\n", key("skey_test_1"));
    for _ in 0..2 {
        let body = order(6).to_string();
        assert_eq!(sandbox.send("POST", "/charges", &headers, body.as_bytes()).await.status, 200);
    }
    let (_, truth) = sandbox.json("GET", "/sandbox/charges", Value::Null).await;
    assert_eq!(truth["charges"].as_array().unwrap().len(), 2);
    assert_eq!(truth["creates_by_attempt"], json!({"A1": 2}));
    let (_, requests) = sandbox.json("GET", "/sandbox/requests", Value::Null).await;
    assert_eq!(requests, json!({"create": 2}));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_large_body_is_refused_and_nothing_else_suffers() {
    let sandbox = Running::fast().await;
    for (size, expected) in [(64 * 1024, 400), (64 * 1024 + 1, 413), (1024 * 1024, 413)] {
        let body = vec![b'x'; size];
        let answer = sandbox.send("POST", "/charges", &key("skey_test_1"), &body).await;
        assert_eq!(answer.status, expected, "{size}");
    }
    assert_eq!(sandbox.create(6).await.status, 200);
    sandbox.stop().await;
}

/// What a client sees of each fault on the wire, to the byte.
#[tokio::test]
async fn s5_faults_arrive_as_they_should() {
    let made = |digits, status, body| Fault { digits, status, body, is_made: true };
    let not_made = |digits, status, body| Fault { digits, status, body, is_made: false };
    let table = [
        made(40, 0, ""),
        made(41, 0, ""),
        not_made(43, 0, ""),
        made(44, 0, ""),
        made(45, 500, "<html>"),
        made(46, 502, "<html>"),
        not_made(47, 503, "<html>"),
        made(48, 504, "<html>"),
        not_made(51, 429, "{\n  \"object\": \"error\""),
        made(60, 200, "\u{1f}"),
        made(61, 200, "{\n  \"object\": \"charge\""),
        made(62, 200, ""),
    ];
    for Fault { digits, status, body, is_made } in table {
        let sandbox = Running::fast().await;
        let answer = sandbox.create(digits).await;
        assert_eq!(answer.status, status, "{digits}");
        assert!(answer.body.starts_with(body.as_bytes()), "{digits}: {:?}", answer.body);
        assert_eq!(answer.body.is_empty(), body.is_empty(), "{digits}");
        assert_eq!(answer.is_whole(), !matches!(digits, 40 | 41 | 43 | 44 | 61), "{digits}");
        assert_eq!(answer.header("retry-after"), (status == 429).then_some("1"), "{digits}");
        let is_json = serde_json::from_slice::<Value>(&answer.body).is_ok();
        assert_eq!(is_json, digits == 51, "{digits}");
        let charge = sandbox.truth(|_| true).await;
        assert_eq!(charge.is_object(), is_made, "{digits}");
        sandbox.stop().await;
    }
}

/// How a fault arrives. Status 0 is not a byte.
struct Fault {
    digits: u8,
    status: u16,
    body: &'static str,
    is_made: bool,
}

/// An HTTP client may repeat a request by itself when a connection it had kept turns out to be
/// closed. A cut after the effect must not look like that to ours.
#[tokio::test]
async fn s8_a_cut_on_a_warm_connection_is_not_answered_with_a_second_create() {
    // An error means that another test was faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sandbox = Running::fast().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (url, headers) = (format!("http://{}", sandbox.address), key("skey_test_1"));
    let authorization = headers.trim_end().split_once(": ").unwrap().1.to_owned();
    for digits in [6, 40, 61] {
        let account = client.get(format!("{url}/account"));
        let account = account.header("authorization", &authorization).send().await.unwrap();
        assert!(account.text().await.unwrap().contains("account_test_"));
        let create = client.post(format!("{url}/charges")).header("authorization", &authorization);
        let answer = match create.body(order(digits).to_string()).send().await {
            Ok(response) => response.bytes().await,
            Err(error) => Err(error),
        };
        assert_eq!(answer.is_ok(), digits == 6, "{digits}");
    }
    let (_, requests) = sandbox.json("GET", "/sandbox/requests", Value::Null).await;
    assert_eq!((&requests["create"], &requests["account"]), (&json!(3), &json!(3)));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_hang_takes_its_time_and_its_charge_does_not_need_the_client() {
    let sandbox = Running::fast().await;
    // 15 s at a hundredth, and the client leaves at once.
    let started = Instant::now();
    let stream = sandbox.hanging(44).await;
    drop(stream);
    sandbox.truth(|charge| charge["status"] == "successful").await;
    assert!(started.elapsed() >= Duration::from_millis(160));
    sandbox.stop().await;
}

#[tokio::test]
async fn closing_ends_what_hangs() {
    let sandbox = Running::start(Options::default()).await;
    let address = sandbox.address;
    let mut stream = sandbox.hanging(43).await;
    sandbox.stop().await;
    let mut received = Vec::new();
    // An error is a reset: an end without a byte too.
    let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut received)).await.unwrap();
    assert!(received.is_empty());
    assert!(TcpStream::connect(address).await.is_err());
}

/// What a client sees of each refund behaviour on the wire, and what was really given back.
#[tokio::test]
async fn s9_refund_faults_arrive_as_they_should() {
    let table: &[(u8, u16, &str, bool)] = &[
        (80, 400, "\"failed_refund\"", false),
        (81, 0, "", true),
        (82, 500, "<html>", true),
        (83, 503, "<html>", false),
        (84, 200, "\"refund\"", true),
        (86, 0, "", false),
        (87, 400, "\"backend_error\"", true),
        (88, 429, "\"too_many_requests\"", false),
        (90, 400, "\"insufficient balance\"", false),
    ];
    for (digits, status, part, is_made) in table {
        let sandbox = Running::fast().await;
        sandbox.create(*digits).await;
        let charge = sandbox.truth(|charge| charge["status"] == "successful").await;
        let target = format!("/charges/{}/refunds", charge["id"].as_str().unwrap());
        let started = Instant::now();
        let answer = sandbox.send("POST", &target, &key("skey_test_1"), b"amount=100").await;
        assert_eq!(answer.status, *status, "{digits}");
        let body = String::from_utf8(answer.body.clone()).unwrap();
        assert!(body.contains(part), "{digits}: {body}");
        assert_eq!(answer.is_whole(), *status != 0, "{digits}");
        // 5 s at a hundredth.
        assert!(*digits != 84 || started.elapsed() >= Duration::from_millis(50));
        let refunds = sandbox.truth(|_| true).await["refunds"].clone();
        assert_eq!(refunds, json!(u8::from(*is_made)), "{digits}");
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn the_date_is_as_wrong_as_asked_and_nothing_else_is() {
    for skew in [-7_200_i64, 0, 7_200] {
        let options = Options { date_skew_s: skew, ..Options::default() };
        let sandbox = Running::start(options).await;
        let answer = sandbox.create(6).await;
        let date = jiff::fmt::rfc2822::parse(answer.header("date").unwrap()).unwrap().timestamp();
        let charge: Value = serde_json::from_slice(&answer.body).unwrap();
        let made: jiff::Timestamp = charge["created_at"].as_str().unwrap().parse().unwrap();
        let ahead = date.as_second() - made.as_second();
        assert!((skew..=skew + 5).contains(&ahead), "{ahead} s, not {skew} s");
        sandbox.stop().await;
    }
}

/// An id is the time and 55 random bits; with a seed, these follow from it.
#[tokio::test]
async fn a_seed_decides_what_is_random() {
    let mut bits = Vec::new();
    for seed in [7, 7, 8] {
        let sandbox = Running::start(Options { seed: Some(seed), ..Options::default() }).await;
        let charge: Value = serde_json::from_slice(&sandbox.create(6).await.body).unwrap();
        let id = charge["id"].as_str().unwrap().strip_prefix("chrg_test_").unwrap().to_owned();
        let value =
            id.chars().fold(0, |value, digit| value * 36 + u128::from(digit.to_digit(36).unwrap()));
        bits.push(value & ((1 << 55) - 1));
        sandbox.stop().await;
    }
    assert_eq!(bits[0], bits[1]);
    assert_ne!(bits[0], bits[2]);
}
