//! A counter: a daemon in a private directory, its configuration, its scanner, its hook, and its
//! clients.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tillscan::scanner::Pty;

use super::{Finished, PATIENCE, Process, request, try_until, until};

/// A counter with everything around it but the gateway. Dropping it kills its daemon.
#[derive(Debug)]
pub struct Counter {
    daemon: Option<Process>,
    scanner: Pty,
    runtime: tokio::runtime::Runtime,
    scans: AtomicU64,
    clients: AtomicU64,
    directory: TempDir,
}

impl Counter {
    /// Sets a counter up whose gateway is at `url`, and waits until its daemon and its scanner are
    /// ready. `keys` overrides the configuration, as in `("payment.deadline", "5s")`.
    #[track_caller]
    pub fn start(url: &str, keys: &[(&str, &str)]) -> Self {
        let mut counter = Self::prepare(url, keys);
        counter.run_daemon();
        counter
    }

    /// The same without a daemon.
    pub fn prepare(url: &str, keys: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scanner = {
            let _inside = runtime.enter();
            Pty::open().unwrap()
        };
        write_private(&directory.path().join("key"), SECRET_KEY);
        let configuration = configuration(directory.path(), url, scanner.path(), keys);
        fs::write(directory.path().join("tillscan.toml"), configuration).unwrap();
        let (scans, clients) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { daemon: None, scanner, runtime, scans, clients, directory }
    }

    /// Starts the daemon and waits until it is ready to take scans.
    #[track_caller]
    pub fn run_daemon(&mut self) {
        self.start_daemon();
        let socket = self.socket();
        let daemon = self.daemon();
        until("a daemon with a ready scanner", || {
            assert!(daemon.ended().is_none(), "the daemon ended: {}", daemon.stderr());
            let (_, status) = request(&socket, "GET", "/v1/status", b"").ok()?;
            let scanners = status["scanners"].as_array()?;
            scanners.iter().all(|scanner| scanner["state"] == "ready").then_some(())
        });
    }

    /// Starts the daemon and waits for nothing.
    pub fn start_daemon(&mut self) {
        let config = self.config();
        self.daemon = Some(Process::start(self.path(), "daemon", &["run", "--config", &config]));
    }

    /// Ends the daemon with this signal and waits until it is gone.
    #[track_caller]
    pub fn end_daemon(&mut self, signal: Signal) -> ExitStatus {
        let mut daemon = self.daemon.take().unwrap();
        daemon.signal(signal);
        daemon.wait()
    }

    /// Makes the next daemon receive webhooks that are signed with [`WEBHOOK_SECRET`], at a port of
    /// its choice. `keys` are more of `[webhook]`.
    pub fn receive_webhooks(&self, keys: &str) {
        let secret = self.path().join("webhook-secret");
        write_private(&secret, WEBHOOK_SECRET);
        let secrets = format!("secrets = [{:?}]", secret.display().to_string());
        let mut file = fs::File::options().append(true).open(self.config()).unwrap();
        let table = format!("\n[webhook]\nlisten = \"127.0.0.1:0\"\n{secrets}\n{keys}\n");
        std::io::Write::write_all(&mut file, table.as_bytes()).unwrap();
    }

    /// Where the daemon receives webhooks.
    #[track_caller]
    pub fn receiver(&self) -> SocketAddr {
        self.status()["webhooks"]["listen"].as_str().unwrap().parse().unwrap()
    }

    /// How many webhooks had this fate.
    #[track_caller]
    pub fn webhooks(&self, fate: &str) -> u64 {
        self.status()["webhooks"]["counts"][fate].as_u64().unwrap()
    }

    /// The daemon's process.
    pub fn daemon(&mut self) -> &mut Process {
        self.daemon.as_mut().unwrap()
    }

    /// The counter's directory: `tillscan.toml`, `journal.db`, `tillscan.sock`, `hooks`, `key`.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The configuration's path.
    pub fn config(&self) -> String {
        self.path().join("tillscan.toml").display().to_string()
    }

    /// The API's socket.
    pub fn socket(&self) -> PathBuf {
        self.path().join("tillscan.sock")
    }

    /// Everything the daemon logged so far.
    pub fn log(&self) -> String {
        let log = fs::read(self.path().join("daemon.err")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Runs a client of the command line to its end.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.spawn(arguments).finish()
    }

    /// Starts a client of the command line.
    pub fn spawn(&self, arguments: &[&str]) -> Process {
        let name = format!("client-{}", self.clients.fetch_add(1, Relaxed));
        let config = self.config();
        let mut all = vec!["--config", config.as_str()];
        all.extend(arguments);
        Process::start(self.path(), &name, &all)
    }

    /// Asks the API.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        request(&self.socket(), method, path, body.as_bytes()).unwrap()
    }

    /// The answer of `GET /v1/status`.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.ask("GET", "/v1/status", "").1
    }

    /// The answer of `GET /v1/sales/{reference}`; an error document where there is none.
    #[track_caller]
    pub fn sale(&self, reference: &str) -> Value {
        self.ask("GET", &format!("/v1/sales/{reference}"), "").1
    }

    /// Waits until the sale's `state`, its `outcome` or the counter's `screen` is this word.
    #[track_caller]
    pub fn until_sale(&self, reference: &str, field: &str, word: &str) -> Value {
        let mut last = Value::Null;
        let what = format!("{reference}: {field} {word}");
        let found = try_until(|| {
            last = self.sale(reference);
            (last[field] == word).then(|| last.clone())
        });
        found.unwrap_or_else(|| panic!("waited in vain: {what}; it is {last:#}"))
    }

    /// Waits until no attempt is left whose outcome could still change.
    #[track_caller]
    pub fn until_settled(&self) {
        until("nothing unsettled", || (self.status()["unsettled"] == 0).then_some(()));
    }

    /// A payment code nobody has used at this counter yet, which makes the sandbox behave so.
    pub fn code(&self, digits: u8) -> String {
        format!("13{:014}{digits:02}", 70_000_000 + self.scans.fetch_add(1, Relaxed))
    }

    /// Scans a fresh payment code that makes the sandbox behave so.
    pub fn scan(&self, digits: u8) {
        self.scan_text(&self.code(digits));
    }

    /// Scans any text.
    pub fn scan_text(&self, text: &str) {
        let line = format!("{text}\r");
        self.runtime.block_on(async {
            let written = tokio::time::timeout(PATIENCE, self.scanner.write(line.as_bytes()));
            written.await.unwrap().unwrap();
        });
    }

    /// Everything the hook was told so far, in order.
    pub fn hooks(&self) -> Vec<Value> {
        let told = fs::read_to_string(self.path().join("hooks")).unwrap_or_default();
        // A line without its end is still being written.
        let whole = told.rfind('\n').map_or("", |end| &told[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the hook's environment said each time: event, refund, the refund's amount, all that was
    /// given back.
    pub fn environments(&self) -> Vec<String> {
        let told = fs::read_to_string(self.path().join("hooks.env")).unwrap_or_default();
        told.lines().map(str::to_owned).collect()
    }

    /// What the hook was told about one sale: the events' words, with `+` behind those that are
    /// repeated.
    pub fn told(&self, reference: &str) -> Vec<String> {
        let hooks = self.hooks().into_iter().filter(|told| told["sale"]["reference"] == reference);
        hooks
            .map(|told| {
                let repeated = if told["repeated"] == true { "+" } else { "" };
                format!("{}{repeated}", told["event"].as_str().unwrap())
            })
            .collect()
    }

    /// Waits until the hook was told exactly this about a sale.
    #[track_caller]
    pub fn until_told(&self, reference: &str, words: &[&str]) {
        let mut last = Vec::new();
        let found = try_until(|| {
            last = self.told(reference);
            (last == words).then_some(())
        });
        assert!(found.is_some(), "{reference}: the hook was told {last:?}, not {words:?}");
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // What the daemon logged tells more about a failed test than the assertion.
            let log = format!("--- the daemon's log\n{}---\n", self.log());
            let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), log.as_bytes());
        }
    }
}

/// The configuration with times that are short, in the proportions of those of a counter:
/// everything is about 40 times faster, but for what the gateway has in seconds of its own
/// (`Retry-After`).
fn configuration(
    directory: &Path,
    url: &str,
    scanner: &Path,
    overrides: &[(&str, &str)],
) -> String {
    let file = |name: &str| format!("{:?}", directory.join(name).display().to_string());
    let text = |value: &str| format!("{value:?}");
    let mut keys: BTreeMap<&str, String> = BTreeMap::from([
        ("gateway.base_url", text(url)),
        ("gateway.secret_key_file", file("key")),
        ("gateway.request_timeout", text("1s")),
        ("payment.deadline", text("1500ms")),
        ("payment.cancel_not_before", text("500ms")),
        ("payment.quarantine", text("3500ms")),
        ("payment.watch", r#"["500ms", "1600ms"]"#.to_owned()),
        ("payment.poll_first", text("50ms")),
        ("payment.poll_fast", text("50ms")),
        ("payment.poll_fast_until", text("500ms")),
        ("payment.poll_slow_min", text("80ms")),
        ("payment.poll_slow_max", text("120ms")),
        ("payment.backoff_max", text("200ms")),
        ("journal.path", file("journal.db")),
        ("api.socket", file("tillscan.sock")),
    ]);
    for (key, value) in overrides {
        let list_or_truth = value.starts_with('[') || ["true", "false"].contains(value);
        keys.insert(key, if list_or_truth { (*value).to_owned() } else { text(value) });
    }
    let mut lines = String::new();
    for (key, value) in keys {
        lines.push_str(&format!("{key} = {value}\n"));
    }
    // A line is written at once, so that hooks of two daemons cannot mix theirs.
    let hook = r#"
        refund="$TILLSCAN_REFUND|$TILLSCAN_REFUND_AMOUNT|$TILLSCAN_REFUNDED"
        printf '%s\n' "$TILLSCAN_EVENT|$refund" >> "$0.env"
        printf '%s\n' "$(cat)" >> "$0""#;
    lines.push_str(&format!(
        "\n[[scanner]]\nkind = \"serial\"\npath = {:?}\nidle = \"20ms\"\n\
         \n[[hook]]\ncommand = [\"/bin/sh\", \"-c\", {hook:?}, {}]\n",
        scanner.display().to_string(),
        file("hooks"),
    ));
    lines
}

fn write_private(path: &Path, text: &str) {
    let mut options = fs::File::options();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// What webhooks are signed with at every counter that receives them.
pub const WEBHOOK_SECRET: &str = "d2ViaG9vay1zZWNyZXQtb2YtdGhlLWNvdW50ZXI=";

/// The key of every counter; the sandbox takes any test key.
pub const SECRET_KEY: &str = "skey_test_tillscanendtoend00";
