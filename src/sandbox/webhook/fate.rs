//! What becomes of each letter on its way, drawn from a seed: the same letter of the same seed
//! always fares the same, whenever it comes.

use std::time::Duration;

use super::WebhookOptions;
use crate::sandbox::moment::Random;

/// What becomes of one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// How long each copy waits; empty where the letter is lost.
    pub copies: Vec<Duration>,
    /// Whether the next letter goes first.
    pub is_overtaken: bool,
}

impl Fate {
    /// The fate of the letter with this number, counted from the start.
    pub(super) fn draw(options: &WebhookOptions, seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed ^ number.wrapping_mul(LETTER_STEP));
        // Every letter draws the same number of times, so that one option leaves the others alone.
        let is_lost = random.chance(options.loss_percent);
        let is_doubled = random.chance(options.duplicate_percent);
        let is_overtaken = random.chance(options.swap_percent);
        let delays = [(); 2].map(|()| delay(options, &mut random));
        let count = if is_lost { 0 } else { 1 + usize::from(is_doubled) };
        Self { copies: delays.into_iter().take(count).collect(), is_overtaken }
    }
}

fn delay(options: &WebhookOptions, random: &mut Random) -> Duration {
    let spread = u64::try_from(options.delay_spread.as_millis()).unwrap_or(u64::MAX);
    let more = random.next().checked_rem(spread.saturating_add(1)).unwrap_or(0);
    options.delay.saturating_add(Duration::from_millis(more))
}

/// Odd, so that no two letters of a seed share their random numbers; otherwise of no meaning.
const LETTER_STEP: u64 = 0xd1b5_4a32_d192_ed03;

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;

    fn options(loss: u8, duplicate: u8, swap: u8, spread_ms: u64) -> WebhookOptions {
        WebhookOptions {
            delay: Duration::from_secs(1),
            delay_spread: Duration::from_millis(spread_ms),
            duplicate_percent: duplicate,
            swap_percent: swap,
            loss_percent: loss,
            ..WebhookOptions::to("http://127.0.0.1:9/".parse().unwrap())
        }
    }

    /// What is asked for: loss, duplicates and swaps in percent, and the spread in milliseconds.
    type Asked = (u8, u8, u8, u64);

    /// Of 1,000 letters: how many copies are sent, how many letters are overtaken, and whether
    /// delays differ.
    #[test]
    fn letters_are_lost_doubled_swapped_and_delayed_as_asked() {
        let table: &[(Asked, [RangeInclusive<usize>; 2])] = &[
            ((0, 0, 0, 0), [1_000..=1_000, 0..=0]),
            ((0, 100, 0, 0), [2_000..=2_000, 0..=0]),
            ((100, 100, 100, 0), [0..=0, 1_000..=1_000]),
            ((0, 20, 0, 5_000), [1_130..=1_270, 0..=0]),
            ((20, 0, 50, 0), [730..=870, 430..=570]),
        ];
        for ((loss, duplicate, swap, spread_ms), [copies, overtaken]) in table {
            let options = options(*loss, *duplicate, *swap, *spread_ms);
            let fates: Vec<Fate> = (0..1_000).map(|n| Fate::draw(&options, 3, n)).collect();
            let all: Vec<Duration> = fates.iter().flat_map(|fate| fate.copies.clone()).collect();
            assert!(copies.contains(&all.len()), "{} in {copies:?}", all.len());
            let count = fates.iter().filter(|fate| fate.is_overtaken).count();
            assert!(overtaken.contains(&count), "{count} in {overtaken:?}");
            let bounds = Duration::from_secs(1)..=Duration::from_millis(1_000 + spread_ms);
            assert!(all.iter().all(|delay| bounds.contains(delay)));
            assert_eq!(all.is_sorted(), *spread_ms == 0);
        }
    }

    #[test]
    fn a_letters_fate_follows_from_seed_and_number_and_options_do_not_mix() {
        let plain = options(0, 0, 0, 5_000);
        let unlucky = options(30, 30, 30, 5_000);
        let draw = |options, seed| -> Vec<Fate> {
            (0..200).map(|number| Fate::draw(options, seed, number)).collect()
        };
        assert_eq!(draw(&unlucky, 7), draw(&unlucky, 7));
        assert_ne!(draw(&unlucky, 7), draw(&unlucky, 8));
        for (plain, unlucky) in draw(&plain, 7).iter().zip(draw(&unlucky, 7)) {
            assert!(unlucky.copies.is_empty() || unlucky.copies[0] == plain.copies[0]);
        }
    }
}
