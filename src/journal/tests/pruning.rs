//! D6: what is dropped, and above all what is not.

use super::super::prune::Keep;
use super::*;

const DAY: Duration = Duration::from_secs(86_400);

/// Ten sales on ten days from 1 June 2026, all settled but `INV-3`; `INV-5` was written with the
/// clock in 1970.
fn ten_days(directory: &TempDir) -> Journal {
    let mut journal = open(directory);
    for number in 0..10 {
        let name = format!("INV-{number}");
        let time = if number == 5 { "1970-01-01T00:00:00Z".parse().unwrap() } else { june(number) };
        journal.append_at(&[armed(&name)], time).unwrap();
        if number != 3 {
            journal.append_at(&[settled(&name)], time).unwrap();
        }
    }
    journal
}

fn june(number: u32) -> Timestamp {
    let start: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    start + DAY * number
}

#[track_caller]
fn check(days: u32, sales: i64, now: Timestamp, expected: &[u32]) {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = ten_days(&directory);
    let dropped = journal.prune_at(Keep { age: DAY * days, sales }, now).unwrap();
    let left = journal.recent(500, Which::All).unwrap();
    let mut left: Vec<String> = left.iter().map(|sale| sale[0].reference.to_string()).collect();
    left.reverse();
    assert_eq!(left, expected.iter().map(|number| format!("INV-{number}")).collect::<Vec<_>>());
    assert_eq!(dropped + left.len(), 10);
    journal.verify().unwrap();
    drop(journal);
    let mut journal = open(&directory);
    assert_eq!(journal.unsettled().unwrap(), [armed("INV-3")]);
    journal.append(&[armed("INV-0")]).unwrap();
    journal.verify().unwrap();
}

#[test]
fn d6_old_settled_sales_are_dropped() {
    check(7, 1, june(9), &[2, 3, 4, 5, 6, 7, 8, 9]);
    check(7, 1, june(10), &[2, 3, 4, 5, 6, 7, 8, 9]);
    check(100, 1, june(9), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn d6_more_old_sales_than_one_call_drops_go_with_the_next_ones() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(&directory);
    let names = (0..1_002).map(|number| format!("INV-{number}"));
    let records: Vec<Record> = names.flat_map(|name| [armed(&name), settled(&name)]).collect();
    journal.append_at(&records, june(0)).unwrap();
    journal.append_at(&[armed("INV-NEW")], june(9)).unwrap();
    for dropped in [500, 500, 1, 0] {
        let keep = Keep { age: DAY, sales: 2 };
        assert_eq!(journal.prune_at(keep, june(9)).unwrap(), dropped);
    }
    journal.verify().unwrap();
}

#[test]
fn d6_the_newest_sales_stay_whatever_their_age() {
    check(0, 4, june(9), &[3, 6, 7, 8, 9]);
    check(0, 1, june(9), &[3, 9]);
    check(0, 20, june(9), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn d6_a_clock_that_jumps_drops_nothing_more() {
    check(7, 1, "2050-01-01T00:00:00Z".parse().unwrap(), &[2, 3, 4, 5, 6, 7, 8, 9]);
    check(7, 1, Timestamp::UNIX_EPOCH, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Day 4 is young enough: what comes behind it, with a time of 1970 or not, is not looked at.
    check(5, 1, june(9), &[3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn d6_the_public_call_keeps_ten_thousand_sales() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = ten_days(&directory);
    assert_eq!(journal.prune(Duration::ZERO).unwrap(), 0);
    assert_eq!(journal.recent(500, Which::All).unwrap().len(), 10);
}
