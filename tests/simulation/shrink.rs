//! Makes a failure small: first fewer sales, then fewer classes of faults, then fewer single ones;
//! as long as the same rule breaks.

use std::collections::BTreeSet;

use crate::faults::Fault;
use crate::plan::Act;
use crate::run::{EPOCH, Failure, Recipe};
use crate::tables::paste;

/// What is left of a failure.
pub struct Small {
    pub failure: Failure,
    tries: u32,
    visits: Vec<usize>,
    classes: Vec<Fault>,
    muted: BTreeSet<(Fault, u64)>,
    whole: Recipe,
}

impl Small {
    /// Shrinks `failure`, deterministically.
    pub fn of(failure: Failure) -> Self {
        let whole = failure.recipe.clone();
        let (visits, classes, muted) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut small = Self { failure, tries: 0, visits, classes, muted, whole };
        small.leave_out_visits();
        small.leave_out_classes();
        small.leave_out_faults();
        small
    }

    fn leave_out_visits(&mut self) {
        for number in
            self.whole.plan.visits.iter().map(|visit| visit.number).rev().collect::<Vec<_>>()
        {
            self.visits.push(number);
            if !self.still_fails() {
                self.visits.pop();
            }
        }
    }

    fn leave_out_classes(&mut self) {
        for fault in Fault::ALL {
            self.classes.push(*fault);
            if !self.still_fails() {
                self.classes.pop();
            }
        }
    }

    fn leave_out_faults(&mut self) {
        for struck in self.failure.struck.clone().into_iter().rev() {
            let before = self.muted.clone();
            self.muted.insert(struck);
            if !self.still_fails() {
                self.muted = before;
            }
        }
    }

    fn still_fails(&mut self) -> bool {
        self.tries += 1;
        if self.tries > TRIES_MAX {
            return false;
        }
        let smaller = self.whole.reduced(&self.visits, &self.classes, &self.muted);
        match smaller.play() {
            Err(failure) if failure.violation.rule == self.failure.violation.rule => {
                self.failure = *failure;
                true
            }
            Err(_) | Ok(_) => false,
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

/// Enough for a world of twelve sales and some hundred faults.
const TRIES_MAX: u32 = 1_500;
