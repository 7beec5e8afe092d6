//! What really is: the gateway's charges with their history, the creates that are still on their
//! way, and the journal's records summed up by other code than the terminal's.

use std::collections::{BTreeMap, BTreeSet};

use tillscan::sandbox::model;
use tillscan::terminal::{
    AttemptId, ChargeId, Fact, LateSuccess, Outcome, Record, Reference, RefundId, RefundOutcome,
};

/// The truth that oracles judge by.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Every charge at the gateway, in the order they were made.
    pub charges: Vec<Charge>,
    /// Creates that would still make a charge: how many are on their way for an attempt.
    pub on_the_way: BTreeMap<AttemptId, u32>,
    /// Refunds that may still arrive and be made.
    pub refunds_on_the_way: BTreeSet<RefundId>,
    /// The records that are on disk, sale by sale.
    pub books: BTreeMap<Reference, Entry>,
    /// What the shop wants done with money that comes late.
    pub late_success: LateSuccess,
}

/// A charge as the gateway knows it.
#[derive(Clone, Debug)]
pub struct Charge {
    pub id: ChargeId,
    pub attempt: AttemptId,
    pub reference: String,
    /// What was asked for, in satang.
    pub asked: i64,
    /// What was taken, in satang, and not given back.
    pub moved: i64,
    pub refunded: i64,
    /// The refunds of ours that were made of it.
    pub refunds: Vec<RefundId>,
    pub currency: String,
    pub status: String,
    /// It was closed unpaid at some time; paid all the same, it is the gateway's own doing.
    pub was_closed: bool,
}

/// A sale as its records say.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub satang: i64,
    pub armed: bool,
    pub outcome: Option<Outcome>,
    pub acknowledged: bool,
    pub settled: bool,
    pub tries: Vec<Try>,
    pub refunds: Vec<Refund>,
    pub records: Vec<Record>,
}

/// A refund as its records say.
#[derive(Clone, Debug)]
pub struct Refund {
    pub name: Reference,
    pub id: RefundId,
    pub attempt: AttemptId,
    pub sent: Option<i64>,
    pub outcome: Option<RefundOutcome>,
}

/// An attempt as its records say.
#[derive(Clone, Debug)]
pub struct Try {
    pub id: AttemptId,
    pub charge: Option<ChargeId>,
    pub outcome: Option<Outcome>,
    pub stopping: bool,
    pub unknown: bool,
    pub detached: bool,
    pub late: bool,
    /// What went back of its charge, in satang.
    pub given_back: i64,
}

impl Charge {
    /// Somebody could still pay it in the ordinary way.
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "successful" | "failed" | "expired" | "reversed")
    }

    /// The customer's money is gone.
    pub fn is_paid(&self) -> bool {
        self.status == "successful"
    }

    /// What was taken from the customer, in satang, whatever went back since.
    pub fn taken(&self) -> i64 {
        self.moved + self.refunded
    }

    /// Another amount or currency than asked for: only a person can tell what that means.
    pub fn is_wrong(&self) -> bool {
        self.is_paid() && (self.taken() != self.asked || self.currency != "THB")
    }

    /// What the gateway's own account says now.
    pub fn update(&mut self, truth: &model::Truth) {
        self.status = truth.status.to_owned();
        self.moved = truth.money_moved;
        self.refunded = truth.refunded;
        self.refunds = truth.refunded_as.iter().cloned().map(RefundId).collect();
        self.currency.clone_from(&truth.currency);
        self.was_closed |= matches!(truth.status, "failed" | "expired" | "reversed");
    }
}

impl Truth {
    /// The charges of an attempt.
    pub fn of<'a>(&'a self, attempt: &'a AttemptId) -> impl Iterator<Item = &'a Charge> {
        self.charges.iter().filter(move |charge| charge.attempt == *attempt)
    }

    /// No money moved for it and none can, but by the gateway's own late change of mind.
    pub fn is_dead(&self, attempt: &AttemptId) -> bool {
        self.of(attempt).all(|charge| charge.was_closed && !charge.is_open())
    }

    /// Its money is there.
    pub fn is_paid(&self, attempt: &AttemptId) -> bool {
        self.of(attempt).any(Charge::is_paid)
    }

    /// The gateway took what it was not asked for.
    pub fn is_wrong(&self, attempt: &AttemptId) -> bool {
        self.of(attempt).any(Charge::is_wrong)
    }

    /// A create is under way that would still make a charge.
    pub fn is_on_the_way(&self, attempt: &AttemptId) -> bool {
        self.on_the_way.get(attempt).is_some_and(|count| *count > 0)
    }

    /// The sale and the attempt that a name stands for.
    pub fn find(&self, attempt: &AttemptId) -> Option<(&Reference, &Entry, &Try)> {
        self.books.iter().find_map(|(reference, entry)| {
            let one = entry.tries.iter().find(|one| one.id == *attempt)?;
            Some((reference, entry, one))
        })
    }

    /// The attempt whose charge this is, as the records say.
    pub fn owner(&self, charge: &ChargeId) -> Option<&AttemptId> {
        let tries = self.books.values().flat_map(|entry| &entry.tries);
        tries.filter(|one| one.charge.as_ref() == Some(charge)).map(|one| &one.id).next()
    }

    /// The sale whose charge this is, as the records say.
    pub fn sale_of(&self, charge: &ChargeId) -> Option<Reference> {
        let attempt = self.owner(charge)?;
        self.find(attempt).map(|(reference, _, _)| reference.clone())
    }

    /// Takes a record that is on disk into the books.
    pub fn enter(&mut self, record: &Record) {
        self.books.entry(record.reference.clone()).or_default().enter(record);
    }
}

impl Entry {
    fn enter(&mut self, record: &Record) {
        self.records.push(record.clone());
        match &record.fact {
            Fact::Armed { amount } => {
                (self.satang, self.armed, self.outcome) = (amount.satang(), true, None);
                (self.acknowledged, self.settled) = (false, false);
            }
            Fact::Disarmed { outcome } => (self.armed, self.outcome) = (false, Some(*outcome)),
            Fact::AttemptStarted { attempt, .. } => {
                self.armed = false;
                self.tries.push(Try {
                    id: attempt.clone(),
                    charge: None,
                    outcome: None,
                    stopping: false,
                    unknown: false,
                    detached: false,
                    late: false,
                    given_back: 0,
                });
            }
            Fact::Acknowledged => self.acknowledged = true,
            Fact::Settled => self.settled = true,
            Fact::ChargeKnown { attempt, charge } => {
                self.with(attempt, |one| one.charge = Some(charge.clone()));
            }
            Fact::StopAsked { attempt, .. } => self.with(attempt, |one| one.stopping = true),
            Fact::DeclaredUnknown { attempt } => self.with(attempt, |one| one.unknown = true),
            Fact::Detached { attempt } => self.with(attempt, |one| one.detached = true),
            Fact::AttemptClosed { attempt, outcome, .. } => {
                self.with(attempt, |one| one.outcome = Some(*outcome));
                if self.tries.last().is_some_and(|last| last.id == *attempt) {
                    (self.outcome, self.acknowledged) = (Some(*outcome), false);
                }
            }
            Fact::LateSuccess { attempt } => {
                self.with(attempt, |one| one.late = true);
                self.acknowledged = false;
            }
            Fact::RefundAsked { refund, id, attempt, .. } => {
                self.settled = false;
                self.refunds.push(Refund {
                    name: refund.clone(),
                    id: id.clone(),
                    attempt: attempt.clone(),
                    sent: None,
                    outcome: None,
                });
            }
            Fact::RefundSent { refund, amount } => {
                self.with_refund(refund, |one| one.sent = Some(amount.satang()));
            }
            Fact::RefundClosed { refund, outcome, .. } => {
                self.settled = false;
                self.with_refund(refund, |one| one.outcome = Some(*outcome));
            }
            Fact::GivenBack { attempt, amount } => {
                self.with(attempt, |one| one.given_back = amount.satang());
            }
            Fact::RefundUnknown { .. } => {}
            Fact::AnswerLost { .. } | Fact::Watched { .. } | Fact::WatchEnded { .. } => {}
        }
    }

    fn with(&mut self, attempt: &AttemptId, change: impl FnOnce(&mut Try)) {
        if let Some(one) = self.tries.iter_mut().find(|one| one.id == *attempt) {
            change(one);
        }
    }

    fn with_refund(&mut self, name: &Reference, change: impl FnOnce(&mut Refund)) {
        if let Some(one) = self.refunds.iter_mut().find(|one| one.name == *name) {
            change(one);
        }
    }

    /// The attempt that is under way.
    pub fn open(&self) -> Option<&Try> {
        self.tries.last().filter(|one| one.outcome.is_none())
    }
}
