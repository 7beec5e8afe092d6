//! A sale and its attempts. What is durable changes only by [`Sale::apply`], so that a running sale
//! and one read back from the journal cannot differ (D5).

use super::attempt::Attempt;
use super::id::{AttemptId, Reference};
use super::outcome::Outcome;
use super::record::{Fact, Record};
use super::refund::Refund;
use super::view::{SaleView, State};
use crate::money::{Amount, CURRENCY};

/// What the shop wants paid, and what came of it.
#[derive(Debug)]
pub struct Sale {
    /// The shop's name for it.
    pub reference: Reference,
    /// What the customer is to pay.
    pub amount: Amount,
    /// Ready to take a code; no request is under way (S1).
    pub armed: bool,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// The tries so far, oldest first; at most the last one is open (S8).
    pub(super) attempts: Vec<Attempt>,
    /// The refunds that were asked for, oldest first.
    pub(super) refunds: Vec<Refund>,
    /// Somebody has seen the result.
    pub acknowledged: bool,
    /// Nothing is left to do or to show; the terminal forgets it.
    pub settled: bool,
}

impl Sale {
    /// A sale before its first record.
    pub(super) fn new(reference: Reference, amount: Amount) -> Self {
        Self {
            reference,
            amount,
            armed: false,
            outcome: None,
            attempts: Vec::new(),
            refunds: Vec::new(),
            acknowledged: false,
            settled: false,
        }
    }

    /// The sale that these records tell of, `None` where the first one does not arm it.
    #[must_use]
    pub fn from_records(records: &[Record]) -> Option<Self> {
        let first = records.first()?;
        let Fact::Armed { amount } = &first.fact else { return None };
        let mut sale = Self::new(first.reference.clone(), *amount);
        for record in records {
            sale.apply(&record.fact);
        }
        Some(sale)
    }

    /// Takes one fact into account. The only way in which the durable part of a sale changes.
    pub(super) fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::Armed { amount } => {
                self.amount = *amount;
                self.armed = true;
                self.outcome = None;
                self.acknowledged = false;
                self.settled = false;
            }
            Fact::Disarmed { outcome } => {
                self.armed = false;
                self.outcome = Some(*outcome);
            }
            Fact::AttemptStarted { attempt, wallet, mask, since, warning } => {
                self.armed = false;
                let attempt = Attempt::new(attempt.clone(), *wallet, mask.clone(), *since);
                self.attempts.push(Attempt { warning: *warning, ..attempt });
            }
            Fact::RefundAsked { .. } => {
                self.refunds.extend(Refund::asked(fact));
                self.settled = false;
            }
            Fact::RefundSent { refund, .. }
            | Fact::RefundUnknown { refund }
            | Fact::RefundClosed { refund, .. } => {
                let mut refunds = self.refunds.iter_mut();
                if let Some(one) = refunds.find(|one| one.reference == *refund) {
                    one.apply(fact);
                }
                // Its end is told before the sale is settled, so that a restart tells it, too.
                self.settled = false;
            }
            Fact::Acknowledged => self.acknowledged = true,
            Fact::Settled => {
                self.settled = true;
                self.refunds.iter_mut().for_each(|refund| refund.told = !refund.is_open());
            }
            Fact::AnswerLost { attempt }
            | Fact::ChargeKnown { attempt, .. }
            | Fact::StopAsked { attempt, .. }
            | Fact::DeclaredUnknown { attempt }
            | Fact::Detached { attempt }
            | Fact::AttemptClosed { attempt, .. }
            | Fact::Watched { attempt, .. }
            | Fact::WatchEnded { attempt }
            | Fact::GivenBack { attempt, .. }
            | Fact::LateSuccess { attempt } => {
                let last = self.attempts.len().saturating_sub(1);
                let Some(index) = self.attempts.iter().position(|one| one.id == *attempt) else {
                    return;
                };
                self.attempts[index].apply(fact);
                self.follow(fact, index == last);
            }
        }
    }

    /// What an attempt's fact means for its sale.
    fn follow(&mut self, fact: &Fact, last: bool) {
        if let Fact::AttemptClosed { outcome, .. } = fact
            && last
        {
            self.outcome = Some(*outcome);
            self.acknowledged = false;
        }
        if let Fact::LateSuccess { .. } = fact {
            self.acknowledged = false;
        }
    }

    /// The attempt that is under way, if one is.
    pub(super) fn open_attempt(&self) -> Option<&Attempt> {
        self.attempts.last().filter(|attempt| attempt.outcome.is_none())
    }

    /// The refund of this name.
    pub(super) fn refund(&self, reference: &Reference) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.reference == *reference)
    }

    /// The refund of this attempt's charge that is under way.
    pub(super) fn open_refund(&self, attempt: &AttemptId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.is_open() && refund.attempt == *attempt)
    }

    /// What went back to the customer in all, of any attempt's charge.
    fn refunded(&self) -> Amount {
        let sum = |sum: Amount, one: &Attempt| sum.checked_add(one.given_back);
        // More than fits never moved.
        self.attempts.iter().try_fold(Amount::ZERO, sum).unwrap_or(Amount::ZERO)
    }

    /// Whether the gateway may still say something of it that nobody knows yet: an attempt is open
    /// or watched, or a refund is under way.
    pub(super) fn is_awaited(&self) -> bool {
        self.open_attempt().is_some()
            || self.attempts.iter().any(|attempt| attempt.watch)
            || self.refunds.iter().any(Refund::is_open)
    }

    /// How the last attempt ended, armed again or not.
    pub(super) fn last_outcome(&self) -> Option<Outcome> {
        self.attempts.last().and_then(|attempt| attempt.outcome)
    }

    /// Whether the counter is busy with it: armed, or an attempt is under way and not detached.
    #[must_use]
    pub fn holds_the_counter(&self) -> bool {
        self.armed || self.open_attempt().is_some_and(|attempt| !attempt.detached)
    }

    /// Whether money of a charge that was told "not paid" came in all the same.
    #[must_use]
    pub fn late_success(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.late_success)
    }

    /// Whether it waits for a person at the side of the counter: a late success, or a detached
    /// attempt that is still unknown or whose outcome nobody has acknowledged.
    #[must_use]
    pub fn is_at_the_side(&self) -> bool {
        let detached = self.attempts.last().is_some_and(|attempt| attempt.detached);
        (self.late_success() || detached) && !self.acknowledged
    }

    /// Whether somebody must hear of it beside the counter: it waits there, or a refund of it is
    /// unknown, wherever it is.
    #[must_use]
    pub fn is_alert(&self) -> bool {
        (self.is_at_the_side() && !self.armed)
            || self.refunds.iter().any(|one| one.is_open() && one.unknown)
    }

    /// The sale as everybody outside sees it.
    #[must_use]
    pub fn view(&self) -> SaleView {
        let last = self.attempts.last().filter(|_| !self.armed);
        let open = self.open_attempt();
        SaleView {
            reference: self.reference.clone(),
            amount: self.amount,
            currency: CURRENCY.into(),
            state: match open {
                _ if self.armed => State::Armed,
                Some(attempt) => attempt.state(),
                None => State::Closed,
            },
            outcome: match open {
                Some(attempt) if attempt.unknown => Some(Outcome::Unknown),
                Some(_) => None,
                None => self.outcome,
            },
            charge_id: last.and_then(|attempt| attempt.charge.clone()),
            failure_code: last.and_then(|attempt| attempt.failure_code.clone()),
            wallet: last.map(|attempt| attempt.wallet),
            code: last.map(|attempt| attempt.mask.clone()),
            warning: last.and_then(|attempt| attempt.warning),
            attempt: last.map(|attempt| attempt.id.clone()),
            attempts: self.attempts.len(),
            stop: open.and_then(|attempt| attempt.stop),
            detached: last.is_some_and(|attempt| attempt.detached),
            late_success: self.late_success(),
            acknowledged: self.acknowledged,
            refunded: self.refunded(),
            refunds: self.refunds.iter().map(Refund::view).collect(),
        }
    }
}
