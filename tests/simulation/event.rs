//! What oracles are told: everything that goes into or comes out of the terminal, the disk and the
//! gateway, in the order it happens.

use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::terminal::{
    Announcement, AttemptId, ChargeId, Feedback, Frame, Policy, Record, Reference, RefundId,
    Refusal, Reply, Request, RequestId, SaleView, Terminal,
};

/// Something that happened.
#[derive(Debug)]
pub struct Event<'a> {
    /// By the world's clock.
    pub at: Duration,
    /// Which process: counted from its starts.
    pub run: u32,
    pub what: What<'a>,
}

#[derive(Debug)]
pub enum What<'a> {
    /// A process starts with what the disk gave back: all of it in the order it was written, and
    /// what is not settled, sale by sale. Twins of the process can be started with other records.
    Booted { records: &'a [Record], unsettled: &'a [Record], start: &'a Start },
    /// Somebody means this sale to be about so many satang; at the till, or by typing.
    Meant { reference: &'a Reference, satang: i64, typed: bool },
    /// The sale's charge may be read, because of a command or a webhook.
    Asked(&'a Reference),
    /// Something is held before the scanner, or was so long ago.
    Scanned { text: &'a str, age: Duration },
    /// The record is on disk, for all that the disk says. The books do not have it yet.
    Wrote { record: &'a Record, bytes: &'a [u8] },
    /// The disk failed: the process ends (D4).
    WriteFailed,
    /// A request goes out.
    Sent { id: RequestId, ask: &'a Ask },
    /// Its answer comes in, at the process's own time.
    Answered { id: RequestId, ask: &'a Ask, reply: &'a Reply },
    /// The screen changes.
    Showed(&'a Frame),
    /// Hooks and till are told.
    Announced(&'a Announcement),
    /// A command is answered.
    Replied(&'a Result<SaleView, Refusal>),
    /// A scan or a key was judged.
    Judged(Feedback),
    /// Something changed at the gateway.
    Changed,
    /// The process stood still; it ran late by so long.
    Stalled(Duration),
    /// All effects of an input are done.
    Stepped { terminal: &'a Terminal },
    /// Nothing goes wrong from here on.
    Calm,
    /// Long enough after that for every attempt to be closed (L1).
    Closed,
}

/// How a process starts.
#[derive(Debug)]
pub struct Start {
    pub policy: Policy,
    pub now: Moment,
}

impl Start {
    /// The one place where a terminal is made.
    pub fn with(&self, unsettled: &[Record]) -> Terminal {
        Terminal::new(self.policy.clone(), unsettled, self.now)
    }
}

/// A request without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    Warm,
    Create { attempt: AttemptId, reference: Reference, satang: i64 },
    Get(ChargeId),
    Find(AttemptId),
    Expire(ChargeId),
    Refund { charge: ChargeId, id: RefundId, satang: i64 },
    Refunds(ChargeId),
}

impl Ask {
    /// What `request` asks.
    pub fn of(request: &Request) -> Self {
        match request {
            Request::Warm => Self::Warm,
            Request::Create { attempt, reference, amount, .. } => Self::Create {
                attempt: attempt.clone(),
                reference: reference.clone(),
                satang: amount.satang(),
            },
            Request::Get { charge } => Self::Get(charge.clone()),
            Request::Find { attempt, .. } => Self::Find(attempt.clone()),
            Request::Expire { charge } => Self::Expire(charge.clone()),
            Request::Refund(order) => Self::Refund {
                charge: order.charge.clone(),
                id: order.id.clone(),
                satang: order.amount.satang(),
            },
            Request::Refunds { charge } => Self::Refunds(charge.clone()),
        }
    }

    /// Its name in the table of cells.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Create { .. } => "create",
            Self::Get(_) => "get",
            Self::Find(_) => "find",
            Self::Expire(_) => "expire",
            Self::Refund { .. } => "refund",
            Self::Refunds(_) => "refunds",
        }
    }
}
