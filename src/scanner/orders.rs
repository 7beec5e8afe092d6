//! What a scanner is told: good and bad, and whether a sale waits for a code.

use tokio::sync::{mpsc, watch};

use super::{Profile, Signal};

/// The sender's end. It never waits: a beep that finds the queue full is not worth having.
#[derive(Debug)]
pub(super) struct Teller {
    armed: watch::Sender<bool>,
    beeps: mpsc::Sender<Signal>,
}

/// The scanner's end.
#[derive(Debug)]
pub(super) struct Orders {
    armed: watch::Receiver<bool>,
    beeps: mpsc::Receiver<Signal>,
}

/// Both ends; `armed` is how the counter is now.
pub(super) fn channel(armed: bool) -> (Teller, Orders) {
    let (tell_armed, armed) = watch::channel(armed);
    let (tell_beeps, beeps) = mpsc::channel(BEEPS_MAX);
    (Teller { armed: tell_armed, beeps: tell_beeps }, Orders { armed, beeps })
}

impl Teller {
    /// Passes a signal on, if there is room.
    pub fn tell(&self, signal: Signal) {
        match signal {
            Signal::Armed => self.arm(true),
            Signal::Disarmed => self.arm(false),
            Signal::Good | Signal::Bad => drop(self.beeps.try_send(signal)),
        }
    }

    fn arm(&self, now: bool) {
        self.armed.send_if_modified(|armed| std::mem::replace(armed, now) != now);
    }
}

impl Orders {
    /// Begins with a scanner that was just opened: beeps for its former self are forgotten, and the
    /// next order is how the counter is now.
    pub fn begin(&mut self) {
        while self.beeps.try_recv().is_ok() {}
        self.armed.mark_changed();
    }

    /// The bytes of the next order that `profile` has words for.
    pub async fn next(&mut self, profile: Profile) -> &'static [u8] {
        loop {
            let signal = tokio::select! {
                biased;
                Ok(()) = self.armed.changed() => {
                    if *self.armed.borrow() { Signal::Armed } else { Signal::Disarmed }
                }
                Some(signal) = self.beeps.recv() => signal,
                else => std::future::pending().await,
            };
            let bytes = profile.bytes(signal);
            if !bytes.is_empty() {
                return bytes;
            }
        }
    }
}

/// More beeps than this at once are noise.
const BEEPS_MAX: usize = 4;
