//! `[wallets.…]`: which wallets are charged, how much, and which codes are theirs.

use config::Value;

use crate::code::{PrefixError, PrefixRange, Shape};
use crate::config::ConfigError;
use crate::config::reader::Reader;
use crate::config::settings::{AMOUNT_MAX, AMOUNT_MIN, WalletSettings, WalletsSettings};
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
        shape: Shape {
            prefixes: prefixes(read, table.prefixes)?.unwrap_or(default.shape.prefixes),
            lengths: lengths(read, table.lengths)?.unwrap_or(default.shape.lengths),
        },
    })
}

fn prefixes(
    read: &Reader<'_>,
    value: Option<Value>,
) -> Result<Option<Vec<PrefixRange>>, ConfigError> {
    let form = "prefixes, such as [\"10-15\", \"160\"]";
    let Some(items) = read.list("prefixes", value, 32, form)? else { return Ok(None) };
    let ranges = items.into_iter().map(|(key, value)| {
        let text = read.text(&key, Some(value), &PrefixError.to_string())?.unwrap_or_default();
        text.parse().map_err(|form: PrefixError| read.refuse(&key, &format!("must be {form}")))
    });
    ranges.collect::<Result<_, _>>().map(Some)
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
