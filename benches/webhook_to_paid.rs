//! How long it takes from a webhook to the screen that says "paid": a real daemon, its journal on a
//! real disk, the sandbox behind a warm connection. On the way are the signature, the event's
//! record, the reading of the charge, the outcome's record, and the page that is told.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "stage/mod.rs"]
mod stage;

use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use criterion::{Criterion, criterion_group, criterion_main};
use tillscan::api::Client;
use tillscan::api::client::Events;
use tillscan::api::document::{ArmDocument, EventDocument};
use tillscan::sandbox::{self, WebhookSecret};
use tillscan::scanner::Pty;
use tillscan::terminal::{Reference, Screen, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use stage::{SECRET_KEY, runtime, start_daemon, write_private};

const SECRET: &str = "YmVuY2htYXJrLXdlYmhvb2stc2VjcmV0";

fn webhook_to_paid(criterion: &mut Criterion) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let gateway = start_gateway();
    let runtime = runtime();
    let scanner = runtime.block_on(async { Pty::open().expect("a pty") });
    let url = format!("http://{gateway}");
    let mut settings = stage::settings(directory.path(), &url, scanner.path());
    write_private(&directory.path().join("webhook-secret"), SECRET);
    settings.webhook.listen = Some(([127, 0, 0, 1], 0).into());
    settings.webhook.secrets = vec![directory.path().join("webhook-secret")];
    // No poll comes first.
    settings.payment.poll_first = Duration::from_secs(60);
    let client = start_daemon(&runtime, settings);
    let (receiver, events) = runtime.block_on(async {
        let status = client.status().await.expect("a status");
        (status.webhooks.expect("a receiver").listen, client.events().await.expect("events"))
    });
    let (sales, taken) = (0, Vec::new());
    let mut counter = Counter { runtime, scanner, client, events, gateway, receiver, sales, taken };

    criterion.bench_function("webhook_to_paid", |bencher| {
        bencher.iter_custom(|sales| (0..sales).map(|_| counter.sell()).sum());
    });
    stage::report("webhook to paid", counter.taken);
}

struct Counter {
    runtime: Runtime,
    scanner: Pty,
    client: Client,
    events: Events,
    gateway: SocketAddr,
    receiver: SocketAddr,
    sales: u64,
    taken: Vec<Duration>,
}

impl Counter {
    /// One sale; how long it took from its webhook to its screen.
    fn sell(&mut self) -> Duration {
        self.sales += 1;
        let Self { runtime, scanner, client, events, gateway, receiver, sales, .. } = self;
        let taken = runtime.block_on(async {
            // Below what the receiver takes in the long run.
            tokio::time::sleep(BETWEEN_SALES).await;
            let reference: Reference = format!("BENCH-{sales}").parse().expect("a reference");
            let document = ArmDocument { amount: "150.00".to_owned(), again: false };
            client.arm(&reference, &document).await.expect("armed");
            // Never paid, but by hand.
            scanner.write(format!("13{sales:014}06\r").as_bytes()).await.expect("scanned");
            let charge = loop {
                let sale = client.sale(&reference).await.expect("a sale").sale;
                if sale.state == State::AwaitingCustomer {
                    break sale.charge_id.expect("a charge");
                }
            };
            let key = base64::engine::general_purpose::STANDARD.encode(format!("{SECRET_KEY}:"));
            let head = format!(
                "POST /charges/{charge}/mark_as_paid HTTP/1.1\r\nauthorization: Basic {key}\r\n"
            );
            assert_eq!(post(*gateway, &head, "").await, 200);
            let (head, body) = webhook(*sales, &charge.0);
            let sent = Instant::now();
            assert_eq!(post(*receiver, &head, &body).await, 204);
            loop {
                match events.next().await.expect("an event").expect("a daemon") {
                    EventDocument::Screen(screen) if screen.screen == Screen::Paid => {
                        return sent.elapsed();
                    }
                    EventDocument::Screen(_)
                    | EventDocument::Status(_)
                    | EventDocument::Feedback(_)
                    | EventDocument::Outcome(_) => {}
                }
            }
        });
        self.taken.push(taken);
        taken
    }
}

/// Head and body of a webhook, of the length of Opn's own.
fn webhook(number: u64, charge: &str) -> (String, String) {
    let padding = " ".repeat(4_096);
    let body = format!(
        r#"{{"object":"event","id":"evnt_test_{number}",{padding}"data":{{"object":"charge","id":"{charge}"}},"key":"charge.complete"}}"#
    );
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let seconds = i64::try_from(seconds).expect("a time");
    let secret: WebhookSecret = SECRET.parse().expect("a secret");
    let signature = secret.sign(seconds, body.as_bytes());
    let head = format!(
        "POST /opn HTTP/1.1\r\nomise-signature: {signature}\r\n\
         omise-signature-timestamp: {seconds}\r\n"
    );
    (head, body)
}

/// Sends a request on a new connection, as Opn does; the answer's status.
async fn post(to: SocketAddr, head: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let length = body.len();
    let rest = format!("host: bench\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let request = [head, &rest, body].concat();
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

fn start_gateway() -> SocketAddr {
    let (ready, address) = channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            ready.send(listener.local_addr().expect("an address")).expect("the bench waits");
            let options = sandbox::Options::default();
            sandbox::serve(listener, options, std::future::pending()).await.expect("it serves");
        });
    });
    address.recv().expect("an address")
}

/// The receiver takes 20 in a second.
const BETWEEN_SALES: Duration = Duration::from_millis(50);

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(2));
    targets = webhook_to_paid
}
criterion_main!(benches);
