//! The keypad's way through a running daemon: keys in, what the local API tells of them out. The
//! device is missing, so that its deliveries are handed in. What a reload may change is in
//! [`reload`].

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::setup::serve_api;
use super::{Loaded, Outside, Setup, Signal, assemble};
use crate::api::client::Events;
use crate::api::document::EventDocument;
use crate::api::{Client, Desk};
use crate::clock::Moment;
use crate::config::Settings;
use crate::config::secret::SecretKey;
use crate::scanner::{Delivery, DeviceId, Key, ScannerSettings};

mod reload;

/// A daemon with a key, a journal and nobody to ask: its gateway's port is closed.
struct Counter {
    directory: TempDir,
    keys: mpsc::Sender<Delivery>,
    client: Client,
    events: Events,
    signals: mpsc::Sender<Signal>,
    daemon: JoinHandle<anyhow::Result<()>>,
}

impl Counter {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (settings, key) = (settings(&directory), key(&directory));
        let api = settings.clone();
        let loaded = Loaded { settings, key, webhook_secrets: Vec::new() };
        let (signals, receiver) = mpsc::channel(1);
        let reload = Box::new(|| anyhow::bail!("nobody reloads"));
        let setup = Setup { loaded, reload, signals: receiver };
        let (desk, inside) = Desk::open();
        let outside = Outside::real(inside);
        let keys = outside.deliveries.0.clone();
        let counter = assemble(setup, outside).unwrap();
        serve_api(&api, desk).await.unwrap();
        let daemon = tokio::spawn(counter.run());
        let client = Client::new(&directory.path().join("socket"));
        let mut events = client.events().await.unwrap();
        assert!(matches!(next(&mut events).await, EventDocument::Status(_)));
        Self { directory, keys, client, events, signals, daemon }
    }

    async fn press(&self, keys: impl IntoIterator<Item = Key>) {
        for key in keys {
            let device = DeviceId::new("keypad");
            self.keys.send(Delivery::Key { device, key, at: Moment::ZERO }).await.unwrap();
        }
    }

    /// The next thing that the counter shows or says, shortly: the screen's word and what is typed
    /// or the sale's reference, or the feedback's word.
    async fn hears(&mut self) -> String {
        loop {
            match next(&mut self.events).await {
                EventDocument::Screen(screen) => {
                    let sale = screen.sale.map(|sale| sale.sale.reference.to_string());
                    let about = screen.typed.or(sale).unwrap_or_default();
                    return format!("{} {about}", word(screen.screen));
                }
                EventDocument::Feedback(told) => return word(told.feedback),
                EventDocument::Outcome(_) | EventDocument::Status(_) => {}
            }
        }
    }

    async fn stop(self) {
        self.signals.send(Signal::Stop).await.unwrap();
        self.daemon.await.unwrap().unwrap();
    }
}

async fn next(events: &mut Events) -> EventDocument {
    let event = tokio::time::timeout(PATIENCE, events.next()).await.expect("nothing was told");
    event.unwrap().expect("the daemon ended")
}

fn settings(directory: &TempDir) -> Settings {
    let mut settings = Settings::default();
    settings.gateway.base_url = "http://127.0.0.1:1".parse().unwrap();
    settings.gateway.secret_key_file = Some(directory.path().join("key"));
    settings.journal.path = directory.path().join("journal.db");
    settings.api.socket = directory.path().join("socket");
    // Else whatever is plugged into the machine that runs the test would be taken.
    settings.scanners = vec![ScannerSettings::serial(directory.path().join("no-scanner"))];
    settings
}

fn key(directory: &TempDir) -> Option<SecretKey> {
    written_key(directory, "skey_test_tillscankeypad00000\n")
}

fn written_key(directory: &TempDir, text: &str) -> Option<SecretKey> {
    let settings = settings(directory);
    let file = settings.gateway.secret_key_file.as_ref().unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    SecretKey::load(&settings.gateway, None).unwrap()
}

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_typed_amount_is_shown_key_by_key_and_armed_under_a_fresh_name() {
    let mut counter = Counter::start().await;
    let mut names = BTreeSet::new();
    for _ in 0..2 {
        counter.press([Key::Digit(2), Key::Digit(0), Key::Point, Key::Digit(5)]).await;
        for typed in ["2", "20", "20.", "20.5"] {
            assert_eq!(counter.hears().await, format!("entering_amount {typed}"));
        }
        counter.press([Key::Enter, Key::Enter]).await;
        let heard = counter.hears().await;
        let name = heard.strip_prefix("scan_code ").unwrap().to_owned();
        let drawn = name.strip_prefix("keypad-").unwrap();
        assert!(drawn.len() == 16 && drawn.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let sale = counter.client.sale(&name.parse().unwrap()).await.unwrap();
        assert_eq!(sale.amount_satang, 2_050);
        counter.press([Key::Digit(1), Key::Clear]).await;
        assert_eq!(counter.hears().await, "amount_armed");
        assert_eq!(counter.hears().await, format!("cancelled {name}"));
        names.insert(name);
    }
    assert_eq!(names.len(), 2);
    counter.stop().await;
}

#[tokio::test]
async fn d6_no_typed_amount_is_armed_where_it_cannot_be_recorded() {
    let mut counter = Counter::start().await;
    // Whether there is room cannot be asked where the journal's file is gone.
    fs::remove_file(counter.directory.path().join("journal.db")).unwrap();
    counter.press([Key::Digit(2), Key::Digit(0), Key::Enter, Key::Erase]).await;
    for heard in ["entering_amount 2", "entering_amount 20", "disk_full", "entering_amount 2"] {
        assert_eq!(counter.hears().await, heard);
    }
    let status = counter.client.status().await.unwrap();
    assert_eq!((status.screen.typed.as_deref(), status.scans["disk_full"]), (Some("2"), 1));
    counter.stop().await;
}

/// Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_secs(20);
