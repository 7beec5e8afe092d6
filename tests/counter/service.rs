//! The daemon as a service: systemd's protocol, SIGHUP, SIGTERM, no network, no scanner, hooks that
//! hang, idleness.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tillscan::scanner::Pty;

use super::configuration::{edit, hook, set};
use super::customer::{NEVER_PAYS, pay};
use super::harness::{Counter, PATIENCE, Process, Sandbox, request, until};
use super::proc::{daemon_of, wake_ups};

#[test]
fn systemd_is_told_ready_once_status_watchdog_and_stopping() {
    let sandbox = Sandbox::start("10");
    let counter = Counter::prepare(&sandbox.url(), &[]);
    let path = counter.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_tillscan"));
    daemon.env_clear().env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "1000000");
    daemon.args(["run", "--config", &counter.config()]).stdin(Stdio::null());
    let log = fs::File::create(counter.path().join("daemon.err")).unwrap();
    let mut daemon = Killed(daemon.stderr(log).spawn().unwrap());

    let mut told = Vec::new();
    let hear = |told: &mut Vec<String>, wanted: &str| {
        loop {
            let mut buffer = [0; 1_024];
            let length = socket.recv(&mut buffer).unwrap_or_else(|_| panic!("{wanted}: {told:?}"));
            let message = str::from_utf8(&buffer[..length]).unwrap();
            told.extend(message.lines().map(str::to_owned));
            if message.contains(wanted) {
                return;
            }
        }
    };
    hear(&mut told, "READY=1");
    // Ready means: it answers.
    let ask =
        |method, target, body: &str| request(&counter.socket(), method, target, body.as_bytes());
    assert_eq!(ask("GET", "/v1/status", "").unwrap().0, 200);
    let started = Instant::now();
    for _ in 0..3 {
        hear(&mut told, "WATCHDOG=1");
    }
    // Each within its second, though one may have been due when the clock was read.
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    until("a ready scanner", || {
        let (_, status) = ask("GET", "/v1/status", "").unwrap();
        (status["scanners"][0]["state"] == "ready").then_some(())
    });
    ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#).unwrap();
    counter.scan(1);
    hear(&mut told, "STATUS=Paid; test key; 0 unsettled; 0 alerts");
    kill_process(Pid::from_child(&daemon.0), Signal::TERM).unwrap();
    hear(&mut told, "STOPPING=1");
    assert_eq!(until("its end", || daemon.0.try_wait().unwrap()).code(), Some(0));

    let statuses: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("STATUS=")).collect();
    for screen in ["Idle", "ScanCode", "Sending", "Paid"] {
        assert!(statuses.iter().any(|status| status.starts_with(screen)), "{screen}: {statuses:?}");
    }
    let count = |word| told.iter().filter(|line| *line == word).count();
    assert_eq!((count("READY=1"), count("STOPPING=1")), (1, 1), "{told:?}");
}

#[test]
fn a_bad_configuration_at_sighup_changes_nothing() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::start(&sandbox.url(), &[("wallets.wechat_pay_upm.max", "1000")]);
    let good = fs::read_to_string(counter.config()).unwrap();
    let refused: [(&str, &str, &str); 4] = [
        ("max = \"1000\"", "max = \"a lot\"", "wallets.wechat_pay_upm.max must be an amount"),
        ("max = \"1000\"", "mix = \"500\"", "unknown key wallets.wechat_pay_upm.mix"),
        ("journal.db", "elsewhere.db", "journal.path has changed: that needs a restart"),
        ("tillscan.sock", "elsewhere.sock", "[api] has changed: that needs a restart"),
    ];
    for (from, to, expected) in refused {
        edit(&counter, from, to);
        counter.daemon().signal(Signal::HUP);
        until(expected, || {
            let log = counter.log();
            let mut lines = log.lines();
            let line = lines.find(|line| line.contains("the configuration stays as it was"))?;
            assert!(line.contains("ERROR"), "{line}");
            log.contains(expected).then_some(())
        });
        fs::write(counter.config(), &good).unwrap();
    }
    // A key that others can read is as bad.
    let key = counter.path().join("key");
    let mode = |mode| fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(mode));
    mode(0o644).unwrap();
    counter.daemon().signal(Signal::HUP);
    until("the refused key", || counter.log().contains("chmod 600").then_some(()));
    mode(0o600).unwrap();
    assert!(!counter.log().contains("is in force"), "{}", counter.log());
    assert_eq!(counter.ask("PUT", "/v1/sales/INV-0", r#"{"amount": "1000.01"}"#).0, 422);
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "1000.00"}"#);
    counter.scan(1);
    counter.until_told("INV-1", &["paid"]);
}

#[test]
fn a_good_configuration_at_sighup_is_in_force_and_leaves_the_running_sale_alone() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::start(&sandbox.url(), &[("payment.deadline", "5m")]);
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    counter.scan(NEVER_PAYS);
    let sale = counter.until_sale("INV-1", "state", "awaiting_customer");

    let other = Plug::new(counter.path().join("other"));
    let former = counter.status()["scanners"][0]["path"].as_str().unwrap().to_owned();
    edit(&counter, &former, counter.path().join("other").to_str().unwrap());
    hook(&counter, Some("cat >> \"$0/other-hook\""));
    set(&counter, "wallets.wechat_pay_upm.max", "\"100\"");
    counter.daemon().signal(Signal::HUP);
    until("the new scanner", || {
        let status = counter.status();
        let scanner = &status["scanners"][0];
        let path = scanner["path"].as_str()?;
        (path.ends_with("/other") && scanner["state"] == "ready").then_some(())
    });
    assert!(counter.log().contains("the configuration was read again and is in force"));
    assert_eq!(counter.sale("INV-1"), sale);
    pay(&counter, &sandbox, &sale);

    assert_eq!(counter.until_sale("INV-1", "state", "closed")["outcome"], "paid");
    let told = |event| fs::read_to_string(counter.path().join("other-hook")).ok()?.find(event);
    until("the new hook", || told("\"event\":\"paid\""));
    assert!(counter.hooks().is_empty(), "the former hook was told, too");
    assert_eq!(counter.ask("PUT", "/v1/sales/INV-2", r#"{"amount": "100.01"}"#).0, 422);
    counter.ask("PUT", "/v1/sales/INV-2", r#"{"amount": "100.00"}"#);
    // The former scanner is nobody's any more.
    counter.scan(1);
    other.scan("130000000000000010");
    assert_eq!(counter.until_sale("INV-2", "state", "closed")["outcome"], "declined");
    assert_eq!(sandbox.charges_of("INV-2").len(), 1);
}

/// L5: what hangs delays nothing; O4: nor the end of the service for longer than the drain's five
/// seconds.
#[test]
fn a_hook_that_hangs_delays_no_payment_and_the_stop_only_so_long() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), &[]);
    hook(&counter, Some("echo $$ > \"$0/hung\"; exec sleep 600"));
    edit(&counter, "[[hook]]", "[[hook]]\ntimeout = \"5m\"");
    counter.run_daemon();
    for reference in ["INV-1", "INV-2", "INV-3"] {
        counter.ask("PUT", &format!("/v1/sales/{reference}"), r#"{"amount": "150.00"}"#);
        counter.scan(1);
        counter.until_sale(reference, "outcome", "paid");
    }
    let hung = until("the hook", || {
        let process = fs::read_to_string(counter.path().join("hung")).ok()?;
        process.ends_with('\n').then(|| process.trim().to_owned())
    });
    let queue = &counter.status()["hooks"][0];
    assert_eq!((&queue["run"], &queue["waiting"]), (&0.into(), &3.into()), "{queue}");
    let running = Path::new("/proc").join(hung);
    assert!(running.exists());
    let stopping = Instant::now();
    assert_eq!(counter.end_daemon(Signal::TERM).code(), Some(0));
    // The drain's limit, and what a busy machine needs.
    assert!(stopping.elapsed() < Duration::from_secs(5 + 3), "{:?}", stopping.elapsed());
    let lost = "hook did not finish: announcements lost hook=\"/bin/sh\" lost=3";
    assert!(counter.log().contains(lost), "{}", counter.log());
    // The killed hook is gone, or a zombie that nobody has waited for yet.
    let gone = || match fs::read_to_string(running.join("stat")) {
        Ok(stat) => stat.contains(") Z ").then_some(()),
        Err(_) => Some(()),
    };
    until("the end of the hook", gone);
    // S7, D3: nothing was lost, and what nobody acknowledged is told again.
    hook(&counter, Some("cat >> \"$0/hooks\""));
    counter.run_daemon();
    counter.until_told("INV-3", &["paid+"]);
    assert_eq!(sandbox.charges().len(), 3);
}

/// O2: without network the daemon starts and says so; when it is there, it works.
#[test]
fn without_network_it_starts_and_works_as_soon_as_the_gateway_is_back() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let counter = Counter::start(&format!("http://{address}"), &[]);
    let waiting = counter.spawn(&["sale", "150", "--reference", "INV-1", "--wait", "--json"]);
    counter.until_sale("INV-1", "state", "armed");
    counter.scan(1);
    let finished = waiting.finish();
    let sale = finished.json();
    assert_eq!(finished.code, Some(13), "{finished:?}");
    assert_eq!(sale["outcome"], "not_created");
    assert_eq!((&sale["failure_code"], &sale["charge_id"]), (&"no_connection".into(), &().into()));

    let process = Process::start(counter.path(), "sandbox", &["sandbox", "--listen", &address]);
    until("the gateway", || process.stdout().contains("listening").then_some(()));
    let again = r#"{"amount": "150.00", "again": true}"#;
    assert_eq!(counter.ask("PUT", "/v1/sales/INV-1", again).1["state"], "armed");
    counter.scan(1);
    counter.until_sale("INV-1", "outcome", "paid");
}

#[test]
fn a_scanner_that_was_unplugged_works_again_and_status_says_so() {
    let sandbox = Sandbox::start("10");
    let mut counter = Counter::prepare(&sandbox.url(), &[]);
    let path = counter.path().join("plug");
    let text = fs::read_to_string(counter.config()).unwrap();
    let former = text.split("path = \"/dev/pts/").nth(1).unwrap().split('"').next().unwrap();
    edit(&counter, &format!("/dev/pts/{former}"), path.to_str().unwrap());
    let plug = Plug::new(path.clone());
    counter.run_daemon();
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    drop(plug);
    let scanner = |state: &str| {
        until(state, || {
            let status = counter.status();
            (status["scanners"][0]["state"] == state).then_some(status)
        })
    };
    let status = scanner("lost");
    let path_text = path.display();
    let sentence =
        format!("scanner {path_text}: unplugged; used again as soon as {path_text} is back");
    assert_eq!(status["problems"], serde_json::json!([sentence]));
    let devices = counter.run(&["devices"]);
    assert!(devices.stdout.contains("unplugged"), "{devices:?}");
    // Without a scanner the sale stays armed, and nothing else suffers.
    assert_eq!(counter.sale("INV-1")["state"], "armed");
    let plug = Plug::new(path);
    assert_eq!(scanner("ready")["problems"], serde_json::json!([]));
    plug.scan("130000000000000001");
    counter.until_sale("INV-1", "outcome", "paid");
}

/// An idle counter sleeps: no timer ticks where nothing is due.
#[test]
fn an_idle_daemon_makes_no_wake_ups() {
    let sandbox = Sandbox::start("10");
    let keys = [("payment.watch", r#"["50ms", "1h"]"#)];
    let counter = Counter::start(&sandbox.url(), &keys);
    // After a sale, too: its polls, its hook and its first look back are over.
    counter.ask("PUT", "/v1/sales/INV-1", r#"{"amount": "150.00"}"#);
    counter.scan(1);
    counter.until_told("INV-1", &["paid"]);
    counter.ask("POST", "/v1/sales/INV-1/acknowledge", "");
    let process = daemon_of(&counter);
    // Measured until a span is quiet: what the last requests left behind may need a moment.
    until("three seconds with at most five wake-ups", || {
        let before = wake_ups(&process);
        std::thread::sleep(Duration::from_secs(3));
        (wake_ups(&process) - before <= 5).then_some(())
    });
}

/// A scanner that can be unplugged: a pty behind a link.
struct Plug {
    pty: Pty,
    link: std::path::PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Plug {
    fn new(link: std::path::PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let pty = runtime.block_on(async { Pty::open().unwrap() });
        symlink(pty.path(), &link).unwrap();
        Self { pty, link, runtime }
    }

    fn scan(&self, code: &str) {
        let line = format!("{code}\r");
        self.runtime.block_on(self.pty.write(line.as_bytes())).unwrap();
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.link);
    }
}

/// A process that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
