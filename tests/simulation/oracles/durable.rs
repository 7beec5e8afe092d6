//! What is on disk, and when: D1 to D6.

use std::mem::discriminant;

use tillscan::clock::Moment;
use tillscan::terminal::{
    Announcement, Effect, Event as Told, Fact, Frame, Record, Reference, RefundView, Request, Sale,
    SaleView,
};

use super::{Held, Oracle, require, told};
use crate::event::{Ask, Event, Start, What};
use crate::truth::Truth;

/// Nothing that moves money goes out before its record is on disk.
pub struct D1;

impl Oracle for D1 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let What::Sent { ask, .. } = &event.what else { return Ok(()) };
        match ask {
            Ask::Create { attempt, reference, .. } => {
                let entry = truth.books.get(reference);
                let known =
                    entry.is_some_and(|entry| entry.tries.iter().any(|one| one.id == *attempt));
                require(known, "D1", || format!("the create of {attempt} has no record"))
            }
            Ask::Expire(charge) => {
                let owner = truth.owner(charge).and_then(|attempt| truth.find(attempt));
                let wanted = owner.is_some_and(|(_, _, one)| one.stopping || one.outcome.is_some());
                require(wanted, "D1", || format!("the expire of {charge} has no record"))
            }
            Ask::Refund { id, satang, .. } => {
                let mut refunds = truth.books.values().flat_map(|entry| &entry.refunds);
                let known = refunds.any(|one| one.id == *id && one.sent == Some(*satang));
                require(known, "D1", || format!("the refund {id} has no record"))
            }
            Ask::Warm | Ask::Get(_) | Ask::Find(_) | Ask::Refunds(_) => Ok(()),
        }
    }
}

/// What is told is what the disk would tell.
pub struct D2;

impl Oracle for D2 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let Some(view) = told(event) else { return Ok(()) };
        let records = truth.books.get(&view.reference).map(|entry| entry.records.as_slice());
        let sale = Sale::from_records(records.unwrap_or_default());
        // Where an attempt stands in this moment is not durable.
        let on_disk = sale.map(|sale| SaleView { state: view.state, ..sale.view() });
        require(on_disk.as_ref() == Some(view), "D2", || {
            format!("told {view:?}, on disk is {on_disk:?}")
        })?;
        let What::Announced(Announcement { refund: Some(refund), .. }) = &event.what else {
            return Ok(());
        };
        require(view.refunds.contains(refund), "D2", || {
            format!("told {refund:?}, on disk are {:?}", view.refunds)
        })
    }
}

/// What was acknowledged as written is there after a power cut.
#[derive(Default)]
pub struct D3 {
    written: Vec<Record>,
}

impl Oracle for D3 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        match &event.what {
            What::Wrote { record, .. } => self.written.push((*record).clone()),
            What::Booted { records, .. } => {
                let kept = records.starts_with(&self.written);
                require(kept, "D3", || {
                    format!(
                        "{} records were written, {} are back",
                        self.written.len(),
                        records.len()
                    )
                })?;
                self.written = records.to_vec();
            }
            _ => {}
        }
        Ok(())
    }
}

/// A process whose disk failed does nothing any more.
#[derive(Default)]
pub struct D4 {
    failed: Option<u32>,
}

impl Oracle for D4 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        let still = self.failed == Some(event.run);
        match &event.what {
            What::WriteFailed => self.failed = Some(event.run),
            What::Wrote { .. }
            | What::Sent { .. }
            | What::Showed(_)
            | What::Announced(_)
            | What::Replied(_)
            | What::Judged(_)
            | What::Stepped { .. } => {
                return require(!still, "D4", || format!("{:?} after the disk failed", event.what));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Recovery writes nothing but the lapse of an armed amount, and comes to the same wherever it was
/// interrupted: what is on disk in the end, what is asked, told and shown.
pub struct D5;

impl Oracle for D5 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        let What::Booted { unsettled, start, .. } = &event.what else { return Ok(()) };
        let whole = Recovery::of(start, unsettled, usize::MAX);
        let lapse = |record: &Record| matches!(record.fact, Fact::Disarmed { .. } | Fact::Settled);
        let other = whole.written.iter().find(|record| !lapse(record));
        require(other.is_none(), "D5", || format!("recovery writes {other:?}"))?;
        for first in 0..=whole.effects {
            let one = Recovery::of(start, unsettled, first);
            let once = one.unsettled();
            // A cut that left the disk as it was has nothing new behind it.
            let again = if once == *unsettled { 0 } else { whole.effects };
            for second in 0..=again {
                let two = Recovery::of(start, &once, second);
                let twice = two.unsettled();
                let mut third = Recovery::of(start, &twice, usize::MAX);
                third.told_before(&one, &twice);
                third.told_before(&two, &twice);
                require(third.same(&whole), "D5", || {
                    format!("recovered at once: {whole:?}\ncut at {first}, {second}: {third:?}")
                })?;
            }
        }
        Ok(())
    }
}

/// What came of one recovery.
#[derive(Debug)]
struct Recovery {
    /// How many effects it has, done or not.
    effects: usize,
    written: Vec<Record>,
    /// What is on disk after it: sale by sale, as the journal gives it back.
    disk: Vec<Record>,
    asked: Vec<Request>,
    told: Vec<(Told, SaleView, Option<RefundView>)>,
    shown: Option<Frame>,
    wakes_up: Option<Moment>,
}

impl Recovery {
    /// One that goes `cut` effects far.
    fn of(start: &Start, unsettled: &[Record], cut: usize) -> Self {
        let mut terminal = start.with(unsettled);
        let effects: Vec<Effect> = std::iter::from_fn(|| terminal.next_effect()).collect();
        let mut done = Self {
            effects: effects.len(),
            written: Vec::new(),
            disk: unsettled.to_vec(),
            asked: Vec::new(),
            told: Vec::new(),
            shown: None,
            wakes_up: terminal.next_deadline(),
        };
        effects.into_iter().take(cut).for_each(|effect| done.add(effect));
        done.disk.extend_from_slice(&done.written);
        // The journal gives sale by sale back, each in the order it was written.
        let order: Vec<Reference> = done.disk.iter().map(|one| one.reference.clone()).collect();
        done.disk.sort_by_key(|one| order.iter().position(|other| *other == one.reference));
        done
    }

    /// What the journal gives back after it.
    fn unsettled(&self) -> Vec<Record> {
        let sales = self.disk.chunk_by(|one, other| one.reference == other.reference);
        let open = |sale: &&[Record]| Sale::from_records(sale).is_none_or(|sale| !sale.settled);
        sales.filter(open).flatten().cloned().collect()
    }

    fn add(&mut self, effect: Effect) {
        match effect {
            Effect::Persist(records) => self.written.extend(records),
            Effect::Send(_, request) => self.asked.push(request),
            Effect::Announce(told) => self.told.push((told.event, told.sale, told.refund)),
            Effect::Show(frame) => self.shown = Some(frame),
            Effect::Answer(..) | Effect::Feedback(_) => {}
        }
    }

    /// What a recovery before this one told of sales that were settled behind it need not be told
    /// again.
    fn told_before(&mut self, before: &Self, unsettled: &[Record]) {
        let settled = |sale: &SaleView| unsettled.iter().all(|one| one.reference != sale.reference);
        self.told.extend(before.told.iter().filter(|(_, sale, _)| settled(sale)).cloned());
    }

    fn same(&self, other: &Self) -> bool {
        let asked = |one: &Self| format!("{:?}", one.asked);
        let told = |one: &Self, other: &Self| one.told.iter().all(|told| other.told.contains(told));
        self.unsettled() == other.unsettled()
            && asked(self) == asked(other)
            && told(self, other)
            && told(other, self)
            && self.shown == other.shown
            && self.wakes_up == other.wakes_up
    }
}

/// What is stored ends: each fact about an attempt and a refund is written so often at most, and
/// every sale is settled in the end.
pub struct D6;

impl Oracle for D6 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        let What::Wrote { record, .. } = &event.what else { return Ok(()) };
        let (Some((about, most)), Some(entry)) =
            (bound(&record.fact), truth.books.get(&record.reference))
        else {
            return Ok(());
        };
        let same = |other: &&Record| {
            discriminant(&other.fact) == discriminant(&record.fact)
                && bound(&other.fact).is_some_and(|(other, _)| other == about)
        };
        let count = 1 + entry.records.iter().filter(same).count();
        require(count <= most, "D6", || format!("{count} times on disk: {:?}", record.fact))
    }

    fn at_end(&mut self, truth: &Truth) -> Held {
        for (reference, entry) in &truth.books {
            let wrong = entry.tries.iter().any(|one| truth.is_wrong(&one.id));
            require(entry.settled || wrong, "D6", || format!("{reference} is never settled"))?;
        }
        Ok(())
    }
}

/// Whom a fact is about, an attempt or a refund of the sale, and how often it may be written.
fn bound(fact: &Fact) -> Option<(&str, usize)> {
    match fact {
        Fact::AttemptStarted { attempt, .. }
        | Fact::AnswerLost { attempt }
        | Fact::ChargeKnown { attempt, .. }
        | Fact::StopAsked { attempt, .. }
        | Fact::DeclaredUnknown { attempt }
        | Fact::Detached { attempt }
        | Fact::AttemptClosed { attempt, .. }
        | Fact::WatchEnded { attempt }
        | Fact::LateSuccess { attempt } => Some((&attempt.0, 1)),
        Fact::Watched { attempt, .. } => Some((&attempt.0, LOOKS)),
        Fact::GivenBack { attempt, .. } => Some((&attempt.0, GIVEN_BACK_MAX)),
        Fact::RefundAsked { refund, .. }
        | Fact::RefundSent { refund, .. }
        | Fact::RefundUnknown { refund } => Some((refund.as_str(), 1)),
        // Refused, and made all the same.
        Fact::RefundClosed { refund, .. } => Some((refund.as_str(), 2)),
        Fact::Armed { .. } | Fact::Disarmed { .. } | Fact::Acknowledged | Fact::Settled => None,
    }
}

/// The looks of the watch, its long waits cut.
const LOOKS: usize = 15;
/// As many refunds as the gateway makes of one charge.
const GIVEN_BACK_MAX: usize = 15;
