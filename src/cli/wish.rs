//! `cancel`, `check`, `detach`, `acknowledge`: one wish about one sale.

use anyhow::Result;

use super::{Exit, output};
use crate::api::Client;
use crate::api::document::AcknowledgeDocument;
use crate::terminal::Reference;

/// What was seen.
#[derive(Debug, clap::Args)]
pub struct Acknowledgement {
    /// The shop's name for the sale
    reference: Reference,
    /// Give money that came after "not paid" was told back to the customer; of any other sale
    /// nothing goes back
    #[arg(long)]
    refund: bool,
}

pub async fn wish(client: Client, reference: Reference, wish: &str, json: bool) -> Result<Exit> {
    let sale = client.post(&reference, wish).await?;
    output::sale(&sale, json)?;
    Ok(Exit::Done)
}

pub async fn acknowledge(client: Client, seen: Acknowledgement, json: bool) -> Result<Exit> {
    let Acknowledgement { reference, refund } = seen;
    let sale = client.acknowledge(&reference, &AcknowledgeDocument { refund }).await?;
    output::sale(&sale, json)?;
    Ok(Exit::Done)
}
