//! Sends events to the shop's webhook: signed, and as unreliable as it is asked to be.
//!
//! Everything is bounded: letters that wait, letters on their way, tries for each, and time for
//! each try.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use reqwest::Url;
use ring::hmac;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::moment::Random;
use super::server::Clock;

/// Where events are sent, and what goes wrong on the way. Debug shows no secret.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// Where to.
    pub url: Url,
    /// What they are signed with, if at all.
    pub secret: Option<WebhookSecret>,
    /// How long each waits before it is sent.
    pub delay: Duration,
    /// Up to how much longer each waits, at random: so one may overtake another.
    pub delay_spread: Duration,
    /// How many of 100 are sent twice.
    pub duplicate_percent: u8,
    /// How many of 100 are never sent.
    pub loss_percent: u8,
}

impl WebhookOptions {
    /// Unsigned, at once, reliably.
    #[must_use]
    pub const fn to(url: Url) -> Self {
        Self {
            url,
            secret: None,
            delay: Duration::ZERO,
            delay_spread: Duration::ZERO,
            duplicate_percent: 0,
            loss_percent: 0,
        }
    }
}

/// The secret that signs webhooks, shown by Opn's dashboard in base64.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

/// A text is no webhook secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret; write it in base64, as Opn's dashboard shows it")]
pub struct WebhookSecretError;

impl FromStr for WebhookSecret {
    type Err = WebhookSecretError;

    fn from_str(text: &str) -> Result<Self, WebhookSecretError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| WebhookSecretError)?;
        if bytes.is_empty() {
            return Err(WebhookSecretError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// The signature of a body that is sent at this time, in seconds since 1970: hexadecimal digits
    /// of the HMAC over the seconds, a full stop and the raw body.
    #[must_use]
    pub fn sign(&self, seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{seconds}.").as_bytes());
        context.update(body);
        let tag = context.sign();
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Delivers letters.
pub(crate) struct Postman {
    options: WebhookOptions,
    client: reqwest::Client,
    random: Random,
    clock: Clock,
    /// Letters by the time they are due; at one time in the order they came.
    waiting: BTreeMap<(Instant, u64), Letter>,
    sequence: u64,
}

/// An event on its way.
struct Letter {
    body: Bytes,
    tries: u32,
}

impl Postman {
    pub(crate) fn new(options: WebhookOptions, seed: u64, clock: Clock) -> io::Result<Self> {
        // An error means that another part of the process was faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TRY_TIME_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let random = Random::new(seed);
        Ok(Self { options, client, random, clock, waiting: BTreeMap::new(), sequence: 0 })
    }

    /// Delivers what comes in until nothing more can come.
    pub(crate) async fn deliver(mut self, mut letters: mpsc::Receiver<Bytes>) {
        let mut on_the_way = FuturesUnordered::new();
        loop {
            let first = self.waiting.first_key_value().map(|(key, _)| key.0);
            let has_room = on_the_way.len() < ON_THE_WAY_MAX;
            let due = first.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                Some(letter) = on_the_way.next(), if !on_the_way.is_empty() => {
                    self.retry(letter);
                }
                () = sleep_until(due), if first.is_some() && has_room => {
                    if let Some((_, letter)) = self.waiting.pop_first() {
                        on_the_way.push(self.send(letter));
                    }
                }
                Some(body) = letters.recv(), if self.waiting.len() < WAITING_MAX => {
                    self.take(&body);
                }
                // No more letters, and none left: the sandbox is closing.
                else => return,
            }
        }
    }

    /// Puts a letter among those that wait: once, twice or never.
    fn take(&mut self, body: &Bytes) {
        if self.random.chance(self.options.loss_percent) {
            return;
        }
        let copies = if self.random.chance(self.options.duplicate_percent) { 2 } else { 1 };
        for _ in 0..copies {
            let spread = u64::try_from(self.options.delay_spread.as_millis()).unwrap_or(u64::MAX);
            let more = self.random.next().checked_rem(spread.saturating_add(1)).unwrap_or(0);
            let delay = self.options.delay.saturating_add(Duration::from_millis(more));
            self.wait(delay, Letter { body: body.clone(), tries: 0 });
        }
    }

    fn wait(&mut self, delay: Duration, letter: Letter) {
        self.waiting.insert((Instant::now() + delay, self.sequence), letter);
        self.sequence += 1;
    }

    /// Opn's own schedule is not documented.
    fn retry(&mut self, refused: Option<Letter>) {
        if let Some(letter) = refused
            && letter.tries < TRIES_MAX
        {
            self.wait(RETRY_AFTER * letter.tries, letter);
        }
    }

    /// Tries once. Ends with the letter if it was not taken.
    fn send(&self, mut letter: Letter) -> impl Future<Output = Option<Letter>> + use<> {
        let seconds = self.clock.now().milliseconds() / 1_000;
        letter.tries += 1;
        let mut request = self
            .client
            .post(self.options.url.clone())
            .header("content-type", "application/json")
            .header("user-agent", "Omise/0.4");
        if let Some(secret) = &self.options.secret {
            request = request
                .header("omise-signature", secret.sign(seconds, &letter.body))
                .header("omise-signature-timestamp", seconds.to_string());
        }
        let request = request.body(letter.body.clone());
        async move {
            match request.send().await {
                Ok(response) if response.status().is_success() => None,
                Ok(_) | Err(_) => Some(letter),
            }
        }
    }
}

const WAITING_MAX: usize = 1_024;
const ON_THE_WAY_MAX: usize = 8;
const TRIES_MAX: u32 = 3;
const RETRY_AFTER: Duration = Duration::from_secs(1);
const TRY_TIME_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected digits come from another implementation of HMAC-SHA256 (Python's hmac module).
    #[test]
    fn a_letter_is_signed_over_time_and_raw_body() {
        let secret: WebhookSecret = "c2VjcmV0LWtleQ==".parse().unwrap();
        let signature = secret.sign(1_702_894_743, b"{\n  \"object\": \"event\"\n}\n");
        assert_eq!(signature, "96a2437883e25a862714aacba305d57565e82100e4821547ce26835a7d1d5079");
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "  ", "not base64!", "c2VjcmV0LWtleQ"] {
            assert_eq!(text.parse::<WebhookSecret>().err(), Some(WebhookSecretError), "{text:?}");
        }
    }

    /// Of 1,000 letters: how many wait to be sent, and whether some overtake others.
    #[tokio::test(start_paused = true)]
    async fn letters_are_lost_doubled_and_reordered_as_asked() {
        let table: &[(u8, u8, u64, std::ops::RangeInclusive<usize>)] = &[
            (0, 0, 0, 1_000..=1_000),
            (100, 0, 0, 2_000..=2_000),
            (0, 100, 0, 0..=0),
            (20, 0, 0, 1_100..=1_300),
            (0, 20, 5_000, 700..=900),
        ];
        for (duplicate_percent, loss_percent, spread_ms, expected) in table {
            let to = WebhookOptions::to("http://127.0.0.1:9/".parse().unwrap());
            let options = WebhookOptions {
                delay: Duration::from_secs(1),
                delay_spread: Duration::from_millis(*spread_ms),
                duplicate_percent: *duplicate_percent,
                loss_percent: *loss_percent,
                ..to
            };
            let mut postman = Postman::new(options, 3, Clock::start()).unwrap();
            for _ in 0..1_000 {
                postman.take(&Bytes::new());
            }
            let waiting: Vec<_> = postman.waiting.keys().collect();
            assert!(expected.contains(&waiting.len()), "{} in {expected:?}", waiting.len());
            let earliest = Instant::now() + Duration::from_secs(1);
            assert!(waiting.iter().all(|(due, _)| *due >= earliest));
            assert_eq!(waiting.is_sorted_by_key(|(_, order)| *order), *spread_ms == 0);
        }
    }
}
