//! `[wallets.…]`: which wallets are charged, how much, and which codes are theirs.

use config::Value;

use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::{
    AMOUNT_MAX, AMOUNT_MIN, PrefixRange, WalletSettings, WalletsSettings,
};
use crate::config::written::{self, Document};

pub(super) fn wallets(document: &Document) -> Result<WalletsSettings, ConfigError> {
    let (table, _): (written::Wallets, _) =
        document.table("wallets", document.root.wallets.as_ref())?;
    let default = WalletsSettings::default();
    let resolve = |path: &str, value: Option<Value>, default| {
        let (table, read) = document.table(path, value.as_ref())?;
        wallet(table, &read, default)
    };
    Ok(WalletsSettings {
        wechat_pay_upm: resolve(
            "wallets.wechat_pay_upm",
            table.wechat_pay_upm,
            default.wechat_pay_upm,
        )?,
        alipayplus_upm: resolve(
            "wallets.alipayplus_upm",
            table.alipayplus_upm,
            default.alipayplus_upm,
        )?,
    })
}

fn wallet(
    table: written::Wallet,
    read: &Reader<'_>,
    default: WalletSettings,
) -> Result<WalletSettings, ConfigError> {
    let limits = AMOUNT_MIN..=AMOUNT_MAX;
    let min = read.amount("min", table.min, limits.clone(), default.min)?;
    let max = read.amount("max", table.max, limits, default.max)?;
    if min > max {
        let other = read.key("max");
        return Err(read.refuse_pair("min", &other, &format!("must not be above {other}")));
    }
    Ok(WalletSettings {
        enabled: read.flag("enabled", table.enabled, default.enabled)?,
        min,
        max,
        prefixes: prefixes(read, table.prefixes)?.unwrap_or(default.prefixes),
        lengths: lengths(read, table.lengths)?.unwrap_or(default.lengths),
    })
}

fn prefixes(
    read: &Reader<'_>,
    value: Option<Value>,
) -> Result<Option<Vec<PrefixRange>>, ConfigError> {
    let form = "prefixes, such as [\"10-15\", \"160\"]";
    let Some(items) = read.list("prefixes", value, 32, form)? else { return Ok(None) };
    let ranges = items.into_iter().map(|(key, value)| {
        let form = "1 to 8 digits, or two of the same length from low to high, such as \"10-15\"";
        let text = read.text(&key, Some(value), form)?.unwrap_or_default();
        prefix_range(&text).ok_or_else(|| read.refuse(&key, &format!("must be {form}")))
    });
    ranges.collect::<Result<_, _>>().map(Some)
}

fn prefix_range(text: &str) -> Option<PrefixRange> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let is_prefix = |text: &str| {
        (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    // Of digits of the same length, the order of the texts is the order of the numbers.
    let accepted = is_prefix(low) && is_prefix(high) && low.len() == high.len() && low <= high;
    accepted.then(|| PrefixRange::new(low, high))
}

fn lengths(read: &Reader<'_>, value: Option<Value>) -> Result<Option<Vec<usize>>, ConfigError> {
    let form = "counts of digits, ascending, such as [16, 18]";
    let Some(items) = read.list("lengths", value, 32, form)? else { return Ok(None) };
    let mut lengths: Vec<usize> = Vec::with_capacity(items.len());
    for (key, value) in items {
        let length = read.whole(&key, Some(value), 8..=64, 18)? as usize;
        if lengths.last().is_some_and(|last| *last >= length) {
            return Err(read.refuse(&key, "must be larger than the one before it"));
        }
        lengths.push(length);
    }
    Ok(Some(lengths))
}
