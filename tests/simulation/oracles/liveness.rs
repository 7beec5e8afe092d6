//! What must happen in the end: L1, L2, L3.

use std::collections::BTreeSet;

use tillscan::terminal::{
    Event as Told, LateSuccess, Outcome, Reference, RefundOutcome, RefundState,
};

use super::{Held, Oracle, require};
use crate::event::{Event, What};
use crate::truth::{Entry, Truth};

/// Every attempt closes within its bound once the network works.
pub struct L1;

impl Oracle for L1 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if !matches!(event.what, What::Closed) {
            return Ok(());
        }
        for (reference, entry) in &truth.books {
            let open = entry.open().filter(|one| !truth.is_wrong(&one.id));
            require(open.is_none() && !entry.armed, "L1", || format!("{reference} is still open"))?;
            // What only a person can resolve is at least told.
            let told = entry.open().is_none_or(|one| one.unknown);
            require(told, "L1", || format!("{reference} is unknown, and it was not told"))?;
        }
        Ok(())
    }
}

/// Every late success is raised: written down, and told; and given back where the shop wants that.
/// So is every refund's end told.
#[derive(Default)]
pub struct L2 {
    told: BTreeSet<Reference>,
    refunds: BTreeSet<(Reference, Reference, RefundState)>,
}

impl Oracle for L2 {
    fn on(&mut self, _truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Announced(told) = &event.what
            && told.event == Told::LateSuccess
        {
            self.told.insert(told.sale.reference.clone());
        }
        if let What::Announced(told) = &event.what
            && let Some(refund) = &told.refund
        {
            let (sale, name) = (told.sale.reference.clone(), refund.refund.clone());
            self.refunds.insert((sale, name, refund.state));
        }
        Ok(())
    }

    fn at_end(&mut self, truth: &Truth) -> Held {
        for (reference, entry) in &truth.books {
            let late = entry.tries.iter().any(|one| one.late);
            let told = self.told.contains(reference);
            require(told || !late, "L2", || format!("{reference} came late, and was not told"))?;
            let missed = entry.tries.iter().find(|one| {
                let unpaid = one.outcome.is_some_and(|outcome| outcome != Outcome::Paid);
                let wrong = truth.is_wrong(&one.id);
                unpaid && !wrong && truth.is_paid(&one.id) && !one.late
            });
            require(missed.is_none(), "L2", || format!("the money of {missed:?} was missed"))?;
            self.refunds_are_told(reference, entry)?;
            let late = entry.tries.iter().find(|one| {
                one.late && !entry.refunds.iter().any(|refund| refund.attempt == one.id)
            });
            let kept = truth.late_success == LateSuccess::Alert || late.is_none();
            require(kept, "L2", || format!("the money of {late:?} was to go back"))?;
        }
        Ok(())
    }
}

impl L2 {
    fn refunds_are_told(&self, reference: &Reference, entry: &Entry) -> Held {
        for refund in &entry.refunds {
            let state = match refund.outcome {
                Some(RefundOutcome::Refunded) => RefundState::Refunded,
                Some(RefundOutcome::Refused) => RefundState::Refused,
                None => return require(false, "L1", || format!("{refund:?} never ends")),
            };
            let told = (reference.clone(), refund.name.clone(), state);
            let told = self.refunds.contains(&told);
            require(told, "L2", || format!("{refund:?} of {reference} was not told"))?;
        }
        Ok(())
    }
}

/// At the end, the gateway's charges and the journal agree to the satang.
pub struct L3;

impl Oracle for L3 {
    fn on(&mut self, _truth: &Truth, _event: &Event<'_>) -> Held {
        Ok(())
    }

    fn at_end(&mut self, truth: &Truth) -> Held {
        let (mut ours, mut theirs) = (0_i64, 0_i64);
        for (reference, entry) in &truth.books {
            for one in entry.tries.iter().filter(|one| !truth.is_wrong(&one.id)) {
                let paid = one.late || one.outcome == Some(Outcome::Paid);
                let moved: i64 = truth.of(&one.id).map(|charge| charge.moved).sum();
                let booked = if paid { entry.satang } else { 0 } - one.given_back;
                require(booked == moved, "L3", || {
                    format!("{booked} satang of {reference} are booked, {moved} moved")
                })?;
                (ours, theirs) = (ours + booked, theirs + moved);
            }
        }
        let known = |attempt| truth.find(attempt).is_some();
        let stray = truth.charges.iter().find(|charge| !known(&charge.attempt));
        require(stray.is_none(), "L3", || format!("{stray:?} is in no book"))?;
        require(ours == theirs, "L3", || format!("{ours} satang booked, {theirs} moved"))
    }
}
