//! The receiver of the gateway's webhooks: optional, for polling alone is sufficient.
//!
//! A webhook is a hint, never a fact: all it does is that its charge is read at once. It is taken
//! when its signature and its time are right, answered with a 2xx once its event is on disk and the
//! terminal has the hint, and refused without a word why. Nothing of it is logged but the id of its
//! charge (P1).
//!
//! | file | what it owns |
//! |---|---|
//! | [`signature`] | whether it is the gateway's own, pure |
//! | [`event`] | what it is about, pure |
//! | [`rate`] | how many are looked at, pure |
//! | [`tally`] | what became of them, and what is to be mended, pure |
//! | `reception` | one request from its head to its answer |

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};

use self::reception::Reception;
use self::signature::Secret;
use crate::api::Desk;
use crate::api::listen::{self, ListenError};
use crate::clock::Clock;
use crate::config::WebhookSettings;

pub mod event;
pub mod rate;
mod reception;
pub mod signature;
pub mod tally;

pub use event::{Event, EventId};

/// What a webhook is measured by.
#[derive(Clone, Debug)]
pub struct Guard {
    /// What it must be signed with; where there is none, it need not be signed.
    pub secrets: Vec<Secret>,
    /// How far its time may be from now, in either direction.
    pub tolerance: Duration,
}

/// A receiver that listens, until the process ends.
#[derive(Debug)]
pub struct Receiver {
    reception: Arc<Reception>,
    address: SocketAddr,
    clock: Clock,
}

/// How the receiver is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiverStatus {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The path that webhooks are sent to.
    pub path: String,
    /// Whether webhooks must be signed.
    pub signed: bool,
    /// What became of them since the start, by fate.
    pub counts: BTreeMap<String, u64>,
    /// Seconds since the last one that was the gateway's.
    pub last_valid_seconds_ago: Option<u64>,
}

impl Receiver {
    /// Listens on `address` as `settings` say, and hands what it takes in at `desk`.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start(
        address: SocketAddr,
        settings: &WebhookSettings,
        secrets: Vec<Secret>,
        desk: Desk,
        clock: Clock,
    ) -> Result<Self, ListenError> {
        let listener = listen::bind_address("webhook.listen", address).await?;
        // Port 0 has become another one.
        let address = listener.local_addr().unwrap_or(address);
        let guard = Guard { secrets, tolerance: settings.tolerance };
        let reception = Arc::new(Reception::new(settings.path.clone(), guard, desk, clock));
        let router = Router::new().fallback(reception::receive).with_state(Arc::clone(&reception));
        tokio::spawn(listen::serve(listener, router, CONNECTIONS_MAX));
        Ok(Self { reception, address, clock })
    }

    /// Measures the next webhook by this.
    pub fn apply(&self, guard: Guard) {
        self.reception.apply(guard);
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> ReceiverStatus {
        self.reception.with_tally(|signed, tally| ReceiverStatus {
            listen: self.address,
            path: self.reception.path().to_owned(),
            signed,
            counts: tally.counts(),
            last_valid_seconds_ago: tally.since_valid(self.clock.now()).map(|time| time.as_secs()),
        })
    }

    /// What the operator should mend, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let address = self.address;
        let unsigned = format!(
            "webhooks are UNSIGNED: whoever reaches {address} can make this counter ask the \
             gateway; put the secret of Opn's dashboard into a file and name it in webhook.secrets"
        );
        self.reception.with_tally(|signed, tally| {
            (!signed).then_some(unsigned).into_iter().chain(tally.problem()).collect()
        })
    }
}

/// Opn's and a proxy's own, and hundreds that say nothing and cost little until they are closed.
const CONNECTIONS_MAX: usize = 256;
