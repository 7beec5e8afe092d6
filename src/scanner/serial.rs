//! One serial scanner: opened, and read until it goes away.
//!
//! The descriptor is dropped the moment a read ends in nothing or fails: holding it would give the
//! next plug-in another name (ttyACM1).

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_serial::{ClearBuffer, ErrorKind, SerialPort, SerialStream};
use zeroize::Zeroize;

use super::discovery::Target;
use super::orders::Orders;
use super::slot::Stay;
use super::status::{Refusal, Reporter};
use super::{Framer, ScannerSettings, State};

/// Opens the port and reads it until it is gone.
pub(super) async fn visit(
    settings: &ScannerSettings,
    target: &Target,
    orders: &mut Orders,
    reporter: &Reporter,
) -> Result<Stay, Refusal> {
    let path = target.reads.first().ok_or_else(|| Refusal::unusable("no device file"))?;
    let port = open(path, settings.baud_rate).await?;
    reporter.state(State::Opening, None);
    orders.begin();
    Ok(read_until_gone(port, settings, orders, reporter).await)
}

async fn read_until_gone(
    mut port: impl AsyncRead + AsyncWrite + Unpin,
    settings: &ScannerSettings,
    orders: &mut Orders,
    reporter: &Reporter,
) -> Stay {
    let clock = reporter.clock;
    let mut framer = Framer::opened(clock.now(), settings.idle);
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
            read = port.read(&mut chunk) => match read {
                Ok(count) if count > 0 => {
                    let read = settings.feedback.without_answer(&chunk[..count]);
                    framer.feed(clock.now(), read, &mut deliver);
                    chunk[..count].zeroize();
                }
                Ok(_) | Err(_) => break,
            },
            () = tokio::time::sleep(silence), if deadline.is_some() => {
                framer.idle(clock.now(), &mut deliver);
            }
            order = orders.next(settings.feedback) => tell(&mut port, order).await,
        }
    }
    framer.lost(clock.now(), &mut deliver);
    stay
}

/// Tells the scanner something. What it does not take is not worth waiting for: whether the device
/// is gone is for the reading side to find out.
async fn tell(port: &mut (impl AsyncWrite + Unpin), order: &[u8]) {
    let told = tokio::time::timeout(TELL_MAX, port.write_all(order)).await;
    if !matches!(told, Ok(Ok(()))) {
        tracing::debug!("the scanner did not take an order");
    }
}

/// Opens the port off the runtime's thread: a wedged USB device may hold the call for seconds, and
/// must not hold up a payment (L5). A path that is not there costs no thread.
async fn open(path: &Path, baud_rate: u32) -> Result<SerialStream, Refusal> {
    std::fs::metadata(path)?;
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || open_blocking(&path, baud_rate)).await;
    opened.map_err(|error| Refusal::unusable(error.to_string()))?
}

fn open_blocking(path: &Path, baud_rate: u32) -> Result<SerialStream, Refusal> {
    let Some(name) = path.to_str() else {
        return Err(Refusal::unusable("its path is not UTF-8"));
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
        ErrorKind::Io(kind) => io::Error::new(kind, error).into(),
        ErrorKind::InvalidInput | ErrorKind::Unknown => io::Error::other(error).into(),
    })
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
/// The longest wait for a scanner to take an order; its line is read again after that.
const TELL_MAX: Duration = Duration::from_millis(200);

#[cfg(test)]
#[path = "serial_tests.rs"]
mod tests;
