//! The real binary as a child process, its output in files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::try_until;

/// A running `tillscan`. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// A `tillscan` that has ended by itself.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Process {
    /// Starts `tillscan` with these arguments and an environment of its own. Its output goes to
    /// `name.out` and is appended to `name.err` in `directory`.
    pub fn start(directory: &Path, name: &str, arguments: &[&str]) -> Self {
        let (stdout, stderr) =
            (directory.join(format!("{name}.out")), directory.join(format!("{name}.err")));
        let errors = File::options().create(true).append(true).open(&stderr).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_tillscan"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(errors)
            .spawn()
            .unwrap();
        Self { child, name: arguments.join(" "), stdout, stderr }
    }

    /// Sends it a signal; one that has ended already does not mind.
    pub fn signal(&self, signal: Signal) {
        // The process is waited for by us only, so the id is still its own.
        let id = Pid::from_child(&self.child);
        let _ = kill_process(id, signal);
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let ended = try_until(|| self.ended());
        ended.unwrap_or_else(|| panic!("`{}` does not end: {}", self.name, self.stderr()))
    }

    /// Waits for its end and takes what it printed.
    #[track_caller]
    pub fn finish(mut self) -> Finished {
        let status = self.wait();
        Finished { code: status.code(), stdout: self.stdout(), stderr: self.stderr() }
    }

    /// What it printed so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    /// What it logged so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.stderr).unwrap_or_default()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}
