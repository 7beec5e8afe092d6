//! `[webhook]`: where the gateway's webhooks are received, and what they are measured by.

use std::net::SocketAddr;
use std::path::PathBuf;

use config::Value;

use super::millis;
use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::WebhookSettings;
use crate::config::written::{self, Document};

pub(super) fn webhook(document: &Document) -> Result<WebhookSettings, ConfigError> {
    let (table, read): (written::Webhook, _) =
        document.table("webhook", document.root.webhook.as_ref())?;
    let default = WebhookSettings::default();
    let day = millis(10, 86_400_000);
    Ok(WebhookSettings {
        listen: listen(&read, table.listen)?,
        path: path(&read, table.path)?.unwrap_or(default.path),
        secrets: secrets(&read, table.secrets)?,
        tolerance: read.duration(
            "tolerance",
            table.tolerance,
            millis(1_000, 3_600_000),
            default.tolerance,
        )?,
        allow_unsigned: read.flag(
            "allow_unsigned",
            table.allow_unsigned,
            default.allow_unsigned,
        )?,
        poll: read.duration("poll", table.poll, millis(10, 60_000), default.poll)?,
        trust: read.duration("trust", table.trust, day, default.trust)?,
    })
}

/// Any address: the tunnel or proxy in front of it may be on another machine.
fn listen(read: &Reader<'_>, value: Option<Value>) -> Result<Option<SocketAddr>, ConfigError> {
    let form = "an address and a port, such as \"127.0.0.1:8386\"";
    let Some(text) = read.text("listen", value, form)? else { return Ok(None) };
    let address = text.parse().map_err(|_| read.refuse("listen", &format!("must be {form}")))?;
    Ok(Some(address))
}

/// A path is compared as it comes, so that nothing may be in it that can be written in two ways.
fn path(read: &Reader<'_>, value: Option<Value>) -> Result<Option<String>, ConfigError> {
    let form = "a path of up to 128 letters, digits and -._~/ that begins with /, such as \"/opn\"";
    let Some(text) = read.text("path", value, form)? else { return Ok(None) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !text.starts_with('/') || text.len() > PATH_BYTES_MAX || !text.bytes().all(allowed) {
        return Err(read.refuse("path", &format!("must be {form}")));
    }
    Ok(Some(text))
}

fn secrets(read: &Reader<'_>, value: Option<Value>) -> Result<Vec<PathBuf>, ConfigError> {
    let form = "files that each hold a secret, such as [\"/etc/tillscan/opn-webhook-secret\"]";
    let Some(items) = read.list("secrets", value, FILES_MAX, form)? else { return Ok(Vec::new()) };
    let files = items.into_iter().map(|(key, value)| read.path(&key, Some(value)));
    // Each item has a value, so that each has a path.
    files.filter_map(Result::transpose).collect()
}

const PATH_BYTES_MAX: usize = 128;
/// One, two while one takes the other's place, and some to spare.
const FILES_MAX: usize = 4;
