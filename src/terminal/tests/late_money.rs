//! Money that came after "not paid" was told, and goes back (L2, S9).

use expect_test::expect;

use super::check;

#[test]
fn l2_late_money_goes_back_once_where_the_shop_wants_that() {
    check(
        "late refund; arm R 150.00; scan A; < failed C1 x; < failed C1 x; +60s; < paid C1; +1s; < paid C1; < made
         crash; ack R; +1h",
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
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    write   refund late-a1 of R asked: all of a1 as a1
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            61.000    send    get C1
            61.000    write   refund late-a1 sent 150.00
            61.000    send    refund a1 150.00 of C1
            61.000    show    late_success R
            61.000    write   a1 gave back 150.00
            61.000    write   refund late-a1 refunded as rfnd_a1
            61.000    tell    refunded late-a1 of R 150.00, 150.00 back
            61.000    show    late_success R
            61.000    crash
            62.000    tell    late_success R declined x (again)
            62.000    tell    refunded late-a1 of R 150.00, 150.00 back (again)
            62.000    show    idle -
            62.000    write   seen R
            62.000    answer  R declined
            62.000    write   settled R
        "#]],
    );
}

#[test]
fn l2_late_money_of_another_amount_goes_back_as_it_came() {
    check(
        "late refund; arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; …; +60s; < paid C1 amount 16000
         +1s; < paid C1 amount 16000; < made",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    write   refund late-a1 of R asked: all of a1 as a1
            60.000    tell    late_success R declined x
            61.000    send    get C1
            61.000    write   refund late-a1 sent 160.00
            61.000    send    refund a1 160.00 of C1
            61.000    write   a1 gave back 160.00
            61.000    write   refund late-a1 refunded as rfnd_a1
            61.000    tell    refunded late-a1 of R 160.00, 160.00 back
        "#]],
    );
}

#[test]
fn late_money_goes_back_when_somebody_who_saw_it_says_so() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; +60s; < paid C1; refund R F 50.00; +1s; < paid C1; < made
         ack R refund; ack R refund; +1s; < paid C1 back 5000; < refused failed_refund; ack R refund; +1s
         < paid C1 back 5000; < made; ack R refund",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            60.000    write   refund F of R asked: 50.00 of a1 as r1
            60.000    answer  R declined
            60.000    show    late_success R
            61.000    send    get C1
            61.000    write   refund F sent 50.00
            61.000    send    refund r1 50.00 of C1
            61.000    show    late_success R
            61.000    write   a1 gave back 50.00
            61.000    write   refund F refunded as rfnd_r1
            61.000    tell    refunded F of R 50.00, 50.00 back
            61.000    show    late_success R
            61.000    write   refund late-a1 of R asked: all of a1 as a1
            61.000    write   seen R
            61.000    answer  R declined
            61.000    show    idle -
            61.000    answer  R declined
            62.000    send    get C1
            62.000    write   refund late-a1 sent 100.00
            62.000    send    refund a1 100.00 of C1
            62.000    write   refund late-a1 refused
            62.000    tell    refund_refused late-a1 of R 100.00 failed_refund, 50.00 back
            62.000    write   settled R
            62.000    write   refund late-a1-2 of R asked: all of a1 as a1-2
            62.000    answer  R declined
            63.000    send    get C1
            63.000    write   refund late-a1-2 sent 100.00
            63.000    send    refund a1-2 100.00 of C1
            63.000    write   a1 gave back 150.00
            63.000    write   refund late-a1-2 refunded as rfnd_a1-2
            63.000    tell    refunded late-a1-2 of R 100.00, 150.00 back
            63.000    write   settled R
            63.000    answer  R declined
        "#]],
    );
}

/// What somebody decided about the money of one attempt is not undone by that of another.
#[test]
fn l2_only_the_money_that_has_just_come_goes_back_by_itself() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; again R 150.00; scan B; < failed C2 x; < failed C2 x
         +60s; < paid C1; ack R; late refund; +1s; < paid C2; +1s; < paid C2; < made",
        &expect![[r#"
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a2 of R 15…56 len=18 warned
            0.000     send    create a2 150.00 15…56 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a2 is C2
            0.000     send    get C2
            0.000     show    awaiting_customer R
            0.000     write   a2 closed declined
            0.000     tell    declined R  x
            0.000     show    declined R
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            60.000    write   seen R
            60.000    answer  R declined
            60.000    show    idle -
            61.000    send    get C2
            61.000    write   a2 late success
            61.000    write   refund late-a2 of R asked: all of a2 as a2
            61.000    tell    late_success R declined x
            62.000    send    get C2
            62.000    write   refund late-a2 sent 150.00
            62.000    send    refund a2 150.00 of C2
            62.000    write   a2 gave back 150.00
            62.000    write   refund late-a2 refunded as rfnd_a2
            62.000    tell    refunded late-a2 of R 150.00, 150.00 back
        "#]],
    );
}

#[test]
fn late_money_is_not_seen_while_a_part_of_it_is_under_way() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; +60s; < paid C1; refund R F 50.00; ack R refund
         +1s; < paid C1; < made; ack R refund; +1s; < paid C1 back 5000; < made",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            60.000    write   refund F of R asked: 50.00 of a1 as r1
            60.000    answer  R declined
            60.000    show    late_success R
            60.000    refuse  refund F of sale R is under way: wait for it
            61.000    send    get C1
            61.000    write   refund F sent 50.00
            61.000    send    refund r1 50.00 of C1
            61.000    show    late_success R
            61.000    write   a1 gave back 50.00
            61.000    write   refund F refunded as rfnd_r1
            61.000    tell    refunded F of R 50.00, 50.00 back
            61.000    show    late_success R
            61.000    write   refund late-a1 of R asked: all of a1 as a1
            61.000    write   seen R
            61.000    answer  R declined
            61.000    show    idle -
            62.000    send    get C1
            62.000    write   refund late-a1 sent 100.00
            62.000    send    refund a1 100.00 of C1
            62.000    write   a1 gave back 150.00
            62.000    write   refund late-a1 refunded as rfnd_a1
            62.000    tell    refunded late-a1 of R 100.00, 150.00 back
            62.000    write   settled R
        "#]],
    );
}

/// The shop's own names are its own.
#[test]
fn s9_late_money_goes_back_under_a_name_that_is_free() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; +60s; < paid C1; refund R late-a1 50.00; +1s; < paid C1; < made
         ack R refund; +1s; < paid C1 back 5000; < made",
        &expect![[r#"
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            60.000    write   refund late-a1 of R asked: 50.00 of a1 as r1
            60.000    answer  R declined
            60.000    show    late_success R
            61.000    send    get C1
            61.000    write   refund late-a1 sent 50.00
            61.000    send    refund r1 50.00 of C1
            61.000    show    late_success R
            61.000    write   a1 gave back 50.00
            61.000    write   refund late-a1 refunded as rfnd_r1
            61.000    tell    refunded late-a1 of R 50.00, 50.00 back
            61.000    show    late_success R
            61.000    write   refund late-a1-2 of R asked: all of a1 as a1-2
            61.000    write   seen R
            61.000    answer  R declined
            61.000    show    idle -
            62.000    send    get C1
            62.000    write   refund late-a1-2 sent 100.00
            62.000    send    refund a1-2 100.00 of C1
            62.000    write   a1 gave back 150.00
            62.000    write   refund late-a1-2 refunded as rfnd_a1-2
            62.000    tell    refunded late-a1-2 of R 100.00, 150.00 back
            62.000    write   settled R
        "#]],
    );
}

/// What `refund` would refuse, too, leaves the alert standing.
#[test]
fn l2_late_money_that_cannot_go_back_now_is_not_acknowledged() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; +60s; < paid C1; …; key missing; refund R F; ack R refund; status
         ack R; status",
        &expect![[r#"
            60.000    refuse  no secret key is configured: no sale can be taken and no money given back
            60.000    refuse  no secret key is configured: no sale can be taken and no money given back
            60.000    status  holds R; open 0; warmed 2; alerts R; -
            60.000    write   seen R
            60.000    answer  R declined
            60.000    write   settled R
            60.000    show    not_ready -
            60.000    status  holds ; open 0; warmed 2; alerts ; -
        "#]],
    );
}
