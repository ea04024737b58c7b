//! How long things took, in a fixed number of buckets: eight for each doubling, so that what is read from them is wrong
//! by a sixteenth at most. Kafka keeps a sample of the last minutes instead (`ExponentiallyDecayingReservoir`).

use super::Counter;

/// Buckets for each doubling, as a power of two.
const STEP_BITS: u32 = 3;
/// Larger values count as this: 19 hours in microseconds.
const VALUE_MAX: u64 = (1 << 36) - 1;
const BUCKETS: usize = bucket_of(VALUE_MAX) + 1;

/// Counts of one owner thread.
#[derive(Debug)]
pub struct Histogram {
    buckets: [Counter; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: std::array::from_fn(|_| Counter::default()) }
    }
}

impl Histogram {
    pub fn add(&self, value: u64) {
        self.buckets[bucket_of(value)].add(1);
    }
}

/// What several histograms have counted at one moment; cut behind the last bucket in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<u64>);

impl Counts {
    pub fn add(&mut self, histogram: &Histogram) {
        for (at, bucket) in histogram.buckets.iter().enumerate() {
            let count = bucket.get();
            if count > 0 {
                if self.0.len() <= at {
                    self.0.resize(at + 1, 0);
                }
                self.0[at] += count;
            }
        }
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// What has come since `earlier`.
    pub fn since(&self, earlier: &Counts) -> Counts {
        let before = |at| earlier.0.get(at).copied().unwrap_or(0);
        Counts(self.0.iter().enumerate().map(|(at, count)| count.saturating_sub(before(at))).collect())
    }

    /// The value that a part of all values does not exceed; 0 when there are none.
    pub fn quantile(&self, part: f64) -> f64 {
        let rank = (self.total() as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (at, count) in self.0.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return middle_of(at);
            }
        }
        0.0
    }
}

const fn bucket_of(value: u64) -> usize {
    let value = if value > VALUE_MAX { VALUE_MAX } else { value };
    if value < 1 << STEP_BITS {
        return value as usize;
    }
    let doubling = value.ilog2() - STEP_BITS;
    (((doubling + 1) << STEP_BITS) as u64 + ((value >> doubling) & ((1 << STEP_BITS) - 1))) as usize
}

fn middle_of(bucket: usize) -> f64 {
    if bucket < 1 << STEP_BITS {
        return bucket as f64;
    }
    let doubling = (bucket >> STEP_BITS) - 1;
    let first = (1 << STEP_BITS) + (bucket & ((1 << STEP_BITS) - 1));
    ((first << doubling) as f64) + ((1u64 << doubling) - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(values: impl IntoIterator<Item = u64>) -> Counts {
        let histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.add(value));
        let mut counts = Counts::default();
        counts.add(&histogram);
        counts
    }

    #[test]
    fn every_value_is_near_the_middle_of_its_bucket() {
        let mut last = 0;
        for value in (0..5000).chain((13..36).map(|bits| (1u64 << bits) + 12345)) {
            let bucket = bucket_of(value);
            assert!(bucket >= last, "{value}");
            last = bucket;
            let (middle, value) = (middle_of(bucket), value as f64);
            assert!((middle - value).abs() <= value / 16.0, "{value} is in the bucket of {middle}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let counts = counts((1..=1000).map(|step| step * 100));
        for (part, expected) in [(0.5, 50_000.0), (0.75, 75_000.0), (0.99, 99_000.0), (0.999, 99_900.0)] {
            let found = counts.quantile(part);
            assert!((found - expected).abs() <= expected / 16.0, "{part}: {found} for {expected}");
        }
        assert_eq!(counts.total(), 1000);
        assert_eq!(Counts::default().quantile(0.5), 0.0);
    }

    #[test]
    fn what_came_since_is_the_difference() {
        let earlier = counts([1, 5]);
        let since = counts([1, 5, 5, 70_000]).since(&earlier);
        assert_eq!(since.total(), 2);
        assert_eq!(since.quantile(0.5), 5.0);
        assert_eq!(earlier.since(&earlier).quantile(0.99), 0.0);
    }
}
