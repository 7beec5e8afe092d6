//! What an end-to-end test plays on: the real binary as sandbox, as daemon and as client, a scanner
//! on a pty, and a gate between daemon and sandbox that can hold requests up.
//!
//! Every wait is for a condition and has a limit; every process is killed when its owner is
//! dropped. Nothing here knows what should happen.

#![allow(dead_code, unused_imports, reason = "each test program uses another part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod counter;
mod gate;
mod process;
mod sandbox;
mod socket;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

pub use counter::{Counter, WEBHOOK_SECRET};
pub use gate::{Call, Gate, Hold};
pub use process::{Finished, Process};
pub use sandbox::Sandbox;
pub use socket::request;

/// Waits until `look` finds something.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was waited for.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    try_until(look).unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain: {what}"))
}

/// The same, but `None` after [`PATIENCE`].
pub fn try_until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = look();
        if found.is_some() || Instant::now() >= end {
            return found;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Plays every scene, some at a time, and fails with the names of those that failed.
///
/// # Panics
/// Then.
#[track_caller]
pub fn in_parallel<T: Sync>(scenes: &[T], name: fn(&T) -> String, play: impl Fn(&T) + Sync) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(scene) = scenes.get(next.fetch_add(1, Relaxed)) {
                    let _place = Place::take();
                    if catch_unwind(AssertUnwindSafe(|| play(scene))).is_err() {
                        failed.lock().unwrap().push(name(scene));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "these did not end as they should: {failed:?}");
}

/// A place for one scene, of all tests of the program: their daemons have times of their own, which
/// a machine that is too busy would not keep.
struct Place;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Place {
    fn take() -> Self {
        let taken = TAKEN.lock().unwrap();
        *FREED.wait_while(taken, |taken| *taken >= PLACES).unwrap() += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap() -= 1;
        FREED.notify_one();
    }
}

/// Only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(3);
/// Scenes that are played at a time; they wait most of their time.
const THREADS: usize = 4;
/// … and by all tests together.
const PLACES: usize = 5;
