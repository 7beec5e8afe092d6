//! What a webhook is about. Pure.
//!
//! Only ids are read: the body is written in the account's version of the API, whatever we ask for
//! elsewhere, and it never decides anything. What it is about is read back from the gateway.

use serde::Deserialize;

use crate::gateway::lenient::{Object, Scalar};
use crate::gateway::wire::{is_id, object};
use crate::terminal::ChargeId;

/// The gateway says that something happened to a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's own name, by which a second delivery is known.
    pub id: EventId,
    /// Which charge.
    pub charge: ChargeId,
}

/// Opn's name for an event, `evnt_…`; opaque.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId(String);

/// What a body tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Something about a charge, or about a refund of it.
    Of(Event),
    /// Something about a customer, a transfer, or whatever else the account has.
    OtherMatter,
}

/// The event in a body; `None` for one that is no event.
#[must_use]
pub fn read(body: &[u8]) -> Option<Told> {
    let event: EventBody = object(body)?;
    let id = EventId::new(event.id.text()?)?;
    let Object(data) = event.data?;
    // A refund, or a dispute, names the charge that it belongs to.
    let charge = charge_id(&data.id).or_else(|| charge_id(&data.charge));
    Some(charge.map_or(Told::OtherMatter, |charge| Told::Of(Event { id, charge })))
}

impl EventId {
    /// The event with this name, if it is shaped like one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.starts_with("evnt_") && is_id(text)).then(|| Self(text.to_owned()))
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Deserialize)]
struct EventBody {
    #[serde(default)]
    id: Scalar,
    data: Option<Object<DataBody>>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct DataBody {
    id: Scalar,
    charge: Scalar,
}

fn charge_id(value: &Scalar) -> Option<ChargeId> {
    let text = value.text().filter(|text| text.starts_with("chrg_") && is_id(text))?;
    Some(ChargeId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Event and charge, `other matter`, or `no event`.
    fn told(body: &str) -> String {
        match read(body.as_bytes()) {
            Some(Told::Of(Event { id, charge })) => format!("{} {charge}", id.as_str()),
            Some(Told::OtherMatter) => "other matter".to_owned(),
            None => "no event".to_owned(),
        }
    }

    #[test]
    fn ids_are_read_in_any_version_and_layout() {
        let table = [
            (r#"{"id":"evnt_test_1","data":{"id":"chrg_test_2"}}"#, "evnt_test_1 chrg_test_2"),
            (
                "{\n  \"object\": \"event\",\n  \"id\": \"evnt_1\",\n  \"webhook_deliveries\": [\n\n  ],\n  \
                 \"data\": {\n    \"object\": \"charge\",\n    \"created\": \"2023\",\n    \"id\": \
                 \"chrg_2\",\n    \"charge\": \"chrg_3\"\n  },\n  \"key\": \"charge.complete\"\n}\n",
                "evnt_1 chrg_2",
            ),
            (
                r#"{"key":"refund.create","data":{"object":"refund","id":"rfnd_1","charge":"chrg_2"},"id":"evnt_1"}"#,
                "evnt_1 chrg_2",
            ),
            (r#"{"id":"evnt_1","data":{"id":"dspt_1","charge":"chrg_2"}}"#, "evnt_1 chrg_2"),
            (r#"{"id":"evnt_1","data":{"id":7,"charge":"chrg_2"},"key":[]}"#, "evnt_1 chrg_2"),
            (r#"{"id":"evnt_1","data":{"id":"cust_1"}}"#, "other matter"),
            (r#"{"id":"evnt_1","data":{"id":"rfnd_1","charge":{"id":"chrg_2"}}}"#, "other matter"),
            (r#"{"id":"evnt_1","data":{}}"#, "other matter"),
        ];
        for (body, expected) in table {
            assert_eq!(told(body), expected, "{body}");
        }
    }

    #[test]
    fn o3_what_is_not_shaped_like_an_id_is_none() {
        let long = format!("evnt_{}", "1".repeat(60));
        for id in ["", "1", "chrg_1", "evnt-1", "evnt_1/..", "evnt_ก", "evnt_1\\n", &long] {
            let body = format!(r#"{{"id":"{id}","data":{{"id":"chrg_2"}}}}"#);
            assert_eq!(told(&body), "no event", "{body}");
        }
        for id in ["", "1", "evnt_1", "chrg_1?x", "chrg_1/../2", "chrg_\\u0000"] {
            let body = format!(r#"{{"id":"evnt_1","data":{{"id":"{id}"}}}}"#);
            assert_eq!(told(&body), "other matter", "{body}");
        }
        for body in [
            "",
            "{",
            "null",
            "[]",
            r#"["evnt_1",{"id":"chrg_2"}]"#,
            r#"{"id":"evnt_1"}"#,
            r#"{"id":"evnt_1","data":null}"#,
            r#"{"id":"evnt_1","data":["chrg_2"]}"#,
            r#"{"id":["evnt_1"],"data":{"id":"chrg_2"}}"#,
            r#"{"data":{"id":"chrg_2"}}"#,
            r#"{"id":"evnt_1","data":{"id":"chrg_2"}} {}"#,
            r#"{"id":"evnt_1","id":"evnt_2","data":{"id":"chrg_2"}}"#,
        ] {
            assert_eq!(told(body), "no event", "{body}");
        }
        assert_eq!(read(&"[".repeat(100_000).into_bytes()), None);
    }

    proptest! {
        /// Half a body tells nothing, whatever is in it.
        #[test]
        fn half_a_body_is_no_event(more in "[ -~]{0,40}", cut in 1_usize..120) {
            let body = serde_json::json!({
                "more": more, "id": "evnt_1", "data": { "id": "chrg_2", "more": more },
            });
            let body = body.to_string();
            let id = EventId::new("evnt_1").unwrap();
            let event = Event { id, charge: ChargeId("chrg_2".to_owned()) };
            prop_assert_eq!(read(body.as_bytes()), Some(Told::Of(event)));
            let half = &body[..body.len().saturating_sub(cut)];
            prop_assert_eq!(read(half.as_bytes()), None);
        }
    }
}
