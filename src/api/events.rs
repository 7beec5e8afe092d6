//! `GET /v1/events`: everything that happens at the counter, as server-sent events. The first is
//! the status; a reader that fell behind gets the status again, so that it can start over.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::desk::Desk;
use super::document::EventDocument;

/// The stream of one reader; it ends when the daemon does.
pub async fn stream(
    State(desk): State<Desk>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let reader = Reader { events: desk.listen(), desk, behind: true };
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        let sse = Event::default().event(event.name()).json_data(&*event);
        Some((Ok(sse.unwrap_or_default()), reader))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Reader {
    desk: Desk,
    events: Receiver<Arc<EventDocument>>,
    /// The status is due: at the beginning, or because messages were missed.
    behind: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Arc<EventDocument>> {
        if self.behind {
            self.behind = false;
            let status = self.desk.status().await.ok()?;
            return Some(Arc::new(EventDocument::Status(Box::new(status))));
        }
        match self.events.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(_)) => {
                // What still waits is older than the status that comes now: a display must not go
                // back to it.
                self.events = self.desk.listen();
                self.behind = true;
                Box::pin(self.next()).await
            }
            Err(RecvError::Closed) => None,
        }
    }
}

/// A dead connection is noticed after this time at the latest.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
