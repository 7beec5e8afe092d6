//! Reads the parameters of a request: query string, form and JSON, merged into one object.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::model::{ApiError, Parameters};

/// The parameters of a request. What the body says wins over the query string.
///
/// # Errors
///
/// Where the body is neither a form nor a JSON object: the gateway's own refusal.
pub fn parameters(query: &str, content_type: &str, body: &[u8]) -> Result<Parameters, ApiError> {
    let mut all = form(query);
    if is_json(content_type, body) {
        let value = serde_json::from_slice(body)
            .map_err(|_| ApiError::bad_request("the request body is not valid JSON"))?;
        let Value::Object(map) = value else {
            return Err(ApiError::bad_request("the request body is not a JSON object"));
        };
        all.extend(map);
    } else {
        let text = std::str::from_utf8(body)
            .map_err(|_| ApiError::bad_request("the request body is not UTF-8"))?;
        all.extend(form(text));
    }
    Ok(Parameters::from_json(Value::Object(all)))
}

/// Some clients send JSON and say nothing about it.
fn is_json(content_type: &str, body: &[u8]) -> bool {
    let blank = body.iter().all(u8::is_ascii_whitespace);
    !blank && (content_type.contains("json") || body.trim_ascii_start().starts_with(b"{"))
}

/// Reads `amount=2000&source[type]=x&list[]=y`. A name that contradicts an earlier one is dropped.
fn form(text: &str) -> Map<String, Value> {
    let mut root = Value::Object(Map::new());
    for pair in text.trim().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        if let Some(place) = place(&mut root, &name) {
            *place = Value::String(value);
        }
    }
    match root {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// The place of a bracketed name such as `source[type]`; made if it does not exist.
fn place<'root>(root: &'root mut Value, name: &str) -> Option<&'root mut Value> {
    let (first, rest) = name.split_once('[').unwrap_or((name, ""));
    let mut place = root.as_object_mut()?.entry(first).or_insert(Value::Null);
    let steps = rest.split('[').map(|step| step.trim_end_matches(']'));
    for step in steps.filter(|_| !rest.is_empty()).take(DEPTH_MAX) {
        if step.is_empty() {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let list = place.as_array_mut()?;
            list.push(Value::Null);
            place = list.last_mut()?;
        } else {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            place = place.as_object_mut()?.entry(step).or_insert(Value::Null);
        }
    }
    Some(place)
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Deeper names than any parameter of the API has.
const DEPTH_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_write_parameters_is_read() {
        let form = "application/x-www-form-urlencoded";
        let json_type = "application/json; charset=utf-8";
        let table: &[(&str, &str, &str, Value)] = &[
            ("", form, "", json!({})),
            ("", json_type, "", json!({})),
            ("amount=1", form, "amount=2", json!({"amount": "2"})),
            ("a=1&b=", json_type, "{\"a\":2,\"c\":null}", json!({"a": 2, "b": "", "c": null})),
            (
                "filters%5Bamount%5D=20.00&filters[status]=paid",
                form,
                "",
                json!({"filters": {"amount": "20.00", "status": "paid"}}),
            ),
            (
                "",
                form,
                "source[type]=wechat_pay_upm&source%5Bbarcode%5D=13&metadata[a]=1+2%2B3",
                json!({
                    "source": {"type": "wechat_pay_upm", "barcode": "13"},
                    "metadata": {"a": "1 2+3"},
                }),
            ),
            ("", form, "x[]=1&x[]=2&y[z][]=3", json!({"x": ["1", "2"], "y": {"z": ["3"]}})),
            ("", form, "a=1&a[b]=2&a[]=3", json!({"a": "1"})),
            ("", "", "{\"metadata\":{\"n\":1.5}}", json!({"metadata": {"n": 1.5}})),
        ];
        for (query, content_type, body, expected) in table {
            let read = parameters(query, content_type, body.as_bytes()).unwrap();
            for (name, value) in expected.as_object().unwrap() {
                let found = read.value(name).unwrap_or(&Value::Null);
                assert_eq!(found, value, "{query} {body} {name}");
            }
        }
    }

    #[test]
    fn bad_bodies_are_refused() {
        for body in ["{", "{\"a\":}", "{} x"] {
            let error = parameters("", "application/json", body.as_bytes()).err().unwrap();
            assert_eq!((error.status, error.code), (400, "bad_request"), "{body}");
        }
        assert!(parameters("", "application/json", b"[1]").is_err());
        assert!(parameters("", "", b"a=\xff").is_err());
    }

    #[test]
    fn a_name_of_many_brackets_ends_somewhere() {
        let name = format!("a{}=1", "[b]".repeat(10_000));
        assert!(parameters("", "", name.as_bytes()).is_ok());
    }
}
