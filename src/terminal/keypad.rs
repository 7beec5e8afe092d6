//! What becomes of a key of the numeric keypad, at a counter without a till.
//!
//! | at the counter | digit, point, erase | clear | enter |
//! |---|---|---|---|
//! | nothing, or a result | change the amount being typed, which hides the result | drops what is typed; where nothing is, the result was seen | arms a sale of its own |
//! | an armed sale | refused | cancels it: nothing was sent | nothing: it bounced |
//! | an attempt under way | refused | refused: a stray key must not cancel | refused |
//! | a late success | refused | refused: it waits for a person | refused |
//!
//! A key never reaches a sale that was there before: Enter arms under a fresh name or not at all.

use super::effect::Effect;
use super::feedback::Feedback;
use super::input::IfClosed;
use super::record::Record;
use super::{Reference, Terminal};
use crate::clock::Moment;
use crate::scanner::Key;

/// What keys find at the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing, or a result that the next sale may follow.
    Free,
    /// A sale waits for a code.
    Armed(Reference),
    /// An attempt is under way, or unknown.
    UnderWay,
    /// A late success that nobody has acknowledged.
    LateSuccess,
}

impl Terminal {
    /// Does what the key means, or says why not.
    pub(super) fn keyed(
        &mut self,
        now: Moment,
        key: Key,
        reference: &Reference,
        history: &[Record],
    ) {
        let done = match self.standing() {
            Standing::Free => self.keyed_while_free(now, key, reference, history),
            Standing::Armed(armed) => self.keyed_while_armed(key, &armed),
            Standing::UnderWay => Err(Feedback::Busy),
            Standing::LateSuccess => Err(Feedback::LateSuccess),
        };
        if let Err(refused) = done {
            self.effects.push_back(Effect::Feedback(refused));
        }
    }

    /// Whether an amount is being typed: Enter would arm it.
    #[must_use]
    pub fn has_entry(&self) -> bool {
        !self.entry.is_empty()
    }

    /// Drops what is typed when the counter is needed for something else: the till armed a sale, or
    /// money came in late.
    pub(super) fn make_way(&mut self) {
        if self.standing() != Standing::Free {
            self.entry.clear();
        }
    }

    fn standing(&self) -> Standing {
        let sale = self.current.as_ref().and_then(|reference| self.sales.get(reference));
        match sale {
            Some(sale) if sale.armed => Standing::Armed(sale.reference.clone()),
            Some(sale) if sale.holds_the_counter() => Standing::UnderWay,
            Some(sale) if sale.late_success() && !sale.acknowledged => Standing::LateSuccess,
            Some(_) | None => Standing::Free,
        }
    }

    fn keyed_while_free(
        &mut self,
        now: Moment,
        key: Key,
        reference: &Reference,
        history: &[Record],
    ) -> Result<(), Feedback> {
        let fits = match key {
            Key::Digit(digit) => self.entry.digit(digit),
            Key::Point => self.entry.point(),
            Key::Erase => {
                self.entry.erase();
                Ok(())
            }
            Key::Clear => return self.take_back(),
            Key::Enter => return self.arm_typed(now, reference, history),
        };
        self.typed_at = now;
        fits.map_err(|_| Feedback::AmountRefused)
    }

    /// Drops what is typed, and so shows the result behind it again; where nothing is typed,
    /// somebody has seen that result.
    fn take_back(&mut self) -> Result<(), Feedback> {
        if self.has_entry() {
            self.entry.clear();
            return Ok(());
        }
        let Some(seen) = self.current.clone() else { return Ok(()) };
        self.acknowledge(&seen).map_err(|refusal| Feedback::from(&refusal))
    }

    /// Arms a sale of what is typed, on the same conditions as a till's. Whatever is refused stays
    /// to be corrected.
    fn arm_typed(
        &mut self,
        now: Moment,
        reference: &Reference,
        history: &[Record],
    ) -> Result<(), Feedback> {
        let amount = self.entry.amount().ok_or(Feedback::AmountRefused)?;
        // A former sale's result, "paid" perhaps, must never pass for this customer's (S7).
        if self.sales.contains_key(reference) || !history.is_empty() {
            return Err(Feedback::KeyRefused);
        }
        let armed = self.arm(now, reference, amount, IfClosed::Keep);
        armed.map_err(|refusal| Feedback::from(&refusal))?;
        self.entry.clear();
        Ok(())
    }

    fn keyed_while_armed(&mut self, key: Key, armed: &Reference) -> Result<(), Feedback> {
        match key {
            Key::Digit(_) | Key::Point | Key::Erase => Err(Feedback::AmountArmed),
            Key::Clear => self.cancel(armed).map_err(|refusal| Feedback::from(&refusal)),
            // The second of a key that bounced: the sale that it armed is there.
            Key::Enter => Ok(()),
        }
    }
}
