//! Real commands: `/bin/sh` with scripts as arguments, waiting for conditions and never for a time.

use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::process::{End, Order, Ran, run};
use super::*;
use crate::terminal::{AttemptId, ChargeId, Event, Outcome, SaleView, State};

/// An announcement of a sale over 150 baht.
pub(in crate::report) fn announcement(event: Event, reference: &str) -> Announcement {
    let sale = SaleView {
        reference: reference.parse().unwrap(),
        amount: crate::money::Amount::from_baht(150),
        currency: "THB".into(),
        state: State::Closed,
        outcome: Some(Outcome::Paid),
        charge_id: Some(ChargeId("chrg_test_1".to_owned())),
        failure_code: None,
        wallet: Some(crate::code::Wallet::WechatPayUpm),
        code: Some("13…93 len=18".to_owned()),
        warning: None,
        attempt: Some(AttemptId("0190-1".to_owned())),
        attempts: 1,
        stop: None,
        detached: false,
        late_success: false,
        acknowledged: false,
        refunded: crate::money::Amount::ZERO,
        refunds: Vec::new(),
    };
    Announcement { event, repeated: false, sale, refund: None }
}

/// A folder for the files of one test.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A command that runs `script` with the scene's folder as `$1`.
    fn command(&self, script: &str) -> Vec<String> {
        let folder = self.0.path().to_str().unwrap();
        ["/bin/sh", "-c", &format!("cd \"$1\"; {script}"), "hook", folder]
            .map(str::to_owned)
            .to_vec()
    }

    fn hook(&self, script: &str) -> HookSettings {
        HookSettings { command: self.command(script), timeout: LONG, events: Event::ALL.into() }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn touch(&self, name: &str) {
        fs::write(self.path(name), "").unwrap();
    }

    /// The process whose id a script wrote into `name`; files appear whole, by renaming.
    fn process(&self, name: &str) -> Pid {
        Pid::from_raw(self.read(name).trim().parse().unwrap()).unwrap()
    }
}

#[track_caller]
fn until(condition: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let waiting = async {
            while !condition() {
                sleep(Duration::from_millis(2)).await;
            }
        };
        assert!(timeout(LONG, waiting).await.is_ok(), "waited in vain at {caller}");
    }
}

/// Whether a process runs; one that only waits to be reaped does not.
fn is_alive(process: Pid) -> bool {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let stat = fs::read_to_string(Path::new(&path)).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !"ZX".contains(state))
}

fn order() -> Order {
    Order::of(&OutcomeDocument::from(announcement(Event::Paid, "INV-1"))).unwrap()
}

fn exit_code(ran: &Ran) -> Option<i32> {
    match &ran.end {
        End::Exited(status) => status.code(),
        End::TimedOut | End::Failed(_) => None,
    }
}

/// A limit that no run may reach.
async fn never() {
    sleep(LONG).await;
    panic!("a run took too long");
}

#[tokio::test]
async fn a_hook_gets_the_whole_document() {
    let scene = Scene::new();
    let hooks = Hooks::start(vec![scene.hook("cat > document")]);
    let told = announcement(Event::Paid, "ใบเสร็จ 7");
    hooks.announce(&told);
    until(|| hooks.status()[0].run == 1).await;
    let document: OutcomeDocument = serde_json::from_str(&scene.read("document")).unwrap();
    assert_eq!(document, OutcomeDocument::from(told));
    assert_eq!(hooks.status()[0].failed, 0);
}

#[tokio::test]
async fn p1_a_hook_s_environment_is_clean() {
    assert!(env::var_os("CARGO_MANIFEST_DIR").is_some(), "there must be something to be cleaned");
    let scene = Scene::new();
    let ran = run(&scene.command("exec env"), &order(), never()).await;
    let printed = String::from_utf8(ran.stdout).unwrap();
    let environment: Vec<_> = printed.lines().filter_map(|line| line.split_once('=')).collect();
    // The last three are the shell's own.
    let known = ["PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"];
    for (name, value) in &environment {
        assert!(known.contains(name) || name.starts_with("TILLSCAN_"), "{name}={value}");
    }
    for (name, value) in OutcomeDocument::from(announcement(Event::Paid, "INV-1")).environment() {
        assert!(environment.contains(&(name, &value)), "{name}={value}\n{printed}");
    }
    for name in ["PATH", "LANG"] {
        assert!(environment.iter().any(|(one, value)| *one == name && !value.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn what_a_command_says_of_itself_is_kept() {
    for (script, code, stdout, stderr) in [
        ("echo out; echo err >&2", Some(0), "out\n", "err\n"),
        ("echo bad >&2; exit 3", Some(3), "", "bad\n"),
        ("exec <&-; echo closed", Some(0), "closed\n", ""),
        ("kill -TERM $$", None, "", ""),
    ] {
        let ran = run(&Scene::new().command(script), &order(), never()).await;
        assert_eq!(exit_code(&ran), code, "{script}");
        assert!(matches!(ran.end, End::Exited(_)), "{script}");
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), stdout, "{script}");
        assert_eq!(String::from_utf8(ran.stderr).unwrap(), stderr, "{script}");
    }
}

#[tokio::test]
async fn ten_megabytes_of_output_are_read_and_forgotten() {
    let script = "head -c 10000000 /dev/zero; head -c 10000000 /dev/zero >&2";
    let ran = run(&Scene::new().command(script), &order(), never()).await;
    assert_eq!(exit_code(&ran), Some(0));
    assert_eq!((ran.stdout.len(), ran.stderr.len()), (4096, 4096));
}

#[tokio::test]
async fn input_that_is_not_read_holds_up_nothing() {
    // More than a pipe takes.
    let large = Order { json: vec![b'x'; 1 << 20], ..order() };
    for (script, code) in
        [("exit 0", 0), ("head -c 1 > /dev/null; exit 5", 5), ("wc -c >n; exit 0", 0)]
    {
        let scene = Scene::new();
        let ran = run(&scene.command(script), &large, never()).await;
        assert_eq!(exit_code(&ran), Some(code), "{script}");
        if scene.has("n") {
            assert_eq!(scene.read("n").trim(), "1048576");
        }
    }
}

#[tokio::test]
async fn a_child_left_behind_with_the_streams_holds_up_nothing() {
    let scene = Scene::new();
    let script = "sleep 1000 & echo $! > child; echo done";
    let ran = run(&scene.command(script), &order(), never()).await;
    let child = scene.process("child");
    assert!(is_alive(child), "it holds the streams");
    kill_process(child, Signal::KILL).unwrap();
    assert_eq!((exit_code(&ran), ran.stdout.as_slice()), (Some(0), b"done\n".as_slice()));
}

#[tokio::test]
async fn the_time_limit_kills_the_whole_group() {
    let scene = Scene::new();
    let script = "sh -c 'echo $$ > a; mv a inner; sleep 1000' & echo $$ > b; mv b outer; wait";
    let limit = until(|| scene.has("inner") && scene.has("outer"));
    let ran = run(&scene.command(script), &order(), limit).await;
    assert!(matches!(ran.end, End::TimedOut), "{:?}", ran.end);
    until(|| !is_alive(scene.process("outer")) && !is_alive(scene.process("inner"))).await;
}

#[tokio::test]
async fn a_run_that_is_given_up_kills_the_whole_group() {
    let scene = Scene::new();
    let script = "sh -c 'echo $$ > a; mv a inner; sleep 1000' & wait";
    let (command, order) = (scene.command(script), order());
    tokio::select! {
        ran = run(&command, &order, never()) => panic!("{ran:?}"),
        () = until(|| scene.has("inner")) => {}
    }
    until(|| !is_alive(scene.process("inner"))).await;
}

#[tokio::test]
async fn l5_every_failure_is_counted_and_the_next_announcement_is_run() {
    let scene = Scene::new();
    let no_program = HookSettings { command: vec!["/no/such/program".into()], ..scene.hook("") };
    let empty = HookSettings { command: Vec::new(), ..scene.hook("") };
    let slow = HookSettings { timeout: Duration::from_millis(20), ..scene.hook("exec sleep 1000") };
    let hooks = Hooks::start(vec![no_program, empty, slow, scene.hook("exit 3")]);
    for reference in ["A", "B"] {
        hooks.announce(&announcement(Event::Paid, reference));
    }
    until(|| hooks.status().iter().all(|one| one.run == 2 && one.waiting == 0)).await;
    let counts: Vec<_> =
        hooks.status().into_iter().map(|one| (one.program, one.failed, one.timed_out)).collect();
    let expected = [("/no/such/program", 2, 0), ("", 2, 0), ("/bin/sh", 0, 2), ("/bin/sh", 2, 0)];
    assert_eq!(counts, expected.map(|(program, failed, late)| (program.to_owned(), failed, late)));
}

#[tokio::test]
async fn l5_a_hanging_hook_delays_no_other_and_order_is_kept() {
    let scene = Scene::new();
    let write = "echo $TILLSCAN_REFERENCE >> references";
    let mut hooks = Hooks::start(vec![scene.hook("exec sleep 1000"), scene.hook(write)]);
    for reference in ["A", "B", "C", "D"] {
        hooks.announce(&announcement(Event::Paid, reference));
    }
    until(|| hooks.status()[1].run == 4).await;
    assert_eq!(scene.read("references"), "A\nB\nC\nD\n");
    let hanging = hooks.status().remove(0);
    assert_eq!((hanging.run, hanging.waiting), (0, 4));
    assert_eq!(hooks.drain(Duration::ZERO).await, 4);
}

#[tokio::test]
async fn o3_only_so_many_announcements_wait() {
    let scene = Scene::new();
    let mut hooks = Hooks::start(vec![scene.hook("touch running; exec sleep 1000")]);
    hooks.announce(&announcement(Event::Paid, "first"));
    until(|| scene.has("running")).await;
    for _ in 0..258 {
        hooks.announce(&announcement(Event::Paid, "more"));
    }
    let status = hooks.status().remove(0);
    assert_eq!((status.waiting, status.dropped), (257, 2));
    assert_eq!(hooks.drain(Duration::ZERO).await, 257);
}

#[tokio::test]
async fn a_hook_is_run_for_the_events_it_wants() {
    let scene = Scene::new();
    let late = [Event::LateSuccess, Event::Unknown].into();
    let hooks = Hooks::start(vec![
        HookSettings { events: late, ..scene.hook("echo $TILLSCAN_EVENT >> some") },
        scene.hook("echo $TILLSCAN_EVENT >> all"),
    ]);
    for event in Event::ALL {
        hooks.announce(&announcement(event, "INV-1"));
    }
    until(|| hooks.status()[0].run == 2 && hooks.status()[1].run == 11).await;
    assert_eq!(scene.read("some"), "unknown\nlate_success\n");
    assert_eq!(scene.read("all"), Event::ALL.map(|event| event.word().to_owned() + "\n").concat());
}

#[tokio::test]
async fn other_settings_let_running_hooks_finish() {
    let scene = Scene::new();
    let gated =
        "touch running; until [ -e go ]; do sleep 0.01; done; echo $TILLSCAN_REFERENCE >> old";
    let kept = scene.hook("echo $TILLSCAN_REFERENCE >> kept");
    let mut hooks = Hooks::start(vec![scene.hook(gated), kept.clone()]);
    for reference in ["A", "B"] {
        hooks.announce(&announcement(Event::Paid, reference));
    }
    until(|| scene.has("running") && hooks.status()[1].run == 2).await;
    hooks.apply(vec![kept, scene.hook("echo $TILLSCAN_REFERENCE >> added")]);
    assert_eq!(hooks.status().iter().map(|one| one.run).collect::<Vec<_>>(), [2, 0]);
    hooks.announce(&announcement(Event::Paid, "C"));
    scene.touch("go");
    assert_eq!(hooks.drain(LONG).await, 0);
    assert_eq!(scene.read("old"), "A\nB\n");
    assert_eq!(scene.read("kept"), "A\nB\nC\n");
    assert_eq!(scene.read("added"), "C\n");
}

#[tokio::test]
async fn o3_reloads_do_not_pile_up_hanging_hooks() {
    let scene = Scene::new();
    let mut hooks = Hooks::default();
    for number in 0..=LEFTOVER_MAX {
        hooks.apply(vec![
            scene.hook(&format!("echo $$ > a{number}; mv a{number} {number}; exec sleep 1000")),
        ]);
        hooks.announce(&announcement(Event::Paid, "INV-1"));
        until(|| scene.has(&number.to_string())).await;
    }
    assert!(is_alive(scene.process("0")));
    hooks.apply(Vec::new());
    until(|| !is_alive(scene.process("0"))).await;
    assert!(is_alive(scene.process("1")));
    assert_eq!(hooks.drain(Duration::ZERO).await, LEFTOVER_MAX as u64);
}

#[tokio::test]
async fn a_drain_kills_what_does_not_end_in_time() {
    let scene = Scene::new();
    let script = "sh -c 'echo $$ > a; mv a inner; sleep 1000' & wait";
    let mut hooks = Hooks::start(vec![scene.hook("cat > /dev/null"), scene.hook(script)]);
    hooks.announce(&announcement(Event::Paid, "A"));
    until(|| scene.has("inner") && hooks.status()[0].run == 1).await;
    assert_eq!(hooks.drain(Duration::from_millis(1)).await, 1);
    until(|| !is_alive(scene.process("inner"))).await;
    hooks.announce(&announcement(Event::Paid, "B"));
    assert_eq!(hooks.drain(LONG).await, 0, "nothing is taken any more");
}

/// Longer than any test takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);
