//! The till, the cashier and the scanner: their acts go through the loop's doors. And who looks.

use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::daemon::Signal;
use tillscan::scanner::{Delivery, DeviceId, Key, Payload, Poison, Scan};
use tillscan::terminal::{Damage, Reference, Wish};
use uuid::Uuid;

use super::ear::{Answer, Asking};
use super::world::World;
use crate::dice::Dice;
use crate::event::What;
use crate::plan::{Act, Plan, Whom};
use crate::world::Checked;

impl World {
    /// Somebody does something, and somebody may look.
    pub fn act(&mut self, act: Act) -> Checked {
        let plugged = self.now >= self.unplugged_until;
        match act {
            Act::Wish(whom, wish) => {
                let reference = match whom {
                    Whom::Named(reference) => Some(reference),
                    Whom::Shown => self.shown(),
                };
                if let Some(reference) = reference {
                    self.wish(reference, wish)?;
                }
            }
            Act::Scan(..) | Act::Damaged(_) if !plugged => {}
            Act::Scan(text, age) => self.scan(&text, age)?,
            Act::Damaged(damage) => {
                let poison = match damage {
                    Damage::TooLong => Poison::TooLong,
                    Damage::ControlCharacters => Poison::ControlCharacter,
                    Damage::Partial => Poison::Incomplete,
                };
                self.trace.note(self.now, || format!("> damaged: {poison}"));
                let at = self.process_clock();
                self.deliver(Delivery::Rejected { device: scanner(), at, poison }, None);
            }
            Act::Key(key, reference) => self.press(key, &reference),
            Act::Reload => {
                self.trace.note(self.now, || "> reload".to_owned());
                self.signal(Signal::Reload);
            }
            Act::Unplug(span) => self.unplugged_until = self.now + span,
        }
        self.looks()
    }

    fn shown(&self) -> Option<Reference> {
        let frame = self.process.as_ref()?.ear.frame.as_ref()?;
        frame.sale.as_ref().map(|sale| sale.reference.clone())
    }

    fn wish(&mut self, reference: Reference, wish: Wish) -> Checked {
        if let Wish::Arm { amount, .. } = wish {
            let (satang, typed) = (amount.satang(), false);
            self.tell(What::Meant { reference: &reference, satang, typed })?;
            self.armed_by_till = Some(reference.clone());
        }
        self.asks_for(reference, wish)
    }

    /// The till, or a person, wants something of a sale.
    pub fn asks_for(&mut self, reference: Reference, wish: Wish) -> Checked {
        self.trace.note(self.now, || format!("> {reference} {wish:?}"));
        let Some(process) = &self.process else { return Ok(()) };
        let desk = process.desk.clone();
        self.asks(Box::pin(async move {
            Answer::Sales(desk.command(reference, wish).await.map(|sale| vec![sale]))
        }))
    }

    /// Somebody asks, and may be answered at once.
    pub fn asks(&mut self, asking: Asking) -> Checked {
        let answer = self.process.as_mut().and_then(|process| process.ear.asks(asking));
        answer.map_or(Ok(()), |answer| self.hears_answer(answer))
    }

    fn scan(&mut self, text: &str, age: Duration) -> Checked {
        self.tally.scans += 1;
        let number = self.tally.scans;
        let now = self.process_clock();
        let at = now.before(age);
        self.tell(What::Scanned { text, age: now - at })?;
        self.trace.note(self.now, || format!("> scan {number}, {age:?} ago"));
        let mut dice = Dice::of(self.seed, "attempt", number);
        let half = (dice.below(u64::MAX), dice.below(u64::MAX));
        let scan = Scan {
            device: scanner(),
            payload: Payload::new(text),
            symbology: None,
            begun: at,
            at,
            pause: Duration::ZERO,
        };
        self.deliver(Delivery::Scan(scan), Some(Uuid::from_u64_pair(half.0, half.1)));
        Ok(())
    }

    fn press(&mut self, key: Key, reference: &Reference) {
        self.trace.note(self.now, || format!("> {key:?} as {reference}"));
        if key == Key::Enter {
            self.armed_by_till = None;
        }
        let at = self.process_clock();
        let key = Delivery::Key { device: DeviceId::new("keypad"), key, at };
        self.deliver(key, Some(Uuid::from_u64_pair(drawn_for(reference), 0)));
    }

    /// What a full channel has no room for is lost, as it is in the shop.
    fn deliver(&mut self, delivery: Delivery, name: Option<Uuid>) {
        let Some(process) = &mut self.process else { return };
        if process.deliver.try_send(delivery).is_ok() {
            process.drawn.extend(name);
        }
    }

    fn signal(&mut self, signal: Signal) {
        if let Some(process) = &self.process {
            // So many reloads wait already that one more changes nothing.
            let _ = process.signals.try_send(signal);
        }
    }

    /// The service manager asks the daemon to end (O4).
    pub fn terminates(&mut self) {
        self.trace.note(self.now, || "> SIGTERM".to_owned());
        if let Some(process) = &mut self.process {
            process.stopping = process.signals.try_send(Signal::Stop).is_ok();
        }
    }

    /// Now and then somebody reads what the daemon knows.
    fn looks(&mut self) -> Checked {
        let mut dice = Dice::of(self.seed, "look", self.counters.steps);
        let Some(process) = &self.process else { return Ok(()) };
        let desk = process.desk.clone();
        match dice.below(4) {
            0 => self.looks_at_status(),
            1 => self.asks(Box::pin(async move { Answer::Sales(desk.sales(20).await) })),
            2 => {
                let all: Vec<&Reference> = self.truth.books.keys().collect();
                let Some(number) = dice.below(99).checked_rem(all.len() as u64) else {
                    return Ok(());
                };
                let one = all[number as usize].clone();
                self.asks(Box::pin(async move {
                    Answer::Sales(desk.sale(one).await.map(|sale| vec![sale]))
                }))
            }
            _ => Ok(()),
        }
    }

    /// An operator reads the status.
    pub fn looks_at_status(&mut self) -> Checked {
        let Some(process) = &self.process else { return Ok(()) };
        let desk = process.desk.clone();
        let status = async move { Answer::Status(desk.status().await.map(Box::new)) };
        self.asks(Box::pin(status))
    }

    fn process_clock(&self) -> Moment {
        self.process.as_ref().map_or(Moment::ZERO, |process| process.clock())
    }
}

/// The plan with each typed sale under the name that the loop will make of what it draws.
pub fn typed_names(mut plan: Plan) -> Plan {
    for (_, act) in plan.visits.iter_mut().flat_map(|visit| &mut visit.acts) {
        match act {
            Act::Key(_, reference) | Act::Wish(Whom::Named(reference), _) => {
                let number = reference.as_str().strip_prefix('K').and_then(|it| it.parse().ok());
                if let Some(number) = number {
                    *reference = typed_name(number);
                }
            }
            _ => {}
        }
    }
    plan
}

fn typed_name(number: u64) -> Reference {
    format!("{TYPED}{:016x}", FIRST_DRAWN | number).parse().expect("letters and digits")
}

/// What the loop must draw to call a sale so.
fn drawn_for(reference: &Reference) -> u64 {
    let digits = reference.as_str().strip_prefix(TYPED).unwrap_or_default();
    u64::from_str_radix(digits, 16).expect("a key comes with the name of a typed sale")
}

fn scanner() -> DeviceId {
    DeviceId::new("scanner")
}

/// How the loop calls a sale that was typed.
pub const TYPED: &str = "keypad-";
/// Begins with a letter, so that no name looks like a payment code.
const FIRST_DRAWN: u64 = 0xa << 60;
