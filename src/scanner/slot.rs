//! One scanner's life: found, opened, read until it goes away, found again. It never ends.

use std::time::Duration;

use tokio::sync::watch;

use super::discovery::{Found, Target, locate};
use super::orders::Orders;
use super::reading::Habit;
use super::status::{Refusal, Reporter, State};
use super::{Kind, ScannerSettings, hid_pos, keyboard, serial};

/// How a device was read before it went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    /// It was [`State::Ready`]. One that goes away before that, as with a bad contact, makes the
    /// wait before the next attempt grow.
    pub ready: bool,
    /// How it ended its codes.
    pub habit: Habit,
}

/// Runs one scanner; ends only by being aborted. A device that is missing, at the start as well as
/// later, is a state and no error.
pub(super) async fn run(
    settings: ScannerSettings,
    mut found: watch::Receiver<Found>,
    mut orders: Orders,
    reporter: Reporter,
) {
    let mut wait = settings.retry.first;
    let mut seen = false;
    let mut habit = Habit::default();
    loop {
        let target = locate(&settings, &found.borrow_and_update());
        let timed = target.is_ok();
        let end = match target {
            Err(refusal) => Some(Err(refusal)),
            Ok(target) => tokio::select! {
                end = visit(&settings, &target, habit, &mut orders, &reporter) => Some(end),
                () = grown(&settings, &target, &mut found) => None,
            },
        };
        match end {
            Some(Ok(stay)) => {
                seen = true;
                habit = stay.habit;
                if stay.ready {
                    wait = settings.retry.first;
                }
                reporter.state(State::Lost, None);
            }
            Some(Err(Refusal { state: State::Absent, .. })) if seen => {
                reporter.state(State::Lost, None);
            }
            Some(Err(refusal)) => reporter.state(refusal.state, refusal.detail),
            None => {
                wait = settings.retry.first;
                reporter.state(State::Opening, None);
            }
        }
        let changed = pause(timed.then_some(wait), &mut found).await;
        wait = if changed { settings.retry.first } else { wait * 2 }.min(settings.retry.longest);
    }
}

/// Waits until the scanner is there with other device files than those that were opened: a
/// keyboard's second one comes a moment after the first, and must be held as well. That it is gone
/// is for the reader to find out.
async fn grown(settings: &ScannerSettings, opened: &Target, found: &mut watch::Receiver<Found>) {
    loop {
        if found.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let now = locate(settings, &found.borrow_and_update());
        if now.is_ok_and(|now| now != *opened) {
            return;
        }
    }
}

/// Opens the device and reads it to its end.
async fn visit(
    settings: &ScannerSettings,
    target: &Target,
    habit: Habit,
    orders: &mut Orders,
    reporter: &Reporter,
) -> Result<Stay, Refusal> {
    reporter.found_at(target);
    match settings.kind {
        Kind::Serial => serial::visit(settings, target, habit, orders, reporter).await,
        Kind::Keyboard | Kind::Keypad => {
            keyboard::visit(settings, target.clone(), habit, reporter).await
        }
        Kind::HidPos => hid_pos::visit(settings, target.clone(), reporter).await,
    }
}

/// Waits before the next attempt and tells whether a change among the devices ended it. Without a
/// time there is nothing to try before such a change. What is at a path may be no device that is
/// watched, as a pty; with paths only, nobody watches.
async fn pause(wait: Option<Duration>, found: &mut watch::Receiver<Found>) -> bool {
    let time = async {
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => std::future::pending().await,
        }
    };
    let change = async {
        if found.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = change => true,
        () = time => false,
    }
}

#[cfg(test)]
#[path = "slot_tests.rs"]
mod tests;
