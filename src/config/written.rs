//! The file as written: which tables and keys exist, each with a value of any type, and the
//! environment's overrides laid over it. Whether a value is accepted is not decided here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{File, FileFormat, Map, Source, Value, ValueKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::reader::{Reader, names};
use super::{ConfigError, PREFIX, Place};

/// The whole configuration as written.
pub(super) struct Document {
    pub root: Root,
    origin: Origin,
}

/// Where each value came from.
pub(super) struct Origin {
    file: PathBuf,
    /// Dotted key to the name of the variable that overrides it.
    overridden: BTreeMap<String, String>,
}

/// A table whose known keys are the fields of `$name`, each perhaps absent and of any type.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($key:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name { $(pub $key: Option<Value>),+ }
    };
}

table!(
    /// The names of the tables themselves.
    Root { gateway, payment, sale, counter, wallets, scanner, keypad, hook, journal, api, webhook, log }
);
table!(Gateway { base_url, secret_key_file, request_timeout, connect_timeout });
table!(Payment {
    deadline,
    cancel_not_before,
    quarantine,
    watch,
    late_success,
    poll_first,
    poll_fast,
    poll_fast_until,
    poll_slow_min,
    poll_slow_max,
    backoff_max,
});
table!(Sale { lease });
table!(Counter { language, name });
table!(Wallets { wechat_pay_upm, alipayplus_upm });
table!(Wallet { enabled, min, max, prefixes, lengths });
table!(Scanner { kind, path, usb, serial_number, port, baud_rate, idle, layout, feedback });
table!(Keypad { usb, serial_number, port });
table!(Hook { command, timeout, events });
table!(Journal { path, keep });
table!(Api { socket, listen, token_file });
table!(Webhook { listen, path, secrets, tolerance, allow_unsigned, poll, trust });
table!(Log { level });

/// Every table that has a place of its own, with its keys: what the environment can override.
pub(super) fn single_tables() -> [(&'static str, &'static [&'static str]); 11] {
    [
        ("gateway", names::<Gateway>()),
        ("payment", names::<Payment>()),
        ("sale", names::<Sale>()),
        ("counter", names::<Counter>()),
        ("wallets.wechat_pay_upm", names::<Wallet>()),
        ("wallets.alipayplus_upm", names::<Wallet>()),
        ("keypad", names::<Keypad>()),
        ("journal", names::<Journal>()),
        ("api", names::<Api>()),
        ("webhook", names::<Webhook>()),
        ("log", names::<Log>()),
    ]
}

impl Document {
    /// Reads the text of `file` and lays the `variables` over it, each of which has the prefix.
    pub fn read(
        text: &str,
        file: &Path,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut tables = File::from_str(text, FileFormat::Toml).collect().map_err(|error| {
            ConfigError::Syntax { file: file.to_owned(), problem: one_line(&error.to_string()) }
        })?;
        let mut overridden = BTreeMap::new();
        for (variable, value) in variables {
            let (table, key) = overridden_key(variable)?;
            lay_over(&mut tables, table, key, value);
            overridden.insert(format!("{table}.{key}"), variable.clone());
        }
        let origin = Origin { file: file.to_owned(), overridden };
        let root = origin.known("", Value::new(None, tables))?;
        Ok(Self { root, origin })
    }

    /// The table at `path`, with the reader of its values; without a `value`, an empty one.
    pub fn table<T: DeserializeOwned + Default>(
        &self,
        path: &str,
        value: Option<&Value>,
    ) -> Result<(T, Reader<'_>), ConfigError> {
        let reader = Reader::new(&self.origin, path);
        let Some(value) = value else { return Ok((T::default(), reader)) };
        if !matches!(value.kind, ValueKind::Table(_)) {
            let problem = format!("{path} must be a table of keys, begun by the line [{path}]");
            return Err(self.origin.refuse(path, problem));
        }
        Ok((self.origin.known(path, value.clone())?, reader))
    }

    /// The tables of the array at `path`, at most `most`.
    pub fn tables<T: DeserializeOwned + Default>(
        &self,
        path: &str,
        value: Option<&Value>,
        most: usize,
    ) -> Result<Vec<(T, Reader<'_>)>, ConfigError> {
        let Some(value) = value else { return Ok(Vec::new()) };
        let entries = value.clone().into_array().unwrap_or_default();
        let all_tables = entries.iter().all(|entry| matches!(entry.kind, ValueKind::Table(_)));
        if !matches!(value.kind, ValueKind::Array(_)) || !all_tables {
            let problem =
                format!("{path} must be begun by the line [[{path}]], in double brackets");
            return Err(self.origin.refuse(path, problem));
        }
        if entries.len() > most {
            let problem = format!("{path} must be written at most {most} times");
            return Err(self.origin.refuse(path, problem));
        }
        let numbered = entries.iter().enumerate();
        numbered.map(|(at, entry)| self.table(&format!("{path}[{at}]"), Some(entry))).collect()
    }
}

impl Origin {
    /// The variable that overrides `key`, which may go on with an index into its list.
    pub fn variable(&self, key: &str) -> Option<&String> {
        self.overridden.get(key.split('[').next().unwrap_or(key))
    }

    /// The error about `key`, at the place where it was written.
    pub fn refuse(&self, key: &str, problem: String) -> ConfigError {
        let place = match self.variable(key) {
            Some(variable) => Place::Variable(variable.clone()),
            None => Place::File(self.file.clone()),
        };
        ConfigError::Refused { place, problem }
    }

    /// The table `value` at `path`, all of whose keys must be known. (serde would find an unknown
    /// key as well, but not say which is meant, and take the first of several from a hash map.)
    fn known<T: DeserializeOwned>(&self, path: &str, value: Value) -> Result<T, ConfigError> {
        let known = names::<T>();
        if let ValueKind::Table(entries) = &value.kind {
            let unknown = entries.keys().filter(|key| !known.contains(&key.as_str())).min();
            if let Some(unknown) = unknown {
                let within = if path.is_empty() { String::new() } else { format!("{path}.") };
                let problem = unknown_key(&within, unknown, known);
                return Err(self.refuse(path, problem));
            }
        }
        T::deserialize(value).map_err(|error| self.refuse(path, one_line(&error.to_string())))
    }
}

/// The table and key that `variable` overrides.
fn overridden_key(variable: &str) -> Result<(&'static str, &'static str), ConfigError> {
    let keys = single_tables()
        .into_iter()
        .flat_map(|(table, keys)| {
            keys.iter().map(move |key| (variable_name(table, key), table, *key))
        })
        .collect::<Vec<_>>();
    if let Some((_, table, key)) = keys.iter().find(|(name, _, _)| name == variable) {
        return Ok((table, key));
    }
    let names: Vec<_> = keys.iter().map(|(name, _, _)| name.as_str()).collect();
    let problem = match nearest(&variable.to_uppercase(), &names) {
        Some(name) => format!("overrides no key; did you mean {name}?"),
        None => {
            "overrides no key; accepted are TILLSCAN__TABLE__KEY for the keys of the file outside \
                 [[scanner]] and [[hook]]"
                .to_owned()
        }
    };
    Err(ConfigError::Refused { place: Place::Variable(variable.to_owned()), problem })
}

fn variable_name(table: &str, key: &str) -> String {
    format!("{PREFIX}{}__{}", table.replace('.', "__").to_uppercase(), key.to_uppercase())
}

/// Sets `key` of the table at the dotted path `table`. What is no table stays: it is refused later.
fn lay_over(tables: &mut Map<String, Value>, table: &str, key: &str, text: &str) {
    let (first, rest) = table.split_once('.').map_or((table, None), |(a, b)| (a, Some(b)));
    let entry = tables
        .entry(first.to_owned())
        .or_insert_with(|| Value::new(None, Map::<String, Value>::new()));
    let ValueKind::Table(entries) = &mut entry.kind else { return };
    match rest {
        Some(rest) => lay_over(entries, rest, key, text),
        None => drop(entries.insert(key.to_owned(), Value::new(None, text))),
    }
}

fn unknown_key(within: &str, unknown: &str, known: &[&str]) -> String {
    let shown: String = unknown.chars().take(64).flat_map(char::escape_debug).collect();
    match nearest(unknown, known) {
        Some(name) => format!("unknown key {within}{shown}; did you mean {within}{name}?"),
        None => format!("unknown key {within}{shown}; accepted: {}", known.join(", ")),
    }
}

/// The known name that was perhaps meant: a quarter of its letters away and one more, at most.
fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (distance(unknown, name), *name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len().min(12) / 4).then_some(name)
}

/// How many letters must be added, dropped or changed to make one text of the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    // A long text is near to no key; the bound keeps the table small.
    let from: Vec<char> = from.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (line, letter) in to.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in from.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[from.len()]
}

/// The parser's report without its drawing of the line: where, then what.
fn one_line(report: &str) -> String {
    let mut lines = report.lines().map(str::trim).filter(|line| !line.is_empty());
    let place =
        lines.next().unwrap_or("unreadable").trim_start_matches("TOML parse error ").to_owned();
    let said: Vec<_> = lines.filter(|line| !line.contains('|')).collect();
    if said.is_empty() { place } else { format!("{place}: {}", said.join("; ")) }
}
