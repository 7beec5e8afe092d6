//! The gateway: the sandbox's model is the truth, asked over the very calls that the client would
//! send. What the model leaves to others is here: customers, codes that are good for one payment,
//! and charges that turn late.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tillscan::gateway::Call as Sent;
use tillscan::sandbox::model::{Call, Content, Delivery, Model, Settings};
use tillscan::sandbox::{Behaviour, Moment, parameters};
use tillscan::terminal::{AttemptId, ChargeId, RefundId};

use crate::dice::Dice;
use crate::event::Ask;
use crate::faults::{Fault, Faults};
use crate::plan::{Move, Plan};
use crate::truth::{Charge, Truth};

/// A call on its way; it may arrive twice.
#[derive(Clone)]
pub struct Letter {
    method: String,
    path: String,
    body: Vec<u8>,
    /// Of a create: whose it is, with which code.
    pub create: Option<(AttemptId, String)>,
    /// Of a refund: which it is.
    pub refund: Option<RefundId>,
}

/// An answer as it leaves the gateway.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
    /// It does not arrive: the connection breaks, or nothing ever comes.
    pub lost: Option<Lost>,
}

/// How an answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Broken,
    Silence,
}

/// What somebody will do to a charge.
#[derive(Clone, Debug)]
pub enum Turn {
    /// The customer acts on the phone.
    Customer(Move),
    /// The gateway finds the money after all.
    Late,
    /// A webhook tells of it: of this event, counted from the gateway's first.
    Told(u64),
}

/// The gateway of a world.
pub struct Gateway {
    model: Model,
    epoch: i64,
    events_seen: usize,
    used: BTreeSet<String>,
    codes: BTreeMap<AttemptId, String>,
    /// Creates that the model carries out later.
    delayed: BTreeSet<AttemptId>,
    /// Refunds that the model carries out later, until when they are.
    refunding: BTreeMap<RefundId, Duration>,
    flips_drawn: BTreeSet<ChargeId>,
    /// Webhooks are sent.
    tells: bool,
    seed: u64,
}

impl Letter {
    /// Whether it may move money.
    pub fn moves_money(&self) -> bool {
        self.method != "GET"
    }

    /// The call as it goes over the wire.
    pub fn new(call: &Sent, ask: &Ask, create: Option<(AttemptId, String)>) -> Self {
        let body = call.body().unwrap_or_default().to_vec();
        let refund = match ask {
            Ask::Refund { id, .. } => Some(id.clone()),
            _ => None,
        };
        let (method, path) = (call.method().to_owned(), call.path().to_owned());
        Self { method, path, body, create, refund }
    }
}

impl Gateway {
    /// A gateway where nothing has happened; `epoch` is its wall clock when the world begins, in
    /// milliseconds.
    pub fn new(seed: u64, epoch: i64, faults: &mut Faults) -> Self {
        let mut settings = Settings::default();
        if faults.strikes(Fault::ListLag, 0) {
            let mut dice = faults.dice(Fault::ListLag, 1);
            settings.list_lag = dice.between(Duration::ZERO, LIST_LAG_MAX);
        }
        Self {
            model: Model::new(settings, seed),
            epoch,
            events_seen: 0,
            used: BTreeSet::new(),
            codes: BTreeMap::new(),
            delayed: BTreeSet::new(),
            refunding: BTreeMap::new(),
            flips_drawn: BTreeSet::new(),
            tells: faults.strikes(Fault::Webhooks, 0),
            seed,
        }
    }

    fn moment(&self, now: Duration) -> Moment {
        Moment::from_milliseconds(self.epoch + now.as_millis() as i64)
    }

    /// When something happens by itself.
    pub fn next_change(&self) -> Option<Duration> {
        let at = self.model.next_change()?.milliseconds() - self.epoch;
        Some(Duration::from_millis(u64::try_from(at).unwrap_or(0)))
    }

    /// Lets happen what is due by itself.
    pub fn advance(&mut self, now: Duration) {
        self.model.advance(self.moment(now));
    }

    /// Whether `letter` would make a charge if it arrived.
    pub fn would_charge(&self, letter: &Letter) -> bool {
        letter.create.as_ref().is_some_and(|(_, code)| !self.used.contains(code))
    }

    /// A call arrives, and an expire does nothing: the charge is answered as it is.
    pub fn receive_in_vain(&mut self, now: Duration, letter: &Letter) -> Answer {
        match letter.path.strip_suffix("/expire") {
            Some(path) => {
                let (method, path) = ("GET".to_owned(), path.to_owned());
                let read = Letter { method, path, body: Vec::new(), create: None, refund: None };
                self.receive(now, &read)
            }
            None => self.receive(now, letter),
        }
    }

    /// A call arrives.
    pub fn receive(&mut self, now: Duration, letter: &Letter) -> Answer {
        if let Some((attempt, code)) = &letter.create {
            if !self.used.insert(code.clone()) {
                // A wallet's code is good for one payment.
                return refusal(400, "invalid_charge", "the barcode was used");
            }
            self.codes.insert(attempt.clone(), code.clone());
            if Behaviour::of(code).name == "hang_then_charge" {
                self.delayed.insert(attempt.clone());
            }
        }
        let (path, query) = letter.path.split_once('?').unwrap_or((&letter.path, ""));
        let call = Call::of(&letter.method, path);
        let form = "application/x-www-form-urlencoded";
        let (Some(call), Ok(given)) = (call, parameters(query, form, &letter.body)) else {
            return refusal(404, "not_found", "the requested path was not found");
        };
        let reply = self.model.handle(self.moment(now), &call, &given);
        if let (Some(refund), Delivery::Held(_)) = (&letter.refund, &reply.delivery) {
            // One of the sandbox's courses makes it later.
            self.refunding.insert(refund.clone(), now + REFUNDED_WITHIN);
        }
        let lost = match reply.delivery {
            // Only a refund is answered late.
            Delivery::Whole | Delivery::Late(_) => None,
            Delivery::Truncated | Delivery::Dropped => Some(Lost::Broken),
            // Held longer than any request waits.
            Delivery::Held(_) => Some(Lost::Silence),
        };
        Answer {
            status: reply.status,
            retry_after: reply.retry_after.map(|seconds| Duration::from_secs(seconds.into())),
            body: match reply.content {
                Content::Json(text) => text.into_bytes(),
                Content::Html(page) => page.into_bytes(),
                Content::Garbage => b"\x00\x01 not json".to_vec(),
                Content::Empty => Vec::new(),
            },
            lost,
        }
    }

    /// Somebody does something to a charge.
    pub fn turn(&mut self, now: Duration, charge: &ChargeId, turn: &Turn) {
        let at = self.moment(now);
        match turn {
            Turn::Customer(Move::Pay) => drop(self.model.mark_as_paid(at, &charge.0)),
            Turn::Customer(Move::Refuse) => drop(self.model.mark_as_failed(at, &charge.0)),
            Turn::Late => self.model.pay_late(at, &charge.0),
            Turn::Told(_) => {}
        }
    }

    /// The body of the webhook that tells of an event.
    pub fn webhook(&self, event: u64) -> Vec<u8> {
        self.model.events()[event as usize].to_json().to_string().into_bytes()
    }

    /// Brings the truth up to date with the model. Returns what will be done to charges that are
    /// new or were just closed, and whether anything changed.
    pub fn tell(
        &mut self,
        truth: &mut Truth,
        faults: &mut Faults,
        plan: &Plan,
    ) -> (bool, Vec<(Duration, ChargeId, Turn)>) {
        let mut turns = Vec::new();
        let news = &self.model.events()[self.events_seen..];
        let ids: Vec<ChargeId> =
            news.iter().map(|event| ChargeId(event.charge_id().to_owned())).collect();
        let before = self.events_seen;
        self.events_seen += ids.len();
        if self.tells {
            for (number, id) in (before as u64..).zip(&ids) {
                if !faults.strikes(Fault::Untold, number) {
                    let mut dice = Dice::of(self.seed, "webhook", number);
                    let longest = Duration::from_secs(dice.pick(&[1, 1, 30]));
                    let after = dice.between(Duration::from_millis(20), longest);
                    turns.push((after, id.clone(), Turn::Told(number)));
                }
            }
        }
        for id in &ids {
            let Some(real) = self.model.truth(&id.0) else { continue };
            if !truth.charges.iter().any(|charge| charge.id == *id) {
                let text = |name: &str| {
                    let value = real.metadata.get(name).and_then(|value| value.as_str());
                    value.unwrap_or_default().to_owned()
                };
                let attempt = AttemptId(text("attempt"));
                self.delayed.remove(&attempt);
                let customer = self.codes.get(&attempt).and_then(|code| plan.customers.get(code));
                if let Some((after, move_)) = customer {
                    turns.push((*after, id.clone(), Turn::Customer(*move_)));
                }
                truth.charges.push(Charge {
                    id: id.clone(),
                    attempt,
                    reference: text("reference"),
                    asked: real.amount,
                    moved: 0,
                    refunded: 0,
                    refunds: Vec::new(),
                    currency: real.currency.clone(),
                    status: String::new(),
                    was_closed: false,
                });
            }
            let number = truth.charges.iter().position(|charge| charge.id == *id);
            let Some(number) = number else { continue };
            let charge = &mut truth.charges[number];
            charge.update(&real);
            let closed = charge.was_closed && !charge.is_paid();
            let first = closed && self.flips_drawn.insert(id.clone());
            if first && faults.strikes(Fault::LateFlip, number as u64) {
                let mut dice: Dice = faults.dice(Fault::LateFlip, 1_000 + number as u64);
                let after = Duration::from_secs(1) + dice.span(FLIP_MAX);
                turns.push((after, id.clone(), Turn::Late));
            }
        }
        (!ids.is_empty(), turns)
    }

    /// Brings the truth up to date with what is still under way to the gateway, and in it.
    pub fn look_at_the_way<'a>(
        &self,
        now: Duration,
        letters: impl Iterator<Item = &'a Letter>,
        truth: &mut Truth,
    ) {
        truth.on_the_way.clear();
        let refunding = self.refunding.iter().filter(|(_, until)| **until > now);
        truth.refunds_on_the_way = refunding.map(|(id, _)| id.clone()).collect();
        for letter in letters {
            truth.refunds_on_the_way.extend(letter.refund.clone());
            if self.would_charge(letter)
                && let Some((attempt, _)) = &letter.create
            {
                *truth.on_the_way.entry(attempt.clone()).or_default() += 1;
            }
        }
        for attempt in &self.delayed {
            *truth.on_the_way.entry(attempt.clone()).or_default() += 1;
        }
    }
}

/// Opn's error body.
pub fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(r#"{{"object":"error","code":"{code}","message":"{message}"}}"#);
    Answer { status, retry_after: None, body: body.into_bytes(), lost: None }
}

/// How late a list may show a new charge: with a slow request and a slow create before it, still
/// within the quarantine.
const LIST_LAG_MAX: Duration = Duration::from_secs(30);
/// The latest that the sandbox makes a refund after it was asked: row 85, and a moment.
const REFUNDED_WITHIN: Duration = Duration::from_millis(15_001);
/// How late a closed charge may turn successful, within the watch.
const FLIP_MAX: Duration = Duration::from_secs(23 * 3_600);
