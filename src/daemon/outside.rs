//! What the loop reaches the world by, the devices and hooks of its settings apart. The simulation
//! puts its own gateway, disk and dice in these places and plays the very loop that the shop runs.

use anyhow::Result;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::api::DeskInside;
use crate::config::Settings;
use crate::config::secret::SecretKey;
use crate::gateway::{self, Gateway};
use crate::journal::{Journal, JournalError, Receipt};
use crate::scanner::{self, Delivery};
use crate::terminal::Record;
use crate::webhook::Event;

/// Everything around a counter.
pub struct Outside {
    /// Calls in, events out.
    pub desk: DeskInside,
    /// What scanners and keypads deliver.
    pub deliveries: (mpsc::Sender<Delivery>, mpsc::Receiver<Delivery>),
    /// The way to the gateway.
    pub connect: Connect,
    /// How records come on disk.
    pub append: Append,
    /// How webhooks' events do.
    pub receive: Receive,
    /// Where names come from.
    pub draw: Draw,
}

/// Makes the gateway's client for these settings and this key; again with each reload.
pub type Connect = Box<dyn Fn(&Settings, Option<SecretKey>) -> Result<Gateway> + Send>;

/// Writes records, all or none; they are on disk when it returns `Ok` (D1, D2).
pub type Append = Box<dyn FnMut(&mut Journal, &[Record]) -> Result<(), JournalError> + Send>;

/// Puts an event on record, unless it is there; it is on disk when it returns `Ok`.
pub type Receive = Box<dyn FnMut(&mut Journal, &Event) -> Result<Receipt, JournalError> + Send>;

/// Draws a number that is unique for ever.
pub type Draw = Box<dyn FnMut() -> Uuid + Send>;

impl Outside {
    /// The real world, with this desk.
    #[must_use]
    pub fn real(desk: DeskInside) -> Self {
        Self {
            desk,
            deliveries: mpsc::channel(scanner::DELIVERIES),
            connect: Box::new(connect),
            append: Box::new(Journal::append),
            receive: Box::new(Journal::receive),
            draw: Box::new(Uuid::now_v7),
        }
    }
}

fn connect(settings: &Settings, key: Option<SecretKey>) -> Result<Gateway> {
    let options = gateway::Options {
        base_url: settings.gateway.base_url.to_string(),
        key: key.map(SecretKey::into_secret),
        request_timeout: settings.gateway.request_timeout,
        connect_timeout: settings.gateway.connect_timeout,
        user_agent: concat!("tillscan/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    Ok(Gateway::new(&options)?)
}
