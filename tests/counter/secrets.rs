//! P1, P2: no payment code, no key, no token, no webhook's secret or signature in anything that
//! leaves the daemon's memory. One busy afternoon at a counter that logs everything; afterwards
//! everything it left behind is collected and searched.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use rustix::process::Signal;
use tillscan::sandbox::WebhookSecret;

use super::configuration::{edit, hook, set};
use super::harness::{Counter, Process, WEBHOOK_SECRET, until};
use super::http::Request;
use super::proc::daemon_of;

/// What nobody but the gateway may see.
const KEY: &str = "skey_test_5ecretOfTheShop8Kq3Zv7w";
const TOKEN: &str = "t0kenOfTheTillX9w2Lr5Qm";

/// What a webhook tells beside its ids.
const BODY: &str = "wh4tTheBodyTellsBesideItsIds7Yq";

/// The sandbox's behaviours with which an answer, its absence or its lateness could be logged.
const BEHAVIOURS: [u8; 23] =
    [0, 1, 10, 12, 15, 16, 30, 31, 32, 33, 40, 41, 43, 45, 47, 51, 52, 53, 60, 61, 62, 63, 64];

#[test]
fn p1_p2_no_code_no_key_no_token_and_no_webhook_is_left_anywhere() {
    let mut afternoon = Afternoon::begin();
    for digits in BEHAVIOURS {
        afternoon.sell(digits);
    }
    afternoon.scan_what_is_no_sale();
    afternoon.receive_webhooks();
    afternoon.use_every_command();
    afternoon.reload_with_alipay();
    afternoon.kill_in_the_middle();
    let Afternoon { evidence, codes, .. } = afternoon.end();
    assert_is_evidence(&evidence);

    let secrets = Secrets::of(&codes);
    for (name, content) in &evidence {
        if let Some(place) = secrets.found_in(content) {
            let around = &content[place.saturating_sub(200)..(place + 100).min(content.len())];
            panic!("{name} has a secret at {place}: {}", String::from_utf8_lossy(around));
        }
    }
    // The search finds what is there: a secret or a part of one, put into a copy of each piece.
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:"));
    let planted =
        [&codes[0], &codes[7][4..14], &codes[codes.len() - 1], KEY, &key, TOKEN, WEBHOOK_SECRET];
    assert!(evidence.len() > 3 * planted.len());
    for ((name, content), secret) in evidence.iter().zip(planted.iter().cycle()) {
        let mut copy = content.clone();
        let middle = copy.len() / 2;
        copy.splice(middle..middle, secret.bytes());
        assert!(secrets.found_in(&copy).is_some(), "{secret} was not found in {name}");
    }
}

/// Everything that the afternoon must have left behind is there and speaks of its sales.
fn assert_is_evidence(evidence: &[(String, Vec<u8>)]) {
    for (name, expected) in [
        ("daemon.err", "DEBUG tillscan::scanner::status: scan device="),
        ("daemon.err", "payload=13…00 len=18"),
        ("daemon.err", "payload=28…01 len=18"),
        ("daemon.err", "the gateway has news of a charge charge=chrg_test_"),
        ("daemon.err", "a webhook fate=\"forged\""),
        ("journal.db", "SQLite format 3"),
        ("journal.db", "len=18"),
        ("journal.db-wal", "len=18"),
        ("journal.db-shm", ""),
        ("hook-dump", "\"event\":\"paid\""),
        ("hook-dump", "TILLSCAN_OUTCOME=declined"),
        ("events", "event: outcome"),
        ("answers", "content-type: application/json"),
        ("environ", "RUST_BACKTRACE"),
        ("cmdline", "--config"),
        ("client-0.out", "SALE-"),
        ("sandbox.out", "listening"),
    ] {
        let pieces = evidence.iter().filter(|(piece, _)| piece.ends_with(name));
        let found =
            pieces.clone().any(|(_, content)| String::from_utf8_lossy(content).contains(expected));
        assert!(
            found,
            "no {name} with {expected:?} among {:?}",
            pieces.map(|(piece, _)| piece).collect::<Vec<_>>()
        );
    }
}

struct Afternoon {
    counter: Counter,
    sandbox: Process,
    /// The sandbox's output.
    street: tempfile::TempDir,
    codes: Vec<String>,
    evidence: Vec<(String, Vec<u8>)>,
    listener: Option<JoinHandle<Vec<u8>>>,
    sales: u32,
    address: String,
}

impl Afternoon {
    fn begin() -> Self {
        let street = tempfile::tempdir().unwrap();
        let listen = ["sandbox", "--listen", "127.0.0.1:0", "--speed", "10", "--secret-key", KEY];
        let sandbox = Process::start(street.path(), "sandbox", &listen);
        let url = until("the sandbox's address", || {
            Some(sandbox.stdout().split_once("\n")?.0.split(' ').next_back()?.to_owned())
        });
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let keys = [
            ("log.level", "trace"),
            ("gateway.request_timeout", "500ms"),
            ("payment.quarantine", "600ms"),
            ("payment.deadline", "700ms"),
            ("payment.cancel_not_before", "100ms"),
        ];
        let counter = Counter::prepare(&url, &keys);
        fs::write(counter.path().join("key"), KEY).unwrap();
        fs::copy(counter.path().join("key"), counter.path().join("token")).unwrap();
        fs::write(counter.path().join("token"), TOKEN).unwrap();
        set(&counter, "api.listen", &format!("{address:?}"));
        let token = counter.path().join("token").display().to_string();
        set(&counter, "api.token_file", &format!("{token:?}"));
        hook(
            &counter,
            Some("{ cat; env; tr '\\0' '\\n' < /proc/$$/cmdline; } >> \"$0/hook-dump\""),
        );
        counter.receive_webhooks("");
        let mut afternoon = Self {
            counter,
            sandbox,
            street,
            codes: Vec::new(),
            evidence: Vec::new(),
            listener: None,
            sales: 0,
            address,
        };
        afternoon.start();
        afternoon
    }

    fn start(&mut self) {
        self.counter.run_daemon();
        let mut stream = UnixStream::connect(self.counter.socket()).unwrap();
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: page\r\n\r\n").unwrap();
        self.listener = Some(std::thread::spawn(move || {
            let mut heard = Vec::new();
            // It ends with the daemon, however that ends.
            let _ = stream.read_to_end(&mut heard);
            heard
        }));
    }

    /// A payment code whose digits are found nowhere else by chance.
    fn code(&mut self, prefix: &str, digits: u8) -> String {
        let number = self.codes.len() as u64 + 1;
        let middle = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 100_000_000_000_000;
        let code = format!("{prefix}{middle:014}{digits:02}");
        self.codes.push(code.clone());
        code
    }

    /// Sells once, until the counter is free for the next sale.
    fn sell(&mut self, digits: u8) {
        let reference = self.arm();
        let code = self.code("13", digits);
        self.counter.scan_text(&code);
        let sale = format!("/v1/sales/{reference}");
        until("a counter that is free again", || {
            let state = self.counter.sale(&reference)["state"].clone();
            if state == "resolving" && digits == 41 {
                // Detached, it resolves by itself while the next ones are sold.
                self.ask("POST", &format!("{sale}/detach"), "");
            }
            let shown = self.counter.sale(&reference);
            (shown["state"] == "closed" || shown["detached"] == true).then_some(())
        });
        self.ask("GET", &sale, "");
    }

    fn arm(&mut self) -> String {
        self.sales += 1;
        let reference = format!("SALE-{}", self.sales);
        let armed = self.ask("PUT", &format!("/v1/sales/{reference}"), r#"{"amount": "150.00"}"#);
        assert_eq!(armed["state"], "armed", "{armed:#}");
        reference
    }

    /// Asks the API at both of its doors and keeps what it answers, heads included.
    fn ask(&mut self, method: &str, target: &str, body: &str) -> serde_json::Value {
        let request = Request::new(method, target).body(body.as_bytes());
        let answer = request.send(&self.counter.socket());
        self.keep("answers", answer.text.as_bytes());
        let again = Request::new("GET", target).header(&format!("authorization: Bearer {TOKEN}"));
        self.keep("answers", again.send_to(&self.address).text.as_bytes());
        answer.json()
    }

    fn keep(&mut self, name: &str, content: &[u8]) {
        match self.evidence.iter_mut().find(|(piece, _)| piece == name) {
            Some((_, kept)) => kept.extend_from_slice(content),
            None => self.evidence.push((name.to_owned(), content.to_vec())),
        }
    }

    /// Codes that lead to no charge are as secret.
    fn scan_what_is_no_sale(&mut self) {
        let feedback = |afternoon: &Self, text: &str, word: &str| {
            let count = || afternoon.counter.status()["scans"][word].as_u64().unwrap_or(0);
            let before = count();
            afternoon.counter.scan_text(text);
            until(word, || (count() > before).then_some(()));
        };
        let last = format!("/v1/sales/SALE-{}/acknowledge", self.sales);
        self.ask("POST", &last, "");
        let unarmed = self.code("13", 0);
        feedback(self, &unarmed, "nothing_armed");
        let reference = self.arm();
        let alipay = self.code("28", 0);
        feedback(self, &alipay, "alipay_not_enabled");
        let damaged = self.code("13", 0);
        feedback(self, &format!("{}\u{1}{}", &damaged[..12], &damaged[12..]), "control_characters");
        let long = self.code("13", 0);
        feedback(self, &long.repeat(40), "too_long");
        let joined = self.code("13", 0);
        feedback(self, &format!("{joined}{joined}"), "unreadable");
        let charged = self.code("13", 6);
        feedback(self, &charged, "accepted");
        feedback(self, &charged, "repeated");
        let second = self.code("13", 0);
        feedback(self, &second, "busy");
        self.ask("POST", &format!("/v1/sales/{reference}/cancel"), "");
        self.counter.until_sale(&reference, "state", "closed");
    }

    /// Webhooks that are the gateway's, and one that is forged.
    fn receive_webhooks(&mut self) {
        let secret: WebhookSecret = WEBHOOK_SECRET.parse().unwrap();
        let receiver = self.counter.receiver().to_string();
        for (number, charge) in ["chrg_test_1", "cust_test_1", "chrg_test_2"].iter().enumerate() {
            let body =
                format!(r#"{{"id":"evnt_test_{number}","data":{{"id":"{charge}"}},"n":"{BODY}"}}"#);
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let signature = secret.sign(since.try_into().unwrap(), body.as_bytes());
            let forged = if number == 2 { body.replace(BODY, "") } else { body };
            let request = Request::new("POST", "/opn")
                .header(&format!("omise-signature: {signature}"))
                .header(&format!("omise-signature-timestamp: {since}"))
                .body(forged.as_bytes());
            let answer = request.send_to(&receiver);
            assert_eq!(answer.status, if number == 2 { 400 } else { 204 });
            self.keep("answers", answer.text.as_bytes());
            self.codes.extend([signature, BODY.to_owned()]);
        }
    }

    /// Every command, with and without `--json`; what they print stays in the counter's directory.
    fn use_every_command(&mut self) {
        let commands: [&[&str]; 14] = [
            &["show", "SALE-1"],
            &["show", "SALE-14"],
            &["list", "--limit", "500"],
            &["status"],
            &["devices"],
            &["check", "SALE-14"],
            &["cancel", "SALE-1"],
            &["detach", "SALE-1"],
            &["acknowledge", "SALE-1"],
            &["sale", "150", "--reference", "SALE-1"],
            &["sale", "150", "--reference", "SALE-1", "--wait"],
            &["sale", "1", "--reference", "SALE-X"],
            &["config", "show"],
            &["config", "check"],
        ];
        for command in commands {
            self.counter.run(command);
            self.counter.run(&[command, &["--json"]].concat());
        }
        // A sale that is followed from its arming to its end.
        for json in [&[][..], &["--json"]] {
            self.sales += 1;
            let reference = format!("SALE-{}", self.sales);
            let sale = [&["sale", "150", "--wait", "--reference", &reference], json].concat();
            let waiting = self.counter.spawn(&sale);
            until("an armed sale", || {
                (self.counter.sale(&reference)["state"] == "armed").then_some(())
            });
            let code = self.code("13", 0);
            self.counter.scan_text(&code);
            assert_eq!(waiting.finish().code, Some(0));
        }
    }

    /// Alipay's codes are charged, too, once the configuration says so.
    fn reload_with_alipay(&mut self) {
        set(&self.counter, "wallets.alipayplus_upm.enabled", "true");
        self.counter.daemon().signal(Signal::HUP);
        until("the new configuration", || self.counter.log().contains("is in force").then_some(()));
        // A configuration with the key in the wrong place is refused without repeating it.
        let key = self.counter.path().join("key").display().to_string();
        edit(&self.counter, &format!("{key:?}"), &format!("{KEY:?}"));
        self.counter.daemon().signal(Signal::HUP);
        until("the refused key", || {
            self.counter.log().contains("never the key itself").then_some(())
        });
        self.counter.run(&["config", "check"]);
        self.counter.run(&["config", "show", "--json"]);
        edit(&self.counter, &format!("{KEY:?}"), &format!("{key:?}"));
        let reference = self.arm();
        let alipay = self.code("28", 1);
        self.counter.scan_text(&alipay);
        let sale = self.counter.until_sale(&reference, "outcome", "paid");
        assert_eq!(sale["wallet"], "alipayplus_upm");
    }

    /// `kill -9` with a create on its way, and with a charge that is pending.
    fn kill_in_the_middle(&mut self) {
        for (digits, state) in [(43, "creating"), (6, "awaiting_customer")] {
            let reference = self.arm();
            let code = self.code("13", digits);
            self.counter.scan_text(&code);
            self.counter.until_sale(&reference, "state", state);
            self.collect("killed");
            self.counter.end_daemon(Signal::KILL);
            self.collect_the_dead("killed");
            self.start();
            self.counter.until_sale(&reference, "state", "closed");
        }
    }

    /// Takes copies of what changes while the daemon runs.
    fn collect(&mut self, when: &str) {
        let process = daemon_of(&self.counter);
        for file in ["environ", "cmdline"] {
            let content = fs::read(process.join(file)).unwrap();
            self.evidence.push((format!("{when} {file}"), content));
        }
        let directory = self.counter.path().to_owned();
        self.collect_files(when, &directory);
    }

    /// The same of a daemon that is gone, and what its reader of events heard.
    fn collect_the_dead(&mut self, when: &str) {
        let directory = self.counter.path().to_owned();
        self.collect_files(when, &directory);
        let heard = self.listener.take().unwrap().join().unwrap();
        self.keep("events", &heard);
    }

    fn collect_files(&mut self, when: &str, directory: &Path) {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_file()
                && !["key", "token", "webhook-secret"].contains(&&*name)
            {
                let content = fs::read(entry.path()).unwrap();
                // Of a file that only grew, the longest is enough.
                let former = self.evidence.iter_mut().find(|(piece, former)| {
                    piece.ends_with(&format!(" {name}")) && content.starts_with(former)
                });
                match former {
                    Some((_, former)) => *former = content,
                    None => self.evidence.push((format!("{when} {name}"), content)),
                }
            }
        }
    }

    /// Waits until all is resolved, and stops.
    fn end(mut self) -> Self {
        self.counter.until_settled();
        self.collect("last");
        let status = self.counter.end_daemon(Signal::TERM);
        assert_eq!(status.code(), Some(0));
        self.collect_the_dead("stopped");
        assert!(self.sandbox.ended().is_none());
        let street = self.street.path().to_owned();
        self.collect_files("street", &street);
        self
    }
}

/// Every piece of ten characters of what is secret.
struct Secrets {
    pieces: HashSet<[u8; PIECE]>,
    /// Which two bytes begin one: most places need no closer look.
    beginnings: Vec<bool>,
}

impl Secrets {
    fn of(codes: &[String]) -> Self {
        let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        let key = KEY.trim_start_matches("skey_test_").to_owned();
        // Every key begins alike, so the first 13 characters of its base64 are no secret.
        let coded = encode(format!("{KEY}:"))[13..].to_owned();
        let others = [key, coded, TOKEN.to_owned(), WEBHOOK_SECRET.to_owned()];
        let texts: Vec<String> = codes.iter().cloned().chain(others).collect();
        let pieces: HashSet<_> = texts.iter().flat_map(|text| pieces(text.as_bytes())).collect();
        let mut beginnings = vec![false; 1 << 16];
        for piece in &pieces {
            beginnings[beginning(piece)] = true;
        }
        Self { pieces, beginnings }
    }

    /// Where the first piece of a secret is.
    fn found_in(&self, content: &[u8]) -> Option<usize> {
        (0..content.len().saturating_sub(PIECE - 1)).find(|place| {
            let piece: &[u8; PIECE] = content[*place..*place + PIECE].try_into().unwrap();
            self.beginnings[beginning(piece)] && self.pieces.contains(piece)
        })
    }
}

fn pieces(text: &[u8]) -> impl Iterator<Item = [u8; PIECE]> + '_ {
    text.windows(PIECE).map(|window| window.try_into().unwrap())
}

fn beginning(piece: &[u8; PIECE]) -> usize {
    usize::from(piece[0]) << 8 | usize::from(piece[1])
}

const PIECE: usize = 10;
