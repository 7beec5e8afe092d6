//! The HTTP face of the model: authentication, parameters, headers, and carrying out deliveries.
//!
//! It decides nothing about payments. Bodies and query strings may hold payment codes and are never
//! logged.

use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::body::parameters;
use super::connection::Cut;
use super::model::{ApiError, Call, Content, Delivery, Reply, Truth};
use super::server::Sandbox;

/// Everything the sandbox answers to.
pub(crate) fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new().fallback(answer).with_state(sandbox)
}

async fn answer(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response<Body> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let path = head.uri.path().trim_end_matches('/').to_owned();
    if head.method == "GET" && path.starts_with("/sandbox/") {
        return response(&sandbox, &control(&sandbox, &path), &head.headers, started);
    }
    let reply = match call(&sandbox, &head, &path, body.into_data_stream()).await {
        Ok(reply) => reply,
        Err((kind, error)) => {
            sandbox.with_model(|model, now| model.turn_away(now, kind));
            error.into()
        }
    };
    sandbox.mark_changed();
    let (method, status, delivery) = (&head.method, reply.status, reply.delivery);
    tracing::debug!(%method, %path, status, ?delivery, "answered");
    match reply.delivery {
        Delivery::Whole | Delivery::Truncated => {}
        Delivery::Dropped => cut.now(),
        Delivery::Held(time) => {
            sandbox.sleep(time).await;
            cut.now();
        }
        Delivery::Late(time) => sandbox.sleep(time).await,
    }
    response(&sandbox, &reply, &head.headers, started)
}

/// Reads and answers a call of the API; else says as what it counts and why it is turned away.
async fn call(
    sandbox: &Sandbox,
    head: &axum::http::request::Parts,
    path: &str,
    body: BodyDataStream,
) -> Result<Reply, (&'static str, ApiError)> {
    let call = Call::of(head.method.as_str(), path);
    let body = tokio::time::timeout(REQUEST_TIME_MAX, read(body)).await;
    let body = body.ok().flatten().ok_or(("too_large", ApiError::too_large()))?;
    if !is_authorized(sandbox, &head.headers, call.as_ref()) {
        return Err(("unauthorized", ApiError::authentication_failure()));
    }
    let call = call.ok_or_else(|| ("unknown", ApiError::not_found("the requested path")))?;
    let content_type = text(&head.headers, &header::CONTENT_TYPE);
    let parameters = parameters(head.uri.query().unwrap_or_default(), content_type, &body)
        .map_err(|error| ("unreadable", error))?;
    Ok(sandbox.with_model(|model, now| model.handle(now, &call, &parameters)))
}

/// The body, or `None` where it is larger than the API takes. A little more is read and thrown
/// away, so that a client which is still writing gets to see the answer.
async fn read(mut stream: BodyDataStream) -> Option<Bytes> {
    let mut body = BytesMut::new();
    let mut length = 0_usize;
    while let Some(Ok(chunk)) = stream.next().await {
        length = length.saturating_add(chunk.len());
        if length <= BODY_MAX {
            body.extend_from_slice(&chunk);
        }
        if length > DISCARD_MAX {
            break;
        }
    }
    (length <= BODY_MAX).then(|| body.freeze())
}

/// HTTP Basic with the secret key as user name. A public key may only read the capability.
fn is_authorized(sandbox: &Sandbox, headers: &HeaderMap, call: Option<&Call>) -> bool {
    let encoded = text(headers, &header::AUTHORIZATION).strip_prefix("Basic ");
    let decoded = encoded.and_then(|encoded| BASE64_STANDARD.decode(encoded.trim()).ok());
    let Some(credentials) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return false;
    };
    let key = credentials.split(':').next().unwrap_or_default();
    if call == Some(&Call::Capability) && is_key(key, "pkey_test_") {
        return true;
    }
    match &sandbox.secret_key {
        Some(secret_key) => secret_key.expose_secret() == key,
        None => is_key(key, "skey_test_"),
    }
}

fn is_key(key: &str, prefix: &str) -> bool {
    key.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty())
}

/// The control face: the truth, for tests. It is no part of Opn's API and needs no key.
fn control(sandbox: &Sandbox, path: &str) -> Reply {
    sandbox.with_model(|model, now| {
        model.advance(now);
        match path {
            "/sandbox/charges" => Reply::ok(&json!({
                "charges": model.truths().collect::<Vec<Truth>>(),
                "creates_by_attempt": model.creates(),
            })),
            "/sandbox/requests" => Reply::ok(&model.requests()),
            _ => ApiError::not_found("the requested path").into(),
        }
    })
}

fn response(
    sandbox: &Sandbox,
    reply: &Reply,
    request: &HeaderMap,
    started: Instant,
) -> Response<Body> {
    let (content_type, bytes) = match &reply.content {
        Content::Json(text) => (JSON, pretty(text)),
        Content::Html(page) => ("text/html", Bytes::from(page.clone())),
        Content::Garbage => (JSON, Bytes::from_static(GARBAGE)),
        Content::Empty => (JSON, Bytes::new()),
    };
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let length = HeaderValue::from(bytes.len());
    let body = match reply.delivery {
        Delivery::Truncated => half_of(&bytes),
        Delivery::Whole | Delivery::Dropped | Delivery::Held(_) | Delivery::Late(_) => {
            Body::from(bytes)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: String| {
        // All values are made of visible characters; one that is not is left out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("date", sandbox.date());
    set("content-type", content_type.to_owned());
    set("cache-control", "no-cache, no-store".to_owned());
    set("x-request-id", uuid::Uuid::now_v7().to_string());
    set("x-runtime", format!("{:.6}", started.elapsed().as_secs_f64()));
    set("server", "nginx".to_owned());
    set("status", status.to_string());
    if let Some(seconds) = reply.retry_after {
        set("retry-after", seconds.to_string());
    }
    if status.is_success() {
        let asked = text(request, &HeaderName::from_static("omise-version"));
        let version = VERSIONS.iter().find(|version| **version == asked);
        set("omise-version", (*version.unwrap_or(&VERSIONS[0])).to_owned());
        set("strict-transport-security", "max-age=31536000; includeSubDomains".to_owned());
    }
    headers.insert(header::CONTENT_LENGTH, length);
    response
}

/// The first half of a body whose length was announced as the whole; then the connection ends.
fn half_of(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let mut step = 0_u8;
    Body::from_stream(stream::poll_fn(move |context| {
        step = step.saturating_add(1);
        match step {
            1 => Poll::Ready(Some(Ok(half.clone()))),
            // The server sends what it has before it asks again.
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted)))),
        }
    }))
}

/// As the gateway writes it: indented, with a newline at the end.
fn pretty(text: &str) -> Bytes {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    Bytes::from(format!("{value:#}\n"))
}

fn text<'headers>(headers: &'headers HeaderMap, name: &HeaderName) -> &'headers str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

const JSON: &str = "application/json; charset=utf-8";
const GARBAGE: &[u8] = b"\x1f\x8b\x08\x00\xff\xfe{\"object\":\"charge\",,,";
/// The newest first: it is the account's default.
const VERSIONS: [&str; 4] = ["2019-05-29", "2017-11-02", "2015-11-17", "2014-07-27"];
const BODY_MAX: usize = 64 * 1024;
const DISCARD_MAX: usize = 4 * 1024 * 1024;
/// How long a request's body may take to arrive.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
