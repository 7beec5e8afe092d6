//! Amounts typed on a keypad: what is typed, when it is armed, and what no key may touch.

use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;

use super::super::entry::{DECIMALS_MAX, DIGITS_MAX, Entry};
use super::{
    Effect, Feedback, Input, Moment, Policy, Reference, Sale, Terminal, UNSETTLED_MAX, check,
};
use crate::money::Amount;
use crate::scanner::Key;

/// The text and the satang of what these keys type; `<` takes one back.
fn typed(keys: &str) -> (String, Option<i64>) {
    let mut entry = Entry::default();
    for key in keys.bytes() {
        let _ = match key {
            b'<' => {
                entry.erase();
                Ok(())
            }
            b'.' => entry.point(),
            digit => entry.digit(digit - b'0'),
        };
    }
    (entry.text().to_owned(), entry.amount().map(Amount::satang))
}

#[test]
fn s10_keys_become_satang_exactly() {
    for (keys, text, satang) in [
        ("", "", None),
        ("<", "", None),
        ("12", "12", Some(1_200)),
        ("12.", "12.", Some(1_200)),
        ("12.5", "12.5", Some(1_250)),
        ("12.50", "12.50", Some(1_250)),
        ("12.505", "12.50", Some(1_250)),
        ("1.2.3", "1.23", Some(123)),
        ("0.50", "0.50", Some(50)),
        (".50", "0.50", Some(50)),
        ("00", "0", Some(0)),
        ("0012", "12", Some(1_200)),
        ("100", "100", Some(10_000)),
        ("12.5<<<", "1", Some(100)),
        ("1<", "", None),
        ("1234567890", "123456789", Some(12_345_678_900)),
        ("1234567.890", "1234567.89", Some(123_456_789)),
        ("123456789.5", "123456789.", Some(12_345_678_900)),
    ] {
        assert_eq!(typed(keys), (text.to_owned(), satang), "{keys}");
    }
}

proptest! {
    #[test]
    fn s10_what_is_typed_is_always_an_amount(keys in "[0-9.<]{0,40}") {
        let (text, satang) = typed(&keys);
        let (_, decimals) = text.split_once('.').unwrap_or((&text, ""));
        prop_assert!(decimals.len() <= DECIMALS_MAX);
        prop_assert!(text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX);
        prop_assert_eq!(satang.is_none(), text.is_empty());
    }
}

#[test]
fn a_typed_amount_is_armed_by_enter_and_told_to_nobody_before() {
    check(
        "type 150.5; erase; type 00; enter; scan A; < paid C1",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     show    entering_amount - 150.
            0.000     show    entering_amount - 150.5
            0.000     show    entering_amount - 150.
            0.000     show    entering_amount - 150.0
            0.000     show    entering_amount - 150.00
            0.000     write   armed K1 150.00
            0.000     show    scan_code K1
            0.000     write   started a1 of K1 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending K1
            0.000     write   a1 is C1
            0.000     write   a1 closed paid
            0.000     tell    paid K1
            0.000     show    paid K1
        "#]],
    );
}

#[test]
fn o3_what_does_not_fit_is_refused_and_stays_for_correction() {
    check(
        "type 1..; type 505; enter; erase; clear; enter; type 999999999; type 9; type .; type 5",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 1.
            0.000     beep    amount_refused
            0.000     show    entering_amount - 1.5
            0.000     show    entering_amount - 1.50
            0.000     beep    amount_refused
            0.000     beep    outside_limits
            0.000     show    entering_amount - 1.5
            0.000     show    idle -
            0.000     beep    amount_refused
            0.000     show    entering_amount - 9
            0.000     show    entering_amount - 99
            0.000     show    entering_amount - 999
            0.000     show    entering_amount - 9999
            0.000     show    entering_amount - 99999
            0.000     show    entering_amount - 999999
            0.000     show    entering_amount - 9999999
            0.000     show    entering_amount - 99999999
            0.000     show    entering_amount - 999999999
            0.000     beep    amount_refused
            0.000     show    entering_amount - 999999999.
            0.000     beep    amount_refused
        "#]],
    );
}

#[test]
fn limits_are_those_of_the_till() {
    check(
        "type 19.99; enter; clear; type 150000.01; enter; erase; type 0; enter",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 19
            0.000     show    entering_amount - 19.
            0.000     show    entering_amount - 19.9
            0.000     show    entering_amount - 19.99
            0.000     beep    outside_limits
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     show    entering_amount - 1500
            0.000     show    entering_amount - 15000
            0.000     show    entering_amount - 150000
            0.000     show    entering_amount - 150000.
            0.000     show    entering_amount - 150000.0
            0.000     show    entering_amount - 150000.01
            0.000     beep    outside_limits
            0.000     show    entering_amount - 150000.0
            0.000     show    entering_amount - 150000.00
            0.000     write   armed K3 150000.00
            0.000     show    scan_code K3
        "#]],
    );
}

#[test]
fn without_a_key_nothing_is_armed() {
    check(
        "key missing; type 150; enter",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    not_ready -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     beep    not_ready
        "#]],
    );
}

/// What the cashier is told when 150 is typed and entered at `terminal`, which arms nothing.
fn refused(mut terminal: Terminal) -> Vec<Feedback> {
    for key in [Key::Digit(1), Key::Digit(5), Key::Digit(0), Key::Enter] {
        let reference = "K1".parse().expect("a reference");
        terminal.handle(Moment::ZERO, Input::Keyed { key, reference, history: Vec::new() });
    }
    assert_eq!(terminal.frame().typed.as_deref(), Some("150"), "nothing to correct");
    let effects = std::iter::from_fn(|| terminal.next_effect());
    let told = effects.filter_map(|effect| match effect {
        Effect::Feedback(feedback) => Some(feedback),
        Effect::Persist(records) => panic!("written: {records:?}"),
        _ => None,
    });
    told.collect()
}

#[test]
fn o3_a_till_and_a_keypad_are_refused_alike() {
    let wallets = BTreeMap::new();
    let none = Terminal::new(Policy { wallets, ..Policy::default() }, &[], Moment::ZERO);
    assert_eq!(refused(none), [Feedback::NotReady]);
    let mut full = Terminal::new(Policy::default(), &[], Moment::ZERO);
    for number in 0..UNSETTLED_MAX {
        let reference: Reference = format!("R{number}").parse().expect("a reference");
        full.sales.insert(reference.clone(), Sale::new(reference, Amount::from_baht(150)));
    }
    assert_eq!(refused(full), [Feedback::TooManyUnsettled]);
}

#[test]
fn s1_an_enter_that_bounces_arms_one_sale_and_makes_one_charge() {
    check(
        "type 150; enter; enter; scan A; enter; < pending C1; enter; scan C",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     write   armed K1 150.00
            0.000     show    scan_code K1
            0.000     write   started a1 of K1 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending K1
            0.000     beep    busy
            0.000     write   a1 is C1
            0.000     show    awaiting_customer K1
            0.000     beep    busy
            0.000     beep    busy
        "#]],
    );
}

#[test]
fn s7_enter_never_falls_onto_a_sale_that_was_there() {
    check(
        "arm R 150.00; scan A; < paid C1; type 150; enter as R; ack R; enter as R; enter
         cancel K1; enter as K1; type 150; enter as K1; crash; type 150; enter as K1; enter as R",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     write   a1 closed paid
            0.000     tell    paid R
            0.000     show    paid R
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     beep    key_refused
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     beep    key_refused
            0.000     write   armed K1 150.00
            0.000     show    scan_code K1
            0.000     write   disarmed K1 cancelled
            0.000     tell    cancelled K1
            0.000     answer  K1 cancelled
            0.000     show    cancelled K1
            0.000     beep    amount_refused
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     beep    key_refused
            0.000     crash
            1.000     tell    cancelled K1 (again)
            1.000     show    cancelled K1
            1.000     show    entering_amount - 1
            1.000     show    entering_amount - 15
            1.000     show    entering_amount - 150
            1.000     beep    key_refused
            1.000     beep    key_refused
        "#]],
    );
}

#[test]
fn s2_s7_a_paid_result_is_hidden_by_typing_and_seen_once_the_next_sale_is_armed() {
    check(
        "arm R 150.00; scan A; < paid C1; type 2; scan B; clear; type 2; crash; type 2; erase; type 20; enter",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     write   a1 closed paid
            0.000     tell    paid R
            0.000     show    paid R
            0.000     show    entering_amount - 2
            0.000     beep    nothing_armed
            0.000     show    paid R
            0.000     show    entering_amount - 2
            0.000     crash
            1.000     tell    paid R (again)
            1.000     show    paid R
            1.000     show    entering_amount - 2
            1.000     show    paid R
            1.000     show    entering_amount - 2
            1.000     show    entering_amount - 20
            1.000     write   seen R
            1.000     write   armed K1 20.00
            1.000     write   settled R
            1.000     show    scan_code K1
        "#]],
    );
}

#[test]
fn clear_on_a_result_acknowledges_it() {
    check(
        "arm R 150.00; scan A; < failed C1 insufficient_fund; < failed C1 insufficient_fund; enter; erase; clear; clear",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     send    get C1
            0.000     show    awaiting_customer R
            0.000     write   a1 closed declined
            0.000     tell    declined R  insufficient_fund
            0.000     show    declined R
            0.000     beep    amount_refused
            0.000     write   seen R
            0.000     show    idle -
        "#]],
    );
}

#[test]
fn an_armed_amount_is_changed_by_cancelling_it() {
    check(
        "type 150; enter; type 7; type .; erase; clear; clear; arm R 150.00; clear",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            0.000     show    entering_amount - 15
            0.000     show    entering_amount - 150
            0.000     write   armed K1 150.00
            0.000     show    scan_code K1
            0.000     beep    amount_armed
            0.000     beep    amount_armed
            0.000     beep    amount_armed
            0.000     write   disarmed K1 cancelled
            0.000     tell    cancelled K1
            0.000     show    cancelled K1
            0.000     write   seen K1
            0.000     write   settled K1
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     show    cancelled R
        "#]],
    );
}

#[test]
fn s3_keys_are_refused_while_an_attempt_is_under_way() {
    check(
        "arm R 150.00; scan A; type 1; clear; < lost; clear; enter; +1s; < pending C1; clear; erase
         cancel R; clear; +75s; type .; < lost; +30s; clear; enter",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     beep    busy
            0.000     beep    busy
            0.000     write   answer lost a1
            0.000     show    checking R
            0.000     beep    busy
            0.000     beep    busy
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     show    awaiting_customer R
            1.000     beep    busy
            1.000     beep    busy
            1.000     write   stop a1: cancel
            1.000     answer  R open
            1.000     show    cancel_waits R
            1.000     beep    busy
            2.000     send    get C1
            15.000    show    stopping R
            70.000    write   a1 unknown
            70.000    tell    unknown R
            70.000    show    unknown R
            76.000    beep    busy
            76.822    send    get C1
            106.000   beep    busy
            106.000   beep    busy
        "#]],
    );
}

#[test]
fn s6_no_key_takes_a_late_success_off_the_screen() {
    check(
        "watch 60s; arm R 150.00; scan A; < failed C1 payment_rejected; < failed C1 payment_rejected; type 20; +60s; < paid C1
         type 20; erase; clear; enter; ack R; type 20",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     send    get C1
            0.000     show    awaiting_customer R
            0.000     write   a1 closed declined
            0.000     tell    declined R  payment_rejected
            0.000     show    declined R
            0.000     show    entering_amount - 2
            0.000     show    entering_amount - 20
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined payment_rejected
            60.000    show    late_success R
            60.000    beep    late_success
            60.000    beep    late_success
            60.000    beep    late_success
            60.000    beep    late_success
            60.000    beep    late_success
            60.000    write   seen R
            60.000    answer  R declined
            60.000    write   settled R
            60.000    show    idle -
            60.000    show    entering_amount - 2
            60.000    show    entering_amount - 20
        "#]],
    );
}

#[test]
fn a_half_typed_amount_lapses_like_an_armed_one() {
    check(
        "type 1; +119s; type 5; +119s; type 0; late 121s; enter; arm R 150.00; cancel R; type 2; +120s",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 1
            119.000   show    entering_amount - 15
            238.000   show    entering_amount - 150
            359.000   beep    amount_refused
            359.000   show    idle -
            359.000   write   armed R 150.00
            359.000   answer  R open
            359.000   show    scan_code R
            359.000   write   disarmed R cancelled
            359.000   tell    cancelled R
            359.000   answer  R cancelled
            359.000   show    cancelled R
            359.000   show    entering_amount - 2
            479.000   show    cancelled R
        "#]],
    );
}

#[test]
fn the_till_goes_before_the_keypad() {
    check(
        "type 2; arm R 150.00; type 0; cancel R; arm R 150.00; type 20; enter",
        &expect![[r#"
            0.000     show    idle -
            0.000     show    entering_amount - 2
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     beep    amount_armed
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     answer  R cancelled
            0.000     show    entering_amount - 2
            0.000     show    entering_amount - 20
            0.000     write   seen R
            0.000     write   armed K1 20.00
            0.000     write   settled R
            0.000     show    scan_code K1
        "#]],
    );
}
