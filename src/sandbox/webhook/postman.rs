//! Delivers letters, each in its own time and as often as it takes.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::fate::Fate;
use super::{SWAP_TIME_MAX, WebhookOptions, layout, secret};
use crate::sandbox::server::Clock;

/// Delivers letters.
pub(crate) struct Postman {
    options: WebhookOptions,
    client: reqwest::Client,
    seed: u64,
    clock: Clock,
    started: Instant,
    /// Letters by the time they are due; at one time in the order they came.
    waiting: BTreeMap<(Instant, u64), Letter>,
    /// How many letters were handed over, and how many copies ever waited.
    taken: u64,
    sequence: u64,
    /// Of a letter that is to be overtaken: the places of its copies.
    overtaken: Vec<(Instant, u64)>,
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
        Ok(Self {
            options,
            client,
            seed,
            clock,
            started: Instant::now(),
            waiting: BTreeMap::new(),
            taken: 0,
            sequence: 0,
            overtaken: Vec::new(),
        })
    }

    /// Delivers what comes in until nothing more can come.
    pub(crate) async fn deliver(mut self, mut letters: mpsc::Receiver<Value>) {
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
                Some(event) = letters.recv(), if self.waiting.len() < WAITING_MAX => {
                    self.take(event);
                }
                // No more letters, and none left: the sandbox is closing.
                else => return,
            }
        }
    }

    /// Puts a letter among those that wait: once, twice or never.
    fn take(&mut self, event: Value) {
        let fate = Fate::draw(&self.options, self.seed, self.taken);
        self.taken += 1;
        let body = layout::body(event, self.options.version);
        let former = std::mem::take(&mut self.overtaken);
        let mut last = Duration::ZERO;
        for delay in fate.copies {
            last = last.max(delay);
            let patience = if fate.is_overtaken { SWAP_TIME_MAX } else { Duration::ZERO };
            let delay = delay.saturating_add(patience);
            let place = self.wait(delay, Letter { body: body.clone(), tries: 0 });
            if fate.is_overtaken {
                self.overtaken.push(place);
            }
        }
        // Now that the next one is on its way, the former one has been overtaken.
        for place in former {
            if let Some(letter) = self.waiting.remove(&place) {
                self.wait(last.saturating_add(SWAP_GAP), letter);
            }
        }
    }

    fn wait(&mut self, delay: Duration, letter: Letter) -> (Instant, u64) {
        let now = Instant::now();
        let place = (now.checked_add(delay).unwrap_or(now), self.sequence);
        self.sequence += 1;
        self.waiting.insert(place, letter);
        place
    }

    /// Opn's own schedule is not documented.
    fn retry(&mut self, refused: Option<Letter>) {
        let Some(letter) = refused else { return };
        if letter.tries < self.options.tries {
            self.wait(RETRY_AFTER * letter.tries, letter);
        } else {
            tracing::warn!(tries = letter.tries, "a webhook was not taken; it is given up");
        }
    }

    /// Tries once. Ends with the letter if it was not taken.
    fn send(&self, mut letter: Letter) -> impl Future<Output = Option<Letter>> + use<> {
        let seconds = self.clock.now().milliseconds() / 1_000;
        let seconds = seconds.saturating_add(self.options.clock_skew_s);
        letter.tries += 1;
        let mut request = self
            .client
            .post(self.options.url.clone())
            .header("content-type", "application/json")
            .header("user-agent", "Omise/0.4");
        if let Some(first) = &self.options.secret {
            let roll = self.options.roll.as_ref();
            let signatures: Vec<String> = secret::signing(first, roll, self.started.elapsed())
                .map(|secret| secret.sign(seconds, &letter.body))
                .collect();
            request = request
                .header("omise-signature", signatures.join(","))
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
const RETRY_AFTER: Duration = Duration::from_secs(1);
const TRY_TIME_MAX: Duration = Duration::from_secs(10);
/// How much later than its follower an overtaken letter is sent: letters are sent side by side, and
/// the follower needs the time to arrive.
const SWAP_GAP: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn postman(options: WebhookOptions) -> Postman {
        Postman::new(options, 3, Clock::start()).unwrap()
    }

    fn options() -> WebhookOptions {
        WebhookOptions::to("http://127.0.0.1:9/".parse().unwrap())
    }

    /// The letters that wait, in the order in which they will be sent, with the time until then.
    fn order(postman: &Postman) -> Vec<(u64, u128)> {
        let number = |letter: &Letter| {
            let event: Value = serde_json::from_slice(&letter.body).unwrap();
            event["number"].as_u64().unwrap()
        };
        let now = Instant::now();
        let due = |(at, _): &(Instant, u64)| at.duration_since(now).as_millis();
        postman.waiting.iter().map(|(key, letter)| (number(letter), due(key))).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn letters_wait_double_get_lost_and_overtake_one_another() {
        let delay = Duration::from_secs(1);
        let plain = WebhookOptions { delay, ..options() };
        let table: &[(WebhookOptions, &[(u64, u128)])] = &[
            (plain.clone(), &[(0, 1_000), (1, 1_000), (2, 1_000)]),
            (WebhookOptions { loss_percent: 100, ..plain.clone() }, &[]),
            (
                WebhookOptions { duplicate_percent: 100, ..plain.clone() },
                &[(0, 1_000), (0, 1_000), (1, 1_000), (1, 1_000), (2, 1_000), (2, 1_000)],
            ),
            // Each lets its follower go first; nobody follows the last one.
            (WebhookOptions { swap_percent: 100, ..plain }, &[(0, 1_200), (1, 1_200), (2, 3_000)]),
            (
                WebhookOptions { delay: Duration::MAX, delay_spread: Duration::MAX, ..options() },
                &[(0, 0), (1, 0), (2, 0)],
            ),
        ];
        for (options, expected) in table {
            let mut postman = postman(options.clone());
            for number in 0..3 {
                postman.take(json!({"number": number}));
            }
            assert_eq!(order(&postman), *expected, "{options:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_that_nobody_takes_is_given_up() {
        for tries in 1..=4 {
            let mut postman = postman(WebhookOptions { tries, ..options() });
            postman.take(json!({"number": 7}));
            let mut waits = Vec::new();
            while let Some((place, mut letter)) = postman.waiting.pop_first() {
                waits.push(place.0.duration_since(Instant::now()).as_secs());
                letter.tries += 1;
                postman.retry(Some(letter));
            }
            let expected: Vec<u64> = (0..u64::from(tries)).collect();
            assert_eq!(waits, expected);
        }
    }
}
