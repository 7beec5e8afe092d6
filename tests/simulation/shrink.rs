//! Makes a failure small: fewer sales, then fewer things that people do, fewer classes of faults,
//! fewer single ones, nothing configured; again and again until nothing more can be left out, as
//! long as the same rule breaks.

use crate::faults::Fault;
use crate::plan::Act;
use crate::run::{EPOCH, Failure, Less, Recipe};
use crate::tables::paste;

/// What is left of a failure.
pub struct Small {
    pub failure: Failure,
    tries: u32,
    less: Less,
    whole: Recipe,
}

impl Small {
    /// Shrinks `failure`, deterministically.
    pub fn of(failure: Failure) -> Self {
        let whole = failure.recipe.clone();
        let mut small = Self { failure, tries: 0, less: Less::default(), whole };
        loop {
            let before = small.less.clone();
            small.leave_out_acts();
            small.leave_out_faults();
            small.leave_out(|less| less.policy = true);
            if small.less == before {
                return small;
            }
        }
    }

    fn leave_out_acts(&mut self) {
        let visits: Vec<(usize, usize)> =
            self.whole.plan.visits.iter().map(|one| (one.number, one.acts.len())).collect();
        for (number, _) in visits.iter().rev() {
            self.leave_out(|less| less.visits.insert(*number));
        }
        for (number, acts) in visits {
            let places = if self.less.visits.contains(&number) { 0..0 } else { 0..acts };
            for place in places.rev() {
                self.leave_out(|less| less.acts.insert((number, place)));
            }
        }
    }

    fn leave_out_faults(&mut self) {
        let classes: Vec<Fault> = self.whole.faults.strengths().keys().copied().collect();
        for class in classes {
            self.leave_out(|less| less.classes.insert(class));
        }
        for struck in self.failure.struck.clone().into_iter().rev() {
            self.leave_out(|less| less.faults.insert(struck));
        }
    }

    /// Leaves this out as well, if the same rule still breaks.
    fn leave_out<T>(&mut self, what: impl FnOnce(&mut Less) -> T) {
        let mut less = self.less.clone();
        what(&mut less);
        if less == self.less || self.tries >= TRIES_MAX {
            return;
        }
        self.tries += 1;
        match self.whole.reduced(&less).play() {
            Err(failure) if failure.violation.rule == self.failure.violation.rule => {
                (self.failure, self.less) = (*failure, less);
            }
            Err(_) | Ok(_) => {}
        }
    }

    /// What is left, for people: what everybody does, what goes wrong, and the same as a script
    /// for the table tests of `src/terminal/tests`.
    pub fn shown(&self) -> String {
        let mut lines = vec![format!("what is left of it breaks {}", self.failure.violation)];
        for (at, act) in self.failure.recipe.plan.visits.iter().flat_map(|visit| &visit.acts) {
            let shown = match act {
                Act::Scan(code, age) => format!("scan …{} {age:?} ago", &code[code.len() - 2..]),
                other => format!("{other:?}"),
            };
            lines.push(format!("  {:>8.3} {shown}", at.as_secs_f64()));
        }
        for (fault, occasion) in &self.failure.struck {
            lines.push(format!("  {} strikes at its occasion {occasion}", fault.word()));
        }
        let (script, orders) = self.failure.recipe.traced(EPOCH).trace.script();
        lines.push("as a script (the last lines lead to it):".to_owned());
        lines.extend(script.iter().map(|step| format!("    {step}")));
        lines.push(match paste(&script, &orders, true) {
            Ok(()) => "which comes to the same in src/terminal/tests".to_owned(),
            // Some rules the driver keeps itself.
            Err(parted) => format!("which, in src/terminal/tests, comes to this:\n{parted}"),
        });
        lines.join("\n")
    }
}

/// Enough for a world of twelve sales and some hundred faults, a few times over.
const TRIES_MAX: u32 = 5_000;
