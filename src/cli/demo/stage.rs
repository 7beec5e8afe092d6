//! What the demo plays on: a sandbox, a daemon with a real configuration, pseudoterminals as
//! scanners, and a hook that writes down what it is told. All of it in a directory of its own,
//! which goes with the demo.

use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::api::Client;
use crate::config::secret::SecretKey;
use crate::config::{HookSettings, Settings};
use crate::daemon::{self, Loaded, Setup, Signal};
use crate::sandbox::{self, Speed};
use crate::scanner::{Pty, ScannerSettings};
use crate::terminal::Event;

/// How fast payments go by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As at a counter.
    Real,
    /// Ten times faster, so that a tour takes seconds.
    Quick,
}

/// A running counter with everything around it.
pub struct Stage {
    /// The local API.
    pub client: Client,
    /// The scanner as the daemon sees it, unless a real one is used.
    pub scanner: Option<Pty>,
    /// The scanner as others see it: what they write to its path is to be scanned.
    pub door: Option<Pty>,
    /// The keyboard as a second scanner.
    pub keyboard: Pty,
    /// Where the hook writes one line for each outcome.
    pub hook_log: PathBuf,
    /// Where the sandbox answers.
    pub sandbox: String,
    /// Where the daemon's API answers.
    pub socket: PathBuf,
    directory: Directory,
    signals: mpsc::Sender<Signal>,
    daemon: JoinHandle<Result<()>>,
}

impl Stage {
    /// Builds the stage and waits until the daemon answers.
    pub async fn build(serial: Option<(PathBuf, u32)>, pace: Pace) -> Result<Self> {
        let directory = Directory::create()?;
        let sandbox = start_sandbox(pace).await?;
        let pty = || Pty::open().context("opening a pseudoterminal");
        let keyboard = pty()?;
        let (scanner, door, (path, baud_rate)) = match serial {
            Some(serial) => (None, None, serial),
            None => {
                let scanner = pty()?;
                let path = scanner.path().to_owned();
                (Some(scanner), Some(pty()?), (path, 9_600))
            }
        };
        let scanners = vec![
            scanner_settings(path, baud_rate),
            scanner_settings(keyboard.path().to_owned(), 9_600),
        ];
        let hook_log = directory.0.join("hook.jsonl");
        let settings = settings(&directory.0, &sandbox, scanners, &hook_log, pace)?;
        let socket = settings.api.socket.clone();
        let (signals, receiver) = mpsc::channel(1);
        let loaded = load(&settings)?;
        let reload = Box::new(move || load(&settings));
        let daemon = tokio::spawn(daemon::run(Setup { loaded, reload, signals: receiver }));
        let client = Client::new(&socket);
        let stage = Self {
            client,
            scanner,
            door,
            keyboard,
            hook_log,
            sandbox,
            socket,
            directory,
            signals,
            daemon,
        };
        stage.wait_until_ready().await?;
        Ok(stage)
    }

    /// Stops the daemon as SIGTERM would.
    pub async fn clear(self) -> Result<()> {
        // The daemon may have ended by itself; its result says why.
        let _ = self.signals.send(Signal::Stop).await;
        let result = self.daemon.await.context("the daemon's task")?;
        drop(self.directory);
        result
    }

    async fn wait_until_ready(&self) -> Result<()> {
        for _ in 0..READY_TRIES {
            // A real scanner may be plugged in later; a pseudoterminal is there at once.
            if let Ok(status) = self.client.status().await
                && (self.scanner.is_none() || status.problems.is_empty())
            {
                return Ok(());
            }
            anyhow::ensure!(!self.daemon.is_finished(), "the daemon ended at its start");
            tokio::time::sleep(READY_EVERY).await;
        }
        let status = self.client.status().await?;
        anyhow::bail!("the counter did not become ready: {}", status.problems.join("; "))
    }
}

/// A private directory that is removed with its content.
struct Directory(PathBuf);

impl Directory {
    fn create() -> Result<Self> {
        let name = format!("tillscan-demo-{}", uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        let created = fs::DirBuilder::new().mode(0o700).create(&path);
        created.with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left in the temporary directory does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn start_sandbox(pace: Pace) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("a port for the sandbox")?;
    let address = listener.local_addr()?;
    let speed = if pace == Pace::Quick { "10".parse()? } else { Speed::REAL };
    let options = sandbox::Options { speed, ..sandbox::Options::default() };
    tokio::spawn(sandbox::serve(listener, options, std::future::pending()));
    Ok(format!("http://{address}"))
}

fn scanner_settings(path: PathBuf, baud_rate: u32) -> ScannerSettings {
    ScannerSettings { baud_rate, ..ScannerSettings::serial(path) }
}

fn settings(
    directory: &Path,
    sandbox: &str,
    scanners: Vec<ScannerSettings>,
    hook_log: &Path,
    pace: Pace,
) -> Result<Settings> {
    let mut settings = Settings { scanners, ..Settings::default() };
    settings.counter.name = "demo".to_owned();
    settings.gateway.base_url = sandbox.parse().context("the sandbox's address")?;
    settings.gateway.secret_key_file = Some(write_key(directory)?);
    settings.journal.path = directory.join("journal.db");
    settings.api.socket = directory.join("tillscan.sock");
    // The hook appends the JSON that it gets to the file it is given.
    let script = r#"{ cat; echo; } >> "$0""#;
    settings.hooks = vec![HookSettings {
        command: vec!["/bin/sh".into(), "-c".into(), script.into(), hook_log.display().to_string()],
        timeout: Duration::from_secs(5),
        events: Event::ALL.into_iter().collect(),
    }];
    if pace == Pace::Quick {
        let (payment, millis) = (&mut settings.payment, Duration::from_millis);
        settings.gateway.request_timeout = millis(1_000);
        payment.deadline = millis(2_500);
        payment.cancel_not_before = millis(1_500);
        payment.quarantine = millis(3_000);
        (payment.poll_first, payment.poll_fast) = (millis(100), millis(200));
        (payment.poll_slow_min, payment.poll_slow_max) = (millis(300), millis(500));
        payment.backoff_max = millis(500);
    }
    Ok(settings)
}

/// A test key like every sandbox takes; no real key belongs into a demo.
fn write_key(directory: &Path) -> Result<PathBuf> {
    let path = directory.join("secret-key");
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    io::Write::write_all(&mut file, b"skey_test_tillscandemo0000000\n")?;
    Ok(path)
}

fn load(settings: &Settings) -> Result<Loaded> {
    let key = SecretKey::load(&settings.gateway, None)?;
    Ok(Loaded { settings: settings.clone(), key, webhook_secrets: Vec::new() })
}

/// The daemon is ready in some tens of milliseconds; a busy machine gets more.
const READY_EVERY: Duration = Duration::from_millis(20);
const READY_TRIES: u32 = 500;
