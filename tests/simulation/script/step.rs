//! The steps of a script, and how they are written down.

use std::iter::from_fn;
use std::mem::discriminant;
use std::time::Duration;

use super::words::time;

/// A step of a script.
pub enum Step {
    /// Time passes, and deadlines fire.
    Passes(Duration),
    /// Time passes, and none does.
    Late(Duration),
    /// The power goes so many effects into the next step, which ends there.
    Crashes(u32),
    /// Anything else.
    Says(String),
}

impl Step {
    const fn passed(&self) -> Duration {
        match self {
            Self::Passes(passed) | Self::Late(passed) => *passed,
            Self::Crashes(_) | Self::Says(_) => Duration::ZERO,
        }
    }
}

/// The words of these steps. Time that passes step by step passes in one; up to a crash it is a
/// step of its own.
pub fn written(steps: &[Step]) -> Vec<String> {
    let (mut words, mut crashes) = (Vec::new(), false);
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        let alike = |next: &&Step| !crashes && discriminant(*next) == discriminant(step);
        let mut whole = |passed: &Duration| {
            let more = from_fn(|| steps.next_if(alike)).map(Step::passed);
            *passed + more.sum::<Duration>()
        };
        let said = match step {
            Step::Passes(passed) => format!("+{}", time(whole(passed))),
            Step::Late(passed) => format!("late {}", time(whole(passed))),
            Step::Crashes(effects) => format!("crash after {effects}"),
            Step::Says(said) => said.clone(),
        };
        crashes = matches!(step, Step::Crashes(_));
        words.push(said);
    }
    words.retain(|step| step != "late 0ms");
    words
}
