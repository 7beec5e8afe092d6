//! L1 to L4, D5, O1: what goes on for long, and across restarts.

use expect_test::expect;

use super::check;

#[test]
fn l1_the_deadline_expires_and_reads_back_without_a_gap() {
    check(
        "arm R 150.00; scan A; auto pending C1; +59s; auto off; +1s; < pending C1; < expired C1; < expired C1",
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
            59.096    send    get C1
            60.000    write   stop a1: deadline
            60.000    show    stopping R
            60.000    send    expire C1
            60.000    send    get C1
            60.000    write   a1 closed expired
            60.000    tell    expired R
            60.000    show    expired R
        "#]],
    );
}

#[test]
fn l1_an_expire_that_does_not_take_is_repeated_after_a_pause() {
    check(
        "arm R 150.00; scan A; auto pending C1; +59s; auto off; +1s; < pending C1; < lost; < pending C1
         +5s; < pending C1; < expired C1; < expired C1",
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
            59.096    send    get C1
            60.000    write   stop a1: deadline
            60.000    show    stopping R
            60.000    send    expire C1
            60.000    send    get C1
            63.934    send    get C1
            65.000    send    expire C1
            65.000    send    get C1
            65.000    write   a1 closed expired
            65.000    tell    expired R
            65.000    show    expired R
        "#]],
    );
}

#[test]
fn l2_the_watch_looks_after_60_s_10_min_1_h_and_24_h() {
    check(
        "arm R 150.00; scan A; < failed C1 payment_expired; < failed C1 payment_expired; ack R; auto failed C1 payment_expired; +25h",
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
            0.000     tell    declined R  payment_expired
            0.000     show    declined R
            0.000     write   seen R
            0.000     answer  R declined
            0.000     show    idle -
            60.000    send    get C1
            60.000    write   a1 watched 1
            600.000   send    get C1
            600.000   write   a1 watched 2
            3600.000  send    get C1
            3600.000  write   a1 watched 3
            10500.000 send    get C1
            10500.000 write   a1 watched 4
            17400.000 send    get C1
            17400.000 write   a1 watched 5
            24300.000 send    get C1
            24300.000 write   a1 watched 6
            31200.000 send    get C1
            31200.000 write   a1 watched 7
            38100.000 send    get C1
            38100.000 write   a1 watched 8
            45000.000 send    get C1
            45000.000 write   a1 watched 9
            51900.000 send    get C1
            51900.000 write   a1 watched 10
            58800.000 send    get C1
            58800.000 write   a1 watched 11
            65700.000 send    get C1
            65700.000 write   a1 watched 12
            72600.000 send    get C1
            72600.000 write   a1 watched 13
            79500.000 send    get C1
            79500.000 write   a1 watched 14
            86400.000 send    get C1
            86400.000 write   a1 watched 15
            86400.000 write   a1 watch ended
            86400.000 write   settled R
        "#]],
    );
}

/// A restart begins the current wait anew, which must not be most of the watch.
#[test]
fn l2_d6_the_watch_of_a_counter_that_is_switched_off_every_night_ends() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; auto failed C1 x; …; +2h
         +10h; crash; +10h; crash; +10h; crash; +24h",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 watched 1
            600.000   send    get C1
            600.000   write   a1 watched 2
            3600.000  send    get C1
            3600.000  write   a1 watched 3
            10500.000 send    get C1
            10500.000 write   a1 watched 4
            17400.000 send    get C1
            17400.000 write   a1 watched 5
            24300.000 send    get C1
            24300.000 write   a1 watched 6
            31200.000 send    get C1
            31200.000 write   a1 watched 7
            38100.000 send    get C1
            38100.000 write   a1 watched 8
            43200.000 crash
            43201.000 show    idle -
            50101.000 send    get C1
            50101.000 write   a1 watched 9
            57001.000 send    get C1
            57001.000 write   a1 watched 10
            63901.000 send    get C1
            63901.000 write   a1 watched 11
            70801.000 send    get C1
            70801.000 write   a1 watched 12
            77701.000 send    get C1
            77701.000 write   a1 watched 13
            79201.000 crash
            79202.000 show    idle -
            86102.000 send    get C1
            86102.000 write   a1 watched 14
            93002.000 send    get C1
            93002.000 write   a1 watched 15
            93002.000 write   a1 watch ended
            93002.000 write   settled R
            115202.000 crash
            115203.000 show    idle -
        "#]],
    );
}

#[test]
fn l2_an_absent_charge_stays_on_the_watch_and_is_closed_if_it_shows_up_pending() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +100s; auto off; ack R; …; +600s; < pending C1; < expired C1; +1s; < expired C1",
        &expect![[r#"
            631.000   send    find a1
            700.000   write   a1 is C1
            700.000   send    expire C1
            701.000   send    get C1
            701.000   write   a1 watched 2
        "#]],
    );
}

#[test]
fn l2_a_restart_keeps_the_looks_that_are_done() {
    check(
        "watch 60s 600s; arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; …; +60s; < failed C1 x; crash; +539s; +2s; < paid C1",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 watched 1
            60.000    crash
            61.000    show    idle -
            601.000   send    get C1
            602.000   write   a1 late success
            602.000   tell    late_success R declined x
        "#]],
    );
}

#[test]
fn l4_retry_after_and_backoff_are_kept_even_when_the_cashier_checks() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; < 429 20s; +5s; check R; +10s; check R; +5s; < 5xx; check R; check R; +1s; < paid C1",
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
            6.000     answer  R open
            16.000    answer  R open
            21.000    send    get C1
            21.000    show    checking R
            21.000    answer  R open
            21.000    answer  R open
            22.000    send    get C1
            22.000    write   a1 closed paid
            22.000    tell    paid R
            22.000    show    paid R
        "#]],
    );
}

#[test]
fn l4_requests_beside_the_counter_go_one_by_one() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; arm Q 150.00; +4s; scan B; < failed C2 x; < failed C2 x
         crash; +60s; +1s",
        &expect![[r#"
            0.000     write   seen R
            0.000     write   armed Q 150.00
            0.000     answer  Q open
            0.000     show    scan_code Q
            4.000     write   started a2 of Q 15…56 len=18 warned
            4.000     send    create a2 150.00 15…56 len=18
            4.000     beep    accepted
            4.000     show    sending Q
            4.000     write   a2 is C2
            4.000     send    get C2
            4.000     show    awaiting_customer Q
            4.000     write   a2 closed declined
            4.000     tell    declined Q  x
            4.000     show    declined Q
            4.000     crash
            5.000     tell    declined Q  x (again)
            5.000     show    declined Q
            65.000    send    get C2
            66.000    send    get C1
        "#]],
    );
}

#[test]
fn o1_d5_every_moment_of_a_payment_survives_a_crash() {
    check(
        "arm R 150.00; crash; again R 150.00; scan A; crash; < pending C1; crash; < pending C1; +58s; crash; < pending C1
         auto pending C1; +60s; auto off; crash; < expired C1; crash; ack R; crash",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     crash
            1.000     write   disarmed R expired
            1.000     tell    expired R
            1.000     show    expired R
            1.000     write   armed R 150.00
            1.000     answer  R open
            1.000     show    scan_code R
            1.000     write   started a1 of R 13…93 len=18
            1.000     send    create a1 150.00 13…93 len=18
            1.000     beep    accepted
            1.000     show    sending R
            1.000     crash
            2.000     send    find a1
            2.000     show    checking R
            2.000     write   a1 is C1
            2.000     show    awaiting_customer R
            2.000     crash
            3.000     send    get C1
            3.000     show    awaiting_customer R
            5.000     send    get C1
            61.000    crash
            62.000    send    get C1
            62.000    show    awaiting_customer R
            64.000    send    get C1
            122.000   write   stop a1: deadline
            122.000   send    get C1
            122.000   show    stopping R
            122.000   send    expire C1
            122.000   send    get C1
            122.000   crash
            123.000   send    get C1
            123.000   show    stopping R
            123.000   write   a1 closed expired
            123.000   tell    expired R
            123.000   show    expired R
            123.000   crash
            124.000   tell    expired R (again)
            124.000   show    expired R
            124.000   write   seen R
            124.000   answer  R expired
            124.000   show    idle -
            124.000   crash
            125.000   show    idle -
        "#]],
    );
}

#[test]
fn d5_a_crash_in_the_middle_of_recovery_changes_nothing() {
    check(
        "arm R 150.00; scan A; < pending C1; crash; crash; crash; < paid C1; crash; crash",
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
            0.000     crash
            1.000     send    get C1
            1.000     show    awaiting_customer R
            1.000     crash
            2.000     send    get C1
            2.000     show    awaiting_customer R
            2.000     crash
            3.000     send    get C1
            3.000     show    awaiting_customer R
            3.000     write   a1 closed paid
            3.000     tell    paid R
            3.000     show    paid R
            3.000     crash
            4.000     tell    paid R (again)
            4.000     show    paid R
            4.000     crash
            5.000     tell    paid R (again)
            5.000     show    paid R
        "#]],
    );
}

/// Each look that a person asks for used to count as one of the watch: four presses ended the watch
/// at once.
#[test]
fn l2_a_check_after_the_close_does_not_use_up_the_watch() {
    check(
        "watch 60s 600s; arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; auto failed C1 x
         +2s; check R; +2s; check R; +2s; check R; auto off; +54s; < failed C1 x; +540s; < paid C1",
        &expect![[r#"
            2.000     answer  R declined
            2.000     send    get C1
            4.000     answer  R declined
            4.000     send    get C1
            6.000     answer  R declined
            6.000     send    get C1
            60.000    send    get C1
            60.000    write   a1 watched 1
            600.000   send    get C1
            600.000   write   a1 late success
            600.000   tell    late_success R declined x
            600.000   show    late_success R
        "#]],
    );
}

/// The crash comes between the record and its announcement; the sale itself is still open, and has
/// no outcome.
#[test]
fn l2_a_late_success_is_told_after_a_crash_although_the_next_attempt_is_open() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; +55s; again R 150.00; scan B; < pending C2
         +1s; +4s; < pending C2; < paid C1; crash; < paid C2; crash",
        &expect![[r#"
            55.000    write   armed R 150.00
            55.000    answer  R open
            55.000    show    scan_code R
            55.000    write   started a2 of R 15…56 len=18 warned
            55.000    send    create a2 150.00 15…56 len=18
            55.000    beep    accepted
            55.000    show    sending R
            55.000    write   a2 is C2
            55.000    show    awaiting_customer R
            56.000    send    get C2
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    write   stop a2: cancel
            60.000    tell    late_success R
            60.000    show    late_success R
            60.000    crash
            61.000    tell    late_success R (again)
            61.000    send    get C2
            61.000    show    late_success R
            61.000    write   a2 closed paid
            61.000    tell    paid R
            61.000    show    late_success R
            61.000    crash
            62.000    tell    paid R (again)
            62.000    tell    late_success R paid (again)
            62.000    show    idle -
        "#]],
    );
}

/// Reads that fail for ever (charges of another key, say) used to take every turn beside the
/// counter, in the order of their references: the last one was never read at all.
#[test]
fn l2_l4_beside_the_counter_whoever_waits_longest_is_next() {
    let mut script = "arm Z 150.00; scan A; < failed CZ x; < failed CZ x; +4s\n".to_owned();
    for number in 0..100 {
        let (charge, sale) = (format!("C{number}"), format!("A{number}"));
        let tried = format!("< failed {charge} x; < failed {charge} x; +4s\n");
        script.push_str(&format!("auto lost; arm {sale} 150.00; auto off; scan A; {tried}"));
    }
    let trace = super::driver::play(&format!("{script} auto lost; +900s"));
    let last_look = trace.lines().rfind(|line| line.ends_with("send    get CZ")).expect("a look");
    let at: f64 =
        last_look.split_whitespace().next().and_then(|at| at.parse().ok()).expect("a time");
    assert!(at > 1_200.0, "Z is not read any more after {at} s");
}

/// D5: the amount that lapses belongs to a sale that is an alert already. A restart that is cut off
/// right behind the record of the lapse leaves the same counter as one that is not.
#[test]
fn a_lapsed_alert_is_at_the_side_however_often_the_power_goes() {
    check(
        "arm R 150.00; scan A; < lost; detach R; +1s; < failed C1 x; again R 150.00; crash; crash",
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
            0.000     write   a1 unknown
            0.000     tell    unknown R
            0.000     write   a1 detached
            0.000     answer  R unknown
            0.000     show    idle -
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     write   a1 closed declined
            1.000     tell    resolved R declined x
            1.000     write   armed R 150.00
            1.000     answer  R open
            1.000     show    scan_code R
            1.000     crash
            2.000     write   disarmed R declined
            2.000     tell    resolved R declined x (again)
            2.000     show    idle -
            2.000     crash
            3.000     tell    resolved R declined x (again)
            3.000     show    idle -
        "#]],
    );
}

/// S8, D1: the power goes between the record of an attempt and its create, and again within the
/// restart: the create is not sent later.
#[test]
fn s8_an_attempt_whose_create_never_left_is_looked_for_and_not_created_again() {
    check(
        "arm R 150.00; crash after 1; crash after 1; scan A as a5; < absent",
        &expect![[r#"
        0.000     show    idle -
        0.000     write   armed R 150.00
        0.000     answer  R open
        0.000     show    scan_code R
        0.000     write   started a5 of R 13…93 len=18
        0.000     crash
        1.000     send    find a5
        1.000     crash
        2.000     send    find a5
        2.000     show    checking R
    "#]],
    );
}
