//! The receiver of webhooks, seen by those who send them: Opn, strangers, and those who send
//! nothing.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use serde_json::{Value, json};
use tillscan::sandbox::WebhookSecret;

use super::configuration::edit;
use super::harness::{Counter, PATIENCE, Process, Sandbox, WEBHOOK_SECRET, until};
use super::http::Request;

/// A counter with a receiver and a charge that nobody reads by itself while a test runs.
struct Stage {
    counter: Counter,
    sandbox: Sandbox,
}

impl Stage {
    fn set(keys: &str) -> Self {
        let sandbox = Sandbox::start("10");
        let mut counter = Counter::prepare(&sandbox.url(), FAR);
        counter.receive_webhooks(keys);
        counter.run_daemon();
        Self { counter, sandbox }
    }

    /// A charge that is pending, and how often it was read.
    fn sell(&self, digits: u8) -> String {
        self.counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
        self.counter.scan(digits);
        let sale = self.counter.until_sale("INV-1", "state", "awaiting_customer");
        sale["charge_id"].as_str().unwrap().to_owned()
    }

    fn reads(&self) -> u64 {
        self.sandbox.charges_of("INV-1")[0]["reads"].as_u64().unwrap()
    }

    /// The status of the answer, which says nothing else.
    #[track_caller]
    fn post(&self, letter: &Letter) -> u16 {
        self.send(&letter.request("POST", "/opn"))
    }

    #[track_caller]
    fn send(&self, request: &Request) -> u16 {
        let answer = request.send_to(&self.counter.receiver().to_string());
        let (head, body) = answer.text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "");
        let lines = head.lines().skip(1).map(|line| line.split(": ").next().unwrap());
        for name in lines {
            assert!(["content-length", "connection", "date"].contains(&name), "{head}");
        }
        answer.status
    }
}

/// A webhook: its bytes, and what it is signed with.
struct Letter {
    body: Vec<u8>,
    secret: &'static str,
    age_seconds: i64,
    header: &'static str,
}

impl Letter {
    fn of(event: &str, charge: &str) -> Self {
        let data = json!({"object": "charge", "id": charge, "status": "successful"});
        Self::with(&json!({"object": "event", "id": event, "data": data, "key": "charge.complete"}))
    }

    fn with(body: &Value) -> Self {
        Self::with_bytes(serde_json::to_vec_pretty(body).unwrap())
    }

    fn with_bytes(body: Vec<u8>) -> Self {
        Self { body, secret: WEBHOOK_SECRET, age_seconds: 0, header: "omise-signature" }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let seconds = now() - self.age_seconds;
        let secret: WebhookSecret = self.secret.parse().unwrap();
        Request::new(method, path)
            .header(&format!("{}: {}", self.header, secret.sign(seconds, &self.body)))
            .header(&format!("omise-signature-timestamp: {seconds}"))
            .body(&self.body)
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// Forged, replayed, late, oversized, malformed and foreign ones: none makes a request, and none is
/// told why. The right one makes one.
#[test]
fn s4_p1_what_is_not_the_gateways_is_refused_without_a_word_and_changes_nothing() {
    let stage = Stage::set("");
    let charge = stage.sell(4);
    let good = || Letter::of("evnt_test_good", &charge);
    let large = |bytes: usize| {
        let mut body = good().body;
        body.resize(bytes, b' ');
        Letter::with_bytes(body)
    };
    let tampered = good().request("POST", "/opn").body(&Letter::of("evnt_test_x", &charge).body);
    let unsigned = Request::new("POST", "/opn").body(&good().body);
    let half = &good().body[..40];
    let table: Vec<(&str, Request, u16)> = vec![
        ("forged", Letter { secret: OTHER, ..good() }.request("POST", "/opn"), 400),
        ("forged", tampered, 400),
        ("late", Letter { age_seconds: 310, ..good() }.request("POST", "/opn"), 400),
        ("late", Letter { age_seconds: -310, ..good() }.request("POST", "/opn"), 400),
        ("malformed", unsigned, 400),
        (
            "malformed",
            Letter { header: "x-omise-signature", ..good() }.request("POST", "/opn"),
            400,
        ),
        ("malformed", Letter::with_bytes(half.to_vec()).request("POST", "/opn"), 400),
        ("malformed", Letter::with_bytes(Vec::new()).request("POST", "/opn"), 400),
        ("malformed", Letter::with(&json!([])).request("POST", "/opn"), 400),
        ("malformed", Letter::with(&json!({"id": "evnt_1"})).request("POST", "/opn"), 400),
        ("malformed", Letter::of("chrg_1", &charge).request("POST", "/opn"), 400),
        ("too_large", large(256 * 1_024 + 1).request("POST", "/opn"), 413),
        ("elsewhere", good().request("POST", "/"), 404),
        ("elsewhere", good().request("POST", "/opn/"), 404),
        ("elsewhere", good().request("POST", "/%6fpn"), 404),
        ("elsewhere", good().request("GET", "/opn"), 404),
        ("elsewhere", good().request("PUT", "/opn"), 404),
        ("elsewhere", good().request("POST", "/v1/status"), 404),
        // It is the gateway's, and of nothing that concerns a counter.
        ("other_matter", Letter::of("evnt_test_y", "cust_test_1").request("POST", "/opn"), 204),
        // It is another counter's charge.
        ("taken", Letter::of("evnt_test_z", "chrg_test_elsewhere").request("POST", "/opn"), 204),
    ];
    for (fate, request, status) in &table {
        let before = stage.counter.webhooks(fate);
        assert_eq!(stage.send(request), *status, "{fate}");
        assert_eq!(stage.counter.webhooks(fate), before + 1, "{fate}");
    }
    assert_eq!((stage.reads(), stage.counter.sale("INV-1")["outcome"].clone()), (0, Value::Null));
    assert_eq!(stage.sandbox.requests("get"), 0);

    assert_eq!(stage.post(&large(256 * 1_024)), 204);
    until("the reading", || (stage.reads() == 1).then_some(()));
    // It was not paid, whatever the webhook says.
    assert_eq!(stage.counter.sale("INV-1")["state"], "awaiting_customer");
    let shown = stage.counter.run(&["status"]).stdout;
    let line = shown.lines().find(|line| line.starts_with("webhooks")).unwrap().to_owned();
    assert!(line.contains("/opn: signed, the last "), "{line}");
    assert!(
        line.ends_with(
            ", 6 elsewhere, 2 forged, 2 late, 7 malformed, 1 other_matter, 2 taken, 1 too_large"
        ),
        "{line}"
    );
}

/// Doubled ones, at once, later and after a restart, are answered like the first and read nothing.
#[test]
fn d3_an_event_is_taken_once_in_its_life() {
    let mut stage = Stage::set("");
    let charge = stage.sell(6);
    let letter = Letter::of("evnt_test_1", &charge);
    assert_eq!(stage.post(&letter), 204);
    until("the reading", || (stage.reads() == 1).then_some(()));
    // As it was recorded by somebody on the way, and sent again within its time.
    let replayed = letter.request("POST", "/opn");
    for _ in 0..3 {
        assert_eq!(stage.send(&replayed), 204);
        assert_eq!(stage.post(&letter), 204);
    }
    assert_eq!((stage.counter.webhooks("duplicate"), stage.counter.webhooks("taken")), (6, 1));
    assert_eq!(stage.reads(), 1);
    stage.counter.end_daemon(Signal::KILL);
    stage.counter.run_daemon();
    assert_eq!(stage.post(&letter), 204);
    assert_eq!((stage.counter.webhooks("duplicate"), stage.counter.webhooks("taken")), (1, 0));
    // Another event of the same charge is news.
    let reads =
        until("the reading of the restart", || Some(stage.reads()).filter(|reads| *reads > 1));
    assert_eq!(stage.post(&Letter::of("evnt_test_2", &charge)), 204);
    until("the reading", || (stage.reads() > reads).then_some(()));
}

/// A 2xx only once it is safe: the gateway keeps what cannot be put on record, and sends it again.
#[test]
fn d6_an_event_that_cannot_be_recorded_is_to_be_sent_again() {
    let stage = Stage::set("");
    let charge = stage.sell(6);
    let letter = Letter::of("evnt_test_1", &charge);
    // Whether there is room cannot be asked where the journal's file is gone.
    let [journal, away] = ["journal.db", "away"].map(|name| stage.counter.path().join(name));
    fs::rename(&journal, &away).unwrap();
    assert_eq!(stage.post(&letter), 503);
    assert_eq!((stage.counter.webhooks("postponed"), stage.reads()), (1, 0));
    fs::rename(&away, &journal).unwrap();
    assert_eq!(stage.post(&letter), 204);
    until("the reading", || (stage.reads() == 1).then_some(()));
    assert_eq!(stage.counter.webhooks("taken"), 1);
}

#[test]
fn secrets_are_rolled_without_a_restart() {
    let mut stage = Stage::set("");
    let charge = stage.sell(6);
    let file = stage.counter.path().join("webhook-secret");
    let mut event = 0;
    let mut post = |stage: &Stage, secret| {
        event += 1;
        stage.post(&Letter { secret, ..Letter::of(&format!("evnt_test_{event}"), &charge) })
    };
    for (secrets, ours, other) in [
        (WEBHOOK_SECRET.to_owned(), 204, 400),
        (format!("{WEBHOOK_SECRET}\n{OTHER}\n"), 204, 204),
        (OTHER.to_owned(), 400, 204),
    ] {
        fs::write(&file, &secrets).unwrap();
        reload(&mut stage.counter, "is in force");
        let answers = [WEBHOOK_SECRET, OTHER].map(|secret| post(&stage, secret));
        assert_eq!(answers, [ours, other]);
    }
    // A file that is no secret changes nothing.
    fs::write(&file, "whatever it was").unwrap();
    reload(&mut stage.counter, "must hold the webhook secret in base64");
    assert_eq!(post(&stage, OTHER), 204);
    fs::write(&file, OTHER).unwrap();
    edit(&stage.counter, "[webhook]", "[webhook]\npath = \"/elsewhere\"");
    reload(&mut stage.counter, "webhook.path has changed: that needs a restart");
    assert_eq!(post(&stage, OTHER), 204);
}

/// Sends SIGHUP and waits until the log says this once more.
fn reload(counter: &mut Counter, said: &str) {
    let count = |counter: &Counter| counter.log().matches(said).count();
    let before = count(counter);
    counter.daemon().signal(Signal::HUP);
    until(said, || (count(counter) > before).then_some(()));
}

#[test]
fn without_a_secret_it_does_not_start_unless_unsigned_webhooks_are_wanted() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), FAR);
    counter.receive_webhooks("");
    let secrets = counter.path().join("webhook-secret");
    edit(&counter, &format!("secrets = [{:?}]\n", secrets.display().to_string()), "");
    let refused = "tillscan: webhook.listen needs the secret that webhooks are signed with: name \
                   its file in webhook.secrets, or put it into the systemd credential \
                   opn-webhook-secret; or set webhook.allow_unsigned = true\n";
    let config = counter.config();
    let refusals: [(&str, &[&str]); 2] = [
        ("run", &["run", "--config", &config]),
        ("check", &["config", "check", "--config", &config]),
    ];
    for (name, arguments) in refusals {
        let finished = Process::start(counter.path(), name, arguments).finish();
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(2), refused));
    }
    edit(&counter, "[webhook]", "[webhook]\nallow_unsigned = true");
    counter.run_daemon();
    let stage = Stage { counter, sandbox };
    let charge = stage.sell(6);
    let status = stage.counter.status();
    let problem = status["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("webhooks are UNSIGNED: whoever reaches 127.0.0.1:"), "{problem}");
    assert_eq!(status["webhooks"]["signed"], false);
    let unsigned = Request::new("POST", "/opn").body(&Letter::of("evnt_test_1", &charge).body);
    assert_eq!(stage.send(&unsigned), 204);
    until("the reading", || (stage.reads() == 1).then_some(()));
    // L4, O3: and however many more come, few are looked at.
    let answers: Vec<u16> = (0..30).map(|_| stage.send(&unsigned)).collect();
    assert!(answers.contains(&204) && answers.contains(&429), "{answers:?}");
    assert_eq!(stage.reads(), 1);
}

/// Those who send nothing, or begin and never end, keep neither the customer nor the gateway's own
/// webhook waiting; the slow ones are told so.
#[test]
fn o3_two_hundred_idle_connections_leave_payments_and_webhooks_alone() {
    let stage = Stage::set("");
    let receiver = stage.counter.receiver();
    let beginnings: [&[u8]; 2] = [b"", b"POST /opn HTTP/1.1\r\nhost: "];
    let idle: Vec<TcpStream> =
        (0..200).map(|number| connect(receiver, beginnings[number % 2])).collect();
    let slow: &[u8] = b"POST /opn HTTP/1.1\r\nhost: opn\r\ncontent-length: 20\r\n\r\n{";
    let mut slow: Vec<TcpStream> = (0..8).map(|_| connect(receiver, slow)).collect();
    let charge = stage.sell(0);
    until("the payment", || {
        (stage.sandbox.charges_of("INV-1")[0]["status"] == "successful").then_some(())
    });
    assert_eq!(stage.post(&Letter::of("evnt_test_1", &charge)), 204);
    stage.counter.until_sale("INV-1", "outcome", "paid");
    drop(idle);
    for stream in &mut slow {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    assert_eq!(stage.counter.webhooks("too_slow"), 8);
}

fn connect(receiver: SocketAddr, beginning: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(receiver).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(beginning).unwrap();
    stream
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::prepare(&sandbox.url(), &[]);
    counter.receive_webhooks("");
    let file = counter.path().join("webhook-secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let config = counter.config();
    let finished =
        Process::start(counter.path(), "refused", &["run", "--config", &config]).finish();
    let expected = format!(
        "tillscan: {0}: others than its owner have access to it; run: chmod 600 {0}\n",
        file.display()
    );
    assert_eq!(finished.stderr, expected);
}

/// Nobody listens unless somebody wants it.
#[test]
fn there_is_no_receiver_unless_it_is_configured() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::start(&sandbox.url(), &[]);
    assert_eq!(counter.status()["webhooks"], Value::Null);
    assert!(!counter.run(&["status"]).stdout.contains("webhooks"));
}

const OTHER: &str = "c29tZWJvZHktZWxzZS1z";
/// Nothing is read by itself while any of these tests runs.
const FAR: &[(&str, &str)] = &[
    ("payment.deadline", "10m"),
    ("payment.poll_first", "60s"),
    ("payment.poll_fast", "60s"),
    ("payment.poll_slow_min", "60s"),
    ("payment.poll_slow_max", "60s"),
];
