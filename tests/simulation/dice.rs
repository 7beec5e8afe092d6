//! Numbers that only look random: each question has a stream of its own, so that leaving one fault
//! out of a run changes no other.

use std::time::Duration;

/// A stream of numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream for the question `about`, asked for the `index`th time in the world of `seed`.
    pub fn of(seed: u64, about: &str, index: u64) -> Self {
        // FNV-1a: spreads the names; the mixer does the rest.
        let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in about.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut dice = Self(state ^ index.wrapping_mul(0xd6e8_feb8_6659_fd93));
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// True `per_mille` times of a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < u64::from(per_mille)
    }

    /// A time between the two, to the millisecond.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let width = most.saturating_sub(least).as_millis() as u64;
        least + Duration::from_millis(self.below(width + 1))
    }

    /// A time up to `longest`; short ones are as likely as long ones.
    pub fn span(&mut self, longest: Duration) -> Duration {
        let millis = (longest.as_millis() as u64) >> self.below(12);
        Duration::from_millis(self.below(millis + 1))
    }
}
