//! What happens by itself: the changes that are planned, and how each is carried out.

use std::collections::BTreeMap;

use super::Model;
use super::charge::{Charge, Failure, Status};
use super::event::{Event, Subject};
use super::order::Order;
use super::refund::RefundOrder;
use crate::sandbox::moment::{Moment, new_id};
use crate::sandbox::script::{Becomes, Elsewhere, Script};

/// What is planned, by its time; at one time in the order of planning.
#[derive(Clone, Default)]
pub(crate) struct Agenda {
    planned: BTreeMap<(Moment, u64), Change>,
    sequence: u64,
}

/// Something that happens by itself.
#[derive(Clone)]
pub(crate) enum Change {
    /// A charge becomes something else.
    Turn(String, Becomes),
    /// A create call takes effect although its client has gone.
    Make(Box<Order>, &'static Script),
    /// A refund call takes effect although its client has gone.
    Refund(Box<RefundOrder>),
    /// Somebody gives money back at Opn's dashboard.
    RefundElsewhere(String, Elsewhere),
    /// Search learns of a charge, as it was when this was planned.
    Index(Box<Charge>),
    /// The gateway sweeps up a charge whose time is over.
    Sweep(String),
}

impl Agenda {
    pub(crate) fn plan(&mut self, at: Moment, change: Change) {
        self.planned.insert((at, self.sequence), change);
        self.sequence += 1;
    }

    pub(crate) fn next(&self) -> Option<Moment> {
        self.planned.first_key_value().map(|(key, _)| key.0)
    }

    pub(crate) fn take_due(&mut self, now: Moment) -> Option<(Moment, Change)> {
        let entry = self.planned.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), change) = entry.remove_entry();
        Some((at, change))
    }
}

impl Model {
    pub(super) fn perform(&mut self, change: Change) {
        match change {
            Change::Turn(id, becomes) => self.turn(&id, becomes),
            Change::Make(order, script) => {
                self.make(*order, script);
            }
            Change::Refund(order) => {
                self.refund_if_allowed(*order);
            }
            Change::RefundElsewhere(id, elsewhere) => self.refund_elsewhere(&id, elsewhere),
            Change::Index(charge) => {
                self.index.insert(charge.id.clone(), *charge);
            }
            Change::Sweep(id) => self.sweep(&id),
        }
    }

    /// Changes a charge, if it is still open or the customer pays late.
    pub(super) fn turn(&mut self, id: &str, becomes: Becomes) {
        let transaction = new_id("trxn", self.now, &mut self.random);
        let now = self.now;
        let Some(charge) = self.charges.get_mut(id) else {
            return;
        };
        let late = becomes == Becomes::PaidLate && charge.status != Status::Successful;
        if !charge.status.is_open() && !late {
            return;
        }
        match becomes {
            Becomes::Paid | Becomes::PaidLate => charge.status = Status::Successful,
            Becomes::PaidMore(satang) => {
                charge.status = Status::Successful;
                charge.order.amount += satang;
            }
            Becomes::PaidIn(currency) => {
                charge.status = Status::Successful;
                charge.order.currency = currency.to_owned();
            }
            Becomes::Failed(code) => {
                charge.status = Status::Failed;
                charge.failure = Some(Failure::of(code));
            }
            Becomes::Expired => charge.expire(now),
            Becomes::Reversed => {
                charge.status = Status::Reversed;
                charge.reversed_at = Some(now);
            }
            Becomes::Unknown(word) => charge.status = Status::Unknown(word),
        }
        let keys: &[&'static str] = match charge.status {
            Status::Successful => {
                charge.paid_at = Some(now);
                charge.failure = None;
                charge.transaction = Some(transaction);
                &["charge.complete"]
            }
            Status::Failed => &["charge.complete"],
            Status::Expired => self.settings.expire_event.keys(),
            Status::Reversed => &["charge.reverse"],
            Status::Pending | Status::Unknown(_) => &["charge.update"],
        };
        self.announce_charge(keys, id);
        self.index_later(id);
        self.plan_refunds_elsewhere(id);
    }

    /// Tells of a charge as it is now, once for each key.
    pub(super) fn announce_charge(&mut self, keys: &[&'static str], id: &str) {
        for key in keys {
            if let Some(charge) = self.charges.get(id) {
                let subject = Subject::Charge(Box::new(charge.clone()));
                self.announce(key, id, subject);
            }
        }
    }

    /// An open charge expires; a closed one gets an `expired_at` all the same (seen on real ones).
    fn sweep(&mut self, id: &str) {
        let Some(charge) = self.charges.get_mut(id) else {
            return;
        };
        if charge.status.is_open() {
            return self.turn(id, Becomes::Expired);
        }
        if charge.expired_at.is_none() {
            charge.expired_at = Some(charge.expires_at);
            charge.marked_expired = charge.status == Status::Failed;
            self.index_later(id);
        }
    }

    pub(super) fn announce(&mut self, key: &'static str, charge_id: &str, subject: Subject) {
        self.events.push(Event {
            id: new_id("evnt", self.now, &mut self.random),
            key,
            charge_id: charge_id.to_owned(),
            created_at: self.now,
            subject,
        });
    }

    pub(super) fn index_later(&mut self, id: &str) {
        if let Some(charge) = self.charges.get(id) {
            let at = self.now.plus(self.settings.search_lag);
            self.agenda.plan(at, Change::Index(Box::new(charge.clone())));
        }
    }
}
