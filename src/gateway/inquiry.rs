//! One request of the terminal as a value: what goes over the wire next, and what came of it. No
//! socket and no clock, so that the client and the simulation go the same way from a request to its
//! reply.

use super::Failure;
use super::call::Call;
use super::classify::{self, Exchange, classify, success};
use super::find::Search;
use crate::terminal::{ChargeId, RefundOrder, Reply, Request};

/// A request under way.
#[derive(Debug)]
pub struct Inquiry(Asked);

/// What an inquiry needs, or has found.
#[derive(Debug)]
pub enum Step {
    /// Send this once; what becomes of it goes to [`Inquiry::take`].
    Send(Call),
    /// The reply. Nothing more is to be sent.
    Done(Reply),
}

#[derive(Debug)]
enum Asked {
    Warm,
    Create,
    Get(ChargeId),
    Expire(ChargeId),
    Refund(RefundOrder),
    Refunds(ChargeId),
    Find(Search),
}

impl Inquiry {
    /// Begins to carry `request` out.
    #[must_use]
    pub fn begin(request: Request) -> (Self, Step) {
        let (asked, call) = match request {
            Request::Warm => (Asked::Warm, Ok(Call::warm())),
            Request::Create { attempt, reference, amount, code } => {
                (Asked::Create, Call::create(&attempt, &reference, amount, code))
            }
            Request::Get { charge } => {
                let call = Call::get(&charge);
                (Asked::Get(charge), call)
            }
            Request::Find { attempt, since } => {
                let search = Search::new(attempt, since);
                let call = Call::find(&search);
                (Asked::Find(search), Ok(call))
            }
            Request::Refund(order) => {
                let call = Call::refund(&order);
                (Asked::Refund(order), call)
            }
            Request::Refunds { charge } => {
                let call = Call::refunds(&charge);
                (Asked::Refunds(charge), call)
            }
            Request::Expire { charge } => {
                let call = Call::expire(&charge);
                (Asked::Expire(charge), call)
            }
        };
        let step = call.map_or_else(|failure: Failure| Step::Done(failure.into()), Step::Send);
        (Self(asked), step)
    }

    /// Takes what became of the call that was sent last. Ends: a look-up has a bounded number of
    /// pages, everything else one call.
    pub fn take(&mut self, exchange: &Exchange) -> Step {
        let asked = match &mut self.0 {
            Asked::Warm => classify::Asked::Warm,
            Asked::Create => classify::Asked::Create,
            Asked::Get(charge) => classify::Asked::Get(charge),
            Asked::Expire(charge) => classify::Asked::Expire(charge),
            Asked::Refund(order) => classify::Asked::Refund(order),
            Asked::Refunds(charge) => classify::Asked::Refunds(charge),
            Asked::Find(search) => return look(search, exchange),
        };
        Step::Done(classify(asked, exchange))
    }
}

fn look(search: &mut Search, page: &Exchange) -> Step {
    let found = match success(page) {
        Ok(body) => search.take(body),
        Err(failure) => Some(failure.into()),
    };
    found.map_or_else(|| Step::Send(Call::find(search)), Step::Done)
}
