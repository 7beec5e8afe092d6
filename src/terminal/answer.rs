//! What an answer of the gateway means for the attempt that waits for it. Time-outs, errors and
//! foreign bodies never make an outcome (S5); outcomes come from [`verdict`](super::proof::verdict)
//! and the proofs beside it.

use std::time::Duration;

use super::attempt::{Asked, Attempt, Giving, InFlight, Live, Phase, Step};
use super::policy::{Policy, draw};
use super::proof::{NoMoneyProof, NoRefundProof, Verdict};
use super::record::Fact;
use super::reply::{Charge, Reply, UnknownWhy};
use super::request::RequestId;
use super::settle::UnpaidEnd;
use super::{AttemptId, Reference, Terminal};
use crate::clock::Moment;
use crate::money::Amount;

impl Terminal {
    /// Takes the answer to a request.
    pub(super) fn replied(&mut self, now: Moment, id: RequestId, reply: Reply) {
        if self.warm.in_flight == Some(id) {
            self.warm.answered(reply);
            return;
        }
        let found = self.sales.values_mut().find_map(|sale| {
            let reference = sale.reference.clone();
            let waiting = |one: &&mut Attempt| one.live.in_flight.is_some_and(|way| way.id == id);
            let attempt = sale.attempts.iter_mut().find(waiting)?;
            Some((reference, attempt.id.clone(), attempt.live.in_flight.take()?))
        });
        // An answer that nobody waits for is one of a run before, or was answered twice: it proves
        // nothing.
        let Some((reference, attempt, in_flight)) = found else { return };
        self.learn(now, &reference, &attempt, in_flight, reply);
    }

    fn learn(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        in_flight: InFlight,
        reply: Reply,
    ) {
        let asked = in_flight.asked;
        match (reply, asked) {
            (Reply::Charge(charge), _) => self.read_charge(now, reference, id, asked, &charge),
            (Reply::Absent, Asked::Find) => self.not_listed(now, reference, id, in_flight.sent),
            (Reply::Refused(rejection), Asked::Create) => {
                let proof = NoMoneyProof::refused(&rejection);
                self.settle_unpaid(now, reference, id, proof, UnpaidEnd::refused(rejection));
            }
            (Reply::NotSent { .. }, Asked::Create) => {
                let (proof, end) = (NoMoneyProof::never_left(), UnpaidEnd::never_left());
                self.settle_unpaid(now, reference, id, proof, end);
            }
            (Reply::Refund(made), Asked::Refund) => {
                self.refund_answered(now, reference, id, &made);
            }
            (Reply::Refunds(made), Asked::Refunds) => {
                self.refunds_listed(now, reference, id, in_flight, &made);
            }
            (Reply::Refused(rejection), Asked::Refund) => {
                let proof = NoRefundProof::refused(&rejection);
                self.refund_refused(now, reference, id, proof, &rejection.code);
            }
            (Reply::NotSent { .. }, Asked::Refund) => {
                let proof = NoRefundProof::never_left();
                self.refund_refused(now, reference, id, proof, "no_connection");
            }
            // The charge could not be expired: most likely it was just paid. Only reading tells.
            (Reply::Refused(_), Asked::Expire) => self.read_now(now, reference, id),
            // The list only grows, and another account never shows the charge: no look right behind
            // this one would tell more (L4). What was told stands on proof of its own.
            (Reply::Unknown { why: UnknownWhy::TooMany, .. }, Asked::Find)
            | (Reply::Absent, Asked::Get)
                if self.attempt(reference, id).is_some_and(|attempt| attempt.watch) =>
            {
                self.watched(now, reference, id, None);
            }
            (Reply::Unknown { why, retry_after }, _) => {
                self.learned_nothing(now, reference, id, asked, why, retry_after);
            }
            (Reply::Absent, _) => {
                self.learned_nothing(now, reference, id, asked, UnknownWhy::Missing, None);
            }
            (Reply::NotSent { .. }, _) => {
                self.learned_nothing(now, reference, id, asked, UnknownWhy::NotSent, None);
            }
            (Reply::Refused(_), _) => {
                self.learned_nothing(now, reference, id, asked, UnknownWhy::Refused, None);
            }
            (Reply::Warm { .. } | Reply::Refund(_) | Reply::Refunds(_), _) => {
                self.learned_nothing(now, reference, id, asked, UnknownWhy::Foreign, None);
            }
        }
    }

    /// The gateway showed a charge.
    fn read_charge(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        asked: Asked,
        charge: &Charge,
    ) {
        let Some(sale) = self.sales.get(reference) else { return };
        let Some(attempt) = sale.attempts.iter().find(|one| one.id == *id) else { return };
        if attempt.is_paid() {
            return self.counted(now, reference, id, asked, charge);
        }
        let (told, stop) = (attempt.outcome, attempt.stop);
        let verdict = attempt.verdict(charge, sale.amount, asked);
        if verdict.is_final() && attempt.is_unhinted(asked) {
            self.hints.missed();
        }
        if let Verdict::Paid(_) | Verdict::WrongAmount = verdict {
            // Some of it may have gone back before we hear that it came.
            let back = charge.refunds.satang.and_then(Amount::from_satang);
            self.note_given_back(reference, id, back);
        }
        match (verdict, told) {
            (Verdict::Paid(proof), None) => self.settle_paid(now, reference, id, &proof),
            // Late money is late money, whatever its amount (S6).
            (Verdict::Paid(_) | Verdict::WrongAmount, Some(_)) => {
                self.late_success(now, reference, id, &charge.id);
            }
            (Verdict::Unpaid(proof, unpaid), None) => {
                self.know_charge(reference, id, &charge.id);
                let end = UnpaidEnd::read_back(unpaid, stop);
                self.settle_unpaid(now, reference, id, proof, end);
            }
            (Verdict::Unpaid(..), Some(_)) => self.watched(now, reference, id, Some(charge)),
            (Verdict::ReadBack, _) => {
                self.know_charge(reference, id, &charge.id);
                self.read_now(now, reference, id);
            }
            (Verdict::Open, _) => {
                self.know_charge(reference, id, &charge.id);
                self.still_open(now, reference, id, asked);
            }
            (Verdict::Foreign, _) => {
                self.learned_nothing(now, reference, id, asked, UnknownWhy::Foreign, None);
            }
            (Verdict::WrongAmount, None) => {
                self.know_charge(reference, id, &charge.id);
                self.learned_nothing(now, reference, id, asked, UnknownWhy::WrongAmount, None);
            }
        }
    }

    /// The charge is pending (or says a word we do not know, which proves as little).
    fn still_open(&mut self, now: Moment, reference: &Reference, id: &AttemptId, asked: Asked) {
        let policy = self.policy.clone();
        let pause = self.hints.pause(now, &policy);
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        attempt.live.failures = 0;
        // What was heard while the create was under way was about its being made.
        attempt.live.again &= attempt.live.phase != Phase::Creating;
        attempt.live.hinted = attempt.live.again;
        let poll = now + attempt.poll_wait(now, &policy);
        let (phase, next) = match (attempt.live.phase, asked) {
            (phase, _) if attempt.live.again => (phase.reading(), attempt.live.read_again(now)),
            (Phase::Awaiting, _) => (Phase::Awaiting, poll.max(now + pause)),
            (Phase::Creating | Phase::Resolving { .. }, _) => {
                (Phase::Awaiting, now + policy.poll.first)
            }
            (Phase::Stopping(Step::Read), Asked::Get) if !attempt.live.expired => {
                (Phase::Stopping(Step::Expire), now)
            }
            (Phase::Watching(Step::Read), Asked::Get | Asked::Find) if !attempt.live.expired => {
                (Phase::Watching(Step::Expire), now)
            }
            // The expire was answered: only what is read now counts.
            (Phase::Stopping(_), Asked::Expire) => (Phase::Stopping(Step::Read), now),
            (Phase::Watching(_), Asked::Expire) => (Phase::Watching(Step::Read), now),
            // Read back as pending although it was expired: after a pause, the same again.
            (phase, _) => {
                attempt.live.expired = false;
                (phase, poll)
            }
        };
        attempt.live.enter(phase, next);
    }

    /// Reads the charge at once; for an attempt that is being closed this is the read after the
    /// expire.
    fn read_now(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        attempt.live.failures = 0;
        let phase = attempt.live.phase.reading();
        attempt.live.enter(phase, now);
    }

    /// Lists that cover the time of the attempt do not show its charge.
    fn not_listed(&mut self, now: Moment, reference: &Reference, id: &AttemptId, sent: Moment) {
        let policy = self.policy.clone();
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        attempt.live.failures = 0;
        let Phase::Resolving { absent_since } = attempt.live.phase else {
            self.watched(now, reference, id, None);
            return;
        };
        let first = absent_since.unwrap_or(now);
        if let Some(proof) = NoMoneyProof::absent(first, sent, policy.quarantine) {
            self.settle_unpaid(now, reference, id, proof, UnpaidEnd::absent());
            return;
        }
        let poll = now + attempt.poll_wait(now, &policy);
        // The list that ends the quarantine is asked for when it ends, not a poll later.
        let end = now.max(first + policy.quarantine);
        attempt.live.enter(Phase::Resolving { absent_since: Some(first) }, poll.min(end));
    }

    /// A look of the watch found nothing new.
    fn watched(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        charge: Option<&Charge>,
    ) {
        if let Some(charge) = charge {
            self.know_charge(reference, id, &charge.id);
        }
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        let again = attempt.live.again.then(|| attempt.live.read_again(now));
        if now < attempt.live.look_at {
            // Somebody asked before the time. Were that a look of the schedule, a few presses of a
            // key would end it.
            attempt.live.watch_at(attempt.live.look_at);
        } else {
            let looks = attempt.looks + 1;
            self.note(reference, Fact::Watched { attempt: id.clone(), looks });
            self.watch_next(now, reference, id);
        }
        if let (Some(again), Some(attempt)) = (again, self.attempt_mut(reference, id)) {
            attempt.live.next = again;
        }
    }

    /// An answer that proves nothing (S5): the attempt stays what it is, and asks again later.
    pub(super) fn learned_nothing(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
        asked: Asked,
        why: UnknownWhy,
        retry_after: Option<Duration>,
    ) {
        tracing::warn!(%reference, attempt = %id, ?asked, ?why, "the answer proves nothing");
        if asked == Asked::Create {
            self.note(reference, Fact::AnswerLost { attempt: id.clone() });
        }
        if let Asked::Refund | Asked::Refunds = asked {
            self.refund_lost(reference, id);
        }
        let policy = self.policy.clone();
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        attempt.live.failures = attempt.live.failures.saturating_add(1);
        let phase = match (attempt.live.phase, attempt.charge.is_some()) {
            (Phase::Creating, false) => Phase::Resolving { absent_since: None },
            (Phase::Creating, true) => Phase::Awaiting,
            // Only a figure: whoever wants it can ask again.
            (Phase::Counting, _) if attempt.live.failures >= COUNTS_MAX => Phase::Ended,
            (phase, _) => phase.reading(),
        };
        let limit = if attempt.unknown || attempt.is_unhurried() {
            SLOW_BACKOFF_MAX.max(policy.backoff_max)
        } else {
            policy.backoff_max
        };
        let wait = match asked {
            // The charge may be there already: look at once, back off from the second time on.
            Asked::Create if std::mem::take(&mut attempt.live.again) => Duration::ZERO,
            Asked::Create | Asked::Refund => policy.poll.first,
            Asked::Expire => Duration::ZERO,
            Asked::Get | Asked::Find | Asked::Refunds => {
                let draw = attempt.live.draw(&attempt.id);
                policy.backoff(attempt.live.failures, limit, draw)
            }
        };
        let hold = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        attempt.live.hold = attempt.live.hold.max(now + hold);
        attempt.live.enter(phase, now + wait);
    }
}

impl Terminal {
    /// When an attempt is read again that is polled.
    pub(super) fn attempt_poll(
        &mut self,
        now: Moment,
        reference: &Reference,
        id: &AttemptId,
    ) -> Moment {
        let policy = self.policy.clone();
        self.attempt_mut(reference, id).map_or(now, |one| now + one.poll_wait(now, &policy))
    }
}

impl Attempt {
    fn poll_wait(&mut self, now: Moment, policy: &Policy) -> Duration {
        let draw = self.live.draw(&self.id);
        let wait = policy.poll_wait(now - self.live.started, draw);
        if self.is_unhurried() { wait.saturating_mul(BACKGROUND_SLOWER) } else { wait }
    }
}

impl Live {
    fn draw(&mut self, attempt: &AttemptId) -> u16 {
        self.draws = self.draws.wrapping_add(1);
        draw(attempt, self.draws)
    }
}

impl Phase {
    /// The same phase, with reading as its next step.
    fn reading(self) -> Self {
        match self {
            Self::Stopping(_) => Self::Stopping(Step::Read),
            Self::Watching(_) => Self::Watching(Step::Read),
            Self::Creating => Self::Awaiting,
            Self::GivingBack(Giving::Send) => Self::GivingBack(Giving::List { absent_since: None }),
            Self::Resolving { .. }
            | Self::Awaiting
            | Self::Counting
            | Self::GivingBack(Giving::Read | Giving::List { .. })
            | Self::Ended => self,
        }
    }
}

/// How often a paid charge is read for what went back of it, before that is given up.
const COUNTS_MAX: u32 = 8;
/// How many times slower a pending charge is read beside the counter.
const BACKGROUND_SLOWER: u32 = 6;
/// The longest wait beside the counter and after *unknown* was told: nobody stands there watching.
const SLOW_BACKOFF_MAX: Duration = Duration::from_secs(60);
/// The longest `Retry-After` that is honoured, as an attempt must still close (L1).
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
