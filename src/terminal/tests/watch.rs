//! L2: the looks of the watch, after an unpaid close.

use expect_test::expect;

use super::check;

#[test]
fn l2_a_charge_that_is_absent_is_looked_for_at_every_look_but_the_first() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +100s; ack R; +25h",
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
            91.000    write   a1 closed not_created
            91.000    write   a1 watched 1
            91.000    tell    resolved R not_created not_found
            91.000    show    not_created R
            100.000   write   seen R
            100.000   answer  R not_created
            100.000   show    idle -
            631.000   send    find a1
            631.000   write   a1 watched 2
            3631.000  send    find a1
            3631.000  write   a1 watched 3
            10531.000 send    find a1
            10531.000 write   a1 watched 4
            17431.000 send    find a1
            17431.000 write   a1 watched 5
            24331.000 send    find a1
            24331.000 write   a1 watched 6
            31231.000 send    find a1
            31231.000 write   a1 watched 7
            38131.000 send    find a1
            38131.000 write   a1 watched 8
            45031.000 send    find a1
            45031.000 write   a1 watched 9
            51931.000 send    find a1
            51931.000 write   a1 watched 10
            58831.000 send    find a1
            58831.000 write   a1 watched 11
            65731.000 send    find a1
            65731.000 write   a1 watched 12
            72631.000 send    find a1
            72631.000 write   a1 watched 13
            79531.000 send    find a1
            79531.000 write   a1 watched 14
            86431.000 send    find a1
            86431.000 write   a1 watched 15
            86431.000 write   a1 watch ended
            86431.000 write   settled R
        "#]],
    );
}

#[test]
fn l2_a_watch_of_one_look_looks_for_an_absent_charge_once() {
    check(
        "watch 60s; arm R 150.00; scan A; < lost; auto absent; +100s; ack R; …; +1h",
        &expect![[r#"
            151.000   send    find a1
            151.000   write   a1 watched 1
            151.000   write   a1 watch ended
            151.000   write   settled R
        "#]],
    );
}

/// An expire that does not take is not repeated at once: the charge is read again after a pause.
#[test]
fn l2_l4_a_charge_on_the_watch_that_cannot_be_expired_is_tried_again_after_a_pause() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +100s; auto off; ack R; …; +600s
         < pending C1; < pending C1; +1s; < pending C1; +60s; < pending C1; < pending C1; +1s; < expired C1",
        &expect![[r#"
            631.000   send    find a1
            700.000   write   a1 is C1
            700.000   send    expire C1
            701.000   send    get C1
            724.148   send    get C1
            761.000   send    expire C1
            762.000   send    get C1
            762.000   write   a1 watched 2
        "#]],
    );
}

/// The charge of another account, as after a test key was replaced by a live one.
#[test]
fn l2_l4_a_look_at_a_charge_that_is_not_there_is_one_of_the_watch() {
    check(
        "watch 60s 600s; arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; …; auto absent; +1h",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 watched 1
            600.000   send    get C1
            600.000   write   a1 watched 2
            600.000   write   a1 watch ended
            600.000   write   settled R
        "#]],
    );
}

/// On an account with a great many charges a look cannot read back to the attempt, and never will.
#[test]
fn l2_l4_a_look_with_too_much_to_look_through_is_one_of_the_watch() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +100s; ack R; …; auto too-much; +25h",
        &expect![[r#"
            631.000   send    find a1
            631.000   write   a1 watched 2
            3631.000  send    find a1
            3631.000  write   a1 watched 3
            10531.000 send    find a1
            10531.000 write   a1 watched 4
            17431.000 send    find a1
            17431.000 write   a1 watched 5
            24331.000 send    find a1
            24331.000 write   a1 watched 6
            31231.000 send    find a1
            31231.000 write   a1 watched 7
            38131.000 send    find a1
            38131.000 write   a1 watched 8
            45031.000 send    find a1
            45031.000 write   a1 watched 9
            51931.000 send    find a1
            51931.000 write   a1 watched 10
            58831.000 send    find a1
            58831.000 write   a1 watched 11
            65731.000 send    find a1
            65731.000 write   a1 watched 12
            72631.000 send    find a1
            72631.000 write   a1 watched 13
            79531.000 send    find a1
            79531.000 write   a1 watched 14
            86431.000 send    find a1
            86431.000 write   a1 watched 15
            86431.000 write   a1 watch ended
            86431.000 write   settled R
        "#]],
    );
}

/// Before the outcome the same answer is no absence, however often it comes.
#[test]
fn s3_a_list_with_too_much_to_look_through_proves_nothing() {
    check(
        "arm R 150.00; scan A; < lost; auto too-much; +300s; auto off; +60s; < paid C1",
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
            304.451   send    find a1
            360.000   write   a1 is C1
            360.000   write   a1 closed paid
            360.000   tell    resolved R paid
            360.000   show    paid R
        "#]],
    );
}
