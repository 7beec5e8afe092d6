//! What happened, in words; kept only where somebody will read it.

use std::collections::BTreeMap;
use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::terminal::{Effect, Input, Policy};

use crate::faults::Fault;
use crate::script::{Order, Script};

/// The lines of one world.
#[derive(Default)]
pub struct Trace {
    on: bool,
    lines: Vec<String>,
    /// Charges by the order in which they appear: their ids hold the gateway's time.
    names: BTreeMap<String, usize>,
    script: Script,
}

impl Trace {
    /// One that keeps everything.
    pub fn kept() -> Self {
        Self { on: true, ..Self::default() }
    }

    /// The lines so far.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// What went in, as a script, and what the terminal ordered.
    pub fn script(&mut self) -> (Vec<String>, Vec<Order>) {
        let (steps, orders) = (self.script.steps(), self.script.orders().to_vec());
        let steps = steps.into_iter().map(|step| self.named(step)).collect();
        let orders = orders.into_iter().map(|(at, line)| (at, self.named(line))).collect();
        (steps, orders)
    }

    /// What the shop configured.
    pub fn configured(&mut self, policy: &Policy) {
        self.script.configure(policy);
    }

    /// A process starts with so many records.
    pub fn boots(&mut self, now: Duration, records: usize) {
        self.note(now, || format!("* boots with {records} records"));
    }

    /// It finds that many records on disk, whoever's they are.
    pub fn reads_back(&mut self, on_disk: usize) {
        self.script.starts(on_disk);
    }

    /// Keeps a line.
    pub fn note(&mut self, now: Duration, what: impl FnOnce() -> String) {
        if self.on {
            let line = format!("{:>11.3} {}", now.as_secs_f64(), what());
            let line = self.named(line);
            self.lines.push(line);
        }
    }

    /// Something goes into the terminal, which wanted to be called at `due` by its `clock`.
    pub fn input(&mut self, now: Duration, clock: Moment, due: Option<Moment>, input: &Input) {
        if self.on {
            self.script.input(clock, due, input);
        }
        self.note(now, || match input {
            Input::Scanned(scan) => format!("> scan, attempt {}", scan.attempt),
            Input::Configured(_) => "> configured".to_owned(),
            Input::Commanded { command, .. } => {
                format!("> {} {:?}", command.reference, command.wish)
            }
            other => format!("> {other:?}"),
        });
    }

    /// Something comes out of it.
    pub fn effect(&mut self, now: Duration, effect: &Effect) {
        if self.on {
            self.script.effect(effect);
        }
        self.note(now, || format!("    {effect:?}"));
    }

    /// A message is sent.
    pub fn sent(&mut self, now: Duration, number: u64, ask: &str, fault: Option<Fault>) {
        self.note(now, || match fault {
            Some(fault) => format!("    message {number} ({ask}): {}", fault.word()),
            None => format!("    message {number} ({ask})"),
        });
    }

    /// The process is gone.
    pub fn crash(&mut self, now: Duration) {
        self.note(now, || "* crash".to_owned());
    }

    /// The line without what only the gateway's wall clock decides: charges by their order, no
    /// times.
    fn named(&mut self, line: String) -> String {
        let line = replaced(&line, CHARGE, |id| {
            let next = self.names.len() + 1;
            format!("C{}", *self.names.entry(id.to_owned()).or_insert(next))
        });
        let line = replaced(&line, REFUND, |_| "refund".to_owned());
        replaced(&line, TIME, |_| "time".to_owned())
    }
}

/// `line` with each word that follows on `prefix`, prefix and all, by another name.
fn replaced(line: &str, prefix: &str, mut name: impl FnMut(&str) -> String) -> String {
    let mut parts = line.split(prefix);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(part.len());
        shown.push_str(&name(&part[..end]));
        shown.push_str(&part[end..]);
    }
    shown
}

const CHARGE: &str = "chrg_test_";
const REFUND: &str = "rfnd_test_";
const TIME: &str = "GatewayTime(";
