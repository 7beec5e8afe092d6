//! `show` and `list`: sales, running or long past.

use anyhow::Result;

use super::{Exit, output};
use crate::api::Client;
use crate::money::Amount;
use crate::terminal::{Outcome, Reference};

/// How much to list.
#[derive(Debug, clap::Args)]
pub struct ListOptions {
    /// How many sales at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

pub async fn show(client: Client, reference: Reference, json: bool) -> Result<Exit> {
    let sale = client.sale(&reference).await?;
    output::sale(&sale, json)?;
    Ok(Exit::Done)
}

pub async fn list(client: Client, options: ListOptions, json: bool) -> Result<Exit> {
    let sales = client.sales(usize::from(options.limit)).await?;
    if json {
        output::json(&sales)?;
        return Ok(Exit::Done);
    }
    for document in &sales.sales {
        let sale = &document.sale;
        let outcome = sale.outcome.map_or("open", Outcome::word);
        let charge = sale.charge_id.as_ref().map_or("-", |charge| charge.0.as_str());
        let late = if sale.late_success { "  LATE SUCCESS" } else { "" };
        let back = Some(sale.refunded).filter(|back| *back > Amount::ZERO);
        let back = back.map_or(String::new(), |back| format!("  given back {back}"));
        output::line(&format!(
            "{:>12}  {outcome:<11}  {:<20}  {charge}{late}{back}",
            sale.amount.to_string(),
            sale.reference.as_str()
        ));
    }
    Ok(Exit::Done)
}
