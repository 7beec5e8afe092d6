//! The network behind the loop's own gateway client: each exchange is one message, befallen by at
//! most one fault. What a request is about is read off the wire.

use tillscan::gateway::{self, Asked, Call, Exchange, Exchanging, Search, Wire, classify};
use tillscan::money::Amount;
use tillscan::terminal::{AttemptId, ChargeId, RefundId, RefundOrder, Reply, RequestId};
use tokio::sync::oneshot;

use super::world::{Coming, Shared, World, lock};
use crate::dice::Dice;
use crate::event::{Ask, What};
use crate::faults::Fault;
use crate::gateway::Letter;
use crate::network::{Back, TIME_OUT, Way, spoil};
use crate::oracles::Violation;
use crate::world::Checked;

/// The process's end of the network.
pub struct Line(pub Shared);

impl std::fmt::Debug for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Line")
    }
}

impl Wire for Line {
    fn exchange(&self, call: Call) -> Exchanging<'_> {
        let (back, answer) = oneshot::channel();
        let mut world = lock(&self.0);
        if let Err(violation) = world.sends(&call, back) {
            world.broken.get_or_insert(violation);
        }
        Box::pin(async move {
            match answer.await {
                Ok(exchange) => exchange,
                // The process is gone, and this with it.
                Err(_) => std::future::pending().await,
            }
        })
    }
}

/// One exchange under way.
pub struct Waiting {
    ask: Ask,
    back: oneshot::Sender<Exchange>,
}

impl World {
    fn sends(&mut self, call: &Call, back: oneshot::Sender<Exchange>) -> Checked {
        if self.process.is_none() {
            return Ok(());
        }
        self.looks_at_the_clock();
        self.hears()?;
        let (ask, code) = read(call)?;
        self.counters.messages += 1;
        let number = self.counters.messages;
        self.tell(What::Sent { id: RequestId(number), ask: &ask })?;
        let create = match (&ask, code) {
            (Ask::Create { attempt, .. }, Some(code)) => {
                self.counters.attempts += 1;
                Some((attempt.clone(), code))
            }
            _ => None,
        };
        let letter = Letter::new(call, &ask, create);
        let fault = self.faults.of_message(number);
        self.trace.sent(self.now, number, ask.word(), fault);
        let way = Way::of(fault, Dice::of(self.seed, "way", number));
        let way = if letter.refund.is_some() { way.once() } else { way };
        for (nth, after) in way.arrives.iter().enumerate() {
            // A copy is answered too, but nobody listens.
            let exchange = (nth == 0).then_some(number);
            let (letter, back) = (letter.clone(), way.back);
            self.comes(self.now + *after, Coming::Arrives { letter, exchange, back });
        }
        if let Some((after, exchange)) = way.instead {
            self.comes(self.now + after, Coming::Returns(number, exchange));
        }
        self.comes(self.now + TIME_OUT, Coming::Returns(number, Exchange::TimedOut));
        self.open.insert(number, Waiting { ask, back });
        self.looks_at_the_way();
        Ok(())
    }

    /// A message reaches the gateway.
    pub fn arrives(&mut self, letter: &Letter, exchange: Option<u64>, back: Back) -> Checked {
        let hollow = matches!(back, Back::Replaced(_, Fault::Hollow));
        let answer = if hollow {
            self.gateway.receive_in_vain(self.now, letter)
        } else {
            self.gateway.receive(self.now, letter)
        };
        self.changed()?;
        let Some(number) = exchange else { return Ok(()) };
        let dice = Dice::of(self.seed, "spoil", number);
        let moves = letter.moves_money();
        let (after, exchange) = match back {
            Back::Never => return Ok(()),
            Back::After(after) => (after, spoil(answer, None, moves, dice)),
            Back::Broken(after) => (after, Exchange::Broken),
            Back::Replaced(after, fault) => (after, spoil(answer, Some(fault), moves, dice)),
        };
        if !matches!(exchange, Exchange::TimedOut) {
            self.comes(self.now + after, Coming::Returns(number, exchange));
        }
        Ok(())
    }

    /// What became of an exchange reaches the process, if it still waits for it.
    pub fn returns(&mut self, number: u64, exchange: Exchange) -> Checked {
        let Some(Waiting { ask, back }) = self.open.remove(&number) else { return Ok(()) };
        self.trace.note(self.now, || format!("> {exchange:?} to message {number}"));
        if let Some(reply) = reply(&ask, &exchange) {
            self.tell(What::Answered { id: RequestId(number), ask: &ask, reply: &reply })?;
        }
        // The process may have stopped in this very moment.
        let _ = back.send(exchange);
        Ok(())
    }
}

/// What a call asks, and the code in it.
fn read(call: &Call) -> Result<(Ask, Option<String>), Violation> {
    let (path, query) = call.path().split_once('?').unwrap_or((call.path(), ""));
    let form = std::str::from_utf8(call.body().unwrap_or_default()).unwrap_or_default();
    let field = |name: &str| {
        let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
    };
    let number = |name: &str| field(name).and_then(|digits| digits.parse::<i64>().ok());
    let charge = || ChargeId(call.subject().to_owned());
    let attempt = || AttemptId(call.subject().to_owned());
    let ask = match (call.method(), path) {
        ("POST", "/charges") => {
            let reference = field("metadata%5Breference%5D").and_then(|name| name.parse().ok());
            let satang = number("amount");
            let strange = || Violation::new("S10", format!("a create without a sale: {call:?}"));
            Ask::Create {
                attempt: attempt(),
                reference: reference.ok_or_else(strange)?,
                satang: satang.ok_or_else(strange)?,
            }
        }
        ("POST", _) if path.ends_with("/refunds") => {
            let (id, satang) = (field("metadata%5Brefund%5D"), number("amount"));
            let strange = || Violation::new("S9", format!("a refund of nothing: {call:?}"));
            Ask::Refund {
                charge: charge(),
                id: RefundId(id.ok_or_else(strange)?),
                satang: satang.ok_or_else(strange)?,
            }
        }
        (_, _) if path.ends_with("/refunds") => Ask::Refunds(charge()),
        ("POST", _) => Ask::Expire(charge()),
        (_, "/charges") if query.contains("offset=") => Ask::Find(attempt()),
        (_, "/charges") => Ask::Warm,
        (_, _) => Ask::Get(charge()),
    };
    Ok((ask, field("source%5Bbarcode%5D")))
}

/// What the exchange tells, where it is the last one of its request. These worlds' lists have one
/// page, so that none is looked up by a second one.
fn reply(ask: &Ask, exchange: &Exchange) -> Option<Reply> {
    let order;
    let asked = match ask {
        Ask::Warm => Asked::Warm,
        Ask::Create { .. } => Asked::Create,
        Ask::Get(charge) => Asked::Get(charge),
        Ask::Expire(charge) => Asked::Expire(charge),
        Ask::Refund { charge, id, satang } => {
            let (charge, id) = (charge.clone(), id.clone());
            order = RefundOrder { charge, id, amount: Amount::from_satang(*satang)? };
            Asked::Refund(&order)
        }
        Ask::Refunds(charge) => Asked::Refunds(charge),
        Ask::Find(attempt) => {
            if let Exchange::Answered(gateway::Answer { status: 200, body: Some(body), .. }) =
                exchange
            {
                return Search::new(attempt.clone(), None).take(body);
            }
            // What no page tells, no other question does.
            Asked::Warm
        }
    };
    Some(classify(asked, exchange))
}
