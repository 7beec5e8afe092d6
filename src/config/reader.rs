//! Reads the values of one table: each asked for by its key and form, refused in one line.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use config::{Value, ValueKind};
use serde::de::value::Error as Plain;
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::ConfigError;
use super::duration::{self, DurationError};
use super::written::Origin;
use crate::money::Amount;

/// The values of the table at one path.
pub(super) struct Reader<'a> {
    origin: &'a Origin,
    path: String,
}

/// The values of a list, each with its own key: `watch[0]`.
pub(super) type Items = Vec<(String, Value)>;

impl<'a> Reader<'a> {
    pub fn new(origin: &'a Origin, path: &str) -> Self {
        Self { origin, path: path.to_owned() }
    }

    /// The whole, dotted name of a key of this table.
    pub fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// The error about a key of this table: `problem` goes on after its name.
    pub fn refuse(&self, key: &str, problem: &str) -> ConfigError {
        let key = self.key(key);
        let problem = format!("{key} {problem}");
        self.origin.refuse(&key, problem)
    }

    /// The error about two keys that do not fit together: named by the first, placed where an
    /// override is to blame, if there is one.
    pub fn refuse_pair(&self, key: &str, other: &str, problem: &str) -> ConfigError {
        let key = self.key(key);
        let blamed = if self.origin.variable(&key).is_some() { &key } else { other };
        self.origin.refuse(blamed, format!("{key} {problem}"))
    }

    pub fn text(
        &self,
        key: &str,
        value: Option<Value>,
        form: &str,
    ) -> Result<Option<String>, ConfigError> {
        match value.map(|value| value.kind) {
            None => Ok(None),
            Some(ValueKind::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.refuse(key, &format!("must be text in quotes: {form}"))),
        }
    }

    /// Text a person chose: up to 64 characters, none of them a control character.
    pub fn name(&self, key: &str, value: Option<Value>) -> Result<Option<String>, ConfigError> {
        let form = "up to 64 characters in one line";
        let text = self.text(key, value, form)?;
        match text {
            Some(text) if text.chars().count() > 64 || text.contains(char::is_control) => {
                Err(self.refuse(key, &format!("must be {form}")))
            }
            text => Ok(text),
        }
    }

    pub fn flag(
        &self,
        key: &str,
        value: Option<Value>,
        default: bool,
    ) -> Result<bool, ConfigError> {
        match value.map(|value| value.kind) {
            None => Ok(default),
            Some(ValueKind::Boolean(flag)) => Ok(flag),
            Some(kind) => self
                .overriding(key, &kind)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| self.refuse(key, "must be true or false, without quotes")),
        }
    }

    pub fn whole(
        &self,
        key: &str,
        value: Option<Value>,
        range: RangeInclusive<u32>,
        default: u32,
    ) -> Result<u32, ConfigError> {
        let number = match value.map(|value| value.kind) {
            None => return Ok(default),
            Some(ValueKind::I64(number)) => u32::try_from(number).ok(),
            Some(kind) => self.overriding(key, &kind).and_then(|text| text.parse().ok()),
        };
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let (from, to) = range.into_inner();
            let form = format!("must be a whole number from {from} to {to}, without quotes");
            self.refuse(key, &form)
        })
    }

    /// A duration within `range`; the error's example is the default.
    pub fn duration(
        &self,
        key: &str,
        value: Option<Value>,
        range: RangeInclusive<Duration>,
        default: Duration,
    ) -> Result<Duration, ConfigError> {
        let Some(value) = value else { return Ok(default) };
        let parsed = if let ValueKind::String(text) = &value.kind {
            duration::parse(text)
        } else if let ValueKind::I64(_) = &value.kind {
            Err(DurationError::NoUnit)
        } else {
            Err(DurationError::Malformed)
        };
        let example = duration::text(default);
        match parsed {
            Ok(duration) if range.contains(&duration) => Ok(duration),
            Err(DurationError::NoUnit) => {
                let form = format!("has no unit; write for example \"{example}\" (ms, s, m, h, d)");
                Err(self.refuse(key, &form))
            }
            Ok(_) | Err(DurationError::Malformed) => {
                let (from, to) = (duration::text(*range.start()), duration::text(*range.end()));
                let form = format!("must be a duration from {from} to {to}, such as \"{example}\"");
                Err(self.refuse(key, &form))
            }
        }
    }

    pub fn amount(
        &self,
        key: &str,
        value: Option<Value>,
        range: RangeInclusive<Amount>,
        default: Amount,
    ) -> Result<Amount, ConfigError> {
        let (from, to) = (range.start(), range.end());
        let form = format!("an amount of baht from {from} to {to}, such as \"{default}\"");
        let Some(text) = self.text(key, value, &form)? else { return Ok(default) };
        let amount = text.parse().ok().filter(|amount| range.contains(amount));
        amount.ok_or_else(|| self.refuse(key, &format!("must be {form}")))
    }

    /// An absolute path: the daemon's working directory is nobody's business.
    pub fn path(&self, key: &str, value: Option<Value>) -> Result<Option<PathBuf>, ConfigError> {
        let form = "an absolute path, beginning with /";
        let Some(text) = self.text(key, value, form)? else { return Ok(None) };
        if !text.starts_with('/') || text.len() > PATH_BYTES_MAX || text.contains(char::is_control)
        {
            return Err(self.refuse(key, &format!("must be {form}")));
        }
        Ok(Some(text.into()))
    }

    /// One of the names of the enum `T`.
    pub fn choice<T: DeserializeOwned>(
        &self,
        key: &str,
        value: Option<Value>,
    ) -> Result<Option<T>, ConfigError> {
        let quoted: Vec<_> = names::<T>().iter().map(|name| format!("\"{name}\"")).collect();
        let form = quoted.join(", ");
        let form = if quoted.len() == 1 { form } else { format!("one of {form}") };
        let Some(text) = self.text(key, value, &form)? else { return Ok(None) };
        let deserializer: serde::de::value::StrDeserializer<'_, Plain> =
            text.as_str().into_deserializer();
        let chosen = T::deserialize(deserializer);
        chosen.map(Some).map_err(|_| self.refuse(key, &format!("must be {form}")))
    }

    /// A list of 1 to `most` values; in the environment, text separated by commas.
    pub fn list(
        &self,
        key: &str,
        value: Option<Value>,
        most: usize,
        form: &str,
    ) -> Result<Option<Items>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let separated = self.overriding(key, &value.kind).map(|text| {
            text.split(',').map(|item| Value::new(None, item.trim())).collect::<Vec<_>>()
        });
        let values = match (separated, value.kind) {
            (Some(values), _) | (None, ValueKind::Array(values)) => values,
            (None, _) => Vec::new(),
        };
        if values.is_empty() || values.len() > most {
            return Err(self.refuse(key, &format!("must be a list of 1 to {most} {form}")));
        }
        let numbered = values.into_iter().enumerate();
        Ok(Some(numbered.map(|(at, value)| (format!("{key}[{at}]"), value)).collect()))
    }

    /// The text of a value that came from the environment, where everything is text.
    fn overriding<'v>(&self, key: &str, kind: &'v ValueKind) -> Option<&'v str> {
        self.origin.variable(&self.key(key))?;
        if let ValueKind::String(text) = kind { Some(text) } else { None }
    }
}

/// The names serde knows of `T`: the fields of a struct, the variants of an enum.
pub(super) fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // It always fails: it has no value to give, it only listens to what is asked for.
    let _ = T::deserialize(Listener(&mut names));
    names
}

struct Listener<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = Plain;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Plain> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Plain> {
        *self.0 = variants;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Plain> {
        Err(Plain::custom("no value"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// `PATH_MAX` of Linux, with its terminating zero.
const PATH_BYTES_MAX: usize = 4_095;
