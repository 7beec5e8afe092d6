//! The journal seen from outside: every fact, every crash, every refusal.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::code::{PaymentCode, Prefixes, Wallet, Warning};
use crate::money::Amount;
use crate::terminal::{
    AttemptId, ChargeId, Fact, GatewayTime, Outcome, RefundId, RefundOutcome, StopWhy,
};

mod damage;
mod events;
mod opening;
mod pruning;

const CODE: &str = "150991292552725093";

fn open(directory: &TempDir) -> Journal {
    Journal::open(&file(directory)).unwrap()
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("journal.db")
}

fn record(reference: &str, fact: Fact) -> Record {
    Record { reference: reference.parse().unwrap(), fact }
}

fn armed(reference: &str) -> Record {
    record(reference, Fact::Armed { amount: Amount::from_baht(150) })
}

fn settled(reference: &str) -> Record {
    record(reference, Fact::Settled)
}

/// Every kind of fact, in an order that a sale could have them.
fn every_fact() -> Vec<Fact> {
    let attempt = || AttemptId("0198f7c2-5d1e-7a4b-9c3d-2f6e8a1b4c7d".to_owned());
    let refund = || "RET-1".parse().unwrap();
    let code = PaymentCode::parse(CODE, &Prefixes::default()).unwrap();
    let facts = vec![
        Fact::Armed { amount: Amount::from_satang(15_050).unwrap() },
        Fact::Disarmed { outcome: Outcome::Cancelled },
        Fact::AttemptStarted {
            attempt: attempt(),
            wallet: Wallet::WechatPayUpm,
            mask: code.to_string(),
            since: Some(GatewayTime(1_790_000_000)),
            warning: Some(Warning::HongKongWallet),
        },
        Fact::AnswerLost { attempt: attempt() },
        Fact::ChargeKnown { attempt: attempt(), charge: ChargeId("chrg_test_1".to_owned()) },
        Fact::StopAsked { attempt: attempt(), why: StopWhy::Deadline },
        Fact::DeclaredUnknown { attempt: attempt() },
        Fact::Detached { attempt: attempt() },
        Fact::AttemptClosed {
            attempt: attempt(),
            outcome: Outcome::Declined,
            failure_code: Some("insufficient_fund".to_owned()),
            watch: true,
        },
        Fact::Watched { attempt: attempt(), looks: 3 },
        Fact::WatchEnded { attempt: attempt() },
        Fact::LateSuccess { attempt: attempt() },
        Fact::RefundAsked {
            refund: refund(),
            id: RefundId("0190a-9".to_owned()),
            attempt: attempt(),
            amount: Some(Amount::from_baht(50)),
            reason: Some("เสื้อขาด".to_owned()),
        },
        Fact::RefundSent { refund: refund(), amount: Amount::from_baht(50) },
        Fact::RefundUnknown { refund: refund() },
        Fact::RefundClosed {
            refund: refund(),
            outcome: RefundOutcome::Refunded,
            refund_id: Some("rfnd_test_5xuy4w91xqz7d1w9u0t".to_owned()),
            failure_code: None,
        },
        Fact::GivenBack { attempt: attempt(), amount: Amount::from_baht(50) },
        Fact::Acknowledged,
        Fact::Settled,
    ];
    let kinds: Vec<usize> = facts.iter().map(kind).collect();
    assert_eq!(kinds, (0..facts.len()).collect::<Vec<_>>(), "a fact of each kind");
    facts
}

/// A new kind of fact does not compile until it has its number here, and a place in [`every_fact`].
fn kind(fact: &Fact) -> usize {
    match fact {
        Fact::Armed { .. } => 0,
        Fact::Disarmed { .. } => 1,
        Fact::AttemptStarted { .. } => 2,
        Fact::AnswerLost { .. } => 3,
        Fact::ChargeKnown { .. } => 4,
        Fact::StopAsked { .. } => 5,
        Fact::DeclaredUnknown { .. } => 6,
        Fact::Detached { .. } => 7,
        Fact::AttemptClosed { .. } => 8,
        Fact::Watched { .. } => 9,
        Fact::WatchEnded { .. } => 10,
        Fact::LateSuccess { .. } => 11,
        Fact::RefundAsked { .. } => 12,
        Fact::RefundSent { .. } => 13,
        Fact::RefundUnknown { .. } => 14,
        Fact::RefundClosed { .. } => 15,
        Fact::GivenBack { .. } => 16,
        Fact::Acknowledged => 17,
        Fact::Settled => 18,
    }
}

fn every_record(reference: &str) -> Vec<Record> {
    every_fact().into_iter().map(|fact| record(reference, fact)).collect()
}

/// All records as they are stored, whatever sale they are of.
fn stored(journal: &Journal) -> Vec<Record> {
    let newest = journal.newest.seq;
    (1..=newest)
        .filter_map(|seq| Row::load(&journal.connection, seq).unwrap())
        .map(|row| row.record().unwrap())
        .collect()
}

/// The journal's files as a crash at this moment would leave them.
fn crash(from: &TempDir) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        let source = from.path().join(name);
        if source.exists() {
            fs::copy(source, to.path().join(name)).unwrap();
        }
    }
    to
}

#[test]
fn every_kind_of_fact_comes_back_as_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let written = every_record("ใบเสร็จ 7");
    let mut journal = open(&directory);
    for record in &written {
        journal.append(std::slice::from_ref(record)).unwrap();
    }
    let reference = written[0].reference.clone();
    assert_eq!(journal.history(&reference).unwrap(), written);
    drop(journal);
    assert_eq!(open(&directory).history(&reference).unwrap(), written);
    assert_eq!(open(&directory).history(&"another".parse().unwrap()).unwrap(), []);
}

#[test]
fn a_restart_reads_what_is_not_settled_sale_by_sale() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let closed = |name| record(name, Fact::Disarmed { outcome: Outcome::Expired });
    let written =
        [armed("B"), armed("A"), closed("B"), armed("C"), settled("B"), closed("A"), armed("B")];
    for record in &written {
        journal.append(std::slice::from_ref(record)).unwrap();
    }
    journal.append(&[closed("C"), settled("C")]).unwrap();
    let expected = [armed("B"), closed("B"), settled("B"), armed("B"), armed("A"), closed("A")];
    assert_eq!(journal.unsettled().unwrap(), expected);
    drop(journal);

    let journal = open(&directory);
    assert_eq!(journal.unsettled().unwrap(), expected);
    let names = |which, limit| -> Vec<String> {
        let sales = journal.recent(limit, which).unwrap();
        sales.iter().map(|records| records[0].reference.to_string()).collect()
    };
    assert_eq!(names(Which::All, usize::MAX), ["C", "A", "B"]);
    assert_eq!(names(Which::All, 2), ["C", "A"]);
    assert_eq!(names(Which::Unsettled, 500), ["A", "B"]);
    assert_eq!(names(Which::All, 0), [""; 0]);
}

#[test]
fn records_are_written_all_or_none() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.append(&[]).unwrap();
    let error = journal.append(&[armed("A"), settled("never armed")]).unwrap_err();
    assert!(matches!(error, JournalError::NeverArmed(_)), "{error}");
    drop(journal);
    assert_eq!(stored(&open(&directory)), []);
}

/// D4: a full disk is an error, and after it the journal takes nothing more, so that no caller can
/// go on.
#[test]
fn d4_a_failed_write_is_the_last_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let pages: i64 =
        journal.connection.query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    journal.connection.pragma_update(None, "max_page_count", pages + 1).unwrap();
    let names: Vec<String> = (0..1_000).map(|number| format!("INV-{number}")).collect();
    let written = names.iter().take_while(|name| journal.append(&[armed(name)]).is_ok()).count();
    assert!((1..names.len()).contains(&written), "the disk was full after {written}");

    journal.connection.pragma_update(None, "max_page_count", pages + 1_000).unwrap();
    let refused = journal.append(&[armed("B")]).unwrap_err();
    assert!(matches!(refused, JournalError::Poisoned(_)), "{refused}");
    assert!(matches!(journal.prune(Duration::ZERO), Err(JournalError::Poisoned(_))));
    drop(journal);
    let kept: Vec<Record> = names[..written].iter().map(|name| armed(name)).collect();
    assert_eq!(stored(&open(&directory)), kept);
}

/// P2: no part of a payment code that the mask does not show is in any file, whatever is written.
#[test]
fn p2_no_payment_code_is_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.append_at(&every_record("INV-1"), Timestamp::UNIX_EPOCH).unwrap();
    let contains =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    let search = |text: &str| {
        let files = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| contains(&fs::read(path).unwrap(), text)).count()
    };
    assert_eq!(search("15…93 len=18"), 1, "the log holds the mask");
    let parts = |code: &'static str| (0..=code.len() - 6).map(move |at| &code[at..at + 6]);
    assert_eq!(parts(CODE).find(|part| search(part) > 0), None);
    drop(journal);
    assert_eq!(search("15…93 len=18"), 1, "the file holds the mask");
    assert_eq!(parts(CODE).find(|part| search(part) > 0), None);
}

/// The table `sale` is nothing but the sum of the records: made anew from them, it is the same.
#[test]
fn the_sales_can_be_made_anew_from_the_records() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    for (number, record) in every_record("A").into_iter().enumerate() {
        journal.append(&[record, armed(&format!("B-{number}"))]).unwrap();
        let before = summary::table(&journal.connection).unwrap();
        summary::rebuild(&journal.connection).unwrap();
        assert_eq!(summary::table(&journal.connection).unwrap(), before);
    }
    journal.verify().unwrap();
}

/// What a person with `sqlite3` sees, and must not be able to do by mistake.
#[test]
fn the_database_itself_refuses_to_change_the_past() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.append(&every_record("A")).unwrap();
    journal.append(&[armed("B")]).unwrap();
    let other = Connection::open(file(&directory)).unwrap();
    let row = other.query_row(
        "SELECT fact, attempt, amount_satang, outcome, charge_id, failure_code, late_success,
                refunded_satang
         FROM record JOIN sale USING (reference) WHERE fact = 'watched'",
        (),
        |row| {
            let texts =
                [row.get::<_, String>(0)?, row.get(1)?, row.get(3)?, row.get(4)?, row.get(5)?];
            Ok((texts, row.get::<_, i64>(2)?, row.get::<_, bool>(6)?, row.get::<_, i64>(7)?))
        },
    );
    let attempt = "0198f7c2-5d1e-7a4b-9c3d-2f6e8a1b4c7d";
    let texts = ["watched", attempt, "declined", "chrg_test_1", "insufficient_fund"];
    assert_eq!(row.unwrap(), (texts.map(str::to_owned), 15_050, true, 5_000));
    for (sql, expected) in [
        ("UPDATE record SET body = '{}'", "a record is never changed"),
        ("DELETE FROM record", "a record is removed only after its settled sale"),
        ("DELETE FROM sale", "a sale that is not settled is never removed"),
    ] {
        assert_eq!(other.execute(sql, ()).unwrap_err().to_string(), expected, "{sql}");
    }
    assert_eq!(stored(&journal).len(), 20);
}
