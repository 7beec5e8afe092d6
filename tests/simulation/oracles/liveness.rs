//! What must happen in the end: L1, L2, L3.

use std::collections::BTreeSet;

use tillscan::terminal::{
    AttemptId, Event as Told, LateSuccess, Outcome, Reference, RefundOutcome, RefundState,
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
    told: BTreeSet<AttemptId>,
    refunds: BTreeSet<(Reference, Reference, RefundState)>,
}

impl Oracle for L2 {
    fn on(&mut self, truth: &Truth, event: &Event<'_>) -> Held {
        if let What::Announced(told) = &event.what
            && told.event == Told::LateSuccess
            && let Some(entry) = truth.books.get(&told.sale.reference)
        {
            // It is about the sale, and so about all its attempts whose money has come by then.
            let late = entry.tries.iter().filter(|one| one.late);
            self.told.extend(late.map(|one| one.id.clone()));
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
            let untold = entry.tries.iter().find(|one| one.late && !self.told.contains(&one.id));
            require(untold.is_none(), "L2", || format!("{untold:?} came late, and was not told"))?;
            let missed = entry.tries.iter().find(|one| {
                let unpaid = one.outcome.is_some_and(|outcome| outcome != Outcome::Paid);
                unpaid && truth.is_paid(&one.id) && !one.late
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
            for one in &entry.tries {
                let refunded: i64 = truth.of(&one.id).map(|charge| charge.refunded).sum();
                require(one.given_back == refunded, "L3", || {
                    let booked = one.given_back;
                    format!("{booked} satang of {reference} went back by the books, {refunded} did")
                })?;
                if truth.is_wrong(&one.id) {
                    // What was taken instead is in no book, whatever the attempt counts as.
                    continue;
                }
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
