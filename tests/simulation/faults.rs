//! What can go wrong, how strongly it does in the world of a seed (each class is off with p = 0.5:
//! calm worlds find what chaos hides), and what did.

use std::collections::{BTreeMap, BTreeSet};

use crate::dice::Dice;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $strengths:expr;)*) => {
        /// A class of faults.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// All classes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in reports and on the command line.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How often it may strike, of a thousand occasions.
            const fn strengths(self) -> [u32; 3] {
                match self { $(Self::$name => $strengths,)* }
            }
        }
    };
}

faults! {
    /// A request is lost on its way there.
    LostRequest = "lost_request", [5, 40, 250];
    /// It arrives, and its answer is lost.
    LostReply = "lost_reply", [5, 40, 250];
    /// It arrives once more, up to 20 s later.
    Duplicate = "duplicate", [5, 40, 250];
    /// It arrives, or is answered, up to 30 s late: also beyond our time-out.
    Slow = "slow", [5, 40, 250];
    /// 5xx or `backend_error` in front of the gateway: nothing happens.
    ErrorBefore = "error_before", [5, 40, 200];
    /// 5xx or `backend_error` after it happened.
    ErrorAfter = "error_after", [5, 40, 200];
    /// 429, with or without `Retry-After`.
    TooMany = "too_many", [5, 40, 200];
    /// A body that is no JSON, or cut off.
    Garbage = "garbage", [5, 40, 200];
    /// An answer about somebody else's charge.
    Foreign = "foreign", [5, 40, 200];
    /// Refused by the gateway without effect, and with no good reason.
    Refused = "refused", [2, 10, 60];
    /// The connection cannot be made.
    NotSent = "not_sent", [5, 40, 200];
    /// The power goes, between any two effects or within a write.
    Crash = "crash", [2, 10, 60];
    /// What was written and not synced survives as a piece.
    TornTail = "torn_tail", [100, 500, 1_000];
    /// A bit of what was not synced is another one.
    FlippedBit = "flipped_bit", [100, 300, 500];
    /// No space, or an I/O error, on write.
    WriteFails = "write_fails", [1, 5, 20];
    /// An I/O error on fsync: nobody knows what is on disk.
    SyncFails = "sync_fails", [1, 5, 20];
    /// The machine stands still, or sleeps with its clock.
    Stall = "stall", [2, 10, 50];
    /// A charge that was closed unpaid turns successful hours later.
    LateFlip = "late_flip", [20, 150, 500];
    /// The gateway takes another amount or currency than it was asked for.
    WrongAmount = "wrong_amount", [1, 4, 10];
    /// Lists show a charge up to 30 s late.
    ListLag = "list_lag", [1_000, 1_000, 1_000];
    /// The payment takes one of the sandbox's odd courses.
    OddCourse = "odd_course", [100, 400, 900];
    /// People do anything at any time.
    Restless = "restless", [100, 400, 900];
    /// A bit of what was synced is another one when it is read back.
    Rot = "rot", [100, 300, 900];
    /// A create or an expire is answered as if the charge were closed, which it is not.
    Hollow = "hollow", [5, 40, 250];
    /// The gateway sends webhooks. (No fault; drawn like one.)
    Webhooks = "webhooks", [1_000, 1_000, 1_000];
    /// A webhook never comes.
    Untold = "untold", [50, 300, 900];
    /// The shop's people give money back.
    Refunds = "refunds", [100, 400, 900];
}

impl Fault {
    /// Those that befall one message.
    pub const NETWORK: &[Self] = &[
        Self::LostRequest,
        Self::LostReply,
        Self::Duplicate,
        Self::Slow,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::TooMany,
        Self::Garbage,
        Self::Foreign,
        Self::Refused,
        Self::NotSent,
        Self::Hollow,
    ];
}

/// The faults of one world.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    seed: u64,
    strength: BTreeMap<Fault, u32>,
    muted: BTreeSet<(Fault, u64)>,
    planned: BTreeSet<(Fault, u64)>,
    calm: bool,
    /// What struck: the class, and at which of its occasions.
    pub struck: Vec<(Fault, u64)>,
}

impl Faults {
    /// Drawn: the swarm.
    pub fn drawn(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "faults", 0);
        let mut strength = BTreeMap::new();
        for fault in Fault::ALL {
            let drawn = dice.pick(&fault.strengths());
            if dice.chance(500) {
                strength.insert(*fault, drawn);
            }
        }
        Self { seed, strength, ..Self::default() }
    }

    /// These and no others, each at one occasion.
    pub fn planned(planned: &[(Fault, u64)]) -> Self {
        Self { planned: planned.iter().copied().collect(), ..Self::default() }
    }

    /// Leaves a class out.
    pub fn without(mut self, fault: Fault) -> Self {
        self.strength.remove(&fault);
        self
    }

    /// Leaves single faults out.
    pub fn muting(mut self, muted: &BTreeSet<(Fault, u64)>) -> Self {
        self.muted.clone_from(muted);
        self
    }

    /// The classes that are on, with their strengths.
    pub fn strengths(&self) -> &BTreeMap<Fault, u32> {
        &self.strength
    }

    /// Those that were planned, one by one.
    pub fn plan(&self) -> &BTreeSet<(Fault, u64)> {
        &self.planned
    }

    /// Whether all that was planned struck: the first may change the course so that there is no
    /// occasion for the second.
    pub fn all_struck(&self) -> bool {
        self.planned.iter().all(|planned| self.struck.contains(planned))
    }

    /// Nothing is drawn to go wrong from here on; what was planned still strikes.
    pub fn calm(&mut self) {
        self.calm = true;
    }

    /// Whether `fault` strikes at its occasion number `index`.
    pub fn strikes(&mut self, fault: Fault, index: u64) -> bool {
        if self.muted.contains(&(fault, index)) {
            return false;
        }
        let strength = self.strength.get(&fault).copied().unwrap_or_default();
        let drawn = !self.calm && strength > 0 && self.dice(fault, index).chance(strength);
        let strikes = drawn || self.planned.contains(&(fault, index));
        if strikes {
            self.struck.push((fault, index));
        }
        strikes
    }

    /// The numbers for how exactly it strikes; the first one was whether.
    pub fn dice(&self, fault: Fault, index: u64) -> Dice {
        Dice::of(self.seed, fault.word(), index)
    }

    /// The one fault, if any, that befalls message number `index`.
    pub fn of_message(&mut self, index: u64) -> Option<Fault> {
        Fault::NETWORK.iter().copied().find(|fault| self.strikes(*fault, index))
    }
}
