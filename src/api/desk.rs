//! The desk: where the API hands its wishes in to the one loop that owns the counter, and hears
//! what happens.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::document::{EventDocument, SaleDocument, StatusDocument};
use crate::terminal::{Reference, Refusal, SaleView, Wish};
use crate::webhook::Event;

pub use crate::journal::Receipt;

/// A wish that was handed in, with the place for its answer.
#[derive(Debug)]
pub enum Call {
    /// Do something about a sale.
    Command(Reference, Wish, oneshot::Sender<Result<SaleView, CallError>>),
    /// Read one sale.
    Sale(Reference, oneshot::Sender<Result<SaleView, CallError>>),
    /// Read the newest sales, at most so many.
    Sales(usize, oneshot::Sender<Result<Vec<SaleView>, CallError>>),
    /// The gateway says that something happened to a charge: put it on record and look.
    Hint(Event, oneshot::Sender<Result<Receipt, CallError>>),
    /// Read how the daemon is.
    Status(oneshot::Sender<Result<StatusDocument, CallError>>),
}

/// Why a call was not done.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The rules of payment refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no room on disk for the records of another sale, or for an event.
    #[error("nothing can be recorded: {0}")]
    DiskFull(String),
    /// Too many calls wait, or the daemon is stopping.
    #[error("the daemon is stopping or overloaded: try again")]
    Unavailable,
}

/// The API's end of the desk. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    calls: mpsc::Sender<Call>,
    events: broadcast::Sender<Arc<EventDocument>>,
}

/// The loop's end of the desk.
#[derive(Debug)]
pub struct DeskInside {
    /// Wishes, oldest first.
    pub calls: mpsc::Receiver<Call>,
    events: broadcast::Sender<Arc<EventDocument>>,
}

impl Desk {
    /// Both ends of a desk.
    #[must_use]
    pub fn open() -> (Self, DeskInside) {
        let (calls, inside) = mpsc::channel(CALLS_MAX);
        let (events, _) = broadcast::channel(EVENTS_MAX);
        (Self { calls, events: events.clone() }, DeskInside { calls: inside, events })
    }

    /// Does something about a sale.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn command(
        &self,
        reference: Reference,
        wish: Wish,
    ) -> Result<SaleDocument, CallError> {
        self.ask(|answer| Call::Command(reference, wish, answer)).await.map(SaleDocument::from)
    }

    /// Reads one sale.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn sale(&self, reference: Reference) -> Result<SaleDocument, CallError> {
        self.ask(|answer| Call::Sale(reference, answer)).await.map(SaleDocument::from)
    }

    /// Reads the newest sales.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn sales(&self, limit: usize) -> Result<Vec<SaleDocument>, CallError> {
        let sales = self.ask(|answer| Call::Sales(limit, answer)).await?;
        Ok(sales.into_iter().map(SaleDocument::from).collect())
    }

    /// Hands in what the gateway says of a charge. What comes back is on disk, and the terminal has
    /// the hint.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn hint(&self, event: Event) -> Result<Receipt, CallError> {
        self.ask(|answer| Call::Hint(event, answer)).await
    }

    /// Reads how the daemon is.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn status(&self) -> Result<StatusDocument, CallError> {
        self.ask(Call::Status).await
    }

    /// Everything that happens from here on. A reader that falls behind by [`EVENTS_MAX`] is told
    /// that it missed some.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<EventDocument>> {
        self.events.subscribe()
    }

    async fn ask<T>(
        &self,
        call: impl FnOnce(oneshot::Sender<Result<T, CallError>>) -> Call,
    ) -> Result<T, CallError> {
        let (answer, waiting) = oneshot::channel();
        self.calls.try_send(call(answer)).map_err(|_| CallError::Unavailable)?;
        waiting.await.map_err(|_| CallError::Unavailable)?
    }
}

impl DeskInside {
    /// Tells everybody who listens; nobody need.
    pub fn tell(&self, event: EventDocument) {
        // The error says that nobody listens.
        let _ = self.events.send(Arc::new(event));
    }

    /// Whether anybody listens, so that documents are not made for nobody.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.events.receiver_count() > 0
    }
}

/// Calls that may wait; each is done in well under a millisecond.
const CALLS_MAX: usize = 64;
/// Messages that a slow reader may be behind.
const EVENTS_MAX: usize = 256;
