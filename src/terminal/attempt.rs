//! One try to get a sale paid with one payment code: what is durable about it, and where it stands
//! now.
//!
//! ```text
//!  Creating ──charge──▶ Awaiting ──deadline, cancel──▶ Stopping(Read → Expire → Read …)
//!     │ answer lost        ▲  │ final                        │ final, read back
//!     ▼                    │  ▼                              ▼
//!  Resolving ──found───────┘  Watching ◀─────── closed unpaid ┘   (paid: Ended)
//!     └──absent for a whole quarantine──▶ Watching
//! ```

use super::id::{AttemptId, ChargeId, GatewayTime};
use super::outcome::Outcome;
use super::policy::Policy;
use super::proof::{Evidence, Expected, Verdict, verdict};
use super::record::{Fact, StopWhy};
use super::reply::Charge;
use super::request::RequestId;
use super::view::State;
use crate::clock::Moment;
use crate::code::{Wallet, Warning};
use crate::money::Amount;

/// An attempt. The fields up to `given_back` are durable and change only by [`Attempt::apply`];
/// `live` is what is known since the daemon started.
#[derive(Debug)]
pub(super) struct Attempt {
    pub id: AttemptId,
    pub wallet: Wallet,
    pub mask: String,
    pub since: Option<GatewayTime>,
    pub warning: Option<Warning>,
    /// The create's answer proved nothing.
    pub lost: bool,
    pub charge: Option<ChargeId>,
    pub stop: Option<StopWhy>,
    /// *Unknown* was told.
    pub unknown: bool,
    pub detached: bool,
    pub outcome: Option<Outcome>,
    pub failure_code: Option<String>,
    /// The gateway could still turn the charge: looks of the watch are left.
    pub watch: bool,
    /// Looks of the watch that are done.
    pub looks: usize,
    pub late_success: bool,
    /// What the gateway gave back of its charge in all, as far as we know.
    pub given_back: Amount,
    pub live: Live,
}

/// The part of an attempt that a crash forgets.
#[derive(Debug)]
pub(super) struct Live {
    pub phase: Phase,
    /// When it started; after a restart, when the daemon did (there is no clock that spans both,
    /// O1).
    pub started: Moment,
    /// The one request that is under way (L4).
    pub in_flight: Option<InFlight>,
    /// The earliest moment of the next request.
    pub next: Moment,
    /// When the last request went out.
    pub asked_at: Moment,
    /// When the next look of the watch counts; one that a person asks for before that does not.
    pub look_at: Moment,
    /// The gateway asked us to stay away until then.
    pub hold: Moment,
    /// When a hint last made it be read, or will.
    pub hinted_at: Option<Moment>,
    /// A hint came since it was last read as pending.
    pub hinted: bool,
    /// … and while a request was under way that may have been answered before.
    pub again: bool,
    /// Answers in a row that proved nothing.
    pub failures: u32,
    /// An expire went out since the last pause: the next read is the one that counts.
    pub expired: bool,
    /// Jitter drawn so far.
    pub draws: u32,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The create is under way; we do not know the charge. Nothing final may be shown. Left by its
    /// answer.
    Creating,
    /// The create may have reached the gateway; its answer is lost. Left by a charge that is found,
    /// or by absence for a whole quarantine.
    Resolving { absent_since: Option<Moment> },
    /// The charge is known and was pending when last read.
    Awaiting,
    /// The charge is to be closed. It ends only by what is read back, which may be "paid".
    Stopping(Step),
    /// Closed unpaid; the watch looks for a late success.
    Watching(Step),
    /// The money is in, and how much of it went back is being read.
    Counting,
    /// The money is in, and some of it goes back.
    GivingBack(Giving),
    /// Nothing more is asked.
    Ended,
}

/// Where the refund of a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Giving {
    /// The charge is read first: whether it allows that, and how much is left.
    Read,
    /// The refund's record is on disk, and it goes out, once.
    Send,
    /// It may have been made: the charge's refunds tell. Left by one that is found, or by absence
    /// for a whole quarantine.
    List { absent_since: Option<Moment> },
}

/// What is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Read the charge.
    Read,
    /// It was just read as pending: expire it, then read again.
    Expire,
}

/// A request that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub id: RequestId,
    pub asked: Asked,
    pub sent: Moment,
}

/// What a request under way asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Create,
    Get,
    Find,
    Expire,
    Refund,
    Refunds,
}

impl Attempt {
    /// An attempt whose record was just written.
    pub fn new(id: AttemptId, wallet: Wallet, mask: String, since: Option<GatewayTime>) -> Self {
        Self {
            id,
            wallet,
            mask,
            since,
            warning: None,
            lost: false,
            charge: None,
            stop: None,
            unknown: false,
            detached: false,
            outcome: None,
            failure_code: None,
            watch: false,
            looks: 0,
            late_success: false,
            given_back: Amount::ZERO,
            live: Live::new(Phase::Creating, Moment::ZERO),
        }
    }

    /// Takes one fact about this attempt into account.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::AnswerLost { .. } => self.lost = true,
            Fact::ChargeKnown { charge, .. } => self.charge = Some(charge.clone()),
            Fact::StopAsked { why, .. } => self.stop = Some(*why),
            Fact::DeclaredUnknown { .. } => self.unknown = true,
            Fact::Detached { .. } => self.detached = true,
            Fact::AttemptClosed { outcome, failure_code, watch, .. } => {
                self.outcome = Some(*outcome);
                self.failure_code.clone_from(failure_code);
                self.watch = *watch;
            }
            Fact::Watched { looks, .. } => self.looks = *looks,
            Fact::WatchEnded { .. } => self.watch = false,
            Fact::LateSuccess { .. } => {
                self.late_success = true;
                self.watch = false;
            }
            Fact::GivenBack { amount, .. } => self.given_back = *amount,
            Fact::Armed { .. }
            | Fact::Disarmed { .. }
            | Fact::AttemptStarted { .. }
            | Fact::RefundAsked { .. }
            | Fact::RefundSent { .. }
            | Fact::RefundUnknown { .. }
            | Fact::RefundClosed { .. }
            | Fact::Acknowledged
            | Fact::Settled => {}
        }
    }

    /// Sets an attempt on its way after a restart: whatever was under way is asked anew by reading,
    /// never by a second create (S8).
    pub fn resume(&mut self, now: Moment, policy: &Policy) {
        let phase = match (self.outcome, &self.charge, self.stop) {
            (None, Some(_), Some(StopWhy::Deadline)) => Phase::Stopping(Step::Read),
            // A cancel waits its full time again: how old the charge is, no clock of ours can tell.
            (None, Some(_), _) => Phase::Awaiting,
            (None, None, _) => Phase::Resolving { absent_since: None },
            (Some(_), _, _) => Phase::Ended,
        };
        self.live = Live::new(phase, now);
        if self.watch {
            self.live.watch_at(now + self.watch_wait(policy));
        }
    }

    /// How long the watch waits before its next look.
    pub fn watch_wait(&self, policy: &Policy) -> std::time::Duration {
        policy.watch_wait(self.looks)
    }

    /// What `charge` proves about this attempt.
    pub fn verdict(&self, charge: &Charge, amount: Amount, asked: Asked) -> Verdict {
        let evidence = match asked {
            Asked::Create | Asked::Expire | Asked::Refund => Evidence::Answer,
            Asked::Get | Asked::Find | Asked::Refunds => Evidence::ReadBack,
        };
        let expected = Expected { attempt: &self.id, charge: self.charge.as_ref(), amount };
        verdict(charge, &expected, evidence)
    }

    /// Whether it may be asked about at `now`: open, or watched.
    pub fn is_live(&self) -> bool {
        !matches!(self.live.phase, Phase::Ended | Phase::Creating)
    }

    /// Whether it is worked on beside the counter.
    pub fn is_background(&self) -> bool {
        self.detached || self.outcome.is_some()
    }

    /// Whether its next request waits its turn beside the counter. A refund goes out right behind
    /// the reading that allowed it.
    pub fn takes_turns(&self) -> bool {
        self.is_background() && self.live.phase != Phase::GivingBack(Giving::Send)
    }

    /// Whether nobody stands there and waits for what becomes of it.
    pub fn is_unhurried(&self) -> bool {
        self.is_background() && !matches!(self.live.phase, Phase::GivingBack(_))
    }

    /// Whether the customer's money came in for it.
    pub fn is_paid(&self) -> bool {
        self.outcome == Some(Outcome::Paid) || self.late_success
    }

    /// When its deadline is.
    pub fn deadline(&self, policy: &Policy) -> Moment {
        self.live.started + policy.deadline
    }

    /// When *unknown* is told if it is still open: one request may still be under way at the
    /// deadline.
    pub fn unknown_at(&self, policy: &Policy) -> Moment {
        self.deadline(policy) + policy.request_timeout
    }

    /// When the wish to close it may act.
    pub fn stop_at(&self, why: StopWhy, policy: &Policy) -> Moment {
        match why {
            StopWhy::Deadline => self.live.started,
            StopWhy::Cancel => self.live.started + policy.cancel_not_before,
        }
    }

    /// Whether the cashier may detach it: nothing is proven and reading does not get through.
    pub fn is_in_trouble(&self) -> bool {
        let lost = matches!(self.live.phase, Phase::Resolving { .. });
        self.outcome.is_none() && (lost || self.unknown || self.live.failures > 0)
    }

    /// Where it stands, for everybody outside.
    pub fn state(&self) -> State {
        match self.live.phase {
            Phase::Creating => State::Creating,
            Phase::Resolving { .. } => State::Resolving,
            // One answer may get lost; when the next one is no better, nobody knows what the phone
            // shows.
            Phase::Awaiting if self.live.failures > 1 => State::Resolving,
            Phase::Awaiting => State::AwaitingCustomer,
            Phase::Stopping(_) => State::Stopping,
            Phase::Watching(_) | Phase::Counting | Phase::GivingBack(_) | Phase::Ended => {
                State::Closed
            }
        }
    }
}

impl Live {
    /// An attempt that starts at `now`.
    pub fn new(phase: Phase, now: Moment) -> Self {
        Self {
            phase,
            started: now,
            in_flight: None,
            next: now,
            asked_at: now,
            look_at: now,
            hold: now,
            hinted_at: None,
            hinted: false,
            again: false,
            failures: 0,
            expired: false,
            draws: 0,
        }
    }

    /// Enters `phase`; the next request goes out at `next`, or when the gateway's hold ends.
    pub fn enter(&mut self, phase: Phase, next: Moment) {
        self.phase = phase;
        self.next = next;
    }

    /// Waits for the look of the watch that is to be taken at `look_at`.
    pub fn watch_at(&mut self, look_at: Moment) {
        self.enter(Phase::Watching(Step::Read), look_at);
        self.look_at = look_at;
        self.failures = 0;
        self.expired = false;
    }

    /// When the next request is due, unless one is under way.
    pub fn due(&self) -> Option<Moment> {
        self.in_flight.is_none().then(|| self.next.max(self.hold))
    }
}
