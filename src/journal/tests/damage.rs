//! D3: whatever happens to the files, what is read back is what was written, or an error says that
//! it is not.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

/// A journal's records, transaction by transaction, and its files after an orderly end and after a
/// kill.
struct Written {
    transactions: Vec<Vec<Record>>,
    closed: Vec<u8>,
    killed: Vec<u8>,
    killed_log: Vec<u8>,
}

fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let mut transactions = Vec::new();
        let mut journal = open(&directory);
        for number in 0..8 {
            let records = every_record(&format!("INV-{number}"));
            transactions.extend(records.chunks(5 - number / 2).map(<[Record]>::to_vec));
            transactions.push(vec![armed(&format!("OPEN-{number}"))]);
        }
        for records in &transactions {
            journal.append(records).unwrap();
        }
        let crashed = crash(&directory);
        let read = |directory: &TempDir, name| fs::read(directory.path().join(name)).unwrap();
        let killed = read(&crashed, "journal.db");
        let killed_log = read(&crashed, "journal.db-wal");
        drop(journal);
        Written { transactions, closed: read(&directory, "journal.db"), killed, killed_log }
    })
}

/// Opens a journal of these bytes. Where that succeeds, it has exactly the first so many
/// transactions, which are counted; everything that can be asked of it answers so.
fn reopened(database: &[u8], log: &[u8]) -> Result<usize, JournalError> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(file(&directory), database).unwrap();
    if !log.is_empty() {
        fs::write(directory.path().join("journal.db-wal"), log).unwrap();
    }
    let journal = Journal::open(&file(&directory))?;
    let stored = stored(&journal);
    let mut expected = Vec::new();
    let mut count = 0;
    for records in &written().transactions {
        if expected.len() == stored.len() {
            break;
        }
        expected.extend(records.iter().cloned());
        count += 1;
    }
    assert_eq!(stored, expected, "a prefix, transaction by transaction");
    let unsettled: Vec<String> =
        journal.unsettled()?.iter().map(|record| record.reference.to_string()).collect();
    for record in &stored {
        let history = journal.history(&record.reference)?;
        let mut of_sale = stored.iter().filter(|other| other.reference == record.reference);
        assert!(history.iter().eq(of_sale.by_ref()));
        let open = history.last().is_some_and(|last| last.fact != Fact::Settled);
        assert_eq!(unsettled.contains(&record.reference.to_string()), open);
    }
    Ok(count)
}

#[track_caller]
fn is_one_clear_line(error: &JournalError) {
    let line = error.to_string();
    assert!(!line.contains('\n') && line.contains("journal.db"), "{line}");
    assert!(
        matches!(
            error,
            JournalError::Damaged { .. } | JournalError::Foreign(_) | JournalError::Newer { .. }
        ),
        "{error:?}"
    );
}

fn all() -> usize {
    written().transactions.len()
}

#[test]
fn d3_a_kill_after_any_write_keeps_exactly_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    for (number, records) in written().transactions.iter().enumerate() {
        let crashed = crash(&directory);
        assert_eq!(stored(&open(&crashed)), written().transactions[..number].concat());
        journal.append(records).unwrap();
    }
}

/// D5: the restart may be killed in its turn, as often as it likes.
#[test]
fn d5_a_restart_that_is_killed_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(file(&directory), &written().killed).unwrap();
    fs::write(directory.path().join("journal.db-wal"), &written().killed_log).unwrap();
    let mut journal = open(&directory);
    for number in 0..3 {
        let crashed = crash(&directory);
        assert_eq!(stored(&open(&crashed)), stored(&journal));
        journal.append(&[armed(&format!("after {number}"))]).unwrap();
    }
}

/// A transaction that was being written when the power went: its pages may be on disk in any order.
#[test]
fn d3_a_torn_last_transaction_is_as_if_never_written() {
    let Written { killed, killed_log, .. } = written();
    let frame = 24 + 4096;
    let frames = (killed_log.len() - 32) / frame;
    let is_commit = |number: usize| {
        let at = 32 + number * frame + 4;
        killed_log[at..at + 4] != [0; 4]
    };
    let last = (0..frames - 1).rev().find(|&number| is_commit(number)).unwrap() + 1;
    for lost in last..frames {
        let mut log = killed_log.clone();
        log[32 + lost * frame..][..frame].fill(0);
        assert_eq!(reopened(killed, &log).unwrap(), all() - 1, "frame {lost} of {frames}");
    }
    // A damaged frame that says by mistake that it is a commit is not a second transaction.
    assert!(last < frames - 1, "the last transaction has but one frame");
    for (lost, bit) in (last..frames - 1).flat_map(|lost| (0..32).map(move |bit| (lost, bit))) {
        let mut log = killed_log.clone();
        log[32 + lost * frame + 4 + bit / 8] ^= 1 << (bit % 8);
        assert_eq!(reopened(killed, &log).unwrap(), all() - 1, "frame {lost} of {frames}");
    }
}

/// SQLite alone would open this without a word, and drop what was acknowledged.
#[test]
fn d3_a_log_that_breaks_off_in_the_middle_is_damage() {
    let Written { killed, killed_log, .. } = written();
    is_one_clear_line(&reopened(&[], killed_log).unwrap_err());
    for at in [0, 20, 32 + 8, 32 + 100, killed_log.len() / 2] {
        let mut log = killed_log.clone();
        log[at] ^= 0x10;
        let error = reopened(killed, &log).unwrap_err();
        is_one_clear_line(&error);
        assert!(error.to_string().contains("its log is broken at frame") || at < 32, "{error}");
    }
}

#[test]
fn d3_a_damaged_journal_is_left_as_it_was_found() {
    let Written { killed, killed_log, .. } = written();
    let directory = tempfile::tempdir().unwrap();
    let mut log = killed_log.clone();
    let middle = log.len() / 2;
    log[middle] ^= 1;
    fs::write(file(&directory), killed).unwrap();
    fs::write(directory.path().join("journal.db-wal"), &log).unwrap();
    is_one_clear_line(&Journal::open(&file(&directory)).unwrap_err());
    assert_eq!(fs::read(directory.path().join("journal.db-wal")).unwrap(), log);
    assert_eq!(fs::read(file(&directory)).unwrap(), *killed);
}

/// What SQLite's own check cannot see: values that are well-formed, and wrong.
#[test]
fn d3_a_value_that_was_changed_is_damage() {
    for (change, expected) in [
        ("UPDATE sale SET settled = 1 WHERE reference = 'OPEN-3'", "does not stand as its records"),
        (
            "UPDATE record SET body = replace(body, '150.00', '151.00') WHERE reference = 'OPEN-3'",
            "is not as it was written",
        ),
        (
            "UPDATE record SET reference = 'OPEN-4' WHERE reference = 'OPEN-3'",
            "is not as it was written",
        ),
        (
            "UPDATE record SET unsettled = unsettled - 1 WHERE seq = (SELECT max(seq) FROM record)",
            "is not as it was written",
        ),
        ("UPDATE sale SET checksum = zeroblob(16) WHERE reference = 'INV-2'", "are missing"),
        ("UPDATE sale SET last_seq = last_seq - 2 WHERE reference = 'INV-2'", "are missing"),
        ("UPDATE record SET previous = seq WHERE reference = 'INV-2'", "points to record"),
        ("DELETE FROM record WHERE reference = 'OPEN-3'", "is missing"),
        ("DELETE FROM sale WHERE reference = 'OPEN-3'", "records are found where the sales have"),
        (
            "DELETE FROM sale WHERE reference = 'OPEN-3'; DELETE FROM record WHERE reference = 'OPEN-3'",
            "unsettled sales are found where",
        ),
        ("DELETE FROM record", "is missing"),
        ("DELETE FROM sale", "records are found where"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(file(&directory), &written().closed).unwrap();
        let connection = Connection::open(file(&directory)).unwrap();
        let triggers = "DROP TRIGGER record_is_final; DROP TRIGGER unsettled_sale_stays; \
                        DROP TRIGGER record_stays_with_its_sale;";
        connection.execute_batch(&format!("{triggers} {change}")).unwrap();
        connection.close().unwrap();
        let error = Journal::open(&file(&directory)).unwrap_err();
        is_one_clear_line(&error);
        assert!(error.to_string().contains(expected), "{change}: {error}");
    }
}

/// A large journal is not read through at each start: damage in an old sale is found when the sale
/// is read, when the journal is verified, and at the start where it is among the newest.
#[test]
fn d3_damage_in_a_large_journal_is_found_when_it_matters() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let names: Vec<String> = (0..1_500).map(|number| format!("INV-{number}")).collect();
    let sales = names.iter().flat_map(|name| [armed(name), settled(name)]);
    journal.append(&sales.collect::<Vec<_>>()).unwrap();
    drop(journal);
    assert!(file(&directory).metadata().unwrap().len() > CHECKED_WHOLE_BYTES_MAX);

    let damage = |name: &str| {
        let connection = Connection::open(file(&directory)).unwrap();
        connection.execute("UPDATE sale SET settled = 0 WHERE reference = ?", [name]).unwrap();
    };
    damage("INV-7");
    let journal = open(&directory);
    is_one_clear_line(&journal.history(&"INV-7".parse().unwrap()).unwrap_err());
    is_one_clear_line(&journal.verify().unwrap_err());
    is_one_clear_line(&journal.unsettled().unwrap_err());
    journal.history(&"INV-8".parse().unwrap()).unwrap();
    drop(journal);

    damage("INV-1499");
    is_one_clear_line(&Journal::open(&file(&directory)).unwrap_err());
    let connection = Connection::open(file(&directory)).unwrap();
    connection.execute("UPDATE sale SET settled = 1 WHERE reference = 'INV-1499'", ()).unwrap();
    drop(connection);
    open(&directory);
    // Killed, not closed: the newest sales are read.
    let connection = Connection::open(file(&directory)).unwrap();
    connection.execute("UPDATE sale SET settled = 0 WHERE reference = 'INV-1400'", ()).unwrap();
    let crashed = crash(&directory);
    is_one_clear_line(&Journal::open(&file(&crashed)).unwrap_err());
}

/// A hidden sale is found by the count that the newest record holds.
#[test]
fn d3_a_hidden_sale_is_found_without_reading_everything() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(file(&directory), &written().closed).unwrap();
    let journal = open(&directory);
    journal
        .connection
        .execute("UPDATE sale SET settled = 1 WHERE reference = 'OPEN-3'", ())
        .unwrap();
    let error = journal.unsettled().unwrap_err();
    assert!(error.to_string().contains("7 unsettled sales are found where 8"), "{error}");
    let error = journal.history(&"OPEN-3".parse().unwrap()).unwrap_err();
    is_one_clear_line(&error);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn d3_a_flipped_bit_in_the_file_never_changes_a_record(at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut database = written().closed.clone();
        let at = at.index(database.len());
        database[at] ^= 1_u8 << bit;
        match reopened(&database, &[]) {
            Ok(count) => prop_assert_eq!(count, all()),
            Err(error) => is_one_clear_line(&error),
        }
    }

    #[test]
    fn d3_a_flipped_bit_in_the_log_loses_nothing_unnoticed(at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut log = written().killed_log.clone();
        let at = at.index(log.len());
        log[at] ^= 1_u8 << bit;
        match reopened(&written().killed, &log) {
            // At the end of the log it looks as a torn write does, the one thing that must be let
            // pass.
            Ok(count) => prop_assert!(count + 2 >= all(), "{count} of {} transactions", all()),
            Err(error) => is_one_clear_line(&error),
        }
    }

    #[test]
    fn d3_a_cut_log_is_a_prefix(length in any::<prop::sample::Index>()) {
        let log = &written().killed_log;
        prop_assert!(reopened(&written().killed, &log[..length.index(log.len())]).is_ok());
    }

    #[test]
    fn d3_a_cut_file_is_damage(length in any::<prop::sample::Index>()) {
        let database = &written().closed;
        match reopened(&database[..length.index(database.len())], &[]) {
            Ok(count) => prop_assert_eq!(count, 0, "an empty file is a new journal"),
            Err(error) => is_one_clear_line(&error),
        }
    }
}
