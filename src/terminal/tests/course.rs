//! The course of a payment: arming, scanning, waiting, cancelling, detaching.

use expect_test::expect;

use super::check;

#[test]
fn the_ordinary_sale_is_paid_at_the_first_poll() {
    check(
        "arm R 150.00; +3s; scan A; < pending C1; +1s; < paid C1; ack R",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            3.000     write   started a1 of R 13…93 len=18
            3.000     send    create a1 150.00 13…93 len=18
            3.000     beep    accepted
            3.000     show    sending R
            3.000     write   a1 is C1
            3.000     show    awaiting_customer R
            4.000     send    get C1
            4.000     write   a1 closed paid
            4.000     tell    paid R
            4.000     show    paid R
            4.000     write   seen R
            4.000     answer  R paid
            4.000     write   settled R
            4.000     show    idle -
        "#]],
    );
}

#[test]
fn the_poll_schedule_is_1_s_then_2_s_up_to_10_s_then_3_to_5_s() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; < pending C1; +2s; < pending C1; +2s; < pending C1
         +2s; < pending C1; +2s; < pending C1; +2s; < pending C1; +5s; < pending C1; +5s; < paid C1",
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
            0.000     show    awaiting_customer R
            1.000     send    get C1
            3.000     send    get C1
            5.000     send    get C1
            7.000     send    get C1
            9.000     send    get C1
            11.000    send    get C1
            14.072    send    get C1
            19.955    send    get C1
            21.000    write   a1 closed paid
            21.000    tell    paid R
            21.000    show    paid R
        "#]],
    );
}

#[test]
fn the_lease_ends_an_armed_amount() {
    check(
        "arm R 150.00; +119s; scan 123; +1s; scan A; arm R 150.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            119.000   beep    unreadable
            120.000   write   disarmed R expired
            120.000   tell    expired R
            120.000   show    expired R
            120.000   beep    nothing_armed
            120.000   answer  R expired
        "#]],
    );
}

#[test]
fn the_lease_ends_also_where_the_timer_is_late() {
    check(
        "arm R 150.00; +1s; late 120s; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            121.000   write   disarmed R expired
            121.000   tell    expired R
            121.000   beep    nothing_armed
            121.000   show    expired R
        "#]],
    );
}

#[test]
fn a_cancel_before_the_scan_is_immediate() {
    check(
        "arm R 150.00; cancel R; scan A; cancel R; arm Q 20.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     beep    nothing_armed
            0.000     answer  R cancelled
            0.000     write   seen R
            0.000     write   armed Q 20.00
            0.000     answer  Q open
            0.000     write   settled R
            0.000     show    scan_code Q
        "#]],
    );
}

#[test]
fn a_cancel_in_the_first_15_s_waits_while_polling_goes_on() {
    check(
        "arm R 150.00; scan A; < pending C1; +4s; < pending C1; cancel R; auto pending C1; +10s
         auto off; +2s; < pending C1; < refused failed_expire; < expired C1",
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
            0.000     show    awaiting_customer R
            1.000     send    get C1
            4.000     write   stop a1: cancel
            4.000     answer  R open
            4.000     show    cancel_waits R
            6.000     send    get C1
            15.000    send    get C1
            15.000    show    stopping R
            16.000    send    expire C1
            16.000    send    get C1
            16.000    write   a1 closed cancelled
            16.000    tell    cancelled R
            16.000    show    cancelled R
        "#]],
    );
}

#[test]
fn paid_wins_over_a_cancel() {
    check(
        "arm R 150.00; scan A; < pending C1; auto pending C1; +20s; auto off; cancel R; < paid C1; cancel R",
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
            0.000     show    awaiting_customer R
            1.000     send    get C1
            20.000    write   stop a1: cancel
            20.000    answer  R open
            20.000    send    get C1
            20.000    show    stopping R
            20.000    write   a1 closed paid
            20.000    tell    paid R
            20.000    show    paid R
            20.000    refuse  sale R is closed: paid
        "#]],
    );
}

#[test]
fn a_cancel_while_the_create_is_lost_closes_the_charge_once_it_is_found() {
    check(
        "arm R 150.00; scan A; < lost; cancel R; +16s; < pending C1; < pending C1; < lost; < pending C1; +5s
         < pending C1; < expired C1; < expired C1",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   answer lost a1
            0.000     show    checking R
            0.000     write   stop a1: cancel
            0.000     answer  R open
            0.000     show    checking R
            1.000     send    find a1
            16.000    write   a1 is C1
            16.000    send    get C1
            16.000    show    stopping R
            16.000    send    expire C1
            16.000    send    get C1
            20.053    send    get C1
            21.000    send    expire C1
            21.000    send    get C1
            21.000    write   a1 closed cancelled
            21.000    tell    cancelled R
            21.000    show    cancelled R
        "#]],
    );
}

#[test]
fn detach_frees_the_counter_and_the_outcome_is_told_when_it_comes() {
    check(
        "arm R 150.00; scan A; detach R; < lost; detach R; arm Q 150.00; +1s; < pending C1; scan B; < pending C2; +1s; < paid C2; +5s; < paid C1
         ack R; ack Q",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     refuse  sale R is in progress and nothing is unknown about it: cancel it instead
            0.000     write   answer lost a1
            0.000     show    checking R
            0.000     write   a1 unknown
            0.000     tell    unknown R
            0.000     write   a1 detached
            0.000     answer  R unknown
            0.000     show    idle -
            0.000     write   armed Q 150.00
            0.000     answer  Q open
            0.000     show    scan_code Q
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     write   started a2 of Q 15…56 len=18 warned
            1.000     send    create a2 150.00 15…56 len=18
            1.000     beep    accepted
            1.000     show    sending Q
            1.000     write   a2 is C2
            1.000     show    awaiting_customer Q
            2.000     send    get C2
            2.000     send    get C1
            2.000     write   a2 closed paid
            2.000     tell    paid Q
            2.000     show    paid Q
            7.000     write   a1 closed paid
            7.000     tell    resolved R paid
            7.000     write   seen R
            7.000     answer  R paid
            7.000     write   settled R
            7.000     write   seen Q
            7.000     answer  Q paid
            7.000     write   settled Q
            7.000     show    idle -
        "#]],
    );
}

#[test]
fn a_used_reference_is_refused_with_another_amount() {
    check(
        "arm R 150.00; arm R 150.00; arm R 151.00; cancel R; ack R; arm R 151.00; arm R 150.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     answer  R open
            0.000     refuse  reference R was used for 150.00 THB, not 151.00 THB
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     write   seen R
            0.000     answer  R cancelled
            0.000     write   settled R
            0.000     show    idle -
            0.000     refuse  reference R was used for 150.00 THB, not 151.00 THB
            0.000     answer  R cancelled
        "#]],
    );
}

#[test]
fn amounts_outside_the_limits_and_a_missing_key_are_refused() {
    check(
        "arm R 19.99; arm R 150000.01; arm R 20.00; cancel R; arm Q 150000.00; cancel Q; key missing; arm P 20.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     refuse  19.99 THB is outside the limits: 20.00 to 150000.00 THB
            0.000     refuse  150000.01 THB is outside the limits: 20.00 to 150000.00 THB
            0.000     write   armed R 20.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     write   seen R
            0.000     write   armed Q 150000.00
            0.000     answer  Q open
            0.000     write   settled R
            0.000     show    scan_code Q
            0.000     write   disarmed Q cancelled
            0.000     tell    cancelled Q
            0.000     answer  Q cancelled
            0.000     show    cancelled Q
            0.000     refuse  no secret key is configured: no sale can be taken and no money given back
        "#]],
    );
}

#[test]
fn commands_for_a_sale_that_never_was_are_refused() {
    check(
        "cancel R; check R; detach R; ack R",
        &expect![[r#"
            0.000     show    idle -
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
        "#]],
    );
}

#[test]
fn an_outcome_that_stands_after_all_is_told_again_as_a_duplicate() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; again R 150.00; cancel R; again R 150.00; +120s",
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
            0.000     tell    declined R  x
            0.000     show    declined R
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R declined
            0.000     tell    declined R  x (again)
            0.000     answer  R declined
            0.000     show    declined R
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            60.000    send    get C1
            120.000   write   disarmed R declined
            120.000   tell    declined R  x (again)
            120.000   show    declined R
        "#]],
    );
}
