//! The daemon as the kernel knows it.

use std::fs;
use std::path::PathBuf;

use super::harness::Counter;

/// The directory of the counter's daemon under `/proc`.
#[track_caller]
pub fn daemon_of(counter: &Counter) -> PathBuf {
    let command = format!("run\0--config\0{}\0", counter.config());
    let is_it = |process: &PathBuf| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        line.ends_with(command.as_bytes())
    };
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    processes.into_iter().find(is_it).expect("the daemon runs")
}

/// How often the threads of a process were woken so far.
pub fn wake_ups(process: &std::path::Path) -> u64 {
    let of_thread = |thread: PathBuf| {
        let status = fs::read_to_string(thread.join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let threads = fs::read_dir(process.join("task")).unwrap();
    threads.map(|thread| of_thread(thread.unwrap().path())).sum()
}
