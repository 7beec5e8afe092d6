//! Refunds: S9, D1.

use expect_test::{Expect, expect};

use super::check;
use super::driver::play;

/// A sale that is paid, seen and settled; `rest` follows.
#[track_caller]
pub(super) fn check_paid(rest: &str, expect: &Expect) {
    check(&paid(rest), expect);
}

fn paid(rest: &str) -> String {
    format!("arm R 150.00; scan A; < paid C1; ack R; …; {rest}")
}

#[test]
fn s9_a_refund_is_written_read_sent_once_and_told() {
    check_paid(
        "refund R F 50.00; < paid C1; < made; +1h",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   a1 gave back 50.00
            0.000     write   refund F refunded as rfnd_r1
            0.000     tell    refunded F of R 50.00, 50.00 back
            0.000     write   settled R
        "#]],
    );
    check_paid(
        "refund R F; < paid C1 back 5000; < made; +1h",
        &expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 50.00
            0.000     write   refund F sent 100.00
            0.000     send    refund r1 100.00 of C1
            0.000     write   a1 gave back 150.00
            0.000     write   refund F refunded as rfnd_r1
            0.000     tell    refunded F of R 100.00, 150.00 back
            0.000     write   settled R
        "#]],
    );
}

#[test]
fn s9_the_same_refund_is_made_once() {
    check_paid(
        "refund R F 50.00; refund R F 50.00; < paid C1; refund R F 50.00; < made; refund R F 50.00; refund R F 60.00
         refund R F",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     answer  R paid
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     answer  R paid
            0.000     write   a1 gave back 50.00
            0.000     write   refund F refunded as rfnd_r1
            0.000     tell    refunded F of R 50.00, 50.00 back
            0.000     write   settled R
            0.000     answer  R paid
            0.000     refuse  refund F of sale R was asked for with another amount
            0.000     refuse  refund F of sale R was asked for with another amount
        "#]],
    );
}

#[test]
fn s9_one_refund_at_a_time() {
    check_paid(
        "refund R F 50.00; refund R G 50.00; < paid C1; refund R G 50.00; < lost; refund R G 50.00; +1s; < list r1:5000
         refund R G 100.00; +1s; < paid C1 back 5000; < made; refund R H 0.01; refund R H",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     refuse  refund F of sale R is under way: wait for it
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     refuse  refund F of sale R is under way: wait for it
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            0.000     refuse  refund F of sale R is under way: wait for it
            1.000     send    refunds C1
            1.000     write   a1 gave back 50.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 50.00, 50.00 back
            1.000     write   settled R
            1.000     write   refund G of R asked: 100.00 of a1 as r5
            1.000     answer  R paid
            2.000     send    get C1
            2.000     write   refund G sent 100.00
            2.000     send    refund r5 100.00 of C1
            2.000     write   a1 gave back 150.00
            2.000     write   refund G refunded as rfnd_r5
            2.000     tell    refunded G of R 100.00, 150.00 back
            2.000     write   settled R
            2.000     refuse  0.01 THB is more than the 0.00 THB that are left of sale R
            2.000     refuse  nothing of sale R is left to give back, or nothing was asked for
        "#]],
    );
}

#[test]
fn s9_what_the_charge_does_not_allow_is_not_sent() {
    for (rest, expect) in [
        (
            "refund R F 150.01",
            expect![[r#"
            0.000     refuse  150.01 THB is more than the 150.00 THB that are left of sale R
        "#]],
        ),
        (
            "refund R F 0.00",
            expect![[r#"
            0.000     refuse  nothing of sale R is left to give back, or nothing was asked for
        "#]],
        ),
        (
            "refund R F 100.01; < paid C1 back 5000",
            expect![[r#"
            0.000     write   refund F of R asked: 100.01 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 50.00
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R 100.01 more_than_left, 50.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F; < paid C1 back 15000",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 150.00
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  nothing_left, 150.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F 50.00; < paid C1 in full only",
            expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R 50.00 not_partially_refundable, 0.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F 150.00; < paid C1 in full only; < made",
            expect![[r#"
                0.000     write   refund F of R asked: 150.00 of a1 as r1
                0.000     answer  R paid
                0.000     send    get C1
                0.000     write   refund F sent 150.00
                0.000     send    refund r1 150.00 of C1
                0.000     write   a1 gave back 150.00
                0.000     write   refund F refunded as rfnd_r1
                0.000     tell    refunded F of R 150.00, 150.00 back
                0.000     write   settled R
            "#]],
        ),
        (
            "refund R F; < paid C1 too late",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  not_refundable, 0.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F; < paid C1 15 times",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 15.00
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  too_many_refunds, 15.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F; < paid C1 without figures",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  unreadable, 0.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F; < paid C1 currency USD",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  wrong_currency, 0.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "refund R F; < reversed C1",
            expect![[r#"
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R  not_paid, 0.00 back
            0.000     write   settled R
        "#]],
        ),
        (
            "key missing; refund R F",
            expect![[r#"
                0.000     show    not_ready -
                0.000     refuse  no secret key is configured: no sale can be taken and no money given back
            "#]],
        ),
    ] {
        check_paid(rest, &expect);
    }
}

#[test]
fn s9_a_refusal_and_a_connection_that_never_was_are_proof() {
    check_paid(
        "refund R F 50.00; < paid C1; < refused failed_refund",
        &expect![[r#"
        0.000     write   refund F of R asked: 50.00 of a1 as r1
        0.000     answer  R paid
        0.000     send    get C1
        0.000     write   refund F sent 50.00
        0.000     send    refund r1 50.00 of C1
        0.000     write   refund F refused
        0.000     tell    refund_refused F of R 50.00 failed_refund, 0.00 back
        0.000     write   settled R
    "#]],
    );
    check_paid(
        "refund R F 50.00; < paid C1; < not-sent",
        &expect![[r#"
        0.000     write   refund F of R asked: 50.00 of a1 as r1
        0.000     answer  R paid
        0.000     send    get C1
        0.000     write   refund F sent 50.00
        0.000     send    refund r1 50.00 of C1
        0.000     write   refund F refused
        0.000     tell    refund_refused F of R 50.00 no_connection, 0.00 back
        0.000     write   settled R
    "#]],
    );
}

#[test]
fn s9_an_unanswered_refund_is_looked_up_and_never_repeated() {
    let lost = "refund R F 50.00; < paid C1; < lost; +2s; < list; +5s; < lost; +5s; < list else:100 r1:5000";
    check_paid(
        lost,
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            1.000     send    refunds C1
            4.000     send    refunds C1
            7.822     send    refunds C1
            12.000    write   a1 gave back 51.00
            12.000    write   refund F refunded as rfnd_r1
            12.000    tell    refunded F of R 50.00, 51.00 back
            12.000    write   settled R
        "#]],
    );
    for answer in ["reset", "5xx", "429 1s", "backend_error", "garbage"] {
        let other = lost.replacen("lost", answer, 1);
        assert_eq!(play(&paid(&other)), play(&paid(lost)), "{answer}");
    }
}

#[test]
fn s9_absence_for_a_whole_quarantine_is_proof_and_what_shows_up_later_is_told() {
    check_paid(
        "refund R F 50.00; < paid C1; < lost; auto list; +92s; auto off; check R; < paid C1 back 5000 as r1",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            1.000     send    refunds C1
            3.000     send    refunds C1
            5.000     send    refunds C1
            7.000     send    refunds C1
            9.000     send    refunds C1
            11.000    send    refunds C1
            14.077    send    refunds C1
            17.149    send    refunds C1
            21.105    send    refunds C1
            24.177    send    refunds C1
            27.376    send    refunds C1
            30.690    send    refunds C1
            34.340    send    refunds C1
            37.803    send    refunds C1
            41.722    send    refunds C1
            44.922    send    refunds C1
            49.747    send    refunds C1
            54.076    send    refunds C1
            57.622    send    refunds C1
            62.173    send    refunds C1
            66.465    send    refunds C1
            70.399    send    refunds C1
            73.885    send    refunds C1
            78.446    send    refunds C1
            82.204    send    refunds C1
            86.935    send    refunds C1
            91.000    send    refunds C1
            91.000    write   refund F refused
            91.000    tell    refund_refused F of R 50.00 not_found, 0.00 back
            91.000    write   settled R
            92.000    answer  R paid
            92.000    send    get C1
            92.000    write   a1 gave back 50.00
            92.000    write   refund F refunded as rfnd_r1
            92.000    tell    refunded F of R 50.00, 50.00 back
            92.000    write   settled R
        "#]],
    );
}

#[test]
fn d1_a_refund_goes_on_after_a_crash_at_each_step() {
    check_paid(
        "refund R F 50.00; crash; < paid C1; < made",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     crash
            1.000     send    get C1
            1.000     show    idle -
            1.000     write   refund F sent 50.00
            1.000     send    refund r1 50.00 of C1
            1.000     write   a1 gave back 50.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 50.00, 50.00 back
            1.000     write   settled R
        "#]],
    );
    check_paid(
        "refund R F 50.00; < paid C1; crash; < list; +12s; < list r1:5000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     crash
            1.000     send    refunds C1
            1.000     show    idle -
            3.000     send    refunds C1
            13.000    write   a1 gave back 50.00
            13.000    write   refund F refunded as rfnd_r1
            13.000    tell    refunded F of R 50.00, 50.00 back
            13.000    write   settled R
        "#]],
    );
    check_paid(
        "refund R F 50.00; < paid C1; < lost; crash; < list r1:5000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            0.000     crash
            1.000     tell    refund_unknown F of R 50.00, 0.00 back (again)
            1.000     send    refunds C1
            1.000     show    idle -
            1.000     write   a1 gave back 50.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 50.00, 50.00 back
            1.000     write   settled R
        "#]],
    );
    check_paid(
        "refund R F 50.00; < paid C1; < made; crash; +1h",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   a1 gave back 50.00
            0.000     write   refund F refunded as rfnd_r1
            0.000     tell    refunded F of R 50.00, 50.00 back
            0.000     write   settled R
            0.000     crash
            1.000     show    idle -
        "#]],
    );
}

#[test]
fn reads_that_fail_delay_a_refund_and_prove_nothing() {
    check_paid(
        "refund R F 50.00; < lost; +2s; < 429 30s; +30s; < refused authentication_failure; +5s; < absent; +9s; < paid C1; < made",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            1.166     send    get C1
            32.000    send    get C1
            34.306    send    get C1
            43.234    send    get C1
            46.000    write   refund F sent 50.00
            46.000    send    refund r1 50.00 of C1
            46.000    write   a1 gave back 50.00
            46.000    write   refund F refunded as rfnd_r1
            46.000    tell    refunded F of R 50.00, 50.00 back
            46.000    write   settled R
        "#]],
    );
}

#[test]
fn what_is_given_back_elsewhere_shows_up() {
    check_paid(
        "check R; < paid C1 back 4000; +1h; hint C1; < paid C1 back 15000; refund R F",
        &expect![[r#"
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 40.00
            3600.000  send    get C1
            3600.000  write   a1 gave back 150.00
            3600.000  refuse  nothing of sale R is left to give back, or nothing was asked for
        "#]],
    );
    // A reading that lags behind takes nothing back, and one that fails is given up.
    check_paid(
        "check R; < paid C1 back 4000; +1s; hint C1; < paid C1 back 3000",
        &expect![[r#"
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 40.00
            1.000     send    get C1
        "#]],
    );
    check_paid(
        "check R; auto lost; +1h; auto off; +1h",
        &expect![[r#"
        0.000     answer  R paid
        0.000     send    get C1
    "#]],
    );
    check_paid(
        "check R; < foreign C9; +2s; < paid C1 back 4000",
        &expect![[r#"
        0.000     answer  R paid
        0.000     send    get C1
        1.166     send    get C1
        2.000     write   a1 gave back 40.00
    "#]],
    );
}

#[test]
fn only_a_paid_sale_has_something_to_give_back() {
    check(
        "refund Q F; arm R 150.00; refund R F; scan A; refund R F; < failed C1 x; refund R F; < failed C1 x; refund R F",
        &expect![[r#"
            0.000     show    idle -
            0.000     refuse  there is no sale Q
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     refuse  sale R is not known to be paid: there is nothing that could be given back now
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     refuse  sale R is not known to be paid: there is nothing that could be given back now
            0.000     write   a1 is C1
            0.000     send    get C1
            0.000     show    awaiting_customer R
            0.000     refuse  sale R is not known to be paid: there is nothing that could be given back now
            0.000     write   a1 closed declined
            0.000     tell    declined R  x
            0.000     show    declined R
            0.000     refuse  sale R is not known to be paid: there is nothing that could be given back now
        "#]],
    );
}

/// Seed 519: the sale went to the side while its refund was unknown, and from there out of sight.
#[test]
fn l2_a_result_with_an_unknown_refund_stays_at_the_counter_after_a_restart() {
    check(
        "arm R 150.00; scan A; < paid C1; refund R F; < paid C1; < lost; crash; < list r1:15000; arm Q 20.00",
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
            0.000     write   refund F of R asked: all of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     show    paid R
            0.000     write   refund F sent 150.00
            0.000     send    refund r1 150.00 of C1
            0.000     show    paid R
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 150.00, 0.00 back
            0.000     show    paid R
            0.000     crash
            1.000     tell    paid R (again)
            1.000     tell    refund_unknown F of R 150.00, 0.00 back (again)
            1.000     send    refunds C1
            1.000     show    paid R
            1.000     write   a1 gave back 150.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 150.00, 150.00 back
            1.000     show    paid R
            1.000     write   seen R
            1.000     write   armed Q 20.00
            1.000     answer  Q open
            1.000     write   settled R
            1.000     show    scan_code Q
        "#]],
    );
}
