//! Sends events to the shop's webhook: signed, and as unreliable as it is asked to be.
//!
//! `secret` signs, `layout` writes the body, `fate` draws what goes wrong with each letter, and
//! `postman` carries it all out. Everything is bounded: letters that wait, letters on their way,
//! tries for each, and time for each try. No call of the API waits for any of it.

mod fate;
mod layout;
mod postman;
mod secret;

use std::time::Duration;

use reqwest::Url;

pub use self::layout::ApiVersion;
pub use self::secret::{SecretRoll, WebhookSecret, WebhookSecretError};

pub(crate) use self::postman::Postman;

/// Where events are sent, and what goes wrong on the way. Debug shows no secret.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// Where to.
    pub url: Url,
    /// What they are signed with, if at all.
    pub secret: Option<WebhookSecret>,
    /// The secret that comes after it, and when. Means nothing without a first one.
    pub roll: Option<SecretRoll>,
    /// In which version of the API the body is written: the account's own, as Opn does it, whatever
    /// version a request asks for.
    pub version: ApiVersion,
    /// How far the clock that dates the signature is ahead, in seconds; behind where negative.
    pub clock_skew_s: i64,
    /// How long each waits before it is sent.
    pub delay: Duration,
    /// Up to how much longer each waits, at random: so one may overtake another.
    pub delay_spread: Duration,
    /// How many of 100 are sent twice, with the same event id and bytes.
    pub duplicate_percent: u8,
    /// How many of 100 wait until the next one has been handed over, or for 2 s.
    pub swap_percent: u8,
    /// How many of 100 are never sent.
    pub loss_percent: u8,
    /// How often each is tried until it is answered with a 2xx. Opn's own number is not documented.
    pub tries: u32,
}

impl WebhookOptions {
    /// Unsigned, at once, reliably.
    #[must_use]
    pub const fn to(url: Url) -> Self {
        Self {
            url,
            secret: None,
            roll: None,
            version: ApiVersion::V2019,
            clock_skew_s: 0,
            delay: Duration::ZERO,
            delay_spread: Duration::ZERO,
            duplicate_percent: 0,
            swap_percent: 0,
            loss_percent: 0,
            tries: 3,
        }
    }
}

/// A letter that was to be overtaken, and which no other one follows, is sent after this time.
const SWAP_TIME_MAX: Duration = Duration::from_secs(2);
