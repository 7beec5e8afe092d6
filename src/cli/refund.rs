//! `refund`: give money of a paid sale back, and with `--wait` see whether it went.

use anyhow::{Context, Result};

use super::follow::Follower;
use super::{Exit, amount, output};
use crate::api::Client;
use crate::api::document::{RefundOrderDocument, SaleDocument};
use crate::money::Amount;
use crate::report::Message;
use crate::terminal::{Reference, RefundState, RefundView};

/// What to give back.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The shop's name for the sale
    reference: Reference,
    /// Baht, such as 50, 50.5 or 1,500.00; all that is left, when left out
    #[arg(value_parser = amount, allow_hyphen_values = true)]
    amount: Option<Amount>,
    /// The shop's name for the refund: the same one is the same refund; made up when left out, and
    /// then do not repeat the command
    #[arg(long, value_name = "R")]
    refund: Option<Reference>,
    /// Why, for people; up to 200 characters
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until it is known whether the money went back; the exit code tells
    #[arg(long)]
    wait: bool,
}

/// The exit codes of a refund, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes: 0 refunded (without --wait: on record), 14 not refunded, 20 unknown, 30 refused (not
paid, more than is left, another refund under way), 40 daemon unreachable, 2 usage, 1 anything else";

pub async fn refund(client: Client, options: Options, json: bool) -> Result<Exit> {
    let Options { reference, amount, refund, reason, wait } = options;
    let refund = refund.unwrap_or_else(made_up);
    let order = RefundOrderDocument {
        refund: refund.to_string(),
        amount: amount.map(|amount| amount.to_string()),
        reason,
    };
    let mut sale = if wait {
        // Listening begins before asking, so that nothing happens unheard.
        let events = client.events().await?;
        let sale = client.refund(&reference, &order).await?;
        Follower::new(client, reference, progress).follow(sale, events).await?
    } else {
        client.refund(&reference, &order).await?
    };
    sale.sale.refunds.retain(|one| one.refund == refund);
    let one = sale.sale.refunds.first().context("the daemon does not tell of the refund")?;
    let exit = exit(one, wait);
    output::sale(&sale, json)?;
    Ok(exit)
}

fn exit(refund: &RefundView, wait: bool) -> Exit {
    match refund.state {
        RefundState::Refunded => Exit::Done,
        RefundState::Refused => Exit::NotRefunded,
        RefundState::Unknown => Exit::Unknown,
        RefundState::Asked | RefundState::Sent if wait => Exit::Unknown,
        RefundState::Asked | RefundState::Sent => Exit::Done,
    }
}

/// What goes on with the refund that is under way.
fn progress(sale: &SaleDocument) -> Option<String> {
    let open = sale.sale.refunds.iter().find(|refund| !refund.state.is_final())?;
    let message = Message::of_refund(open, &sale.sale.reference);
    Some(output::words(message.in_language(output::language())))
}

/// A name that no other refund has.
fn made_up() -> Reference {
    let name = format!("R-{}", uuid::Uuid::now_v7().simple());
    name.parse().expect("letters, digits and a dash, 34 of them")
}
