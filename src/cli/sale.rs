//! `sale`: arm a sale, and with `--wait` follow it to its end.

use anyhow::Result;

use super::follow::Follower;
use super::{Exit, amount, output};
use crate::api::Client;
use crate::api::document::{ArmDocument, SaleDocument};
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
    let sale = Follower::new(client, reference, progress).follow(sale, events).await?;
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

/// What goes on until the sale is over.
fn progress(sale: &SaleDocument) -> Option<String> {
    let over = sale.sale.outcome.is_some_and(|outcome| outcome != Outcome::Unknown);
    (!over).then(|| output::words(sale.message.in_language(output::language())))
}
