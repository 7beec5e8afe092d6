//! The words in which a behaviour is written: what becomes of a payment, and what a client is told
//! of it.
//!
//! Only vocabulary. [`behaviour`](super::behaviour) writes the scripts with it, the model plays
//! them.

use std::time::Duration;

/// Everything that is special about the payments made with one kind of code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    /// Whether a charge is made at all, when, and what the creator is told.
    pub(crate) admission: Admission,
    /// What the charge becomes by itself, counted from its creation.
    pub(crate) turns: &'static [Turn],
    /// What an expire call does while the charge is open.
    pub(crate) expiry: Expiry,
    /// What a refund call does.
    pub(crate) refunds: Refunds,
    /// Money that somebody else gives back.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// What reading the charge by its id is like.
    pub(crate) reads: Reads,
    /// How long after its creation the charge is still absent from lists.
    pub(crate) listed_after: Duration,
    /// A peculiarity of the charge's JSON.
    pub(crate) oddity: Oddity,
}

/// A payment without peculiarities which nobody pays.
pub(crate) const PLAIN: Script = Script {
    admission: Admission::Made(Seen::Whole),
    turns: &[],
    expiry: Expiry::Works,
    refunds: Refunds::Plain,
    elsewhere: None,
    reads: Reads::Plain,
    listed_after: Duration::ZERO,
    oddity: Oddity::None,
};

/// What a create or refund call does to the gateway's truth. What it makes is a charge or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is made at once; the client sees this of it.
    Made(Seen),
    /// It is not made, and the answer says why.
    Refused(Refusal),
    /// It is not made; the connection is held that long, then closed without a byte.
    Swallowed {
        /// How long the connection is held.
        hold: Duration,
    },
    /// It is made after a while, whether or not the client still waits.
    Delayed {
        /// When it is made, counted from the call.
        after: Duration,
        /// How long the connection is held before it is closed without a byte.
        hold: Duration,
    },
}

/// What the client sees of a charge or refund that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// All of it, as it is.
    Whole,
    /// All of it, after this time.
    Late(Duration),
    /// Nothing: the connection is closed without a byte.
    Nothing,
    /// A proxy's HTML page with this status.
    Page(u16),
    /// `400 backend_error`.
    BackendError,
    /// Status 200 with a body that is not JSON.
    Garbage,
    /// Status 200 with the first half of the JSON.
    Truncated,
    /// Status 200 without a body.
    Empty,
    /// Status 200 with somebody else's: a charge is successful, a refund is of another charge.
    Foreign,
}

/// Why nothing is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `400 invalid_charge`.
    InvalidCharge,
    /// `400 bad_request`.
    BadRequest,
    /// `400 backend_error`.
    BackendError,
    /// `400 failed_refund`, with this message.
    FailedRefund(&'static str),
    /// `429` with `Retry-After: 1`.
    TooManyRequests,
    /// `503` with an HTML page.
    Unavailable,
}

/// After so many milliseconds, counted from the charge's creation, the charge becomes this.
/// A turn at zero has already happened in the reply to the create call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn(pub(crate) u64, pub(crate) Becomes);

/// What a charge becomes. Only [`Becomes::PaidLate`] changes a charge that is no longer open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Becomes {
    /// Successful.
    Paid,
    /// Successful although it had already failed or expired.
    PaidLate,
    /// Successful, with so many satang more than were asked for.
    PaidMore(i64),
    /// Successful, in this currency instead of the one asked for.
    PaidIn(&'static str),
    /// Failed, with this failure code.
    Failed(&'static str),
    /// Expired, without a failure code.
    Expired,
    /// Reversed.
    Reversed,
    /// Of a status that no documentation names. The charge stays open.
    Unknown(&'static str),
}

/// What an expire call does to a charge that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// The charge expires and the answer says so.
    Works,
    /// The customer was faster: the charge is successful and the call fails.
    LosesToPayment,
    /// The charge expires, and is successful after this time nevertheless.
    PaidAfter(Duration),
    /// The charge expires; the connection is closed without a byte.
    AnswerLost,
    /// The first call answers with this status and does nothing; the next one works.
    FailsOnce(u16),
}

/// What a refund call does, where the rules allow it: the amount, the count and the window are
/// checked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refunds {
    /// It gives the money back.
    Plain,
    /// The first one does this, any later one gives the money back.
    First(Admission),
    /// Each one does this.
    Always(Admission),
    /// The window is closed as soon as the charge is paid.
    TooLate,
    /// Only all of the charge at once can be given back.
    WholeOnly,
}

/// Refunds that somebody else makes, such as a person at Opn's dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// When, counted from the payment.
    pub(crate) after: Duration,
    /// How many at that time.
    pub(crate) times: u8,
    /// How many of 100 satang each gives back.
    pub(crate) percent: i64,
}

/// What reading a charge by its id is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// As it should be.
    Plain,
    /// The first so many reads answer 429 with `Retry-After: 1`.
    TooManyRequests(u32),
    /// Until this long after the creation, reads answer 500.
    Failing(Duration),
    /// Until this long after the creation, reads answer 404.
    Missing(Duration),
}

/// A peculiarity of the charge's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// None.
    None,
    /// Fields that no documentation names.
    ExtraFields,
    /// `expired_at` is set once the charge is successful, while `expired` stays false.
    ExpiredAtWhenPaid,
}
