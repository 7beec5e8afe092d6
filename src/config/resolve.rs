//! The tables as written -> [`Settings`]. Each function is one table: its keys, ranges,
//! cross-checks.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::ConfigError;
use super::settings::{
    ApiSettings, CounterSettings, DAY, JournalSettings, LogSettings, SaleSettings, Settings,
};
use super::written::{self, Document};

mod attached;
mod payment;
mod wallets;
mod webhook;

pub(super) fn settings(document: Document) -> Result<Settings, ConfigError> {
    let gateway = payment::gateway(&document)?;
    let payment = payment::payment(&document, gateway.request_timeout)?;
    let journal = journal(&document, payment.watch.last().copied())?;
    Ok(Settings {
        gateway,
        payment,
        sale: sale(&document)?,
        counter: counter(&document)?,
        wallets: wallets::wallets(&document)?,
        scanners: attached::scanners(&document)?,
        keypad: attached::keypad(&document)?,
        hooks: attached::hooks(&document)?,
        journal,
        api: api(&document)?,
        webhook: webhook::webhook(&document)?,
        log: log(&document)?,
    })
}

fn sale(document: &Document) -> Result<SaleSettings, ConfigError> {
    let (table, read): (written::Sale, _) = document.table("sale", document.root.sale.as_ref())?;
    let default = SaleSettings::default();
    Ok(SaleSettings {
        lease: read.duration("lease", table.lease, millis(1_000, 3_600_000), default.lease)?,
    })
}

fn counter(document: &Document) -> Result<CounterSettings, ConfigError> {
    let (table, read): (written::Counter, _) =
        document.table("counter", document.root.counter.as_ref())?;
    let default = CounterSettings::default();
    Ok(CounterSettings {
        language: read.choice("language", table.language)?.unwrap_or(default.language),
        name: read.name("name", table.name)?.unwrap_or(default.name),
    })
}

fn journal(document: &Document, watched: Option<Duration>) -> Result<JournalSettings, ConfigError> {
    let (table, read): (written::Journal, _) =
        document.table("journal", document.root.journal.as_ref())?;
    let default = JournalSettings::default();
    let keep = read.duration("keep", table.keep, DAY..=DAY * 3_650, default.keep)?;
    if watched.is_some_and(|watched| keep < watched) {
        let problem = "must not be shorter than the last of payment.watch";
        return Err(read.refuse_pair("keep", "payment.watch", problem));
    }
    Ok(JournalSettings { path: read.path("path", table.path)?.unwrap_or(default.path), keep })
}

fn api(document: &Document) -> Result<ApiSettings, ConfigError> {
    let (table, read): (written::Api, _) = document.table("api", document.root.api.as_ref())?;
    let socket = read.path("socket", table.socket)?.unwrap_or(ApiSettings::default().socket);
    if socket.as_os_str().len() > SOCKET_BYTES_MAX {
        let problem = format!("must be at most {SOCKET_BYTES_MAX} bytes long, the system's limit");
        return Err(read.refuse("socket", &problem));
    }
    let token_file = read.path("token_file", table.token_file)?;
    let form = "a loopback address and port, such as \"127.0.0.1:8385\" or \"[::1]:8385\"";
    let listen = match read.text("listen", table.listen, form)? {
        None => None,
        Some(text) => {
            let parsed = text.parse::<SocketAddr>().ok();
            let accepted = parsed.filter(|address| address.ip().is_loopback());
            Some(accepted.ok_or_else(|| read.refuse("listen", &format!("must be {form}")))?)
        }
    };
    if listen.is_some() && token_file.is_none() {
        return Err(read.refuse_pair(
            "token_file",
            "api.listen",
            "must be given with api.listen: the file that holds its callers' bearer token",
        ));
    }
    Ok(ApiSettings { socket, listen, token_file })
}

fn log(document: &Document) -> Result<LogSettings, ConfigError> {
    let (table, read): (written::Log, _) = document.table("log", document.root.log.as_ref())?;
    let default = LogSettings::default();
    Ok(LogSettings { level: read.choice("level", table.level)?.unwrap_or(default.level) })
}

fn millis(from: u64, to: u64) -> RangeInclusive<Duration> {
    Duration::from_millis(from)..=Duration::from_millis(to)
}

/// `sun_path` of Linux holds 108 bytes, the last of them zero.
const SOCKET_BYTES_MAX: usize = 107;
