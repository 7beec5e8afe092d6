//! The gateway of [`super::chaos`]: it knows the truth about every charge, and says it as badly as
//! the mood asks.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::money::Amount;

/// Numbers that only look random: splitmix64.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    /// True `per_mille` times of a thousand.
    pub fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1_000) < per_mille
    }

    /// A time up to `longest`, short ones as likely as long ones.
    pub fn span(&mut self, longest: Duration) -> Duration {
        let millis = (longest.as_millis() as usize) >> self.below(12);
        Duration::from_millis(self.below(millis + 1) as u64)
    }

    /// An answer that proves nothing.
    pub fn lie(&mut self) -> Reply {
        let retry_after = Some(Duration::from_secs([1, 5, 30][self.below(3)]));
        match self.below(6) {
            0 => Reply::Unknown { why: UnknownWhy::TooManyRequests, retry_after },
            1 => Reply::Unknown { why: UnknownWhy::ServerError, retry_after: None },
            2 => Reply::Unknown { why: UnknownWhy::BadBody, retry_after: None },
            3 => Reply::NotSent { cause: String::new() },
            4 => {
                Reply::Refused(Rejection { code: "invalid_charge".into(), message: String::new() })
            }
            _ => Reply::Charge(Charge {
                id: ChargeId("chrg_of_another_shop".to_owned()),
                attempt: Some(AttemptId("somebody-else".to_owned())),
                amount_satang: 15_000,
                currency: "THB".to_owned(),
                status: Status::Successful,
                failure_code: None,
            }),
        }
    }
}

/// How bad a storm is; chances are per mille.
pub struct Mood {
    pub steps: usize,
    pub crashes: usize,
    pub losses: usize,
    pub lies: usize,
    pub conflicts: usize,
    pub flips: usize,
    pub mad: usize,
    pub latency: Duration,
    pub stall: Duration,
    /// How many codes the customers have: few are used again.
    pub codes: usize,
}

impl Mood {
    pub fn drawn(dice: &mut Dice) -> Self {
        let seconds = Duration::from_secs;
        Self {
            steps: 20 + dice.below(300),
            crashes: [0, 5, 40][dice.below(3)],
            losses: [0, 100, 500][dice.below(3)],
            lies: [0, 50, 400][dice.below(3)],
            conflicts: [0, 300][dice.below(2)],
            flips: [0, 100, 500][dice.below(3)],
            mad: [0, 0, 20][dice.below(3)],
            latency: [Duration::from_millis(80), seconds(4)][dice.below(2)],
            stall: [seconds(3), seconds(60), seconds(4_000)][dice.below(3)],
            codes: [10, 1_000_000][dice.below(2)],
        }
    }

    pub fn calm() -> Self {
        Self {
            steps: 0,
            crashes: 0,
            losses: 0,
            lies: 0,
            conflicts: 0,
            flips: 0,
            mad: 0,
            latency: Duration::from_millis(80),
            stall: Duration::ZERO,
            codes: 1,
        }
    }
}

/// A request as it travels.
#[derive(Clone)]
pub enum Wire {
    Warm,
    Create(AttemptId, Amount, String),
    Get(ChargeId),
    Find(AttemptId),
    Expire(ChargeId),
}

impl Wire {
    pub fn of(request: Request) -> Self {
        match request {
            Request::Warm => Self::Warm,
            Request::Create { attempt, amount, code, .. } => {
                Self::Create(attempt, amount, code.expose().to_owned())
            }
            Request::Get { charge } => Self::Get(charge),
            Request::Find { attempt, .. } => Self::Find(attempt),
            Request::Expire { charge } => Self::Expire(charge),
        }
    }
}

/// What happens to a charge by itself: after this time, this one becomes that.
pub type Plan = (Duration, usize, Status);

/// The truth about a charge.
struct Truth {
    attempt: AttemptId,
    charge: Charge,
    created: Moment,
    /// When lists begin to show it.
    listed: Moment,
    /// It was closed unpaid, and turned successful all the same.
    flipped: bool,
    mad: bool,
}

/// The gateway.
#[derive(Default)]
pub struct Bank {
    charges: Vec<Truth>,
    used: BTreeSet<String>,
    /// What was announced, for the checks.
    pub told: BTreeSet<(AttemptId, Outcome)>,
}

impl Bank {
    /// Which attempt a request is about.
    pub fn subject(&self, wire: &Wire) -> Option<AttemptId> {
        match wire {
            Wire::Warm => None,
            Wire::Create(attempt, ..) | Wire::Find(attempt) => Some(attempt.clone()),
            Wire::Get(charge) | Wire::Expire(charge) => {
                let known = self.index(charge).map(|index| self.charges[index].attempt.clone());
                Some(known.unwrap_or(AttemptId("nobody".to_owned())))
            }
        }
    }

    pub fn receive(
        &mut self,
        wire: Wire,
        now: Moment,
        dice: &mut Dice,
        mood: &Mood,
    ) -> (Reply, Vec<Plan>) {
        match wire {
            Wire::Warm => (Reply::Absent, Vec::new()),
            Wire::Create(attempt, amount, code) => {
                self.create(attempt, amount, code, now, dice, mood)
            }
            Wire::Get(id) => {
                (self.index(&id).map_or(Reply::Absent, |index| self.shown(index)), Vec::new())
            }
            Wire::Find(attempt) => {
                let shown = |one: &Truth| one.attempt == attempt && one.listed <= now;
                let found = self.charges.iter().position(shown);
                (found.map_or(Reply::Absent, |index| self.shown(index)), Vec::new())
            }
            Wire::Expire(id) => self.expire(&id, now, dice, mood),
        }
    }

    fn create(
        &mut self,
        attempt: AttemptId,
        amount: Amount,
        code: String,
        now: Moment,
        dice: &mut Dice,
        mood: &Mood,
    ) -> (Reply, Vec<Plan>) {
        if !self.used.insert(code) {
            // A code is good for one payment.
            return (refused("used_code"), Vec::new());
        }
        let mad = dice.chance(mood.mad);
        let index = self.charges.len();
        let charge = Charge {
            id: ChargeId(format!("C{index}")),
            attempt: Some(attempt.clone()),
            amount_satang: amount.satang() + i64::from(mad),
            currency: "THB".to_owned(),
            status: Status::Pending,
            failure_code: None,
        };
        let listed = now + dice.span(LIST_LAG_MAX);
        self.charges.push(Truth { attempt, charge, created: now, listed, flipped: false, mad });
        let after = |seconds| Duration::from_secs(seconds);
        let mut plans = match dice.below(10) {
            0 => self.turn(index, Status::Successful, dice, mood),
            1 => self.turn(index, Status::Failed, dice, mood),
            2..=4 => vec![(dice.span(after(90)), index, Status::Successful)],
            5 => vec![(dice.span(after(60)), index, Status::Failed)],
            6 => vec![(after(45), index, Status::Failed)],
            7 => self.turn(index, Status::Unrecognised, dice, mood),
            _ => Vec::new(),
        };
        plans.push((after(24 * 3_600), index, Status::Expired));
        (self.shown(index), plans)
    }

    fn expire(
        &mut self,
        id: &ChargeId,
        now: Moment,
        dice: &mut Dice,
        mood: &Mood,
    ) -> (Reply, Vec<Plan>) {
        let Some(index) = self.index(id) else { return (Reply::Absent, Vec::new()) };
        let early = now - self.charges[index].created < Duration::from_secs(15);
        if !self.is_pending(index) || dice.chance(mood.conflicts) || (early && mood.conflicts > 0) {
            return (refused("failed_expire"), Vec::new());
        }
        let paid_first = dice.chance(mood.conflicts);
        let status = if paid_first { Status::Successful } else { Status::Expired };
        let plans = self.turn(index, status, dice, mood);
        (self.shown(index), plans)
    }

    /// What is not pending stays as it is, but for a closed one that turns successful late.
    pub fn turn(
        &mut self,
        index: usize,
        status: Status,
        dice: &mut Dice,
        mood: &Mood,
    ) -> Vec<Plan> {
        let pending = self.is_pending(index);
        let one = &mut self.charges[index];
        let dead = matches!(one.charge.status, Status::Failed | Status::Expired);
        if dead && status == Status::Reversed {
            // The sign that the planned flip is due.
            (one.charge.status, one.flipped) = (Status::Successful, true);
        } else if pending && status != Status::Reversed {
            one.charge.status = status;
            one.charge.failure_code = (status == Status::Failed).then(|| "payment_rejected".into());
            if matches!(status, Status::Failed | Status::Expired) && dice.chance(mood.flips) {
                return vec![(dice.span(FLIP_MAX), index, Status::Reversed)];
            }
        }
        Vec::new()
    }

    /// No money moved for it and none can, but by the gateway's own late change of mind.
    pub fn is_dead(&self, attempt: &AttemptId) -> bool {
        let dead = |one: &Truth| matches!(one.charge.status, Status::Failed | Status::Expired);
        self.of(attempt).all(|one| one.flipped || dead(one))
    }

    pub fn is_paid(&self, attempt: &AttemptId) -> bool {
        self.of(attempt).any(|one| one.charge.status == Status::Successful)
    }

    /// Whether a create with this code would make a charge.
    pub fn takes(&self, code: &str) -> bool {
        !self.used.contains(code)
    }

    /// How many of its charges were paid without having been closed before.
    pub fn paid_at_first(&self, attempt: &AttemptId) -> usize {
        let paid = |one: &&Truth| one.charge.status == Status::Successful && !one.flipped;
        self.of(attempt).filter(paid).count()
    }

    /// The gateway made a charge with another amount than asked for: only a person can tell what
    /// that means.
    pub fn is_mad(&self, attempt: &AttemptId) -> bool {
        self.of(attempt).any(|one| one.mad)
    }

    fn of(&self, attempt: &AttemptId) -> impl Iterator<Item = &Truth> {
        self.charges.iter().filter(move |one| one.attempt == *attempt)
    }

    fn is_pending(&self, index: usize) -> bool {
        matches!(self.charges[index].charge.status, Status::Pending | Status::Unrecognised)
    }

    fn shown(&self, index: usize) -> Reply {
        Reply::Charge(self.charges[index].charge.clone())
    }

    fn index(&self, id: &ChargeId) -> Option<usize> {
        self.charges.iter().position(|one| one.charge.id == *id)
    }
}

fn refused(code: &str) -> Reply {
    Reply::Refused(Rejection { code: code.to_owned(), message: String::new() })
}

/// How late a list may show a new charge; a look-up that misses it must not be believed before the
/// quarantine.
const LIST_LAG_MAX: Duration = Duration::from_secs(30);
/// How late a closed charge may turn successful, within the watch.
const FLIP_MAX: Duration = Duration::from_secs(20 * 3_600);
