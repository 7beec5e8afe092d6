//! `cancel`, `check`, `detach`, `acknowledge`: one wish about one sale.

use anyhow::Result;

use super::{Exit, output};
use crate::api::Client;
use crate::terminal::Reference;

pub async fn wish(client: Client, reference: Reference, wish: &str, json: bool) -> Result<Exit> {
    let sale = client.post(&reference, wish).await?;
    output::sale(&sale, json)?;
    Ok(Exit::Done)
}
