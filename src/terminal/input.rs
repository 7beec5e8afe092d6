//! What can happen to a terminal. Inputs are facts.

use zeroize::Zeroizing;

use super::id::{AttemptId, ChargeId, Reference};
use super::policy::Policy;
use super::record::Record;
use super::refund::RefundWish;
use super::reply::Reply;
use super::request::RequestId;
use crate::clock::Moment;
use crate::money::Amount;
use crate::scanner;

/// One fact from outside.
#[derive(Debug)]
pub enum Input {
    /// The till, the command line or a person wants something; the answer goes to `token`.
    Commanded {
        /// Whom to answer.
        token: Token,
        /// What is wanted.
        command: Command,
    },
    /// A scanner read something.
    Scanned(Scan),
    /// A scanner's reading was damaged on the way.
    ScanDamaged(Damage),
    /// A key of the numeric keypad was pressed.
    Keyed {
        /// Which key.
        key: scanner::Key,
        /// The sale's name if the key arms one: drawn anew by the shell for every key, the core
        /// throws no dice.
        reference: Reference,
        /// What the journal knows of that name: nothing, or the key arms nothing. Only Enter needs
        /// it.
        history: Vec<Record>,
    },
    /// The answer to a request of ours.
    Replied {
        /// Which request.
        id: RequestId,
        /// What it proves.
        reply: Reply,
    },
    /// Somebody says that something happened to a charge. Only a hint: it is read, not believed.
    Hinted {
        /// Which charge.
        charge: ChargeId,
        /// The journal's records of the sale whose charge it is, where the terminal does not hold
        /// that sale; empty for a charge of nobody's.
        history: Vec<Record>,
        /// When that was heard.
        heard: Heard,
    },
    /// The time of `next_deadline` has come, or has not: spurious ones are harmless.
    TimerFired,
    /// The configuration was read again.
    Configured(Box<Policy>),
}

/// When a hint was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Just now: more may be counted on.
    Now,
    /// Before the daemon started: it is repeated, in case nothing came of it then.
    Before,
}

/// Names a caller who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub u64);

/// A wish about one sale. `history` are the journal's records of the sale, oldest first, where the
/// terminal does not hold it (see [`Terminal::sale`](super::Terminal::sale)); empty for a sale that
/// never was.
#[derive(Debug)]
pub struct Command {
    /// Which sale.
    pub reference: Reference,
    /// What about it.
    pub wish: Wish,
    /// What the journal knows of it.
    pub history: Vec<Record>,
}

/// What is wanted of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Make it ready to take a code. Idempotent: the same reference and amount is the same sale.
    Arm {
        /// What the customer is to pay.
        amount: Amount,
        /// What to do with a sale that ended unpaid.
        closed: IfClosed,
    },
    /// Close it unpaid, if it can still be; paid wins.
    Cancel,
    /// Read it at once instead of at the next poll.
    Check,
    /// Free the terminal although the sale is unknown.
    Detach,
    /// The result was seen.
    Acknowledge(LateMoney),
    /// Give money of a paid sale back.
    Refund(RefundWish),
}

/// What becomes of money that came late, when somebody has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateMoney {
    /// The shop keeps it: the goods were handed out, or are now.
    Keep,
    /// All of it goes back.
    GiveBack,
}

/// What arming does with a sale that ended unpaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfClosed {
    /// Answer with it as it is, so that a till may repeat its request blindly.
    Keep,
    /// Take another code for it: a new attempt (S8).
    Again,
}

/// One decoded reading of a scanner.
#[derive(Debug)]
pub struct Scan {
    /// What was read; wiped on drop.
    pub text: Zeroizing<String>,
    /// When its first byte came.
    pub first: Moment,
    /// When its last byte came.
    pub last: Moment,
    /// The attempt's name if the scan is accepted: drawn by the shell, the core throws no dice.
    pub attempt: AttemptId,
}

/// How a reading was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Over 512 bytes.
    TooLong,
    /// Control characters inside.
    ControlCharacters,
    /// Lost or garbled on the way: a part of a code must never pass for a code.
    Partial,
}
