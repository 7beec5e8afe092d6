//! Commands of the till, the command line and people: arm, cancel, check, detach, acknowledge.
//! Refunds are in `refund`.

use super::effect::{Effect, Refusal};
use super::input::{Command, IfClosed, LateMoney, Token, Wish};
use super::outcome::Outcome;
use super::policy::Key;
use super::proof::NoMoneyProof;
use super::record::{Fact, StopWhy};
use super::sale::Sale;
use super::view::SaleView;
use super::{ATTEMPTS_MAX, Reference, Terminal, UNSETTLED_MAX};
use crate::clock::Moment;
use crate::money::Amount;

impl Terminal {
    /// Carries a command out, or refuses it without changing anything, and answers.
    pub(super) fn commanded(&mut self, now: Moment, token: Token, command: Command) {
        let Command { reference, wish, history } = command;
        if !self.sales.contains_key(&reference) {
            self.hold(now, &history);
        }
        let done = match wish {
            Wish::Arm { amount, closed } => self.arm(now, &reference, amount, closed),
            Wish::Cancel => self.cancel(&reference),
            Wish::Check => self.check(now, &reference),
            Wish::Detach => self.detach(&reference),
            Wish::Acknowledge(LateMoney::Keep) => self.acknowledge(&reference),
            Wish::Acknowledge(LateMoney::GiveBack) => {
                let seen = self.may_acknowledge(&reference);
                let ordered = seen.and_then(|()| self.give_late_money_back(now, &reference));
                ordered.and_then(|()| self.acknowledge(&reference))
            }
            Wish::Refund(wish) => self.refund(now, &reference, wish),
        };
        let answer = done.and_then(|()| self.view_of(&reference));
        self.effects.push_back(Effect::Answer(token, answer));
    }

    fn view_of(&self, reference: &Reference) -> Result<SaleView, Refusal> {
        self.found(reference).map(Sale::view)
    }

    pub(super) fn found(&self, reference: &Reference) -> Result<&Sale, Refusal> {
        self.sales.get(reference).ok_or_else(|| Refusal::NoSuchSale(reference.clone()))
    }

    pub(super) fn arm(
        &mut self,
        now: Moment,
        reference: &Reference,
        amount: Amount,
        closed: IfClosed,
    ) -> Result<(), Refusal> {
        if let Some(sale) = self.sales.get(reference) {
            if sale.amount != amount {
                let (reference, used) = (reference.clone(), sale.amount);
                return Err(Refusal::AmountDiffers { reference, used, asked: amount });
            }
            // Open, paid (S7), or closed and only asked about: the same sale as before.
            let open = sale.holds_the_counter();
            if open || sale.outcome == Some(Outcome::Paid) || closed == IfClosed::Keep {
                return Ok(());
            }
            may_try_again(sale)?;
        }
        self.may_arm(amount)?;
        self.make_room(reference)?;
        self.sales.entry(reference.clone()).or_insert_with(|| Sale::new(reference.clone(), amount));
        self.note(reference, Fact::Armed { amount });
        self.current = Some(reference.clone());
        self.armed_at = now;
        self.warm_up(now);
        Ok(())
    }

    fn may_arm(&self, amount: Amount) -> Result<(), Refusal> {
        if self.policy.key == Key::Missing {
            return Err(Refusal::NoKey);
        }
        let limits = self.policy.widest().ok_or(Refusal::NoWallet)?;
        if !self.policy.takes(amount) {
            return Err(Refusal::OutsideLimits { amount, limits });
        }
        self.has_room()
    }

    /// Whether another sale may be left unsettled.
    pub(super) fn has_room(&self) -> Result<(), Refusal> {
        if self.sales.len() >= UNSETTLED_MAX {
            return Err(Refusal::TooManyUnsettled(self.sales.len()));
        }
        Ok(())
    }

    /// The counter must be free; a result that is still shown counts as seen when the next sale is
    /// armed.
    fn make_room(&mut self, next: &Reference) -> Result<(), Refusal> {
        let Some(current) = self.current.clone().filter(|current| current != next) else {
            return Ok(());
        };
        let Some(sale) = self.sales.get(&current) else { return Ok(()) };
        if sale.holds_the_counter() {
            return Err(Refusal::Busy(current));
        }
        // A late success waits for a person: the next customer does not make it seen.
        if !sale.acknowledged && !sale.late_success() {
            self.note(&current, Fact::Acknowledged);
        }
        Ok(())
    }

    /// Closes a sale unpaid if that can still be done. Paid wins: this only asks.
    pub(super) fn cancel(&mut self, reference: &Reference) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        if sale.armed {
            self.disarm(NoMoneyProof::nothing_was_sent(), reference, Outcome::Cancelled);
            return Ok(());
        }
        let Some(attempt) = sale.open_attempt() else {
            let outcome = sale.outcome.unwrap_or(Outcome::Unknown);
            if outcome == Outcome::Cancelled {
                return Ok(());
            }
            return Err(Refusal::Closed(reference.clone(), outcome));
        };
        if attempt.stop.is_none() {
            let attempt = attempt.id.clone();
            self.note(reference, Fact::StopAsked { attempt, why: StopWhy::Cancel });
        }
        Ok(())
    }

    /// Reads every attempt of the sale that can still change at once.
    pub(super) fn check(&mut self, now: Moment, reference: &Reference) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        let ids: Vec<_> = sale.attempts.iter().map(|attempt| attempt.id.clone()).collect();
        for id in &ids {
            self.look_now(now, reference, id);
            self.count(now, reference, id);
        }
        Ok(())
    }

    /// Frees the terminal; the attempt stays in the register and keeps resolving.
    fn detach(&mut self, reference: &Reference) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        let Some(attempt) = sale.open_attempt() else {
            return match sale.outcome {
                Some(outcome) => Err(Refusal::Closed(reference.clone(), outcome)),
                None => Err(Refusal::NotInTrouble(reference.clone())),
            };
        };
        if attempt.detached {
            return Ok(());
        }
        if !attempt.is_in_trouble() {
            return Err(Refusal::NotInTrouble(reference.clone()));
        }
        let (id, told) = (attempt.id.clone(), attempt.unknown);
        if !told {
            self.declare_unknown(reference, &id);
        }
        self.note(reference, Fact::Detached { attempt: id });
        if self.current.as_ref() == Some(reference) {
            self.current = None;
        }
        Ok(())
    }

    fn may_acknowledge(&self, reference: &Reference) -> Result<(), Refusal> {
        let sale = self.found(reference)?;
        if sale.armed || sale.open_attempt().is_some() {
            return Err(Refusal::Unresolved(reference.clone()));
        }
        Ok(())
    }

    /// Somebody has seen the result.
    pub(super) fn acknowledge(&mut self, reference: &Reference) -> Result<(), Refusal> {
        self.may_acknowledge(reference)?;
        if self.sales.get(reference).is_some_and(|sale| !sale.acknowledged) {
            self.note(reference, Fact::Acknowledged);
        }
        if self.current.as_ref() == Some(reference) {
            self.current = None;
        }
        Ok(())
    }
}

/// Whether a sale that ended unpaid may take another code (S1, S2, S8).
fn may_try_again(sale: &Sale) -> Result<(), Refusal> {
    let reference = || sale.reference.clone();
    if sale.late_success() {
        return Err(Refusal::PaidLate(reference()));
    }
    if sale.open_attempt().is_some() {
        return Err(Refusal::Unresolved(reference()));
    }
    if sale.attempts.len() >= ATTEMPTS_MAX {
        return Err(Refusal::TooManyAttempts(reference()));
    }
    Ok(())
}
