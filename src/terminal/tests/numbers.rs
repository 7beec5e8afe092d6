//! The numbers that decide, at their bounds.

use std::time::Duration;

use super::*;
use crate::money::Amount;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn polls_are_fast_below_10_s_and_slow_from_then_on() {
    let policy = Policy::default();
    for (age, draw, wait) in [
        (0, u16::MAX, 2_000),
        (9_999, 0, 2_000),
        (10_000, 0, 3_000),
        (10_000, u16::MAX, 5_000),
        (60_000, 0x8000, 4_000),
    ] {
        let exact = policy.poll_wait(millis(age), draw).as_millis() as u64;
        assert_eq!(exact, wait, "at {age} ms, drawn {draw}");
    }
}

#[test]
fn l4_the_back_off_doubles_up_to_its_limit_and_never_ends_at_once() {
    let policy = Policy::default();
    let limit = policy.backoff_max;
    for (failures, draw, wait) in [
        (1, 0, 200),
        (1, u16::MAX, 1_200),
        (2, u16::MAX, 2_200),
        (3, u16::MAX, 4_200),
        (4, u16::MAX, 8_200),
        (5, u16::MAX, 8_200),
        (u32::MAX, u16::MAX, 8_200),
        (u32::MAX, 0, 200),
    ] {
        assert_eq!(policy.backoff(failures, limit, draw), millis(wait), "{failures}, {draw}");
    }
    let hasty = Policy { backoff_max: millis(100), ..policy };
    assert_eq!(hasty.backoff(1, millis(100), u16::MAX), millis(200));
}

#[test]
fn l2_looks_of_the_watch_are_counted_from_the_close() {
    let watch = [60, 600, 3_600, 86_400].map(Duration::from_secs).to_vec();
    let policy = Policy { watch, ..Policy::default() };
    let waits = [60, 540, 3_000, 82_800, 0, 0];
    for (looks, wait) in waits.into_iter().enumerate() {
        assert_eq!(policy.watch_wait(looks), Duration::from_secs(wait), "after {looks} looks");
    }
}

#[test]
fn l2_d6_no_wait_of_the_watch_is_longer_than_two_hours() {
    for (looks, waits) in [
        (vec![60, 600, 3_600, 86_400], [vec![60, 540, 3_000], vec![6_900; 12]].concat()),
        (vec![1], vec![1]),
        (vec![7_200], vec![7_200]),
        (vec![7_202], vec![3_601; 2]),
        (vec![10, 30 * 86_400], [vec![10], vec![7_199; 1]].concat()),
    ] {
        let looks: Vec<Duration> = looks.into_iter().map(Duration::from_secs).collect();
        let policy = Policy { watch: watch_in_steps(&looks), ..Policy::default() };
        let found: Vec<u64> =
            (0..waits.len()).map(|look| policy.watch_wait(look).as_secs()).collect();
        assert_eq!(found, waits, "{looks:?}");
        assert_eq!(policy.watch.last(), looks.last());
    }
    let month = watch_in_steps(&[Duration::from_hours(720)]);
    assert_eq!((month.len(), month[0]), (360, Duration::from_hours(2)));
}

#[test]
fn limits_include_both_their_ends() {
    let limits = Policy::default().widest().expect("a wallet");
    let amount = |satang| Amount::from_satang(satang).expect("an amount");
    for (satang, contained) in
        [(1_999, false), (2_000, true), (15_000_000, true), (15_000_001, false)]
    {
        assert_eq!(limits.contain(amount(satang)), contained, "{satang}");
    }
}

/// Terminals must not fall into step (L4): what is drawn is spread over the whole range, and
/// neighbours in time or in name have nothing in common.
#[test]
fn l4_what_is_drawn_is_spread_evenly() {
    let mut buckets = [0_u32; 16];
    for terminal in 0..64 {
        let attempt = AttemptId(format!("t{terminal}"));
        for index in 0..64 {
            buckets[usize::from(policy::draw(&attempt, index) >> 12)] += 1;
        }
    }
    // 256 in each; chance alone keeps within a fifth of that, four times the deviation.
    assert!(buckets.iter().all(|count| (200..=312).contains(count)), "{buckets:?}");
}

/// While the gateway does not answer, webhooks and checks about old sales do not pile up.
#[test]
fn o3_only_a_hundred_settled_sales_are_held_to_be_read() {
    let mut terminal = Terminal::new(Policy::default(), &[], Moment::ZERO);
    let reference = |number: u32| -> Reference { format!("R{number}").parse().unwrap() };
    for number in 0..150 {
        let (attempt, charge) = (AttemptId(format!("a{number}")), ChargeId(format!("C{number}")));
        let facts = [
            Fact::Armed { amount: Amount::from_baht(150) },
            Fact::AttemptStarted {
                attempt: attempt.clone(),
                wallet: crate::code::Wallet::WechatPayUpm,
                mask: String::new(),
                since: None,
                warning: None,
            },
            Fact::ChargeKnown { attempt: attempt.clone(), charge: charge.clone() },
            Fact::AttemptClosed {
                attempt,
                outcome: Outcome::Paid,
                failure_code: None,
                watch: false,
            },
            Fact::Acknowledged,
            Fact::Settled,
        ];
        let record = |fact| Record { reference: reference(number), fact };
        let history = facts.map(record).to_vec();
        terminal
            .handle(Moment::from_millis(1), Input::Hinted { charge, history, heard: Heard::Now });
    }
    let held = (0..150).filter(|number| terminal.sale(&reference(*number)).is_some()).count();
    assert_eq!(held, 100);
}
