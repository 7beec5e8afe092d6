//! What the worlds added up to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tillscan::terminal::{Input, Reply, Screen, Status, UnknownWhy, Wish};

use crate::faults::{Fault, Faults};
use crate::truth::Truth;
use crate::world::Counters;

/// State × input × fault: what was on the screen, what came in, and what had befallen it.
pub type Cell = (Screen, &'static str, &'static str);

/// Counts over worlds. Adding them up gives the same in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub worlds: u64,
    pub simulated: Duration,
    pub attempts: u64,
    pub charges: u64,
    pub crashes: u64,
    pub late: u64,
    pub scans: u64,
    pub steps: u64,
    pub faults: BTreeMap<Fault, u64>,
    /// In how many worlds each class of faults was on.
    pub drawn: BTreeMap<Fault, u64>,
    pub crashed_at: BTreeMap<&'static str, u64>,
    pub cells: BTreeMap<Cell, u64>,
    /// Of exhaustive runs: how many of each kind.
    pub kinds: BTreeMap<&'static str, Runs>,
    /// What became of webhooks that reached the daemon: how often each.
    pub webhooks: BTreeMap<&'static str, u64>,
}

/// Counts of exhaustive runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    pub played: u64,
    /// Those in which all that was planned struck.
    pub struck: u64,
}

impl Runs {
    const fn and(self, other: Self) -> Self {
        Self { played: self.played + other.played, struck: self.struck + other.struck }
    }
}

impl Tally {
    /// Counts an input.
    pub fn cell(&mut self, screen: Screen, input: &Input, fault: Option<Fault>) {
        let cell = (screen, input_word(input), fault.map_or("-", Fault::word));
        *self.cells.entry(cell).or_default() += 1;
    }

    /// Counts the classes of faults that were drawn for a world.
    pub fn draw(&mut self, faults: &Faults) {
        for fault in faults.strengths().keys() {
            *self.drawn.entry(*fault).or_default() += 1;
        }
    }

    /// Counts a crash right before this was done.
    pub fn crash(&mut self, at: &'static str) {
        *self.crashed_at.entry(at).or_default() += 1;
    }

    /// Counts an exhaustive run of this kind, and whether all that was planned struck.
    pub fn kind(&mut self, kind: &'static str, struck: bool) {
        let runs = self.kinds.entry(kind).or_default();
        *runs = runs.and(Runs { played: 1, struck: u64::from(struck) });
    }

    /// Counts something that became of a webhook.
    pub fn webhook(&mut self, became: &'static str) {
        *self.webhooks.entry(became).or_default() += 1;
    }

    /// Counts a world that is over.
    pub fn world(
        &mut self,
        end: Duration,
        counters: &Counters,
        truth: &Truth,
        struck: &[(Fault, u64)],
    ) {
        self.worlds = 1;
        self.simulated = end;
        (self.attempts, self.crashes) = (counters.attempts, counters.crashes);
        (self.charges, self.steps) = (truth.charges.len() as u64, counters.steps);
        let tries = truth.books.values().flat_map(|entry| &entry.tries);
        self.late = tries.filter(|one| one.late).count() as u64;
        for (fault, _) in struck {
            *self.faults.entry(*fault).or_default() += 1;
        }
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        self.worlds += other.worlds;
        self.simulated += other.simulated;
        self.attempts += other.attempts;
        self.charges += other.charges;
        self.crashes += other.crashes;
        self.late += other.late;
        self.scans += other.scans;
        self.steps += other.steps;
        add(&mut self.faults, &other.faults);
        add(&mut self.drawn, &other.drawn);
        add(&mut self.crashed_at, &other.crashed_at);
        add(&mut self.cells, &other.cells);
        add(&mut self.webhooks, &other.webhooks);
        for (kind, more) in &other.kinds {
            let runs = self.kinds.entry(kind).or_default();
            *runs = runs.and(*more);
        }
    }
}

fn add<K: Copy + Ord>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(*key).or_default() += count;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.simulated.as_secs() / 3_600;
        let struck: u64 = self.faults.values().sum();
        writeln!(out, "{} worlds, {hours} simulated hours", self.worlds)?;
        writeln!(
            out,
            "{} attempts, {} charges, {} late successes, {} crashes, {struck} faults, {} steps",
            self.attempts, self.charges, self.late, self.crashes, self.steps
        )?;
        if !self.kinds.is_empty() {
            let all = self.kinds.values().fold(Runs::default(), |all, runs| all.and(*runs));
            let Runs { played, struck } = all;
            writeln!(
                out,
                "{struck} of {played} runs had all the faults that were planned for them:"
            )?;
        }
        for (kind, Runs { played, struck }) in &self.kinds {
            writeln!(out, "  {kind:<20} {struck:>9} of {played:>9}")?;
        }
        for (became, count) in &self.webhooks {
            writeln!(out, "  {became:<20} {count:>9}")?;
        }
        for fault in Fault::ALL {
            let of = |counts: &BTreeMap<Fault, u64>| counts.get(fault).copied().unwrap_or_default();
            let (struck, drawn) = (of(&self.faults), of(&self.drawn));
            if struck + drawn > 0 {
                let worlds =
                    if drawn > 0 { format!(", on in {drawn} worlds") } else { String::new() };
                writeln!(out, "  {:<14} {struck:>9}{worlds}", fault.word())?;
            }
        }
        write!(out, "{} cells of state × input × fault; crashes before:", self.cells.len())?;
        for (at, count) in &self.crashed_at {
            write!(out, " {at} {count}")?;
        }
        writeln!(out)
    }
}

/// The name of an input in the table of cells.
fn input_word(input: &Input) -> &'static str {
    match input {
        Input::Commanded { command, .. } => match command.wish {
            Wish::Arm { .. } => "arm",
            Wish::Cancel => "cancel",
            Wish::Check => "check",
            Wish::Detach => "detach",
            Wish::Acknowledge(_) => "acknowledge",
            Wish::Refund(_) => "refund",
        },
        Input::Scanned(scan) => match scan.text.as_str() {
            text if text.starts_with("TILLSCAN:") => "command_barcode",
            text if text.starts_with("13") && text.len() == 18 => "payment_code",
            _ => "other_code",
        },
        Input::ScanDamaged(_) => "damaged",
        Input::Keyed { key: tillscan::scanner::Key::Enter, .. } => "enter",
        Input::Keyed { .. } => "key",
        Input::Replied { reply, .. } => reply_word(reply),
        Input::Hinted { .. } => "hinted",
        Input::TimerFired => "timer",
        Input::Configured(_) => "configured",
    }
}

/// The name of a reply in the table of cells.
const fn reply_word(reply: &Reply) -> &'static str {
    match reply {
        Reply::Charge(charge) => match charge.status {
            Status::Pending => "pending",
            Status::Successful => "successful",
            Status::Failed => "failed",
            Status::Expired => "expired",
            Status::Reversed => "reversed",
            Status::Unrecognised => "odd_status",
        },
        Reply::Absent => "absent",
        Reply::Refund(_) => "refund_made",
        Reply::Refunds(_) => "refunds",
        Reply::Warm { .. } => "warm",
        Reply::Refused(_) => "refused",
        Reply::NotSent { .. } => "not_sent",
        Reply::Unknown { why, .. } => match why {
            UnknownWhy::TimedOut => "timed_out",
            UnknownWhy::Broken => "broken",
            UnknownWhy::ServerError => "server_error",
            UnknownWhy::TooManyRequests => "too_many_requests",
            UnknownWhy::BackendError => "backend_error",
            UnknownWhy::BadBody => "bad_body",
            UnknownWhy::Foreign => "foreign",
            UnknownWhy::Refused => "refused_for_now",
            UnknownWhy::Missing => "missing",
            UnknownWhy::WrongAmount => "wrong_amount",
            UnknownWhy::TooMany => "too_much",
            UnknownWhy::NotSent => "read_not_sent",
        },
    }
}
