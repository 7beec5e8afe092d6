//! The thread that reads the event nodes of one scanner, and does nothing else: read, decode, hand
//! over. A runtime that is held up elsewhere loses no key.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use super::device::Device;
use super::{Decoder, Event};
use crate::clock::Clock;
use crate::scanner::discovery::Target;
use crate::scanner::slot::Stay;
use crate::scanner::status::{Refusal, Reporter};
use crate::scanner::thread::{Stop, on_thread};
use crate::scanner::{Keypad, Kind, ScannerSettings, State};

/// Opens the scanner and reads it until it is gone.
pub(in crate::scanner) async fn visit(
    settings: &ScannerSettings,
    target: Target,
    reporter: &Reporter,
) -> Result<Stay, Refusal> {
    let (settings, reporter) = (settings.clone(), reporter.clone());
    on_thread(move |stop| {
        let reader = Reader::open(&target, &settings, &reporter, stop)?;
        Ok(reader.read_until_gone(&reporter, stop))
    })
    .await?
}

/// One scanner with all its nodes.
struct Reader {
    /// Those that type, each with what its keys mean.
    typing: Vec<(Device, Meaning)>,
    /// Held so that nobody hears them, and emptied unread.
    silenced: Vec<Device>,
    stay: Stay,
}

/// What the keys of a node mean.
enum Meaning {
    /// Codes; what was typed so far.
    Codes(Decoder),
    /// An amount, key by key.
    Amount(Keypad),
}

impl Meaning {
    fn feed(&mut self, event: Event, reporter: &Reporter) {
        match self {
            Self::Codes(decoder) => decoder.feed(event, &mut |frame| reporter.frame(frame)),
            Self::Amount(keypad) => {
                if let Some(key) = keypad.feed(event) {
                    reporter.key(key, event.at);
                }
            }
        }
    }

    const fn decoder(&self) -> Option<&Decoder> {
        match self {
            Self::Codes(decoder) => Some(decoder),
            Self::Amount(_) => None,
        }
    }

    const fn decoder_mut(&mut self) -> Option<&mut Decoder> {
        match self {
            Self::Codes(decoder) => Some(decoder),
            Self::Amount(_) => None,
        }
    }
}

impl Reader {
    fn open(
        target: &Target,
        settings: &ScannerSettings,
        reporter: &Reporter,
        stop: &Stop,
    ) -> Result<Self, Refusal> {
        let open = |paths: &[_]| -> Result<Vec<Device>, Refusal> {
            paths.iter().map(|path: &std::path::PathBuf| Device::open(path)).collect()
        };
        let mut typing = open(&target.reads)?;
        let mut silenced = open(&target.holds)?;
        reporter.state(State::Opening, None);
        for device in typing.iter_mut().chain(&mut silenced) {
            wait_for_release(device, stop)?;
            device.grab()?;
        }
        let mut typing: Vec<_> = typing
            .into_iter()
            .map(|device| {
                if settings.kind == Kind::Keypad {
                    return (device, Meaning::Amount(Keypad::default()));
                }
                let (now, caps_lock) = (reporter.clock.now(), device.caps_lock());
                let decoder = Decoder::opened(now, settings.layout, settings.idle, caps_lock);
                (device, Meaning::Codes(decoder))
            })
            .collect();
        // What was typed before is nobody's payment any more; the decoder does not trust what comes
        // before a silence either.
        for device in typing.iter_mut().map(|(device, _)| device).chain(&mut silenced) {
            empty(device, reporter.clock)?;
        }
        Ok(Self { typing, silenced, stay: Stay::Short })
    }

    fn read_until_gone(mut self, reporter: &Reporter, stop: &Stop) -> Stay {
        while self.turn(reporter).is_ok() {
            let fds = self.typing.iter().map(|(device, _)| device.as_fd());
            let fds = fds.chain(self.silenced.iter().map(AsFd::as_fd));
            let deadline = self.decoders().filter_map(Decoder::next_deadline).min();
            let limit = deadline.map(|deadline| deadline - reporter.clock.now());
            if stop.wait(fds, limit) {
                break;
            }
        }
        for decoder in self.typing.iter_mut().filter_map(|(_, meaning)| meaning.decoder_mut()) {
            decoder.lost(reporter.clock.now(), &mut |frame| reporter.frame(frame));
        }
        self.stay
    }

    fn decoders(&self) -> impl Iterator<Item = &Decoder> {
        self.typing.iter().filter_map(|(_, meaning)| meaning.decoder())
    }

    /// Reads everything there is, then lets the silence end what it ends: keys before silence, as
    /// the decoder wants it.
    fn turn(&mut self, reporter: &Reporter) -> io::Result<()> {
        for (device, meaning) in &mut self.typing {
            let now = reporter.clock.now();
            while let Some(events) = device.read(reporter.clock)? {
                events.for_each(|event| meaning.feed(event, reporter));
            }
            if let Some(decoder) = meaning.decoder_mut() {
                decoder.idle(now, &mut |frame| reporter.frame(frame));
            }
        }
        for device in &mut self.silenced {
            empty(device, reporter.clock)?;
        }
        if self.stay == Stay::Short && self.decoders().all(Decoder::is_settled) {
            self.stay = Stay::Ready;
            reporter.state(State::Ready, None);
        }
        Ok(())
    }
}

/// Waits until no key is down, but not for ever: a scanner that died on a key is grabbed all the
/// same.
fn wait_for_release(device: &Device, stop: &Stop) -> io::Result<()> {
    for _ in 0..RELEASE_MAX.as_millis() / RELEASE_STEP.as_millis() {
        if device.is_released()? || stop.wait([], Some(RELEASE_STEP)) {
            break;
        }
    }
    Ok(())
}

fn empty(device: &mut Device, clock: Clock) -> io::Result<()> {
    while let Some(events) = device.read(clock)? {
        events.for_each(drop);
    }
    Ok(())
}

/// How long a key may be down before the node is taken all the same (scanner-facts.md §A).
const RELEASE_MAX: Duration = Duration::from_secs(5);
/// How often that is looked at.
const RELEASE_STEP: Duration = Duration::from_millis(20);
