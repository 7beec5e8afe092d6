//! What may be asked to go back: what the shop wants, and money that came late (S6).

use super::{Refund, RefundOutcome, RefundWish};
use crate::clock::Moment;
use crate::money::Amount;
use crate::terminal::attempt::{Attempt, Giving, Phase};
use crate::terminal::effect::Refusal;
use crate::terminal::policy::Key;
use crate::terminal::record::Fact;
use crate::terminal::sale::Sale;
use crate::terminal::{AttemptId, Reference, RefundId, Terminal};

impl Terminal {
    /// Gives money of a paid sale back; the same name is the same refund.
    pub(in crate::terminal) fn refund(
        &mut self,
        now: Moment,
        reference: &Reference,
        wish: RefundWish,
    ) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        if let Some(known) = sale.refund(&wish.refund) {
            let sent = known.sent.is_some() && wish.amount == known.sent;
            let same = wish.amount == known.asked || sent;
            let differs = || Refusal::RefundDiffers(wish.refund.clone(), reference.clone());
            return same.then_some(()).ok_or_else(differs);
        }
        let attempt = sale.may_refund(wish.amount)?.id.clone();
        self.may_ask_refund(sale)?;
        let RefundWish { refund, id, amount, reason } = wish;
        self.ask_refund(now, reference, Fact::RefundAsked { refund, id, attempt, amount, reason });
        Ok(())
    }

    /// Gives all money back that came after "not paid" was told, unless that was done or is under
    /// way.
    pub(in crate::terminal) fn give_late_money_back(
        &mut self,
        now: Moment,
        reference: &Reference,
    ) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        let late = sale.attempts.iter().filter(|attempt| attempt.late_success);
        let kept: Vec<AttemptId> = late
            .filter(|attempt| !sale.gives_all_back(&attempt.id))
            .map(|attempt| attempt.id.clone())
            .collect();
        for id in &kept {
            sale.may_order(id)?;
            self.may_ask_refund(sale)?;
        }
        for id in &kept {
            self.give_late_back(now, reference, id);
        }
        Ok(())
    }

    /// Gives the money back that has just come late for this attempt.
    pub(in crate::terminal) fn give_late_back(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
    ) {
        let sale = self.sales.get(reference);
        let fact = sale.filter(|sale| sale.may_order(id).is_ok()).map(|sale| sale.late_refund(id));
        if let Some(fact) = fact.flatten() {
            self.ask_refund(now, reference, fact);
        }
    }

    /// Whether a refund can be asked for at all now.
    fn may_ask_refund(&self, sale: &Sale) -> Result<(), Refusal> {
        if self.policy.key == Key::Missing {
            return Err(Refusal::NoKey);
        }
        if sale.settled { self.has_room() } else { Ok(()) }
    }

    fn ask_refund(&mut self, now: Moment, reference: &Reference, fact: Fact) {
        let Some(refund) = Refund::asked(&fact) else { return };
        self.note(reference, fact);
        self.give(now, reference, &refund.attempt, Phase::GivingBack(Giving::Read));
    }
}

impl Sale {
    /// The attempt whose money would go back, where nothing that is known forbids it.
    fn may_refund(&self, amount: Option<Amount>) -> Result<&Attempt, Refusal> {
        let reference = || self.reference.clone();
        let mut paid = self.attempts.iter().rev().filter(|attempt| attempt.is_paid());
        let full = |attempt: &&Attempt| attempt.given_back < self.amount;
        let last = paid.clone().next();
        let attempt = paid.find(full).or(last).ok_or_else(|| Refusal::NotPaid(reference()))?;
        self.may_order(&attempt.id)?;
        let left = self.amount.checked_sub(attempt.given_back).unwrap_or(Amount::ZERO);
        let asked = amount.unwrap_or(left);
        if asked == Amount::ZERO {
            return Err(Refusal::NothingToRefund(reference()));
        }
        // Late money may be of another amount than the sale's: the charge alone tells.
        if asked > left && !attempt.late_success {
            return Err(Refusal::MoreThanLeft { reference: reference(), asked, left });
        }
        Ok(attempt)
    }

    /// Whether a refund of this attempt's charge may be asked for beside those that there are.
    fn may_order(&self, id: &AttemptId) -> Result<(), Refusal> {
        if let Some(open) = self.open_refund(id) {
            return Err(Refusal::RefundUnderWay(open.reference.clone(), self.reference.clone()));
        }
        if self.refunds.len() >= REFUNDS_MAX {
            return Err(Refusal::TooManyRefunds(self.reference.clone()));
        }
        Ok(())
    }

    /// Whether all that is left of this attempt's charge went back, or is about to.
    fn gives_all_back(&self, id: &AttemptId) -> bool {
        let all = |one: &&Refund| one.asked.is_none() && one.end != Some(RefundOutcome::Refused);
        self.refunds.iter().filter(|one| one.attempt == *id).any(|one| all(&one))
    }

    /// The refund of money that came late, named after its attempt, so that it is one refund
    /// however often it is thought of; after one that was refused, by the next name that is free.
    fn late_refund(&self, attempt: &AttemptId) -> Option<Fact> {
        let own = |nth: usize| match nth {
            1 => attempt.0.clone(),
            _ => format!("{attempt}-{nth}"),
        };
        let name = |own: &str| format!("late-{own}").parse::<Reference>().ok();
        let free = |own: &String| name(own).is_some_and(|name| self.refund(&name).is_none());
        let id = (1..=self.refunds.len() + 1).map(own).find(free)?;
        Some(Fact::RefundAsked {
            refund: name(&id)?,
            id: RefundId(id),
            attempt: attempt.clone(),
            amount: None,
            reason: Some("late success".to_owned()),
        })
    }
}

/// The most refunds of one sale, those included that were refused (O3).
const REFUNDS_MAX: usize = 40;
