//! The till, the cashier and the scanner: their acts become inputs. And the machine's start.

use std::time::Duration;

use tillscan::scanner::Key;
use tillscan::terminal::{AttemptId, Input, Record, Reference, Scan, Wish};

use zeroize::Zeroizing;

use crate::event::{Start, What};
use crate::faults::Fault;
use crate::oracles::Violation;
use crate::plan::{Act, Whom};
use crate::world::{Checked, World};

impl World {
    /// Somebody does something; while the power is off, nothing comes of it.
    pub fn act(&mut self, act: Act) -> Checked {
        let Some(terminal) = &self.process.terminal else { return Ok(()) };
        let plugged = self.now >= self.unplugged_until;
        match act {
            Act::Wish(whom, wish) => {
                let shown = || terminal.frame().sale.map(|sale| sale.reference);
                let reference = match whom {
                    Whom::Named(reference) => Some(reference),
                    Whom::Shown => shown(),
                };
                reference.map_or(Ok(()), |reference| self.wish(reference, wish))
            }
            Act::Scan(..) | Act::Damaged(_) if !plugged => Ok(()),
            Act::Scan(text, age) => {
                self.tally.scans += 1;
                self.process.wake();
                let now = self.process.clock(self.now);
                let at = now.before(age);
                self.tell(What::Scanned { text: &text, age: now - at })?;
                let attempt = AttemptId(format!("a{}-{}", self.seed, self.tally.scans));
                let text = Zeroizing::new(text);
                self.handle(Input::Scanned(Scan { text, first: at, last: at, attempt }), None)
            }
            Act::Damaged(damage) => self.handle(Input::ScanDamaged(damage), None),
            Act::Key(key, reference) => self.press(key, reference),
            Act::Reload => {
                let policy = Box::new(self.policy.clone());
                self.handle(Input::Configured(policy), None)
            }
            Act::Unplug(span) => {
                self.unplugged_until = self.now + span;
                Ok(())
            }
        }
    }

    fn wish(&mut self, reference: Reference, wish: Wish) -> Checked {
        if let Wish::Arm { amount, .. } = wish {
            let (satang, typed) = (amount.satang(), false);
            self.tell(What::Meant { reference: &reference, satang, typed })?;
        }
        self.command(reference, wish)
    }

    fn press(&mut self, key: Key, reference: Reference) -> Checked {
        let typed = self.process.terminal.as_ref().and_then(|terminal| terminal.frame().typed);
        if let (Key::Enter, Some(satang)) = (key, typed.as_deref().and_then(satang)) {
            self.tell(What::Meant { reference: &reference, satang, typed: true })?;
        }
        let history = self.unheld_history(&reference);
        self.handle(Input::Keyed { key, reference, history }, None)
    }

    /// What the journal knows of a sale that the terminal does not hold.
    pub fn unheld_history(&self, reference: &Reference) -> Vec<Record> {
        let held = self.process.terminal.as_ref().is_some_and(|one| one.sale(reference).is_some());
        if held { Vec::new() } else { self.disk.history(reference) }
    }

    /// The power comes back: a process starts with what the disk has.
    pub fn boot(&mut self) -> Checked {
        if self.process.terminal.is_some() {
            return Ok(());
        }
        self.process.run += 1;
        self.process.started = self.now;
        self.process.late_until = self.now;
        (self.process.slept, self.process.nap) = (Duration::ZERO, Duration::ZERO);
        self.rots()?;
        if let Err(damage) = self.disk.recover() {
            let what = format!("what was synced is not as it was written: {damage:?}");
            return Err(Violation::new("D3", what));
        }
        let unsettled = self.disk.unsettled();
        let start = Start { policy: self.policy.clone(), now: self.process.clock(self.now) };
        self.trace.boots(self.now, unsettled.len());
        self.trace.reads_back(self.disk.records().len());
        self.booted(&unsettled, &start)?;
        // What was written and not synced may be there all the same.
        self.truth.books.clear();
        for record in self.disk.records() {
            self.truth.enter(record);
        }
        self.process.terminal = Some(start.with(&unsettled));
        self.perform()
    }

    /// Now and then a bit of what was synced is another one: whoever opens the journal must notice
    /// (D3). Then the disk is repaired.
    fn rots(&mut self) -> Checked {
        let number = u64::from(self.process.run);
        if !self.faults.strikes(Fault::Rot, number) {
            return Ok(());
        }
        let dice = self.faults.dice(Fault::Rot, 1_000 + number);
        match self.disk.notices_rot(dice) {
            Some(false) => Err(Violation::new("D3", "nobody noticed a changed bit".to_owned())),
            Some(true) | None => Ok(()),
        }
    }
}

/// What a person who reads `12.5` means, in satang: whole baht and hundredths, without a float.
pub fn satang(typed: &str) -> Option<i64> {
    let (baht, rest) = typed.split_once('.').unwrap_or((typed, ""));
    let hundredths = format!("{rest:0<2}");
    Some(baht.parse::<i64>().ok()? * 100 + hundredths.parse::<i64>().ok()?)
}
