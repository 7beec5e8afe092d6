//! Opn Payments for tests and the demo: the API of version 2019-05-29 as far as a counter needs it.
//!
//! [`model`] is the gateway as a value and decides everything; `http`, `body` and `connection`
//! carry its answers over a socket, faults included; `webhook` sends its events. [`behaviours`]
//! lists what a payment code's last two digits make of the payment.
//!
//! It never speaks to Opn, takes test keys only, and keeps nothing on disk. Beside Opn's paths it
//! has `GET /sandbox/charges` and `GET /sandbox/requests`, the truth for tests.

mod behaviour;
mod body;
mod connection;
mod http;
pub mod model;
mod moment;
mod script;
mod server;
mod webhook;

#[cfg(test)]
mod tests;

pub use self::behaviour::{Behaviour, CALLS_HELP, behaviours, behaviours_help};
pub use self::body::parameters;
pub use self::model::{ExpireEvent, Speed, SpeedError};
pub use self::moment::{Moment, MomentError};
pub use self::server::{Options, serve};
pub use self::webhook::{
    ApiVersion, SecretRoll, WebhookOptions, WebhookSecret, WebhookSecretError,
};
