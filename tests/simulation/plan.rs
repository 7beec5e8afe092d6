//! What people mean to do: the till and the cashier sale by sale, and each customer. Drawn before
//! the world begins, so that a sale can be left out and everything else stays.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tillscan::money::Amount;
use tillscan::sandbox::behaviours;
use tillscan::scanner::Key;
use tillscan::terminal::{
    Damage, HintedPoll, IfClosed, LateMoney, LateSuccess, Policy, Reference, RefundId, RefundWish,
    Wish,
};

use crate::dice::Dice;
use crate::faults::{Fault, Faults};

/// Everything that people will do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Sale by sale, in the order of their times.
    pub visits: Vec<Visit>,
    /// By payment code: what its customer does, counted from when the charge is made.
    pub customers: BTreeMap<String, (Duration, Move)>,
    /// When the last of it is over.
    pub end: Duration,
    /// What the shop configured.
    pub policy: Policy,
}

/// One customer at the counter.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its place in the plan as it was drawn.
    pub number: usize,
    /// What is done, and when.
    pub acts: Vec<(Duration, Act)>,
}

/// What somebody does at the counter.
#[derive(Clone, Debug)]
pub enum Act {
    /// The till or a person wants something of a sale.
    Wish(Whom, Wish),
    /// A code is held before the scanner, or was so long ago.
    Scan(String, Duration),
    /// The scanner's reading is damaged.
    Damaged(Damage),
    /// A key; the name is what its sale would be called.
    Key(Key, Reference),
    /// The configuration is read again.
    Reload,
    /// The scanner's plug is pulled for so long: nothing that it would read comes.
    Unplug(Duration),
}

/// Which sale somebody means.
#[derive(Clone, Debug)]
pub enum Whom {
    /// This one.
    Named(Reference),
    /// Whichever is on the screen.
    Shown,
}

/// What a customer does with the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Pays, if the charge is still open.
    Pay,
    /// Refuses, if it is.
    Refuse,
}

impl Plan {
    /// Draws what people do in the world of `seed`.
    pub fn drawn(seed: u64, faults: &Faults) -> Self {
        let mut dice = Dice::of(seed, "plan", 0);
        let visits = 2 + dice.below(15);
        let hurry = dice.pick(&[20, 90, 240]);
        let mut plan = Self::default();
        let mut at = Duration::from_millis(500);
        for number in 0..visits {
            let visit = Drawing { seed, number, faults, dice: Dice::of(seed, "visit", number) };
            let acts = visit.acts(at, &mut plan.customers);
            plan.visits.push(Visit { number: number as usize, acts });
            at += dice.between(Duration::from_secs(1), Duration::from_secs(hurry));
        }
        plan.policy = policy(Dice::of(seed, "policy", 0));
        plan.end = at + dice.between(Duration::from_secs(1), Duration::from_secs(240));
        plan
    }

    /// The same without these visits and these acts, each by its visit and its place in it.
    pub fn without(mut self, visits: &BTreeSet<usize>, acts: &BTreeSet<(usize, usize)>) -> Self {
        self.visits.retain(|visit| !visits.contains(&visit.number));
        for visit in &mut self.visits {
            let mut places = 0..;
            let left_out = |place| acts.contains(&(visit.number, place));
            visit.acts.retain(|_| places.next().is_some_and(|place| !left_out(place)));
        }
        self
    }
}

/// What the shop configured: the rest stays as it comes.
fn policy(mut dice: Dice) -> Policy {
    let late = [LateSuccess::Alert, LateSuccess::Refund];
    let hinted = HintedPoll { every: Duration::from_secs(10), trust: Duration::from_secs(600) };
    let hinted_poll = dice.chance(500).then_some(hinted);
    Policy { late_success: dice.pick(&late), hinted_poll, ..Policy::default() }
}

/// Draws one visit.
struct Drawing<'a> {
    seed: u64,
    number: u64,
    faults: &'a Faults,
    dice: Dice,
}

impl Drawing<'_> {
    fn acts(
        mut self,
        begin: Duration,
        customers: &mut BTreeMap<String, (Duration, Move)>,
    ) -> Vec<(Duration, Act)> {
        let second = Duration::from_secs(1);
        let mut acts = Vec::new();
        let typed = self.dice.chance(200);
        let reference = if typed { name("K", self.number / 2) } else { name("R", self.number) };
        if typed {
            self.type_amount(begin, &reference, &mut acts);
        } else {
            acts.push((begin, self.arm(&reference, IfClosed::Keep)));
        }
        let code = self.code(0, customers);
        let scanned = begin + self.dice.between(second / 5, second * 20);
        acts.push((scanned, Act::Scan(code.clone(), Duration::ZERO)));
        if self.dice.chance(200) {
            // A double trigger, or a customer who holds the phone there again.
            let again = scanned + self.dice.span(second * 6);
            acts.push((again, Act::Scan(code, Duration::ZERO)));
        }
        self.refunds(scanned, &reference, &mut acts);
        let named = Whom::Named(reference.clone());
        if self.dice.chance(200) {
            acts.push((
                scanned + self.dice.span(second * 80),
                Act::Wish(named.clone(), Wish::Cancel),
            ));
        }
        if self.dice.chance(300) {
            let retry = scanned + self.dice.between(second, second * 200);
            acts.push((retry, self.arm(&reference, IfClosed::Again)));
            let code = self.code(1, customers);
            acts.push((retry + self.dice.span(second * 9), Act::Scan(code, Duration::ZERO)));
        }
        if self.dice.chance(150) {
            let lost = scanned + self.dice.span(second * 150);
            acts.push((lost, Act::Wish(named.clone(), Wish::Detach)));
        }
        if self.dice.chance(400) {
            let seen = scanned + self.dice.span(second * 90);
            acts.push((seen, Act::Wish(named, self.seen())));
        }
        self.restlessness(begin, &mut acts);
        acts.sort_by_key(|(at, _)| *at);
        acts
    }

    /// Money goes back: all or a part, once or again, under the same name or another, before it has
    /// come and after.
    fn refunds(
        &mut self,
        scanned: Duration,
        reference: &Reference,
        acts: &mut Vec<(Duration, Act)>,
    ) {
        let mut dice = Dice::of(self.seed, "refund", self.number);
        if !dice.chance(self.strength(Fault::Refunds)) {
            return;
        }
        let mut at = scanned + dice.between(Duration::from_secs(1), Duration::from_secs(200));
        for nth in 0..=dice.below(4) {
            let number = if dice.chance(300) { nth / 2 } else { nth };
            let part = Amount::from_satang(1 + dice.below(100_000) as i64);
            let wish = RefundWish {
                refund: name("F", number),
                id: RefundId(format!("r{}-{}-{nth}", self.seed, self.number)),
                amount: part.filter(|_| dice.chance(700)),
                reason: None,
            };
            acts.push((at, Act::Wish(Whom::Named(reference.clone()), Wish::Refund(wish))));
            let longest = dice.pick(&[1, 20, 200]);
            at += dice.span(Duration::from_secs(longest));
        }
    }

    /// Somebody has seen the result; money that came late goes back or stays.
    fn seen(&mut self) -> Wish {
        let mut dice = Dice::of(self.seed, "seen", self.number);
        let back = dice.chance(self.strength(Fault::Refunds));
        Wish::Acknowledge(if back { LateMoney::GiveBack } else { LateMoney::Keep })
    }

    fn strength(&self, fault: Fault) -> u32 {
        self.faults.strengths().get(&fault).copied().unwrap_or_default()
    }

    /// Anything at any time.
    fn restlessness(&mut self, begin: Duration, acts: &mut Vec<(Duration, Act)>) {
        if !self.dice.chance(self.strength(Fault::Restless)) {
            return;
        }
        for _ in 0..self.dice.below(14) {
            let at = begin + self.dice.span(Duration::from_secs(120));
            let act = self.anything();
            acts.push((at, act));
        }
    }

    fn anything(&mut self) -> Act {
        let reference = name("R", self.dice.below(self.number + 1));
        let whom = if self.dice.chance(500) { Whom::Shown } else { Whom::Named(reference.clone()) };
        match self.dice.below(20) {
            0 => self.arm(&reference, IfClosed::Keep),
            1 | 2 => self.arm(&reference, IfClosed::Again),
            3 => Act::Wish(whom, Wish::Cancel),
            4 => Act::Wish(whom, Wish::Check),
            5 => Act::Wish(whom, Wish::Detach),
            6 => Act::Wish(whom, self.seen()),
            7..=9 => Act::Scan(self.dice.pick(ODD_SCANS).to_owned(), Duration::ZERO),
            10 => {
                let damages = [Damage::TooLong, Damage::ControlCharacters, Damage::Partial];
                Act::Damaged(self.dice.pick(&damages))
            }
            11 => {
                let code = code(self.seed, self.number * 8 + 2 + self.dice.below(3), 0);
                Act::Scan(code, self.dice.span(Duration::from_secs(12)))
            }
            12 => Act::Reload,
            13 => Act::Unplug(self.dice.span(Duration::from_secs(40))),
            _ => Act::Key(self.key(), name("K", self.dice.below(self.number + 1))),
        }
    }

    fn key(&mut self) -> Key {
        match self.dice.below(9) {
            0 => Key::Point,
            1 => Key::Erase,
            2 => Key::Clear,
            3 | 4 => Key::Enter,
            _ => Key::Digit(self.dice.below(10) as u8),
        }
    }

    /// An amount of baht and satang on the keypad, with an Enter that bounces now and then.
    fn type_amount(&mut self, at: Duration, name: &Reference, acts: &mut Vec<(Duration, Act)>) {
        let text = format!("{}.{:02}", 20 + self.dice.below(5_000), self.dice.below(100));
        let keys = text.bytes().map(|byte| match byte {
            b'.' => Key::Point,
            digit => Key::Digit(digit - b'0'),
        });
        let enters = 1 + usize::from(self.dice.chance(300));
        let mut at = at;
        for key in keys.chain(std::iter::repeat_n(Key::Enter, enters)) {
            acts.push((at, Act::Key(key, name.clone())));
            at += Duration::from_millis(60);
        }
    }

    /// The same reference nearly always comes with the same amount.
    fn arm(&mut self, reference: &Reference, closed: IfClosed) -> Act {
        let mut of_sale = Dice::of(self.seed, reference.as_str(), 0);
        let mut satang = 2_000 + of_sale.below(500_000) as i64;
        if self.dice.chance(20) {
            satang = self.dice.pick(&[1_999, 2_000, 15_000_000, 15_000_001, satang + 1]);
        }
        let amount = Amount::from_satang(satang).unwrap_or(Amount::ZERO);
        Act::Wish(Whom::Named(reference.clone()), Wish::Arm { amount, closed })
    }

    /// A customer's code. Its last digits choose the course of the payment.
    fn code(&mut self, nth: u64, customers: &mut BTreeMap<String, (Duration, Move)>) -> String {
        let number = self.number * 8 + nth;
        let (odd, wrong) = (self.strength(Fault::OddCourse), self.strength(Fault::WrongAmount));
        let elsewhere = self.strength(Fault::Refunds) / 4;
        let mut dice = Dice::of(self.seed, "elsewhere", number);
        let digits = if dice.chance(elsewhere) {
            dice.pick(&GIVEN_BACK)
        } else if self.dice.chance(wrong) {
            self.dice.pick(&WRONG_AMOUNTS)
        } else if self.dice.chance(odd) {
            let rows: Vec<u8> = behaviours()
                .iter()
                .map(|row| row.digits)
                .filter(|digits| !GIVEN_BACK.contains(digits))
                .collect();
            let row = rows[self.dice.below(rows.len() as u64) as usize];
            if WRONG_AMOUNTS.contains(&row) { NEVER_PAID } else { row }
        } else {
            NEVER_PAID
        };
        let code = code(self.seed, number, digits);
        let pays = self.dice.between(Duration::from_millis(300), Duration::from_secs(120));
        match self.dice.below(10) {
            0..=5 => drop(customers.insert(code.clone(), (pays, Move::Pay))),
            6 | 7 => drop(customers.insert(code.clone(), (pays, Move::Refuse))),
            _ => {}
        }
        code
    }
}

/// The sale's name for a number.
pub fn name(letter: &str, number: u64) -> Reference {
    format!("{letter}{number}").parse().expect("a letter and a number are a reference")
}

/// A payment code of 18 digits that no other seed and number has.
pub fn code(seed: u64, number: u64, digits: u8) -> String {
    format!("13{:014}{digits:02}", (seed % 1_000_000_000) * 100_000 + number)
}

/// The sandbox's course of a payment that nobody makes by itself: it is up to the customer.
pub const NEVER_PAID: u8 = 6;
/// The courses in which the gateway takes what it was not asked for.
const WRONG_AMOUNTS: [u8; 2] = [67, 68];
const ODD_SCANS: &[&str] = &[
    "TILLSCAN:CANCEL",
    "TILLSCAN:CHECK",
    "TILLSCAN:REPRINT",
    "TILLSCAN:LAST",
    "TILLSCAN:REPORT",
    "281234567890123456",
    "6212345678901234567",
    "8850006321034",
    "00020101021130",
    "wxp://f2f0",
    "13099129255",
];

/// Courses in which the shop gives the money back in Opn's dashboard.
const GIVEN_BACK: [u8; 3] = [94, 95, 96];
