//! The journal's place on disk: its file, the lock beside it, and the room that is left.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::JournalError;

/// A journal's file that this process alone may write, for as long as this value lives.
#[derive(Debug)]
pub(super) struct Place {
    /// Absolute and free of links, so that two names of one file meet at the same lock.
    pub path: PathBuf,
    _lock: File,
}

impl Place {
    /// Makes the file where it is missing, readable and writable by its owner only, and claims it.
    ///
    /// The lock is a file of its own and not SQLite's exclusive mode, so that `sqlite3` can read
    /// the journal of a running daemon. It stays behind: to remove it would let two daemons lock
    /// two files of the same name.
    pub fn claim(path: &Path) -> Result<Self, JournalError> {
        let directory = directory(path);
        if !directory.is_dir() {
            return Err(JournalError::NoDirectory(path.to_owned()));
        }
        let refused = |cause| JournalError::File { path: path.to_owned(), cause };
        let is_new = !path.exists();
        open(path).map_err(refused)?;
        if is_new {
            // The name of the file must outlive a power cut as the records in it do (D3).
            File::open(directory).and_then(|directory| directory.sync_all()).map_err(refused)?;
        }
        let path = path.canonicalize().map_err(refused)?;
        let lock = lock(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// The write-ahead log beside the file. A daemon that ends orderly leaves none.
    pub fn log(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// Whether the log has anything in it: the last daemon was killed, or the power was cut.
    pub fn was_left_in_a_hurry(&self) -> bool {
        self.log().metadata().is_ok_and(|log| log.len() > 0)
    }

    /// How long the file is, in bytes.
    pub fn length(&self) -> Result<u64, JournalError> {
        let refused = |cause| JournalError::File { path: self.path.clone(), cause };
        Ok(self.path.metadata().map_err(refused)?.len())
    }

    /// An error where less than [`FREE_MIN_MIB`] is left for us.
    pub fn check_space(&self) -> Result<(), JournalError> {
        let space = rustix::fs::statvfs(&self.path)
            .map_err(|cause| JournalError::File { path: self.path.clone(), cause: cause.into() })?;
        let free_mib = space.f_bavail.saturating_mul(space.f_frsize) / MIB;
        if free_mib >= FREE_MIN_MIB {
            return Ok(());
        }
        let path = self.path.clone();
        Err(JournalError::LowSpace { path, free_mib, needed_mib: FREE_MIN_MIB })
    }
}

fn lock(path: &Path) -> Result<File, JournalError> {
    let place = beside(path, ".lock");
    let refused = |cause| JournalError::File { path: place.clone(), cause };
    let mut lock = open(&place).map_err(refused)?;
    let begun = Instant::now();
    while let Err(error) = lock.try_lock() {
        match error {
            // A daemon that is killed while it starts a hook leaves a child behind that holds the
            // lock until the hook's program takes its place: a moment, which may be waited for.
            TryLockError::WouldBlock if begun.elapsed() < INHERITED_MAX => {
                std::thread::sleep(INHERITED_STEP);
            }
            TryLockError::WouldBlock => {
                let process = owner(&mut lock);
                return Err(JournalError::InUse { path: path.to_owned(), process });
            }
            TryLockError::Error(cause) => return Err(refused(cause)),
        }
    }
    lock.set_len(0).map_err(refused)?;
    writeln!(lock, "{}", std::process::id()).map_err(refused)?;
    Ok(lock)
}

/// The process that the lock's file names.
fn owner(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(PROCESS_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        Some(_) | None => Path::new("."),
    }
}

/// `journal.db` with `-wal` or `.lock` behind it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

const MIB: u64 = 1 << 20;

/// A log of [`LOG_BYTES_MAX`](super::schema::LOG_BYTES_MAX), its copy into the file, and some
/// hundred sales' records.
pub(super) const FREE_MIN_MIB: u64 = 16;

/// How long a child of a killed daemon may hold the lock; far longer than a fork takes.
const INHERITED_MAX: Duration = Duration::from_millis(500);
const INHERITED_STEP: Duration = Duration::from_millis(10);

/// Ten digits are the longest process id.
const PROCESS_BYTES_MAX: u64 = 32;
