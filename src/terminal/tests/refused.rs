//! What is refused, and what is asked twice: nothing changes, and the answer says how things stand.

use expect_test::expect;

use super::*;

#[test]
fn detaching_needs_trouble_and_is_done_once() {
    check(
        "arm R 150.00; detach R; scan A; < pending C1; detach R; +1s; < lost; detach R; detach R
         +1s; < paid C1; detach R; arm Q 20.00; cancel Q; detach Q",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     refuse  sale R is in progress and nothing is unknown about it: cancel it instead
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     show    awaiting_customer R
            0.000     refuse  sale R is in progress and nothing is unknown about it: cancel it instead
            1.000     send    get C1
            1.000     write   a1 unknown
            1.000     tell    unknown R
            1.000     write   a1 detached
            1.000     answer  R unknown
            1.000     show    idle -
            1.000     answer  R unknown
            1.822     send    get C1
            2.000     write   a1 closed paid
            2.000     tell    resolved R paid
            2.000     refuse  sale R is closed: paid
            2.000     write   armed Q 20.00
            2.000     answer  Q open
            2.000     show    scan_code Q
            2.000     write   disarmed Q cancelled
            2.000     tell    cancelled Q
            2.000     answer  Q cancelled
            2.000     show    cancelled Q
            2.000     refuse  sale Q is closed: cancelled
        "#]],
    );
}

#[test]
fn a_sale_may_be_detached_while_its_charge_is_looked_for_and_once_unknown_was_told() {
    check(
        "arm R 150.00; scan A; < lost; +1s; < absent; detach R",
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
        1.000     write   a1 unknown
        1.000     tell    unknown R
        1.000     write   a1 detached
        1.000     answer  R unknown
        1.000     show    idle -
    "#]],
    );
    check(
        "arm R 150.00; scan A; < lost; auto lost; +71s; auto off; +60s; < pending C1; detach R",
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
            131.000   write   a1 is C1
            131.000   send    get C1
            131.000   show    unknown R
            131.000   write   a1 detached
            131.000   answer  R unknown
            131.000   show    idle -
        "#]],
    );
}

#[test]
fn a_sale_without_a_final_outcome_cannot_be_acknowledged() {
    check(
        "arm R 150.00; ack R; scan A; < lost; ack R; detach R; ack R; +1s; < paid C1; ack R; ack R",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     refuse  sale R has no final outcome yet: wait for it
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   answer lost a1
            0.000     show    checking R
            0.000     refuse  sale R has no final outcome yet: wait for it
            0.000     write   a1 unknown
            0.000     tell    unknown R
            0.000     write   a1 detached
            0.000     answer  R unknown
            0.000     show    idle -
            0.000     refuse  sale R has no final outcome yet: wait for it
            1.000     send    find a1
            1.000     write   a1 is C1
            1.000     write   a1 closed paid
            1.000     tell    resolved R paid
            1.000     write   seen R
            1.000     answer  R paid
            1.000     write   settled R
            1.000     answer  R paid
        "#]],
    );
}

#[test]
fn a_second_cancel_writes_nothing_and_a_closed_sale_is_not_cancelled() {
    check(
        "arm R 150.00; scan A; < pending C1; cancel R; cancel R; +15s; < pending C1; < failed C1 x; < failed C1 x
         cancel R; again R 150.00; cancel R",
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
            0.000     write   stop a1: cancel
            0.000     answer  R open
            0.000     show    cancel_waits R
            0.000     answer  R open
            1.000     send    get C1
            15.000    show    stopping R
            15.000    send    expire C1
            15.000    send    get C1
            15.000    write   a1 closed declined
            15.000    tell    declined R  x
            15.000    show    declined R
            15.000    refuse  sale R is closed: declined
            15.000    write   armed R 150.00
            15.000    answer  R open
            15.000    show    scan_code R
            15.000    write   disarmed R declined
            15.000    tell    declined R  x (again)
            15.000    answer  R declined
            15.000    show    declined R
        "#]],
    );
}

/// O3: one sale cannot be tried for ever.
#[test]
fn o3_the_21st_attempt_of_a_sale_is_refused() {
    let mut script = String::new();
    for number in 1..=ATTEMPTS_MAX + 1 {
        script.push_str(&format!("again R 150.00; scan A; < refused x{number}; +4s\n"));
    }
    let script = script.replace(&format!("scan A; < refused x{}", ATTEMPTS_MAX + 1), "");
    let trace = driver::play(&script);
    assert_eq!(trace.matches("closed not_created").count(), ATTEMPTS_MAX);
    let refusals: Vec<&str> = trace.lines().filter(|line| line.contains("refuse")).collect();
    let expected = "80.000    refuse  sale R was tried too often: use another reference";
    assert_eq!(refusals, [expected]);
}

#[test]
fn a_payment_code_needs_its_wallet_and_an_amount_that_it_takes_when_it_is_scanned() {
    check(
        "arm R 150.00; limits 20 100; scan A; limits 150 200; wechat off; scan A; limits 150 150; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     beep    outside_limits
            0.000     beep    wechat_not_enabled
            0.000     write   started a3 of R 13…93 len=18
            0.000     send    create a3 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
        "#]],
    );
}

#[test]
fn without_a_wallet_nothing_is_armed() {
    check(
        "wechat off; arm R 150.00",
        &expect![[r#"
        0.000     show    idle -
        0.000     refuse  no wallet is enabled in the configuration
    "#]],
    );
}
