//! What the command line prints: results on standard output, progress and errors on standard error.
//! A closed pipe ends nothing: the daemon, not this program, holds the sale.

use std::io::{self, Write};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::api::ClientError;
use crate::api::document::{ErrorDocument, SaleDocument};
use crate::money::Amount;
use crate::report::Message;
use crate::report::text::{Language, Sentence};

/// Prints one line of the result.
pub fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints one line about what goes on.
pub fn progress(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints a document as indented JSON.
pub fn json(document: &impl Serialize) -> Result<()> {
    line(&serde_json::to_string_pretty(document).context("writing JSON")?);
    Ok(())
}

/// Prints a sale.
pub fn sale(document: &SaleDocument, json_wanted: bool) -> Result<()> {
    if json_wanted {
        return json(document);
    }
    let sentence = document.message.in_language(language());
    let sale = &document.sale;
    let outcome = sale.outcome.map_or("open", crate::terminal::Outcome::word);
    line(&format!("{} {} {} {outcome}", sale.reference, sale.amount, sale.currency));
    if sale.refunds.is_empty() && sale.refunded == Amount::ZERO {
        // Once money went back, or is to, "hand out the goods" is no more the next step.
        line(&words(sentence));
    }
    for (name, value) in [
        ("charge", sale.charge_id.as_ref().map(|charge| charge.0.clone())),
        ("failure code", sale.failure_code.clone()),
        ("code", sale.code.clone()),
    ] {
        if let Some(value) = value {
            line(&format!("{name}: {value}"));
        }
    }
    if sale.refunded > Amount::ZERO {
        line(&format!("given back: {} {}", sale.refunded, sale.currency));
    }
    for refund in &sale.refunds {
        let message = Message::of_refund(refund, &sale.reference);
        let words = words(message.in_language(language()));
        line(&format!("refund {} {}: {words}", refund.refund, refund.state.word()));
    }
    Ok(())
}

/// Prints an error: one line for people, a document for programs.
pub fn error(error: &anyhow::Error, json_wanted: bool) {
    if !json_wanted {
        return progress(&format!("tillscan: {error:#}"));
    }
    let document = match error.downcast_ref::<ClientError>() {
        Some(ClientError::Refused { document, .. }) => document.clone(),
        Some(ClientError::Unreachable { .. }) => {
            ErrorDocument::new("unreachable", error.to_string())
        }
        Some(ClientError::Unreadable(_)) | None => {
            ErrorDocument::new("failed", format!("{error:#}"))
        }
    };
    if let Err(error) = json(&document) {
        progress(&format!("tillscan: {error:#}"));
    }
}

/// A sentence on one line.
pub fn words(sentence: &Sentence) -> String {
    if sentence.next_step.is_empty() {
        return sentence.headline.clone();
    }
    format!("{} – {}", sentence.headline, sentence.next_step)
}

/// The language of whoever sits at this terminal.
pub fn language() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let wanted = variables.iter().filter_map(|name| std::env::var(name).ok());
    let wanted = wanted.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    match wanted.get(..2) {
        Some("th") => Language::Thai,
        Some("zh") => Language::Chinese,
        _ => Language::English,
    }
}
