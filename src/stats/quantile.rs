//! A bounded, deterministic sketch of a distribution.
//!
//! Observations are counted in buckets of 128 to the octave, cut from the leading bits of the
//! floating-point number itself, as in an HDR histogram; a quantile is the lower edge of its bucket,
//! which lies within 1/128 of the true one. Zero is counted apart, so it is exact, and so is every
//! whole number up to 255. The counts do not depend on the order of observations, and two sketches
//! merge exactly.

use super::tally::rank_of;

/// Mantissa bits that choose the bucket within an octave.
const BITS: u32 = 7;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// Counts of observations by size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuantileSketch {
    zeros: u64,
    /// Bucket number of `counts[0]`.
    lowest: u64,
    counts: Vec<u64>,
}

impl QuantileSketch {
    /// Counts one observation: finite and not negative.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if value == 0.0 {
            self.zeros += 1;
            return;
        }
        let bucket = value.to_bits() >> SHIFT;
        match self
            .counts
            .get_mut(bucket.wrapping_sub(self.lowest) as usize)
        {
            Some(count) => *count += 1,
            None => self.count_outside(bucket),
        }
    }

    /// Counts many observations.
    pub fn add_all(&mut self, values: &[f64]) {
        for &value in values {
            self.add(value);
        }
    }

    /// Widens the range of buckets, by whole octaves, and counts there.
    #[cold]
    fn count_outside(&mut self, bucket: u64) {
        let octave = 1 << BITS;
        let floor = bucket / octave * octave;
        if self.counts.is_empty() {
            self.lowest = floor;
        }
        if floor < self.lowest {
            let more = (self.lowest - floor) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.lowest = floor;
        }
        let index = (bucket - self.lowest) as usize;
        if index >= self.counts.len() {
            let length = (index as u64 / octave + 1) * octave;
            self.counts.resize(length as usize, 0);
        }
        self.counts[index] += 1;
    }

    /// How many observations were zero.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// How many observations there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.zeros + self.counts.iter().sum::<u64>()
    }

    /// The least x with F(x) >= p, at most 0.8 % too low; zero without observations.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let n = self.n();
        if n == 0 {
            return 0.0;
        }
        let rank = rank_of(p, n);
        let mut seen = self.zeros;
        if seen >= rank {
            return 0.0;
        }
        for (bucket, count) in (self.lowest..).zip(&self.counts) {
            seen += count;
            if seen >= rank {
                return f64::from_bits(bucket << SHIFT);
            }
        }
        unreachable!("the ranks end within the buckets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_within_one_percent_below_the_true_ones() {
        let mut sketch = QuantileSketch::default();
        let values: Vec<f64> = (1..=100_000).map(|i| (f64::from(i) * 1e-4).exp()).collect();
        values.iter().for_each(|&value| sketch.add(value));
        for p in [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0] {
            let exact = values[((p * 1e5_f64).round() as usize).max(1) - 1];
            let seen = sketch.quantile(p);
            assert!(
                seen <= exact && seen >= exact * 0.992,
                "{p}: {seen} {exact}"
            );
        }
    }

    #[test]
    fn zeros_and_small_whole_numbers_are_exact() {
        let mut sketch = QuantileSketch::default();
        (0..=255).rev().for_each(|i| sketch.add(f64::from(i)));
        assert_eq!(sketch.quantile(1.0 / 256.0), 0.0);
        for i in 0..=255 {
            assert_eq!(sketch.quantile(f64::from(i + 1) / 256.0), f64::from(i));
        }
    }

    #[test]
    fn the_least_and_the_greatest_numbers_fit() {
        let mut sketch = QuantileSketch::default();
        sketch.add(f64::MAX);
        sketch.add(f64::MIN_POSITIVE / 1e10);
        sketch.add(1.0);
        assert_eq!((sketch.n(), sketch.quantile(0.5)), (3, 1.0));
    }
}
