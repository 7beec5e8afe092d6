//! `sale`: arm a sale, and with `--wait` follow it to its end.

use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::{Exit, amount, output};
use crate::api::client::Events;
use crate::api::document::{ArmDocument, EventDocument, SaleDocument};
use crate::api::{Client, ClientError};
use crate::money::Amount;
use crate::terminal::{Outcome, Reference};

/// What to sell.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Baht, such as 150, 150.5 or 1,500.00
    #[arg(value_parser = amount, allow_hyphen_values = true)]
    amount: Amount,
    /// The shop's name for the sale, 1 to 64 characters; made up when left out
    #[arg(long, value_name = "R")]
    reference: Option<Reference>,
    /// Follow the sale to its end; the exit code tells how it ended
    #[arg(long)]
    wait: bool,
    /// Take another code for a sale that ended unpaid
    #[arg(long)]
    again: bool,
}

/// The exit codes of a sale, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes: 0 paid (without --wait: armed), 10 declined, 11 expired, 12 cancelled, 13 not created,
20 unknown, 30 refused (busy, limits, reference used with another amount), 40 daemon unreachable,
2 usage, 1 anything else";

pub async fn sale(client: Client, options: Options, json: bool) -> Result<Exit> {
    let reference = options.reference.unwrap_or_else(made_up);
    let document = ArmDocument { amount: options.amount.to_string(), again: options.again };
    if !options.wait {
        let sale = client.arm(&reference, &document).await?;
        output::sale(&sale, json)?;
        return Ok(exit(&sale));
    }
    // Listening begins before arming, so that nothing happens unheard.
    let events = client.events().await?;
    let sale = client.arm(&reference, &document).await?;
    let mut follower = Follower { client, reference, last: String::new() };
    let sale = follower.follow(sale, events).await?;
    output::sale(&sale, json)?;
    Ok(exit(&sale))
}

/// A reference nobody else uses.
fn made_up() -> Reference {
    let name = format!("T-{}", uuid::Uuid::now_v7().simple());
    name.parse().expect("letters, digits and a dash, 34 of them")
}

/// A sale that is armed or under way ends without `--wait` as done; one that is over ends as it
/// did.
fn exit(sale: &SaleDocument) -> Exit {
    match sale.sale.outcome {
        Some(outcome) => Exit::from(outcome),
        None if sale.sale.detached => Exit::Unknown,
        None => Exit::Done,
    }
}

/// Follows one sale and tells of every change.
struct Follower {
    client: Client,
    reference: Reference,
    last: String,
}

impl Follower {
    /// Follows the sale until it is over, also across a restart of the daemon.
    async fn follow(
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
        let words = output::words(sale.message.in_language(output::language()));
        let over = sale.sale.outcome.is_some_and(|outcome| outcome != Outcome::Unknown);
        if !over && words != self.last {
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
