//! How long it takes from the last byte of a payment code to the create request at the gateway, the
//! durable record included: a real daemon, its journal on a real disk, a pty as the scanner, the
//! sandbox behind a warm connection.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "stage/mod.rs"]
mod stage;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use tillscan::api::Client;
use tillscan::api::document::ArmDocument;
use tillscan::sandbox;
use tillscan::scanner::Pty;
use tillscan::terminal::Reference;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use stage::{runtime, start_daemon};

/// Paid in the answer of the create, so that the next sale can begin.
const CODE: &[u8] = b"130991292552725001\r";

fn scan_to_request(criterion: &mut Criterion) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let (seen, requests) = channel();
    let gateway = start_gateway(seen);
    let runtime = runtime();
    let scanner = runtime.block_on(async { Pty::open().expect("a pty") });
    let settings = stage::settings(directory.path(), &gateway, scanner.path());
    let client = start_daemon(&runtime, settings);
    let mut counter = Counter { runtime, scanner, client, requests, sales: 0, taken: Vec::new() };

    criterion.bench_function("scan_to_request", |bencher| {
        bencher.iter_custom(|sales| (0..sales).map(|_| counter.sell()).sum());
    });
    stage::report("scan to request", counter.taken);
}

struct Counter {
    runtime: Runtime,
    scanner: Pty,
    client: Client,
    requests: Receiver<Instant>,
    sales: u64,
    taken: Vec<Duration>,
}

impl Counter {
    /// One sale; how long its scan took to become a request.
    fn sell(&mut self) -> Duration {
        self.sales += 1;
        let reference: Reference = format!("BENCH-{}", self.sales).parse().expect("a reference");
        let document = ArmDocument { amount: "150.00".to_owned(), again: false };
        let scanned = self.runtime.block_on(async {
            self.client.arm(&reference, &document).await.expect("armed");
            // A double trigger is refused for three seconds: another customer has another code.
            let code = [&format!("13{:014}", self.sales).into_bytes(), &CODE[16..]].concat();
            let scanned = Instant::now();
            self.scanner.write(&code).await.expect("scanned");
            scanned
        });
        let requested = self.requests.recv_timeout(Duration::from_secs(10)).expect("a request");
        self.runtime.block_on(async {
            while !self.client.sale(&reference).await.expect("a sale").sale.is_over() {}
        });
        let taken = requested - scanned;
        self.taken.push(taken);
        taken
    }
}

/// The sandbox behind a proxy that notes when a create arrives.
fn start_gateway(seen: Sender<Instant>) -> String {
    let (ready, address) = channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let sandbox = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let behind = sandbox.local_addr().expect("an address");
            let options = sandbox::Options::default();
            tokio::spawn(sandbox::serve(sandbox, options, std::future::pending()));
            let front = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            ready.send(front.local_addr().expect("an address")).expect("the bench waits");
            loop {
                let (client, _) = front.accept().await.expect("a connection");
                let server = TcpStream::connect(behind).await.expect("the sandbox");
                client.set_nodelay(true).expect("a socket");
                server.set_nodelay(true).expect("a socket");
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(carry(from_client, to_server, Some(seen.clone())));
                tokio::spawn(carry(from_server, to_client, None));
            }
        });
    });
    format!("http://{}", address.recv().expect("an address"))
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, seen: Option<Sender<Instant>>) {
    let mut buffer = vec![0; 64 * 1_024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if let Some(seen) = seen.as_ref().filter(|_| buffer.starts_with(b"POST /charges HTTP")) {
            seen.send(Instant::now()).expect("the bench waits");
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(5));
    targets = scan_to_request
}
criterion_main!(benches);
