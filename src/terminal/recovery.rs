//! What a restart goes on with: open attempts are read back first, a result that nobody
//! acknowledged is shown again, an armed amount has lapsed.

use super::effect::{Announcement, Effect};
use super::outcome::Outcome;
use super::proof::NoMoneyProof;
use super::record::Record;
use super::sale::Sale;
use super::{Reference, Terminal};
use crate::clock::Moment;

impl Terminal {
    /// Reads the records of all unsettled sales back. Idempotent: it writes nothing but the lapse
    /// of an armed amount, so that a crash within it changes nothing (D5).
    pub(super) fn recover(&mut self, now: Moment, records: &[Record]) {
        for history in records.chunk_by(|one, other| one.reference == other.reference) {
            self.hold(now, history);
        }
        let lapsed: Vec<Reference> = self
            .sales
            .values()
            .filter(|sale| sale.armed)
            .map(|sale| sale.reference.clone())
            .collect();
        for reference in &lapsed {
            // Nobody at the counter remembers an amount from before a power cut, and no code was
            // taken for it: the terminal must not stay armed with a former customer's amount.
            self.disarm(NoMoneyProof::nothing_was_sent(), reference, Outcome::Expired);
        }
        self.current = self.at_the_counter(&lapsed);
        self.show_again(&lapsed);
    }

    /// Takes a sale of the journal into the terminal.
    pub(super) fn hold(&mut self, now: Moment, history: &[Record]) {
        let Some(mut sale) = Sale::from_records(history) else { return };
        for attempt in &mut sale.attempts {
            attempt.resume(now, &self.policy);
        }
        sale.resume_refunds(now);
        self.sales.insert(sale.reference.clone(), sale);
    }

    /// The sale that was at the counter when the daemon ended: the one under way, else the lapsed
    /// one, else one whose result nobody has acknowledged. What is at the side stays there, lapsed
    /// or not: the next restart, which finds the lapse written down, must come to the same (D5).
    fn at_the_counter(&self, lapsed: &[Reference]) -> Option<Reference> {
        let busy = self.sales.values().find(|sale| sale.holds_the_counter());
        let lapsed = lapsed.first().and_then(|reference| self.sales.get(reference));
        let lapsed = lapsed.filter(|sale| !sale.is_at_the_side());
        let result = |sale: &&Sale| !sale.acknowledged && !sale.is_at_the_side();
        let result = self.sales.values().find(result);
        busy.or(lapsed).or(result).map(|sale| sale.reference.clone())
    }

    /// A crash may have come between the record of an outcome and its announcement: it is announced
    /// again, marked as repeated, until somebody acknowledges it; a refund's, until the sale is
    /// settled.
    fn show_again(&mut self, lapsed: &[Reference]) {
        let announcements: Vec<Announcement> = self
            .sales
            .values()
            .filter(|sale| !lapsed.contains(&sale.reference))
            .flat_map(|sale| {
                let seen = sale.acknowledged;
                if seen { Announcement::refunds_again(sale) } else { Announcement::again(sale) }
            })
            .collect();
        self.effects.extend(announcements.into_iter().map(Effect::Announce));
    }
}
