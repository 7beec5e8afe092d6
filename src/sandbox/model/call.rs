//! Every call of the API as one type: how a path names it, and which function answers it.

use super::{Model, Parameters, Reply};
use crate::sandbox::moment::Moment;

/// A call of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `GET /account`
    Account,
    /// `GET /capability`
    Capability,
    /// `POST /charges`
    Create,
    /// `GET /charges`
    List,
    /// `GET /search`, `GET /charges/search`
    Search,
    /// `GET /charges/:id`
    Charge(String),
    /// `PATCH /charges/:id`
    Update(String),
    /// `POST /charges/:id/expire`
    Expire(String),
    /// `POST /charges/:id/reverse`
    Reverse(String),
    /// `POST /charges/:id/mark_as_paid`
    MarkAsPaid(String),
    /// `POST /charges/:id/mark_as_failed`
    MarkAsFailed(String),
    /// `POST /charges/:id/refunds`
    Refund(String),
    /// `GET /charges/:id/refunds`
    Refunds(String),
    /// `GET /charges/:id/refunds/:refund_id`
    RefundById(String, String),
    /// `GET /refunds`
    AllRefunds,
    /// `GET /events`
    Events,
    /// `GET /events/:id`
    Event(String),
    /// `GET /charges/:id/events`
    ChargeEvents(String),
}

impl Call {
    /// The call that a method and path name. A slash at the end does not matter.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        let owned = |id: &str| id.to_owned();
        let call = match (method, steps.as_slice()) {
            ("GET", ["account"]) => Self::Account,
            ("GET", ["capability"]) => Self::Capability,
            ("POST", ["charges"]) => Self::Create,
            ("GET", ["charges"]) => Self::List,
            ("GET", ["search"] | ["charges", "search"]) => Self::Search,
            ("GET", ["charges", id]) => Self::Charge(owned(id)),
            ("PATCH", ["charges", id]) => Self::Update(owned(id)),
            ("POST", ["charges", id, "expire"]) => Self::Expire(owned(id)),
            ("POST", ["charges", id, "reverse"]) => Self::Reverse(owned(id)),
            ("POST", ["charges", id, "mark_as_paid"]) => Self::MarkAsPaid(owned(id)),
            ("POST", ["charges", id, "mark_as_failed"]) => Self::MarkAsFailed(owned(id)),
            ("POST", ["charges", id, "refunds"]) => Self::Refund(owned(id)),
            ("GET", ["charges", id, "refunds"]) => Self::Refunds(owned(id)),
            ("GET", ["charges", id, "refunds", refund]) => {
                Self::RefundById(owned(id), owned(refund))
            }
            ("GET", ["charges", id, "events"]) => Self::ChargeEvents(owned(id)),
            ("GET", ["refunds"]) => Self::AllRefunds,
            ("GET", ["events"]) => Self::Events,
            ("GET", ["events", id]) => Self::Event(owned(id)),
            _ => return None,
        };
        Some(call)
    }
}

impl Model {
    /// Answers a call.
    pub fn handle(&mut self, now: Moment, call: &Call, parameters: &Parameters) -> Reply {
        match call {
            Call::Account => self.account(now),
            Call::Capability => self.capability(now),
            Call::Create => self.create(now, parameters),
            Call::List => self.list(now, parameters),
            Call::Search => self.search(now, parameters),
            Call::Charge(id) => self.charge(now, id),
            Call::Update(id) => self.update(now, id, parameters),
            Call::Expire(id) => self.expire(now, id),
            Call::Reverse(id) => self.reverse(now, id),
            Call::MarkAsPaid(id) => self.mark_as_paid(now, id),
            Call::MarkAsFailed(id) => self.mark_as_failed(now, id),
            Call::Refund(id) => self.refund(now, id, parameters),
            Call::Refunds(id) => self.refunds(now, id, parameters),
            Call::RefundById(id, refund_id) => self.refund_by_id(now, id, refund_id),
            Call::AllRefunds => self.all_refunds(now, parameters),
            Call::Events => self.event_list(now, None, parameters),
            Call::Event(id) => self.event(now, id),
            Call::ChargeEvents(id) => self.event_list(now, Some(id), parameters),
        }
    }
}
