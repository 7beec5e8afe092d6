//! One request, from its head to its answer.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use tokio::sync::Semaphore;

use super::event::{self, Told};
use super::rate::{Bucket, Rate};
use super::signature::{self, Flaw};
use super::tally::{Fate, Tally};
use super::{Event, Guard};
use crate::api::Desk;
use crate::api::body::{self, BodyError};
use crate::api::desk::Receipt;
use crate::clock::Clock;

/// What all requests share.
pub(super) struct Reception {
    path: String,
    desk: Desk,
    clock: Clock,
    /// Places for those whose bodies are read at one time.
    seats: Semaphore,
    state: Mutex<Shared>,
}

/// What changes. Locked for moments, never across an await.
struct Shared {
    guard: Guard,
    bucket: Bucket,
    tally: Tally,
}

/// Takes one request and answers it: a status, and nothing else.
pub(super) async fn receive(
    State(reception): State<Arc<Reception>>,
    request: Request,
) -> StatusCode {
    let fate = reception.decide(request).await;
    tracing::debug!(fate = fate.word(), "a webhook");
    reception.state().tally.count(fate, reception.clock.now());
    fate.status()
}

impl Reception {
    pub fn new(path: String, guard: Guard, desk: Desk, clock: Clock) -> Self {
        let (bucket, tally) = (Bucket::default(), Tally::default());
        let state = Mutex::new(Shared { guard, bucket, tally });
        Self { path, desk, clock, seats: Semaphore::new(SEATS), state }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn apply(&self, guard: Guard) {
        let mut state = self.state();
        state.guard = guard;
        state.tally.begin_anew();
    }

    /// Shows whether webhooks must be signed, and the tally.
    pub fn with_tally<T>(&self, show: impl FnOnce(bool, &Tally) -> T) -> T {
        let state = self.state();
        show(state.guard.is_signed(), &state.tally)
    }

    async fn decide(&self, request: Request) -> Fate {
        // The semaphore is never closed.
        let _seat = self.seats.acquire().await.ok();
        let (head, body) = request.into_parts();
        let refused = self.refused_by_its_head(&head);
        // What is refused already is read all the same, and thrown away: who is cut off while he
        // speaks does not hear the answer.
        let most = if refused.is_some() { 0 } else { BODY_MAX };
        let body = body::read(body, most, BODY_WITHIN).await;
        if let Some(refused) = refused {
            return refused;
        }
        let body = match body {
            Ok(body) => body,
            Err(BodyError::TooLarge) => return Fate::TooLarge,
            Err(BodyError::TooSlow) => return Fate::TooSlow,
            Err(BodyError::Broken) => return Fate::Malformed,
        };
        match self.event(&head.headers, &body) {
            Ok(Told::Of(event)) => self.hand_in(event).await,
            Ok(Told::OtherMatter) => Fate::OtherMatter,
            Err(fate) => fate,
        }
    }

    fn refused_by_its_head(&self, head: &Parts) -> Option<Fate> {
        if head.method != Method::POST || head.uri.path() != self.path {
            return Some(Fate::Elsewhere);
        }
        let mut state = self.state();
        let rate = if state.guard.is_signed() { RATE } else { RATE_UNSIGNED };
        (!state.bucket.take(rate, self.clock.now())).then_some(Fate::TooOften)
    }

    /// What the body tells, if it is the gateway's.
    fn event(&self, headers: &HeaderMap, body: &[u8]) -> Result<Told, Fate> {
        let guard = self.state().guard.clone();
        guard.check(headers, body, wall_clock()).map_err(|flaw| {
            if let Flaw::Late { age_seconds } = flaw {
                self.state().tally.note_age(age_seconds);
            }
            Fate::from(flaw)
        })?;
        event::read(body).ok_or(Fate::Malformed)
    }

    async fn hand_in(&self, event: Event) -> Fate {
        match self.desk.hint(event).await {
            Ok(Receipt::New) => Fate::Taken,
            Ok(Receipt::Duplicate) => Fate::Duplicate,
            Err(error) => {
                tracing::warn!(%error, "a webhook is to be sent again");
                Fate::Postponed
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, Shared> {
        // A panic ends the process in a release; in tests the counts are good all the same.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard {
    fn is_signed(&self) -> bool {
        !self.secrets.is_empty()
    }

    fn check(&self, headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), Flaw> {
        if !self.is_signed() {
            return Ok(());
        }
        signature::check(headers, body, &self.secrets, now, self.tolerance)
    }
}

impl fmt::Debug for Reception {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reception").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Seconds since 1970. It decides whether a webhook makes the counter look, and nothing about what
/// it then sees (O1): with a clock that is wrong, polling goes on.
fn wall_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A webhook has some 5 KiB; a charge with every refund and much metadata, 40.
const BODY_MAX: usize = 256 * 1_024;
/// How many are read at one time (O3): 4 MiB of bodies at most, and few enough calls at the desk
/// that the till's have room.
const SEATS: usize = 16;
/// Opn sends it at once, a proxy passes it on whole.
const BODY_WITHIN: Duration = Duration::from_secs(5);
/// Two events for a sale, of all counters of the account; what is refused comes again.
const RATE: Rate = Rate { burst: 100, every: Duration::from_millis(50) };
/// Anybody may make the counter ask then: no oftener than its own polls do (L4).
const RATE_UNSIGNED: Rate = Rate { burst: 10, every: Duration::from_secs(1) };
