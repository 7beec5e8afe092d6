//! `tillscan sandbox` and the truth that it tells.

use std::net::SocketAddr;

use serde_json::Value;
use tempfile::TempDir;

use super::{Process, socket, until};

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    _process: Process,
    _directory: TempDir,
}

impl Sandbox {
    /// Starts a sandbox in which payments go by so many times faster.
    #[track_caller]
    pub fn start(speed: &str) -> Self {
        Self::start_with(&["--speed", speed])
    }

    /// Starts a sandbox with these options.
    #[track_caller]
    pub fn start_with(options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut arguments = vec!["sandbox", "--listen", "127.0.0.1:0"];
        arguments.extend(options);
        let process = Process::start(directory.path(), "sandbox", &arguments);
        let address = until("the sandbox's address", || {
            let printed = process.stdout();
            let (line, _) = printed.split_once('\n')?;
            line.strip_prefix("sandbox listening on http://")?.parse().ok()
        });
        Self { address, _process: process, _directory: directory }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as `gateway.base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every charge as it is at the gateway.
    pub fn charges(&self) -> Vec<Value> {
        self.read("/sandbox/charges")["charges"].as_array().cloned().unwrap()
    }

    /// The charges of one sale.
    pub fn charges_of(&self, reference: &str) -> Vec<Value> {
        let mut charges = self.charges();
        charges.retain(|charge| charge["metadata"]["reference"] == reference);
        charges
    }

    /// How many create calls came for each attempt.
    pub fn creates(&self) -> Vec<(String, u64)> {
        let creates = &self.read("/sandbox/charges")["creates_by_attempt"];
        let creates = creates.as_object().unwrap().iter();
        creates.map(|(attempt, count)| (attempt.clone(), count.as_u64().unwrap())).collect()
    }

    /// How many requests of this kind came: `create`, `get`, `list`, `expire` …
    pub fn requests(&self, kind: &str) -> u64 {
        self.read("/sandbox/requests")[kind].as_u64().unwrap_or(0)
    }

    fn read(&self, path: &str) -> Value {
        socket::get(self.address, path).unwrap().1
    }
}
