//! Everything that one or two faults can do to short stories: a power cut at every point, and each
//! kind of loss of every message, one and two at a time. A second fault is looked for wherever the
//! world of the first one has an occasion for it, so that power also goes within what a loss
//! brought about, and messages are lost that only a restart sends.

use std::time::Duration;

use tillscan::money::Amount;
use tillscan::scanner::Key;
use tillscan::terminal::{IfClosed, LateMoney, LateSuccess, RefundId, RefundWish, Wish};

use crate::faults::{Fault, Faults};
use crate::mutant::Mutant;
use crate::plan::{Act, Move, NEVER_PAID, Plan, Visit, Whom, code, name};
use crate::report::Tally;
use crate::run::{EPOCH, Failure, Recipe};
use crate::trace::Trace;

/// What befalls two messages of one story, too: those that leave the terminal in doubt.
const TELLING: &[Fault] = &[Fault::LostRequest, Fault::LostReply, Fault::Slow, Fault::ErrorAfter];

/// One sale without faults.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// The last digits of the customer's code: the sandbox's course.
    digits: u8,
    /// What the customer does, how many seconds after the charge was made.
    customer: Option<(u64, Move)>,
    /// What the cashier does after the scan, at the second.
    cashier: &'static [(u64, Does)],
    /// What becomes of money that comes late.
    late: LateSuccess,
}

const LATE: LateSuccess = LateSuccess::Alert;

/// What a cashier does.
#[derive(Clone, Copy, Debug)]
enum Does {
    Cancel,
    Check,
    Detach,
    Acknowledge,
    Refund,
    RefundPart,
    GiveBack,
    Rescan,
    /// Arms the sale again, and scans another code that is paid.
    TryAgain,
    /// The same, but the customer does not pay.
    TryInVain,
    /// The same, but that charge is declined, too, and its money comes late.
    TryLate,
    /// Arms the sale again, for a customer who does not come.
    ArmAgain,
    /// The next sale.
    Next,
    /// Types the amount and lets the next customer pay.
    Type,
}

const fn course(digits: u8) -> Story {
    Story { digits, customer: None, cashier: &[], late: LATE }
}

const fn pays(after: u64, cashier: &'static [(u64, Does)]) -> Story {
    Story { digits: NEVER_PAID, customer: Some((after, Move::Pay)), cashier, late: LATE }
}

const fn waits(cashier: &'static [(u64, Does)]) -> Story {
    Story { digits: NEVER_PAID, customer: None, cashier, late: LATE }
}

const fn acted(digits: u8, cashier: &'static [(u64, Does)]) -> Story {
    Story { digits, customer: None, cashier, late: LATE }
}

/// The stories: every course of the sandbox that ends by itself, then customers and cashiers.
pub const STORIES: &[Story] = &[
    course(1),
    course(2),
    course(3),
    course(4),
    course(5),
    course(6),
    course(10),
    course(12),
    course(14),
    course(15),
    course(16),
    course(20),
    course(21),
    course(22),
    course(30),
    course(31),
    course(32),
    course(33),
    course(34),
    course(40),
    course(41),
    course(42),
    course(43),
    course(44),
    course(45),
    course(47),
    course(50),
    course(51),
    course(52),
    course(53),
    course(60),
    course(61),
    course(63),
    course(64),
    course(66),
    course(69),
    course(70),
    course(71),
    pays(4, &[(6, Does::Acknowledge)]),
    pays(14, &[(3, Does::Cancel)]),
    pays(16, &[(20, Does::Cancel)]),
    pays(5, &[(1, Does::Rescan), (9, Does::Rescan)]),
    pays(5, &[(9, Does::Next)]),
    pays(5, &[(9, Does::Type)]),
    pays(64, &[(30, Does::Check)]),
    waits(&[(2, Does::Cancel)]),
    waits(&[(20, Does::Cancel), (40, Does::Acknowledge)]),
    waits(&[(90, Does::TryAgain)]),
    waits(&[(66, Does::Detach), (70, Does::Next)]),
    waits(&[(2, Does::Cancel), (25, Does::TryAgain)]),
    Story {
        digits: NEVER_PAID,
        customer: Some((5, Move::Refuse)),
        cashier: &[(10, Does::TryAgain)],
        late: LATE,
    },
    acted(31, &[(2, Does::Cancel), (40, Does::TryAgain)]),
    // The money of a declined charge comes late, while its sale waits for another customer or code.
    acted(32, &[(40, Does::TryInVain)]),
    acted(32, &[(50, Does::ArmAgain)]),
    acted(32, &[(4, Does::TryLate)]),
    // … or has come before.
    acted(32, &[(80, Does::ArmAgain)]),
    // Money goes back: all, in parts, with an answer that is lost or late, and after it came late.
    pays(4, &[(8, Does::Refund)]),
    pays(4, &[(8, Does::RefundPart), (8, Does::Refund), (20, Does::Refund)]),
    acted(81, &[(6, Does::RefundPart), (40, Does::Refund)]),
    acted(85, &[(6, Does::Refund)]),
    acted(88, &[(6, Does::Refund)]),
    acted(95, &[(20, Does::Refund)]),
    Story { digits: 32, customer: None, cashier: &[], late: LateSuccess::Refund },
    acted(31, &[(2, Does::Cancel), (90, Does::GiveBack)]),
];

impl Story {
    fn plan(&self) -> Plan {
        let mut plan = Plan { end: Duration::from_secs(150), ..Plan::default() };
        plan.policy.late_success = self.late;
        // Not every two hours: one long wait has all that a dozen alike have.
        plan.policy.watch = [60, 600, 3_600, 86_400].map(Duration::from_secs).to_vec();
        let first = code(0, 0, self.digits);
        if let Some((after, move_)) = self.customer {
            plan.customers.insert(first.clone(), (Duration::from_secs(after), move_));
        }
        let scanned = Duration::from_secs(2);
        let mut acts = vec![
            (Duration::from_secs(1), arm(0, IfClosed::Keep)),
            (scanned, Act::Scan(first.clone(), Duration::ZERO)),
        ];
        for (second, does) in self.cashier {
            let at = scanned + Duration::from_secs(*second);
            acts.extend(does.acts(&first).into_iter().map(|act| (at, act)));
        }
        plan.visits.push(Visit { number: 0, acts });
        plan
    }

    /// The story with these faults.
    pub fn recipe(&self, planned: &[(Fault, u64)], mutant: Option<Mutant>) -> Recipe {
        Recipe { seed: 0, faults: Faults::planned(planned), plan: self.plan(), mutant }
    }
}

impl Does {
    fn acts(self, first: &str) -> Vec<Act> {
        let wish = |wish| vec![Act::Wish(Whom::Named(name("R", 0)), wish)];
        let scan = |code: String| Act::Scan(code, Duration::ZERO);
        match self {
            Self::Cancel => wish(Wish::Cancel),
            Self::Check => wish(Wish::Check),
            Self::Detach => wish(Wish::Detach),
            Self::Acknowledge => wish(Wish::Acknowledge(LateMoney::Keep)),
            Self::GiveBack => wish(Wish::Acknowledge(LateMoney::GiveBack)),
            Self::Refund => wish(refund(0, None)),
            Self::RefundPart => wish(refund(1, Some(Amount::from_baht(50)))),
            Self::Rescan => vec![scan(first.to_owned())],
            Self::TryAgain => vec![arm(0, IfClosed::Again), scan(code(0, 1, 2))],
            Self::TryInVain => vec![arm(0, IfClosed::Again), scan(code(0, 1, NEVER_PAID))],
            Self::TryLate => vec![arm(0, IfClosed::Again), scan(code(0, 1, 32))],
            Self::ArmAgain => vec![arm(0, IfClosed::Again)],
            Self::Next => vec![arm(1, IfClosed::Keep), scan(code(0, 2, 2))],
            Self::Type => {
                let keys = [Key::Digit(7), Key::Digit(5), Key::Point, Key::Digit(5), Key::Enter];
                let typed = keys.into_iter().map(|key| Act::Key(key, name("K", 0)));
                typed.chain([scan(code(0, 3, 2))]).collect()
            }
        }
    }
}

fn arm(number: u64, closed: IfClosed) -> Act {
    let wish = Wish::Arm { amount: Amount::from_baht(150), closed };
    Act::Wish(Whom::Named(name("R", number)), wish)
}

fn refund(number: u64, amount: Option<Amount>) -> Wish {
    let (refund, id) = (name("F", number), RefundId(format!("r0-{number}")));
    Wish::Refund(RefundWish { refund, id, amount, reason: None })
}

/// One piece of work: a story with its first fault. Plays it with that one, and with every second
/// one that comes after it.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    story: &'static Story,
    first: (Fault, u64),
    /// The occasions that the story has without faults.
    calm: Extent,
    mutant: Option<Mutant>,
}

/// All pieces, story by story; and what the stories without faults added up to.
pub fn pieces(mutant: Option<Mutant>) -> Result<(Vec<Piece>, Tally), Box<Failure>> {
    let (mut all, mut sum) = (Vec::new(), Tally::default());
    for story in STORIES {
        let (tally, calm) = play("no fault", &story.recipe(&[], mutant))?;
        sum.add(&tally);
        let firsts = calm.crashes(0).chain(calm.losses(0, Fault::NETWORK));
        all.extend(firsts.map(|first| Piece { story, first, calm, mutant }));
    }
    Ok((all, sum))
}

impl Piece {
    /// Plays it all; counts every world.
    pub fn play(&self) -> Result<Tally, Box<Failure>> {
        let (first, at) = self.first;
        let is_crash = first == Fault::Crash;
        let kind = if is_crash { "one crash" } else { "one loss" };
        let (mut sum, extent) = play(kind, &self.story.recipe(&[self.first], self.mutant))?;
        let mut also = |second, kind| -> Result<(), Box<Failure>> {
            let (tally, _) = play(kind, &self.story.recipe(&[self.first, second], self.mutant))?;
            sum.add(&tally);
            Ok(())
        };
        if is_crash {
            extent.crashes(at).try_for_each(|second| also(second, "two crashes"))?;
            extent.losses(0, TELLING).try_for_each(|second| also(second, "a crash and a loss"))?;
        } else if TELLING.contains(&first) {
            // A crash where the story has a point without the loss is the crash's own piece.
            let mut points = extent.crashes(self.calm.points);
            points.try_for_each(|second| also(second, "a crash after a loss"))?;
            extent.losses(at, TELLING).try_for_each(|second| also(second, "two losses"))?;
        }
        Ok(sum)
    }
}

/// How many occasions for faults a world had.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    points: u64,
    messages: u64,
}

impl Extent {
    /// A crash at every point after point `after`.
    fn crashes(self, after: u64) -> impl Iterator<Item = (Fault, u64)> {
        (after + 1..=self.points).map(|point| (Fault::Crash, point))
    }

    /// Each kind of loss of every message after message `after`.
    fn losses(self, after: u64, kinds: &'static [Fault]) -> impl Iterator<Item = (Fault, u64)> {
        let messages = after + 1..=self.messages;
        messages.flat_map(|message| kinds.iter().map(move |kind| (*kind, message)))
    }
}

fn play(kind: &'static str, recipe: &Recipe) -> Result<(Tally, Extent), Box<Failure>> {
    let mut world = recipe.world(EPOCH, Trace::default());
    match world.play() {
        Ok(()) => {
            let counters = &world.counters;
            let extent = Extent { points: counters.points, messages: counters.messages };
            world.tally.kind(kind, world.faults.all_struck());
            Ok((world.tally, extent))
        }
        Err(violation) => Err(recipe.failed(violation, world.faults.struck)),
    }
}
