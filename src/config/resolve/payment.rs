//! `[gateway]` and `[payment]`: where the gateway is, and the times of one payment.

use std::net::IpAddr;
use std::time::Duration;

use config::Value;
use reqwest::Url;

use super::millis;
use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::{DAY, GatewaySettings, PaymentSettings};
use crate::config::written::{self, Document};

pub(super) fn gateway(document: &Document) -> Result<GatewaySettings, ConfigError> {
    let (table, read): (written::Gateway, _) =
        document.table("gateway", document.root.gateway.as_ref())?;
    let default = GatewaySettings::default();
    if table.secret_key_file.as_ref().is_some_and(is_key) {
        return Err(read.refuse(
            "secret_key_file",
            "must be the path of a file that holds the key, never the key itself",
        ));
    }
    Ok(GatewaySettings {
        base_url: base_url(&read, table.base_url)?.unwrap_or(default.base_url),
        secret_key_file: read.path("secret_key_file", table.secret_key_file)?,
        request_timeout: read.duration(
            "request_timeout",
            table.request_timeout,
            millis(200, 60_000),
            default.request_timeout,
        )?,
        connect_timeout: read.duration(
            "connect_timeout",
            table.connect_timeout,
            millis(50, 60_000),
            default.connect_timeout,
        )?,
    })
}

/// Whether somebody wrote the key where its file belongs.
fn is_key(value: &Value) -> bool {
    let text = value.clone().into_string().unwrap_or_default();
    ["skey_", "pkey_"].iter().any(|prefix| text.trim().starts_with(prefix))
}

fn base_url(read: &Reader<'_>, value: Option<Value>) -> Result<Option<Url>, ConfigError> {
    let form = "an https:// address without user, query or fragment, such as \
                \"https://api.omise.co\" (http:// only to this machine: 127.0.0.1, [::1], localhost)";
    let Some(text) = read.text("base_url", value, form)? else { return Ok(None) };
    let accepted = text.parse::<Url>().ok().filter(is_base);
    let mut url = accepted.ok_or_else(|| read.refuse("base_url", &format!("must be {form}")))?;
    url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
    Ok(Some(url))
}

fn is_base(url: &Url) -> bool {
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback =
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    bare && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}

pub(super) fn payment(
    document: &Document,
    request_timeout: Duration,
) -> Result<PaymentSettings, ConfigError> {
    let (table, read): (written::Payment, _) =
        document.table("payment", document.root.payment.as_ref())?;
    let default = PaymentSettings::default();
    let poll = |key, value, default| read.duration(key, value, millis(10, 60_000), default);
    let resolved = PaymentSettings {
        deadline: read.duration(
            "deadline",
            table.deadline,
            millis(100, 600_000),
            default.deadline,
        )?,
        cancel_not_before: read.duration(
            "cancel_not_before",
            table.cancel_not_before,
            millis(0, 60_000),
            default.cancel_not_before,
        )?,
        quarantine: read.duration(
            "quarantine",
            table.quarantine,
            millis(200, 600_000),
            default.quarantine,
        )?,
        watch: watch(&read, table.watch)?.unwrap_or(default.watch),
        late_success: read
            .choice("late_success", table.late_success)?
            .unwrap_or(default.late_success),
        poll_first: poll("poll_first", table.poll_first, default.poll_first)?,
        poll_fast: poll("poll_fast", table.poll_fast, default.poll_fast)?,
        poll_fast_until: read.duration(
            "poll_fast_until",
            table.poll_fast_until,
            millis(10, 600_000),
            default.poll_fast_until,
        )?,
        poll_slow_min: poll("poll_slow_min", table.poll_slow_min, default.poll_slow_min)?,
        poll_slow_max: poll("poll_slow_max", table.poll_slow_max, default.poll_slow_max)?,
        backoff_max: poll("backoff_max", table.backoff_max, default.backoff_max)?,
    };
    check_times(&read, &resolved, request_timeout)?;
    Ok(resolved)
}

fn check_times(
    read: &Reader<'_>,
    payment: &PaymentSettings,
    request_timeout: Duration,
) -> Result<(), ConfigError> {
    if payment.quarantine < request_timeout {
        return Err(read.refuse_pair(
            "quarantine",
            "gateway.request_timeout",
            "must not be shorter than gateway.request_timeout",
        ));
    }
    if payment.poll_slow_min > payment.poll_slow_max {
        return Err(read.refuse_pair(
            "poll_slow_min",
            "payment.poll_slow_max",
            "must not be longer than payment.poll_slow_max",
        ));
    }
    Ok(())
}

fn watch(read: &Reader<'_>, value: Option<Value>) -> Result<Option<Vec<Duration>>, ConfigError> {
    let form = "durations, ascending, such as [\"60s\", \"10m\"]";
    let Some(items) = read.list("watch", value, 8, form)? else { return Ok(None) };
    let mut times: Vec<Duration> = Vec::with_capacity(items.len());
    for (key, value) in items {
        let range = Duration::from_millis(10)..=DAY * 30;
        let time = read.duration(&key, Some(value), range, Duration::from_secs(60))?;
        if times.last().is_some_and(|last| *last >= time) {
            return Err(read.refuse(&key, "must be longer than the one before it"));
        }
        times.push(time);
    }
    Ok(Some(times))
}
