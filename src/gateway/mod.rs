//! The gateway: Opn Payments over HTTP. Turns every [`Request`] of the terminal into exactly one
//! [`Reply`].
//!
//! It owns the connections, the wire format and the table of what an answer proves. It never
//! repeats a request, never decides about a sale, and never prints a key, a payment code, a header
//! or a body (P1).
//!
//! | file | what it owns |
//! |---|---|
//! | `call` | requests as they go over the wire |
//! | `client` | one HTTP exchange, its limits and its log |
//! | `classify` | what an exchange proves: the one table |
//! | `inquiry` | a request from its first call to its reply, pure |
//! | `find` | the look-up after a lost answer, page by page |
//! | `wire`, `lenient` | the gateway's JSON |
//! | `failure`, `retry_after` | how it fails; how long to stay away |

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use secrecy::SecretString;

use self::client::Client;
use crate::terminal::{Reply, Request};

mod call;
mod classify;
mod client;
mod failure;
mod find;
mod inquiry;
pub(crate) mod lenient;
mod retry_after;
pub(crate) mod wire;

pub use call::Call;
pub use classify::{
    Answer, Asked, Exchange, classify, classify_account, classify_refund, classify_refunds,
};
pub use failure::Failure;
pub use find::Search;
pub use inquiry::{Inquiry, Step};
pub use retry_after::retry_after;
pub use wire::Account;

/// How to reach the gateway.
#[derive(Debug)]
pub struct Options {
    /// Where the API is: `https://api.omise.co`, or any other `https` URL without query; `http`
    /// only where the host is this machine (127.0.0.0/8, `::1`, `localhost`).
    pub base_url: String,
    /// The secret key. Without one nothing is sent, and every request says so.
    pub key: Option<SecretString>,
    /// The longest time for one exchange, from connecting to the last byte of the answer.
    pub request_timeout: Duration,
    /// The longest time for name look-up, connecting and the TLS handshake. Shorter than
    /// `request_timeout`, so that a gateway that cannot be reached is told from one that does not
    /// answer.
    pub connect_timeout: Duration,
    /// `User-Agent`: program and version.
    pub user_agent: String,
}

/// Why there is no client for these options.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Not a URL, or one with a user, a query or a fragment, or of another scheme.
    #[error("not a base URL; write one such as https://api.omise.co, without user, query or #")]
    Malformed,
    /// `http` to another machine.
    #[error(
        "the base URL must begin with https:// (http:// only for this machine, as http://127.0.0.1:8080)"
    )]
    Insecure,
    /// The system has no root certificates, or the user agent is no header value.
    #[error("cannot set up the connection to the gateway: {0}")]
    Client(String),
}

/// What carries calls to the gateway and brings back how that went: an HTTP client, or a simulated
/// network.
pub trait Wire: fmt::Debug + Send + Sync {
    /// Sends `call` at most once; ends within the request time-out.
    fn exchange(&self, call: Call) -> Exchanging<'_>;
}

/// An exchange under way.
pub type Exchanging<'a> = Pin<Box<dyn Future<Output = Exchange> + Send + 'a>>;

/// The gateway, with one key. Requests may run side by side.
#[derive(Debug)]
pub struct Gateway {
    wire: Box<dyn Wire>,
}

impl Gateway {
    /// A client for the gateway. Reads the operating system's root certificates where `base_url` is
    /// `https`, once; connects only when it is used.
    ///
    /// # Errors
    ///
    /// Where the URL is not acceptable, or the system has no root certificates.
    pub fn new(options: &Options) -> Result<Self, GatewayError> {
        Ok(Self::over(Client::new(options)?))
    }

    /// The gateway at the other end of `wire`.
    #[must_use]
    pub fn over(wire: impl Wire + 'static) -> Self {
        Self { wire: Box::new(wire) }
    }

    /// Carries `request` out, once. Takes at most the request time-out; a look-up
    /// ([`Request::Find`]) takes at most that for each of its pages, of which it reads 10 at most.
    pub async fn execute(&self, request: Request) -> Reply {
        let (mut inquiry, mut step) = Inquiry::begin(request);
        loop {
            match step {
                Step::Send(call) => step = inquiry.take(&self.wire.exchange(call).await),
                Step::Done(reply) => return reply,
            }
        }
    }

    /// The account of the key: shows whether the key works, and whether it is a live one.
    ///
    /// # Errors
    ///
    /// Where the gateway refuses the key, cannot be reached or cannot be understood.
    pub async fn account(&self) -> Result<Account, Failure> {
        classify_account(&self.wire.exchange(Call::account()).await)
    }
}

#[cfg(test)]
mod tests;
