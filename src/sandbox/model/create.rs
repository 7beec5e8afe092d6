//! The create call: whether a charge is made, when, and what its creator is told.

use serde_json::Value;

use super::agenda::Change;
use super::charge::{Charge, Status};
use super::event::Subject;
use super::order::Order;
use super::{ApiError, Model, Parameters, Reply};
use crate::sandbox::behaviour::Behaviour;
use crate::sandbox::moment::{Moment, new_id};
use crate::sandbox::script::{Admission, Script, Seen, Turn};

impl Model {
    /// `POST /charges`. An idempotency key would not help: the gateway knows none.
    pub fn create(&mut self, now: Moment, parameters: &Parameters) -> Reply {
        self.begin(now, "create");
        let attempt = parameters.object("metadata").and_then(|metadata| metadata.get("attempt"));
        if let Some(attempt) = attempt.and_then(Value::as_str) {
            self.ledger.count_create(attempt);
        }
        let order = match Order::read(parameters) {
            Ok(order) => order,
            Err(error) => return error.into(),
        };
        if self.charges.len() >= CHARGES_MAX {
            return full().into();
        }
        let script = &Behaviour::of(order.barcode.as_str()).script;
        let speed = self.settings.speed;
        match script.admission {
            Admission::Made(seen) => {
                let id = self.make(order, script);
                self.tell_creator(&id, seen)
            }
            Admission::Refused(refusal) => Reply::refused(refusal),
            Admission::Swallowed { hold } => Reply::held(speed.scale(hold)),
            Admission::Delayed { after, hold } => {
                let at = self.now.plus(speed.scale(after));
                self.agenda.plan(at, Change::Make(Box::new(order), script));
                Reply::held(speed.scale(hold))
            }
        }
    }

    /// Makes a charge and plans what becomes of it. Returns its id.
    pub(super) fn make(&mut self, order: Order, script: &'static Script) -> String {
        let now = self.now;
        let id = new_id("chrg", now, &mut self.random);
        let expires_at = now.plus(order.wallet.time_to_live());
        let charge = Charge {
            id: id.clone(),
            source_id: new_id("src", now, &mut self.random),
            document_id: new_id("docu", now, &mut self.random),
            order,
            status: Status::Pending,
            failure: None,
            transaction: None,
            created_at: now,
            expires_at,
            paid_at: None,
            expired_at: None,
            reversed_at: None,
            marked_expired: false,
            refunds: Vec::new(),
            refund_calls: 0,
            reads: 0,
            expire_calls: 0,
            script,
        };
        self.announce("charge.create", &id, Subject::Charge(Box::new(charge.clone())));
        self.charges.insert(id.clone(), charge);
        self.index_later(&id);
        let sweep_at = expires_at.rounded_up_to(self.settings.sweep_period);
        self.agenda.plan(sweep_at, Change::Sweep(id.clone()));
        for Turn(after_ms, becomes) in script.turns {
            let after = std::time::Duration::from_millis(*after_ms);
            if after.is_zero() {
                self.turn(&id, *becomes);
            } else {
                let at = now.plus(self.settings.speed.scale(after));
                self.agenda.plan(at, Change::Turn(id.clone(), *becomes));
            }
        }
        id
    }

    /// The answer to the creator, as much of it as it is to see.
    fn tell_creator(&mut self, id: &str, seen: Seen) -> Reply {
        let whole = if seen == Seen::Foreign {
            let foreign = new_id("chrg", self.now, &mut self.random);
            let now = self.now;
            self.find(id).map(|charge| charge.as_foreign(foreign).to_json(now)).into()
        } else {
            self.shown(id)
        };
        whole.seen_as(seen, self.settings.speed)
    }
}

/// A sandbox forgets nothing, so it must end somewhere.
const CHARGES_MAX: usize = 10_000;

fn full() -> ApiError {
    let message = format!("the sandbox holds {CHARGES_MAX} charges and takes no more; restart it");
    ApiError { status: 503, code: "service_unavailable", message }
}
