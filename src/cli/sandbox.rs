//! `sandbox`: Opn's API, for tests and for trying tillscan out.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::builder::TypedValueParser;
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::{Exit, log, output};
use crate::sandbox::{
    self, ApiVersion, ExpireEvent, SecretRoll, Speed, WebhookOptions, WebhookSecret,
};

/// How the sandbox behaves. What becomes of a payment, the last two digits of its code choose.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{}\n{}", sandbox::behaviours_help(), sandbox::CALLS_HELP))]
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
    #[arg(long, value_name = "MS", default_value_t = 2_000, value_parser = milliseconds())]
    search_lag: u64,
    /// How late the list shows a charge, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = milliseconds())]
    list_lag: u64,
    /// What tells of an expired charge: charge.expire, charge.complete, both or none
    #[arg(long, value_name = "EVENTS", value_enum, hide_possible_values = true,
          default_value_t = ExpireEvent::Expire)]
    expire_event: ExpireEvent,
    /// How far the Date header is ahead, in seconds; behind where negative
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = skew(),
          allow_negative_numbers = true)]
    date_skew: i64,
    /// What ids and every webhook's fate follow from; drawn anew where not given
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    #[command(flatten)]
    webhook: Webhook,
}

/// Where webhooks go, and what goes wrong on the way.
#[derive(Debug, clap::Args)]
struct Webhook {
    /// Where to send webhooks
    #[arg(long, value_name = "URL")]
    webhook_url: Option<reqwest::Url>,
    /// What webhooks are signed with, in base64
    #[arg(long, value_name = "BASE64", requires = "webhook_url")]
    webhook_secret: Option<WebhookSecret>,
    /// The secret that comes after it: for a while both sign, then this one alone
    #[arg(long, value_name = "BASE64", requires = "webhook_secret")]
    webhook_next_secret: Option<WebhookSecret>,
    /// When the next secret begins to sign, in milliseconds after the start
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "webhook_next_secret",
          value_parser = milliseconds())]
    webhook_roll_after: u64,
    /// How long both secrets sign from then on, in milliseconds; 24 hours at Opn
    #[arg(long, value_name = "MS", default_value_t = 86_400_000,
          requires = "webhook_next_secret", value_parser = milliseconds())]
    webhook_roll_overlap: u64,
    /// The account's version of the API, in which webhooks are written: this or 2017-11-02
    #[arg(long, value_name = "VERSION", value_enum, hide_possible_values = true,
          default_value_t = ApiVersion::V2019, requires = "webhook_url")]
    webhook_version: ApiVersion,
    /// How far the signature's timestamp is ahead, in seconds; behind where negative
    #[arg(long, value_name = "SECONDS", default_value_t = 0, requires = "webhook_url",
          value_parser = skew(), allow_negative_numbers = true)]
    webhook_skew: i64,
    /// How long each webhook waits, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "webhook_url",
          value_parser = milliseconds())]
    webhook_delay: u64,
    /// Up to how much longer, at random, so that they overtake one another
    #[arg(long, value_name = "MS", default_value_t = 0, requires = "webhook_url",
          value_parser = milliseconds())]
    webhook_delay_spread: u64,
    /// How many of 100 webhooks are sent twice
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "webhook_url",
          value_parser = percent())]
    webhook_duplicates: u8,
    /// How many of 100 webhooks let the following one go first
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "webhook_url",
          value_parser = percent())]
    webhook_swaps: u8,
    /// How many of 100 webhooks are lost
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "webhook_url",
          value_parser = percent())]
    webhook_loss: u8,
    /// How often a webhook is tried until it is answered with a 2xx, 1 to 10
    #[arg(long, value_name = "NUMBER", default_value_t = 3, requires = "webhook_url",
          value_parser = clap::value_parser!(u32).range(1..=10))]
    webhook_tries: u32,
}

/// Up to a day: longer than anybody waits for a sandbox.
fn milliseconds() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(..=86_400_000)
}

/// Up to a year in either direction.
fn skew() -> impl TypedValueParser<Value = i64> {
    clap::value_parser!(i64).range(-31_536_000..=31_536_000)
}

fn percent() -> impl TypedValueParser<Value = u8> {
    clap::value_parser!(u8).range(0..=100)
}

impl Webhook {
    fn options(self) -> Option<WebhookOptions> {
        let roll = self.webhook_next_secret.map(|next| SecretRoll {
            next,
            after: Duration::from_millis(self.webhook_roll_after),
            overlap: Duration::from_millis(self.webhook_roll_overlap),
        });
        Some(WebhookOptions {
            url: self.webhook_url?,
            secret: self.webhook_secret,
            roll,
            version: self.webhook_version,
            clock_skew_s: self.webhook_skew,
            delay: Duration::from_millis(self.webhook_delay),
            delay_spread: Duration::from_millis(self.webhook_delay_spread),
            duplicate_percent: self.webhook_duplicates,
            swap_percent: self.webhook_swaps,
            loss_percent: self.webhook_loss,
            tries: self.webhook_tries,
        })
    }
}

pub async fn sandbox(options: Options) -> Result<Exit> {
    log::start(tracing::Level::INFO);
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", options.listen))?;
    output::line(&format!("sandbox listening on http://{}", listener.local_addr()?));
    let options = sandbox::Options {
        secret_key: options.secret_key.map(SecretString::from),
        speed: options.speed,
        search_lag: Duration::from_millis(options.search_lag),
        list_lag: Duration::from_millis(options.list_lag),
        expire_event: options.expire_event,
        date_skew_s: options.date_skew,
        seed: options.seed,
        webhook: options.webhook.options(),
    };
    let mut signals = crate::daemon::service::signals()?;
    let stop = async move {
        while signals.recv().await.is_some_and(|signal| signal != crate::daemon::Signal::Stop) {}
    };
    sandbox::serve(listener, options, stop).await.context("serving")?;
    Ok(Exit::Done)
}
