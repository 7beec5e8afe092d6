//! What can go wrong with the journal, each in one line that a person can act on.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory of the file is missing; it is never made here, so that a typing error in the
    /// path is seen.
    #[error("the journal {} cannot be opened: its directory does not exist", .0.display())]
    NoDirectory(PathBuf),
    /// The operating system refuses the file.
    #[error("the journal's file {} cannot be opened: {cause}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A second daemon on the same file would charge twice what is recovered from it.
    #[error(
        "the journal {} is used by another tillscan{}: stop that one, or set another \
         [journal] path",
        path.display(), named(*process)
    )]
    InUse {
        /// Which file.
        path: PathBuf,
        /// Whose it is, if that can be read.
        process: Option<u32>,
    },
    /// A file of something else: it is left alone.
    #[error(
        "{} is not a tillscan journal, or its head is damaged: set another [journal] path, \
         or restore a good copy",
        .0.display()
    )]
    Foreign(PathBuf),
    /// Written by a newer tillscan, whose records this one might not understand (O5).
    #[error(
        "the journal {} has version {found}, this tillscan reads up to {known}: install a \
         newer tillscan",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// What was written is not what is read (D3). Never skipped: a lost record may be a lost
    /// payment.
    #[error(
        "the journal {} is damaged: {what}; keep the file and its -wal, compare it with the \
         gateway's charges, and restore a good copy",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        what: String,
    },
    /// The database cannot be read for a reason that is not damage.
    #[error("the journal {} cannot be read: {cause}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the database says.
        cause: rusqlite::Error,
    },
    /// A write failed (D4): the process must end, the restart finds out what the disk has.
    #[error("the journal {} cannot be written: {cause}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the database says.
        cause: rusqlite::Error,
    },
    /// A record that no sale can begin with: a fault of ours, and never written.
    #[error("the journal {} takes no record of a sale that was never armed", .0.display())]
    NeverArmed(PathBuf),
    /// A write failed before: nothing more is written by this process (D4).
    #[error(
        "the journal {} takes no more records since a write failed: restart tillscan",
        .0.display()
    )]
    Poisoned(PathBuf),
    /// Refuse the sale now rather than fail to record its payment later.
    #[error(
        "the disk of the journal {} is almost full: {free_mib} MiB free, {needed_mib} MiB \
         needed",
        path.display()
    )]
    LowSpace {
        /// Which file.
        path: PathBuf,
        /// What is free for us, in MiB.
        free_mib: u64,
        /// What must be free, in MiB.
        needed_mib: u64,
    },
}

/// What goes wrong below, where the file's name is not known.
#[derive(Debug)]
pub(super) enum Fault {
    Database(rusqlite::Error),
    Damage(String),
    NeverArmed,
}

impl Fault {
    /// The error of a reading.
    pub fn reading(self, path: &Path) -> JournalError {
        self.named(path, |path, cause| JournalError::Read { path, cause })
    }

    /// The error of a write.
    pub fn writing(self, path: &Path) -> JournalError {
        self.named(path, |path, cause| JournalError::Write { path, cause })
    }

    fn named(
        self,
        path: &Path,
        otherwise: impl FnOnce(PathBuf, rusqlite::Error) -> JournalError,
    ) -> JournalError {
        let path = path.to_owned();
        match self {
            Self::Damage(what) => JournalError::Damaged { path, what },
            Self::NeverArmed => JournalError::NeverArmed(path),
            Self::Database(cause) if is_damage(&cause) => {
                JournalError::Damaged { path, what: in_one_line(&cause) }
            }
            Self::Database(cause) => otherwise(path, cause),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Whether the database itself found its file damaged. A value of a wrong type or that is no UTF-8,
/// and a schema that cannot be read, are the file's fault too: the statements that meet them are
/// ours and tested.
fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::TypeMismatch
                | ErrorCode::Unknown
                | ErrorCode::TooBig
        )
    ) || code.is_none()
}

/// What the database says, without the statements that it quotes: people read one line.
fn in_one_line(error: &rusqlite::Error) -> String {
    if let rusqlite::Error::SqlInputError { msg: text, .. } = error {
        return first_line(text);
    }
    first_line(&error.to_string())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn named(process: Option<u32>) -> String {
    process.map_or_else(String::new, |process| format!(" (process {process})"))
}
