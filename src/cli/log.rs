//! The log: one line per event on standard error, where journald takes it from.

use std::io;

use tracing::Level;

/// Starts the log. Under systemd the journal writes the time; by hand each line has it.
pub fn start(level: Level) {
    let log =
        tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(io::stderr);
    // A second start (a test within one process) keeps the first log.
    let _ = if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().try_init()
    } else {
        log.try_init()
    };
}
