//! The man pages and the shell completions, made from what they describe: the command line's own
//! definition and the configuration as installed. They are committed, so that the package needs no
//! step to make them; a difference fails these tests, and `UPDATE_EXPECT=1 cargo test --lib
//! cli::manual` writes them anew.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use expect_test::{ExpectFile, expect_file};

use super::Arguments;
use super::{refund, sale};

#[test]
fn tillscan_1_tells_what_help_tells() {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut page = PAGE_1_BEGIN.to_owned();
    for command in command.get_subcommands() {
        write_command(&mut page, "", command);
    }
    page.push_str(".SH OPTIONS OF ALL COMMANDS\n");
    for option in command.get_arguments() {
        write_argument(&mut page, option);
    }
    let _ = writeln!(page, ".SH EXIT STATUS");
    for (command, codes) in [("sale", sale::EXIT_CODES), ("refund", refund::EXIT_CODES)] {
        let _ = writeln!(page, ".SS {command}");
        let codes = codes.trim_start_matches("Exit codes: ").replace('\n', " ");
        for code in codes.split(", ").fold(Vec::<String>::new(), join_parentheses) {
            let (number, meaning) = code.split_once(' ').unwrap();
            let _ = writeln!(page, ".TP\n.B {number}\n{}", roff(meaning));
        }
    }
    page.push_str(PAGE_1_END);
    check(&expect_file!["../../man/tillscan.1"], &page);
}

#[test]
fn tillscan_toml_5_is_the_configuration_as_installed() {
    let mut page = PAGE_5_BEGIN.to_owned();
    let (mut said, mut tables) = (String::new(), 0);
    for line in include_str!("../../config/tillscan.toml").lines() {
        let comment = line.strip_prefix("# ").or((line == "#").then_some(""));
        let setting = line.strip_prefix('#').unwrap_or(line);
        if let Some(comment) = comment {
            said.push_str(comment);
            said.push('\n');
        } else if setting.starts_with('[') {
            tables += 1;
            let _ = writeln!(page, ".SS \"{}\"", roff(setting));
            paragraphs(&mut page, &said);
            said.clear();
        } else if let Some((key, _)) = setting.split_once(" = ") {
            let _ = writeln!(page, ".TP\n.B {}", roff(setting));
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{key}");
            paragraphs(&mut page, &said);
            said.clear();
        } else {
            assert_eq!(line, "", "neither a comment, a table nor a setting");
            // What stands alone: the head of the file.
            paragraphs(&mut page, said.split_once("\n\n").map_or("", |(_, rest)| rest));
            if !said.is_empty() {
                page.push_str(".SH TABLES\n");
            }
            said.clear();
        }
    }
    assert!(tables > 10, "{tables} tables");
    page.push_str(PAGE_5_END);
    check(&expect_file!["../../man/tillscan.toml.5"], &page);
}

#[test]
fn completions_know_every_command() {
    for (shell, file) in [
        (Shell::Bash, expect_file!["../../completions/tillscan.bash"]),
        (Shell::Zsh, expect_file!["../../completions/_tillscan"]),
        (Shell::Fish, expect_file!["../../completions/tillscan.fish"]),
    ] {
        let mut script = Vec::new();
        generate(shell, &mut Arguments::command(), "tillscan", &mut script);
        check(&file, &String::from_utf8(script).unwrap());
    }
}

fn check(file: &ExpectFile, text: &str) {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    file.assert_eq(&(lines.join("\n") + "\n"));
}

fn write_command(page: &mut String, parents: &str, command: &Command) {
    if command.is_hide_set() {
        return;
    }
    let name = format!("{parents}{}", command.get_name());
    if command.has_subcommands() {
        for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
            write_command(page, &format!("{name} "), child);
        }
        return;
    }
    let own = || command.get_arguments().filter(|argument| !argument.is_global_set());
    let own = || own().filter(|argument| argument.get_id() != "help");
    let places: Vec<String> = own().filter(|one| one.is_positional()).map(place).collect();
    let options = if own().any(|one| !one.is_positional()) { " [OPTIONS]" } else { "" };
    let usage = format!("{name}{options} {}", places.join(" "));
    let _ = writeln!(page, ".SS \"{}\"", roff(usage.trim_end()));
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, "{}.", roff(&about));
    own().for_each(|argument| write_argument(page, argument));
}

fn write_argument(page: &mut String, argument: &Arg) {
    let name = argument.get_long().map_or(String::new(), |long| format!("--{long}"));
    let name = match argument.get_short() {
        Some(short) => format!("-{short}, {name}"),
        None => name,
    };
    let takes = argument.get_action().takes_values();
    let value = if takes { value(argument) } else { String::new() };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let default: Vec<_> =
        argument.get_default_values().iter().map(|one| one.to_string_lossy()).collect();
    let default = if default.is_empty() || !takes {
        String::new()
    } else {
        format!(" Default: {}.", default.join(" "))
    };
    let head = format!("{name} {value}");
    let help = format!("{}.", help.trim_end_matches('…'));
    let _ = writeln!(page, ".TP\n.B {}\n{}{}", roff(head.trim()), roff(&help), roff(&default));
}

/// A positional argument, in brackets where it may be left out.
fn place(argument: &Arg) -> String {
    let value = value(argument);
    if argument.is_required_set() { value } else { format!("[{value}]") }
}

fn value(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Text as roff shows it: no hyphens for dashes, no requests by accident.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...");
    let text = text.replace('"', "\\(dq").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// Lines of comment: an empty one begins another paragraph. An example stands above them here, not
/// below.
fn paragraphs(page: &mut String, said: &str) {
    let said = said.replace("example:", "example.");
    for (index, paragraph) in said.trim().split("\n\n").enumerate() {
        if index > 0 {
            page.push_str(".PP\n");
        }
        for line in paragraph.lines() {
            let _ = writeln!(page, "{}", roff(line));
        }
    }
}

/// Puts together again what a comma inside parentheses has split.
fn join_parentheses(mut parts: Vec<String>, part: &str) -> Vec<String> {
    match parts.last_mut() {
        Some(last) if last.matches('(').count() > last.matches(')').count() => {
            last.push_str(", ");
            last.push_str(part);
        }
        Some(_) | None => parts.push(part.to_owned()),
    }
    parts
}

const PAGE_1_BEGIN: &str = r#".\" Made from the command line's definition by src/cli/manual.rs.
.TH TILLSCAN 1 "" "tillscan" "Payments at the counter"
.SH NAME
tillscan \- take WeChat Pay at a shop's counter
.SH SYNOPSIS
.B tillscan
[OPTIONS] COMMAND
.SH DESCRIPTION
The customer shows a payment code, the cashier scans it,
.B tillscan run
charges it at Opn Payments, waits for the final status, and tells the till, the screen and the
printer. All other commands but
.B demo
and
.B sandbox
are clients of the running daemon.
.PP
On Debian the daemon is
.BR tillscan.service .
It runs from installation on and takes sales as soon as it has a key:
.PP
.nf
.RS
install \-m 600 /dev/stdin /etc/tillscan/opn\-secret\-key && sync
systemctl restart tillscan
tillscan status
.RE
.fi
.PP
Members of the group
.I tillscan
may take payments. For a second lane on the same box see the head of
.IR /lib/systemd/system/tillscan@.service .
.SH COMMANDS
"#;

const PAGE_1_END: &str = r#".SH FILES
.TP
.I /etc/tillscan/tillscan.toml
The configuration,
.BR tillscan.toml (5).
.TP
.I /usr/lib/udev/rules.d/60\-tillscan.rules
Gives known barcode scanners to the service, and keeps others away from them. Those that are not
listed go into
.IR /etc/udev/rules.d/59\-tillscan\-local.rules ;
.B devices
prints the line.
.TP
.I /etc/tillscan/opn\-secret\-key
The secret key of the account, which systemd passes on as the credential
.IR opn\-secret\-key .
Read at the start of the service.
.TP
.I /etc/tillscan/opn\-webhook\-secret
The secret that webhooks are signed with, where they are received: the credential
.IR opn\-webhook\-secret .
.TP
.I /var/lib/tillscan/journal.db
The record of every sale, an SQLite database. It stays when the package is removed, and when it is
purged too, unless
.B TILLSCAN_PURGE_JOURNAL=1
is in the environment of the purge.
.TP
.I /run/tillscan/tillscan.sock
The local interface for the till.
.SH HOOKS
A hook of the configuration runs inside the service's sandbox: no devices but scanners, a read\-only
system, no home directories, 128 MB in all. A program that needs more is to be a service of its own
that the hook starts or writes to.
.SH SEE ALSO
.BR tillscan.toml (5),
.BR systemctl (1),
.BR journalctl (1)
"#;

const PAGE_5_BEGIN: &str = r#".\" Made from config/tillscan.toml by src/cli/manual.rs.
.TH TILLSCAN.TOML 5 "" "tillscan" "Payments at the counter"
.SH NAME
tillscan.toml \- configuration of tillscan
.SH SYNOPSIS
.I /etc/tillscan/tillscan.toml
.SH DESCRIPTION
"#;

const PAGE_5_END: &str = r#".SH SEE ALSO
.BR tillscan (1)
"#;
