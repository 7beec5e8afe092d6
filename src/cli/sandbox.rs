//! `sandbox`: Opn's API, for tests and for trying tillscan out.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::{Exit, log, output};
use crate::sandbox::{self, Speed, WebhookOptions, WebhookSecret};

/// How the sandbox behaves. What becomes of a payment, the last two digits of its code choose.
#[derive(Debug, clap::Args)]
#[command(after_help = sandbox::behaviours_help())]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8484")]
    listen: SocketAddr,
    /// The one key that is accepted, instead of any skey_test_…
    #[arg(long, value_name = "KEY")]
    secret_key: Option<String>,
    /// How many times faster than real payments go by
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    speed: Speed,
    /// How late search finds a change, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    search_lag: u64,
    /// How late the list shows a charge, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    list_lag: u64,
    /// Where to send webhooks
    #[arg(long, value_name = "URL")]
    webhook_url: Option<reqwest::Url>,
    /// What webhooks are signed with, in base64
    #[arg(long, value_name = "BASE64", requires = "webhook_url")]
    webhook_secret: Option<WebhookSecret>,
    /// How long each webhook waits, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "webhook_url")]
    webhook_delay: u64,
    /// Up to how much longer, at random, so that they overtake one another
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "webhook_url")]
    webhook_delay_spread: u64,
    /// How many of 100 webhooks are sent twice
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "webhook_url",
          value_parser = clap::value_parser!(u8).range(0..=100))]
    webhook_duplicates: u8,
    /// How many of 100 webhooks are lost
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "webhook_url",
          value_parser = clap::value_parser!(u8).range(0..=100))]
    webhook_loss: u8,
}

pub async fn sandbox(options: Options) -> Result<Exit> {
    log::start(tracing::Level::INFO);
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", options.listen))?;
    output::line(&format!("sandbox listening on http://{}", listener.local_addr()?));
    let webhook = options.webhook_url.map(|url| WebhookOptions {
        secret: options.webhook_secret,
        delay: Duration::from_millis(options.webhook_delay),
        delay_spread: Duration::from_millis(options.webhook_delay_spread),
        duplicate_percent: options.webhook_duplicates,
        loss_percent: options.webhook_loss,
        ..WebhookOptions::to(url)
    });
    let options = sandbox::Options {
        secret_key: options.secret_key.map(SecretString::from),
        speed: options.speed,
        search_lag: Duration::from_millis(options.search_lag),
        list_lag: Duration::from_millis(options.list_lag),
        webhook,
    };
    let mut signals = crate::daemon::service::signals()?;
    let stop = async move {
        while signals.recv().await.is_some_and(|signal| signal != crate::daemon::Signal::Stop) {}
    };
    sandbox::serve(listener, options, stop).await.context("serving")?;
    Ok(Exit::Done)
}
