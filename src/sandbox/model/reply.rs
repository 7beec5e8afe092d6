//! What the gateway answers, and how the answer reaches the client.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::settings::Speed;
use crate::sandbox::script::{Refusal, Seen};

/// An answer, and what the network makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Seconds for a `Retry-After` header.
    pub retry_after: Option<u32>,
    /// The body.
    pub content: Content,
    /// How much of it arrives.
    pub delivery: Delivery,
}

/// The body of an answer. Debug shows no body, for a charge echoes its payment code.
#[derive(Clone, PartialEq)]
pub enum Content {
    /// An object of the API, written out.
    Json(String),
    /// A proxy's page.
    Html(String),
    /// Bytes that are declared as JSON and are none.
    Garbage,
    /// Nothing.
    Empty,
}

/// How much of an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All of it.
    Whole,
    /// The head and half of the body; then the connection is closed.
    Truncated,
    /// Not a byte: the connection is closed at once.
    Dropped,
    /// Not a byte: the connection is closed after this time.
    Held(Duration),
    /// All of it, after this time.
    Late(Duration),
}

/// An error in the gateway's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The machine's word, such as `failed_expire`.
    pub code: &'static str,
    /// The sentence for a person.
    pub message: String,
}

impl Reply {
    /// Status 200 with this object.
    pub(crate) fn ok(object: &impl Serialize) -> Self {
        // Texts, numbers and flags under text keys: nothing that could not be written.
        Self::with(Content::Json(serde_json::to_string(object).unwrap_or_default()))
    }

    /// A proxy's page with this status.
    pub(crate) fn page(status: u16) -> Self {
        let title = match status {
            502 => "502 Bad Gateway",
            503 => "503 Service Temporarily Unavailable",
            504 => "504 Gateway Time-out",
            _ => "500 Internal Server Error",
        };
        let html = format!(
            "<html>\n<head><title>{title}</title></head>\n<body>\n\
             <center><h1>{title}</h1></center>\n\
             <hr><center>nginx</center>\n</body>\n</html>\n"
        );
        Self { status, retry_after: None, content: Content::Html(html), delivery: Delivery::Whole }
    }

    /// Status 429 with `Retry-After: 1`. Neither the code nor the header is documented.
    pub(crate) fn too_many_requests() -> Self {
        let error = ApiError {
            status: 429,
            code: "too_many_requests",
            message: "too many requests".to_owned(),
        };
        Self { retry_after: Some(1), ..Self::from(error) }
    }

    /// This content with status 200.
    pub(crate) const fn with(content: Content) -> Self {
        Self { status: 200, retry_after: None, content, delivery: Delivery::Whole }
    }

    /// Not a byte; the connection is closed after this time.
    pub(crate) const fn held(time: Duration) -> Self {
        let delivery = Delivery::Held(time);
        Self { status: 200, retry_after: None, content: Content::Empty, delivery }
    }

    /// What a client that is to see so much of this answer gets.
    pub(crate) fn seen_as(self, seen: Seen, speed: Speed) -> Self {
        match seen {
            Seen::Whole | Seen::Foreign => self,
            Seen::Late(after) => self.delivered(Delivery::Late(speed.scale(after))),
            Seen::Nothing => self.delivered(Delivery::Dropped),
            Seen::Page(status) => Self::page(status),
            Seen::BackendError => ApiError::backend_error().into(),
            Seen::Garbage => Self::with(Content::Garbage),
            Seen::Truncated => self.delivered(Delivery::Truncated),
            Seen::Empty => Self::with(Content::Empty),
        }
    }

    /// A refusal that did nothing.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InvalidCharge => ApiError::bad("invalid_charge", "barcode is invalid").into(),
            Refusal::BadRequest => ApiError::bad_request("bad request").into(),
            Refusal::BackendError => ApiError::backend_error().into(),
            Refusal::FailedRefund(message) => ApiError::failed_refund(message).into(),
            Refusal::TooManyRequests => Self::too_many_requests(),
            Refusal::Unavailable => Self::page(503),
        }
    }

    /// The same answer, of which this arrives.
    pub(crate) fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The JSON object, if the answer is one.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        match &self.content {
            Content::Json(text) => serde_json::from_str(text).ok(),
            Content::Html(_) | Content::Garbage | Content::Empty => None,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(_) => formatter.write_str("Json"),
            Self::Html(_) => formatter.write_str("Html"),
            Self::Garbage => formatter.write_str("Garbage"),
            Self::Empty => formatter.write_str("Empty"),
        }
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        Self { status: error.status, ..Self::ok(&error.to_json()) }
    }
}

impl<T: Serialize> From<Result<T, ApiError>> for Reply {
    fn from(result: Result<T, ApiError>) -> Self {
        result.map_or_else(Self::from, |object| Self::ok(&object))
    }
}

impl ApiError {
    /// Status 400.
    pub(crate) fn bad(code: &'static str, message: &str) -> Self {
        Self { status: 400, code, message: message.to_owned() }
    }

    /// `400 bad_request`.
    pub(crate) fn bad_request(message: &str) -> Self {
        Self::bad("bad_request", message)
    }

    /// `400 backend_error`: the provider could not be reached, or its answer was lost.
    pub(crate) fn backend_error() -> Self {
        Self::bad("backend_error", "backend error")
    }

    /// `400 failed_refund`. The code is documented, its messages are not.
    pub(crate) fn failed_refund(message: &str) -> Self {
        Self::bad("failed_refund", message)
    }

    /// `404 not_found` for a thing and its id.
    pub(crate) fn not_found(what: &str) -> Self {
        Self { status: 404, code: "not_found", message: format!("{what} was not found") }
    }

    /// `401 authentication_failure`.
    pub(crate) fn authentication_failure() -> Self {
        Self {
            status: 401,
            code: "authentication_failure",
            message: "authentication failed".to_owned(),
        }
    }

    /// `413`, from the proxy in front of the API.
    pub(crate) fn too_large() -> Self {
        Self {
            status: 413,
            code: "bad_request",
            message: "the request body is larger than 64 KiB".to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        let anchor = self.code.replace('_', "-");
        json!({
            "object": "error",
            "location": format!("https://www.omise.co/api-errors#{anchor}"),
            "code": self.code,
            "message": self.message,
        })
    }
}
