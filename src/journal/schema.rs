//! The database's settings, its tables, and the way from each older version to today's (O5).

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::{Fault, JournalError};
use super::summary;

/// Opens the database and brings it to today's version. Refuses what is not ours before anything is
/// written to it.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let mut connection = opened.map_err(|error| Fault::from(error).reading(path))?;
    guard(&connection).map_err(|fault| fault.reading(path))?;
    let found = version(&connection, path)?;
    settings(&connection).map_err(|fault| fault.reading(path))?;
    set_up(&connection).map_err(|fault| fault.writing(path))?;
    migrate(&mut connection, found).map_err(|fault| fault.writing(path))?;
    Ok(connection)
}

/// What must hold before the file is looked at.
fn guard(connection: &Connection) -> Result<(), Fault> {
    connection.busy_timeout(BUSY_MAX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    Ok(())
}

/// Settings of this connection, for durability and for little memory.
fn settings(connection: &Connection) -> Result<(), Fault> {
    let settings = format!(
        "PRAGMA cache_size = -{CACHE_KIB};
         PRAGMA cell_size_check = ON;
         PRAGMA journal_size_limit = {LOG_BYTES_MAX};
         PRAGMA mmap_size = 0;
         PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = {LOG_PAGES};"
    );
    Ok(connection.execute_batch(&settings)?)
}

/// To be called once the journal is found good: until then, closing it leaves file and log as they
/// were found.
pub(super) fn trust(connection: &Connection) -> Result<(), Fault> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// The version of the file, 0 for an empty one.
fn version(connection: &Connection, path: &Path) -> Result<usize, JournalError> {
    let number = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    let header = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?, tables))
    };
    match header() {
        Ok((0, 0, 0)) => Ok(0),
        Ok((APPLICATION_ID, found, _)) if found > known() => {
            Err(JournalError::Newer { path: path.to_owned(), found, known: known() })
        }
        Ok((APPLICATION_ID, found @ 1.., _)) => Ok(usize::try_from(found).unwrap_or(usize::MAX)),
        Ok((APPLICATION_ID, found, _)) => {
            Err(Fault::Damage(format!("its version reads {found}")).reading(path))
        }
        Ok(_) => Err(JournalError::Foreign(path.to_owned())),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(JournalError::Foreign(path.to_owned()))
        }
        Err(error) => Err(Fault::from(error).reading(path)),
    }
}

/// The write-ahead log: one `fsync` for each transaction, and readers beside it.
fn set_up(connection: &Connection) -> Result<(), Fault> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    // Some network file systems cannot share memory, and SQLite then silently keeps its slower,
    // other mode.
    if mode == "wal" {
        return Ok(());
    }
    let error = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
    let why = "its file system has no write-ahead log; use a local disk".to_owned();
    Err(rusqlite::Error::SqliteFailure(error, Some(why)).into())
}

/// The whole way from version `found`, or none of it: the rows of sales, as they are made anew, fit
/// today's table only.
fn migrate(connection: &mut Connection, found: usize) -> Result<(), Fault> {
    if found == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = begin(connection)?;
    transaction.execute_batch(&MIGRATIONS[found..].concat())?;
    summary::rebuild(&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known())?;
    Ok(transaction.commit()?)
}

/// Today's version.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Takes the write lock at once: a transaction that begins as a reader can fail half-way.
pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The n-th takes version n-1 to version n; none is ever changed after its release.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
];

/// `Till` in ASCII, in the header of each journal.
pub(super) const APPLICATION_ID: i64 = 0x5469_6c6c;

/// Only `sqlite3` in somebody's hands can hold the database longer than a moment.
const BUSY_MAX: Duration = Duration::from_secs(2);

/// The pages of one transaction many times over; the operating system caches the rest.
const CACHE_KIB: u32 = 256;

/// The log is copied into the file when it has this many pages of 4 KiB: once in some 300
/// transactions, so that the slower ones stay below one in a hundred.
const LOG_PAGES: u32 = 1_000;

/// What stays of a log that grew while a reader held it.
pub(super) const LOG_BYTES_MAX: u64 = 6 << 20;
