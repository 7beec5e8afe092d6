//! What is asked of the gateway next. One path for polls, cancels, deadlines, look-ups, the watch
//! and restarts: each only moves an attempt to another phase; [`Terminal::advance`] asks what that
//! phase needs, when it is due.

use std::time::Duration;

use super::attempt::{Asked, Attempt, Giving, InFlight, Phase, Step};
use super::policy::Key;
use super::proof::NoMoneyProof;
use super::record::{Fact, StopWhy};
use super::refund::Refund;
use super::reply::Reply;
use super::request::{Request, RequestId};
use super::sale::Sale;
use super::{AttemptId, GatewayTime, Outcome, Reference, Terminal};
use crate::clock::Moment;

/// The warm connection, kept while a sale is armed so that the scan costs one round trip.
#[derive(Debug, Default)]
pub(super) struct Warm {
    pub in_flight: Option<RequestId>,
    next: Moment,
    /// The newest charge that the gateway listed so far: look-ups need not go further back.
    pub newest: Option<GatewayTime>,
    /// Why the last try failed, in words for the operator.
    pub problem: Option<String>,
}

impl Warm {
    /// Takes the answer to the request that keeps the connection warm.
    pub fn answered(&mut self, reply: Reply) {
        self.in_flight = None;
        self.problem = match reply {
            Reply::Warm { newest } => {
                self.newest = self.newest.max(newest);
                None
            }
            Reply::Refused(rejection) => Some(format!(
                "the gateway refuses to answer ({}): is the secret key right?",
                rejection.code
            )),
            Reply::NotSent { cause } => Some(format!("the gateway cannot be reached: {cause}")),
            Reply::Unknown { why, .. } => {
                Some(format!("the gateway does not answer as it should: {}", why.word()))
            }
            Reply::Charge(_) | Reply::Absent | Reply::Refund(_) | Reply::Refunds(_) => None,
        };
    }
}

impl Terminal {
    /// Does what is due: deadlines, the next request of every attempt.
    pub(super) fn advance(&mut self, now: Moment) {
        self.advance_counter(now);
        let mut live: Vec<(Option<Moment>, Reference, AttemptId)> = self
            .sales
            .values()
            .flat_map(|sale| sale.attempts.iter().map(move |one| (sale, one)))
            .filter(|(_, attempt)| self.attempt_deadline(attempt).is_some_and(|at| at <= now))
            .map(|(sale, one)| (one.live.due(), sale.reference.clone(), one.id.clone()))
            .collect();
        // Whoever waits longest is next: requests beside the counter take turns, and none may miss
        // its own for ever.
        live.sort();
        for (_, reference, attempt) in &live {
            self.advance_attempt(now, reference, attempt);
        }
    }

    /// The connection that is kept warm for the armed sale, or tried until it works: a box is often
    /// up before its network.
    fn advance_counter(&mut self, now: Moment) {
        if self.wants_connection() {
            self.keep_warm(now);
        }
    }

    fn wants_connection(&self) -> bool {
        let try_again = self.warm.problem.is_some() && self.policy.key == Key::Present;
        self.armed().is_some() || try_again
    }

    /// Uses the connection again before it goes cold.
    pub(super) fn keep_warm(&mut self, now: Moment) {
        if self.warm.in_flight.is_none() && now >= self.warm.next {
            self.warm.in_flight = Some(self.send(Request::Warm));
            let every = if self.armed().is_some() { WARM_EVERY } else { TRY_EVERY };
            self.warm.next = now + every;
        }
    }

    /// Takes the armed amount back when its lease is over, a half-typed one as soon as nobody has
    /// touched it for as long.
    pub(super) fn lapse(&mut self, now: Moment) {
        if now >= self.armed_at + self.policy.lease
            && let Some(reference) = self.armed()
        {
            self.disarm(NoMoneyProof::nothing_was_sent(), &reference, Outcome::Expired);
        }
        if self.entry_deadline().is_some_and(|end| now >= end) {
            self.entry.clear();
        }
    }

    fn advance_attempt(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt(reference, id) else { return };
        if attempt.outcome.is_none() {
            if attempt.stop.is_none() && now >= attempt.deadline(&self.policy) {
                let fact = Fact::StopAsked { attempt: id.clone(), why: StopWhy::Deadline };
                self.note(reference, fact);
            }
            self.begin_to_stop(now, reference, id);
            let told = self.attempt(reference, id).is_none_or(|attempt| attempt.unknown);
            let late = self.attempt(reference, id).map(|one| one.unknown_at(&self.policy));
            if !told && late.is_some_and(|late| now >= late) {
                self.declare_unknown(reference, id);
            }
        }
        self.ask_next(now, reference, id);
    }

    /// Moves a pending attempt that is to be closed, and may be by now, on to closing it.
    fn begin_to_stop(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt(reference, id) else { return };
        let due = attempt.stop.map(|why| attempt.stop_at(why, &self.policy));
        if attempt.live.phase == Phase::Awaiting && due.is_some_and(|due| now >= due) {
            let Some(attempt) = self.attempt_mut(reference, id) else { return };
            attempt.live.enter(Phase::Stopping(Step::Read), now);
        }
    }

    /// Sends what the attempt's phase asks for, if it is due and nothing is under way (L4).
    fn ask_next(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt(reference, id) else { return };
        let background = attempt.takes_turns();
        let due = attempt.live.due().is_some_and(|due| now >= due);
        if !due || !attempt.is_live() || (background && now < self.background_next) {
            return;
        }
        let refund = self.sales.get(reference).and_then(|sale| sale.open_refund(id));
        let Some((asked, request)) = attempt.next_request(refund) else { return };
        if background {
            self.background_next = now + BACKGROUND_EVERY;
        }
        let id_of_request = self.send(request);
        if let Some(attempt) = self.attempt_mut(reference, id) {
            attempt.live.in_flight = Some(InFlight { id: id_of_request, asked, sent: now });
            attempt.live.asked_at = now;
            attempt.live.expired |= asked == Asked::Expire;
        }
    }

    /// Reads an attempt at the next opportunity: the cashier asked.
    pub(super) fn look_now(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        if let Some(attempt) = self.attempt_mut(reference, id) {
            // However often the key is pressed, and never against the gateway's own wish (L4).
            let soonest = now.max(attempt.live.asked_at + CHECK_EVERY);
            attempt.live.next = attempt.live.next.min(soonest);
        }
    }

    /// When this sale wants to be called again.
    pub(super) fn sale_deadline(&self, sale: &Sale) -> Option<Moment> {
        let attempts = sale.attempts.iter().filter_map(|attempt| self.attempt_deadline(attempt));
        attempts.min()
    }

    fn attempt_deadline(&self, attempt: &Attempt) -> Option<Moment> {
        let policy = &self.policy;
        let due = attempt
            .live
            .due()
            .filter(|_| attempt.is_live())
            .map(|due| if attempt.takes_turns() { due.max(self.background_next) } else { due });
        if attempt.outcome.is_some() {
            return due;
        }
        let deadline = attempt.stop.is_none().then(|| attempt.deadline(policy));
        let unknown = (!attempt.unknown).then(|| attempt.unknown_at(policy));
        let awaiting = attempt.live.phase == Phase::Awaiting;
        let stop = attempt.stop.filter(|_| awaiting).map(|why| attempt.stop_at(why, policy));
        [due, deadline, unknown, stop].into_iter().flatten().min()
    }

    /// When the counter wants to be called again: the lease of the armed sale is over, or the
    /// connection is to be used.
    pub(super) fn counter_deadline(&self) -> Option<Moment> {
        let lease = self.armed().map(|_| self.armed_at + self.policy.lease);
        let warms = self.wants_connection() && self.warm.in_flight.is_none();
        let warm = warms.then_some(self.warm.next);
        lease.into_iter().chain(warm).min()
    }

    /// When the half-typed amount lapses.
    pub(super) fn entry_deadline(&self) -> Option<Moment> {
        self.has_entry().then(|| self.typed_at + self.policy.lease)
    }

    /// A connection is opened for a sale that was just armed.
    pub(super) fn warm_up(&mut self, now: Moment) {
        self.warm.next = now;
    }

    pub(super) fn is_armed(&self, reference: &Reference) -> bool {
        self.sales.get(reference).is_some_and(|sale| sale.armed)
    }

    pub(super) fn attempt(&self, reference: &Reference, id: &AttemptId) -> Option<&Attempt> {
        self.sales.get(reference)?.attempts.iter().find(|attempt| attempt.id == *id)
    }

    pub(super) fn attempt_mut(
        &mut self,
        reference: &Reference,
        id: &AttemptId,
    ) -> Option<&mut Attempt> {
        self.sales.get_mut(reference)?.attempts.iter_mut().find(|attempt| attempt.id == *id)
    }
}

impl Attempt {
    /// What its phase asks of the gateway; `refund` is the one of its charge that is under way.
    fn next_request(&self, refund: Option<&Refund>) -> Option<(Asked, Request)> {
        let step = match self.live.phase {
            Phase::Creating | Phase::Ended => return None,
            Phase::Resolving { .. } | Phase::Awaiting | Phase::Counting => Step::Read,
            Phase::Stopping(step) | Phase::Watching(step) => step,
            Phase::GivingBack(Giving::Read) => Step::Read,
            Phase::GivingBack(Giving::Send) => return self.refund_request(refund?),
            Phase::GivingBack(Giving::List { .. }) => {
                return Some((Asked::Refunds, Request::Refunds { charge: self.charge.clone()? }));
            }
        };
        Some(match (step, self.charge.clone()) {
            (Step::Expire, Some(charge)) => (Asked::Expire, Request::Expire { charge }),
            (Step::Read, Some(charge)) => (Asked::Get, Request::Get { charge }),
            (_, None) => {
                let request = Request::Find { attempt: self.id.clone(), since: self.since };
                (Asked::Find, request)
            }
        })
    }
}

/// How often the connection is used while a sale is armed: below the pool's idle time of 20 s.
const WARM_EVERY: Duration = Duration::from_secs(15);
/// How often it is tried while nothing is armed and the last try failed.
const TRY_EVERY: Duration = Duration::from_secs(60);
/// How often a person's wish to check makes a request.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Requests beside the counter go out one by one, at least this far apart, so that a long watch
/// list never gets into the way of the customer at the counter nor of the account's rate limit
/// (L4).
const BACKGROUND_EVERY: Duration = Duration::from_secs(1);
