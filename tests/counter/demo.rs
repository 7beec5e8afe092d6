//! The demo, as somebody who has just cloned the repository sees it.

use std::path::Path;
use std::time::Duration;

use tillscan::scanner::Pty;
use tokio::process::{Child, Command};

#[tokio::test]
async fn without_a_terminal_it_plays_four_scenes_and_cleans_up() {
    let directory = tempfile::tempdir().unwrap();
    let output = demo(directory.path()).stdin(std::process::Stdio::null()).output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let mut lines = said.lines();
    for expected in [
        "1. The customer pays (150.00 THB)",
        "  screen  [DEMO-1 150.00] Please pay THB 150.00",
        "  scan    (beep)",
        "  told    paid (chrg_test_",
        "  screen  [DEMO-1 150.00] Paid THB 150.00",
        "  hook    got ",
        "2. The wallet declines (99.50 THB)",
        "  told    declined (chrg_test_",
        "3. Nobody pays",
        "  told    expired (chrg_test_",
        "4. The answer is lost",
        "  screen  [DEMO-4 20.00] Checking",
        "  told    paid (chrg_test_",
        "4 payments, each ended as it should.",
    ] {
        assert!(lines.any(|line| line.starts_with(expected)), "{expected:?} is missing in\n{said}");
    }
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_empty(directory.path());
}

#[tokio::test]
async fn at_a_terminal_an_amount_and_a_code_are_paid_and_q_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(directory.path());
    terminal.read_until("q quit").await;
    terminal.type_line("150").await;
    terminal.read_until("[DEMO-1 150.00]").await;
    terminal.type_line("130991292552725001").await;
    terminal.read_until("told    paid").await;
    terminal.read_until("Paid THB 150.00").await;
    terminal.read_until("hook    got").await;
    // What is no amount within the limits is refused in words and ends nothing.
    terminal.type_line("19.99").await;
    terminal.read_until("refused").await;
    assert_eq!(terminal.quit().await, Some(0));
    assert_empty(directory.path());
}

fn demo(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillscan"));
    command.env_clear().env("LANG", "C.UTF-8").env("TMPDIR", directory).arg("demo");
    command.kill_on_drop(true);
    command
}

fn assert_empty(directory: &Path) {
    let left: Vec<_> = std::fs::read_dir(directory).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The demo on a terminal of its own, and who sits at it.
struct Terminal {
    pty: Pty,
    demo: Child,
    said: String,
}

impl Terminal {
    fn run(directory: &Path) -> Self {
        let pty = Pty::open().unwrap();
        let device = || {
            let open = std::fs::OpenOptions::new().read(true).write(true).open(pty.path());
            open.unwrap()
        };
        let mut command = demo(directory);
        let demo = command.stdin(device()).stdout(device()).stderr(device()).spawn().unwrap();
        Self { pty, demo, said: String::new() }
    }

    async fn type_line(&self, line: &str) {
        self.pty.write(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Reads on until `expected` was said after what was found before.
    async fn read_until(&mut self, expected: &str) {
        let reading = async {
            let mut buffer = [0_u8; 4096];
            while !self.said.contains(expected) {
                let count = self.pty.read(&mut buffer).await.unwrap();
                self.said.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        assert!(read.is_ok(), "{expected:?} is missing in\n{}", self.said);
        let end = self.said.find(expected).unwrap() + expected.len();
        self.said.drain(..end);
    }

    async fn quit(mut self) -> Option<i32> {
        self.type_line("q").await;
        let status = tokio::time::timeout(PATIENCE, self.demo.wait()).await.unwrap();
        status.unwrap().code()
    }
}

/// Only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
