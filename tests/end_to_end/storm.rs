//! Streams of sales and refunds at several counters while their daemons are killed again and
//! again, also within the recovery from the kill before. Whatever was hit, at the end each
//! gateway's charges and its counter's journal agree to the satang (L3), no attempt was created
//! twice (S8), and no refund was made twice, or made and not known (S9).
//!
//! `STORM_KILLS=1000` asks for another number of kills, `STORM_SEED=7` for other dice. The moments
//! are the same for the same seed as far as the machine is the same.

use std::io::Write as _;
use std::ops::AddAssign;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tillscan::money::Amount;
use tillscan::sandbox::behaviours;

use crate::harness::{Counter, Finished, Process, Sandbox, in_parallel, try_until, until};

#[test]
fn l3_kills_in_streams_of_sales_lose_no_satang() {
    let (kills, seed) = (setting("STORM_KILLS", KILLS), setting("STORM_SEED", SEED));
    let begun = Instant::now();
    let total = Mutex::new(Tally::default());
    let seeds: Vec<u64> = (seed..seed + COUNTERS).collect();
    let blow = |seed: &u64| {
        let tally = blow(kills.div_ceil(COUNTERS), *seed);
        *total.lock().unwrap() += tally;
    };
    in_parallel(&seeds, |seed| format!("STORM_SEED={seed}"), blow);
    let total = total.into_inner().unwrap();
    let line = format!("{total:?} in {:.1?}, STORM_SEED={seed}\n", begun.elapsed());
    std::io::stderr().lock().write_all(line.as_bytes()).unwrap();
    let enough = total.kills >= kills && total.paid >= total.sales / 5 && total.refunds > 0;
    assert!(enough, "proves little: {total:?}");
}

/// One counter and its gateway, to the end of so many kills.
fn blow(kills: u64, seed: u64) -> Tally {
    let sandbox = Sandbox::start(SPEED);
    let mut storm = Storm::begin(&sandbox, kills, seed);
    let mut ended = Vec::new();
    while storm.tally.kills < kills {
        let sale = storm.play(ended.len());
        if sale.code == Some(0) && storm.dice.below(REFUNDS_ONE_IN) == 0 {
            storm.give_back(&sale.json());
        }
        ended.push(sale);
        storm.rest();
    }
    let Storm { counter, mut tally, .. } = storm;
    counter.until_settled();
    let mut wrong = None;
    try_until(|| {
        wrong = disagreement(&counter, &sandbox);
        wrong.is_none().then_some(())
    });
    assert_eq!(wrong, None);
    let sales = list(&counter);
    assert_eq!(sales.len(), ended.len());
    for (sale, ended) in sales.iter().rev().zip(&ended) {
        assert_eq!(sale["outcome"], ended.json()["outcome"], "{sale:#}\n{ended:?}");
    }
    for (attempt, creates) in sandbox.creates() {
        assert_eq!(creates, 1, "S8: {attempt}");
        tally.creates += 1;
    }
    tally.sales = sales.len() as u64;
    for sale in &sales {
        tally.paid += u64::from(sale["outcome"] == "paid");
        tally.late += u64::from(sale["late_success"] == true);
        tally.refunds += made(sale).count() as u64;
        tally.satang += due(sale);
    }
    tally
}

/// What a storm was made of.
#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    /// Of them before the daemon had finished its start.
    in_recovery: u64,
    sales: u64,
    creates: u64,
    paid: u64,
    late: u64,
    /// Those that were made.
    refunds: u64,
    /// By the journals and by the gateways alike.
    satang: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.in_recovery += other.in_recovery;
        self.sales += other.sales;
        self.creates += other.creates;
        self.paid += other.paid;
        self.late += other.late;
        self.refunds += other.refunds;
        self.satang += other.satang;
    }
}

/// A counter whose daemon is killed from time to time.
struct Storm {
    counter: Counter,
    dice: Dice,
    /// When the next kill is due.
    next: Instant,
    /// How many more there may be within this sale. After them the daemon lives: a sale whose
    /// daemon never does has no end, because each restart gives it its full time again.
    left: u64,
    tally: Tally,
}

impl Storm {
    fn begin(sandbox: &Sandbox, kills: u64, seed: u64) -> Self {
        // At every other counter late money goes back by itself.
        let late = if seed.is_multiple_of(2) { "alert" } else { "refund" };
        let keys = [TIMES, &[("payment.late_success", late)]].concat();
        let counter = Counter::start(&sandbox.url(), &keys);
        let (next, tally) = (Instant::now(), Tally::default());
        Self { counter, dice: Dice(seed), next, left: kills.min(1), tally }
    }

    /// One sale with a code that behaves somehow, to the end and until the hook knows it. One that
    /// lapsed with the daemon is armed again.
    fn play(&mut self, index: usize) -> Finished {
        let rows: Vec<u8> = behaviours().iter().map(|row| row.digits).collect();
        let rows: Vec<u8> = rows.into_iter().filter(|digits| !LEFT_OUT.contains(digits)).collect();
        let digits = rows[usize::try_from(self.dice.below(rows.len() as u64)).unwrap()];
        self.left = 1 + self.dice.below(SALE_KILLS_MAX);
        let satang = 2_000 + i64::try_from(self.dice.below(100_000)).unwrap();
        let amount = Amount::from_satang(satang).unwrap().to_string();
        let reference = format!("S-{index:03}-{digits:02}");
        let end = Instant::now() + SALE_MAX;
        let mut again = false;
        loop {
            assert!(Instant::now() < end, "{reference} does not end");
            let mut arguments =
                vec!["sale", &amount, "--reference", &reference, "--wait", "--json"];
            arguments.extend(again.then_some("--again"));
            let sale = self.counter.spawn(&arguments);
            let sale = self.follow(sale, &reference, Some(digits), end);
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

    /// One refund of a sale, of some of it or of all, to the end.
    fn give_back(&mut self, sale: &Value) {
        self.left = 1 + self.dice.below(SALE_KILLS_MAX);
        let most = u64::try_from(sale["amount_satang"].as_i64().unwrap()).unwrap();
        let satang = i64::try_from(1 + self.dice.below(2 * most)).unwrap();
        let amount = Amount::from_satang(satang.min(most as i64)).unwrap().to_string();
        let reference = sale["reference"].as_str().unwrap();
        let end = Instant::now() + SALE_MAX;
        loop {
            assert!(Instant::now() < end, "the refund of {reference} does not end");
            // Whoever does not know asks again by the same name.
            let refund = ["refund", reference, &amount, "--refund", "R-1", "--wait", "--json"];
            let refund = self.counter.spawn(&refund);
            let refund = self.follow(refund, reference, None, end);
            match refund.code {
                Some(40) => {}
                Some(0 | 14) => return,
                _ => panic!("{reference}: {refund:?}"),
            }
        }
    }

    /// Scans a code, where there is one, whenever the sale is armed, until its client ends.
    fn follow(
        &mut self,
        mut client: Process,
        reference: &str,
        digits: Option<u8>,
        end: Instant,
    ) -> Finished {
        let mut scanned_in = None;
        while client.ended().is_none() && Instant::now() < end {
            self.kill_when_due();
            let armed = self.counter.sale(reference)["state"] == "armed";
            let waits = armed && scanned_in != Some(self.tally.kills);
            if let Some(digits) = digits.filter(|_| waits) {
                self.counter.scan(digits);
                scanned_in = Some(self.tally.kills);
            }
            thread::sleep(LOOK_EVERY);
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
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Lets the daemon work off what it watches before that is too much for another sale.
    fn rest(&self) {
        let few = |counter: &Counter| counter.status()["unsettled"].as_u64() <= Some(UNSETTLED_MAX);
        until("few unsettled sales", || few(&self.counter).then_some(()));
    }

    /// Kills the daemon if its time has come, and starts it again; now and then kills that one
    /// within its start, too.
    fn kill_when_due(&mut self) {
        if self.left == 0 || Instant::now() < self.next {
            return;
        }
        self.kill();
        while self.left > 0 && self.dice.below(4) == 0 {
            self.counter.start_daemon();
            thread::sleep(Duration::from_millis(self.dice.below(START_MS)));
            self.kill();
            self.tally.in_recovery += 1;
        }
        self.counter.run_daemon();
        // As many short lives as long ones: an attempt begins within milliseconds and may take a
        // second to end.
        let doublings = self.dice.below(LIFE_DOUBLINGS);
        let life = self.dice.below(LIFE_MIN_MS << doublings);
        self.next = Instant::now() + Duration::from_millis(life);
    }

    fn kill(&mut self) {
        self.counter.end_daemon(Signal::KILL);
        (self.left, self.tally.kills) = (self.left - 1, self.tally.kills + 1);
    }
}

/// Knuth's generator: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(SEED);
        (self.0 >> 33) % bound
    }
}

/// The first sale or charge whose money is not where the other side says.
fn disagreement(counter: &Counter, sandbox: &Sandbox) -> Option<String> {
    let (sales, charges) = (list(counter), sandbox.charges());
    let is_of = |sale: &Value, charge: &Value| sale["reference"] == charge["metadata"]["reference"];
    let stray = charges.iter().find(|charge| {
        charge["status"] == "pending" || !sales.iter().any(|sale| is_of(sale, charge))
    });
    let wrong = sales.iter().find(|sale| {
        let own = || charges.iter().filter(|charge| is_of(sale, charge));
        let moved: i64 = own().map(|charge| charge["money_moved"].as_i64().unwrap()).sum();
        let refunds = own().flat_map(|charge| charge["refunded_as"].as_array().unwrap());
        moved != due(sale) || !refunds.eq(made(sale))
    });
    let stray = stray.map(|charge| format!("{charge:#} is open or nobody's"));
    stray.or_else(|| wrong.map(|sale| format!("{sale:#} against {charges:#?}")))
}

/// The money that a sale has by the journal, in satang.
fn due(sale: &Value) -> i64 {
    let has_money = sale["outcome"] == "paid" || sale["late_success"] == true;
    let refunded: Amount = sale["refunded"].as_str().unwrap().parse().unwrap();
    let taken = if has_money { sale["amount_satang"].as_i64().unwrap() } else { 0 };
    taken - refunded.satang()
}

/// The refunds that were made by the journal, as they are called in their metadata.
fn made(sale: &Value) -> impl Iterator<Item = &Value> {
    let refunds = sale["refunds"].as_array().unwrap().iter();
    refunds.filter(|refund| refund["state"] == "refunded").map(|refund| &refund["id"])
}

fn list(counter: &Counter) -> Vec<Value> {
    let list = counter.run(&["list", "--limit", "500", "--json"]).json();
    list["sales"].as_array().cloned().unwrap()
}

/// A number of the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

/// Kills in a run of all tests.
const KILLS: u64 = 100;
const SEED: u64 = 20_190_529;
/// Each waits most of its time.
const COUNTERS: u64 = 4;
/// The sandbox's hang of 60 s becomes 1.5 s, its charge after 15 s one after 375 ms.
const SPEED: &str = "40";
/// Shorter than everywhere else, in the same order: what comes late at this speed comes within the
/// quarantine and the watch.
const TIMES: &[(&str, &str)] = &[
    ("gateway.request_timeout", "300ms"),
    ("payment.deadline", "500ms"),
    ("payment.cancel_not_before", "100ms"),
    ("payment.quarantine", "1200ms"),
    ("payment.watch", r#"["200ms", "700ms"]"#),
    ("payment.poll_first", "10ms"),
    ("payment.poll_fast", "20ms"),
    ("payment.backoff_max", "60ms"),
];
/// Paid in another amount or currency: such a sale stays unknown until a person looks. Given back
/// at the dashboard: nobody tells the journal.
const LEFT_OUT: [u8; 5] = [67, 68, 94, 95, 96];
/// Half of what is paid goes back, all of it or in part.
const REFUNDS_ONE_IN: u64 = 2;
/// Within one sale, and within one refund.
const SALE_KILLS_MAX: u64 = 9;
/// A life lasts up to this, or up to twice as long, and so on: 1 s at most.
const LIFE_MIN_MS: u64 = 8;
const LIFE_DOUBLINGS: u64 = 8;
/// A start takes 10 ms and more.
const START_MS: u64 = 40;
const UNSETTLED_MAX: u64 = 4;
const SALE_MAX: Duration = Duration::from_secs(40);
const LOOK_EVERY: Duration = Duration::from_millis(2);
