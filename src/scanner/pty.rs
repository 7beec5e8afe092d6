//! A scanner that is a program: whoever holds the [`Pty`] is the scanner, and its path is the
//! serial device.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;

/// A pseudoterminal that plays a serial scanner. Dropping it is unplugging it.
#[derive(Debug)]
pub struct Pty {
    master: AsyncFd<OwnedFd>,
    /// Held open, so that the settings stay and a write waits for room while nobody reads.
    _device: OwnedFd,
    path: PathBuf,
}

impl Pty {
    /// Plugs the scanner in. What is written arrives as it is: no echo, and CR stays CR.
    ///
    /// # Errors
    /// Those of the system calls, for example where there are no ptys.
    ///
    /// # Panics
    /// Outside a tokio runtime with its I/O driver.
    pub fn open() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = PathBuf::from(OsString::from_vec(ptsname(&master, Vec::new())?.into_bytes()));
        let device = ioctl_tiocgptpeer(&master, flags)?;
        let mut attributes = tcgetattr(&device)?;
        attributes.make_raw();
        tcsetattr(&device, OptionalActions::Now, &attributes)?;
        rustix::fs::fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;
        #[expect(
            deprecated,
            reason = "unsound only for a type whose descriptor changes, which an OwnedFd's does not; \
                      its successor is an unsafe function"
        )]
        let master = AsyncFd::new(master)?;
        Ok(Self { master, _device: device, path })
    }

    /// The device file to configure as the scanner's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Scans: sends bytes to whoever has opened the device. Without a reader it waits once the line
    /// is full (about 4 KiB), so a caller that cannot know sets itself a limit.
    ///
    /// # Errors
    /// Those of the system call.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut ready = self.master.writable().await?;
            match ready.try_io(|master| Ok(rustix::io::write(master, rest)?)) {
                Ok(written) => rest = &rest[written?..],
                Err(_would_block) => {}
            }
        }
        Ok(())
    }
    /// What somebody else wrote to the path, at least one byte of it.
    ///
    /// # Errors
    /// Those of the system call.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut ready = self.master.readable().await?;
            if let Ok(read) = ready.try_io(|master| Ok(rustix::io::read(master, &mut *buffer)?)) {
                return read;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_written_arrives_as_it_is() {
        let pty = Pty::open().unwrap();
        pty.write(b"\x0213\r\n\t\x03").await.unwrap();
        let mut device = File::open(pty.path()).unwrap();
        let reading = tokio::task::spawn_blocking(move || {
            let mut arrived = [0; 7];
            device.read_exact(&mut arrived).map(|()| arrived)
        });
        let arrived = tokio::time::timeout(Duration::from_secs(20), reading).await;
        assert_eq!(&arrived.unwrap().unwrap().unwrap(), b"\x0213\r\n\t\x03");
    }
}
