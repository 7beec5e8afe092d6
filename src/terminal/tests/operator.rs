//! What the operator is told beside the screen.

use expect_test::expect;

use super::*;

#[test]
fn the_gateways_problem_is_told_until_it_answers_again() {
    check(
        "status; warm refused authentication_failure; arm R 150.00; status; warm not-sent; +15s; status
         warm 5xx; +15s; status; warm pending C1; +15s; status; warm lost; +15s; status; warm absent; +15s; status
         warm garbage; +15s; status; warm warm; +15s; status",
        &expect![[r#"
            0.000     show    idle -
            0.000     status  holds ; open 0; warmed 1; alerts ; -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     status  holds R; open 0; warmed 2; alerts ; the gateway refuses to answer (authentication_failure): is the secret key right?
            15.000    status  holds R; open 0; warmed 3; alerts ; the gateway cannot be reached: connection refused
            30.000    status  holds R; open 0; warmed 4; alerts ; the gateway does not answer as it should: it is in trouble itself (5xx)
            45.000    status  holds R; open 0; warmed 5; alerts ; -
            60.000    status  holds R; open 0; warmed 6; alerts ; the gateway does not answer as it should: no answer in time
            75.000    status  holds R; open 0; warmed 7; alerts ; -
            90.000    status  holds R; open 0; warmed 8; alerts ; the gateway does not answer as it should: its answer cannot be read
            105.000   status  holds R; open 0; warmed 9; alerts ; -
        "#]],
    );
}

#[test]
fn alerts_are_late_successes_and_detached_sales_until_somebody_has_seen_them() {
    check(
        "arm R 150.00; scan A; < failed C1 x; < failed C1 x; status; ack R; +60s; < paid C1; status; arm Q 150.00
         status; scan B; status; < lost; detach Q; status; ack R; status; +1s; < paid C2; status; ack Q; status",
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
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     write   seen R
            0.000     answer  R declined
            0.000     show    idle -
            60.000    send    get C1
            60.000    write   a1 late success
            60.000    tell    late_success R declined x
            60.000    status  holds R; open 0; warmed 2; alerts R; -
            60.000    write   armed Q 150.00
            60.000    answer  Q open
            60.000    show    scan_code Q
            60.000    status  holds Q R; open 0; warmed 3; alerts R; -
            60.000    write   started a2 of Q 15…56 len=18 warned
            60.000    send    create a2 150.00 15…56 len=18
            60.000    beep    accepted
            60.000    show    sending Q
            60.000    status  holds Q R; open 1; warmed 3; alerts R; -
            60.000    write   answer lost a2
            60.000    show    checking Q
            60.000    write   a2 unknown
            60.000    tell    unknown Q
            60.000    write   a2 detached
            60.000    answer  Q unknown
            60.000    show    idle -
            60.000    status  holds Q R; open 1; warmed 3; alerts Q R; -
            60.000    write   seen R
            60.000    answer  R declined
            60.000    write   settled R
            60.000    status  holds Q; open 1; warmed 3; alerts Q; -
            61.000    send    find a2
            61.000    write   a2 is C2
            61.000    write   a2 closed paid
            61.000    tell    resolved Q paid
            61.000    status  holds Q; open 0; warmed 3; alerts Q; -
            61.000    write   seen Q
            61.000    answer  Q paid
            61.000    write   settled Q
            61.000    status  holds ; open 0; warmed 3; alerts ; -
        "#]],
    );
}

/// L4: one request at a time keeps the connection warm, every 15 s while a sale is armed and from
/// its arming on.
#[test]
fn l4_the_connection_is_kept_warm_while_a_sale_is_armed() {
    check(
        "status; +60s; status; arm R 150.00; status; +14s; status; +1s; status; +15s; status
         warm silent; +15s; status; +30s; status; warm 5xx; warmed; status; +15s; cancel R; status; +60s; status",
        &expect![[r#"
            0.000     show    idle -
            0.000     status  holds ; open 0; warmed 1; alerts ; -
            60.000    status  holds ; open 0; warmed 1; alerts ; -
            60.000    write   armed R 150.00
            60.000    answer  R open
            60.000    show    scan_code R
            60.000    status  holds R; open 0; warmed 2; alerts ; -
            74.000    status  holds R; open 0; warmed 2; alerts ; -
            75.000    status  holds R; open 0; warmed 3; alerts ; -
            90.000    status  holds R; open 0; warmed 4; alerts ; -
            105.000   status  holds R; open 0; warmed 5; alerts ; -
            135.000   status  holds R; open 0; warmed 5; alerts ; -
            135.000   status  holds R; open 0; warmed 6; alerts ; the gateway does not answer as it should: it is in trouble itself (5xx)
            150.000   write   disarmed R cancelled
            150.000   tell    cancelled R
            150.000   answer  R cancelled
            150.000   show    cancelled R
            150.000   status  holds R; open 0; warmed 7; alerts ; the gateway does not answer as it should: it is in trouble itself (5xx)
            210.000   status  holds R; open 0; warmed 8; alerts ; the gateway does not answer as it should: it is in trouble itself (5xx)
        "#]],
    );
}

/// O3: what is settled is forgotten, also where somebody asks about it once more.
#[test]
fn o3_a_settled_sale_is_not_held() {
    check(
        "arm R 150.00; status; scan A; < paid C1; status; ack R; status; arm R 150.00; status; check R; status; < paid C1; status
         again R 150.00; cancel R; status",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     write   started a1 of R 13…93 len=18
            0.000     send    create a1 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     write   a1 closed paid
            0.000     tell    paid R
            0.000     show    paid R
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     write   seen R
            0.000     answer  R paid
            0.000     write   settled R
            0.000     show    idle -
            0.000     status  holds ; open 0; warmed 2; alerts ; -
            0.000     answer  R paid
            0.000     status  holds ; open 0; warmed 2; alerts ; -
            0.000     answer  R paid
            0.000     send    get C1
            0.000     status  holds R; open 0; warmed 2; alerts ; -
            0.000     status  holds ; open 0; warmed 2; alerts ; -
            0.000     answer  R paid
            0.000     refuse  sale R is closed: paid
            0.000     status  holds ; open 0; warmed 2; alerts ; -
        "#]],
    );
}

/// The counter is busy with it again: nothing of it waits for anybody at the side.
#[test]
fn a_detached_sale_that_is_tried_again_is_no_alert() {
    check(
        "arm R 150.00; scan A; < lost; detach R; +1s; < failed C1 x; …; status; again R 150.00; status; +200s; status",
        &expect![[r#"
            1.000     status  holds R; open 0; warmed 2; alerts R; -
            1.000     write   armed R 150.00
            1.000     answer  R open
            1.000     show    scan_code R
            1.000     status  holds R; open 0; warmed 3; alerts ; -
            61.000    send    get C1
            121.000   write   disarmed R declined
            121.000   tell    resolved R declined x (again)
            121.000   show    declined R
            201.000   status  holds R; open 0; warmed 10; alerts R; -
        "#]],
    );
}

/// The box is often up before its network.
#[test]
fn o2_a_connection_that_failed_at_the_start_is_tried_until_it_works() {
    check(
        "warm not-sent; crash; +59s; status; +2s; status; warm warm; +58s; status; +2s; status; +1h; status",
        &expect![[r#"
            0.000     show    idle -
            0.000     crash
            1.000     show    idle -
            60.000    status  holds ; open 0; warmed 2; alerts ; the gateway cannot be reached: connection refused
            62.000    status  holds ; open 0; warmed 3; alerts ; the gateway cannot be reached: connection refused
            120.000   status  holds ; open 0; warmed 3; alerts ; the gateway cannot be reached: connection refused
            122.000   status  holds ; open 0; warmed 4; alerts ; -
            3722.000  status  holds ; open 0; warmed 4; alerts ; -
        "#]],
    );
    // For a sale at once; without a key there is nothing to try.
    check(
        "warm not-sent; crash; …; +5s; status; arm R 150.00; status; cancel R; ack R; key missing; +600s; status",
        &expect![[r#"
            6.000     status  holds ; open 0; warmed 2; alerts ; the gateway cannot be reached: connection refused
            6.000     write   armed R 150.00
            6.000     answer  R open
            6.000     show    scan_code R
            6.000     status  holds R; open 0; warmed 3; alerts ; the gateway cannot be reached: connection refused
            6.000     write   disarmed R cancelled
            6.000     tell    cancelled R
            6.000     answer  R cancelled
            6.000     show    cancelled R
            6.000     write   seen R
            6.000     answer  R cancelled
            6.000     write   settled R
            6.000     show    idle -
            6.000     show    not_ready -
            606.000   status  holds ; open 0; warmed 3; alerts ; the gateway cannot be reached: connection refused
        "#]],
    );
}

#[test]
fn what_the_gateway_may_still_say_of_a_sale_is_awaited() {
    const TRIED: &str = r#"{"fact":"armed","amount":"150.00"}
        {"fact":"attempt_started","attempt":"a1","wallet":"wechat_pay_upm","mask":"","since":null}
        {"fact":"charge_known","attempt":"a1","charge":"C1"}"#;
    const WATCHED: &str =
        r#"{"fact":"attempt_closed","attempt":"a1","outcome":"declined","watch":true}"#;
    const PAID: &str = r#"{"fact":"attempt_closed","attempt":"a1","outcome":"paid","watch":false}"#;
    const REFUND: &str = r#"{"fact":"refund_asked","refund":"F","id":"r1","attempt":"a1"}"#;
    for (stories, awaited) in [
        (vec![], 0),
        (vec![vec![TRIED]], 1),
        (vec![vec![TRIED, PAID]], 0),
        (vec![vec![TRIED, WATCHED], vec![TRIED, PAID, REFUND], vec![TRIED, PAID]], 2),
    ] {
        let records: Vec<Record> = stories.iter().zip("ABC".chars()).flat_map(told).collect();
        let terminal = Terminal::new(Policy::default(), &records, Moment::ZERO);
        assert_eq!(terminal.awaited(), awaited, "{stories:?}");
    }
}

/// The records of a sale of this name.
fn told((facts, name): (&Vec<&str>, char)) -> Vec<Record> {
    let record = |fact| Record { reference: name.to_string().parse().expect("a name"), fact };
    let lines = facts.iter().flat_map(|facts| facts.lines());
    lines.map(|line| record(serde_json::from_str(line).expect("a fact"))).collect()
}
