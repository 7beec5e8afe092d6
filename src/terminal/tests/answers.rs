//! What the gateway's answers mean, one boundary at a time.

use expect_test::expect;

use super::*;

#[test]
fn a_reversed_charge_holds_no_money() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; < reversed C1",
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
        1.000     write   a1 closed cancelled
        1.000     tell    cancelled R  reversed
        1.000     show    cancelled R
    "#]],
    );
}

/// S5: an answer that nobody waits for proves nothing, whatever it says.
#[test]
fn s5_an_answer_that_nobody_waits_for_changes_nothing() {
    check(
        "stray paid C1; arm R 150.00; stray paid C1; scan A; stray paid C1; < pending C1
         stray paid C1; +1s; < failed C1 x; stray paid C1",
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
            1.000     write   a1 closed declined
            1.000     tell    declined R  x
            1.000     show    declined R
        "#]],
    );
}

/// S5: the answer to another question proves nothing.
#[test]
fn s5_an_answer_to_another_question_proves_nothing() {
    check(
        "arm R 150.00; scan A; < warm; +1s; < pending C1; +1s; < warm; +1s; < absent; +3s; < paid C1",
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
            1.000     write   a1 is C1
            1.000     show    awaiting_customer R
            2.000     send    get C1
            2.822     send    get C1
            3.000     show    checking R
            4.253     send    get C1
            6.000     write   a1 closed paid
            6.000     tell    paid R
            6.000     show    paid R
        "#]],
    );
}

#[test]
fn s3_the_list_that_ends_the_quarantine_is_asked_for_as_soon_as_it_has_ended() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +80s; auto off; +8s; late 3s; < absent; late 2s; < absent",
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
            60.000    write   stop a1: deadline
            60.000    show    checking R
            62.173    send    find a1
            70.000    write   a1 unknown
            70.000    tell    unknown R
            70.000    show    unknown R
            70.399    send    find a1
            82.204    send    find a1
            91.000    send    find a1
            93.000    write   a1 closed not_created
            93.000    write   a1 watched 1
            93.000    tell    resolved R not_created not_found
            93.000    show    not_created R
        "#]],
    );
}

#[test]
fn an_unknown_sale_is_told_again_after_a_crash_and_so_is_what_resolved_it() {
    check(
        "arm R 150.00; scan A; < lost; auto lost; +80s; auto off; crash; < paid C1; crash",
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
            60.000    write   stop a1: deadline
            60.000    show    checking R
            63.021    send    find a1
            70.000    write   a1 unknown
            70.000    tell    unknown R
            70.000    show    unknown R
            75.543    send    find a1
            80.000    crash
            81.000    tell    unknown R (again)
            81.000    send    find a1
            81.000    show    unknown R
            81.000    write   a1 is C1
            81.000    write   a1 closed paid
            81.000    tell    resolved R paid
            81.000    show    paid R
            81.000    crash
            82.000    tell    resolved R paid (again)
            82.000    show    paid R
        "#]],
    );
}

#[test]
fn answers_may_overtake_each_other() {
    check(
        "arm R 150.00; scan A; < lost; detach R; arm Q 20.00; +1s; …; scan B
         < create a2: paid C2; < find a1: paid C1",
        &expect![[r#"
            1.000     write   started a2 of Q 15…56 len=18 warned
            1.000     send    create a2 20.00 15…56 len=18
            1.000     beep    accepted
            1.000     show    sending Q
            1.000     write   a2 is C2
            1.000     write   a2 closed paid
            1.000     tell    paid Q
            1.000     show    paid Q
            1.000     write   a1 is C1
            1.000     write   a1 closed paid
            1.000     tell    resolved R paid
        "#]],
    );
}
