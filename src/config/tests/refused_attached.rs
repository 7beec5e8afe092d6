//! What is refused among scanners, hooks, the local interface, and the environment's overrides.

use expect_test::expect;

use super::{check_overrides_refused, check_refused, refusal};

#[test]
fn values_of_scanners_hooks_journal_and_api_are_refused() {
    let too_many = format!("{}\n\n", "[[scanner]]\npath = '/dev/a'\n".repeat(17).trim_end());
    let long_socket = format!("api.socket = \"/{}\"\n\n", "s".repeat(107));
    check_refused(
        &(too_many
            + &long_socket
            + r#"[[scanner]]
kind = "serial"

[[scanner]]
kind = "hid"
path = "/dev/hidraw0"

[[scanner]]
path = "ttyACM0"

[[scanner]]
path = "/dev/ttyACM0"
[[scanner]]
path = "/dev/ttyACM0"

[[scanner]]
path = "/dev/ttyACM0"
baud_rate = "9600"

[[scanner]]
path = "/dev/ttyACM0"
baud_rate = -1

[[scanner]]
path = "/dev/ttyACM0"
baud_rate = 9600.5

[[scanner]]
path = "/dev/ttyACM0"
baud_rate = 921601

[[scanner]]
path = "/dev/ttyACM0"
idle = "6s"

[[scanner]]
kind = "keypad"
usb = "1eab:8303"

[[scanner]]
usb = "1eab:83"

[[scanner]]
port = "usb1"

[[scanner]]
path = "/dev/ttyACM0"
port = "1-1"

[[scanner]]
kind = "keyboard"
usb = "1eab:8303"
[[scanner]]
kind = "keyboard"
usb = "1EAB:8303"

[[scanner]]
kind = "keyboard"
usb = "1eab:8303"
baud_rate = 9600

[[scanner]]
path = "/dev/ttyACM0"
layout = "fr"

[[scanner]]
kind = "hid_pos"
port = "1-1"
feedback = "honeywell"

[[scanner]]
path = "/dev/ttyACM0"
feedback = "loud"

keypad.usb = "13ba"

keypad.port = "1-1."

keypad.path = "/dev/input/event0"

[[hook]]
timeout = "10s"

[[hook]]
command = []

[[hook]]
command = "/bin/true"

[[hook]]
command = ["true"]

[[hook]]
command = ["/bin/echo", 5]

[[hook]]
command = ["/bin/echo", "\u0000"]

[[hook]]
command = ["/bin/true"]
[[hook]]
command = ["/bin/true"]
timeout = "6m"

[[hook]]
command = ["/bin/true"]
events = ["paid", "failed"]

[[hook]]
command = ["/bin/true"]
events = []

journal.path = ""

api.listen = "0.0.0.0:8385"

api.listen = "127.0.0.1"

api.listen = 8385

api.listen = "127.0.0.1:8385"

api.token_file = "token""#),
        expect![[r#"
            tillscan.toml: scanner must be written at most 16 times
            tillscan.toml: api.socket must be at most 107 bytes long, the system's limit
            tillscan.toml: scanner[0].path must be given: the device, such as "/dev/ttyACM0"; or usb, such as "0c2e:0b61", or port; `tillscan devices` shows them
            tillscan.toml: scanner[0].kind must be one of "serial", "keyboard", "hid_pos"
            tillscan.toml: scanner[0].path must be an absolute path, beginning with /
            tillscan.toml: scanner[1].path must not be the device of another [[scanner]]
            tillscan.toml: scanner[0].baud_rate must be a whole number from 300 to 921600, without quotes
            tillscan.toml: scanner[0].baud_rate must be a whole number from 300 to 921600, without quotes
            tillscan.toml: scanner[0].baud_rate must be a whole number from 300 to 921600, without quotes
            tillscan.toml: scanner[0].baud_rate must be a whole number from 300 to 921600, without quotes
            tillscan.toml: scanner[0].idle must be a duration from 10ms to 5s, such as "150ms"
            tillscan.toml: scanner[0].kind must be one of "serial", "keyboard", "hid_pos"
            tillscan.toml: scanner[0].usb must be the vendor's and the product's number, such as "0c2e:0b61"
            tillscan.toml: scanner[0].port must be a USB port, such as "1-1.2"
            tillscan.toml: scanner[0].path must not be given together with usb, serial_number or port
            tillscan.toml: scanner[1].usb must not be the device of another [[scanner]]
            tillscan.toml: scanner[0].baud_rate is for kind = "serial" only
            tillscan.toml: scanner[0].layout is for kind = "keyboard" only
            tillscan.toml: scanner[0].feedback is for kind = "serial" only
            tillscan.toml: scanner[0].feedback must be one of "none", "honeywell", "newland", "zebra_ssi", "datalogic", "gm65"
            tillscan.toml: keypad.usb must be the vendor's and the product's number, such as "0c2e:0b61"
            tillscan.toml: keypad.port must be a USB port, such as "1-1.2"
            tillscan.toml: unknown key keypad.path; accepted: usb, serial_number, port
            tillscan.toml: hook[0].command must be given: texts, the program first, such as ["/usr/local/bin/print-receipt", "--copies=1"]
            tillscan.toml: hook[0].command must be a list of 1 to 64 texts, the program first, such as ["/usr/local/bin/print-receipt", "--copies=1"]
            tillscan.toml: hook[0].command must be a list of 1 to 64 texts, the program first, such as ["/usr/local/bin/print-receipt", "--copies=1"]
            tillscan.toml: hook[0].command[0] must be an absolute path, beginning with /
            tillscan.toml: hook[0].command[1] must be text in quotes: an argument of up to 4096 bytes without a zero byte
            tillscan.toml: hook[0].command[1] must be an argument of up to 4096 bytes without a zero byte
            tillscan.toml: hook[1].timeout must be a duration from 10ms to 5m, such as "10s"
            tillscan.toml: hook[0].events[1] must be one of "paid", "declined", "expired", "cancelled", "not_created", "unknown", "resolved", "late_success", "refunded", "refund_refused", "refund_unknown"
            tillscan.toml: hook[0].events must be a list of 1 to 11 events, such as ["paid", "late_success"]
            tillscan.toml: journal.path must be an absolute path, beginning with /
            tillscan.toml: api.listen must be a loopback address and port, such as "127.0.0.1:8385" or "[::1]:8385"
            tillscan.toml: api.listen must be a loopback address and port, such as "127.0.0.1:8385" or "[::1]:8385"
            tillscan.toml: api.listen must be text in quotes: a loopback address and port, such as "127.0.0.1:8385" or "[::1]:8385"
            tillscan.toml: api.token_file must be given with api.listen: the file that holds its callers' bearer token
            tillscan.toml: api.token_file must be an absolute path, beginning with /
        "#]],
    );
}

#[test]
fn values_of_the_environment_are_refused_by_the_variable() {
    check_overrides_refused(
        &[
            "GATEWAY__BASE_URL=http://api.omise.co",
            "GATEWAY__BASE_ULR=https://api.omise.co",
            "GATEWAY__SECRET_KEY_FILE=skey_test_5fzb1q7x3example",
            "gateway__base_url=https://api.omise.co",
            "PAYMENT__DEADLINE=60",
            "PAYMENT__WATCH=60s,,10m",
            "PAYMENT__WATCH=",
            "PAYMENT__POLL_SLOW_MAX=1s",
            "WALLETS__WECHAT_PAY_UPM__ENABLED=yes",
            "WALLETS__WECHAT_PAY_UPM__LENGTHS=18,x",
            "WALLETS__WECHAT_PAY_UPM__MAX=19",
            "API__LISTEN=127.0.0.1:1",
            "SCANNER__0__PATH=/dev/ttyACM0",
            "SCANNER[4000000000]=x",
            "HOOK=x",
            "=x",
        ],
        expect![[r#"
            environment variable TILLSCAN__GATEWAY__BASE_URL: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)
            environment variable TILLSCAN__GATEWAY__BASE_ULR: overrides no key; did you mean TILLSCAN__GATEWAY__BASE_URL?
            environment variable TILLSCAN__GATEWAY__SECRET_KEY_FILE: gateway.secret_key_file must be the path of a file that holds the key, never the key itself
            environment variable TILLSCAN__gateway__base_url: overrides no key; did you mean TILLSCAN__GATEWAY__BASE_URL?
            environment variable TILLSCAN__PAYMENT__DEADLINE: payment.deadline has no unit; write for example "60s" (ms, s, m, h, d)
            environment variable TILLSCAN__PAYMENT__WATCH: payment.watch[1] must be a duration from 10ms to 30d, such as "60s"
            environment variable TILLSCAN__PAYMENT__WATCH: payment.watch[0] must be a duration from 10ms to 30d, such as "60s"
            environment variable TILLSCAN__PAYMENT__POLL_SLOW_MAX: payment.poll_slow_min must not be longer than payment.poll_slow_max
            environment variable TILLSCAN__WALLETS__WECHAT_PAY_UPM__ENABLED: wallets.wechat_pay_upm.enabled must be true or false, without quotes
            environment variable TILLSCAN__WALLETS__WECHAT_PAY_UPM__LENGTHS: wallets.wechat_pay_upm.lengths[1] must be a whole number from 8 to 64, without quotes
            environment variable TILLSCAN__WALLETS__WECHAT_PAY_UPM__MAX: wallets.wechat_pay_upm.max must be an amount of baht from 20.00 to 150000.00, such as "150000.00"
            environment variable TILLSCAN__API__LISTEN: api.token_file must be given with api.listen: the file that holds its callers' bearer token
            environment variable TILLSCAN__SCANNER__0__PATH: overrides no key; accepted are TILLSCAN__TABLE__KEY for the keys of the file outside [[scanner]] and [[hook]]
            environment variable TILLSCAN__SCANNER[4000000000]: overrides no key; accepted are TILLSCAN__TABLE__KEY for the keys of the file outside [[scanner]] and [[hook]]
            environment variable TILLSCAN__HOOK: overrides no key; accepted are TILLSCAN__TABLE__KEY for the keys of the file outside [[scanner]] and [[hook]]
            environment variable TILLSCAN__: overrides no key; accepted are TILLSCAN__TABLE__KEY for the keys of the file outside [[scanner]] and [[hook]]
        "#]],
    );
    // An override cannot repair, nor hide, what is wrong around it.
    let message = refusal("gateway = 1", &[("TILLSCAN__GATEWAY__BASE_URL", "https://a.example")]);
    expect![[r#"
        tillscan.toml: gateway must be a table of keys, begun by the line [gateway]
    "#]]
    .assert_eq(&message);
    // The file's minimum is above the maximum of the environment, which came last.
    let message = refusal(
        "wallets.wechat_pay_upm.min = '200'",
        &[("TILLSCAN__WALLETS__WECHAT_PAY_UPM__MAX", "100")],
    );
    expect![[r#"
        environment variable TILLSCAN__WALLETS__WECHAT_PAY_UPM__MAX: wallets.wechat_pay_upm.min must not be above wallets.wechat_pay_upm.max
    "#]].assert_eq(&message);
}

#[test]
fn values_of_webhook_are_refused() {
    let long = format!("webhook.path = \"/{}\"\n\n", "o".repeat(128));
    check_refused(
        &(long
            + r#"webhook.listen = "8386"

webhook.listen = 8386

webhook.listen = "localhost:8386"

webhook.path = "opn"

webhook.path = "/opn?x=1"

webhook.path = "/%6fpn"

webhook.secrets = "/etc/tillscan/opn-webhook-secret"

webhook.secrets = []

webhook.secrets = ["/a", "/b", "/c", "/d", "/e"]

webhook.secrets = ["/a", "c2VjcmV0LWtleQ=="]

webhook.tolerance = "2h"

webhook.tolerance = 300

webhook.allow_unsigned = "yes"

webhook.poll = "61s"

webhook.trust = "2d"

webhook.secret = "/a""#),
        expect![[r#"
            tillscan.toml: webhook.path must be a path of up to 128 letters, digits and -._~/ that begins with /, such as "/opn"
            tillscan.toml: webhook.listen must be an address and a port, such as "127.0.0.1:8386"
            tillscan.toml: webhook.listen must be text in quotes: an address and a port, such as "127.0.0.1:8386"
            tillscan.toml: webhook.listen must be an address and a port, such as "127.0.0.1:8386"
            tillscan.toml: webhook.path must be a path of up to 128 letters, digits and -._~/ that begins with /, such as "/opn"
            tillscan.toml: webhook.path must be a path of up to 128 letters, digits and -._~/ that begins with /, such as "/opn"
            tillscan.toml: webhook.path must be a path of up to 128 letters, digits and -._~/ that begins with /, such as "/opn"
            tillscan.toml: webhook.secrets must be a list of 1 to 4 files that each hold a secret, such as ["/etc/tillscan/opn-webhook-secret"]
            tillscan.toml: webhook.secrets must be a list of 1 to 4 files that each hold a secret, such as ["/etc/tillscan/opn-webhook-secret"]
            tillscan.toml: webhook.secrets must be a list of 1 to 4 files that each hold a secret, such as ["/etc/tillscan/opn-webhook-secret"]
            tillscan.toml: webhook.secrets[1] must be an absolute path, beginning with /
            tillscan.toml: webhook.tolerance must be a duration from 1s to 1h, such as "5m"
            tillscan.toml: webhook.tolerance has no unit; write for example "5m" (ms, s, m, h, d)
            tillscan.toml: webhook.allow_unsigned must be true or false, without quotes
            tillscan.toml: webhook.poll must be a duration from 10ms to 60s, such as "10s"
            tillscan.toml: webhook.trust must be a duration from 10ms to 24h, such as "10m"
            tillscan.toml: unknown key webhook.secret; did you mean webhook.secrets?
        "#]],
    );
}
