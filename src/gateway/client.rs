//! One HTTP exchange: connection, time limit, size limits, log. Sends each request at most once and
//! decides nothing; what an exchange proves is [`classify`](mod@super::classify)'s.
//!
//! A request leaves at most once: redirects, proxies and reqwest's retries are off, and hyper takes
//! another connection only for a request of which it has not begun to write the first byte.

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, Method, Url, redirect, retry, tls};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::call::{Call, Moves, Note};
use super::classify::{Answer, Exchange};
use super::retry_after::retry_after;
use super::{Exchanging, GatewayError, Options, Wire};

/// Connections to one gateway, with one key.
pub(super) struct Client {
    http: reqwest::Client,
    /// Without a slash at the end.
    base_url: String,
    /// None without a key: then nothing is sent.
    authorization: Option<HeaderValue>,
    request_timeout: Duration,
}

impl Client {
    /// A client; connects only when it is used.
    pub fn new(options: &Options) -> Result<Self, GatewayError> {
        let base_url = base_url(&options.base_url)?;
        let builder = reqwest::Client::builder();
        // Reading the system's roots costs time and memory, for certificates that never come.
        let encrypted = base_url.scheme() == "https";
        let builder = if encrypted { builder } else { builder.tls_certs_only([]) };
        Self::build(options, &base_url, builder)
    }

    pub(super) fn build(
        options: &Options,
        base_url: &Url,
        builder: ClientBuilder,
    ) -> Result<Self, GatewayError> {
        // Fails where one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = builder
            .http1_only()
            .https_only(base_url.scheme() == "https")
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .tls_version_min(tls::Version::TLS_1_2)
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE)
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX);
        let http = builder.build().map_err(|error| GatewayError::Client(cause(error)))?;
        Ok(Self {
            authorization: authorization(&http, options),
            http,
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            request_timeout: options.request_timeout,
        })
    }

    async fn send(&self, call: Call, seen: &mut Seen) -> Exchange {
        let Some(authorization) = &self.authorization else {
            return Exchange::NotSent { cause: "no secret key is configured".to_owned() };
        };
        let url = format!("{}{}", self.base_url, call.path);
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .header(AUTHORIZATION, authorization)
            .header("omise-version", VERSION);
        if let Some(body) = call.body {
            // Keeps the buffer and its wiping, where a `Vec` would be taken over without.
            request = request.body(Bytes::from_owner(body));
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        } else if call.method == Method::POST {
            // Left out otherwise, and then refused by some servers (411).
            request = request.header(CONTENT_LENGTH, 0);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            // Both are raised before the first byte of a request is written.
            Err(error) if error.is_builder() || error.is_connect() => {
                return Exchange::NotSent { cause: cause(error) };
            }
            Err(error) => return lost(&error),
        };
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        *seen = Seen { status: Some(status), request_id: request_id(response.headers()) };
        match whole_body(&mut response).await {
            Ok(body) => Exchange::Answered(Answer { status, retry_after, body }),
            Err(error) => lost(&error),
        }
    }
}

impl Wire for Client {
    /// Sends `call` once and waits for the whole answer, at most the request time-out.
    fn exchange(&self, call: Call) -> Exchanging<'_> {
        Box::pin(async move {
            let note = call.note.clone();
            let (method, started) = (call.method.clone(), Instant::now());
            let mut seen = Seen::default();
            let exchange = match timeout(self.request_timeout, self.send(call, &mut seen)).await {
                Ok(exchange) => exchange,
                Err(_) => Exchange::TimedOut,
            };
            log(&note, method.as_str(), &seen, started.elapsed(), &exchange);
            exchange
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.authorization.is_some() { "with a key" } else { "without a key" };
        write!(formatter, "Client({} {key})", self.base_url)
    }
}

/// What is known of an answer before it is whole.
#[derive(Default)]
struct Seen {
    status: Option<u16>,
    request_id: Option<String>,
}

/// The body, or none where it is longer than we read.
async fn whole_body(
    response: &mut reqwest::Response,
) -> Result<Option<Zeroizing<Vec<u8>>>, reqwest::Error> {
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    if told.is_some_and(|length| length > ANSWER_LENGTH_MAX) {
        return Ok(None);
    }
    // One charge fits at once; what grows leaves a copy behind that is not wiped.
    let capacity = told.unwrap_or(USUAL_ANSWER_LENGTH);
    let mut body = Zeroizing::new(Vec::with_capacity(capacity));
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_LENGTH_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn lost(error: &reqwest::Error) -> Exchange {
    if error.is_timeout() { Exchange::TimedOut } else { Exchange::Broken }
}

/// The reasons below an error, without the URL.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reasons = Vec::new();
    let mut source = error.source();
    while let Some(reason) = source {
        reasons.push(reason.to_string());
        source = reason.source();
    }
    // The outermost ones only say which layer reports.
    reasons.retain(|reason| !reason.starts_with("client error"));
    let informative = reasons.split_off(reasons.len().saturating_sub(2));
    if informative.is_empty() { error.to_string() } else { informative.join(": ") }
}

/// HTTP Basic: the key as the user name, no password. The header is marked sensitive.
fn authorization(http: &reqwest::Client, options: &Options) -> Option<HeaderValue> {
    let key =
        options.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty())?;
    let request = http.get("http://localhost").basic_auth(key, Some("")).build().ok()?;
    request.headers().get(AUTHORIZATION).cloned()
}

pub(super) fn base_url(text: &str) -> Result<Url, GatewayError> {
    let malformed = || GatewayError::Malformed;
    let url = Url::parse(text).map_err(|_| malformed())?;
    let host = url.host_str().ok_or_else(malformed)?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.scheme() {
        "https" if plain => Ok(url),
        "http" if plain && is_this_machine(host) => Ok(url),
        "http" if plain => Err(GatewayError::Insecure),
        _ => Err(malformed()),
    }
}

fn is_this_machine(host: &str) -> bool {
    let version_6 = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || version_6.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
}

/// The gateway's name for the exchange, which its support asks for.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-request-id")?.to_str().ok()?;
    let allowed = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    Some(text.chars().filter(allowed).take(REQUEST_ID_LENGTH_MAX).collect())
}

/// Never the key, the headers, a body or the shop's reference (P1).
fn log(note: &Note, method: &str, seen: &Seen, duration: Duration, exchange: &Exchange) {
    let Note { template: path, subject, moves } = note;
    let Seen { status, request_id } = seen;
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let request_id = request_id.as_deref();
    let end = match exchange {
        Exchange::NotSent { .. } => "not sent",
        Exchange::TimedOut => "timed out",
        Exchange::Broken => "connection broke",
        Exchange::Answered(_) => "answered",
    };
    // A macro, since the level of an event is part of its call site.
    macro_rules! log {
        ($level:ident) => {
            tracing::$level!(method, path, %subject, status, request_id, duration_ms, "{end}")
        };
    }
    match moves {
        Moves::Money => log!(info),
        Moves::Nothing => log!(debug),
    }
}

/// The version of the gateway's API that [`wire`](super::wire) reads.
const VERSION: &str = "2019-05-29";
/// Shorter than what servers usually keep a connection for, so that a request seldom meets one that
/// is just being closed.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// One for the counter, one for what is looked up beside it.
const IDLE_CONNECTIONS_MAX: usize = 2;
/// Finds a dead peer while an answer is waited for.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// A hundred charges, of 4 KiB each as captured, with room for twice that.
const ANSWER_LENGTH_MAX: usize = 1024 * 1024;
/// A charge, pretty-printed, has 3 to 4 KiB.
const USUAL_ANSWER_LENGTH: usize = 16 * 1024;
const REQUEST_ID_LENGTH_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_without_encryption() {
        let accepted = [
            "https://api.omise.co",
            "https://api.omise.co/",
            "https://127.0.0.1:8443",
            "https://proxy.example/opn/",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://localhost:1",
            "http://LOCALHOST:1",
            "http://[::1]:8080",
        ];
        for text in accepted {
            assert!(base_url(text).is_ok(), "{text:?}");
        }
        let insecure = [
            "http://api.omise.co",
            "http://128.0.0.1",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://[::2]",
            "http://[::ffff:10.0.0.1]",
        ];
        for text in insecure {
            assert!(matches!(base_url(text), Err(GatewayError::Insecure)), "{text:?}");
        }
        let malformed = [
            "",
            "api.omise.co",
            "ftp://api.omise.co",
            "file:///etc/passwd",
            "https://",
            "https://key@api.omise.co",
            "https://:secret@api.omise.co",
            "https://api.omise.co?x=1",
            "https://api.omise.co#x",
        ];
        for text in malformed {
            assert!(matches!(base_url(text), Err(GatewayError::Malformed)), "{text:?}");
        }
    }

    #[test]
    fn a_request_id_is_logged_only_in_its_own_letters() {
        let table: &[(&[u8], Option<&str>)] = &[
            (b"0b6e8c7c-1234", Some("0b6e8c7c-1234")),
            (b"a b\tc\"[31m;=", Some("abc31m")),
            (&[b'x'; 200], Some(&"x".repeat(64))),
            (b"\xff\xfe", None),
            (b"", Some("")),
        ];
        for (value, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_bytes(value).unwrap());
            assert_eq!(request_id(&headers).as_deref(), *expected, "{value:?}");
        }
        assert_eq!(request_id(&HeaderMap::new()), None);
    }
}
