//! The thread that looks which devices there are.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::inotify;
use tokio::sync::watch;

use super::Candidate;
use super::sysfs::Roots;
use crate::scanner::thread::{Stop, Stopper};

/// The devices as they were seen last.
pub type Found = Arc<Vec<Candidate>>;

/// Looks for devices until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    found: watch::Receiver<Found>,
    _stopper: Stopper,
}

impl Watcher {
    /// Starts the thread. The first look is its first act, so that a start waits for nothing.
    ///
    /// # Errors
    /// Where there is no thread or no descriptor left.
    pub fn start() -> io::Result<Self> {
        Self::start_in(Roots::default())
    }

    pub(super) fn start_in(roots: Roots) -> io::Result<Self> {
        let (sender, found) = watch::channel(Found::default());
        let (stopper, stop) = Stopper::new()?;
        let thread = std::thread::Builder::new().name("device-watch".to_owned());
        thread.spawn(move || watch(&roots, &sender, &stop))?;
        Ok(Self { found, _stopper: stopper })
    }

    /// What is there, with a notice of every change.
    #[must_use]
    pub fn found(&self) -> watch::Receiver<Found> {
        self.found.clone()
    }
}

fn watch(roots: &Roots, found: &watch::Sender<Found>, stop: &Stop) {
    let mut notices: Option<OwnedFd> = None;
    loop {
        // Armed before the look, so that nothing falls between them; again each time, because
        // /dev/input is there only while an input device is.
        notices = notices.or_else(listen);
        if let Some(notices) = &notices {
            hear(roots, notices);
            drain(notices);
        }
        let now = roots.scan();
        found.send_if_modified(|former| {
            let changed = **former != now;
            if changed {
                *former = Arc::new(now);
            }
            changed
        });
        if stop.wait(notices.as_ref().map(AsFd::as_fd), Some(RESCAN)) || found.is_closed() {
            return;
        }
    }
}

/// Somebody who tells of changes; without one the look every two seconds has to do.
fn listen() -> Option<OwnedFd> {
    inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).ok()
}

/// Device files come, change hands (udev gives them to a group only after the kernel made them) and
/// go. Watching a folder again changes nothing.
fn hear(roots: &Roots, notices: &OwnedFd) {
    let changes = inotify::WatchFlags::CREATE
        | inotify::WatchFlags::ATTRIB
        | inotify::WatchFlags::DELETE
        | inotify::WatchFlags::ONLYDIR;
    for folder in [roots.dev.clone(), roots.dev.join("input")] {
        // No such folder: no input device. No room for a watch: see `listen`.
        let _ = inotify::add_watch(notices, folder, changes);
    }
}

/// What exactly changed does not matter.
fn drain(notices: &OwnedFd) {
    let mut buffer = [MaybeUninit::uninit(); 4_096];
    let mut notices = inotify::Reader::new(notices, &mut buffer);
    while notices.next().is_ok() {}
}

/// How often devices are looked for without a notice (scanner-facts.md §B).
const RESCAN: Duration = Duration::from_secs(2);
