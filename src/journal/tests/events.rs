//! What the gateway told by webhook: each event once, whatever happens in between.

use super::super::event::KEPT_MAX;
use super::*;
use crate::terminal::ChargeId;
use crate::webhook::{Event, EventId};

fn event(number: u32) -> Event {
    let id = EventId::new(&format!("evnt_test_{number}")).unwrap();
    Event { id, charge: charge(number / 2) }
}

fn charge(number: u32) -> ChargeId {
    ChargeId(format!("chrg_test_{number}"))
}

#[test]
fn d3_an_event_is_new_once_and_known_after_a_crash() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    for number in 0..20 {
        assert_eq!(journal.receive(&event(number)).unwrap(), Receipt::New);
        assert_eq!(journal.receive(&event(number)).unwrap(), Receipt::Duplicate);
    }
    // Another charge does not make another event of it.
    let other = Event { charge: charge(99), ..event(3) };
    assert_eq!(journal.receive(&other).unwrap(), Receipt::Duplicate);
    let crashed = crash(&directory);
    let mut journal = open(&crashed);
    assert_eq!(journal.newest_events(16).unwrap(), (4..20).map(event).collect::<Vec<_>>());
    assert_eq!(journal.newest_events(100).unwrap(), (0..20).map(event).collect::<Vec<_>>());
    assert_eq!(journal.receive(&event(0)).unwrap(), Receipt::Duplicate);
    assert_eq!(journal.receive(&event(20)).unwrap(), Receipt::New);
    journal.verify().unwrap();
    assert_eq!(stored(&journal), [], "no record comes of an event");
}

/// No start fails for a hint.
#[test]
fn an_event_that_is_damaged_is_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    for number in 0..4 {
        journal.receive(&event(number)).unwrap();
    }
    for damage in
        ["charge = CAST(x'e3' AS TEXT) WHERE seq = 2", "id = CAST(x'e3' AS TEXT) WHERE seq = 3"]
    {
        journal.connection.execute(&format!("UPDATE webhook_event SET {damage}"), ()).unwrap();
    }
    assert_eq!(journal.newest_events(16).unwrap(), [event(0), event(3)]);
}

#[test]
fn d6_the_oldest_events_make_room() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.receive(&event(0)).unwrap();
    journal.receive(&event(1)).unwrap();
    // As if so many had come in between.
    let moved = "UPDATE webhook_event SET seq = seq + ? WHERE id = 'evnt_test_1'";
    journal.connection.execute(moved, [KEPT_MAX - 3]).unwrap();
    for (number, left) in [(2, 3), (3, 3), (4, 4)] {
        journal.receive(&event(number)).unwrap();
        let count = "SELECT count(*) FROM webhook_event";
        let count = journal.connection.query_row(count, (), |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count, left, "after event {number}");
    }
    assert_eq!(journal.receive(&event(0)).unwrap(), Receipt::New);
    assert_eq!(journal.receive(&event(1)).unwrap(), Receipt::Duplicate);
}

/// Also of an attempt that another one followed, and of a sale that is settled.
#[test]
fn the_sale_of_any_of_its_charges_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let known = |attempt: &str, number| {
        let attempt = AttemptId(attempt.to_owned());
        record("INV-1", Fact::ChargeKnown { attempt, charge: charge(number) })
    };
    journal.append(&[armed("INV-1"), known("a", 1), known("b", 2), settled("INV-1")]).unwrap();
    journal.append(&[armed("INV-2")]).unwrap();
    let found = |number| journal.sale_of(&charge(number)).unwrap();
    assert_eq!([1, 2].map(found), [(); 2].map(|()| Some("INV-1".parse().unwrap())));
    assert_eq!(found(3), None);
    let plan = "EXPLAIN QUERY PLAN SELECT reference FROM record WHERE charge = ? ORDER BY seq";
    let plan: String =
        journal.connection.query_row(plan, ["chrg_test_1"], |row| row.get(3)).unwrap();
    assert!(plan.contains("USING INDEX record_of_charge"), "{plan}");
}

#[test]
fn d4_nothing_is_received_after_a_failed_write() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    journal.append(&[settled("never armed")]).unwrap_err();
    let refused = journal.receive(&event(1)).unwrap_err();
    assert!(matches!(refused, JournalError::Poisoned(_)), "{refused}");
}
