//! The thread that reads one HID-POS scanner.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};
use zeroize::Zeroize;

use super::Assembler;
use crate::scanner::discovery::Target;
use crate::scanner::ioctl::set_feature;
use crate::scanner::slot::Stay;
use crate::scanner::status::{Refusal, Reporter};
use crate::scanner::thread::{Stop, on_thread};
use crate::scanner::{ScannerSettings, State};

/// Opens the scanner and reads it until it is gone.
pub(in crate::scanner) async fn visit(
    settings: &ScannerSettings,
    target: Target,
    reporter: &Reporter,
) -> Result<Stay, Refusal> {
    let (idle, reporter) = (settings.idle, reporter.clone());
    on_thread(move |stop| {
        let path = target.reads.first().ok_or_else(|| Refusal::unusable("no device file"))?;
        let node = open(path)?;
        if target.model.is_some_and(|model| HONEYWELL.contains(&model.vendor)) {
            // Without it some of them send nothing (scanner-facts.md §D); others do not know it.
            let _ = set_feature(&node, [0xfe, 0x01]);
        }
        // What was scanned before is nobody's payment any more.
        read_all(&node, |_| {})?;
        reporter.state(State::Opening, None);
        Ok(read_until_gone(&node, idle, &reporter, stop))
    })
    .await?
}

/// There is no exclusive open of a hidraw node; a lock keeps at least a second tillscan out.
fn open(path: &Path) -> Result<OwnedFd, Refusal> {
    let open = |access| {
        let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC;
        rustix::fs::open(path, flags, Mode::empty())
    };
    // Writing is only needed for Honeywell's feature report.
    let node = open(OFlags::RDWR).or_else(|_| open(OFlags::RDONLY)).map_err(io::Error::from)?;
    rustix::fs::flock(&node, FlockOperation::NonBlockingLockExclusive).map_err(|_| Refusal {
        state: State::Busy,
        detail: Some("another program has locked it".to_owned()),
    })?;
    Ok(node)
}

fn read_until_gone(node: &OwnedFd, idle: Duration, reporter: &Reporter, stop: &Stop) -> Stay {
    let clock = reporter.clock;
    let mut deliver = |frame| reporter.frame(frame);
    let mut assembler = Assembler::opened(clock.now(), idle);
    let mut stay = Stay::Short;
    loop {
        let now = clock.now();
        if read_all(node, |report| assembler.feed(clock.now(), report, &mut deliver)).is_err() {
            break;
        }
        assembler.idle(now, &mut deliver);
        if assembler.is_settled() && stay == Stay::Short {
            stay = Stay::Ready;
            reporter.state(State::Ready, None);
        }
        let limit = assembler.next_deadline().map(|deadline| deadline - clock.now());
        if stop.wait([node.as_fd()], limit) {
            break;
        }
    }
    assembler.lost(clock.now(), &mut deliver);
    stay
}

/// Hands over every report that is there.
fn read_all(node: &OwnedFd, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut report = [0_u8; REPORT_MAX];
    loop {
        match rustix::io::read(node, &mut report) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                take(&report[..count]);
                report.zeroize();
            }
            Err(rustix::io::Errno::AGAIN) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Honeywell's two USB vendor numbers.
const HONEYWELL: [u16; 2] = [0x0c2e, 0x0536];
/// A report is 64 bytes; the kernel hands out one at a time.
const REPORT_MAX: usize = 64;
