//! Runs a sandbox: one model behind a lock, the clock, and the task that watches for events.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ring::rand::SecureRandom as _;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};

use super::connection::{Connections, Cut};
use super::http::router;
use super::model::{ExpireEvent, Model, Settings, Speed};
use super::moment::Moment;
use super::webhook::{Postman, WebhookOptions};

/// How a sandbox runs. Debug shows no key.
#[derive(Clone, Debug)]
pub struct Options {
    /// The one key that is accepted; any `skey_test_…` where there is none.
    pub secret_key: Option<SecretString>,
    /// How fast payments and hangs go by.
    pub speed: Speed,
    /// How long a change takes to be found by search, in real time.
    pub search_lag: Duration,
    /// How long a charge takes to be in a list, in real time.
    pub list_lag: Duration,
    /// Which events tell of an expired charge.
    pub expire_event: ExpireEvent,
    /// How far the `Date` header is ahead of the clock, in seconds; behind where negative. Nothing
    /// else is touched by it.
    pub date_skew_s: i64,
    /// What ids, and what becomes of each webhook, follow from; drawn anew where there is none.
    pub seed: Option<u64>,
    /// Where events are sent, if anywhere.
    pub webhook: Option<WebhookOptions>,
}

/// A running sandbox.
pub(crate) struct Sandbox {
    pub(crate) secret_key: Option<SecretString>,
    date_skew_s: i64,
    model: Mutex<Model>,
    clock: Clock,
    changed: Notify,
    closing: watch::Receiver<bool>,
}

/// The wall clock of the start and the time since: steps of the wall clock do not matter.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    started_at: Moment,
}

/// Serves the sandbox on `listener` until `shutdown` ends. Connections that still wait for an
/// answer are then closed.
///
/// # Errors
/// When no random numbers can be had, or the webhook sender cannot be set up.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (close, closing) = watch::channel(false);
    let seed = options.seed.map_or_else(random_seed, Ok)?;
    let model = Model::new(options.settings(), seed);
    let sandbox = Arc::new(Sandbox {
        secret_key: options.secret_key,
        date_skew_s: options.date_skew_s,
        model: Mutex::new(model),
        clock: Clock::start(),
        changed: Notify::new(),
        closing: closing.clone(),
    });
    let service = router(Arc::clone(&sandbox)).into_make_service_with_connect_info::<Cut>();
    let closed = {
        let mut closing = closing;
        async move {
            // An error means that the sender is gone: closing too.
            let _ = closing.wait_for(|closing| *closing).await;
        }
    };
    let server = axum::serve(Connections::new(listener), service).with_graceful_shutdown(closed);
    let events = watch_events(Arc::clone(&sandbox), options.webhook, seed)?;
    tokio::select! {
        result = server => result,
        () = events => Ok(()),
        () = async {
            shutdown.await;
            // Ends what hangs; what else is on its way gets a moment to finish.
            let _ = close.send(true);
            tokio::time::sleep(CLOSE_TIME_MAX).await;
        } => Ok(()),
    }
}

impl Sandbox {
    /// Asks the model something, with the time it is.
    pub(crate) fn with_model<T>(&self, ask: impl FnOnce(&mut Model, Moment) -> T) -> T {
        // A panic in the model ends the process in a release; in tests the rest goes on without it.
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&mut model, self.clock.now())
    }

    /// The time for a `Date` header.
    pub(crate) fn date(&self) -> String {
        self.clock.now().shifted(self.date_skew_s).to_http_date()
    }

    /// Says that a call may have changed the model.
    pub(crate) fn mark_changed(&self) {
        self.changed.notify_one();
    }

    /// Waits this long, or until the sandbox closes.
    pub(crate) async fn sleep(&self, time: Duration) {
        let mut closing = self.closing.clone();
        // Either way of ending is the end of the wait.
        let _ = tokio::time::timeout(time, closing.wait_for(|closing| *closing)).await;
    }
}

impl Clock {
    pub(crate) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at: Moment::EPOCH.plus(since) }
    }

    pub(crate) fn now(self) -> Moment {
        self.started_at.plus(self.started.elapsed())
    }
}

impl Options {
    fn settings(&self) -> Settings {
        Settings {
            speed: self.speed,
            search_lag: self.search_lag,
            list_lag: self.list_lag,
            expire_event: self.expire_event,
            ..Settings::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        let Settings { speed, search_lag, list_lag, expire_event, .. } = Settings::default();
        Self {
            secret_key: None,
            speed,
            search_lag,
            list_lag,
            expire_event,
            date_skew_s: 0,
            seed: None,
            webhook: None,
        }
    }
}

/// Hands each event to the postman when it happens; never ends. Without a webhook it does nothing:
/// the model catches up by itself at the next request.
fn watch_events(
    sandbox: Arc<Sandbox>,
    webhook: Option<WebhookOptions>,
    seed: u64,
) -> io::Result<impl Future<Output = ()>> {
    let postman = match webhook {
        Some(options) => Some(Postman::new(options, seed, sandbox.clock)?),
        None => None,
    };
    Ok(async move {
        let Some(postman) = postman else {
            return std::future::pending().await;
        };
        let (letters, box_of_letters) = mpsc::channel(LETTERS_MAX);
        tokio::join!(collect(&sandbox, &letters), postman.deliver(box_of_letters));
    })
}

async fn collect(sandbox: &Sandbox, letters: &mpsc::Sender<serde_json::Value>) {
    let mut seen = 0;
    loop {
        let (events, next) = sandbox.with_model(|model, now| {
            model.advance(now);
            let events: Vec<_> = model.events().iter().skip(seen).map(|e| e.to_json()).collect();
            (events, model.next_change().map(|next| next.since(now)))
        });
        seen += events.len();
        for event in events {
            if letters.try_send(event).is_err() {
                tracing::warn!("too many webhooks are waiting; one is dropped");
            }
        }
        tokio::select! {
            () = sandbox.changed.notified() => {}
            () = tokio::time::sleep(next.unwrap_or(Duration::from_secs(3_600))) => {}
        }
    }
}

fn random_seed() -> io::Result<u64> {
    let mut bytes = [0_u8; 8];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the operating system gives no random numbers"))?;
    Ok(u64::from_le_bytes(bytes))
}

/// How long connections may take to finish once the sandbox closes.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(2);
/// Webhooks that were not taken over yet by the postman.
const LETTERS_MAX: usize = 256;
