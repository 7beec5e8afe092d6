//! Scanners on real ptys. Nothing here sleeps: every step waits for the status or the delivery that
//! proves it.

use std::os::unix::fs::symlink;
use std::path::Path;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::*;
use crate::clock::Clock;

const CODE: &str = "130991292552725093";

/// Long enough for a machine that is busy with other tests; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Counter {
    supervisor: Supervisor,
    statuses: watch::Receiver<Vec<DeviceStatus>>,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Counter {
    fn with(settings: Vec<ScannerSettings>) -> Self {
        let (sink, deliveries) = mpsc::channel(DELIVERIES);
        let supervisor = Supervisor::start(settings, Clock::start(), sink);
        let statuses = supervisor.watch();
        Self { supervisor, statuses, deliveries }
    }

    #[track_caller]
    fn settled(&mut self, path: &Path, state: State) -> impl Future<Output = DeviceStatus> {
        let device = ScannerSettings::serial(path).device();
        let mut statuses = self.statuses.clone();
        async move {
            let wanted = |all: &Vec<DeviceStatus>| {
                all.iter().any(|status| status.device == device && status.state == state)
            };
            let reached = timeout(PATIENCE, statuses.wait_for(wanted)).await;
            let all =
                reached.unwrap_or_else(|_| panic!("{device} never became {state:?}")).unwrap();
            all.iter().find(|status| status.device == device).unwrap().clone()
        }
    }

    async fn next(&mut self) -> String {
        match timeout(PATIENCE, self.deliveries.recv()).await.unwrap().unwrap() {
            Delivery::Scan(scan) => format!("{} {}", scan.device, scan.payload.expose()),
            Delivery::Rejected { device, poison, .. } => format!("{device} {poison:?}"),
            Delivery::Key { device, key, .. } => format!("{device} {key:?}"),
        }
    }
}

/// Settings that make a test short: the same states, the shorter waits.
fn settings(path: &Path) -> ScannerSettings {
    ScannerSettings {
        idle: Duration::from_millis(30),
        retry: Retry { first: Duration::from_millis(10), longest: Duration::from_millis(20) },
        ..ScannerSettings::serial(path)
    }
}

#[tokio::test]
async fn a_pty_delivers_split_codes_whole_and_nothing_scanned_before_it_was_opened() {
    let pty = Pty::open().unwrap();
    pty.write(b"149999999999999999\r").await.unwrap();
    let mut counter = Counter::with(vec![settings(pty.path())]);
    counter.settled(pty.path(), State::Ready).await;
    let name = pty.path().display();
    pty.write(&CODE.as_bytes()[..7]).await.unwrap();
    pty.write(&CODE.as_bytes()[7..]).await.unwrap();
    pty.write(b"\r\n").await.unwrap();
    assert_eq!(counter.next().await, format!("{name} {CODE}"));
    pty.write(b"96385074").await.unwrap();
    assert_eq!(counter.next().await, format!("{name} 96385074"));
    let status = counter.settled(pty.path(), State::Ready).await;
    assert_eq!((status.scans, status.rejected, status.dropped), (2, 0, 0));
}

#[tokio::test]
async fn a_scanner_unplugged_in_mid_code_is_lost_within_a_second_and_works_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanner");
    let mut counter = Counter::with(vec![settings(&path)]);
    counter.settled(&path, State::Absent).await;

    let pty = Pty::open().unwrap();
    symlink(pty.path(), &path).unwrap();
    counter.settled(&path, State::Ready).await;
    // The whole code before makes sure that the half one is what the reader reads next.
    pty.write(format!("{CODE}\r").as_bytes()).await.unwrap();
    assert_eq!(counter.next().await, format!("{} {CODE}", path.display()));
    let lost = counter.settled(&path, State::Lost);
    drop(pty);
    timeout(Duration::from_secs(1), lost).await.unwrap();

    std::fs::remove_file(&path).unwrap();
    let pty = Pty::open().unwrap();
    symlink(pty.path(), &path).unwrap();
    counter.settled(&path, State::Ready).await;
    pty.write(b"149999999999999999\r").await.unwrap();
    assert_eq!(counter.next().await, format!("{} 149999999999999999", path.display()));
}

#[tokio::test]
async fn a_port_that_another_program_holds_is_busy_until_it_lets_go() {
    let pty = Pty::open().unwrap();
    let mut holder = Counter::with(vec![settings(pty.path())]);
    holder.settled(pty.path(), State::Ready).await;
    let mut counter = Counter::with(vec![settings(pty.path())]);
    let status = counter.settled(pty.path(), State::Busy).await;
    assert!(status.sentence().contains("used by another program"), "{}", status.sentence());
    drop(holder);
    counter.settled(pty.path(), State::Ready).await;
}

#[tokio::test]
async fn other_settings_stop_start_and_leave_alone() {
    let [kept, removed, changed, added] = [(); 4].map(|()| Pty::open().unwrap());
    let [same, gone, slow, new] =
        [&kept, &removed, &changed, &added].map(|pty| settings(pty.path()));
    let mut counter = Counter::with(vec![gone, same.clone(), slow.clone(), same.clone()]);
    for pty in [&kept, &removed, &changed] {
        counter.settled(pty.path(), State::Ready).await;
    }
    assert_eq!(counter.supervisor.status().len(), 3);
    kept.write(b"11111111\r").await.unwrap();
    counter.next().await;

    // With this wait it is ready in time only if the first attempt finds the port free.
    let retry = Retry { first: PATIENCE * 2, longest: PATIENCE * 2 };
    let fast = ScannerSettings { baud_rate: 115_200, retry, ..slow };
    counter.supervisor.apply(vec![same, fast, new]);
    let names: Vec<DeviceId> =
        counter.supervisor.status().into_iter().map(|status| status.device).collect();
    let expected = [&kept, &changed, &added].map(|pty| settings(pty.path()).device());
    assert_eq!(names, expected);
    let status = counter.settled(kept.path(), State::Ready).await;
    assert_eq!(status.scans, 1, "an unchanged device keeps running and counting");
    for pty in [&kept, &changed, &added] {
        let status = counter.settled(pty.path(), State::Ready).await;
        assert_eq!(status.rejected, 0);
        pty.write(b"22222222\r").await.unwrap();
        assert_eq!(counter.next().await, format!("{} 22222222", pty.path().display()));
    }
    let mut elsewhere = Counter::with(vec![settings(removed.path())]);
    elsewhere.settled(removed.path(), State::Ready).await;
}

#[tokio::test]
async fn p1_neither_a_scan_nor_a_delivery_prints_what_was_scanned() {
    let pty = Pty::open().unwrap();
    let mut counter = Counter::with(vec![settings(pty.path())]);
    counter.settled(pty.path(), State::Ready).await;
    pty.write(format!("]Q1{CODE}\r").as_bytes()).await.unwrap();
    let delivery = timeout(PATIENCE, counter.deliveries.recv()).await.unwrap().unwrap();
    let printed = format!("{delivery:?} {delivery:#?}");
    assert!(printed.contains("13…93 len=18") && !printed.contains(CODE), "{printed}");
}

#[test]
fn every_state_is_a_sentence_that_names_the_path_or_says_all_is_well() {
    for state in [
        State::Absent,
        State::Opening,
        State::Ready,
        State::Lost,
        State::Denied,
        State::Busy,
        State::Unusable,
    ] {
        let settings = ScannerSettings::serial("/dev/ttyACM7");
        let status = DeviceStatus { state, ..DeviceStatus::new(&settings, Moment::ZERO) };
        let sentence = status.sentence();
        assert_eq!(sentence.contains("/dev/ttyACM7"), state != State::Ready, "{sentence}");
    }
}
