//! How a sale gets its outcome: by a proof, in a record that is on disk before anything is shown
//! (S3, S4, D2).

use super::attempt::Phase;
use super::effect::{Announcement, Effect, Event};
use super::outcome::Outcome;
use super::policy::LateSuccess;
use super::proof::{NoMoneyProof, PaidProof, Unpaid};
use super::record::{Fact, StopWhy};
use super::reply::Rejection;
use super::sale::Sale;
use super::{AttemptId, ChargeId, Reference, Terminal};
use crate::clock::Moment;

/// How an attempt ended without money, for the record.
pub(super) struct UnpaidEnd {
    outcome: Outcome,
    failure_code: Option<String>,
    watch: Watch,
}

/// Whether the gateway could still turn an attempt that was closed unpaid.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// There is a charge: the whole schedule.
    Charge,
    /// No charge was found; one that shows up hours later is still found: the schedule but its
    /// first look, which the quarantine was.
    Absence,
    /// The gateway proved that there never was a charge.
    Nothing,
}

impl UnpaidEnd {
    /// The charge was read back as closed; `stop` is who wanted that.
    pub fn read_back(unpaid: Unpaid, stop: Option<StopWhy>) -> Self {
        let (outcome, failure_code) = match (unpaid, stop) {
            (Unpaid::Failed(code), _) => (Outcome::Declined, code),
            (Unpaid::Expired, Some(StopWhy::Cancel)) => (Outcome::Cancelled, None),
            (Unpaid::Expired, Some(StopWhy::Deadline) | None) => (Outcome::Expired, None),
            (Unpaid::Reversed, _) => (Outcome::Cancelled, Some("reversed".to_owned())),
        };
        Self { outcome, failure_code, watch: Watch::Charge }
    }

    /// The gateway refused the create.
    pub fn refused(rejection: Rejection) -> Self {
        let failure_code = Some(rejection.code);
        Self { outcome: Outcome::NotCreated, failure_code, watch: Watch::Nothing }
    }

    /// The create never left.
    pub fn never_left() -> Self {
        let failure_code = Some("no_connection".to_owned());
        Self { outcome: Outcome::NotCreated, failure_code, watch: Watch::Nothing }
    }

    /// The charge was looked for and not found.
    pub fn absent() -> Self {
        let failure_code = Some("not_found".to_owned());
        Self { outcome: Outcome::NotCreated, failure_code, watch: Watch::Absence }
    }
}

impl Terminal {
    /// The attempt is paid.
    pub(super) fn settle_paid(
        &mut self,
        now: Moment,
        reference: &Reference,
        attempt: &AttemptId,
        proof: &PaidProof,
    ) {
        self.know_charge(reference, attempt, proof.charge());
        let told_unknown = self.told_unknown(reference);
        self.note(
            reference,
            Fact::AttemptClosed {
                attempt: attempt.clone(),
                outcome: Outcome::Paid,
                failure_code: None,
                watch: false,
            },
        );
        self.enter(now, reference, attempt, Phase::Ended);
        self.announce_outcome(reference, told_unknown);
    }

    /// The attempt holds no money.
    pub(super) fn settle_unpaid(
        &mut self,
        now: Moment,
        reference: &Reference,
        attempt: &AttemptId,
        _: NoMoneyProof,
        end: UnpaidEnd,
    ) {
        let told_unknown = self.told_unknown(reference);
        self.note(
            reference,
            Fact::AttemptClosed {
                attempt: attempt.clone(),
                outcome: end.outcome,
                failure_code: end.failure_code,
                watch: end.watch != Watch::Nothing,
            },
        );
        if end.watch == Watch::Absence && self.policy.watch.len() > 1 {
            self.note(reference, Fact::Watched { attempt: attempt.clone(), looks: 1 });
        }
        match end.watch {
            Watch::Charge | Watch::Absence => self.watch_next(now, reference, attempt),
            Watch::Nothing => self.enter(now, reference, attempt, Phase::Ended),
        }
        self.announce_outcome(reference, told_unknown);
    }

    /// The armed amount is taken back before a code came. A sale that was tried before stays as its
    /// last attempt left it, which has its own proof; a fresh one ends in `outcome`.
    pub(super) fn disarm(&mut self, _: NoMoneyProof, reference: &Reference, outcome: Outcome) {
        let former = self.sales.get(reference).and_then(Sale::last_outcome);
        self.note(reference, Fact::Disarmed { outcome: former.unwrap_or(outcome) });
        if former.is_some() {
            // Its outcome was told when its last attempt ended: paper must say DUPLICATE.
            self.announce_again(reference);
        } else {
            self.announce_outcome(reference, false);
        }
    }

    /// The gateway says that a charge which was told "not paid" is paid (S6).
    pub(super) fn late_success(
        &mut self,
        now: Moment,
        reference: &Reference,
        attempt: &AttemptId,
        charge: &ChargeId,
    ) {
        self.know_charge(reference, attempt, charge);
        self.note(reference, Fact::LateSuccess { attempt: attempt.clone() });
        self.enter(now, reference, attempt, Phase::Ended);
        if self.policy.late_success == LateSuccess::Refund {
            // In one transaction with the late success, so that no crash comes between.
            self.give_late_back(now, reference, attempt);
        }
        self.take_no_more(reference);
        self.announce(reference, Event::LateSuccess);
    }

    /// The sale's money has come: another code, or the charge that is pending for it, would take it
    /// twice (S2).
    fn take_no_more(&mut self, reference: &Reference) {
        let Some(sale) = self.sales.get(reference) else { return };
        let open = sale.open_attempt().filter(|attempt| attempt.stop.is_none());
        if let (true, Some(outcome)) = (sale.armed, sale.last_outcome()) {
            self.note(reference, Fact::Disarmed { outcome });
        } else if let Some(attempt) = open.map(|attempt| attempt.id.clone()) {
            self.note(reference, Fact::StopAsked { attempt, why: StopWhy::Cancel });
        }
    }

    /// *Unknown* is told: no proof is needed to say that nothing is proven.
    pub(super) fn declare_unknown(&mut self, reference: &Reference, attempt: &AttemptId) {
        self.note(reference, Fact::DeclaredUnknown { attempt: attempt.clone() });
        self.announce(reference, Event::Unknown);
    }

    /// Waits for the next look of the watch, or ends it after the last one.
    pub(super) fn watch_next(&mut self, now: Moment, reference: &Reference, attempt: &AttemptId) {
        let looks = self.attempt(reference, attempt).map_or(usize::MAX, |one| one.looks);
        if looks >= self.policy.watch.len() {
            self.note(reference, Fact::WatchEnded { attempt: attempt.clone() });
            self.enter(now, reference, attempt, Phase::Ended);
            return;
        }
        let next = now + self.policy.watch_wait(looks);
        if let Some(one) = self.attempt_mut(reference, attempt) {
            one.live.watch_at(next);
        }
    }

    /// Notes the attempt's charge, the first time it is heard of.
    pub(super) fn know_charge(
        &mut self,
        reference: &Reference,
        attempt: &AttemptId,
        charge: &ChargeId,
    ) {
        if self.attempt(reference, attempt).is_some_and(|one| one.charge.is_none()) {
            let (attempt, charge) = (attempt.clone(), charge.clone());
            self.note(reference, Fact::ChargeKnown { attempt, charge });
        }
    }

    fn enter(&mut self, now: Moment, reference: &Reference, attempt: &AttemptId, phase: Phase) {
        if let Some(one) = self.attempt_mut(reference, attempt) {
            one.live.enter(phase, now);
        }
    }

    fn told_unknown(&self, reference: &Reference) -> bool {
        let open = self.sales.get(reference).and_then(Sale::open_attempt);
        open.is_some_and(|attempt| attempt.unknown)
    }

    fn announce_outcome(&mut self, reference: &Reference, told_unknown: bool) {
        let Some(outcome) = self.sales.get(reference).and_then(|sale| sale.outcome) else { return };
        let event = if told_unknown { Event::Resolved } else { Event::from(outcome) };
        self.announce(reference, event);
    }

    fn announce(&mut self, reference: &Reference, event: Event) {
        let Some(sale) = self.sales.get(reference) else { return };
        let announcement = Announcement { event, repeated: false, sale: sale.view(), refund: None };
        self.effects.push_back(Effect::Announce(announcement));
    }
}

impl Announcement {
    /// What was, or should have been, announced of `sale`: how its last attempt stands, and the
    /// money of any of them that came late.
    pub(super) fn again(sale: &Sale) -> Vec<Self> {
        let view = sale.view();
        let last = sale.attempts.last();
        let unresolved = last.is_some_and(|attempt| attempt.unknown);
        // "Not paid" is not told again of an attempt whose money has come since (S6).
        let standing = view.outcome.filter(|_| !last.is_some_and(|attempt| attempt.late_success));
        let standing = standing.map(|outcome| {
            let resolved = unresolved && outcome != Outcome::Unknown;
            if resolved { Event::Resolved } else { Event::from(outcome) }
        });
        let late = sale.late_success().then_some(Event::LateSuccess);
        let told = standing.into_iter().chain(late);
        let about = |event| Self { event, repeated: true, sale: view.clone(), refund: None };
        told.map(about).chain(Self::refunds_again(sale)).collect()
    }
}
