//! Webhooks: a hint makes the next reading come at once, and decides nothing (S4, S5, L2, L4).

use expect_test::expect;

use super::check;
use super::refunds::check_paid;

#[test]
fn s4_a_hint_makes_the_charge_be_read_and_only_what_is_read_counts() {
    check(
        "arm R 150.00; scan A; < pending C1; +300ms; hint C1; < paid C1",
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
        0.300     send    get C1
        0.300     write   a1 closed paid
        0.300     tell    paid R
        0.300     show    paid R
    "#]],
    );
    check(
        "arm R 150.00; scan A; < pending C1; +300ms; hint C1; < pending C1; +1s; hint C1; < lost",
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
            0.300     send    get C1
            1.300     send    get C1
        "#]],
    );
}

#[test]
fn a_hint_that_comes_while_the_charge_is_read_makes_it_be_read_once_more() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; hint C1; < pending C1; < paid C1",
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
            1.000     send    get C1
            1.000     write   a1 closed paid
            1.000     tell    paid R
            1.000     show    paid R
        "#]],
    );
}

#[test]
fn l4_many_hints_are_few_readings() {
    check(
        "arm R 150.00; scan A; < pending C1; hint C1; hint C1; < pending C1; hint C1
         +499ms; hint C1; +1ms; < pending C1; hint C1; +1s; +499ms; < pending C1; +500ms",
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
            0.000     send    get C1
            0.500     send    get C1
            1.000     send    get C1
        "#]],
    );
    check(
        "arm R 150.00; scan A; < pending C1; hint C1; < 429 3s; hint C1; +2s; hint C1; +1s; < paid C1",
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
            0.000     send    get C1
            3.000     send    get C1
            3.000     write   a1 closed paid
            3.000     tell    paid R
            3.000     show    paid R
        "#]],
    );
}

#[test]
fn s3_a_hint_while_the_create_is_lost_makes_it_be_looked_up_at_once() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < absent; +1s; hint C9; < pending C1; hint C1; < paid C1",
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
            1.000     send    find a1
            2.000     send    find a1
            2.000     write   a1 is C1
            2.000     show    awaiting_customer R
            2.000     send    get C1
            2.000     write   a1 closed paid
            2.000     tell    paid R
            2.000     show    paid R
        "#]],
    );
}

#[test]
fn s3_a_hint_while_the_create_is_under_way_makes_it_be_looked_up_as_soon_as_that_is_lost() {
    check(
        "arm R 150.00; scan A; hint C9; < lost; < paid C9",
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
        0.000     send    find a1
        0.000     show    checking R
        0.000     write   a1 is C9
        0.000     write   a1 closed paid
        0.000     tell    paid R
        0.000     show    paid R
    "#]],
    );
    // Answered, there is nothing to look for.
    check(
        "arm R 150.00; scan A; hint C9; < pending C9; +999ms",
        &expect![[r#"
        0.000     show    idle -
        0.000     write   armed R 150.00
        0.000     answer  R open
        0.000     show    scan_code R
        0.000     write   started a1 of R 13…93 len=18
        0.000     send    create a1 150.00 13…93 len=18
        0.000     beep    accepted
        0.000     show    sending R
        0.000     write   a1 is C9
        0.000     show    awaiting_customer R
    "#]],
    );
}

/// Other counters' webhooks come all day, and each might be about the charge that was never found.
#[test]
fn l4_hints_about_unknown_charges_make_a_watched_attempt_be_looked_up_once_a_minute() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +91s; auto off; ack R; …; hint C9; +59s; hint C9; +1s; hint C9; < absent
         hint C9; +59999ms; hint C9; +1ms; hint C9; < absent",
        &expect![[r#"
            151.000   send    find a1
            211.000   send    find a1
        "#]],
    );
}

/// … and so is one that was told unknown: the lists are long where the hints are many.
#[test]
fn l4_hints_about_unknown_charges_make_an_unknown_attempt_be_looked_up_once_a_minute() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < lost; +80s; < too-much; detach R; +1h; < too-much; …
         hint C8; +1s; hint C9; +1s; hint C8; +58s; < too-much; +1s; hint C9; +1s",
        &expect![[r#"
            3681.000  send    find a1
            3742.000  send    find a1
        "#]],
    );
    // At the counter, too.
    check(
        "arm R 150.00; scan A; < lost; +1s; < lost; +70s; < too-much; …; hint C8; < too-much; +1s; hint C9; +1s",
        &expect![[r#"
            71.000    send    find a1
        "#]],
    );
    // Before that somebody waits at the counter.
    check(
        "arm R 150.00; scan A; < lost; …; +1s; < absent; hint C8; +1s; < absent; hint C9; +1s; < paid C9",
        &expect![[r#"
            1.000     send    find a1
            2.000     send    find a1
            3.000     send    find a1
            3.000     write   a1 is C9
            3.000     write   a1 closed paid
            3.000     tell    paid R
            3.000     show    paid R
        "#]],
    );
}

#[test]
fn a_sale_that_is_found_paid_tells_what_went_back_before() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; < paid C1 back 4000",
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
        1.000     write   a1 gave back 40.00
        1.000     write   a1 closed paid
        1.000     tell    paid R
        1.000     show    paid R
    "#]],
    );
}

#[test]
fn l2_a_hint_finds_a_late_success_before_the_watch_would() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; …; +700s; < failed C1 x; hint C1; < failed C1 x
         +60s; hint C1; < paid C1",
        &expect![[r#"
            60.000    send    get C1
            700.000   write   a1 watched 1
            700.000   send    get C1
            760.000   send    get C1
            760.000   write   a1 late success
            760.000   tell    late_success R declined x
        "#]],
    );
    // It may have come after the reading that is under way.
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; …; +60s; hint C1; < failed C1 x; +1s; < paid C1",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 watched 1
            61.000    send    get C1
            61.000    write   a1 late success
            61.000    tell    late_success R declined x
        "#]],
    );
}

#[test]
fn a_hint_about_nobodys_charge_or_a_settled_sale_changes_nothing() {
    check(
        "hint C9; arm R 150.00; scan A; < pending C1; hint C9; +900ms",
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
    "#]],
    );
    check(
        "arm R 150.00; scan A; < paid C1; ack R; …; hint C1; +1h",
        &expect![[r#"
            0.000     send    get C1
        "#]],
    );
}

/// The refund's own answer says nothing of another one, of Opn's dashboard.
#[test]
fn a_hint_that_comes_while_a_refund_is_under_way_makes_the_charge_be_read_behind_it() {
    check_paid(
        "refund R F 50.00; < paid C1; hint C1; < made; +1s; < paid C1 back 9000",
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
            1.000     send    get C1
            1.000     write   a1 gave back 90.00
        "#]],
    );
    // Also one that came while the charge was read for it.
    check_paid(
        "refund R F 50.00; hint C1; < paid C1; < made; +1s; < paid C1 back 9000",
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
            1.000     send    get C1
            1.000     write   a1 gave back 90.00
        "#]],
    );
    check_paid(
        "refund R F 50.00; hint C1; < paid C1 back 15000; +1s; < paid C1 back 15000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   a1 gave back 150.00
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R 50.00 nothing_left, 150.00 back
            0.000     write   settled R
            1.000     send    get C1
        "#]],
    );
    check_paid(
        "refund R F 50.00; < paid C1; hint C1; < refused failed_refund; +1s; < paid C1 back 9000",
        &expect![[r#"
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R 50.00 failed_refund, 0.00 back
            0.000     write   settled R
            1.000     send    get C1
            1.000     write   a1 gave back 90.00
        "#]],
    );
}

#[test]
fn l4_pending_charges_are_read_less_often_while_hints_come() {
    check(
        "hinted poll 10s 600s; hint C9; arm R 150.00; scan A; < pending C1; +1s; < pending C1; +10s; < pending C1
         +5s; hint C1; < pending C1; +9s; +1s; < pending C1; +1s; hint C1; < paid C1",
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
            11.000    send    get C1
            16.000    send    get C1
            26.000    send    get C1
            27.000    send    get C1
            27.000    write   a1 closed paid
            27.000    tell    paid R
            27.000    show    paid R
        "#]],
    );
}

#[test]
fn l1_a_hint_that_did_not_come_ends_the_trust_in_hints() {
    // The first sale is found paid by a poll, so the second is polled as without webhooks.
    check(
        "hinted poll 10s 600s; hint C9; arm R 150.00; scan A; < pending C1; +1s; < paid C1; ack R
         arm S 150.00; +4s; scan B; < pending C2; +1s; < pending C2; +2s; < pending C2",
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
            1.000     write   a1 closed paid
            1.000     tell    paid R
            1.000     show    paid R
            1.000     write   seen R
            1.000     answer  R paid
            1.000     write   settled R
            1.000     show    idle -
            1.000     write   armed S 150.00
            1.000     answer  S open
            1.000     show    scan_code S
            5.000     write   started a2 of S 15…56 len=18 warned
            5.000     send    create a2 150.00 15…56 len=18
            5.000     beep    accepted
            5.000     show    sending S
            5.000     write   a2 is C2
            5.000     show    awaiting_customer S
            6.000     send    get C2
            8.000     send    get C2
        "#]],
    );
    // One that is repeated after a start says nothing about those to come.
    check(
        "hinted poll 10s 600s; hint C9 again; arm R 150.00; scan A; < pending C1; +1s; < pending C1; +2s",
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
        "#]],
    );
    // Nothing was heard for longer than hints are trusted.
    check(
        "hinted poll 10s 60s; hint C9; +60s; arm R 150.00; scan A; < pending C1; +1s; < pending C1; +2s",
        &expect![[r#"
            0.000     show    idle -
            60.000    write   armed R 150.00
            60.000    answer  R open
            60.000    show    scan_code R
            60.000    write   started a1 of R 13…93 len=18
            60.000    send    create a1 150.00 13…93 len=18
            60.000    beep    accepted
            60.000    show    sending R
            60.000    write   a1 is C1
            60.000    show    awaiting_customer R
            61.000    send    get C1
            63.000    send    get C1
        "#]],
    );
}

/// A figure that could not be read once is asked for anew by the next hint, with all its tries.
#[test]
fn l4_a_reading_that_a_hint_asks_for_has_tries_of_its_own() {
    check(
        "arm R 150.00; scan A; < lost; auto lost; +50s; auto off; +8s; < paid C1; ack R; …; hint C1; < lost; +60s; < paid C1 back 4000",
        &expect![[r#"
            58.000    send    get C1
            59.166    send    get C1
            118.000   write   a1 gave back 40.00
        "#]],
    );
}
