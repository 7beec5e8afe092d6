//! The numbers that decide, and the pure functions over them: when to poll, how long to stay away,
//! what an amount may be. All times are durations of the monotonic clock (O1).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::AttemptId;
use crate::code::{Prefixes, Wallet};
use crate::money::Amount;

/// What the shop configured. Defaults are those of `config/tillscan.toml`.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long an armed amount waits for a code, and a half-typed one for its next key.
    pub lease: Duration,
    /// How long the customer has from the scan on.
    pub deadline: Duration,
    /// A cancel waits until the attempt is this old: WeChat refuses to revoke earlier than 15 s.
    pub cancel_not_before: Duration,
    /// How long lists must not show a charge before it counts as not created (S3).
    pub quarantine: Duration,
    /// When to look again after an unpaid close, counted from the close; ascending, never empty.
    pub watch: Vec<Duration>,
    /// The time limit of one request; the shell keeps it, the core only counts on it.
    pub request_timeout: Duration,
    /// The poll schedule.
    pub poll: PollSchedule,
    /// The poll schedule while hints come; `None` where nobody sends any.
    pub hinted_poll: Option<HintedPoll>,
    /// The longest wait after answers that prove nothing, while the customer waits.
    pub backoff_max: Duration,
    /// Which wallets are taken, and for which amounts.
    pub wallets: BTreeMap<Wallet, Limits>,
    /// What a payment code looks like.
    pub prefixes: Prefixes,
    /// Whether a secret key is there; without one no sale is taken.
    pub key: Key,
    /// What becomes of money that comes after "not paid" was told.
    pub late_success: LateSuccess,
}

/// When a pending charge is read again.
#[derive(Clone, Copy, Debug)]
pub struct PollSchedule {
    /// After the create.
    pub first: Duration,
    /// Between reads while the attempt is younger than `fast_until`.
    pub fast: Duration,
    /// How long reads are fast.
    pub fast_until: Duration,
    /// Afterwards, at least this…
    pub slow_min: Duration,
    /// … and at most this, drawn.
    pub slow_max: Duration,
}

/// How a pending charge is read while webhooks tell of every change: rarely, and only as long as
/// they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HintedPoll {
    /// Between reads, at least; the first one after the create stays where it is.
    pub every: Duration,
    /// How long after the last hint more are counted on.
    pub trust: Duration,
}

/// Which amounts a wallet takes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The smallest amount.
    pub min: Amount,
    /// The largest amount.
    pub max: Amount,
}

/// What is done when a charge turns out paid after "not paid" was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateSuccess {
    /// An alert stands until somebody decides.
    #[default]
    Alert,
    /// All of it is given back at once; the alert stands all the same.
    Refund,
}

/// Whether requests can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A secret key is loaded.
    Present,
    /// None is: sales are refused and the screen says what is missing.
    Missing,
}

impl Default for Policy {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        let limits = Limits { min: Amount::from_baht(20), max: Amount::from_baht(150_000) };
        Self {
            lease: seconds(120),
            deadline: seconds(60),
            cancel_not_before: seconds(15),
            quarantine: seconds(90),
            watch: watch_in_steps(&[60, 600, 3_600, 86_400].map(seconds)),
            request_timeout: seconds(10),
            poll: PollSchedule::default(),
            hinted_poll: None,
            backoff_max: seconds(8),
            wallets: BTreeMap::from([(Wallet::WechatPayUpm, limits)]),
            prefixes: Prefixes::default(),
            key: Key::Present,
            late_success: LateSuccess::default(),
        }
    }
}

impl Default for PollSchedule {
    /// First after 1 s (a payment without a password is done in 1–2 s), every 2 s up to 10 s, then
    /// every 3–5 s, as WeChat recommends.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            fast: Duration::from_secs(2),
            fast_until: Duration::from_secs(10),
            slow_min: Duration::from_secs(3),
            slow_max: Duration::from_secs(5),
        }
    }
}

impl Policy {
    /// Whether any wallet takes `amount`.
    #[must_use]
    pub fn takes(&self, amount: Amount) -> bool {
        self.wallets.values().any(|limits| limits.contain(amount))
    }

    /// The widest limits of all wallets, for the sentence that refuses an amount.
    #[must_use]
    pub fn widest(&self) -> Option<Limits> {
        let min = self.wallets.values().map(|limits| limits.min).min()?;
        let max = self.wallets.values().map(|limits| limits.max).max()?;
        Some(Limits { min, max })
    }

    /// How long to wait before a pending charge is read again; `age` is the attempt's, `draw` in
    /// `0..=u16::MAX`.
    #[must_use]
    pub fn poll_wait(&self, age: Duration, draw: u16) -> Duration {
        if age < self.poll.fast_until {
            return self.poll.fast;
        }
        let width = self.poll.slow_max.saturating_sub(self.poll.slow_min);
        self.poll.slow_min + fraction(width, draw)
    }

    /// How long to wait after `failures` answers in a row that proved nothing: full jitter over an
    /// exponential, plus a floor so that even the luckiest draw leaves the gateway a breath.
    #[must_use]
    pub fn backoff(&self, failures: u32, limit: Duration, draw: u16) -> Duration {
        let base = BACKOFF_BASE.min(self.backoff_max);
        let ceiling = base.saturating_mul(1 << failures.min(16)).min(limit);
        fraction(ceiling, draw) + BACKOFF_FLOOR.min(base)
    }

    /// How long the watch waits before its look number `looks` (counted from 0), from the close or
    /// from the look before. A restart starts this one wait again and keeps the looks that are
    /// done.
    #[must_use]
    pub fn watch_wait(&self, looks: usize) -> Duration {
        let at = |index: usize| self.watch.get(index).copied().unwrap_or_default();
        match looks {
            0 => at(0),
            _ => at(looks).saturating_sub(at(looks - 1)),
        }
    }
}

impl Limits {
    /// Whether `amount` lies within.
    #[must_use]
    pub fn contain(&self, amount: Amount) -> bool {
        (self.min..=self.max).contains(&amount)
    }
}

/// The schedule of the watch that looks at these times at least. A restart begins the current wait
/// anew, and many a counter is switched off every night: long waits are cut into equal ones, with a
/// look after each, so that a restart costs little and the watch comes to its end (L2, D6).
#[must_use]
pub fn watch_in_steps(looks: &[Duration]) -> Vec<Duration> {
    let mut schedule = Vec::new();
    let mut before = Duration::ZERO;
    for look in looks {
        let wait = look.saturating_sub(before);
        let steps = u32::try_from(wait.as_millis().div_ceil(WATCH_STEP_MAX.as_millis()));
        let steps = steps.unwrap_or(u32::MAX).max(1);
        schedule.extend((1..=steps).map(|step| before + wait * step / steps));
        before = *look;
    }
    schedule
}

/// Jitter without dice: number `index` of the numbers that belong to this attempt, spread evenly.
/// Attempts of different terminals have different ids, so their polls do not fall into step.
#[must_use]
pub fn draw(attempt: &AttemptId, index: u32) -> u16 {
    // FNV-1a, finished by splitmix64's mixer: its low-order bits alone would follow the last digit.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in attempt.0.bytes().chain(index.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (hash >> 48) as u16
}

fn fraction(of: Duration, draw: u16) -> Duration {
    of.saturating_mul(u32::from(draw)) / u32::from(u16::MAX)
}

/// The longest wait of the watch: so much a restart costs at most.
const WATCH_STEP_MAX: Duration = Duration::from_secs(2 * 3_600);
/// First step of the back-off.
const BACKOFF_BASE: Duration = Duration::from_millis(500);
/// Least wait after an answer that proved nothing.
const BACKOFF_FLOOR: Duration = Duration::from_millis(200);
