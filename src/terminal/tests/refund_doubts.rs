//! Refunds in doubt: what turns out otherwise than it was told, lags behind, or is about something
//! else (S5, S9, L1).

use expect_test::expect;

use super::refunds::check_paid;

/// Whoever asked for the second was told that the first was not made.
#[test]
fn s9_a_refund_that_turns_out_made_stops_the_one_that_was_to_take_its_place() {
    check_paid(
        "refund R F 50.00; < paid C1; < lost; auto list; +92s; auto off; refund R G 50.00; +1s; < paid C1 back 5000 as r1",
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
            92.000    write   refund G of R asked: 50.00 of a1 as r2
            92.000    answer  R paid
            92.000    send    get C1
            93.000    write   a1 gave back 50.00
            93.000    write   refund F refunded as rfnd_r1
            93.000    tell    refunded F of R 50.00, 50.00 back
            93.000    write   refund G refused
            93.000    tell    refund_refused G of R 50.00 former_refund_made, 50.00 back
            93.000    write   settled R
        "#]],
    );
}

#[test]
fn s9_all_that_is_left_is_another_refund_than_a_part() {
    check_paid(
        "refund R F 50.00; refund R F; < paid C1 too late; refund R F",
        &expect![[r#"
        0.000     write   refund F of R asked: 50.00 of a1 as r1
        0.000     answer  R paid
        0.000     send    get C1
        0.000     refuse  refund F of sale R was asked for with another amount
        0.000     write   refund F refused
        0.000     tell    refund_refused F of R 50.00 not_partially_refundable, 0.00 back
        0.000     write   settled R
        0.000     refuse  refund F of sale R was asked for with another amount
    "#]],
    );
}

#[test]
fn s9_a_reading_that_lags_behind_allows_no_more_than_is_left() {
    check_paid(
        "refund R F 50.00; < paid C1; < made; refund R G; +1s; < paid C1; < made",
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
            0.000     write   refund G of R asked: all of a1 as r2
            0.000     answer  R paid
            1.000     send    get C1
            1.000     write   refund G sent 100.00
            1.000     send    refund r2 100.00 of C1
            1.000     write   a1 gave back 150.00
            1.000     write   refund G refunded as rfnd_r2
            1.000     tell    refunded G of R 100.00, 150.00 back
            1.000     write   settled R
        "#]],
    );
}

/// Should the first list after a crash fail, somebody hears that nothing is known.
#[test]
fn l1_a_refund_that_was_sent_before_a_crash_is_told_unknown_when_it_cannot_be_looked_up() {
    check_paid(
        "refund R F 50.00; < paid C1; crash; < lost; +2s; < lost; status; +3s; < list r1:5000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     crash
            1.000     send    refunds C1
            1.000     show    idle -
            1.000     write   refund F unknown
            1.000     tell    refund_unknown F of R 50.00, 0.00 back
            2.166     send    refunds C1
            3.000     status  holds R; open 0; warmed 3; alerts R; -
            4.445     send    refunds C1
            6.000     write   a1 gave back 50.00
            6.000     write   refund F refunded as rfnd_r1
            6.000     tell    refunded F of R 50.00, 50.00 back
            6.000     write   settled R
        "#]],
    );
}

#[test]
fn s5_an_answer_about_something_else_keeps_a_refund_open() {
    check_paid(
        "refund R F 50.00; < paid C1; < paid C1; +1s; < list r1:5000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            1.000     send    refunds C1
            1.000     write   a1 gave back 50.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 50.00, 50.00 back
            1.000     write   settled R
        "#]],
    );
}
