//! One serial scanner: opened, read until it goes away, opened again.
//!
//! A device that is missing, at the start as well as later, is a state and no error. The descriptor
//! is dropped the moment a read ends in nothing or fails: holding it would give the next plug-in
//! another name (ttyACM1).

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_serial::{ClearBuffer, ErrorKind, SerialPort, SerialStream};
use zeroize::Zeroize;

use super::status::Reporter;
use super::{Framer, ScannerSettings, State};

/// Runs one device for ever; ends only by being aborted.
pub(super) async fn run(settings: ScannerSettings, reporter: Reporter) {
    let mut wait = settings.retry.first;
    let mut seen = false;
    loop {
        match open(&settings).await {
            Ok(port) => {
                seen = true;
                reporter.state(State::Opening, None);
                if read_until_gone(port, settings.idle, &reporter).await == Stay::Ready {
                    wait = settings.retry.first;
                }
                reporter.state(State::Lost, None);
            }
            Err(Refusal { state: State::Absent, .. }) if seen => reporter.state(State::Lost, None),
            Err(refusal) => reporter.state(refusal.state, refusal.detail),
        }
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2).min(settings.retry.longest);
    }
}

/// How far a device got before it went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// It was [`State::Ready`].
    Ready,
    /// It went away before that, as a bad contact does; the wait before the next attempt grows.
    Short,
}

async fn read_until_gone(
    mut source: impl AsyncRead + Unpin,
    idle: Duration,
    reporter: &Reporter,
) -> Stay {
    let clock = reporter.clock;
    let mut framer = Framer::opened(clock.now(), idle);
    let mut deliver = |frame| reporter.frame(frame);
    let mut stay = Stay::Short;
    let mut chunk = [0_u8; CHUNK];
    loop {
        if framer.is_settled() && stay == Stay::Short {
            stay = Stay::Ready;
            reporter.state(State::Ready, None);
        }
        let deadline = framer.next_deadline();
        let silence = deadline.map_or(Duration::ZERO, |deadline| deadline - clock.now());
        tokio::select! {
            // Bytes before silence: the framer's contract.
            biased;
            read = source.read(&mut chunk) => match read {
                Ok(count) if count > 0 => {
                    framer.feed(clock.now(), &chunk[..count], &mut deliver);
                    chunk[..count].zeroize();
                }
                Ok(_) | Err(_) => break,
            },
            () = tokio::time::sleep(silence), if deadline.is_some() => {
                framer.idle(clock.now(), &mut deliver);
            }
        }
    }
    framer.lost(clock.now(), &mut deliver);
    stay
}

/// Why a device cannot be opened, as the state that this is.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    state: State,
    detail: Option<String>,
}

/// Opens the port off the runtime's thread: a wedged USB device may hold the call for seconds, and
/// must not hold up a payment (L5). A path that is not there costs no thread.
async fn open(settings: &ScannerSettings) -> Result<SerialStream, Refusal> {
    std::fs::metadata(&settings.path).map_err(|error| refusal_of(error.kind(), &error))?;
    let path = settings.path.clone();
    let baud_rate = settings.baud_rate;
    let opened = tokio::task::spawn_blocking(move || open_blocking(&path, baud_rate)).await;
    opened.map_err(|error| Refusal { state: State::Unusable, detail: Some(error.to_string()) })?
}

fn open_blocking(path: &Path, baud_rate: u32) -> Result<SerialStream, Refusal> {
    let Some(name) = path.to_str() else {
        let detail = "its path is not UTF-8".to_owned();
        return Err(Refusal { state: State::Unusable, detail: Some(detail) });
    };
    let open = || {
        let mut port = SerialStream::open(&tokio_serial::new(name, baud_rate))?;
        if is_pty(path) {
            share(&mut port)?;
        }
        // What was scanned before is nobody's payment any more.
        port.clear(ClearBuffer::Input)?;
        Ok(port)
    };
    open().map_err(|error: tokio_serial::Error| match error.kind {
        // serialport's name for both EBUSY and a lock held by another process.
        ErrorKind::NoDevice => Refusal { state: State::Busy, detail: Some(error.to_string()) },
        ErrorKind::Io(kind) => refusal_of(kind, &error),
        ErrorKind::InvalidInput | ErrorKind::Unknown => refusal_of(io::ErrorKind::Other, &error),
    })
}

fn refusal_of(kind: io::ErrorKind, error: &dyn std::error::Error) -> Refusal {
    if kind == io::ErrorKind::NotFound {
        return Refusal { state: State::Absent, detail: None };
    }
    let denied = kind == io::ErrorKind::PermissionDenied;
    let state = if denied { State::Denied } else { State::Unusable };
    Refusal { state, detail: Some(error.to_string()) }
}

fn is_pty(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with("/dev/pts"))
}

/// Gives up TIOCEXCL. A pty outlives its reader, and one that is killed (O4) cannot clear that
/// flag: whoever is not root could never open it again. The shared lock that stays keeps a second
/// tillscan out, which asks for the exclusive one.
fn share(port: &mut SerialStream) -> tokio_serial::Result<()> {
    port.set_exclusive(false)
}

/// More than a payment code and its terminator, so that one usually is one read.
const CHUNK: usize = 256;

#[cfg(test)]
#[path = "serial_tests.rs"]
mod tests;
