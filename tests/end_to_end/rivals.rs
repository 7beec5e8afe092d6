//! Two daemons on one journal or one socket: the second is refused in one line that names the file,
//! and the first goes on undisturbed.

use crate::harness::{Counter, Process, Sandbox};

#[test]
fn a_second_daemon_on_the_same_journal_is_refused() {
    check("journal.db", |_| Vec::new());
}

#[test]
fn a_second_daemon_on_the_same_socket_is_refused() {
    check("tillscan.sock", |first| vec![("api.socket", first.socket().display().to_string())]);
}

/// Starts a second daemon while the first has a payment under way. Without keys of its own it has
/// the first one's whole configuration.
fn check(file: &str, keys: impl Fn(&Counter) -> Vec<(&'static str, String)>) {
    let sandbox = Sandbox::start("10");
    let first = Counter::start(&sandbox.url(), &[("payment.deadline", "10s")]);
    let sale = first.spawn(&["sale", "150.00", "--reference", "INV-1", "--wait", "--json"]);
    first.until_sale("INV-1", "state", "armed");
    first.scan(4);
    first.until_sale("INV-1", "state", "awaiting_customer");

    let keys = keys(&first);
    let keys: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let second = Counter::prepare(&sandbox.url(), &keys);
    let config = if keys.is_empty() { first.config() } else { second.config() };
    let refused = Process::start(second.path(), "second", &["run", "--config", &config]).finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let named = first.path().join(file).display().to_string();
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert!(lines.len() == 1 && lines[0].contains(&named), "{refused:?}");
    assert!(lines[0].contains("another"), "{refused:?}");

    let sale = sale.finish();
    assert_eq!((sale.code, sale.json()["outcome"].as_str()), (Some(0), Some("paid")));
    assert!(!sale.stderr.contains("the daemon is gone"), "{sale:?}");
    assert_eq!(sandbox.requests("create"), 1);
}
