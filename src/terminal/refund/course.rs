//! What became of a refund that went out: made, not made, or unknown and looked up (S9).

use super::{Refund, RefundOutcome, RefundState};
use crate::clock::Moment;
use crate::money::Amount;
use crate::terminal::attempt::{Asked, Attempt, Giving, InFlight, Phase};
use crate::terminal::effect::{Announcement, Effect, Event};
use crate::terminal::proof::{NoRefundProof, RefundProof};
use crate::terminal::record::Fact;
use crate::terminal::reply::{MadeRefund, UnknownWhy};
use crate::terminal::request::{RefundOrder, Request};
use crate::terminal::sale::Sale;
use crate::terminal::{AttemptId, Reference, Terminal};

impl Terminal {
    /// The answer to a refund says that it was made.
    pub(in crate::terminal) fn refund_answered(
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
    pub(in crate::terminal) fn refunds_listed(
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
    pub(in crate::terminal) fn refund_lost(&mut self, reference: &Reference, id: &AttemptId) {
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
        let Some(open) = self.open_refund(reference, id) else { return };
        self.note(reference, closed_as_made(&open.reference, proof));
        self.rest(now, reference, id);
        self.announce_refund(reference, &open.reference, Event::Refunded);
    }

    pub(in crate::terminal) fn refund_refused(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        _: NoRefundProof,
        code: &str,
    ) {
        let Some(open) = self.open_refund(reference, id) else { return };
        let closed = Fact::RefundClosed {
            refund: open.reference.clone(),
            outcome: RefundOutcome::Refused,
            refund_id: None,
            failure_code: Some(code.to_owned()),
        };
        self.note(reference, closed);
        self.rest(now, reference, id);
        self.announce_refund(reference, &open.reference, Event::RefundRefused);
    }

    /// A refund has ended, or a figure was read. Where a hint came meanwhile, the charge is read
    /// for what that was about: it may have been another refund, of Opn's dashboard.
    pub(super) fn rest(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        match attempt.live.again.then(|| attempt.live.read_again(now)) {
            Some(again) => self.give(again, reference, id, Phase::Counting),
            None => self.give(now, reference, id, Phase::Ended),
        }
    }

    /// A refund that was believed not made, and shows up all the same, was made.
    pub(super) fn found_after_all(
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

    pub(super) fn give(
        &mut self,
        next: Moment,
        reference: &Reference,
        id: &AttemptId,
        phase: Phase,
    ) {
        if let Some(attempt) = self.attempt_mut(reference, id) {
            attempt.live.enter(phase, next);
        }
    }

    pub(super) fn open_refund(&self, reference: &Reference, id: &AttemptId) -> Option<Refund> {
        self.sales.get(reference)?.open_refund(id).cloned()
    }

    fn announce_refund(&mut self, reference: &Reference, refund: &Reference, event: Event) {
        let Some(sale) = self.sales.get(reference) else { return };
        let refund = sale.refund(refund).map(Refund::view);
        let announcement = Announcement { event, repeated: false, sale: sale.view(), refund };
        self.effects.push_back(Effect::Announce(announcement));
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
    /// Sets refunds on their way after a restart: one that was sent may have been made.
    pub(in crate::terminal) fn resume_refunds(&mut self, now: Moment) {
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
    pub(in crate::terminal) fn refund_request(&self, refund: &Refund) -> Option<(Asked, Request)> {
        let (charge, amount) = self.charge.clone().zip(refund.sent)?;
        let order = RefundOrder { charge, id: refund.id.clone(), amount };
        Some((Asked::Refund, Request::Refund(order)))
    }
}

impl Announcement {
    /// What was, or should have been, announced of refunds since the sale was last settled.
    pub(in crate::terminal) fn refunds_again(sale: &Sale) -> Vec<Self> {
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
