//! Refunds: what is asked for is on record, the charge is read, the refund goes out once (D1), and
//! one whose answer was lost is looked up in the charge's own list and never repeated (S9).
//!
//! A refund travels on the one line to the gateway that its attempt has: the attempt is closed, so
//! that nothing else wants it, and no two refunds of one charge are ever under way.

use super::attempt::{Asked, Attempt, Giving, InFlight, Phase};
use super::effect::{Announcement, Effect, Event, Refusal};
use super::policy::Key;
use super::proof::{NoRefundProof, RefundProof};
use super::record::Fact;
use super::refund::{Refund, RefundOutcome, RefundState, RefundWish};
use super::reply::{Charge, MadeRefund, Status, UnknownWhy};
use super::request::{RefundOrder, Request};
use super::sale::Sale;
use super::{AttemptId, Reference, RefundId, Terminal};
use crate::clock::Moment;
use crate::money::{Amount, CURRENCY};

impl Terminal {
    /// Gives money of a paid sale back; the same name is the same refund.
    pub(super) fn refund(
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
        if self.policy.key == Key::Missing {
            return Err(Refusal::NoKey);
        }
        if sale.settled {
            self.has_room()?;
        }
        let RefundWish { refund, id, amount, reason } = wish;
        self.ask_refund(now, reference, Fact::RefundAsked { refund, id, attempt, amount, reason });
        Ok(())
    }

    /// Gives all money back that came after "not paid" was told, unless that was done or is under
    /// way.
    pub(super) fn give_late_money_back(
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
        }
        for id in &kept {
            self.give_late_back(now, reference, id);
        }
        Ok(())
    }

    /// Gives the money back that has just come late for this attempt.
    pub(super) fn give_late_back(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let sale = self.sales.get(reference);
        let fact = sale.filter(|sale| sale.may_order(id).is_ok()).map(|sale| sale.late_refund(id));
        if let Some(fact) = fact.flatten() {
            self.ask_refund(now, reference, fact);
        }
    }

    fn ask_refund(&mut self, now: Moment, reference: &Reference, fact: Fact) {
        let Some(refund) = Refund::asked(&fact) else { return };
        self.note(reference, fact);
        self.give(now, reference, &refund.attempt, Phase::GivingBack(Giving::Read));
    }

    /// Reads at the next opportunity how much of a paid charge went back.
    pub(super) fn count(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let idle = |one: &Attempt| one.is_paid() && one.live.phase == Phase::Ended;
        let counted = self.attempts().filter(|(_, one)| one.live.phase == Phase::Counting).count();
        if counted < COUNTED_MAX && self.attempt(reference, id).is_some_and(idle) {
            self.give(now, reference, id, Phase::Counting);
        }
    }

    /// The charge of a paid attempt was read: its figures are news, and what a refund waits for.
    pub(super) fn counted(
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
        let again = attempt.live.again.then(|| attempt.live.read_again(now));
        self.note_given_back(reference, id, charge.refunds.satang.and_then(Amount::from_satang));
        let made = charge.refunds.made.as_deref().unwrap_or_default();
        let former = self.found_after_all(reference, id, made);
        match (phase, again) {
            // Whoever asked for this one was told that the former was not made.
            (Phase::GivingBack(Giving::Read), _) if former => {
                let proof = NoRefundProof::never_sent();
                self.refund_refused(now, reference, id, proof, "former_refund_made");
            }
            (Phase::GivingBack(Giving::Read), _) => self.allow_refund(now, reference, id, charge),
            (Phase::Counting, Some(again)) => self.give(again, reference, id, Phase::Counting),
            _ => self.give(now, reference, id, Phase::Ended),
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

    /// The answer to a refund says that it was made.
    pub(super) fn refund_answered(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        made: &MadeRefund,
    ) {
        let Some(refund) = self.open_refund(reference, id) else { return };
        let before = self.attempt(reference, id).map(|attempt| attempt.given_back);
        let sum = before.zip(refund.sent).and_then(|(before, sent)| before.checked_add(sent));
        match RefundProof::of(made, &refund.id) {
            Some(proof) => {
                self.note_given_back(reference, id, sum);
                self.refund_made(now, reference, id, &proof);
            }
            None => {
                self.learned_nothing(now, reference, id, Asked::Refund, UnknownWhy::Foreign, None);
            }
        }
    }

    /// The charge's refunds were listed, for one whose answer was lost.
    pub(super) fn refunds_listed(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        in_flight: InFlight,
        made: &[MadeRefund],
    ) {
        let sum = made.iter().try_fold(0_i64, |sum, one| sum.checked_add(one.amount_satang));
        self.note_given_back(reference, id, sum.and_then(Amount::from_satang));
        self.found_after_all(reference, id, made);
        let Some(refund) = self.open_refund(reference, id) else { return };
        if let Some(proof) = made.iter().find_map(|made| RefundProof::of(made, &refund.id)) {
            return self.refund_made(now, reference, id, &proof);
        }
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        attempt.live.failures = 0;
        let Phase::GivingBack(Giving::List { absent_since }) = attempt.live.phase else { return };
        let (first, quarantine) = (absent_since.unwrap_or(now), self.policy.quarantine);
        if let Some(proof) = NoRefundProof::absent(first, in_flight.sent, quarantine) {
            return self.refund_refused(now, reference, id, proof, "not_found");
        }
        let poll = self.attempt_poll(now, reference, id);
        let end = now.max(first + quarantine);
        let listing = Giving::List { absent_since: Some(first) };
        self.give(poll.min(end), reference, id, Phase::GivingBack(listing));
    }

    /// The refund's answer proves nothing: it may have been made.
    pub(super) fn refund_lost(&mut self, reference: &Reference, id: &AttemptId) {
        let lost = |refund: &Refund| !refund.unknown;
        let Some(refund) = self.open_refund(reference, id).filter(lost) else { return };
        self.note(reference, Fact::RefundUnknown { refund: refund.reference.clone() });
        self.announce_refund(reference, &refund.reference, Event::RefundUnknown);
    }

    fn refund_made(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        proof: &RefundProof,
    ) {
        let Some(Refund { reference: refund, .. }) = self.open_refund(reference, id) else {
            return;
        };
        self.note(reference, closed_as_made(&refund, proof));
        self.give(now, reference, id, Phase::Ended);
        self.announce_refund(reference, &refund, Event::Refunded);
    }

    pub(super) fn refund_refused(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        _: NoRefundProof,
        code: &str,
    ) {
        let Some(Refund { reference: refund, .. }) = self.open_refund(reference, id) else {
            return;
        };
        let (outcome, failure_code) = (RefundOutcome::Refused, Some(code.to_owned()));
        let closed = refund.clone();
        self.note(
            reference,
            Fact::RefundClosed { refund: closed, outcome, refund_id: None, failure_code },
        );
        self.give(now, reference, id, Phase::Ended);
        self.announce_refund(reference, &refund, Event::RefundRefused);
    }

    /// A refund that was believed not made, and shows up all the same, was made.
    fn found_after_all(
        &mut self,
        reference: &Reference,
        id: &AttemptId,
        made: &[MadeRefund],
    ) -> bool {
        let Some(sale) = self.sales.get(reference) else { return false };
        let refused = |one: &&Refund| one.attempt == *id && one.state() == RefundState::Refused;
        let proven = |one: &Refund| {
            let proof = made.iter().find_map(|made| RefundProof::of(made, &one.id))?;
            Some((one.reference.clone(), proof))
        };
        let found: Vec<_> = sale.refunds.iter().filter(refused).filter_map(proven).collect();
        for (refund, proof) in &found {
            self.note(reference, closed_as_made(refund, proof));
            self.announce_refund(reference, refund, Event::Refunded);
        }
        !found.is_empty()
    }

    /// What went back of a charge only grows; a list that lags behind takes nothing back.
    pub(super) fn note_given_back(
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

    fn give(&mut self, next: Moment, reference: &Reference, id: &AttemptId, phase: Phase) {
        if let Some(attempt) = self.attempt_mut(reference, id) {
            attempt.live.enter(phase, next);
        }
    }

    fn open_refund(&self, reference: &Reference, id: &AttemptId) -> Option<Refund> {
        self.sales.get(reference)?.open_refund(id).cloned()
    }

    fn announce_refund(&mut self, reference: &Reference, refund: &Reference, event: Event) {
        let Some(sale) = self.sales.get(reference) else { return };
        let refund = sale.refund(refund).map(Refund::view);
        let announcement = Announcement { event, repeated: false, sale: sale.view(), refund };
        self.effects.push_back(Effect::Announce(announcement));
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

fn closed_as_made(refund: &Reference, proof: &RefundProof) -> Fact {
    Fact::RefundClosed {
        refund: refund.clone(),
        outcome: RefundOutcome::Refunded,
        refund_id: Some(proof.made().to_owned()),
        failure_code: None,
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

    /// Sets refunds on their way after a restart: one that was sent may have been made.
    pub(super) fn resume_refunds(&mut self, now: Moment) {
        for refund in self.refunds.iter().filter(|refund| refund.is_open()) {
            let giving = match refund.sent {
                Some(_) => Giving::List { absent_since: None },
                None => Giving::Read,
            };
            let mut attempts = self.attempts.iter_mut();
            if let Some(attempt) = attempts.find(|attempt| attempt.id == refund.attempt) {
                attempt.live.enter(Phase::GivingBack(giving), now);
            }
        }
    }
}

impl Attempt {
    /// The refund as it goes out.
    pub(super) fn refund_request(&self, refund: &Refund) -> Option<(Asked, Request)> {
        let (charge, amount) = self.charge.clone().zip(refund.sent)?;
        let order = RefundOrder { charge, id: refund.id.clone(), amount };
        Some((Asked::Refund, Request::Refund(order)))
    }
}

impl Announcement {
    /// What was, or should have been, announced of refunds since the sale was last settled.
    pub(super) fn refunds_again(sale: &Sale) -> Vec<Self> {
        let event = |refund: &Refund| match refund.state() {
            RefundState::Refunded => Some(Event::Refunded),
            RefundState::Refused => Some(Event::RefundRefused),
            RefundState::Unknown => Some(Event::RefundUnknown),
            RefundState::Asked | RefundState::Sent => None,
        };
        let again = |refund: &Refund| {
            let (sale, refund_view) = (sale.view(), refund.view());
            let event = event(refund)?;
            Some(Self { event, repeated: true, sale, refund: Some(refund_view) })
        };
        sale.refunds.iter().filter(|refund| !refund.told).filter_map(again).collect()
    }
}

/// The most charges that are read for what went back of them at a time (O3): they take turns, one
/// a second, and whoever wants to know of another can ask again.
const COUNTED_MAX: usize = 100;
/// The most refunds that the gateway makes of one charge.
const MADE_MAX: usize = 15;
/// The most refunds of one sale, those included that were refused (O3).
const REFUNDS_MAX: usize = 40;
