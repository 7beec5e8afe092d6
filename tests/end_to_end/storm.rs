//! A stream of sales while the daemon is killed again and again. Whatever was hit, at the end the
//! gateway's charges and the journal agree to the satang (L3), and no attempt was created twice
//! (S8).

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::{Counter, Finished, Process, Sandbox, until};

#[test]
fn l3_twenty_kills_in_a_stream_of_sales_lose_no_satang() {
    let sandbox = Sandbox::start("20");
    let mut storm = Storm::begin(&sandbox);
    let mut ended = Vec::new();
    for (index, digits) in DIGITS.into_iter().enumerate() {
        ended.push(storm.play(index, digits));
    }
    while storm.kills < KILLS {
        storm.kill_when_due();
    }
    let counter = storm.counter;
    until("books that agree", || agree(&counter, &sandbox).then_some(()));
    let sales = list(&counter);
    assert_eq!(sales.len(), DIGITS.len());
    for (sale, ended) in sales.iter().rev().zip(&ended) {
        assert_eq!(sale["outcome"], ended.json()["outcome"], "{sale:#}\n{ended:?}");
    }
    for (attempt, creates) in sandbox.creates() {
        assert_eq!(creates, 1, "{attempt}");
    }
    let paid = ended.iter().filter(|sale| sale.code == Some(0)).count();
    assert!(paid >= PAID_MIN, "only {paid} of the sales were paid: the storm proves little");
}

/// A counter whose daemon is killed from time to time.
struct Storm {
    counter: Counter,
    next: Instant,
    kills: u32,
    dice: u64,
}

impl Storm {
    fn begin(sandbox: &Sandbox) -> Self {
        let counter = Counter::start(&sandbox.url(), &[]);
        Self { counter, next: Instant::now(), kills: 0, dice: SEED }
    }

    /// One sale with a code that behaves so, to the end and until the hook knows it. One that
    /// lapsed with the daemon is armed again.
    fn play(&mut self, index: usize, digits: u8) -> Finished {
        let (reference, amount) = (format!("S-{index:02}"), format!("{}.{index:02}", 20 + index));
        let end = Instant::now() + SALE_MAX;
        let mut again = false;
        loop {
            assert!(Instant::now() < end, "{reference} does not end: {}", self.counter.log());
            let mut arguments =
                vec!["sale", &amount, "--reference", &reference, "--wait", "--json"];
            arguments.extend(again.then_some("--again"));
            let sale = self.counter.spawn(&arguments);
            let sale = self.follow(sale, &reference, digits, end);
            match sale.code {
                // Nobody answered at its start.
                Some(40) => {}
                Some(11) if sale.json()["attempts"] == 0 => again = true,
                Some(0 | 10..=13) => {
                    self.wait_for_hook(&sale.json(), end);
                    return sale;
                }
                _ => panic!("{reference}: {sale:?}"),
            }
        }
    }

    /// Scans a code whenever the sale is armed, until its client ends.
    fn follow(
        &mut self,
        mut client: Process,
        reference: &str,
        digits: u8,
        end: Instant,
    ) -> Finished {
        let mut scanned_in = None;
        while client.ended().is_none() && Instant::now() < end {
            self.kill_when_due();
            let armed = self.counter.sale(reference)["state"] == "armed";
            if armed && scanned_in != Some(self.kills) {
                self.counter.scan(digits);
                scanned_in = Some(self.kills);
            }
        }
        client.finish()
    }

    /// A result that nobody acknowledged reaches the hook, however often the daemon is killed.
    fn wait_for_hook(&mut self, sale: &Value, end: Instant) {
        let knows = |counter: &Counter| {
            counter.hooks().iter().any(|told| {
                told["sale"]["reference"] == sale["reference"]
                    && told["sale"]["outcome"] == sale["outcome"]
            })
        };
        while !knows(&self.counter) {
            assert!(Instant::now() < end, "the hook was not told of {sale:#}");
            self.kill_when_due();
        }
    }

    /// Kills the daemon if its time has come, and starts it again.
    fn kill_when_due(&mut self) {
        if self.kills == KILLS || Instant::now() < self.next {
            return;
        }
        self.counter.end_daemon(Signal::KILL);
        self.counter.run_daemon();
        self.kills += 1;
        // Knuth's multiplier: the same moments in every run, as far as the machine is the same.
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(SEED);
        let life = LIFE_MIN_MS + (self.dice >> 33) % LIFE_SPREAD_MS;
        self.next = Instant::now() + Duration::from_millis(life);
    }
}

/// Whether each sale of the journal has the money that its outcome says, and no charge is
/// unaccounted for.
fn agree(counter: &Counter, sandbox: &Sandbox) -> bool {
    let (sales, charges) = (list(counter), sandbox.charges());
    let known = charges.iter().all(|charge| {
        sales.iter().any(|sale| sale["reference"] == charge["metadata"]["reference"])
            && charge["status"] != "pending"
    });
    known
        && sales.iter().all(|sale| {
            let own = charges
                .iter()
                .filter(|charge| charge["metadata"]["reference"] == sale["reference"]);
            let moved: i64 = own.map(|charge| charge["money_moved"].as_i64().unwrap()).sum();
            let due = sale["outcome"] == "paid" || sale["late_success"] == true;
            moved == if due { sale["amount_satang"].as_i64().unwrap() } else { 0 }
        })
}

fn list(counter: &Counter) -> Vec<Value> {
    let list = counter.run(&["list", "--limit", "100", "--json"]).json();
    list["sales"].as_array().cloned().unwrap()
}

/// Paid, declined, lost, late, raced, garbled, refused: two digits of the sandbox's table each.
const DIGITS: [u8; 20] =
    [0, 40, 10, 31, 1, 44, 6, 32, 52, 16, 60, 30, 70, 3, 42, 22, 61, 64, 69, 71];
const KILLS: u32 = 20;
/// A life of the daemon: shorter than some sales, longer than others.
const LIFE_MIN_MS: u64 = 20;
const LIFE_SPREAD_MS: u64 = 700;
/// Thirteen of [`DIGITS`] are to be paid; a machine that stalls may let some of them expire.
const PAID_MIN: usize = 10;
const SALE_MAX: Duration = Duration::from_secs(30);
const SEED: u64 = 20_190_529;
