//! The daemon as a service: signals in, systemd's notifications out. Without systemd the
//! notifications go nowhere.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};

/// What the service is asked from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End now. Any moment is as safe as a crash (O4).
    Stop,
    /// Read the configuration again.
    Reload,
}

/// Turns SIGTERM and SIGINT into [`Signal::Stop`], SIGHUP into [`Signal::Reload`].
///
/// # Errors
/// Where the system does not let signals be caught.
pub fn signals() -> std::io::Result<mpsc::Receiver<Signal>> {
    let (sender, receiver) = mpsc::channel(4);
    let table = [
        (SignalKind::terminate(), Signal::Stop),
        (SignalKind::interrupt(), Signal::Stop),
        (SignalKind::hangup(), Signal::Reload),
    ];
    for (kind, meaning) in table {
        let (mut stream, sender) = (signal(kind)?, sender.clone());
        tokio::spawn(async move {
            while stream.recv().await.is_some() && sender.send(meaning).await.is_ok() {}
        });
    }
    Ok(receiver)
}

/// Tells systemd how the service is.
#[derive(Debug)]
pub struct Notifier {
    watchdog: Option<Interval>,
}

impl Notifier {
    /// A notifier as the environment asks for: `NOTIFY_SOCKET`, `WATCHDOG_USEC`.
    #[must_use]
    pub fn from_environment() -> Self {
        let watchdog = sd_notify::watchdog_enabled().map(|limit| {
            // Twice within the limit, as systemd's documentation recommends.
            let half = (limit / 2).max(Duration::from_millis(100));
            let mut interval = tokio::time::interval_at(Instant::now() + half, half);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        });
        Self { watchdog }
    }

    /// Ends when the watchdog wants to hear from the loop; never, where there is none.
    pub async fn watchdog(&mut self) {
        match &mut self.watchdog {
            Some(interval) => {
                interval.tick().await;
            }
            None => std::future::pending().await,
        }
    }

    /// The loop still turns.
    pub fn alive(&self) {
        notify(&[NotifyState::Watchdog]);
    }

    /// Sales can be taken.
    pub fn ready(&self) {
        notify(&[NotifyState::Ready]);
    }

    /// The service ends.
    pub fn stopping(&self) {
        notify(&[NotifyState::Stopping]);
    }

    /// One line for `systemctl status`.
    pub fn status(&self, line: &str) {
        notify(&[NotifyState::Status(line)]);
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}
