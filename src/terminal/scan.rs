//! What becomes of a scan: hygiene, classification, and the one way in which an attempt begins.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::attempt::{Asked, InFlight, Live, Phase};
use super::effect::{Announcement, Effect};
use super::feedback::Feedback;
use super::input::{Damage, Scan};
use super::outcome::Outcome;
use super::record::Fact;
use super::request::Request;
use super::{AttemptId, Reference, Terminal};
use crate::clock::Moment;
use crate::code::{self, Command, PaymentCode, Scanned, Wallet};

/// The last scan that was acted on, without its text: enough to tell a double trigger. A scan that
/// was refused (no sale was armed yet, say) may be repeated at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    hash: u64,
    at: Moment,
}

impl Terminal {
    /// Decides about a scan and says what became of it.
    pub(super) fn scanned(&mut self, now: Moment, scan: Scan) {
        let feedback = match self.hygiene(now, &scan) {
            Some(refused) => refused,
            None => match code::classify(&scan.text, &self.policy.prefixes) {
                Scanned::Payment(code) => self.offered(now, &scan, code),
                Scanned::Command(command) => self.ordered(now, command),
                Scanned::UnionPay => Feedback::UnionPay,
                Scanned::LinePay => Feedback::LinePay,
                Scanned::MerchantQr => Feedback::MerchantQr,
                Scanned::EmvConsumer => Feedback::EmvConsumer,
                Scanned::WechatPersonal => Feedback::WechatPersonal,
                Scanned::Product => Feedback::Product,
                Scanned::Unreadable => Feedback::Unreadable,
            },
        };
        if feedback.is_good() || feedback == Feedback::Repeated {
            self.last_scan = Some(Seen { hash: hash(&scan.text), at: scan.last });
        }
        self.effects.push_back(Effect::Feedback(feedback));
    }

    /// Says what became of a reading that was damaged on the way.
    pub(super) fn scan_damaged(&mut self, damage: Damage) {
        self.effects.push_back(Effect::Feedback(match damage {
            Damage::TooLong => Feedback::TooLong,
            Damage::ControlCharacters => Feedback::ControlCharacters,
            Damage::Partial => Feedback::Partial,
        }));
    }

    /// Why a scan must not be looked at, whatever it says.
    fn hygiene(&self, now: Moment, scan: &Scan) -> Option<Feedback> {
        let again =
            |seen: Seen| scan.last - seen.at < REPEAT_WITHIN && seen.hash == hash(&scan.text);
        if self.last_scan.is_some_and(again) {
            return Some(Feedback::Repeated);
        }
        let before_arming = self.armed().is_some() && scan.first < self.armed_at;
        (before_arming || now - scan.last > STALE_AFTER).then_some(Feedback::Stale)
    }

    /// A payment code: charge it if the terminal waits for one.
    fn offered(&mut self, now: Moment, scan: &Scan, code: PaymentCode) -> Feedback {
        let Some(reference) = self.armed() else { return self.not_armed() };
        let Some(limits) = self.policy.wallets.get(&code.wallet()) else {
            return match code.wallet() {
                Wallet::WechatPayUpm => Feedback::WechatNotEnabled,
                Wallet::AlipayplusUpm => Feedback::AlipayNotEnabled,
            };
        };
        let Some(sale) = self.sales.get(&reference) else { return Feedback::NothingArmed };
        if !limits.contain(sale.amount) {
            return Feedback::OutsideLimits;
        }
        self.begin(now, &reference, scan.attempt.clone(), code);
        Feedback::Accepted
    }

    /// Begins an attempt: its record, then its one create (D1, S8).
    fn begin(&mut self, now: Moment, reference: &Reference, id: AttemptId, code: PaymentCode) {
        let Some(amount) = self.sales.get(reference).map(|sale| sale.amount) else { return };
        let fact = Fact::AttemptStarted {
            attempt: id.clone(),
            wallet: code.wallet(),
            mask: code.to_string(),
            since: self.warm.newest,
            warning: code.warning(),
        };
        self.note(reference, fact);
        let create =
            Request::Create { attempt: id.clone(), reference: reference.clone(), amount, code };
        let request = self.send(create);
        if let Some(attempt) = self.attempt_mut(reference, &id) {
            attempt.live = Live::new(Phase::Creating, now);
            attempt.live.in_flight =
                Some(InFlight { id: request, asked: Asked::Create, sent: now });
        }
    }

    /// Why a payment code finds no armed sale.
    fn not_armed(&self) -> Feedback {
        let sale = self.current.as_ref().and_then(|reference| self.sales.get(reference));
        match sale {
            Some(sale) if sale.holds_the_counter() => Feedback::Busy,
            // Once an amount is being typed, the code is the next customer's.
            Some(sale) if sale.outcome == Some(Outcome::Paid) && !self.has_entry() => {
                Feedback::AlreadyPaid
            }
            Some(_) | None => Feedback::NothingArmed,
        }
    }

    /// A command barcode, so that a counter without a keyboard works.
    fn ordered(&mut self, now: Moment, command: Command) -> Feedback {
        let Some(reference) = self.current.clone() else { return Feedback::CommandIdle };
        let done = match command {
            Command::Cancel => self.cancel(&reference).is_ok(),
            Command::Check => self.check(now, &reference).is_ok(),
            Command::Reprint => self.announce_again(&reference),
            // The last result is on the screen until the next sale: showing it anew is enough.
            Command::Last => {
                self.shown = None;
                true
            }
            // Reports come with the books; until then the barcode is known and does nothing.
            Command::Report => false,
        };
        if done { Feedback::CommandDone } else { Feedback::CommandIdle }
    }

    pub(super) fn announce_again(&mut self, reference: &Reference) -> bool {
        let announcements = self.sales.get(reference).map(Announcement::again).unwrap_or_default();
        let any = !announcements.is_empty();
        self.effects.extend(announcements.into_iter().map(Effect::Announce));
        any
    }

    /// The sale that waits for a code.
    pub(super) fn armed(&self) -> Option<Reference> {
        self.current.clone().filter(|reference| self.is_armed(reference))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The same code again within this time is a double trigger, a phone still in the scanner's view,
/// or CR+LF.
const REPEAT_WITHIN: Duration = Duration::from_secs(3);
/// An older scan was queued somewhere: nobody means it any more.
const STALE_AFTER: Duration = Duration::from_secs(5);
