//! One life of the daemon: assembled as in the shop, with the world at its doors, on a runtime of
//! its own whose clock is paused. It ends by SIGTERM, by a disk that failed, or with the power, in
//! the middle of whatever it does.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Result, ensure};
use tillscan::api::Desk;
use tillscan::clock::Moment;
use tillscan::config::Settings;
use tillscan::config::secret::SecretKey;
use tillscan::daemon::{Loaded, Outside, Setup, Signal, assemble};
use tillscan::gateway::Gateway;
use tillscan::scanner::{DELIVERIES, Delivery, Retry, ScannerSettings};
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, advance, sleep_until};
use uuid::Uuid;

use super::ear::Ear;
use super::paper::unsettled;
use super::pen;
use super::wire::Line;
use super::world::{Next, Shared, World, lock};
use crate::dice::Dice;
use crate::event::{Start, What};
use crate::oracles::{Violation, require};
use crate::world::Checked;

/// A daemon that runs, as far as one can touch it.
pub struct Process {
    /// When it started, by the world's clock.
    started: Duration,
    /// The same by its own.
    origin: Instant,
    /// How long the machine has slept since, with its clock.
    pub slept: Duration,
    pub desk: Desk,
    pub deliver: mpsc::Sender<Delivery>,
    pub signals: mpsc::Sender<Signal>,
    /// The names it will draw: one for each scan and each key that it was handed.
    pub drawn: VecDeque<Uuid>,
    pub ear: Ear,
    /// It was told to stop.
    pub stopping: bool,
    /// Its disk failed.
    pub failed: bool,
}

/// What a daemon is unwound with when the power goes while it writes.
pub struct PowerCut;

impl Process {
    /// The world's time.
    pub fn now(&self) -> Duration {
        self.started + self.slept + self.origin.elapsed()
    }

    /// Its own time.
    pub fn clock(&self) -> Moment {
        Moment::ZERO + self.origin.elapsed()
    }

    /// When its clock shows that it is `at` in the world.
    fn instant(&self, at: Duration) -> Instant {
        self.origin + at.saturating_sub(self.started + self.slept)
    }
}

/// Lives once.
pub fn lives(shared: &Shared) -> Checked {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    match catch_unwind(AssertUnwindSafe(|| runtime.block_on(life(shared)))) {
        Ok(checked) => checked,
        Err(cause) if cause.is::<PowerCut>() => Ok(()),
        Err(_) => Err(Violation::new("panic", "the daemon panicked".to_owned())),
    }
}

async fn life(shared: &Shared) -> Checked {
    let (desk, inside) = Desk::open();
    let bell = desk.listen();
    let (deliver, deliveries) = mpsc::channel(DELIVERIES);
    let (signals, receiver) = mpsc::channel(SIGNALS);
    let settings = lock(shared).starts(&desk, deliver.clone(), signals);
    let outside = outside(shared, Outside::real(inside), (deliver, deliveries));
    let loaded = load(&settings).expect("the key is there");
    let world = Arc::clone(shared);
    let reload = Box::new(move || {
        ensure!(!lock(&world).is_misspelt(), "a bad configuration changes nothing");
        load(&settings)
    });
    let setup = Setup { loaded, reload, signals: receiver };
    let counter = assemble(setup, outside)
        .map_err(|error| Violation::new("D3", format!("the daemon does not start: {error:#}")))?;
    lock(shared).has_started()?;
    let mut daemon = Box::pin(counter.run());
    let mut around = Box::pin(around(shared, bell));
    let (mut turns, mut steps) = (0_u32, 0);
    std::future::poll_fn(|context| {
        if let Poll::Ready(result) = daemon.as_mut().poll(context) {
            return Poll::Ready(lock(shared).has_ended(result));
        }
        let happened = lock(shared).counters.steps;
        turns = if happened == steps { turns + 1 } else { 0 };
        steps = happened;
        if turns > TURNS_MAX {
            let what = "wakes up at once, without end".to_owned();
            return Poll::Ready(Err(Violation::new("L4", what)));
        }
        around.as_mut().poll(context)
    })
    .await
}

/// The real doors, but for those where the simulation stands.
fn outside(
    shared: &Shared,
    real: Outside,
    deliveries: (mpsc::Sender<Delivery>, mpsc::Receiver<Delivery>),
) -> Outside {
    let (network, dice) = (Arc::clone(shared), Arc::clone(shared));
    let (disk, events) = (Arc::clone(shared), Arc::clone(shared));
    Outside {
        deliveries,
        connect: Box::new(move |_, _| Ok(Gateway::over(Line(Arc::clone(&network))))),
        append: Box::new(move |journal, records| pen::append(&disk, journal, records)),
        receive: Box::new(move |journal, event| pen::receive(&events, journal, event)),
        draw: Box::new(move || {
            let drawn = lock(&dice).process.as_mut().and_then(|one| one.drawn.pop_front());
            drawn.expect("each scan and each key brings a name")
        }),
        ..real
    }
}

/// The world goes on around the daemon, until that is gone.
async fn around(shared: &Shared, mut bell: broadcast::Receiver<impl Clone>) -> Checked {
    let news = Arc::clone(&lock(shared).news);
    loop {
        let next = lock(shared).next()?;
        match next {
            Next::Look => {
                // Now and then several things come at once.
                let comes_alone = lock(shared).comes_alone();
                if comes_alone {
                    tokio::task::yield_now().await;
                }
            }
            Next::WaitUntil(at) => {
                let wakes = lock(shared).process.as_ref().map(|process| process.instant(at));
                let wakes = wakes.unwrap_or_else(Instant::now);
                tokio::select! {
                    biased;
                    _ = bell.recv() => {}
                    () = news.notified() => {}
                    // The clock goes on only when nobody has anything left to do.
                    () = sleep_until(wakes) => lock(shared).rests()?,
                }
            }
            Next::WakeUp(span) => advance(span).await,
            Next::End => return Ok(()),
        }
    }
}

impl World {
    fn starts(
        &mut self,
        desk: &Desk,
        deliver: mpsc::Sender<Delivery>,
        signals: mpsc::Sender<Signal>,
    ) -> Settings {
        self.run += 1;
        self.process = Some(Process {
            started: self.now,
            origin: Instant::now(),
            slept: Duration::ZERO,
            ear: Ear::new(desk),
            desk: desk.clone(),
            deliver,
            signals,
            drawn: VecDeque::new(),
            stopping: false,
            failed: false,
        });
        let key = self.paper.beside("key");
        if !key.exists() {
            write_key(&key);
        }
        let mut settings = Settings::default();
        settings.gateway.secret_key_file = Some(key);
        settings.payment.late_success = self.plan.policy.late_success;
        settings.journal.path = self.paper.path();
        if let Some(hinted) = &self.plan.policy.hinted_poll {
            settings.webhook.listen = Some(RECEIVER);
            (settings.webhook.poll, settings.webhook.trust) = (hinted.every, hinted.trust);
        }
        // Else whatever is plugged into the machine would be taken.
        let mut nowhere = ScannerSettings::serial(self.paper.beside("no-scanner"));
        nowhere.retry = Retry { first: NEVER, longest: NEVER };
        settings.scanners = vec![nowhere];
        settings
    }

    /// The daemon has read the journal, and has done nothing yet.
    fn has_started(&mut self) -> Checked {
        let records = self.paper.records()?;
        let left = unsettled(&records);
        let start = Start { policy: self.plan.policy.clone(), now: Moment::ZERO };
        self.trace.boots(self.now, left.len());
        self.tell(What::Booted { records: &records, unsettled: &left, start: &start })?;
        // What was written and not synced may be there all the same.
        self.truth.books.clear();
        for record in &records {
            self.truth.enter(record);
        }
        if self.listens() {
            self.promises.booted(self.now, &self.paper.events()?)?;
        }
        Ok(())
    }

    fn has_ended(&mut self, result: Result<()>) -> Checked {
        self.looks_at_the_clock();
        self.hears()?;
        let Some(process) = &self.process else { return Ok(()) };
        let (stopping, failed) = (process.stopping, process.failed);
        self.trace.note(self.now, || format!("* ends, failed: {failed}"));
        let right = if failed { result.is_err() } else { stopping && result.is_ok() };
        require(right, if failed { "D4" } else { "O4" }, || {
            format!("ended with {result:?}; told to stop: {stopping}, disk failed: {failed}")
        })?;
        self.tally.crash(if failed { "failed" } else { "stopped" });
        self.counters.crashes += 1;
        self.ends_life(&mut Dice::of(self.seed, "stopped", self.counters.crashes));
        Ok(())
    }

    /// Reads the time, which goes on while the daemon does something by itself.
    pub fn looks_at_the_clock(&mut self) {
        self.now = self.process.as_ref().map_or(self.now, Process::now);
    }

    /// Whether the configuration cannot be read this time.
    fn is_misspelt(&self) -> bool {
        Dice::of(self.seed, "misspelt", self.counters.steps).chance(300)
    }

    fn comes_alone(&self) -> bool {
        Dice::of(self.seed, "alone", self.counters.steps).chance(800)
    }
}

fn load(settings: &Settings) -> Result<Loaded> {
    let key = SecretKey::load(&settings.gateway, None)?;
    Ok(Loaded { settings: settings.clone(), key, webhook_secrets: Vec::new() })
}

fn write_key(path: &Path) {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(KEY)).expect("a key");
}

const KEY: &[u8] = b"skey_test_simulation0000000\n";
/// Where the receiver would listen; nobody does, what it would take is handed in.
const RECEIVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
/// As many as the service's own channel holds.
const SIGNALS: usize = 4;
/// Longer than a world lasts.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);
/// The daemon may wake up so often while nothing happens around it: its own timers for thirty
/// hours of looks at a charge that only a person can judge are some 2,000.
const TURNS_MAX: u32 = 20_000;
