//! Hints: somebody says that something happened to a charge, as the gateway's webhooks do. A hint
//! proves nothing (S4, S5); it makes the reading that would come anyway come at once. While hints
//! come, pending charges are read less often; when one that should have come did not, as before.

use std::time::Duration;

use super::attempt::{Asked, Attempt, Live, Phase};
use super::input::Heard;
use super::policy::Policy;
use super::record::Record;
use super::{AttemptId, ChargeId, Reference, Terminal};
use crate::clock::Moment;

/// What is known of hints in general.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// When the last one came; forgotten when one that was expected did not come.
    heard: Option<Moment>,
}

impl Hints {
    /// How long a pending charge need not be read, counting on a hint that comes before.
    pub fn pause(&self, now: Moment, policy: &Policy) -> Duration {
        let counted_on = |heard: Moment| policy.hinted_poll.filter(|poll| now - heard < poll.trust);
        self.heard.and_then(counted_on).map_or(Duration::ZERO, |poll| poll.every)
    }

    /// A charge was read as final before anybody told of it.
    pub fn missed(&mut self) {
        self.heard = None;
    }
}

impl Terminal {
    /// Reads what the hint is about at the next opportunity.
    pub(super) fn hinted(
        &mut self,
        now: Moment,
        charge: &ChargeId,
        history: &[Record],
        heard: Heard,
    ) {
        if heard == Heard::Now {
            self.hints.heard = Some(now);
        }
        self.hold(now, history);
        match self.attempt_of(charge) {
            Some((reference, id)) => {
                self.count(now, &reference, &id);
                if let Some(attempt) = self.attempt_mut(&reference, &id) {
                    attempt.live.hint(now);
                }
            }
            // It may be the charge of an attempt whose create was not answered: the list tells, by
            // the attempt's name in the metadata. Most such hints are other terminals'.
            None => {
                let looked_for: Vec<(Reference, AttemptId)> = self
                    .attempts()
                    .filter(|(_, attempt)| attempt.may_be_of_unknown_charge())
                    .map(|(reference, attempt)| (reference.clone(), attempt.id.clone()))
                    .collect();
                for (reference, id) in &looked_for {
                    if let Some(attempt) = self.attempt_mut(reference, id) {
                        // Should its create's answer be lost, there is something to look for.
                        attempt.live.again |= attempt.live.phase == Phase::Creating;
                    }
                    self.look_soon(now, reference, id);
                }
            }
        }
    }

    /// As a person's wish to check, where somebody may stand there and wait. Else rarely: what
    /// other counters are told of all day must not make this one look all day (L4).
    fn look_soon(&mut self, now: Moment, reference: &Reference, id: &AttemptId) {
        let Some(attempt) = self.attempt_mut(reference, id) else { return };
        if attempt.unknown || attempt.is_background() {
            let soonest = now.max(attempt.live.asked_at + FOREIGN_EVERY);
            attempt.live.next = attempt.live.next.min(soonest);
        } else {
            self.look_now(now, reference, id);
        }
    }

    fn attempt_of(&self, charge: &ChargeId) -> Option<(Reference, AttemptId)> {
        let is = |attempt: &Attempt| attempt.charge.as_ref() == Some(charge);
        let (reference, attempt) = self.attempts().find(|(_, attempt)| is(attempt))?;
        Some((reference.clone(), attempt.id.clone()))
    }

    pub(super) fn attempts(&self) -> impl Iterator<Item = (&Reference, &Attempt)> {
        let sales = self.sales.values();
        sales.flat_map(|sale| sale.attempts.iter().map(move |one| (&sale.reference, one)))
    }
}

impl Attempt {
    /// Whether it still waits for a charge, so that one that nobody knows may be its own.
    fn may_be_of_unknown_charge(&self) -> bool {
        self.charge.is_none() && self.live.phase != Phase::Ended
    }

    /// Whether a poll read it before a hint came that should have come: all but what we did to the
    /// charge ourselves is told of.
    pub fn is_unhinted(&self, asked: Asked) -> bool {
        asked == Asked::Get && self.live.phase == Phase::Awaiting && !self.live.hinted
    }
}

impl Live {
    /// Something happened to the charge: it is read at once, and once more where a request is under
    /// way that may have been answered before it happened.
    fn hint(&mut self, now: Moment) {
        let soonest = match self.hinted_at {
            // The reading that this hint would make is due already.
            Some(coming) if coming > now => coming,
            Some(before) => now.max(before + HINT_EVERY),
            None => now,
        };
        self.hinted = true;
        self.again |= self.in_flight.is_some();
        self.next = self.next.min(soonest);
        self.hinted_at = Some(soonest);
    }

    /// When to read once more because of a hint that came while the last answer was on its way.
    pub fn read_again(&mut self, now: Moment) -> Moment {
        self.again = false;
        self.hinted_at.map_or(now, |soonest| now.max(soonest))
    }
}

/// How often hints about charges that nobody knows make an attempt be looked up that is watched, or
/// told *unknown*: no oftener than the longest back-off would.
const FOREIGN_EVERY: Duration = Duration::from_secs(60);
/// However many hints come, they make an attempt be read this often at most (L4).
const HINT_EVERY: Duration = Duration::from_millis(500);
