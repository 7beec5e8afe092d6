//! What the benchmarks play on: a real daemon in this process, its journal on a real disk.

use std::path::Path;
use std::time::Duration;

use tillscan::api::Client;
use tillscan::config::Settings;
use tillscan::config::secret::{SecretKey, load_webhook_secrets};
use tillscan::daemon::{self, Loaded, Setup};
use tillscan::scanner::ScannerSettings;
use tokio::runtime::Runtime;

/// The key of every benchmark; the sandbox takes any test key.
pub const SECRET_KEY: &str = "skey_test_benchmark00000000";

/// The settings of a counter in `directory`, whose gateway is there and whose scanner is here.
pub fn settings(directory: &Path, gateway: &str, scanner: &Path) -> Settings {
    let mut settings = Settings::default();
    settings.gateway.base_url = gateway.parse().expect("an address");
    settings.gateway.secret_key_file = Some(directory.join("key"));
    settings.journal.path = directory.join("journal.db");
    settings.api.socket = directory.join("tillscan.sock");
    settings.scanners = vec![ScannerSettings::serial(scanner)];
    write_private(&directory.join("key"), SECRET_KEY);
    settings
}

/// A file as secrets are kept in.
pub fn write_private(file: &Path, text: &str) {
    std::fs::write(file, text).expect("a file");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(file, private).expect("a private file");
}

/// Starts a daemon and waits until it has nothing to complain about.
pub fn start_daemon(runtime: &Runtime, settings: Settings) -> Client {
    let client = Client::new(&settings.api.socket);
    std::thread::spawn(move || {
        let key = SecretKey::load(&settings.gateway, None).expect("a key");
        let webhook_secrets = load_webhook_secrets(&settings.webhook, None).expect("secrets");
        let (_signals, receiver) = tokio::sync::mpsc::channel(1);
        let setup = Setup {
            loaded: Loaded { settings, key, webhook_secrets },
            reload: Box::new(|| anyhow::bail!("not in a benchmark")),
            signals: receiver,
        };
        self::runtime().block_on(daemon::run(setup)).expect("the daemon runs");
    });
    runtime.block_on(wait_until_ready(&client));
    client
}

async fn wait_until_ready(client: &Client) {
    for _ in 0..500 {
        if client.status().await.is_ok_and(|status| status.problems.is_empty()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the daemon did not become ready");
}

/// A runtime of one thread, as the daemon's own.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Prints what was measured: criterion shows means, and the aims are percentiles.
pub fn report(what: &str, mut taken: Vec<Duration>) {
    taken.sort_unstable();
    let at = |percent: usize| taken[(taken.len() - 1) * percent / 100];
    println!(
        "{what} over {} sales: median {:?}, 99th percentile {:?}, longest {:?}",
        taken.len(),
        at(50),
        at(99),
        at(100)
    );
}
