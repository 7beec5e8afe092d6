//! Which scanners run: those that are configured, or, where none is, those that are found.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::discovery::{Found, Watcher, detect};
use super::orders::{self, Teller};
use super::status::{Board, Reporter};
use super::{Delivery, DeviceId, DeviceStatus, Kind, Place, ScannerSettings, Signal, slot};
use crate::clock::Clock;

/// Runs the scanners; dropping it stops them.
#[derive(Debug)]
pub struct Supervisor {
    clock: Clock,
    sink: mpsc::Sender<Delivery>,
    board: Board,
    slots: BTreeMap<DeviceId, Slot>,
    configured: Vec<ScannerSettings>,
    /// What was found by itself so far; `None` where the configuration names the scanners.
    detected: Option<Vec<ScannerSettings>>,
    /// What is plugged in; without a watcher, nothing ever.
    found: watch::Receiver<Found>,
    watcher: Option<Watcher>,
    /// Whether a sale waits for a code, for scanners that come later.
    armed: bool,
}

#[derive(Debug)]
struct Slot {
    settings: ScannerSettings,
    task: JoinHandle<()>,
    teller: Teller,
}

impl Supervisor {
    /// Starts one task for each device, which deliver into `sink` (made with room for
    /// [`DELIVERIES`](super::DELIVERIES)). Without a scanner among the settings every known one
    /// runs that is or will be plugged in, as long as somebody waits for [`Self::plugged`] and
    /// calls [`Self::reconcile`].
    ///
    /// # Panics
    /// Outside a tokio runtime with its I/O and time drivers.
    #[must_use]
    pub fn start(
        settings: Vec<ScannerSettings>,
        clock: Clock,
        sink: mpsc::Sender<Delivery>,
    ) -> Self {
        let mut supervisor = Self {
            clock,
            sink,
            board: Board::new(watch::Sender::new(Vec::new())),
            slots: BTreeMap::new(),
            configured: Vec::new(),
            detected: None,
            found: watch::channel(Found::default()).1,
            watcher: None,
            armed: false,
        };
        supervisor.apply(settings);
        supervisor
    }

    /// Takes other settings: devices whose settings are the same keep running, with their counts;
    /// those that are gone are stopped, changed ones are reopened, new ones started. Of two with
    /// the same name the first counts.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn apply(&mut self, settings: Vec<ScannerSettings>) {
        let detects = settings.iter().all(|one| one.kind == Kind::Keypad);
        self.detected = detects.then(|| self.detected.take().unwrap_or_default());
        self.watch_devices(detects || settings.iter().any(is_looked_up));
        self.configured = settings;
        self.reconcile();
    }

    /// Waits until a device was plugged in or out that may be a scanner; for ever where the
    /// configuration names the scanners. May be dropped and called again.
    pub async fn plugged(&mut self) {
        if self.detected.is_none() || self.found.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// Brings what runs in line with what is there.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn reconcile(&mut self) {
        let found = Found::clone(&self.found.borrow_and_update());
        if let Some(detected) = &mut self.detected {
            *detected = detect(std::mem::take(detected), &found);
        }
        let detected = self.detected.iter().flatten();
        self.run(self.configured.iter().chain(detected).cloned().collect());
    }

    /// Every device, in the order of the settings.
    #[must_use]
    pub fn status(&self) -> Vec<DeviceStatus> {
        self.board.borrow().clone()
    }

    /// The same, with a notice of every change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Vec<DeviceStatus>> {
        self.board.subscribe()
    }

    /// Tells one scanner, or all, something; those that understand nothing hear nothing.
    pub fn tell(&mut self, device: Option<&DeviceId>, signal: Signal) {
        match signal {
            Signal::Armed => self.armed = true,
            Signal::Disarmed => self.armed = false,
            Signal::Good | Signal::Bad => {}
        }
        for (name, slot) in &self.slots {
            if device.is_none_or(|device| device == name) {
                slot.teller.tell(signal);
            }
        }
    }

    fn watch_devices(&mut self, needed: bool) {
        if !needed {
            self.watcher = None;
        } else if self.watcher.is_none() {
            match Watcher::start() {
                Ok(watcher) => {
                    self.found = watcher.found();
                    self.watcher = Some(watcher);
                }
                Err(error) => tracing::error!(%error, "devices cannot be looked for"),
            }
        }
    }

    fn run(&mut self, settings: Vec<ScannerSettings>) {
        let mut former = std::mem::take(&mut self.slots);
        let mut statuses = Vec::with_capacity(settings.len());
        let mut starting = Vec::new();
        for settings in settings {
            let device = settings.device();
            if statuses.iter().any(|status: &DeviceStatus| status.device == device) {
                continue;
            }
            match former.remove(&device) {
                Some(same) if same.settings == settings => {
                    statuses
                        .extend(self.status().into_iter().find(|status| status.device == device));
                    self.slots.insert(device, same);
                }
                changed => {
                    drop(changed);
                    statuses.push(DeviceStatus::new(&settings, self.clock.now()));
                    starting.push(settings);
                }
            }
        }
        self.board.send_replace(statuses);
        for settings in starting {
            let slot = self.spawn(settings);
            self.slots.insert(slot.settings.device(), slot);
        }
    }

    /// Starts a device's task. The current-thread runtime ends a task that was stopped before it
    /// begins this one, so that a port with other settings is free by then; on another, and for a
    /// reader's thread, the retry covers it.
    fn spawn(&self, settings: ScannerSettings) -> Slot {
        let reporter = Reporter {
            device: settings.device(),
            clock: self.clock,
            board: self.board.clone(),
            sink: self.sink.clone(),
        };
        let (teller, orders) = orders::channel(self.armed);
        let task = slot::run(settings.clone(), self.found.clone(), orders, reporter);
        Slot { settings, task: tokio::spawn(task), teller }
    }
}

/// Whether a device is looked up among those that are there. A serial port at a path is opened as
/// it is: it may be a pty.
fn is_looked_up(settings: &ScannerSettings) -> bool {
    settings.kind != Kind::Serial || matches!(settings.place, Place::Usb(_))
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.task.abort();
    }
}
