//! The invariants of the payment rules, one or more scripts each.

use expect_test::expect;

use super::check;

#[test]
fn the_ordinary_sale_is_paid_at_the_first_poll() {
    check(
        "arm R 150.00; +3s; scan A; < pending C1; +1s; < paid C1; ack R",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            3.000     write   started a1 of R 13…93 len=18
            3.000     send    create a1 150.00 13…93 len=18
            3.000     beep    accepted
            3.000     show    sending R
            3.000     write   a1 is C1
            3.000     show    awaiting_customer R
            4.000     send    get C1
            4.000     write   a1 closed paid
            4.000     tell    paid R
            4.000     show    paid R
            4.000     write   seen R
            4.000     answer  R paid
            4.000     write   settled R
            4.000     show    idle -
        "#]],
    );
}

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
fn the_poll_schedule_is_1_s_then_2_s_up_to_10_s_then_3_to_5_s() {
    check(
        "arm R 150.00; scan A; < pending C1; +1s; < pending C1; +2s; < pending C1; +2s; < pending C1
         +2s; < pending C1; +2s; < pending C1; +2s; < pending C1; +5s; < pending C1; +5s; < paid C1",
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
            5.000     send    get C1
            7.000     send    get C1
            9.000     send    get C1
            11.000    send    get C1
            14.072    send    get C1
            19.955    send    get C1
            21.000    write   a1 closed paid
            21.000    tell    paid R
            21.000    show    paid R
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

#[test]
fn the_lease_ends_an_armed_amount() {
    check(
        "arm R 150.00; +119s; scan 123; +1s; scan A; arm R 150.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            119.000   beep    unreadable
            120.000   write   disarmed R expired
            120.000   tell    expired R
            120.000   show    expired R
            120.000   beep    nothing_armed
            120.000   answer  R expired
        "#]],
    );
}

#[test]
fn the_lease_ends_also_where_the_timer_is_late() {
    check(
        "arm R 150.00; +1s; late 120s; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            121.000   write   disarmed R expired
            121.000   tell    expired R
            121.000   beep    nothing_armed
            121.000   show    expired R
        "#]],
    );
}

#[test]
fn a_cancel_before_the_scan_is_immediate() {
    check(
        "arm R 150.00; cancel R; scan A; cancel R; arm Q 20.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     beep    nothing_armed
            0.000     answer  R cancelled
            0.000     write   seen R
            0.000     write   armed Q 20.00
            0.000     answer  Q open
            0.000     write   settled R
            0.000     show    scan_code Q
        "#]],
    );
}

#[test]
fn a_cancel_in_the_first_15_s_waits_while_polling_goes_on() {
    check(
        "arm R 150.00; scan A; < pending C1; +4s; < pending C1; cancel R; auto pending C1; +10s
         auto off; +2s; < pending C1; < refused failed_expire; < expired C1",
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
            4.000     write   stop a1: cancel
            4.000     answer  R open
            4.000     show    cancel_waits R
            6.000     send    get C1
            15.000    send    get C1
            15.000    show    stopping R
            16.000    send    expire C1
            16.000    send    get C1
            16.000    write   a1 closed cancelled
            16.000    tell    cancelled R
            16.000    show    cancelled R
        "#]],
    );
}

#[test]
fn paid_wins_over_a_cancel() {
    check(
        "arm R 150.00; scan A; < pending C1; auto pending C1; +20s; auto off; cancel R; < paid C1; cancel R",
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
            20.000    write   stop a1: cancel
            20.000    answer  R open
            20.000    send    get C1
            20.000    show    stopping R
            20.000    write   a1 closed paid
            20.000    tell    paid R
            20.000    show    paid R
            20.000    refuse  sale R is closed: paid
        "#]],
    );
}

#[test]
fn a_cancel_while_the_create_is_lost_closes_the_charge_once_it_is_found() {
    check(
        "arm R 150.00; scan A; < lost; cancel R; +16s; < pending C1; < pending C1; < lost; < pending C1; +5s
         < pending C1; < expired C1; < expired C1",
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
            0.000     write   stop a1: cancel
            0.000     answer  R open
            0.000     show    checking R
            1.000     send    find a1
            16.000    write   a1 is C1
            16.000    send    get C1
            16.000    show    stopping R
            16.000    send    expire C1
            16.000    send    get C1
            20.053    send    get C1
            21.000    send    expire C1
            21.000    send    get C1
            21.000    write   a1 closed cancelled
            21.000    tell    cancelled R
            21.000    show    cancelled R
        "#]],
    );
}

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
            86400.000 send    get C1
            86400.000 write   a1 watched 4
            86400.000 write   a1 watch ended
            86400.000 write   settled R
        "#]],
    );
}

#[test]
fn l2_an_absent_charge_stays_on_the_watch_and_is_closed_if_it_shows_up_pending() {
    check(
        "arm R 150.00; scan A; < lost; auto absent; +100s; auto off; ack R; +600s; < pending C1; < expired C1; +1s; < expired C1",
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
        "watch 60s 600s; arm R 150.00; scan A; < failed C1 x; < failed C1 x; ack R; +60s; < failed C1 x; crash; +539s; +2s; < paid C1",
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
            0.000     write   seen R
            0.000     answer  R declined
            0.000     show    idle -
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
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; arm Q 150.00; +4s; scan B; < failed C2 x; < failed C2 x
         crash; +60s; +1s",
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

#[test]
fn detach_frees_the_counter_and_the_outcome_is_told_when_it_comes() {
    check(
        "arm R 150.00; scan A; detach R; < lost; detach R; arm Q 150.00; +1s; < pending C1; scan B; < pending C2; +1s; < paid C2; +5s; < paid C1
         ack R; ack Q",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     refuse  sale R is in progress and nothing is unknown about it: cancel it instead
            0.000     write   answer lost a1
            0.000     show    checking R
            0.000     write   a1 unknown
            0.000     tell    unknown R
            0.000     write   a1 detached
            0.000     answer  R unknown
            0.000     show    idle -
            0.000     write   armed Q 150.00
            0.000     answer  Q open
            0.000     show    scan_code Q
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     write   started a2 of Q 15…56 len=18 warned
            1.000     send    create a2 150.00 15…56 len=18
            1.000     beep    accepted
            1.000     show    sending Q
            1.000     write   a2 is C2
            1.000     show    awaiting_customer Q
            2.000     send    get C2
            2.000     send    get C1
            2.000     write   a2 closed paid
            2.000     tell    paid Q
            2.000     show    paid Q
            7.000     write   a1 closed paid
            7.000     tell    resolved R paid
            7.000     write   seen R
            7.000     answer  R paid
            7.000     write   settled R
            7.000     write   seen Q
            7.000     answer  Q paid
            7.000     write   settled Q
            7.000     show    idle -
        "#]],
    );
}

#[test]
fn a_used_reference_is_refused_with_another_amount() {
    check(
        "arm R 150.00; arm R 150.00; arm R 151.00; cancel R; ack R; arm R 151.00; arm R 150.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     answer  R open
            0.000     refuse  reference R was used for 150.00 THB, not 151.00 THB
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     write   seen R
            0.000     answer  R cancelled
            0.000     write   settled R
            0.000     show    idle -
            0.000     refuse  reference R was used for 150.00 THB, not 151.00 THB
            0.000     answer  R cancelled
        "#]],
    );
}

#[test]
fn amounts_outside_the_limits_and_a_missing_key_are_refused() {
    check(
        "arm R 19.99; arm R 150000.01; arm R 20.00; cancel R; arm Q 150000.00; cancel Q; key missing; arm P 20.00",
        &expect![[r#"
            0.000     show    idle -
            0.000     refuse  19.99 THB is outside the limits: 20.00 to 150000.00 THB
            0.000     refuse  150000.01 THB is outside the limits: 20.00 to 150000.00 THB
            0.000     write   armed R 20.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   disarmed R cancelled
            0.000     tell    cancelled R
            0.000     answer  R cancelled
            0.000     show    cancelled R
            0.000     write   seen R
            0.000     write   armed Q 150000.00
            0.000     answer  Q open
            0.000     write   settled R
            0.000     show    scan_code Q
            0.000     write   disarmed Q cancelled
            0.000     tell    cancelled Q
            0.000     answer  Q cancelled
            0.000     show    cancelled Q
            0.000     refuse  no secret key is configured: no sale can be taken
        "#]],
    );
}

#[test]
fn commands_for_a_sale_that_never_was_are_refused() {
    check(
        "cancel R; check R; detach R; ack R",
        &expect![[r#"
            0.000     show    idle -
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
            0.000     refuse  there is no sale R
        "#]],
    );
}

/// Each look that a person asks for used to count as one of the watch: four presses ended the watch
/// at once.
#[test]
fn l2_a_check_after_the_close_does_not_use_up_the_watch() {
    check(
        "watch 60s 600s; arm R 150.00; scan A; < failed C1 x; < failed C1 x; auto failed C1 x
         +2s; check R; +2s; check R; +2s; check R; auto off; +54s; < failed C1 x; +540s; < paid C1",
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
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; +55s; again R 150.00; scan B; < pending C2
         +1s; +4s; < pending C2; < paid C1; crash; < paid C2; crash",
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

/// The customer has paid the charge that was told "not paid": the one that is pending must not be
/// paid as well.
#[test]
fn s2_a_late_success_closes_the_attempt_that_is_under_way() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; +55s; again R 150.00; scan B; < pending C2
         +1s; +4s; < pending C2; < paid C1; auto pending C2; +9s; auto off; +1s
         < pending C2; < expired C2; < expired C2; ack R",
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
