//! A scanner unplugged in mid-code and plugged in again a hundred times loses no code, delivers no
//! wrong one and leaks no descriptor. A test program of its own, because it counts the descriptors
//! of the whole process.

use std::os::unix::fs::symlink;
use std::time::Duration;

use tillscan::clock::Clock;
use tillscan::scanner::{
    DELIVERIES, Delivery, DeviceStatus, Poison, Pty, Retry, ScannerSettings, State, Supervisor,
};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

const CYCLES: u64 = 100;

/// Only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn e3_a_hundred_replugs_lose_no_code_and_leak_no_descriptor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanner");
    let settings = ScannerSettings {
        idle: Duration::from_millis(10),
        retry: Retry { first: Duration::from_millis(1), longest: Duration::from_millis(4) },
        ..ScannerSettings::serial(&path)
    };
    let (sink, mut deliveries) = mpsc::channel(DELIVERIES);
    let supervisor = Supervisor::start(vec![settings], Clock::start(), sink);
    let mut statuses = supervisor.watch();
    let mut descriptors = Vec::new();
    for cycle in 0..CYCLES {
        let pty = Pty::open().unwrap();
        symlink(pty.path(), &path).unwrap();
        reach(&mut statuses, State::Ready).await;
        let code = format!("13{cycle:016}");
        pty.write(format!("{code}\r1309912").as_bytes()).await.unwrap();
        let delivery = timeout(PATIENCE, deliveries.recv()).await.unwrap().unwrap();
        assert!(matches!(&delivery, Delivery::Scan(scan) if scan.payload.expose() == code));
        std::fs::remove_file(&path).unwrap();
        drop(pty);
        reach(&mut statuses, State::Lost).await;
        // The rest of the broken code is refused, whether it was read before the device went away
        // or not.
        while let Ok(delivery) = deliveries.try_recv() {
            let incomplete =
                matches!(delivery, Delivery::Rejected { poison: Poison::Incomplete, .. });
            assert!(incomplete, "{delivery:?}");
        }
        descriptors.push(std::fs::read_dir("/proc/self/fd").unwrap().count());
    }
    assert_eq!(descriptors.first(), descriptors.last(), "{descriptors:?}");
    let status = &supervisor.status()[0];
    assert_eq!((status.scans, status.dropped), (CYCLES, 0));
}

async fn reach(statuses: &mut watch::Receiver<Vec<DeviceStatus>>, state: State) {
    let reached = statuses.wait_for(|all| all.iter().all(|status| status.state == state));
    assert!(matches!(timeout(PATIENCE, reached).await, Ok(Ok(_))), "never {state:?}");
}
