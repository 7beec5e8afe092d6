//! How many webhooks are looked at: a bucket of tokens, one for each, that fills with time. Pure.

use std::time::Duration;

use crate::clock::Moment;

/// So many at once, and so many in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once.
    pub burst: u32,
    /// The time from one to the next in the long run.
    pub every: Duration,
}

/// The tokens that are left, kept as the time at which none is missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    full_at: Moment,
}

impl Bucket {
    /// Takes a token at `now`, if one is left.
    pub fn take(&mut self, rate: Rate, now: Moment) -> bool {
        let full_at = self.full_at.max(now) + rate.every;
        let is_left = full_at - now <= rate.every * rate.burst;
        if is_left {
            self.full_at = full_at;
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { burst: 3, every: Duration::from_millis(100) };

    /// Which of those who come at these times, in milliseconds, get a token.
    fn taken(times: &[u64]) -> Vec<u64> {
        let mut bucket = Bucket::default();
        let came = times.iter().copied();
        came.filter(|time| bucket.take(RATE, Moment::from_millis(*time))).collect()
    }

    #[test]
    fn a_burst_passes_and_then_as_many_as_time_brings() {
        assert_eq!(taken(&[0, 0, 0, 0, 0]), [0, 0, 0]);
        assert_eq!(taken(&[5, 5, 5, 5, 104, 105, 105, 205, 204]), [5, 5, 5, 105, 205]);
        // However long nobody comes, there are no more than a burst.
        assert_eq!(taken(&[0, 0, 0, 9_000, 9_000, 9_000, 9_000]), [0, 0, 0, 9_000, 9_000, 9_000]);
    }

    proptest! {
        /// O3: in no span of time more than a burst and what the span brings.
        #[test]
        fn o3_no_span_has_more_than_its_share(mut times in prop::collection::vec(0_u64..2_000, 0..80)) {
            times.sort_unstable();
            let taken = taken(&times);
            for (first, from) in taken.iter().enumerate() {
                for (last, to) in taken.iter().enumerate().skip(first) {
                    let count = u64::try_from(last - first + 1).unwrap();
                    prop_assert!(count <= 3 + (to - from) / 100, "{count} from {from} to {to}");
                }
            }
        }
    }
}
