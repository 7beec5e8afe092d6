//! S9, O3: the ends of what refunds can meet.

use expect_test::expect;

use super::*;

const PAID: &str = "arm R 150.00; scan A; < paid C1; ack R";

#[test]
fn s9_another_refund_than_the_one_that_was_sent_proves_nothing() {
    check(
        &format!("{PAID}; refund R F 50.00; < paid C1; < made as other; +1s; < list r1:5000"),
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
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
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

#[test]
fn a_hint_while_a_paid_charge_is_counted_makes_it_be_counted_once_more() {
    check(
        &format!("{PAID}; check R; hint C1; < paid C1; +1s; < paid C1 back 5000; +1h"),
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
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
            0.000     answer  R paid
            0.000     send    get C1
            1.000     send    get C1
            1.000     write   a1 gave back 50.00
        "#]],
    );
}

#[test]
fn a_refused_refund_is_told_again_after_a_crash() {
    check(
        "arm R 150.00; scan A; < paid C1; refund R F 50.00; < paid C1; < refused x; crash",
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
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     show    paid R
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     show    paid R
            0.000     write   refund F refused
            0.000     tell    refund_refused F of R 50.00 x, 0.00 back
            0.000     show    paid R
            0.000     crash
            1.000     tell    paid R (again)
            1.000     tell    refund_refused F of R 50.00 x, 0.00 back (again)
            1.000     show    paid R
        "#]],
    );
}

/// O3: one sale cannot be asked for refunds for ever.
#[test]
fn o3_the_41st_refund_of_a_sale_is_refused() {
    let mut script = PAID.to_owned();
    for number in 1..=40 {
        script.push_str(&format!("; refund R F{number} 1.00; +1s; < paid C1; +1s; < refused x"));
    }
    let trace = driver::play(&format!("{script}; refund R G 1.00; refund R F40 1.00"));
    assert_eq!(trace.matches("refund_refused").count(), 40);
    let refusals: Vec<&str> = trace.lines().filter(|line| line.contains("refuse ")).collect();
    assert_eq!(refusals, ["80.000    refuse  sale R was asked for too many refunds"]);
}

#[test]
fn a_refund_that_was_told_before_the_sale_was_settled_is_not_told_again() {
    check(
        &format!("{PAID}; refund R F 50.00; < paid C1; < made; +1s; refund R G 50.00; crash"),
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
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     write   a1 gave back 50.00
            0.000     write   refund F refunded as rfnd_r1
            0.000     tell    refunded F of R 50.00, 50.00 back
            0.000     write   settled R
            1.000     write   refund G of R asked: 50.00 of a1 as r2
            1.000     answer  R paid
            1.000     send    get C1
            1.000     crash
            2.000     send    get C1
            2.000     show    idle -
        "#]],
    );
}

#[test]
fn a_refund_is_an_alert_while_it_is_unknown() {
    check(
        &format!(
            "{PAID}; refund R F 50.00; status; < paid C1; status; < lost; status; +1s; < list r1:5000
             refund R G 50.00; status"
        ),
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
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
            0.000     write   refund F of R asked: 50.00 of a1 as r1
            0.000     answer  R paid
            0.000     send    get C1
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     write   refund F sent 50.00
            0.000     send    refund r1 50.00 of C1
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     write   refund F unknown
            0.000     tell    refund_unknown F of R 50.00, 0.00 back
            0.000     status  holds R; open 0; warmed 2; alerts R; -
            1.000     send    refunds C1
            1.000     write   a1 gave back 50.00
            1.000     write   refund F refunded as rfnd_r1
            1.000     tell    refunded F of R 50.00, 50.00 back
            1.000     write   settled R
            1.000     write   refund G of R asked: 50.00 of a1 as r2
            1.000     answer  R paid
            1.000     status  holds R; open 0; warmed 2; alerts ; -
        "#]],
    );
}

#[test]
fn s9_a_check_while_a_refund_is_under_way_does_not_stop_it() {
    check(
        &format!("{PAID}; refund R F 50.00; check R; < paid C1; check R; < made"),
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
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
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
        "#]],
    );
}

/// Of two charges that were paid for one sale, the newer is given back first.
#[test]
fn s9_a_refund_goes_to_the_charge_that_still_has_the_money() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; again R 150.00; +4s; scan B; < paid C2; +60s
         < paid C1; ack R; refund R F; +1s; < paid C2; +1s; < made; refund R G; +1s; < paid C1; +1s; < made; refund R H",
        &expect![[r#"
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            4.000     write   started a2 of R 15…56 len=18 warned
            4.000     send    create a2 150.00 15…56 len=18
            4.000     beep    accepted
            4.000     show    sending R
            4.000     write   a2 is C2
            4.000     write   a2 closed paid
            4.000     tell    paid R
            4.000     show    paid R
            60.000    send    get C1
            64.000    write   a1 late success
            64.000    tell    late_success R paid
            64.000    show    late_success R
            64.000    write   seen R
            64.000    answer  R paid
            64.000    write   settled R
            64.000    show    idle -
            64.000    write   refund F of R asked: all of a2 as r1
            64.000    answer  R paid
            64.000    send    get C2
            65.000    write   refund F sent 150.00
            65.000    send    refund r1 150.00 of C2
            66.000    write   a2 gave back 150.00
            66.000    write   refund F refunded as rfnd_r1
            66.000    tell    refunded F of R 150.00, 150.00 back
            66.000    write   settled R
            66.000    write   refund G of R asked: all of a1 as r2
            66.000    answer  R paid
            66.000    send    get C1
            67.000    write   refund G sent 150.00
            67.000    send    refund r2 150.00 of C1
            68.000    write   a1 gave back 150.00
            68.000    write   refund G refunded as rfnd_r2
            68.000    tell    refunded G of R 150.00, 300.00 back
            68.000    write   settled R
            68.000    refuse  nothing of sale R is left to give back, or nothing was asked for
        "#]],
    );
}
