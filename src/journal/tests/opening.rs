//! What can stand in the way when a journal is opened, each in one line; and older versions (O5).

use std::os::unix::fs::PermissionsExt as _;

use expect_test::{Expect, expect};

use super::super::error::JournalError;
use super::super::place::{FREE_MIN_MIB, beside};
use super::*;

/// The error of opening `path`, with the names that differ from run to run replaced.
#[track_caller]
fn check(path: &Path, expected: &Expect) {
    let error = Journal::open(path).unwrap_err().to_string();
    let directory = path.parent().unwrap().display().to_string();
    let process = format!("process {}", std::process::id());
    let line = error.replace(&directory, "DIR").replace(&process, "process PID");
    assert!(!line.contains('\n'));
    // Broken here only to fit this page.
    expected.assert_eq(&line.replace(": ", ":\n").replace("; ", ";\n"));
}

fn database(directory: &TempDir, sql: &str) -> PathBuf {
    let path = file(directory);
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    path
}

#[test]
fn a_second_daemon_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(&directory);
    let expected = expect![[r#"
        the journal DIR/journal.db is used by another tillscan (process PID):
        stop that one, or set another [journal] path"#]];
    check(&file(&directory), &expected);
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(file(&directory), &link).unwrap();
    check(&link, &expected);
    drop(first);
    open(&directory);
}

#[test]
fn sqlite3_can_read_while_the_daemon_runs() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let reader = Connection::open(file(&directory)).unwrap();
    for number in 1..=3 {
        journal.append(&[armed("A")]).unwrap();
        let count = reader.query_row("SELECT count(*) FROM record", (), |row| row.get::<_, i64>(0));
        assert_eq!(count.unwrap(), number);
    }
}

#[test]
fn a_place_that_does_not_exist_is_named() {
    let directory = tempfile::tempdir().unwrap();
    check(
        &directory.path().join("missing/journal.db"),
        &expect![[r#"
            the journal DIR/journal.db cannot be opened:
            its directory does not exist"#]],
    );
    fs::create_dir(file(&directory)).unwrap();
    check(
        &file(&directory),
        &expect![[r#"
        the journal's file DIR/journal.db cannot be opened:
        Is a directory (os error 21)"#]],
    );
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    // Permissions do not stop root, who may run the tests in a container; the kernel's own files
    // do.
    let place = match fs::write(directory.path().join("probe"), "") {
        Ok(()) => Path::new("/proc/self/fdinfo/journal.db").to_owned(),
        Err(_) => file(&directory),
    };
    let error = Journal::open(&place).unwrap_err();
    assert!(matches!(error, JournalError::File { .. }), "{error}");
    let start = format!("the journal's file {} cannot be opened: ", place.display());
    assert!(error.to_string().starts_with(&start), "{error}");
}

#[test]
fn foreign_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let text = "this is no database, but somebody's letter ".repeat(100);
    fs::write(file(&directory), &text).unwrap();
    let expected = expect![[r#"
        DIR/journal.db is not a tillscan journal, or its head is damaged:
        set another [journal] path, or restore a good copy"#]];
    check(&file(&directory), &expected);
    assert_eq!(fs::read_to_string(file(&directory)).unwrap(), text);

    for sql in [
        "PRAGMA application_id = 77; CREATE TABLE one (x)",
        "PRAGMA application_id = 77",
        "CREATE TABLE one (x)",
        "PRAGMA user_version = 1; CREATE TABLE record (x)",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = database(&directory, sql);
        let before = fs::read(&path).unwrap();
        check(&path, &expected);
        assert_eq!(fs::read(&path).unwrap(), before, "{sql}");
    }
}

#[test]
fn o5_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(&directory));
    database(&directory, "PRAGMA user_version = 9");
    check(
        &file(&directory),
        &expect![[r#"
            the journal DIR/journal.db has version 9, this tillscan reads up to 3:
            install a newer tillscan"#]],
    );
    database(&directory, "PRAGMA user_version = 0");
    check(
        &file(&directory),
        &expect![[r#"
            the journal DIR/journal.db is damaged:
            its version reads 0;
            keep the file and its -wal, compare it with the gateway's charges, and restore a good copy"#]],
    );
}

/// The records that a journal of this version has: there were no refunds at first.
fn records_of(version: usize) -> Vec<Record> {
    let records = every_record("INV-1").into_iter();
    let refund = |record: &Record| (12..=16).contains(&kind(&record.fact));
    records.filter(|record| version >= 3 || !refund(record)).collect()
}

/// A journal of each version, as its `sqlite3 .dump` has it.
const RELEASED: [&str; 3] = [
    include_str!("../fixtures/v1.sql"),
    include_str!("../fixtures/v2.sql"),
    include_str!("../fixtures/v3.sql"),
];

/// O5: every version's journal replays to the same records.
#[test]
fn o5_every_version_replays() {
    for (version, dump) in (1..).zip(RELEASED) {
        let directory = tempfile::tempdir().unwrap();
        database(&directory, dump);
        let mut journal = open(&directory);
        journal.verify().unwrap();
        assert_eq!(journal.history(&"INV-1".parse().unwrap()).unwrap(), records_of(version));
        assert_eq!(journal.unsettled().unwrap(), [armed("ใบเสร็จ 2")]);
        let charge = ChargeId("chrg_test_1".to_owned());
        assert_eq!(journal.sale_of(&charge).unwrap(), Some("INV-1".parse().unwrap()));

        // The way that a migration takes: rows of sales made anew from the records.
        let before = summary::table(&journal.connection).unwrap();
        summary::rebuild(&journal.connection).unwrap();
        assert_eq!(summary::table(&journal.connection).unwrap(), before);
        journal.append(&[settled("ใบเสร็จ 2")]).unwrap();
        journal.verify().unwrap();
    }
}

/// A released migration is never changed: each version as it is made here is the committed one.
#[test]
fn o5_every_version_is_still_made_as_it_was() {
    assert_eq!(RELEASED.len(), schema::MIGRATIONS.len());
    for (number, dump) in (1..).zip(RELEASED) {
        let [made, released] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        database(&made, &schema::MIGRATIONS[..number].concat());
        database(&released, dump);
        let tables = |directory| -> Vec<String> {
            let connection = Connection::open(file(directory)).unwrap();
            let sql = "SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name";
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(tables(&made), tables(&released), "version {number}");
    }
}

#[test]
fn only_the_owner_reads_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.append(&[armed("A")]).unwrap();
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mode = beside(&file(&directory), ending).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{ending}");
    }
}

#[test]
fn the_settings_are_what_durability_needs() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(&directory);
    let setting = |name: &str| -> rusqlite::types::Value {
        journal.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    };
    assert_eq!(setting("journal_mode"), "wal".to_owned().into());
    assert_eq!(setting("synchronous"), 2.into());
    assert_eq!(setting("foreign_keys"), 1.into());
    assert_eq!(setting("mmap_size"), 0.into());
}

#[test]
fn room_on_the_disk_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(&directory);
    let space = rustix::fs::statvfs(directory.path()).unwrap();
    let has_room = space.f_bavail * space.f_frsize >= FREE_MIN_MIB << 20;
    assert_eq!(journal.check_space().is_ok(), has_room);
    expect!["the disk of the journal J is almost full: 3 MiB free, 16 MiB needed"].assert_eq(
        &JournalError::LowSpace { path: "J".into(), free_mib: 3, needed_mib: 16 }.to_string(),
    );
}

/// A hook's child of a daemon that was killed holds the lock until its program takes its place.
#[test]
fn o4_a_lock_that_a_killed_daemon_left_to_a_child_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(&directory));
    let left = std::fs::File::open(beside(&file(&directory), ".lock")).unwrap();
    left.try_lock().unwrap();
    let child = std::thread::spawn(move || {
        // As long as a slow machine takes from a fork to its exec.
        std::thread::sleep(std::time::Duration::from_millis(50));
        drop(left);
    });
    Journal::open(&file(&directory)).unwrap();
    child.join().unwrap();
}
