//! The gateway as a value: charges, refunds, events, the search index and everybody's behaviour.
//!
//! It has no socket, no clock and no dice: every call takes the time, and random bits follow from a
//! seed. Same settings, seed and calls give the same answers, byte for byte. Time never runs
//! backwards in it: an earlier time than the last one counts as the last one.
//!
//! A charge's states; `paid late` is the one way out of a final state, and Opn does not rule it
//! out:
//!
//! ```text
//!             paid                        refunds
//!  pending ──────────► successful ◄──────┐   (status stays)
//!     │ │  declined                      │ paid late
//!     │ ├────────────► failed ───────────┤
//!     │ │ expire call, WeChat, sweep     │
//!     │ ├────────────► expired ──────────┘
//!     │ └────────────► reversed
//!     └──► unknown: as open as pending
//! ```

mod account;
mod agenda;
mod call;
mod charge;
mod charge_json;
mod create;
mod event;
mod ledger;
mod list;
mod order;
mod parameters;
mod read;
mod refund;
mod reply;
mod search;
mod settings;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::agenda::{Agenda, Change};
use self::charge::Charge;
use self::ledger::Ledger;
use super::moment::{Moment, Random};
use super::script::{Becomes, Expiry};

pub use self::call::Call;
pub use self::charge::Status;
pub use self::event::Event;
pub use self::ledger::Truth;
pub use self::parameters::Parameters;
pub use self::reply::{ApiError, Content, Delivery, Reply};
pub use self::settings::{ExpireEvent, Settings, Speed, SpeedError};

/// Opn, as far as a shop's counter can see it.
#[derive(Clone)]
pub struct Model {
    settings: Settings,
    random: Random,
    now: Moment,
    /// By id, which sorts them by their time of creation.
    charges: BTreeMap<String, Charge>,
    /// The charges as search knows them.
    index: BTreeMap<String, Charge>,
    events: Vec<Event>,
    agenda: Agenda,
    ledger: Ledger,
}

impl Model {
    /// A gateway where nothing has happened yet.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            random: Random::new(seed),
            now: Moment::EPOCH,
            charges: BTreeMap::new(),
            index: BTreeMap::new(),
            events: Vec::new(),
            agenda: Agenda::default(),
            ledger: Ledger::default(),
        }
    }

    /// Lets everything happen that is due. Each call does so first; needed by itself only to learn
    /// of [`events`](Self::events) and the [`truth`](Self::truths) in time.
    pub fn advance(&mut self, now: Moment) {
        while let Some((at, change)) = self.agenda.take_due(now) {
            self.now = self.now.max(at);
            self.perform(change);
        }
        self.now = self.now.max(now);
    }

    /// When something happens next by itself. May change with every call.
    #[must_use]
    pub fn next_change(&self) -> Option<Moment> {
        self.agenda.next()
    }

    /// `PATCH /charges/:id`: description and metadata.
    pub fn update(&mut self, now: Moment, id: &str, parameters: &Parameters) -> Reply {
        self.begin(now, "update");
        self.change(id, |charge, _| {
            if let Some(metadata) = order::metadata(parameters)? {
                charge.order.metadata = Arc::new(metadata);
            }
            if let Some(description) = parameters.text("description") {
                charge.order.description = Some(description);
            }
            Ok(())
        })
    }

    /// `POST /charges/:id/expire`.
    pub fn expire(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "expire");
        let charge = match self.find(id) {
            Ok(charge) => charge,
            Err(error) => return error.into(),
        };
        charge.expire_calls = charge.expire_calls.saturating_add(1);
        let (status, calls, expiry) = (charge.status, charge.expire_calls, charge.script.expiry);
        if !status.is_open() {
            return failed_expire().into();
        }
        match expiry {
            Expiry::FailsOnce(status) if calls == 1 => return Reply::page(status),
            Expiry::LosesToPayment => {
                self.turn(id, Becomes::Paid);
                return failed_expire().into();
            }
            Expiry::PaidAfter(after) => {
                let at = self.now.plus(self.settings.speed.scale(after));
                self.agenda.plan(at, Change::Turn(id.to_owned(), Becomes::PaidLate));
            }
            Expiry::Works | Expiry::AnswerLost | Expiry::FailsOnce(_) => {}
        }
        self.turn(id, Becomes::Expired);
        let delivery = match expiry {
            Expiry::AnswerLost => Delivery::Dropped,
            Expiry::Works
            | Expiry::LosesToPayment
            | Expiry::PaidAfter(_)
            | Expiry::FailsOnce(_) => Delivery::Whole,
        };
        self.shown(id).delivered(delivery)
    }

    /// `POST /charges/:id/reverse`: never possible for a charge that was captured at once.
    pub fn reverse(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "reverse");
        match self.find(id) {
            Ok(_) => {
                let message = "only uncaptured authorized charges can be reversed";
                ApiError::bad("failed_reverse", message).into()
            }
            Err(error) => error.into(),
        }
    }

    /// `POST /charges/:id/mark_as_paid`.
    pub fn mark_as_paid(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "mark_as_paid");
        self.mark(id, Becomes::Paid)
    }

    /// `POST /charges/:id/mark_as_failed`. With which code is not documented.
    pub fn mark_as_failed(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "mark_as_failed");
        self.mark(id, Becomes::Failed("failed_processing"))
    }

    /// The money comes in, even for a charge that is closed already: no call of the API, Opn itself
    /// does it, so it is said not to happen and is what L2 is about.
    pub fn pay_late(&mut self, now: Moment, id: &str) {
        self.advance(now);
        self.turn(id, Becomes::PaidLate);
    }

    /// Counts a request that never became a call: wrong key, unknown path, too large.
    pub fn turn_away(&mut self, now: Moment, kind: &'static str) {
        self.begin(now, kind);
    }

    /// Every event so far, oldest first; a later call has the same ones at the same places.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Every charge as it really is, oldest first.
    pub fn truths(&self) -> impl Iterator<Item = Truth> {
        self.charges.values().map(|charge| self.ledger.truth(charge))
    }

    /// The charge with this id as it really is.
    #[must_use]
    pub fn truth(&self, id: &str) -> Option<Truth> {
        self.charges.get(id).map(|charge| self.ledger.truth(charge))
    }

    /// How many requests of each kind were received: `create`, `get`, `list`, `search`, `update`,
    /// `expire`, `reverse`, `mark_as_paid`, `mark_as_failed`, `refund`, `list_refunds`,
    /// `get_refund`, `list_events`, `get_event`, `account`, `capability`; and of those that never
    /// became a call: `unauthorized`, `unknown` (path), `unreadable` (parameters) and `too_large`.
    #[must_use]
    pub const fn requests(&self) -> &BTreeMap<&'static str, u64> {
        self.ledger.requests()
    }

    /// How many create calls came for each value of `metadata.attempt`.
    #[must_use]
    pub const fn creates(&self) -> &BTreeMap<String, u64> {
        self.ledger.creates()
    }

    fn begin(&mut self, now: Moment, kind: &'static str) {
        self.advance(now);
        self.ledger.count(kind);
    }

    fn find(&mut self, id: &str) -> Result<&mut Charge, ApiError> {
        self.charges.get_mut(id).ok_or_else(|| no_charge(id))
    }

    /// The charge as it is, without its peculiarities of being read.
    fn shown(&mut self, id: &str) -> Reply {
        let now = self.now;
        self.find(id).map(|charge| charge.shown(now)).into()
    }

    fn change(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Charge, Moment) -> Result<(), ApiError>,
    ) -> Reply {
        let now = self.now;
        if let Err(error) = self.find(id).and_then(|charge| change(charge, now)) {
            return error.into();
        }
        self.announce_charge(&["charge.update"], id);
        self.index_later(id);
        self.shown(id)
    }

    fn mark(&mut self, id: &str, becomes: Becomes) -> Reply {
        match self.find(id) {
            Ok(charge) if charge.status.is_open() => {
                self.turn(id, becomes);
                self.shown(id)
            }
            Ok(_) => ApiError::bad_request("charge is not pending").into(),
            Err(error) => error.into(),
        }
    }
}

fn no_charge(id: &str) -> ApiError {
    ApiError::not_found(&format!("charge {id}"))
}

fn failed_expire() -> ApiError {
    ApiError::bad("failed_expire", "expire failed")
}
