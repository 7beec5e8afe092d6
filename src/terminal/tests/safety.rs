//! S1 to S8: never two charges, never "not paid" without proof.

use expect_test::expect;

use super::check;

#[test]
fn s4_paid_in_the_answer_of_the_create_needs_no_second_look() {
    check(
        "arm R 150.00; scan A; < paid C1",
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
        "#]],
    );
}

#[test]
fn s1_a_second_sale_waits_for_the_first() {
    check(
        "arm R 150.00; arm Q 20.00; scan A; arm Q 20.00; < pending C1; arm Q 20.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     refuse  the terminal is busy with sale R: finish, cancel or detach it first
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     refuse  the terminal is busy with sale R: finish, cancel or detach it first
            0.000     write   a1 is C1
            0.000     show    awaiting_customer R
            0.000     refuse  the terminal is busy with sale R: finish, cancel or detach it first
        "#]],
    );
}

#[test]
fn s1_s8_a_second_scan_makes_no_second_charge() {
    check(
        "arm R 150.00; scan A; scan C; < pending C1; +4s; scan B; < paid C1",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     beep    busy
            0.000     write   a1 is C1
            0.000     show    awaiting_customer R
            1.000     send    get C1
            4.000     beep    busy
            4.000     write   a1 closed paid
            4.000     tell    paid R
            4.000     show    paid R
        "#]],
    );
}

#[test]
fn s2_s7_a_paid_sale_is_locked() {
    check(
        "arm R 150.00; scan A; < paid C1; +4s; scan C; arm R 150.00; again R 150.00; scan B
         ack R; again R 150.00; +4s; scan A; crash; again R 150.00; scan C",
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
            4.000     beep    already_paid
            4.000     answer  R paid
            4.000     answer  R paid
            4.000     beep    already_paid
            4.000     write   seen R
            4.000     answer  R paid
            4.000     write   settled R
            4.000     show    idle -
            4.000     answer  R paid
            8.000     beep    nothing_armed
            8.000     crash
            9.000     show    idle -
            9.000     answer  R paid
            9.000     beep    nothing_armed
        "#]],
    );
}

#[test]
fn s3_a_time_out_is_never_a_decline() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < lost; +5s; < pending C1; +1s; < paid C1",
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
            3.132     send    find a1
            6.000     write   a1 is C1
            6.000     show    awaiting_customer R
            7.000     send    get C1
            7.000     write   a1 closed paid
            7.000     tell    paid R
            7.000     show    paid R
        "#]],
    );
}

#[test]
fn s3_absence_is_believed_after_the_quarantine_only() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +89s; +3s; auto off",
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
        "#]],
    );
}

#[test]
fn s3_a_list_that_fails_does_not_count_as_absence() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < absent; auto 5xx; +120s; auto absent; +70s",
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
            60.926    send    find a1
            70.000    write   a1 unknown
            70.000    tell    unknown R
            70.000    show    unknown R
            70.600    send    find a1
            122.742   write   a1 closed not_created
            122.742   write   a1 watched 1
            122.742   tell    resolved R not_created not_found
            122.742   show    not_created R
        "#]],
    );
}

#[test]
fn s3_a_decline_in_the_answer_of_the_create_is_read_back_first() {
    check(
        "arm R 150.00; scan A; < failed C1 insufficient_fund; < failed C1 insufficient_fund",
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
            0.000     tell    declined R  insufficient_fund
            0.000     show    declined R
        "#]],
    );
}

#[test]
fn s3_the_answer_of_the_expire_is_not_believed() {
    check(
        "arm R 150.00; scan A; auto pending C1; +59s; auto off; +1s; < pending C1; < expired C1; < paid C1",
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
            60.000    write   a1 closed paid
            60.000    tell    paid R
            60.000    show    paid R
        "#]],
    );
}

#[test]
fn s4_another_amount_or_currency_is_never_paid() {
    check(
        "arm R 150.00; scan A; < paid C1 amount 15001; +1s; < paid C1 currency USD; auto paid C1 amount 14999; +80s
         auto paid C1; +60s",
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
            0.000     write   answer lost a1
            0.000     show    awaiting_customer R
            1.000     send    get C1
            1.000     show    checking R
            3.132     send    get C1
            60.000    write   stop a1: deadline
            60.000    send    get C1
            60.000    show    stopping R
            63.937    send    get C1
            70.000    write   a1 unknown
            70.000    tell    unknown R
            70.000    show    unknown R
            72.522    send    get C1
            95.466    write   a1 closed paid
            95.466    tell    resolved R paid
            95.466    show    paid R
        "#]],
    );
}

#[test]
fn s5_no_answer_that_proves_nothing_makes_an_outcome() {
    for answer in ["lost", "reset", "5xx", "backend_error", "garbage", "foreign C9", "429 1s"] {
        let script = format!("arm R 150.00; scan A; < {answer}; auto {answer}; +300s");
        let trace = super::driver::play(&script);
        assert!(!trace.contains("closed"), "{answer}:\n{trace}");
        assert!(
            trace.contains("show    checking R") && trace.contains("show    unknown R"),
            "{trace}"
        );
        assert_eq!(trace.matches("send    create").count(), 1, "{trace}");
        assert_eq!(trace.matches("tell    unknown R").count(), 1, "{trace}");
    }
}

#[test]
fn s5_reads_that_prove_nothing_leave_a_pending_charge_pending() {
    for answer in ["lost", "5xx", "garbage", "refused authentication_failure", "absent", "not-sent"]
    {
        let script = format!("arm R 150.00; scan A; < pending C1; auto {answer}; +300s");
        let trace = super::driver::play(&script);
        assert!(!trace.contains("closed"), "{answer}:\n{trace}");
        assert!(trace.contains("tell    unknown R"), "{answer}:\n{trace}");
    }
}

#[test]
fn s6_a_success_after_not_paid_is_a_late_success() {
    check(
        "arm R 150.00; scan A; auto pending C1; +59s; auto off; +1s; < pending C1; < expired C1; < expired C1
         +60s; < paid C1; arm Q 20.00; crash; cancel Q; ack R",
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
            120.000   send    get C1
            120.000   write   a1 late success
            120.000   tell    late_success R expired
            120.000   show    late_success R
            120.000   write   armed Q 20.00
            120.000   answer  Q open
            120.000   show    scan_code Q
            120.000   crash
            121.000   write   disarmed Q expired
            121.000   tell    expired Q
            121.000   tell    late_success R expired (again)
            121.000   show    expired Q
            121.000   refuse  sale Q is closed: expired
            121.000   write   seen R
            121.000   answer  R expired
            121.000   write   settled R
        "#]],
    );
}

#[test]
fn s6_s2_a_late_success_disarms_the_sale_that_waits_for_another_code() {
    check(
        "arm R 150.00; scan A; < failed C1 payment_rejected; < failed C1 payment_rejected; +55s; again R 150.00
         +5s; < paid C1; +4s; scan C; again R 150.00; ack R; again R 150.00",
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
            0.000     tell    declined R  payment_rejected
            0.000     show    declined R
            55.000    write   armed R 150.00
            55.000    answer  R open
            55.000    show    scan_code R
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    write   disarmed R declined
            60.000    tell    late_success R declined payment_rejected
            60.000    show    late_success R
            64.000    beep    nothing_armed
            64.000    refuse  sale R was paid late: acknowledge it, do not charge again
            64.000    write   seen R
            64.000    answer  R declined
            64.000    write   settled R
            64.000    show    idle -
            64.000    refuse  sale R was paid late: acknowledge it, do not charge again
        "#]],
    );
}

#[test]
fn s8_a_new_attempt_needs_the_former_one_closed_unpaid() {
    check(
        "arm R 150.00; scan A; < lost; detach R; again R 150.00; +1s; < failed C1 payment_rejected
         ack R; again R 150.00; +4s; scan C; < paid C2",
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
            0.000     refuse  sale R has no final outcome yet: wait for it
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     write   a1 closed declined
            1.000     tell    resolved R declined payment_rejected
            1.000     write   seen R
            1.000     answer  R declined
            1.000     write   armed R 150.00
            1.000     answer  R open
            1.000     show    scan_code R
            5.000     write   started a2 of R 16…56 len=18
            5.000     send    create a2 150.00 16…56 len=18
            5.000     beep    accepted
            5.000     show    sending R
            5.000     write   a2 is C2
            5.000     write   a2 closed paid
            5.000     tell    paid R
            5.000     show    paid R
        "#]],
    );
}

#[test]
fn s8_only_proof_that_nothing_left_ends_a_create_at_once() {
    check(
        "arm R 150.00; scan A; < not-sent; again R 150.00; +4s; scan C; < refused invalid_charge",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 closed not_created
            0.000     tell    not_created R  no_connection
            0.000     show    not_created R
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            4.000     write   started a2 of R 16…56 len=18
            4.000     send    create a2 150.00 16…56 len=18
            4.000     beep    accepted
            4.000     show    sending R
            4.000     write   a2 closed not_created
            4.000     tell    not_created R  invalid_charge
            4.000     show    not_created R
        "#]],
    );
}

/// The customer has paid the charge that was told "not paid": the one that is pending must not be
/// paid as well.
#[test]
fn s2_a_late_success_closes_the_attempt_that_is_under_way() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; …; +55s; again R 150.00; scan B; < pending C2
         +1s; +4s; < pending C2; < paid C1; auto pending C2; +9s; auto off; +1s
         < pending C2; < expired C2; < expired C2; ack R",
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
            62.000    send    get C2
            69.399    send    get C2
            70.000    show    late_success R
            70.000    send    expire C2
            70.000    send    get C2
            70.000    write   a2 closed cancelled
            70.000    tell    cancelled R
            70.000    show    late_success R
            70.000    write   seen R
            70.000    answer  R cancelled
            70.000    show    idle -
        "#]],
    );
}
