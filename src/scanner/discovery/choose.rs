//! Pure: which device a configured scanner is, and which devices are scanners by themselves.

use std::path::{Path, PathBuf};

use super::{Candidate, Model, Selector};
use crate::scanner::status::{Refusal, State};
use crate::scanner::{Kind, Place, ScannerSettings, known};

/// The device files of one scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Those that codes come out of; at least one.
    pub reads: Vec<PathBuf>,
    /// Others of the same device, to be held so that nobody else hears them.
    pub holds: Vec<PathBuf>,
    /// The USB model, where it is known.
    pub model: Option<Model>,
}

/// The device that `settings` mean.
///
/// # Errors
/// Why there is none: not plugged in, or more than one fits.
pub fn locate(settings: &ScannerSettings, found: &[Candidate]) -> Result<Target, Refusal> {
    match &settings.place {
        Place::Path(path) => Ok(at_path(settings.kind, path, found)),
        Place::Usb(selector) => {
            let mut fitting =
                found.iter().filter(|one| is_of(settings.kind, one) && fits(selector, one));
            let absent = || Refusal { state: State::Absent, detail: None };
            let first = fitting.next().ok_or_else(absent)?;
            match fitting.count() {
                0 => Ok(target(first)),
                others => Err(Refusal {
                    state: State::Unusable,
                    detail: Some(format!(
                        "{} devices fit; name the port of one, see `tillscan devices`",
                        others + 1
                    )),
                }),
            }
        }
    }
}

/// A keyboard is held with all its nodes, so its path is looked up among the devices; one that is
/// not among them (yet) is taken as it is.
fn at_path(kind: Kind, path: &Path, found: &[Candidate]) -> Target {
    let alone = || Target { reads: vec![path.to_owned()], holds: Vec::new(), model: None };
    if kind == Kind::Serial {
        return alone();
    }
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut of_kind = found.iter().filter(|one| is_of(kind, one));
    of_kind.find(|one| one.nodes.iter().any(|node| node.path == real)).map_or_else(alone, target)
}

/// A keypad is a keyboard by its mode; what it is used for is the configuration's choice.
fn is_of(kind: Kind, candidate: &Candidate) -> bool {
    let mode = if kind == Kind::Keypad { Kind::Keyboard } else { kind };
    candidate.mode.kind() == Some(mode)
}

fn target(candidate: &Candidate) -> Target {
    let nodes = |reads| {
        let chosen = candidate.nodes.iter().filter(move |node| node.reads == reads);
        chosen.map(|node| node.path.clone()).collect()
    };
    let model = candidate.usb.as_ref().map(|usb| usb.model);
    Target { reads: nodes(true), holds: nodes(false), model }
}

fn fits(selector: &Selector, candidate: &Candidate) -> bool {
    let Some(usb) = &candidate.usb else { return false };
    selector.model.is_none_or(|model| model == usb.model)
        && selector.port.as_ref().is_none_or(|port| *port == usb.port)
        && selector.serial_number.as_ref().is_none_or(|own| Some(own) == usb.serial_number.as_ref())
}

/// Which scanners to run where none is configured: those that were run `before`, so that one that
/// is unplugged shows as lost, and every known one that is there now. At most [`DETECTED_MAX`]:
/// more are not a counter. One that was moved to another port is not listed twice.
#[must_use]
pub fn detect(before: Vec<ScannerSettings>, found: &[Candidate]) -> Vec<ScannerSettings> {
    let there: Vec<ScannerSettings> = found.iter().filter_map(scanner).collect();
    let is_new = |one: &&ScannerSettings| !before.contains(one);
    let moved = |old: &ScannerSettings| {
        there.iter().filter(is_new).any(|new| new.kind == old.kind && same_thing(new, old))
    };
    let (mut all, lost): (Vec<_>, Vec<_>) =
        before.iter().cloned().partition(|old| there.contains(old));
    let lost = lost.into_iter().filter(|old| !moved(old));
    all.extend(there.iter().filter(is_new).cloned());
    all.extend(lost);
    all.truncate(DETECTED_MAX);
    // In the order of the ports, whatever came first.
    all.sort_by_key(|one| one.device());
    all
}

/// The scanner that a device is by itself. Never a keyboard that is not known to be one, whatever
/// it calls itself.
fn scanner(candidate: &Candidate) -> Option<ScannerSettings> {
    let kind = candidate.mode.kind()?;
    let selector = candidate.selector()?;
    known::is_scanner(selector.model?).then(|| ScannerSettings::new(kind, Place::Usb(selector)))
}

/// Whether the same device could have gone from one place to the other.
fn same_thing(one: &ScannerSettings, other: &ScannerSettings) -> bool {
    match (&one.place, &other.place) {
        (Place::Usb(one), Place::Usb(other)) => {
            one.model == other.model && one.serial_number == other.serial_number
        }
        (Place::Path(_), _) | (_, Place::Path(_)) => false,
    }
}

/// As many as can be configured.
pub const DETECTED_MAX: usize = 16;
