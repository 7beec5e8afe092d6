//! What becomes of scans: hygiene and classification.

use expect_test::expect;

use super::check;

#[test]
fn a_scan_needs_an_armed_sale() {
    check(
        "scan A; +4s; arm R 150.00; scan @-5s A; scan A",
        &expect![[r#"
            0.000     show    idle -
            0.000     beep    nothing_armed
            4.000     write   armed R 150.00
            4.000     answer  R open
            4.000     show    scan_code R
            4.000     beep    stale
            4.000     write   started a3 of R 13…93 len=18
            4.000     send    create a3 150.00 13…93 len=18
            4.000     beep    accepted
            4.000     show    sending R
        "#]],
    );
}

#[test]
fn e11_a_scan_older_than_the_arming_or_5_s_is_stale() {
    check(
        "arm R 150.00; +10s; scan @-6s A; scan @-11s C; scan @-5s B",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            10.000    beep    stale
            10.000    beep    stale
            10.000    write   started a3 of R 15…56 len=18 warned
            10.000    send    create a3 150.00 15…56 len=18
            10.000    beep    accepted
            10.000    show    sending R
        "#]],
    );
}

#[test]
fn e12_a_double_trigger_within_3_s_is_one_scan() {
    check(
        "arm R 150.00; scan A; scan A; +2s; scan A; +3s; scan A",
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
            2.000     beep    repeated
            5.000     beep    busy
        "#]],
    );
}

#[test]
fn damaged_readings_are_never_codes() {
    check(
        "arm R 150.00; damaged; scan 1309912925527250",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     beep    partial
            0.000     beep    unreadable
        "#]],
    );
}

#[test]
fn what_is_no_payment_code_is_named() {
    check(
        "arm R 150.00; scan 6212345678901234567; scan 00020101021129370016A000000677010111; scan hQVDUFYwMQ
         scan wxp://f2f0abc; scan 8850999320021; scan hello; scan D",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     beep    union_pay
            0.000     beep    merchant_qr
            0.000     beep    emv_consumer
            0.000     beep    wechat_personal
            0.000     beep    product
            0.000     beep    unreadable
            0.000     beep    alipay_not_enabled
        "#]],
    );
}

#[test]
fn alipay_is_charged_where_it_is_enabled() {
    check(
        "alipay on; arm R 150.00; scan D; < pending C1",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 28…56 len=18
            0.000     send    create a1 150.00 28…56 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a1 is C1
            0.000     show    awaiting_customer R
        "#]],
    );
}

#[test]
fn a_hong_kong_code_is_sent_with_a_warning_on_record() {
    check(
        "arm R 150.00; scan B",
        &expect![[r#"
            0.000     show    idle -
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a1 of R 15…56 len=18 warned
            0.000     send    create a1 150.00 15…56 len=18
            0.000     beep    accepted
            0.000     show    sending R
        "#]],
    );
}

#[test]
fn command_barcodes_work_a_counter_without_keyboard() {
    check(
        "scan TILLSCAN:CANCEL; arm R 150.00; scan A; < pending C1; +1s; < pending C1; scan TILLSCAN:CHECK; +1s; < pending C1; +15s
         < pending C1; scan TILLSCAN:CANCEL; < expired C1; +4s; scan TILLSCAN:LAST; scan TILLSCAN:REPRINT; scan TILLSCAN:REPORT",
        &expect![[r#"
            0.000     show    idle -
            0.000     beep    command_idle
            0.000     write   armed R 150.00
            0.000     answer  R open
            0.000     show    scan_code R
            0.000     write   started a2 of R 13…93 len=18
            0.000     send    create a2 150.00 13…93 len=18
            0.000     beep    accepted
            0.000     show    sending R
            0.000     write   a2 is C1
            0.000     show    awaiting_customer R
            1.000     send    get C1
            1.000     beep    command_done
            2.000     send    get C1
            4.000     send    get C1
            17.000    write   stop a2: cancel
            17.000    beep    command_done
            17.000    send    get C1
            17.000    show    stopping R
            17.000    write   a2 closed cancelled
            17.000    tell    cancelled R
            17.000    show    cancelled R
            21.000    beep    command_done
            21.000    show    cancelled R
            21.000    tell    cancelled R (again)
            21.000    beep    command_done
            21.000    beep    command_idle
        "#]],
    );
}

#[test]
fn a_damaged_reading_says_how_it_was_damaged() {
    check(
        "damaged; damaged long; damaged control; scan 123456789013",
        &expect![[r#"
        0.000     show    idle -
        0.000     beep    partial
        0.000     beep    too_long
        0.000     beep    control_characters
        0.000     beep    line_pay
    "#]],
    );
}
