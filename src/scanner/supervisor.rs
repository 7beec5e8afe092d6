//! One task for each configured scanner.
//!
//! What a kind of scanner needs is one function that runs for ever with a `Reporter`; other kinds (HID, hidraw) are
//! further arms of `spawn`, and detection is whoever calls [`Supervisor::apply`] with what it found.

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
    /// `None` only once it is handed to its successor.
    task: Option<JoinHandle<()>>,
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

    /// Takes other settings: devices whose settings are the same keep running, with their counts; those that are
    /// gone are stopped, changed ones are reopened, new ones started. Of two with the same path the first counts.
    ///
    /// # Panics
    /// As [`Supervisor::start`].
    pub fn apply(&mut self, settings: Vec<ScannerSettings>) {
        let mut former = std::mem::take(&mut self.devices);
        let mut statuses = Vec::with_capacity(settings.len());
        let mut starting = Vec::new();
        for settings in settings {
            let device = settings.device();
            if self.devices.contains_key(&device) {
                continue;
            }
            match former.remove(&device) {
                Some(same) if same.settings == settings => {
                    statuses
                        .extend(self.status().into_iter().find(|status| status.device == device));
                    self.devices.insert(device, same);
                }
                changed => {
                    statuses.push(DeviceStatus::new(&settings, self.clock.now()));
                    self.devices.insert(device.clone(), Device { settings, task: None });
                    starting.push((device, changed.and_then(Device::stop)));
                }
            }
        }
        self.board.send_replace(statuses);
        for (device, predecessor) in starting {
            self.spawn(&device, predecessor);
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

    /// Starts a device's task, which waits until its stopped predecessor has let go of the port.
    fn spawn(&mut self, name: &DeviceId, predecessor: Option<JoinHandle<()>>) {
        let Some(device) = self.devices.get_mut(name) else { return };
        let settings = device.settings.clone();
        let reporter = Reporter {
            device: name.clone(),
            clock: self.clock,
            board: self.board.clone(),
            sink: self.sink.clone(),
        };
        device.task = Some(tokio::spawn(async move {
            if let Some(predecessor) = predecessor {
                // Its end is all that matters, and that it was cancelled is known.
                let _cancelled = predecessor.await;
            }
            match settings.kind {
                Kind::Serial => serial::run(settings, reporter).await,
            }
        }));
    }
}

impl Device {
    fn stop(mut self) -> Option<JoinHandle<()>> {
        let task = self.task.take();
        if let Some(task) = &task {
            task.abort();
        }
        task
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
