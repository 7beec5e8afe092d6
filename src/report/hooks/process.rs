//! One run of a hook's command.

use std::env;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::output::listen;
use crate::report::document::OutcomeDocument;
use crate::terminal::{Event, Reference};

/// What a command is run with.
#[derive(Debug)]
pub(super) struct Order {
    /// For the log.
    pub event: Event,
    /// For the log.
    pub reference: Reference,
    /// Its standard input.
    pub json: Vec<u8>,
    /// Its environment, but for `PATH` and `LANG`.
    pub environment: Vec<(&'static str, String)>,
}

impl Order {
    /// The order to tell of an outcome.
    pub fn of(document: &OutcomeDocument) -> serde_json::Result<Self> {
        let mut json = serde_json::to_vec(document)?;
        // Scripts read lines.
        json.push(b'\n');
        Ok(Self {
            event: document.event,
            reference: document.sale.sale.reference.clone(),
            json,
            environment: document.environment(),
        })
    }
}

/// How a run went.
#[derive(Debug)]
pub(super) struct Ran {
    pub end: End,
    /// The beginning of its standard output.
    pub stdout: Vec<u8>,
    /// The beginning of its standard error.
    pub stderr: Vec<u8>,
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// Its time was over; its group was killed.
    TimedOut,
    /// It never ran, or was lost sight of.
    Failed(io::Error),
}

/// A command and the process group it leads. The group is killed when this is dropped before the
/// command has ended.
struct Group(Child);

/// Runs a command to its end, or until `limit` is over.
pub(super) async fn run(command: &[String], order: &Order, limit: impl Future<Output = ()>) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let end = match Group::start(command, order) {
        Ok(group) => attend(group, limit, [&mut stdout, &mut stderr]).await,
        Err(error) => End::Failed(error),
    };
    Ran { end, stdout, stderr }
}

/// Listens to a command that runs, and sees it end.
async fn attend(
    mut group: Group,
    limit: impl Future<Output = ()>,
    [kept_stdout, kept_stderr]: [&mut Vec<u8>; 2],
) -> End {
    let Group(child) = &mut group;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut listening =
        pin!(async { tokio::join!(listen(stdout, kept_stdout), listen(stderr, kept_stderr)) });
    let mut heard = false;
    let mut limit = pin!(limit);
    // The command's end decides, not that of its streams: a child it left behind may hold them open
    // for ever.
    let end = loop {
        tokio::select! {
            biased;
            ended = group.0.wait() => break ended.map_or_else(End::Failed, End::Exited),
            () = &mut limit => break End::TimedOut,
            _ = &mut listening, if !heard => heard = true,
        }
    };
    if let End::TimedOut | End::Failed(_) = end {
        group.kill().await;
    }
    if !heard {
        let _ = timeout(GRACE, listening).await;
    }
    end
}

impl Group {
    fn start(command: &[String], order: &Order) -> io::Result<Self> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the hook's command is empty"));
        };
        let inherited = |name, default: &str| env::var_os(name).unwrap_or_else(|| default.into());
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", inherited("PATH", DEFAULT_PATH))
            .env("LANG", inherited("LANG", "C.UTF-8"))
            .envs(order.environment.iter().map(|(name, value)| (name, value)))
            .stdin(input(&order.json)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        Ok(Self(child))
    }

    /// Kills the group and waits for its leader to be gone.
    async fn kill(&mut self) {
        self.signal();
        // Not for ever: the kernel lets no process go that hangs in a device.
        let _ = timeout(GRACE, self.0.wait()).await;
    }

    fn signal(&self) {
        // The id is there until the leader was waited for: it cannot be another group's.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            // The one possible error is that the group is gone already.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal();
    }
}

/// A command's input, whole before it starts: a pipe would leave it with a part where this process
/// is killed, and would need somebody to feed it.
fn input(json: &[u8]) -> io::Result<Stdio> {
    let mut file = File::from(memfd_create("tillscan-hook", MemfdFlags::CLOEXEC)?);
    file.write_all(json)?;
    file.rewind()?;
    Ok(file.into())
}

/// What an exited command left in its pipes is read at once; more comes only from children it left
/// behind.
const GRACE: Duration = Duration::from_millis(200);
/// As systemd sets it; a daemon started with an empty environment has none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
