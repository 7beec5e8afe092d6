//! Text in, settings or message out.

use std::os::unix::ffi::OsStringExt;

use expect_test::{Expect, expect};

use super::*;
use crate::terminal::Event;

mod refused;
mod refused_attached;

const SHIPPED: &str = include_str!("../../config/tillscan.toml");

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let variables = environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Settings::parse(text, Path::new("tillscan.toml"), variables)
}

/// The messages for each of the texts, which stand apart by blank lines.
#[track_caller]
fn check_refused(texts: &str, expected: Expect) {
    let messages = texts.split("\n\n").map(|text| refusal(text, &[]));
    expected.assert_eq(&messages.collect::<String>());
}

/// The messages for each override alone, written `TABLE__KEY=value`, of a file without keys.
#[track_caller]
fn check_overrides_refused(overrides: &[&str], expected: Expect) {
    let messages = overrides.iter().map(|written| {
        let (name, value) = written.split_once('=').unwrap();
        refusal("", &[(&format!("TILLSCAN__{name}"), value)])
    });
    expected.assert_eq(&messages.collect::<String>());
}

#[track_caller]
fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    let error = parse(text, environment).expect_err(text).to_string();
    assert!(!error.contains('\n'), "one line: {error}");
    format!("{error}\n")
}

/// The lines of [`Settings::to_toml`] that differ from the default's under `text` and
/// `environment`.
#[track_caller]
fn check_changed(text: &str, environment: &[(&str, &str)], expected: Expect) {
    let settings = parse(text, environment).unwrap();
    let default = Settings::default().to_toml();
    let unchanged: Vec<_> = default.lines().collect();
    let shown = settings.to_toml();
    let changed = shown.lines().filter(|line| !unchanged.contains(line));
    expected.assert_eq(&changed.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn the_shipped_file_is_the_default() {
    assert_eq!(parse(SHIPPED, &[]).unwrap(), Settings::default());
    assert_eq!(parse("", &[]).unwrap(), Settings::default());
}

/// What the shipped file says of a default is true, and its examples are accepted.
#[test]
fn the_shipped_file_with_every_key_uncommented_changes_only_its_examples() {
    let uncommented: Vec<_> = SHIPPED.lines().map(uncomment).collect();
    check_changed(
        &uncommented.join("\n"),
        &[],
        expect![[r#"
            secret_key_file = "/etc/tillscan/opn-secret-key"
            [[scanner]]
            kind = "serial"
            path = "/dev/ttyACM0"
            baud_rate = 9600
            feedback = "none"
            idle = "150ms"
            [[scanner]]
            kind = "keyboard"
            usb = "1eab:8303"
            serial_number = "S1234567"
            port = "1-1.2"
            layout = "us"
            idle = "100ms"
            [keypad]
            usb = "13ba:0001"
            serial_number = "K1234567"
            port = "1-1.3"
            [[hook]]
            command = ["/usr/local/bin/print-receipt","--copies=1"]
            timeout = "10s"
            events = ["paid","declined","expired","cancelled","not_created","unknown","resolved","late_success","refunded","refund_refused","refund_unknown"]
            listen = "127.0.0.1:8385"
            token_file = "/etc/tillscan/api-token"
            listen = "127.0.0.1:8386"
            secrets = ["/etc/tillscan/webhook-secret-1","/etc/tillscan/webhook-secret-2"]
        "#]],
    );
}

/// `#key = …` and `#[[table]]` without the mark; prose has a blank after it.
fn uncomment(line: &str) -> &str {
    line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)
}

#[test]
fn every_key_is_in_the_shipped_file() {
    let mut tables: Vec<_> = written::single_tables()
        .into_iter()
        .map(|(table, keys)| (format!("[{table}]"), keys))
        .collect();
    tables.push(("[[scanner]]".to_owned(), reader::names::<written::Scanner>()));
    tables.push(("[[hook]]".to_owned(), reader::names::<written::Hook>()));
    for (heading, keys) in tables {
        assert!(!keys.is_empty(), "{heading}");
        let mut current = "";
        let within: Vec<_> = SHIPPED
            .lines()
            .map(uncomment)
            .filter(|line| {
                if line.starts_with('[') {
                    current = line;
                }
                current == heading
            })
            .collect();
        for key in keys {
            let assigned = format!("{key} = ");
            let times = within.iter().filter(|line| line.starts_with(&assigned)).count();
            // There are two examples of a scanner, which share a key or two.
            let most = if heading == "[[scanner]]" { 2 } else { 1 };
            assert!((1..=most).contains(&times), "{heading} {key}");
        }
    }
}

/// A table that is added to the file is reachable by the environment, or one of the two arrays.
#[test]
fn every_table_is_known_to_the_overrides() {
    let single = written::single_tables();
    for table in reader::names::<written::Root>() {
        let reachable = single.iter().any(|(path, _)| path.split('.').next() == Some(table));
        assert!(reachable || ["scanner", "hook"].contains(table), "{table}");
    }
    for wallet in reader::names::<written::Wallets>() {
        assert!(single.iter().any(|(path, _)| *path == format!("wallets.{wallet}")), "{wallet}");
    }
}

#[test]
fn every_event_is_told_by_default() {
    assert_eq!(reader::names::<Event>().len(), Event::ALL.len());
    let hook = parse("[[hook]]\ncommand = ['/bin/true']", &[]).unwrap().hooks.remove(0);
    assert_eq!(hook.events.len(), Event::ALL.len());
}

#[test]
fn a_file_changes_what_it_says() {
    check_changed(
        r#"
        [gateway]
        base_url = "http://127.0.0.1:9/opn//"
        secret_key_file = "/etc/key"
        request_timeout = "200ms"
        connect_timeout = "50ms"
        [payment]
        deadline = "2s"
        cancel_not_before = "0s"
        quarantine = "200ms"
        watch = ["1s"]
        poll_first = "10ms"
        poll_fast = "20ms"
        poll_fast_until = "100ms"
        poll_slow_min = "30ms"
        poll_slow_max = "30ms"
        backoff_max = "40ms"
        [sale]
        lease = "1h"
        [counter]
        language = "zh"
        name = "เคาน์เตอร์ 1"
        [wallets.wechat_pay_upm]
        enabled = false
        min = "1,000.5"
        max = "1000.50"
        prefixes = ["9"]
        lengths = [17]
        [wallets.alipayplus_upm]
        enabled = true
        [[scanner]]
        path = "/dev/pts/3"
        baud_rate = 115200
        [[scanner]]
        path = "/dev/pts/4"
        [[hook]]
        command = ["/bin/echo", "", "a \u007f\n\"b\\"]
        timeout = "5m"
        events = ["late_success", "paid", "paid"]
        [journal]
        path = "/tmp/j"
        keep = "1d"
        [api]
        socket = "/tmp/s"
        listen = "[::1]:0"
        token_file = "/tmp/t"
        [webhook]
        listen = "0.0.0.0:80"
        path = "/a/b-c_d.e~1"
        secrets = ["/tmp/a", "/tmp/b"]
        tolerance = "1s"
        allow_unsigned = true
        poll = "10ms"
        trust = "20ms"
        [log]
        level = "trace"
        "#,
        &[],
        expect![[r#"
            base_url = "http://127.0.0.1:9/opn"
            secret_key_file = "/etc/key"
            request_timeout = "200ms"
            connect_timeout = "50ms"
            deadline = "2s"
            cancel_not_before = "0s"
            quarantine = "200ms"
            watch = ["1s"]
            poll_first = "10ms"
            poll_fast = "20ms"
            poll_fast_until = "100ms"
            poll_slow_min = "30ms"
            poll_slow_max = "30ms"
            backoff_max = "40ms"
            lease = "1h"
            language = "zh"
            name = "เคาน์เตอร์ 1"
            min = "1000.50"
            max = "1000.50"
            prefixes = ["9"]
            lengths = [17]
            [[scanner]]
            kind = "serial"
            path = "/dev/pts/3"
            baud_rate = 115200
            feedback = "none"
            idle = "150ms"
            [[scanner]]
            kind = "serial"
            path = "/dev/pts/4"
            baud_rate = 9600
            feedback = "none"
            idle = "150ms"
            [[hook]]
            command = ["/bin/echo","","a \u007f\n\"b\\"]
            timeout = "5m"
            events = ["paid","late_success"]
            path = "/tmp/j"
            keep = "24h"
            socket = "/tmp/s"
            listen = "[::1]:0"
            token_file = "/tmp/t"
            listen = "0.0.0.0:80"
            path = "/a/b-c_d.e~1"
            secrets = ["/tmp/a","/tmp/b"]
            tolerance = "1s"
            allow_unsigned = true
            poll = "10ms"
            trust = "20ms"
            level = "trace"
        "#]],
    );
}

#[test]
fn the_environment_overrides_the_file() {
    let file = r#"
        [gateway]
        base_url = "https://file.example"
        request_timeout = "20s"
        [wallets.alipayplus_upm]
        max = "500"
        "#;
    let environment = [
        ("TILLSCAN__GATEWAY__BASE_URL", "http://localhost:8080"),
        ("TILLSCAN__PAYMENT__WATCH", "1s, 2s,3s"),
        ("TILLSCAN__WALLETS__ALIPAYPLUS_UPM__ENABLED", "true"),
        ("TILLSCAN__WALLETS__ALIPAYPLUS_UPM__MIN", "25"),
        ("TILLSCAN__WALLETS__ALIPAYPLUS_UPM__LENGTHS", "16"),
        ("TILLSCAN__COUNTER__NAME", "12"),
        ("TILLSCAN__WEBHOOK__SECRETS", "/tmp/a, /tmp/b"),
        ("TILLSCAN__WEBHOOK__ALLOW_UNSIGNED", "true"),
        ("TILLSCAN_LOG", "none of ours"),
        ("PATH", "/bin"),
    ];
    check_changed(
        file,
        &environment,
        expect![[r#"
            base_url = "http://localhost:8080"
            request_timeout = "20s"
            watch = ["1s","2s","3s"]
            name = "12"
            min = "25.00"
            max = "500.00"
            lengths = [16]
            secrets = ["/tmp/a","/tmp/b"]
            allow_unsigned = true
        "#]],
    );
}

#[test]
fn settings_are_shown_as_a_file_that_means_the_same() {
    let everything: Vec<_> = SHIPPED.lines().map(uncomment).collect();
    let odd = r#"
        counter.name = '"\ '
        hook = [{ command = ["/bin/echo", "\u007f\n\u2028\"\\"] }]
        wallets.wechat_pay_upm.prefixes = ["1-2", "3"]
        "#;
    for text in ["", &everything.join("\n"), odd] {
        let settings = parse(text, &[]).unwrap();
        assert_eq!(parse(&settings.to_toml(), &[]).unwrap(), settings, "{}", settings.to_toml());
    }
}

#[test]
fn p1_a_key_in_the_wrong_place_is_not_repeated() {
    let secret = "skey_test_5fzb1q7x3example";
    for (table, keys) in written::single_tables() {
        // A name and a serial number may be any text: they are accepted.
        for key in keys.iter().filter(|key| !["name", "serial_number"].contains(key)) {
            for value in [format!("'{secret}'"), format!("['{secret}']")] {
                let message = refusal(&format!("[{table}]\n{key} = {value}"), &[]);
                assert!(!message.contains("5fzb"), "{message}");
            }
        }
    }
}

#[test]
fn a_file_is_loaded_or_refused_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("good.toml"), "sale.lease = '30s'").unwrap();
    std::fs::write(path("large.toml"), "#".repeat(256 * 1024 + 1)).unwrap();
    std::fs::write(path("latin1.toml"), b"# caf\xe9").unwrap();
    let settings = Settings::load(Some(&path("good.toml"))).unwrap();
    assert_eq!(settings.sale.lease.as_secs(), 30);
    let messages = ["absent.toml", "large.toml", "latin1.toml", "."].map(|name| {
        let message = Settings::load(Some(&path(name))).unwrap_err().to_string();
        message.replace(directory.path().to_str().unwrap(), "DIRECTORY") + "\n"
    });
    expect![[r#"
        DIRECTORY/absent.toml: no such configuration file (named with --config)
        DIRECTORY/large.toml: the configuration file cannot be read: longer than 262144 bytes
        DIRECTORY/latin1.toml: the configuration file cannot be read: stream did not contain valid UTF-8
        DIRECTORY/.: the configuration file cannot be read: Is a directory (os error 21)
    "#]].assert_eq(&messages.concat());
    let message = ConfigError::NoDefault(DEFAULT_PATH.into()).to_string();
    expect!["/etc/tillscan/tillscan.toml: no configuration file; write one there or name another with --config FILE"].assert_eq(&message);
}

#[test]
fn a_variable_that_is_not_utf_8_is_refused_only_if_it_is_ours() {
    let variable = |name: &str| (OsString::from(name), OsString::from_vec(vec![0xff]));
    assert_eq!(overrides([variable("OTHER")].into_iter()).unwrap(), BTreeMap::new());
    let message =
        overrides([variable("TILLSCAN__LOG__LEVEL")].into_iter()).unwrap_err().to_string();
    expect!["environment variable TILLSCAN__LOG__LEVEL: must be UTF-8 text"].assert_eq(&message);
}
