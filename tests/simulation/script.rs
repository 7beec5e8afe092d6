//! A world in the words of the table tests (`src/terminal/tests/mod.rs`), so that a failure can be
//! pasted there: what went into the terminal as a script, and what came of it as its trace. `check`
//! plays scripts in the tests' own driver and compares.
//!
//! A script begins with what the shop configured; a power cut is counted in effects. What was
//! written and not synced counts as the disk gave it back. Deadlines fire by themselves, and the
//! connection that is kept warm is answered by the driver. Of an answer, a script says what the
//! terminal looks at: neither the message of a refusal nor Opn's name of a refund.
//!
//! Every kind of world of the terminal pastes, but for one in a thousand or two: the world's timers
//! fire at whole milliseconds and the driver's between them, so that two deadlines of two sales in
//! the same millisecond may come one by one. Not a script are the worlds of the shell (`shell/`),
//! whose inputs are the daemon's own. And a script holds no oracle: where only the truth at the
//! gateway shows that a rule broke, it is to be looked for in the trace.

use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::terminal::{Effect, Input, LateSuccess, Policy, Record, Reply, Request, RequestId};

use crate::tables::{About, name, ordered};

mod step;
mod words;

use step::{Step, written};
use words::{answer, said, time};

/// What went in, and what came of it.
#[derive(Default)]
pub struct Script {
    /// What the shop configured.
    policy: Vec<String>,
    steps: Vec<Step>,
    orders: Vec<Order>,
    /// When the running process started, by the script's clock, which a crash does not stop.
    started: Duration,
    /// Up to where the steps have come.
    at: Duration,
    /// When the last input came.
    now: Duration,
    last: Last,
    /// Where the crash of the last input is announced.
    place: usize,
    /// How many effects of the last input were carried out, and the next one.
    done: u32,
    next: Option<Pending>,
    /// The requests that wait for their answers.
    open: Vec<Open>,
    disk: Vec<Record>,
}

/// A line of the trace, and when it was ordered.
pub type Order = (Duration, String);

/// A request that waits for its answer.
struct Open {
    id: RequestId,
    name: String,
    about: About,
}

/// An effect that may not be carried out any more.
struct Pending {
    lines: Vec<String>,
    records: Vec<Record>,
    open: Option<Open>,
    /// The driver counts it.
    counts: bool,
}

/// What came last.
#[derive(Default, PartialEq, Eq)]
enum Last {
    /// The process's start.
    #[default]
    Start,
    /// Something that is the last step.
    Step,
    /// Something that a script need not say.
    Nothing,
}

impl Script {
    /// What the shop configured.
    pub fn configure(&mut self, policy: &Policy) {
        self.policy = configured(policy);
    }

    /// Something goes in, by the process's clock; `due` was the next deadline.
    pub fn input(&mut self, clock: Moment, due: Option<Moment>, input: &Input) {
        self.carried_out();
        self.done = 0;
        self.now = self.started + clock.since_start();
        let overdue = due.filter(|due| *due <= clock);
        let said = if let Input::Replied { id, reply } = input {
            self.answered(*id, reply)
        } else {
            said(input, clock)
        };
        let passed = self.now.saturating_sub(self.at);
        self.last = Last::Step;
        match (said, overdue) {
            (Some(said), overdue) => {
                if overdue.is_some() {
                    self.steps.push(Step::Late(passed));
                } else if passed > Duration::ZERO {
                    self.steps.push(Step::Passes(passed));
                }
                self.steps.push(Step::Says(said));
            }
            (None, Some(due)) if clock - due < MILLISECOND => {
                self.steps.push(Step::Passes(passed));
            }
            (None, Some(_)) => {
                self.steps.extend([Step::Late(passed), Step::Passes(Duration::ZERO)])
            }
            (None, None) => {
                self.last = Last::Nothing;
                return;
            }
        }
        self.at = self.now;
        self.place = self.steps.len() - 1;
    }

    /// An answer, to whichever request the driver would not take it for by itself: the oldest one.
    /// Those to the connection that is kept warm come by themselves.
    fn answered(&mut self, id: RequestId, reply: &Reply) -> Option<String> {
        let number = self.open.iter().position(|open| open.id == id)?;
        let to = if self.open.len() > 1 {
            format!("{}: ", self.open[number].name)
        } else {
            String::new()
        };
        let answer = answer(reply, &self.open.remove(number).about);
        Some(format!("< {to}{answer}"))
    }

    /// An effect is about to be carried out.
    pub fn effect(&mut self, effect: &Effect) {
        self.carried_out();
        let counts = !matches!(effect, Effect::Send(_, Request::Warm));
        let (mut records, mut open) = (Vec::new(), None);
        if let Effect::Persist(written) = effect {
            records.clone_from(written);
        }
        if let Effect::Send(id, request) = effect
            && counts
        {
            let about = About::of(request, &self.disk);
            open = Some(Open { id: *id, name: name(request), about });
        }
        self.next = Some(Pending { lines: ordered(effect), records, open, counts });
    }

    fn carried_out(&mut self) {
        let Some(Pending { lines, records, open, counts }) = self.next.take() else { return };
        let now = self.now;
        self.orders.extend(lines.into_iter().map(|line| (now, line)));
        self.disk.extend(records);
        self.open.extend(open);
        self.done += u32::from(counts);
    }

    /// The process starts, after a crash if it is not the first; that many records are on disk.
    pub fn starts(&mut self, on_disk: usize) {
        if self.disk.len() < on_disk {
            self.carried_out();
        }
        self.next = None;
        self.open.clear();
        let first = self.steps.is_empty();
        if first {
            // Whatever it did, it did for nobody.
            self.orders.clear();
        } else if self.crashes() {
            self.orders.push((self.now, "crash".to_owned()));
            self.started = self.now + AWAY;
        }
        (self.at, self.now, self.done, self.last) = (self.started, self.started, 0, Last::Start);
    }

    /// Says where the power went. A start of which nothing came is as good as none.
    fn crashes(&mut self) -> bool {
        match (&self.last, self.done) {
            (Last::Start, 0) => return false,
            (Last::Start | Last::Step, 1..) => {
                self.steps.insert(self.place, Step::Crashes(self.done));
                self.place += 1;
                return true;
            }
            // Nothing came of it.
            (Last::Step, 0) => {
                if let Some(Step::Passes(passed)) = self.steps.pop() {
                    self.steps.push(Step::Late(passed));
                }
            }
            (Last::Nothing, _) => self.steps.push(Step::Late(self.now.saturating_sub(self.at))),
        }
        self.steps.push(Step::Says("crash".to_owned()));
        self.place = self.steps.len() - 1;
        true
    }

    /// Its words, step by step.
    pub fn steps(&self) -> Vec<String> {
        self.policy.iter().cloned().chain(written(&self.steps)).collect()
    }

    /// What the terminal ordered.
    pub fn orders(&mut self) -> &[Order] {
        self.carried_out();
        &self.orders
    }
}

/// What the shop configured, as far as worlds differ in it.
pub fn configured(policy: &Policy) -> Vec<String> {
    let refund = policy.late_success == LateSuccess::Refund;
    let late = refund.then(|| "late refund".to_owned());
    let hinted = policy.hinted_poll.map(|poll| {
        let (every, trust) = (time(poll.every), time(poll.trust));
        format!("hinted poll {every} {trust}")
    });
    let watched = (policy.watch != Policy::default().watch).then(|| {
        let times: Vec<String> = policy.watch.iter().map(|look| time(*look)).collect();
        format!("watch {}", times.join(" "))
    });
    late.into_iter().chain(hinted).chain(watched).collect()
}

const MILLISECOND: Duration = Duration::from_millis(1);
/// How long a process of the driver is gone.
const AWAY: Duration = Duration::from_secs(1);
