//! The charge is read: how much of it went back, and whether more of it may.

use crate::clock::Moment;
use crate::money::{Amount, CURRENCY};
use crate::terminal::attempt::{Asked, Attempt, Giving, Phase};
use crate::terminal::proof::NoRefundProof;
use crate::terminal::record::Fact;
use crate::terminal::reply::{Charge, Status, UnknownWhy};
use crate::terminal::{AttemptId, Reference, Terminal};

impl Terminal {
    /// Reads at the next opportunity how much of a paid charge went back.
    pub(in crate::terminal) fn count(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
    ) {
        let idle = |one: &Attempt| one.is_paid() && one.live.phase == Phase::Ended;
        let counted = self.attempts().filter(|(_, one)| one.live.phase == Phase::Counting).count();
        if counted < COUNTED_MAX && self.attempt(reference, id).is_some_and(idle) {
            self.give(now, reference, id, Phase::Counting);
            if let Some(attempt) = self.attempt_mut(reference, id) {
                // The tries before belong to another reading.
                attempt.live.failures = 0;
            }
        }
    }

    /// The charge of a paid attempt was read: its figures are news, and what a refund waits for.
    pub(in crate::terminal) fn counted(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        asked: Asked,
        charge: &Charge,
    ) {
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        if asked != Asked::Get || attempt.charge.as_ref() != Some(&charge.id) {
            return self.learned_nothing(now, reference, id, asked, UnknownWhy::Foreign, None);
        }
        attempt.live.failures = 0;
        let phase = attempt.live.phase;
        self.note_given_back(reference, id, charge.refunds.satang.and_then(Amount::from_satang));
        let made = charge.refunds.made.as_deref().unwrap_or_default();
        let former = self.found_after_all(reference, id, made);
        if phase != Phase::GivingBack(Giving::Read) {
            self.rest(now, reference, id);
        } else if former {
            // Whoever asked for this one was told that the former was not made.
            let proof = NoRefundProof::never_sent();
            self.refund_refused(now, reference, id, proof, "former_refund_made");
        } else {
            self.allow_refund(now, reference, id, charge);
        }
    }

    /// Sends the refund that the charge was read for, if the charge allows it.
    fn allow_refund(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        charge: &Charge,
    ) {
        let Some(refund) = self.open_refund(reference, id) else { return };
        let known = self.attempt(reference, id).map(|attempt| attempt.given_back);
        match allowed(charge, known.unwrap_or_default(), refund.asked) {
            Ok(amount) => {
                self.note(reference, Fact::RefundSent { refund: refund.reference, amount });
                self.give(now, reference, id, Phase::GivingBack(Giving::Send));
            }
            Err(code) => {
                self.refund_refused(now, reference, id, NoRefundProof::never_sent(), code);
            }
        }
    }

    /// What went back of a charge only grows; a list that lags behind takes nothing back.
    pub(in crate::terminal) fn note_given_back(
        &mut self,
        reference: &Reference,
        id: &AttemptId,
        back: Option<Amount>,
    ) {
        let known = self.attempt(reference, id).map(|attempt| attempt.given_back);
        if let Some(amount) = back.filter(|back| known.is_some_and(|known| *back > known)) {
            self.note(reference, Fact::GivenBack { attempt: id.clone(), amount });
        }
    }
}

/// How much may be given back of a charge as it was just read, or why nothing may. The gateway says
/// whether and until when it allows that (90 days), so that no clock of ours decides (O1). `known`
/// went back already, should the reading lag behind.
fn allowed(charge: &Charge, known: Amount, asked: Option<Amount>) -> Result<Amount, &'static str> {
    let refunds = &charge.refunds;
    if charge.status != Status::Successful {
        return Err("not_paid");
    }
    if charge.currency != CURRENCY {
        return Err("wrong_currency");
    }
    let back = refunds.satang.and_then(Amount::from_satang);
    let (Some(taken), Some(back)) = (Amount::from_satang(charge.amount_satang), back) else {
        return Err("unreadable");
    };
    let left = taken.checked_sub(back.max(known)).filter(|left| *left > Amount::ZERO);
    let left = left.ok_or("nothing_left")?;
    if refunds.made.as_ref().is_some_and(|made| made.len() >= MADE_MAX) {
        return Err("too_many_refunds");
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        return Err("more_than_left");
    }
    // A flag that is not said is left to the gateway to decide.
    match if amount == taken { refunds.whole } else { refunds.part } {
        Some(false) if amount == taken => Err("not_refundable"),
        Some(false) => Err("not_partially_refundable"),
        Some(true) | None => Ok(amount),
    }
}

/// The most charges that are read for what went back of them at a time (O3): they take turns, one
/// a second, and whoever wants to know of another can ask again.
const COUNTED_MAX: usize = 100;
/// The most refunds that the gateway makes of one charge.
const MADE_MAX: usize = 15;
