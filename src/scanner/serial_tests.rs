//! The read loop on scripted reads and a paused clock.

use tokio::sync::{mpsc, watch};
use tokio_test::io::{Builder, Mock};

use super::*;
use crate::clock::Clock;
use crate::scanner::status::Board;
use crate::scanner::{Delivery, DeviceStatus, Profile, Pty, Signal, orders};

const IDLE: Duration = Duration::from_millis(150);
const CODE: &[u8] = b"130991292552725093";

struct Played {
    stay: Stay,
    status: DeviceStatus,
    lines: Vec<String>,
}

/// Reads a scripted device to its end, with room for so many deliveries.
async fn play(device: Mock, room: usize) -> Played {
    play_told(device, room, Profile::None, &[]).await
}

/// The same with a scanner that understands `feedback`, and is told these signals before.
async fn play_told(device: Mock, room: usize, feedback: Profile, told: &[Signal]) -> Played {
    let settings = ScannerSettings { feedback, ..ScannerSettings::serial("/dev/ttyACM0") };
    let clock = Clock::start();
    let status = DeviceStatus::new(&settings, clock.now());
    let board = Board::new(watch::Sender::new(vec![status]));
    let (sink, mut deliveries) = mpsc::channel(room);
    let reporter = Reporter { device: settings.device(), clock, board: board.clone(), sink };
    let (teller, mut orders) = orders::channel(false);
    orders.begin();
    told.iter().for_each(|signal| teller.tell(*signal));
    let settings = ScannerSettings { idle: IDLE, ..settings };
    let stay = read_until_gone(device, &settings, &mut orders, &reporter).await;
    drop(reporter);
    let mut lines = Vec::new();
    while let Some(delivery) = deliveries.recv().await {
        lines.push(match delivery {
            Delivery::Scan(scan) => {
                assert!(scan.begun <= scan.at);
                assert_eq!(scan.device.as_str(), "/dev/ttyACM0");
                let took = (scan.at - scan.begun).as_millis();
                format!("{} in {took} ms", scan.payload.expose())
            }
            Delivery::Rejected { poison, .. } => format!("{poison:?}"),
            Delivery::Key { .. } => unreachable!("no keypad"),
        });
    }
    let status = board.borrow()[0].clone();
    Played { stay, status, lines }
}

#[tokio::test(start_paused = true)]
async fn a_code_split_by_the_line_arrives_whole() {
    let mut script = Builder::new();
    script.wait(2 * IDLE).read(&CODE[..7]).wait(IDLE / 3).read(&CODE[7..]).read(b"\r\n");
    script.wait(10 * IDLE).read(b"96385074\r");
    let played = play(script.build(), 16).await;
    assert_eq!(played.lines, ["130991292552725093 in 50 ms", "96385074 in 0 ms"]);
    assert_eq!((played.status.scans, played.status.rejected), (2, 0));
    assert_eq!((played.stay, played.status.state), (Stay::Ready, State::Ready));
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_code_without_terminator() {
    let mut script = Builder::new();
    script.wait(2 * IDLE).read(CODE).wait(2 * IDLE).read(CODE).wait(2 * IDLE);
    let played = play(script.build(), 16).await;
    assert_eq!(played.lines, ["130991292552725093 in 0 ms", "130991292552725093 in 0 ms"]);
}

/// A reader that was held up finds the rest of a code and the end of the silence at the same time.
#[tokio::test(start_paused = true)]
async fn bytes_win_over_a_silence_that_ends_with_them() {
    let mut script = Builder::new();
    script.wait(2 * IDLE);
    for _ in 0..20 {
        script.read(&CODE[..7]).wait(IDLE).read(&CODE[7..]).read(b"\r");
    }
    let played = play(script.build(), 32).await;
    assert_eq!(played.lines, ["130991292552725093 in 150 ms"; 20]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_goes_away_in_mid_code_delivers_no_part_of_it() {
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    for ending in [None, Some(gone())] {
        let mut script = Builder::new();
        script.wait(2 * IDLE).read(&CODE[..11]);
        if let Some(error) = ending {
            script.read_error(error);
        }
        let device = script.build();
        // The device can hand out its error only where the script does not hold it as well.
        drop(script);
        let played = play(device, 16).await;
        assert_eq!(played.lines, ["Incomplete"]);
        assert_eq!((played.status.scans, played.status.rejected), (0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_is_ready_after_its_first_silence() {
    let played = play(Builder::new().wait(IDLE / 2).build(), 16).await;
    assert_eq!((played.stay, played.status.state), (Stay::Short, State::Absent));
    let played = play(Builder::new().wait(IDLE * 2).build(), 16).await;
    assert_eq!((played.stay, played.status.state), (Stay::Ready, State::Ready));
    let mut script = Builder::new();
    script.wait(IDLE / 2).read(b"725093\r").read(CODE).read(b"\r");
    let played = play(script.build(), 16).await;
    assert_eq!(played.lines, ["Incomplete", "130991292552725093 in 0 ms"]);
    assert_eq!(played.stay, Stay::Ready);
}

/// What it is told between two reads is what its maker's manual says, and its answer is no reading.
/// The counter is armed when the scanner is plugged in: it hears that first.
#[tokio::test(start_paused = true)]
async fn a_scanner_is_told_whether_a_sale_waits_and_what_became_of_its_scan() {
    let mut script = Builder::new();
    script.write(b"\x04\xe4\x04\x00\xff\x14").read(b"\x04\xd0\x00\x00\xff\x2c");
    script.write(b"\x05\xe6\x04\x00\x00\xff\x11").write(b"\x05\xe6\x04\x00\x0f\xff\x02");
    script.wait(2 * IDLE).read(CODE).read(b"\r");
    let told = [Signal::Good, Signal::Armed, Signal::Bad];
    let played = play_told(script.build(), 16, Profile::ZebraSsi, &told).await;
    assert_eq!(played.lines, ["130991292552725093 in 0 ms"]);
}

#[tokio::test(start_paused = true)]
async fn a_scanner_that_understands_nothing_is_told_nothing() {
    let mut script = Builder::new();
    script.wait(2 * IDLE).read(CODE).read(b"\r");
    let told = [Signal::Armed, Signal::Bad];
    let played = play_told(script.build(), 16, Profile::None, &told).await;
    assert_eq!(played.lines, ["130991292552725093 in 0 ms"]);
}

/// L5, O3: nobody receives, and the reader still reads to the end.
#[tokio::test(start_paused = true)]
async fn o3_a_full_channel_drops_the_newest_and_counts_it() {
    let mut script = Builder::new();
    script.wait(2 * IDLE).read(b"11111111\r22222222\r33333333\r\x1b\r");
    let played = play(script.build(), 2).await;
    assert_eq!(played.lines, ["11111111 in 0 ms", "22222222 in 0 ms"]);
    let status = played.status;
    assert_eq!((status.scans, status.rejected, status.dropped), (3, 1, 2));
}

#[test]
fn each_refusal_is_told_apart() {
    let io = |kind: io::ErrorKind| io::Error::from(kind);
    for (error, state) in [
        (io(io::ErrorKind::NotFound), State::Absent),
        (io(io::ErrorKind::PermissionDenied), State::Denied),
        (io(io::ErrorKind::ResourceBusy), State::Busy),
        (io(io::ErrorKind::Other), State::Unusable),
        (io(io::ErrorKind::NotADirectory), State::Unusable),
        (rustix::io::Errno::NODEV.into(), State::Absent),
        (rustix::io::Errno::NXIO.into(), State::Absent),
        (rustix::io::Errno::IO.into(), State::Unusable),
    ] {
        let words = error.to_string();
        assert_eq!(Refusal::from(error).state, state, "{words}");
    }
}

/// Were it exclusive, a daemon killed here could not open it again, unless it is root.
#[tokio::test]
async fn o4_a_pty_is_locked_and_not_exclusive() {
    let pty = Pty::open().unwrap();
    let port = open(pty.path(), 9_600).await.unwrap();
    assert!(!port.exclusive());
    assert_eq!(open(pty.path(), 9_600).await.unwrap_err().state, State::Busy);
}

#[tokio::test]
async fn a_path_that_is_no_port_is_a_state_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = open(&file, 9_600).await.unwrap_err();
    assert_eq!(refused.state, State::Unusable);
    assert!(refused.detail.is_some());
    let refused = open(&folder.path().join("missing"), 9_600).await.unwrap_err();
    assert_eq!(refused, Refusal { state: State::Absent, detail: None });
}
