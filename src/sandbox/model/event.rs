//! What happened, as the gateway tells it: by webhook and on request.

use serde_json::{Value, json};

use super::charge::Charge;
use super::refund::Refund;
use crate::sandbox::moment::Moment;

/// Something that happened to a charge, with the charge or refund as it was right then.
#[derive(Clone)]
pub struct Event {
    pub(crate) id: String,
    pub(crate) key: &'static str,
    pub(crate) charge_id: String,
    pub(crate) created_at: Moment,
    pub(crate) subject: Subject,
}

/// What an event shows. Boxed, for a charge is large.
#[derive(Clone)]
pub(crate) enum Subject {
    Charge(Box<Charge>),
    Refund(Box<Refund>, String),
}

impl Event {
    /// The event's word, such as `charge.complete`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The charge it is about, for a refund too.
    #[must_use]
    pub fn charge_id(&self) -> &str {
        &self.charge_id
    }

    /// The event as the API and a webhook show it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let data = match &self.subject {
            Subject::Charge(charge) => charge.to_json(self.created_at),
            Subject::Refund(refund, currency) => refund.to_json(currency),
        };
        json!({
            "object": "event",
            "id": self.id,
            "livemode": false,
            "location": format!("/events/{}", self.id),
            "webhook_deliveries": [],
            "data": data,
            "key": self.key,
            "created_at": self.created_at.to_string(),
        })
    }
}
