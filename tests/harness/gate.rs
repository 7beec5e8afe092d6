//! A gate between daemon and sandbox, in either direction. It lets everything through, but for the
//! calls it is told to hold: so a test stops the world between a request and its answer without a
//! race against the clock.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `POST /charges`.
    Create,
    /// `GET /charges…`: a poll, a look-up or the warming of the connection.
    Read,
    /// `POST /charges/…/expire`.
    Expire,
    /// `POST /charges/…/refunds`.
    Refund,
    /// `GET /charges/…/refunds`.
    Refunds,
}

/// Where a call is held up. The connection stays open, and nothing comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Before it has reached the gateway.
    Request,
    /// After the gateway has done it and answered.
    Answer,
}

/// A listening gate. Dropping it closes it for new connections.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    to: Mutex<SocketAddr>,
    hold: Mutex<Option<(Call, Hold)>>,
    held: AtomicUsize,
    closed: AtomicBool,
}

impl Gate {
    /// Opens a gate in front of `to`.
    pub fn open(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            to: Mutex::new(to),
            hold: Mutex::new(None),
            held: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let inside = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if inside.closed.load(SeqCst) {
                    return;
                }
                inside.pass(client);
            }
        });
        Self { address, shared }
    }

    /// Where it listens, as `gateway.base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From here on connections lead here.
    pub fn lead_to(&self, to: SocketAddr) {
        *self.shared.to.lock().unwrap() = to;
    }

    /// From here on holds these calls up.
    pub fn hold(&self, call: Call, hold: Hold) {
        *self.shared.hold.lock().unwrap() = Some((call, hold));
    }

    /// From here on lets everything through. What is held up already stays so.
    pub fn release(&self) {
        *self.shared.hold.lock().unwrap() = None;
    }

    /// How many calls have been held up.
    pub fn held(&self) -> usize {
        self.shared.held.load(SeqCst)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shared.closed.store(true, SeqCst);
        // Wakes the listener, so that it sees that it is closed.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// Passes one connection on, each direction in a thread that ends with the connection.
    fn pass(self: &Arc<Self>, client: TcpStream) {
        let to = *self.to.lock().unwrap();
        let Ok(server) = TcpStream::connect(to) else { return };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let mute = Arc::new(AtomicBool::new(false));
        let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (inside, muted) = (Arc::clone(self), Arc::clone(&mute));
        thread::spawn(move || inside.requests(client, server, &mute));
        let inside = Arc::clone(self);
        thread::spawn(move || inside.answers(server_too, client_too, &muted));
    }

    fn requests(&self, mut client: TcpStream, mut server: TcpStream, mute: &AtomicBool) {
        let mut chunk = vec![0; CHUNK];
        while let Ok(count @ 1..) = client.read(&mut chunk) {
            let hold = *self.hold.lock().unwrap();
            match hold.filter(|(call, _)| Call::of(&chunk[..count]) == Some(*call)) {
                Some((_, Hold::Request)) => {
                    self.held.fetch_add(1, SeqCst);
                    // The rest of it is read and thrown away until the client gives up.
                    while let Ok(1..) = client.read(&mut chunk) {}
                    break;
                }
                Some((_, Hold::Answer)) => mute.store(true, SeqCst),
                None => {}
            }
            if server.write_all(&chunk[..count]).is_err() {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    }

    fn answers(&self, mut server: TcpStream, mut client: TcpStream, mute: &AtomicBool) {
        let mut chunk = vec![0; CHUNK];
        let mut counted = false;
        while let Ok(count @ 1..) = server.read(&mut chunk) {
            if mute.load(SeqCst) {
                if !counted {
                    self.held.fetch_add(1, SeqCst);
                    counted = true;
                }
            } else if client.write_all(&chunk[..count]).is_err() {
                break;
            }
        }
        // A held connection stays open: the client is to wait in vain.
        if !mute.load(SeqCst) {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

impl Call {
    /// The call that these bytes begin, if they begin one: a client writes a request's head at
    /// once.
    fn of(bytes: &[u8]) -> Option<Self> {
        let line = bytes.split(|byte| *byte == b'\r').next()?;
        let line = str::from_utf8(line).ok()?;
        match line.split_once(' ')? {
            ("POST", path) if path.starts_with("/charges ") => Some(Self::Create),
            ("POST", path) if path.contains("/expire ") => Some(Self::Expire),
            ("POST", path) if path.contains("/refunds ") => Some(Self::Refund),
            ("GET", path) if path.contains("/refunds?") => Some(Self::Refunds),
            ("GET", path) if path.starts_with("/charges") => Some(Self::Read),
            _ => None,
        }
    }
}

const CHUNK: usize = 64 * 1_024;
