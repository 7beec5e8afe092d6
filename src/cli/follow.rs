//! `--wait`: follows a sale until it is over and no refund of it is under way.

use std::time::Duration;

use tokio::time::Instant;

use super::output;
use crate::api::client::Events;
use crate::api::document::{EventDocument, SaleDocument};
use crate::api::{Client, ClientError};
use crate::terminal::Reference;

/// Follows one sale and tells of every change.
pub struct Follower {
    client: Client,
    reference: Reference,
    /// What there is to tell.
    progress: fn(&SaleDocument) -> Option<String>,
    last: String,
}

impl Follower {
    /// Tells the `progress` of a sale, where there is any.
    pub fn new(
        client: Client,
        reference: Reference,
        progress: fn(&SaleDocument) -> Option<String>,
    ) -> Self {
        Self { client, reference, progress, last: String::new() }
    }

    /// Follows the sale until it is over, also across a restart of the daemon.
    pub async fn follow(
        &mut self,
        sale: SaleDocument,
        events: Events,
    ) -> Result<SaleDocument, ClientError> {
        let (mut sale, mut events) = (sale, events);
        loop {
            self.tell(&sale);
            if sale.sale.is_over() {
                return Ok(sale);
            }
            // The daemon may go away between the news and the reading, too.
            let changed = async {
                self.changed(&mut events).await?;
                self.client.sale(&self.reference).await
            };
            match changed.await {
                Ok(changed) => sale = changed,
                Err(_) => (sale, events) = self.reconnect().await?,
            }
        }
    }

    /// Waits for news about the sale.
    async fn changed(&self, events: &mut Events) -> Result<(), ClientError> {
        while let Some(event) = events.next().await? {
            match event {
                EventDocument::Screen(_) | EventDocument::Outcome(_) | EventDocument::Status(_) => {
                    return Ok(());
                }
                EventDocument::Feedback(feedback) => {
                    let words = output::words(feedback.message.in_language(output::language()));
                    output::progress(&words);
                }
            }
        }
        Err(ClientError::Unreadable("the event stream ended".to_owned()))
    }

    /// The daemon is gone; the sale is in its journal and goes on when it is back.
    async fn reconnect(&mut self) -> Result<(SaleDocument, Events), ClientError> {
        output::progress("the daemon is gone; waiting for it to come back");
        let end = Instant::now() + RECONNECT_FOR;
        loop {
            tokio::time::sleep(RECONNECT_EVERY).await;
            let found = async {
                let events = self.client.events().await?;
                Ok((self.client.sale(&self.reference).await?, events))
            };
            match found.await {
                Err(error) if is_gone(&error) && Instant::now() < end => {}
                done => return done,
            }
        }
    }

    fn tell(&mut self, sale: &SaleDocument) {
        if let Some(words) = (self.progress)(sale).filter(|words| *words != self.last) {
            output::progress(&words);
            self.last = words;
        }
    }
}

/// Whether the daemon is gone, or about to be: one that stops still answers, but no more about
/// sales.
fn is_gone(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } => true,
        ClientError::Refused { document, .. } => document.error.code == UNAVAILABLE,
        ClientError::Unreadable(_) => false,
    }
}

/// The API's code for [`CallError::Unavailable`](crate::api::CallError::Unavailable).
const UNAVAILABLE: &str = "unavailable";
/// How long `--wait` waits for a daemon that is gone.
const RECONNECT_FOR: Duration = Duration::from_secs(60);
const RECONNECT_EVERY: Duration = Duration::from_millis(200);
