//! One task for each configured scanner.
//!
//! What a kind of scanner needs is one function that runs for ever with a `Reporter`; other kinds
//! (HID, hidraw) are further arms of `spawn`, and detection is whoever calls [`Supervisor::apply`]
//! with what it found.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::status::{Board, Reporter};
use super::{Delivery, DeviceId, DeviceStatus, Kind, ScannerSettings, serial};
use crate::clock::Clock;

/// Runs the scanners; dropping it stops them.
#[derive(Debug)]
pub struct Supervisor {
    clock: Clock,
    sink: mpsc::Sender<Delivery>,
    board: Board,
    devices: BTreeMap<DeviceId, Device>,
}

#[derive(Debug)]
struct Device {
    settings: ScannerSettings,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Starts one task for each device, which deliver into `sink` (made with room for
    /// [`DELIVERIES`](super::DELIVERIES)).
    ///
    /// # Panics
    /// Outside a tokio runtime with its I/O and time drivers.
    #[must_use]
    pub fn start(
        settings: Vec<ScannerSettings>,
        clock: Clock,
        sink: mpsc::Sender<Delivery>,
    ) -> Self {
        let board = Board::new(watch::Sender::new(Vec::new()));
        let mut supervisor = Self { clock, sink, board, devices: BTreeMap::new() };
        supervisor.apply(settings);
        supervisor
    }

    /// Takes other settings: devices whose settings are the same keep running, with their counts;
    /// those that are gone are stopped, changed ones are reopened, new ones started. Of two with
    /// the same path the first counts.
    ///
    /// # Panics
    /// As [`Supervisor::start`].
    pub fn apply(&mut self, settings: Vec<ScannerSettings>) {
        let mut former = std::mem::take(&mut self.devices);
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
                    self.devices.insert(device, same);
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
            let device = self.spawn(settings);
            self.devices.insert(device.settings.device(), device);
        }
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

    /// Starts a device's task. The current-thread runtime ends a task that was stopped before it
    /// begins this one, so that a port with other settings is free by then; on another, the retry
    /// covers it.
    fn spawn(&self, settings: ScannerSettings) -> Device {
        let reporter = Reporter {
            device: settings.device(),
            clock: self.clock,
            board: self.board.clone(),
            sink: self.sink.clone(),
        };
        let task = match settings.kind {
            Kind::Serial => tokio::spawn(serial::run(settings.clone(), reporter)),
        };
        Device { settings, task }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}
