//! One scanner's life: found, opened, read until it goes away, found again. It never ends.

use std::time::Duration;

use tokio::sync::watch;

use super::discovery::{Found, Target, locate};
use super::orders::Orders;
use super::status::{Refusal, Reporter, State};
use super::{Kind, ScannerSettings, hid_pos, keyboard, serial};

/// How far a device got before it went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    /// It was [`State::Ready`].
    Ready,
    /// It went away before that, as a bad contact does; the wait before the next attempt grows.
    Short,
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
    loop {
        let target = locate(&settings, &found.borrow_and_update());
        let timed = target.is_ok();
        match visit(&settings, target, &mut orders, &reporter).await {
            Ok(stay) => {
                seen = true;
                if stay == Stay::Ready {
                    wait = settings.retry.first;
                }
                reporter.state(State::Lost, None);
            }
            Err(Refusal { state: State::Absent, .. }) if seen => reporter.state(State::Lost, None),
            Err(refusal) => reporter.state(refusal.state, refusal.detail),
        }
        let changed = pause(timed.then_some(wait), &mut found).await;
        wait = if changed { settings.retry.first } else { wait * 2 }.min(settings.retry.longest);
    }
}

/// Opens the device and reads it to its end.
async fn visit(
    settings: &ScannerSettings,
    target: Result<Target, Refusal>,
    orders: &mut Orders,
    reporter: &Reporter,
) -> Result<Stay, Refusal> {
    let target = target?;
    reporter.found_at(&target);
    match settings.kind {
        Kind::Serial => serial::visit(settings, &target, orders, reporter).await,
        Kind::Keyboard | Kind::Keypad => keyboard::visit(settings, target, reporter).await,
        Kind::HidPos => hid_pos::visit(settings, target, reporter).await,
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
