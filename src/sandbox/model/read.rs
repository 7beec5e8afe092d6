//! The calls that only read: nothing happens to a charge here but that its reads are counted.

use std::time::Duration;

use super::list::Page;
use super::refund::Refund;
use super::{ApiError, Event, Model, Parameters, Reply, account, no_charge, search};
use crate::sandbox::moment::Moment;
use crate::sandbox::script::Reads;

impl Model {
    /// `GET /charges/:id`.
    pub fn charge(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "get");
        let (now, speed) = (self.now, self.settings.speed);
        let charge = match self.find(id) {
            Ok(charge) => charge,
            Err(error) => return error.into(),
        };
        charge.reads = charge.reads.saturating_add(1);
        let (reads, created_at, script) = (charge.reads, charge.created_at, charge.script);
        let answer = Reply::ok(&charge.shown(now));
        let within = |time: Duration| now < created_at.plus(speed.scale(time));
        match script.reads {
            Reads::TooManyRequests(first) if reads <= first => Reply::too_many_requests(),
            Reads::Failing(time) if within(time) => Reply::page(500),
            Reads::Missing(time) if within(time) => no_charge(id).into(),
            Reads::TooManyRequests(_) | Reads::Failing(_) | Reads::Missing(_) | Reads::Plain => {
                answer
            }
        }
    }

    /// `GET /charges`.
    pub fn list(&mut self, now: Moment, parameters: &Parameters) -> Reply {
        self.begin(now, "list");
        let listed = self.charges.values().filter(|charge| {
            let own = self.settings.speed.scale(charge.script.listed_after);
            charge.created_at.plus(own.max(self.settings.list_lag)) <= self.now
        });
        Page::read(parameters, self.now)
            .map(|page| {
                let now = self.now;
                page.of(listed, |charge| charge.created_at, |charge| charge.shown(now), "/charges")
            })
            .into()
    }

    /// `GET /search` and `GET /charges/search`.
    pub fn search(&mut self, now: Moment, parameters: &Parameters) -> Reply {
        self.begin(now, "search");
        search::search(self.index.values(), parameters, self.now).into()
    }

    /// `GET /charges/:id/refunds`.
    pub fn refunds(&mut self, now: Moment, id: &str, parameters: &Parameters) -> Reply {
        self.begin(now, "list_refunds");
        let now = self.now;
        let page = self.find(id).and_then(|charge| {
            let page = Page::read(parameters, now)?;
            let location = format!("{}/refunds", charge.location());
            let to_json = |refund: &Refund| refund.to_json(&charge.order.currency);
            Ok(page.of(charge.refunds.iter(), |refund| refund.created_at, to_json, &location))
        });
        page.into()
    }

    /// `GET /refunds`.
    pub fn all_refunds(&mut self, now: Moment, parameters: &Parameters) -> Reply {
        self.begin(now, "list_refunds");
        let mut refunds: Vec<(&Refund, &str)> = Vec::new();
        for charge in self.charges.values() {
            let currency = charge.order.currency.as_str();
            refunds.extend(charge.refunds.iter().map(|refund| (refund, currency)));
        }
        refunds.sort_by(|one, other| one.0.id.cmp(&other.0.id));
        let to_json = |item: (&Refund, &str)| item.0.to_json(item.1);
        Page::read(parameters, self.now)
            .map(|page| page.of(refunds.into_iter(), |item| item.0.created_at, to_json, "/refunds"))
            .into()
    }

    /// `GET /charges/:id/refunds/:refund_id`.
    pub fn refund_by_id(&mut self, now: Moment, id: &str, refund_id: &str) -> Reply {
        self.begin(now, "get_refund");
        let found = self.find(id).and_then(|charge| {
            let refund = charge.refunds.iter().find(|refund| refund.id == refund_id);
            let json = refund.map(|refund| refund.to_json(&charge.order.currency));
            json.ok_or_else(|| ApiError::not_found(&format!("refund {refund_id}")))
        });
        found.into()
    }

    /// `GET /events`, and with a charge's id `GET /charges/:id/events`.
    pub fn event_list(
        &mut self,
        now: Moment,
        charge_id: Option<&str>,
        parameters: &Parameters,
    ) -> Reply {
        self.begin(now, "list_events");
        if let Some(id) = charge_id
            && let Err(error) = self.find(id)
        {
            return error.into();
        }
        let wanted = |event: &&Event| charge_id.is_none_or(|id| event.charge_id == id);
        let location = charge_id.map(|id| format!("/charges/{id}/events"));
        let location = location.unwrap_or_else(|| "/events".to_owned());
        Page::read(parameters, self.now)
            .map(|page| {
                let events = self.events.iter().filter(wanted);
                page.of(events, |event| event.created_at, |event| event.to_json(), &location)
            })
            .into()
    }

    /// `GET /events/:id`.
    pub fn event(&mut self, now: Moment, id: &str) -> Reply {
        self.begin(now, "get_event");
        let event = self.events.iter().find(|event| event.id == id).map(Event::to_json);
        event.ok_or_else(|| ApiError::not_found(&format!("event {id}"))).into()
    }

    /// `GET /account`.
    pub fn account(&mut self, now: Moment) -> Reply {
        self.begin(now, "account");
        Reply::ok(&account::account())
    }

    /// `GET /capability`.
    pub fn capability(&mut self, now: Moment) -> Reply {
        self.begin(now, "capability");
        Reply::ok(&account::capability())
    }
}
