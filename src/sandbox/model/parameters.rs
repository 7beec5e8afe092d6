//! The parameters of a call, whichever way they came: form, JSON or query string.

use serde_json::{Map, Value};

/// A call's parameters as one JSON object. It may hold a payment code: it is never printed.
#[derive(Clone, Default)]
pub struct Parameters(Map<String, Value>);

/// A parameter that should be a number is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number")]
pub(crate) struct NotANumber;

impl Parameters {
    /// The parameters in a JSON object; nothing from any other value.
    #[must_use]
    pub fn from_json(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Self::default(),
        }
    }

    /// A parameter that was given and is not null.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A parameter that was given as an object.
    pub(crate) fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.value(name).and_then(Value::as_object)
    }

    /// A parameter as text; numbers are written out.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text_of(self.value(name)?)
    }

    /// A parameter as a whole number, given as such or as text.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, NotANumber> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_i64().map(Some).ok_or(NotANumber),
            Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| NotANumber),
            Some(_) => Err(NotANumber),
        }
    }

    /// Whether a parameter is set to true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| is_true(&text))
    }
}

/// A text, number or bool as text.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The words that the API takes for true.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1")
}
