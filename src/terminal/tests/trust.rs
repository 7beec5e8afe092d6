//! L1, L4: how long hints are counted on.

use expect_test::expect;

use super::check;

#[test]
fn hints_are_counted_on_for_less_than_the_time_of_trust() {
    check(
        "hinted poll 10s 60s; hint C9; +59s; arm R 150.00; scan A; < pending C1; +1s; < pending C1; +2s",
        &expect![[r#"
            0.000     show    idle -
            59.000    write   armed R 150.00
            59.000    answer  R open
            59.000    show    scan_code R
            59.000    write   started a1 of R 13…93 len=18
            59.000    send    create a1 150.00 13…93 len=18
            59.000    beep    accepted
            59.000    show    sending R
            59.000    write   a1 is C1
            59.000    show    awaiting_customer R
            60.000    send    get C1
            62.000    send    get C1
        "#]],
    );
    check(
        "hinted poll 10s 60s; hint C9; +58s; arm R 150.00; scan A; < pending C1; +1s; < pending C1; +9s; +1s",
        &expect![[r#"
            0.000     show    idle -
            58.000    write   armed R 150.00
            58.000    answer  R open
            58.000    show    scan_code R
            58.000    write   started a1 of R 13…93 len=18
            58.000    send    create a1 150.00 13…93 len=18
            58.000    beep    accepted
            58.000    show    sending R
            58.000    write   a1 is C1
            58.000    show    awaiting_customer R
            59.000    send    get C1
            69.000    send    get C1
        "#]],
    );
}

#[test]
fn a_hint_that_came_keeps_the_trust() {
    check(
        "hinted poll 10s 600s; hint C9; arm R 150.00; scan A; < pending C1; +500ms; hint C1; < paid C1; ack R
         arm S 150.00; +4s; scan B; < pending C2; +1s; < pending C2; +9s; +1s",
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
            0.500     send    get C1
            0.500     write   a1 closed paid
            0.500     tell    paid R
            0.500     show    paid R
            0.500     write   seen R
            0.500     answer  R paid
            0.500     write   settled R
            0.500     show    idle -
            0.500     write   armed S 150.00
            0.500     answer  S open
            0.500     show    scan_code S
            4.500     write   started a2 of S 15…56 len=18 warned
            4.500     send    create a2 150.00 15…56 len=18
            4.500     beep    accepted
            4.500     show    sending S
            4.500     write   a2 is C2
            4.500     show    awaiting_customer S
            5.500     send    get C2
            15.500    send    get C2
        "#]],
    );
}

/// Nobody need tell us of what we did to the charge ourselves.
#[test]
fn a_charge_that_we_closed_keeps_the_trust() {
    check(
        "hinted poll 10s 600s; hint C9; arm R 150.00; scan A; < pending C1; +1s; < pending C1; cancel R; +14s
         < pending C1; < expired C1; < expired C1; arm S 150.00; +4s; scan B; < pending C2; +1s; < pending C2
         +9s; +1s",
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
            1.000     write   stop a1: cancel
            1.000     answer  R open
            1.000     show    cancel_waits R
            11.000    send    get C1
            15.000    show    stopping R
            15.000    send    expire C1
            15.000    send    get C1
            15.000    write   a1 closed cancelled
            15.000    tell    cancelled R
            15.000    show    cancelled R
            15.000    write   seen R
            15.000    write   armed S 150.00
            15.000    answer  S open
            15.000    show    scan_code S
            19.000    write   started a2 of S 15…56 len=18 warned
            19.000    send    create a2 150.00 15…56 len=18
            19.000    beep    accepted
            19.000    show    sending S
            19.000    write   a2 is C2
            19.000    show    awaiting_customer S
            20.000    send    get C2
            30.000    send    get C2
        "#]],
    );
}

#[test]
fn l4_a_hint_about_another_terminals_charge_reads_no_charge_that_is_known() {
    check(
        "arm R 150.00; scan A; < pending C1; auto pending C1; +18s; auto off; hint C9; +1s",
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
            18.027    send    get C1
        "#]],
    );
}
