//! What comparable systems get wrong, each as a script that would show it here.

use expect_test::expect;

use super::check;

/// WeChat's PHP demo loops for ever while the customer types the password, and reports a successful
/// reversal as failed.
#[test]
fn the_password_prompt_ends_at_the_deadline_and_a_successful_close_is_a_close() {
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

/// Jeepay turns a time-out after the submit into "failed" and never asks again; roncoo-pay gives up
/// silently.
#[test]
fn a_time_out_after_the_submit_keeps_asking() {
    check(
        "arm R 150.00; scan A; < lost; auto lost; +600s; auto off; +60s; auto paid C1; +60s",
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
            614.908   send    find a1
            660.000   write   a1 is C1
            660.000   write   a1 closed paid
            660.000   tell    resolved R paid
            660.000   show    paid R
        "#]],
    );
}

/// Stripe Terminal (android #470): confirm timed out, the retry answered 409, the app said
/// declined, the dashboard says paid. Here a refusal counts only as the first answer of a create; a
/// refused read or expire proves nothing.
#[test]
fn a_refusal_after_a_time_out_is_no_decline() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < refused conflict; +5s; < pending C1; +1s; < refused conflict; +5s; < paid C1",
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
            7.727     send    get C1
            12.000    write   a1 closed paid
            12.000    tell    paid R
            12.000    show    paid R
        "#]],
    );
}

/// Odoo's pos_qfpay drops a late "paid" with a console warning.
#[test]
fn a_late_paid_stays_until_somebody_acknowledges_it() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; +60s; < paid C1; arm Q 20.00; cancel Q; crash; crash; ack R; crash",
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
            60.000    tell    late_success R declined x
            60.000    show    late_success R
            60.000    write   armed Q 20.00
            60.000    answer  Q open
            60.000    show    scan_code Q
            60.000    write   disarmed Q cancelled
            60.000    tell    cancelled Q
            60.000    answer  Q cancelled
            60.000    show    cancelled Q
            60.000    crash
            61.000    tell    cancelled Q (again)
            61.000    tell    late_success R declined x (again)
            61.000    show    cancelled Q
            61.000    crash
            62.000    tell    cancelled Q (again)
            62.000    tell    late_success R declined x (again)
            62.000    show    cancelled Q
            62.000    write   seen R
            62.000    answer  R declined
            62.000    write   settled R
            62.000    crash
            63.000    tell    cancelled Q (again)
            63.000    show    cancelled Q
        "#]],
    );
}

/// Odoo's IoT box forgets results after 5 s, and answers "cancelled" after a restart although
/// unknown.
#[test]
fn a_result_stays_and_a_restart_answers_what_is_known() {
    check(
        "arm R 150.00; scan A; < lost; crash; arm R 150.00; +1s; < paid C1; +24h; arm R 150.00; crash; arm R 150.00",
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
            0.000     crash
            1.000     send    find a1
            1.000     show    checking R
            1.000     answer  R open
            2.000     write   a1 is C1
            2.000     write   a1 closed paid
            2.000     tell    paid R
            2.000     show    paid R
            86402.000 answer  R paid
            86402.000 crash
            86403.000 tell    paid R (again)
            86403.000 show    paid R
            86403.000 answer  R paid
        "#]],
    );
}

/// OCA/pos #550: the terminal stayed armed with the former customer's amount.
#[test]
fn a_former_customers_amount_does_not_stay_armed() {
    check(
        "arm R 150.00; +120s; scan A; arm Q 20.00; crash; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            120.000   write   disarmed R expired
            120.000   tell    expired R
            120.000   show    expired R
            120.000   beep    nothing_armed
            120.000   write   seen R
            120.000   write   armed Q 20.00
            120.000   answer  Q open
            120.000   write   settled R
            120.000   show    scan_code Q
            120.000   crash
            121.000   write   disarmed Q expired
            121.000   tell    expired Q
            121.000   show    expired Q
            121.000   beep    nothing_armed
        "#]],
    );
}

/// strichliste #261: a double trigger debits twice.
#[test]
fn a_double_trigger_debits_once() {
    check(
        "arm R 150.00; scan A; scan A; < paid C1; scan A; +4s; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     beep    repeated
            0.000     write   a1 is C1
            0.000     write   a1 closed paid
            0.000     tell    paid R
            0.000     show    paid R
            0.000     beep    repeated
            4.000     beep    already_paid
        "#]],
    );
}
