//! What is refused among tables, the gateway, the payment and the wallets.

use expect_test::expect;

use super::{check_refused, parse};

#[test]
fn unknown_keys_and_tables_are_refused_with_the_nearest() {
    check_refused(
        r#"[gateway]
base_ulr = "https://api.omise.co"

[gateway]
frobnicate = 1
also = 2

[gatway]
base_url = "https://api.omise.co"

deadline = "60s"

[[scanners]]
path = "/dev/ttyACM0"

[wallets.promptpay]
enabled = true

[wallets.wechat_pay]
enabled = true

[[scanner]]
path = "/dev/ttyACM0"
[[scanner]]
path = "/dev/ttyACM1"
baudrate = 9600

[sale]
"two\nlines" = 1

"gateway.base_url" = "https://api.omise.co"

"scanner[4000000000]" = 1"#,
        expect![[r#"
            tillscan.toml: unknown key gateway.base_ulr; did you mean gateway.base_url?
            tillscan.toml: unknown key gateway.also; accepted: base_url, secret_key_file, request_timeout, connect_timeout
            tillscan.toml: unknown key gatway; did you mean gateway?
            tillscan.toml: unknown key deadline; accepted: gateway, payment, sale, counter, wallets, scanner, keypad, hook, journal, api, webhook, log
            tillscan.toml: unknown key scanners; did you mean scanner?
            tillscan.toml: unknown key wallets.promptpay; accepted: wechat_pay_upm, alipayplus_upm
            tillscan.toml: unknown key wallets.wechat_pay; did you mean wallets.wechat_pay_upm?
            tillscan.toml: unknown key scanner[1].baudrate; did you mean scanner[1].baud_rate?
            tillscan.toml: unknown key sale.two\nlines; accepted: lease
            tillscan.toml: unknown key gateway.base_url; accepted: gateway, payment, sale, counter, wallets, scanner, keypad, hook, journal, api, webhook, log
            tillscan.toml: unknown key scanner[4000000000]; accepted: gateway, payment, sale, counter, wallets, scanner, keypad, hook, journal, api, webhook, log
        "#]],
    );
}

#[test]
fn what_is_no_table_is_refused() {
    check_refused(
        r#"gateway = "https://api.omise.co"

gateway = ["https://api.omise.co"]

[[payment]]
deadline = "60s"

wallets = 1

[wallets]
wechat_pay_upm = true

[scanner]
path = "/dev/ttyACM0"

scanner = ["/dev/ttyACM0"]

hook = "/bin/true""#,
        expect![[r#"
            tillscan.toml: gateway must be a table of keys, begun by the line [gateway]
            tillscan.toml: gateway must be a table of keys, begun by the line [gateway]
            tillscan.toml: payment must be a table of keys, begun by the line [payment]
            tillscan.toml: wallets must be a table of keys, begun by the line [wallets]
            tillscan.toml: wallets.wechat_pay_upm must be a table of keys, begun by the line [wallets.wechat_pay_upm]
            tillscan.toml: scanner must be begun by the line [[scanner]], in double brackets
            tillscan.toml: scanner must be begun by the line [[scanner]], in double brackets
            tillscan.toml: hook must be begun by the line [[hook]], in double brackets
        "#]],
    );
}

#[test]
fn what_is_no_toml_is_refused_with_line_and_column() {
    check_refused(
        r#"[gateway]
base_url = https://api.omise.co

[gateway]
base_url = "a"
base_url = "b"

[sale
lease = "1s"

sale.lease = 99999999999999999999999999"#,
        expect![[r#"
            tillscan.toml: not valid TOML: at line 2, column 12: string values must be quoted, expected literal string
            tillscan.toml: not valid TOML: at line 3, column 1: duplicate key
            tillscan.toml: not valid TOML: at line 1, column 6: unclosed table, expected `]`
            tillscan.toml: not valid TOML: number too large to fit in target type
        "#]],
    );
}

#[test]
fn values_of_the_gateway_are_refused() {
    check_refused(
        r#"[gateway]
base_url = "http://api.omise.co"

[gateway]
base_url = "http://localhost.example.com"

[gateway]
base_url = "https://user@api.omise.co"

[gateway]
base_url = "https://:skey_test_1@api.omise.co"

[gateway]
base_url = "https://api.omise.co/?a=b"

[gateway]
base_url = "https://api.omise.co/#a"

[gateway]
base_url = "ftp://127.0.0.1"

[gateway]
base_url = "api.omise.co"

[gateway]
base_url = 1

[gateway]
secret_key_file = "opn-secret-key"

[gateway]
secret_key_file = "skey_test_5fzb1q7x3example"

[gateway]
request_timeout = 10

[gateway]
request_timeout = "10"

[gateway]
request_timeout = "10 s"

[gateway]
request_timeout = "199ms"

[gateway]
request_timeout = "2m"

[gateway]
request_timeout = true

[gateway]
connect_timeout = "0s""#,
        expect![[r#"
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.base_url must be text in quotes: an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            tillscan.toml: gateway.secret_key_file must be an absolute path, beginning with /
            tillscan.toml: gateway.secret_key_file must be the path of a file that holds the key, never the key itself
            tillscan.toml: gateway.request_timeout has no unit; write for example "10s" (ms, s, m, h, d)
            tillscan.toml: gateway.request_timeout has no unit; write for example "10s" (ms, s, m, h, d)
            tillscan.toml: gateway.request_timeout must be a duration from 200ms to 60s, such as "10s"
            tillscan.toml: gateway.request_timeout must be a duration from 200ms to 60s, such as "10s"
            tillscan.toml: gateway.request_timeout must be a duration from 200ms to 60s, such as "10s"
            tillscan.toml: gateway.request_timeout must be a duration from 200ms to 60s, such as "10s"
            tillscan.toml: gateway.connect_timeout must be a duration from 50ms to 60s, such as "3s"
        "#]],
    );
}

#[test]
fn loopback_hosts_may_do_without_tls() {
    for host in ["127.0.0.1", "127.255.0.9", "localhost", "[::1]", "LOCALHOST"] {
        let text = format!("gateway.base_url = 'http://{host}:8080'");
        assert!(parse(&text, &[]).is_ok(), "{host}");
    }
}

#[test]
fn times_of_a_payment_are_refused() {
    check_refused(
        r#"payment.deadline = "1h"

payment.cancel_not_before = "61s"

payment.quarantine = "5s"

[gateway]
request_timeout = "60s"
[payment]
quarantine = "59s"

payment.watch = "60s"

payment.watch = []

payment.watch = ["1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s", "9s"]

payment.watch = ["60s", "ten minutes"]

payment.watch = ["60s", 600]

payment.watch = ["60s", "1m"]

payment.late_success = "ignore"

payment.late_success = true

payment.poll_first = "9ms"

payment.poll_slow_min = "6s"

sale.lease = "999ms"

journal.keep = "12h"

[payment]
watch = ["2d"]
[journal]
keep = "1d""#,
        expect![[r#"
            tillscan.toml: payment.deadline must be a duration from 100ms to 10m, such as "60s"
            tillscan.toml: payment.cancel_not_before must be a duration from 0s to 60s, such as "15s"
            tillscan.toml: payment.quarantine must not be shorter than gateway.request_timeout
            tillscan.toml: payment.quarantine must not be shorter than gateway.request_timeout
            tillscan.toml: payment.watch must be a list of 1 to 8 durations, ascending, such as ["60s", "10m"]
            tillscan.toml: payment.watch must be a list of 1 to 8 durations, ascending, such as ["60s", "10m"]
            tillscan.toml: payment.watch must be a list of 1 to 8 durations, ascending, such as ["60s", "10m"]
            tillscan.toml: payment.watch[1] must be a duration from 10ms to 30d, such as "60s"
            tillscan.toml: payment.watch[1] has no unit; write for example "60s" (ms, s, m, h, d)
            tillscan.toml: payment.watch[1] must be longer than the one before it
            tillscan.toml: payment.late_success must be one of "alert", "refund"
            tillscan.toml: payment.late_success must be text in quotes: one of "alert", "refund"
            tillscan.toml: payment.poll_first must be a duration from 10ms to 60s, such as "1s"
            tillscan.toml: payment.poll_slow_min must not be longer than payment.poll_slow_max
            tillscan.toml: sale.lease must be a duration from 1s to 1h, such as "2m"
            tillscan.toml: journal.keep must be a duration from 24h to 3650d, such as "400d"
            tillscan.toml: journal.keep must not be shorter than the last of payment.watch
        "#]],
    );
}

#[test]
fn values_of_counter_wallets_and_log_are_refused() {
    let long = format!("counter.name = \"{}\"\n\n", "น".repeat(65));
    check_refused(
        &(long
            + r#"counter.name = "a\nb"

counter.language = "fr"

counter.language = 1

wallets.wechat_pay_upm.enabled = "yes"

wallets.wechat_pay_upm.enabled = 1

wallets.wechat_pay_upm.min = "19.99"

wallets.wechat_pay_upm.min = 20.00

wallets.alipayplus_upm.max = "150000.01"

wallets.alipayplus_upm.max = "1e3"

[wallets.alipayplus_upm]
min = "200"
max = "100"

wallets.wechat_pay_upm.prefixes = []

wallets.wechat_pay_upm.prefixes = ["10-15", "15-10"]

wallets.wechat_pay_upm.prefixes = ["10-150"]

wallets.wechat_pay_upm.prefixes = ["1x"]

wallets.wechat_pay_upm.prefixes = ["123456789"]

wallets.wechat_pay_upm.prefixes = [10]

wallets.wechat_pay_upm.lengths = ["18"]

wallets.wechat_pay_upm.lengths = [18, 16]

wallets.wechat_pay_upm.lengths = [7]

wallets.wechat_pay_upm.lengths = 18

log.level = "verbose""#),
        expect![[r#"
            tillscan.toml: counter.name must be up to 64 characters in one line
            tillscan.toml: counter.name must be up to 64 characters in one line
            tillscan.toml: counter.language must be one of "th", "en", "zh"
            tillscan.toml: counter.language must be text in quotes: one of "th", "en", "zh"
            tillscan.toml: wallets.wechat_pay_upm.enabled must be true or false, without quotes
            tillscan.toml: wallets.wechat_pay_upm.enabled must be true or false, without quotes
            tillscan.toml: wallets.wechat_pay_upm.min must be an amount of baht from 20.00 to 150000.00, such as "20.00"
            tillscan.toml: wallets.wechat_pay_upm.min must be text in quotes: an amount of baht from 20.00 to 150000.00, such as "20.00"
            tillscan.toml: wallets.alipayplus_upm.max must be an amount of baht from 20.00 to 150000.00, such as "150000.00"
            tillscan.toml: wallets.alipayplus_upm.max must be an amount of baht from 20.00 to 150000.00, such as "150000.00"
            tillscan.toml: wallets.alipayplus_upm.min must not be above wallets.alipayplus_upm.max
            tillscan.toml: wallets.wechat_pay_upm.prefixes must be a list of 1 to 32 prefixes, such as ["10-15", "160"]
            tillscan.toml: wallets.wechat_pay_upm.prefixes[1] must be 1 to 8 digits, or two of the same length from low to high, such as "10-15"
            tillscan.toml: wallets.wechat_pay_upm.prefixes[0] must be 1 to 8 digits, or two of the same length from low to high, such as "10-15"
            tillscan.toml: wallets.wechat_pay_upm.prefixes[0] must be 1 to 8 digits, or two of the same length from low to high, such as "10-15"
            tillscan.toml: wallets.wechat_pay_upm.prefixes[0] must be 1 to 8 digits, or two of the same length from low to high, such as "10-15"
            tillscan.toml: wallets.wechat_pay_upm.prefixes[0] must be text in quotes: 1 to 8 digits, or two of the same length from low to high, such as "10-15"
            tillscan.toml: wallets.wechat_pay_upm.lengths[0] must be a whole number from 8 to 64, without quotes
            tillscan.toml: wallets.wechat_pay_upm.lengths[1] must be larger than the one before it
            tillscan.toml: wallets.wechat_pay_upm.lengths[0] must be a whole number from 8 to 64, without quotes
            tillscan.toml: wallets.wechat_pay_upm.lengths must be a list of 1 to 32 counts of digits, ascending, such as [16, 18]
            tillscan.toml: log.level must be one of "error", "warn", "info", "debug", "trace"
        "#]],
    );
}
