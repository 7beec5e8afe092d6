//! One scanner's life, on ptys that play a USB device whose file changes.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::clock::Clock;
use crate::scanner::discovery::{Candidate, Mode, Node, Usb};
use crate::scanner::status::Board;
use crate::scanner::{
    Delivery, DeviceStatus, Model, Place, Pty, Retry, ScannerSettings, Selector, orders,
};

/// Only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

const MODEL: Model = Model { vendor: 0x1eab, product: 0x8306 };

fn at(paths: &[&Path]) -> Found {
    let node = |path: &&Path| Node { path: path.to_path_buf(), reads: true, access: None };
    let usb = Some(Usb { port: "1-1".to_owned(), model: MODEL, serial_number: None });
    let name = "Reader".to_owned();
    let nodes: Vec<_> = paths.iter().map(node).collect();
    let found = Candidate { usb, mode: Mode::Serial, name, nodes };
    Arc::new(if paths.is_empty() { Vec::new() } else { vec![found] })
}

#[tokio::test]
async fn e3_a_usb_scanner_is_read_at_whatever_device_file_it_has() {
    let selector = Selector { model: Some(MODEL), ..Selector::default() };
    let settings = ScannerSettings {
        idle: Duration::from_millis(10),
        // Nothing is found by trying again: a change among the devices is.
        retry: Retry { first: Duration::from_millis(1), longest: Duration::from_millis(1) },
        ..ScannerSettings::new(Kind::Serial, Place::Usb(selector))
    };
    let clock = Clock::start();
    let board = Board::new(watch::Sender::new(vec![DeviceStatus::new(&settings, clock.now())]));
    let mut statuses = board.subscribe();
    let (sink, mut deliveries) = mpsc::channel(16);
    let reporter = Reporter { device: settings.device(), clock, board, sink };
    let (plug, found) = watch::channel(at(&[]));
    let (_teller, orders) = orders::channel(false);
    let slot = tokio::spawn(run(settings, found, orders, reporter));
    let [one, other] = [(); 2].map(|()| Pty::open().unwrap());

    for (pty, code) in [(&one, "11111111"), (&other, "22222222"), (&one, "33333333")] {
        plug.send_replace(at(&[pty.path()]));
        let ready = |all: &Vec<DeviceStatus>| {
            all[0].state == State::Ready && all[0].path() == Some(pty.path())
        };
        timeout(PATIENCE, statuses.wait_for(ready)).await.expect("it is found").unwrap();
        pty.write(format!("{code}\r").as_bytes()).await.unwrap();
        let delivery = timeout(PATIENCE, deliveries.recv()).await.unwrap().unwrap();
        assert!(matches!(&delivery, Delivery::Scan(scan) if scan.payload.expose() == code));
    }
    slot.abort();
}
