//! Readers that need a thread of their own: the kernel keeps only 64 events of a keyboard, ten
//! digits at full speed, and a runtime that is busy for 20 ms would lose some (scanner-facts.md
//! §0).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use tokio::sync::oneshot;

/// Ends a thread when it is dropped.
#[derive(Debug)]
pub struct Stopper(Arc<OwnedFd>);

/// What a thread asks whether it should end.
#[derive(Debug)]
pub struct Stop(Arc<OwnedFd>);

impl Stopper {
    /// Both ends.
    ///
    /// # Errors
    /// Where there is no descriptor left.
    pub fn new() -> io::Result<(Self, Stop)> {
        let event = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        Ok((Self(Arc::clone(&event)), Stop(event)))
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        // It can only fail when the counter overflows, that is when it was rung already.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }
}

impl Stop {
    /// Waits until one of the descriptors can be read or is gone, or the time is over, and tells
    /// whether the thread should end. Without a time it waits for ever.
    pub fn wait<'a>(
        &self,
        readable: impl IntoIterator<Item = BorrowedFd<'a>>,
        limit: Option<Duration>,
    ) -> bool {
        let mut fds = vec![PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
        fds.extend(readable.into_iter().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let limit = limit.map(|limit| Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(limit.subsec_nanos()),
        });
        // Interrupted: as if the time were over, the caller looks again.
        let _ = poll(&mut fds, limit.as_ref());
        fds.first().is_some_and(|stop| !stop.revents().is_empty())
    }
}

/// Runs `read` on a thread of its own and waits for its end; when this future is dropped, `read` is
/// told to stop.
///
/// # Errors
/// Where there is no thread or no descriptor left, or the thread ended without a result.
pub async fn on_thread<T: Send + 'static>(
    read: impl FnOnce(&Stop) -> T + Send + 'static,
) -> io::Result<T> {
    let (_stopper, stop) = Stopper::new()?;
    let (done, result) = oneshot::channel();
    std::thread::Builder::new().name("scanner".to_owned()).spawn(move || {
        // Whoever waited may be gone: then the result is nobody's.
        let _ = done.send(read(&stop));
    })?;
    result.await.map_err(io::Error::other)
}
