//! The body of a webhook: in the account's version of the API, and laid out as Opn's Ruby does it.

use std::io;

use bytes::Bytes;
use serde::Serialize as _;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use serde_json::{Map, Value};

/// A version of the API, as far as a webhook's body differs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ApiVersion {
    /// 2019-05-29
    #[value(name = "2019-05-29")]
    V2019,
    /// 2017-11-02: `created` and `refunded` instead of `created_at` and `refunded_amount`, and
    /// currencies in small letters
    #[value(name = "2017-11-02")]
    V2017,
}

/// The bytes of an event, which is of version 2019-05-29, in this version.
pub(super) fn body(event: Value, version: ApiVersion) -> Bytes {
    let event = match version {
        ApiVersion::V2019 => event,
        ApiVersion::V2017 => of_2017(event),
    };
    let mut bytes = Vec::with_capacity(8 * 1024);
    let layout = RubyLayout { pretty: PrettyFormatter::new(), depth: 0, is_empty: false };
    // Writing a Value to memory cannot fail.
    let _ = event.serialize(&mut Serializer::with_formatter(&mut bytes, layout));
    bytes.push(b'\n');
    Bytes::from(bytes)
}

/// The same in the words of 2017-11-02 (Opn's guide from 2017 to 2019). What the shop put in its
/// metadata is the shop's.
fn of_2017(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.into_iter().map(field_of_2017).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(of_2017).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn field_of_2017((name, value): (String, Value)) -> (String, Value) {
    match (name.as_str(), value) {
        ("metadata", value) => (name, value),
        ("created_at", value) => ("created".to_owned(), value),
        ("refunded_amount", value) => ("refunded".to_owned(), value),
        ("currency" | "funding_currency", Value::String(text)) => {
            (name, Value::String(text.to_ascii_lowercase()))
        }
        (_, value) => (name, of_2017(value)),
    }
}

/// Two spaces, and a list or object with nothing in it over several lines: a captured webhook has
/// `[`, an empty line, `]`; an empty object follows from the same generator. Whoever writes the
/// body anew before checking its signature gets other bytes.
struct RubyLayout {
    pretty: PrettyFormatter<'static>,
    depth: usize,
    is_empty: bool,
}

impl RubyLayout {
    fn begin(&mut self) {
        self.depth += 1;
        self.is_empty = true;
    }

    /// What stands before the end of an empty list or object.
    fn end<W: ?Sized + io::Write>(&mut self, writer: &mut W, filling: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.is_empty {
            writer.write_all(filling)?;
            for _ in 0..self.depth {
                writer.write_all(b"  ")?;
            }
        }
        self.is_empty = false;
        Ok(())
    }
}

impl Formatter for RubyLayout {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin();
        self.pretty.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"\n\n")?;
        self.pretty.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.is_empty = false;
        self.pretty.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin();
        self.pretty.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"\n")?;
        self.pretty.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.is_empty = false;
        self.pretty.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "object": "event",
            "webhook_deliveries": [],
            "data": {
                "currency": "THB",
                "refunded_amount": 0,
                "refunds": {"data": [{"created_at": "2023-12-18T10:18:56Z", "currency": "THB"}]},
                "metadata": {"currency": "THB", "created_at": "mine"},
                "source": {"items": [], "metadata": {}, "currency": null},
            },
            "created_at": "2023-12-18T10:19:03Z",
        })
    }

    fn text(version: ApiVersion) -> String {
        String::from_utf8(body(event(), version).to_vec()).unwrap()
    }

    #[test]
    fn a_body_is_laid_out_as_ruby_does_it() {
        expect![[r#"
            {
              "object": "event",
              "webhook_deliveries": [

              ],
              "data": {
                "currency": "THB",
                "refunded_amount": 0,
                "refunds": {
                  "data": [
                    {
                      "created_at": "2023-12-18T10:18:56Z",
                      "currency": "THB"
                    }
                  ]
                },
                "metadata": {
                  "currency": "THB",
                  "created_at": "mine"
                },
                "source": {
                  "items": [

                  ],
                  "metadata": {
                  },
                  "currency": null
                }
              },
              "created_at": "2023-12-18T10:19:03Z"
            }
        "#]]
        .assert_eq(&text(ApiVersion::V2019));
        assert_eq!(serde_json::from_str::<Value>(&text(ApiVersion::V2019)).unwrap(), event());
    }

    #[test]
    fn the_old_version_has_other_names_and_small_currencies_but_the_same_metadata() {
        let old: Value = serde_json::from_str(&text(ApiVersion::V2017)).unwrap();
        let expected = json!({
            "object": "event",
            "webhook_deliveries": [],
            "data": {
                "currency": "thb",
                "refunded": 0,
                "refunds": {"data": [{"created": "2023-12-18T10:18:56Z", "currency": "thb"}]},
                "metadata": {"currency": "THB", "created_at": "mine"},
                "source": {"items": [], "metadata": {}, "currency": null},
            },
            "created": "2023-12-18T10:19:03Z",
        });
        assert_eq!(old, expected);
    }
}
