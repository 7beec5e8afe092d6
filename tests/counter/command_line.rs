//! The command line without a daemon: help, version, usage, configuration, and a daemon that is not
//! there.

use std::path::{Path, PathBuf};

use expect_test::{expect, expect_file};

use super::harness::{Finished, Process};

/// Every command's help, as the documentation quotes it. Change it deliberately: `UPDATE_EXPECT=1
/// cargo test`.
#[test]
fn every_command_has_the_help_that_was_agreed() {
    let commands = [
        "",
        "run",
        "demo",
        "sandbox",
        "sale",
        "cancel",
        "check",
        "detach",
        "acknowledge",
        "refund",
        "show",
        "list",
        "status",
        "devices",
        "config",
        "config check",
        "config show",
    ];
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let output = tillscan(&words);
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{command}");
        let name =
            if command.is_empty() { "tillscan".to_owned() } else { command.replace(' ', "_") };
        let help = &output.stdout;
        expect_file![format!("help/{name}.txt")].assert_eq(help);
    }
    // A command that this list forgets would have no agreed help.
    let told = tillscan(&["--help"]).stdout;
    let told = told.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in told.take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        assert!(name == "help" || commands.contains(&name), "{name} is not in the list");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let output = tillscan(&["--version"]);
    assert_eq!(output.code, Some(0));
    assert_eq!(output.stdout, concat!("tillscan ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// What is typed wrong is refused before anything is asked of anybody: exit 2, and the first line
/// says why.
#[test]
fn a_wrong_command_line_is_refused_in_its_first_line() {
    let not_an_amount = |text: &str| {
        format!(
            "error: invalid value '{text}' for '<AMOUNT>': not an amount; write baht such as 150, 150.5 or 1,500.00"
        )
    };
    let no_reference = |text: &str| {
        format!(
            "error: invalid value '{text}' for '--reference <R>': a reference has 1 to 64 characters of UTF-8 \
             without control characters"
        )
    };
    let long = "x".repeat(300);
    let table: &[(&[&str], String)] = &[
        (&["sale", "1e3"], not_an_amount("1e3")),
        (&["sale", "-5"], not_an_amount("-5")),
        (&["sale", "1,50"], not_an_amount("1,50")),
        (
            &["sale", ""],
            "error: invalid value '' for '<AMOUNT>': the amount is empty; write baht such as 150, 150.5 or 1,500.00"
                .to_owned(),
        ),
        (&["sale", "150", "--reference", &long], no_reference(&long)),
        (&["sale", "150", "--reference", ""], no_reference("")),
        (&["show", &long], no_reference(&long).replace("--reference <R>", "<REFERENCE>")),
        (&["sale"], "error: the following required arguments were not provided:".to_owned()),
        (&["frobnicate"], "error: unrecognized subcommand 'frobnicate'".to_owned()),
        (
            &["list", "--limit", "0"],
            "error: invalid value '0' for '--limit <N>': 0 is not in 1..=500".to_owned(),
        ),
        (&["status", "--colour"], "error: unexpected argument '--colour' found".to_owned()),
    ];
    for (arguments, expected) in table {
        let output = tillscan(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert_eq!(output.stderr.lines().next(), Some(expected.as_str()), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let output = tillscan(&["sale", "150", "--reference", "two\nlines"]);
    assert_eq!(output.code, Some(2));
}

#[test]
fn an_absent_daemon_is_told_in_one_line_and_ends_with_40() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("nobody.sock");
    let file = write(directory.path(), &format!("[api]\nsocket = {socket:?}\n"));
    let commands: [&[&str]; 9] = [
        &["sale", "150"],
        &["sale", "150", "--reference", "INV-1", "--wait"],
        &["cancel", "INV-1"],
        &["check", "INV-1"],
        &["detach", "INV-1"],
        &["acknowledge", "INV-1"],
        &["show", "INV-1"],
        &["list"],
        &["status"],
    ];
    let sentence = format!(
        "the daemon does not answer at {}: No such file or directory (os error 2)",
        socket.display()
    );
    for command in commands {
        let output = with_config(&file, command);
        assert_eq!(output.code, Some(40), "{command:?}");
        assert_eq!(output.stderr, format!("tillscan: {sentence}\n"), "{command:?}");
        assert!(output.stdout.is_empty(), "{command:?}");

        let output = with_config(&file, &[command, &["--json"]].concat());
        assert_eq!(output.code, Some(40), "{command:?}");
        let document = output.json();
        let expected = serde_json::json!({"error": {"code": "unreachable", "message": sentence}});
        assert_eq!(document, expected, "{command:?}");
    }
}

/// One line that names the file, the key and what is accepted; exit 2, for the daemon as for its
/// clients.
#[test]
fn a_bad_configuration_is_one_line_with_file_and_key() {
    let commands: [&[&str]; 5] =
        [&["run"], &["config", "check"], &["config", "show"], &["status"], &["sale", "150"]];
    let check = |content: &str, expected: expect_test::Expect| {
        let directory = tempfile::tempdir().unwrap();
        let file = write(directory.path(), content);
        let mut said = None;
        for command in commands {
            let output = with_config(&file, command);
            assert_eq!(output.code, Some(2), "{command:?}: {content}");
            assert!(output.stdout.is_empty(), "{command:?}: {content}");
            let line = output.stderr.replace(file.to_str().unwrap(), "FILE");
            assert_eq!(line.lines().count(), 1, "{command:?}: {line}");
            assert_eq!(*said.get_or_insert(line.clone()), line, "{command:?}: {content}");
        }
        expected.assert_eq(said.unwrap().trim_end());
    };
    check(
        "[payment]\ndeadline = 60\n",
        expect![[
            r#"tillscan: FILE: payment.deadline has no unit; write for example "60s" (ms, s, m, h, d)"#
        ]],
    );
    check("[payments]\n", expect!["tillscan: FILE: unknown key payments; did you mean payment?"]);
    check(
        "[payment]\ndeadlines = \"60s\"\n",
        expect!["tillscan: FILE: unknown key payment.deadlines; did you mean payment.deadline?"],
    );
    check(
        "[wallets.wechat_pay_upm]\nmin = \"19.99\"\n",
        expect![[
            r#"tillscan: FILE: wallets.wechat_pay_upm.min must be an amount of baht from 20.00 to 150000.00, such as "20.00""#
        ]],
    );
    check(
        "[gateway]\nbase_url = \"http://example.com\"\n",
        expect![[
            r#"tillscan: FILE: gateway.base_url must be an https:// address without user, query or fragment, such as "https://api.omise.co" (http:// only to this machine: 127.0.0.1, [::1], localhost)"#
        ]],
    );
    check(
        "[gateway]\nsecret_key_file = \"skey_test_5xuy4w91xqz7d1w9u0t\"\n",
        expect![
            "tillscan: FILE: gateway.secret_key_file must be the path of a file that holds the key, never the key itself"
        ],
    );
    check(
        "[api]\nlisten = \"0.0.0.0:8385\"\ntoken_file = \"/dev/null\"\n",
        expect![[
            r#"tillscan: FILE: api.listen must be a loopback address and port, such as "127.0.0.1:8385" or "[::1]:8385""#
        ]],
    );
    check(
        "[api]\nlisten = \"127.0.0.1:8385\"\n",
        expect![
            "tillscan: FILE: api.token_file must be given with api.listen: the file that holds its callers' bearer token"
        ],
    );
    check(
        "[[scanner]]\nkind = \"hid\"\npath = \"/dev/ttyACM0\"\n",
        expect![[
            r#"tillscan: FILE: scanner[0].kind must be one of "serial", "keyboard", "hid_pos""#
        ]],
    );
    check(
        "[[hook]]\ncommand = [\"print\"]\n",
        expect!["tillscan: FILE: hook[0].command[0] must be an absolute path, beginning with /"],
    );
    check(
        "[gateway\n",
        expect![
            "tillscan: FILE: not valid TOML: at line 1, column 9: unclosed table, expected `]`"
        ],
    );
}

#[test]
fn a_missing_configuration_is_one_line_and_an_override_is_named_by_its_variable() {
    let output = tillscan(&["--config", "/nowhere/tillscan.toml", "run"]);
    assert_eq!(output.code, Some(2));
    expect![[r#"
        tillscan: /nowhere/tillscan.toml: no such configuration file (named with --config)
    "#]]
    .assert_eq(&output.stderr);

    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), "");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tillscan"))
        .env("TILLSCAN__PAYMENT__DEADLINE", "soon")
        .arg("--config")
        .arg(&file)
        .args(["config", "check"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    expect![[r#"
        tillscan: environment variable TILLSCAN__PAYMENT__DEADLINE: payment.deadline must be a duration from 100ms to 10m, such as "60s"
    "#]].assert_eq(str::from_utf8(&output.stderr).unwrap());
}

/// Secrets that cannot be used are found by `config check` and at the start, never later.
#[test]
fn a_key_that_others_can_read_is_refused_in_one_line() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    std::fs::write(&key, "skey_test_5xuy4w91xqz7d1w9u0t\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let file = write(directory.path(), &format!("[gateway]\nsecret_key_file = {key:?}\n"));
    for command in [&["run"][..], &["config", "check"]] {
        let output = with_config(&file, command);
        assert_eq!(output.code, Some(2), "{command:?}");
        let line = output.stderr.replace(key.to_str().unwrap(), "KEY");
        let expected =
            "tillscan: KEY: others than its owner have access to it; run: chmod 600 KEY\n";
        assert_eq!(line, expected, "{command:?}");
    }
}

fn write(directory: &Path, content: &str) -> PathBuf {
    let file = directory.join("tillscan.toml");
    std::fs::write(&file, content).unwrap();
    file
}

#[track_caller]
fn tillscan(arguments: &[&str]) -> Finished {
    let directory = tempfile::tempdir().unwrap();
    Process::start(directory.path(), "tillscan", arguments).finish()
}

#[track_caller]
fn with_config(file: &Path, arguments: &[&str]) -> Finished {
    tillscan(&[&["--config", file.to_str().unwrap()], arguments].concat())
}
