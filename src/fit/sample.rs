//! A sample: recorded values in their order, and in order of size.

use crate::random::Law;

/// Recorded values, at least two.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
    /// Each distinct value in ascending order, with its number of occurrences.
    distinct: Vec<(f64, usize)>,
    mean: f64,
    variance: f64,
}

impl Sample {
    /// A sample of values; `None` if there are fewer than two, or if one is negative or not finite.
    #[must_use]
    pub fn new(values: Vec<f64>) -> Option<Sample> {
        let sound = |value: &f64| value.is_finite() && *value >= 0.0;
        if values.len() < 2 || !values.iter().all(sound) {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean) * (value - mean));
        let variance = squares.sum::<f64>() / (count - 1.0);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let same = sorted.chunk_by(|one, next| one == next);
        Some(Sample {
            distinct: same.map(|same| (same[0], same.len())).collect(),
            values,
            mean,
            variance,
        })
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Always false: a sample has at least two values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values in the order of the recording.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Each distinct value in ascending order, with its number of occurrences.
    #[must_use]
    pub fn distinct(&self) -> &[(f64, usize)] {
        &self.distinct
    }

    /// The number of values that are 0.
    #[must_use]
    pub fn zeros(&self) -> usize {
        match self.distinct.first() {
            Some(&(0.0, count)) => count,
            _ => 0,
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance, divided by n - 1.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The coefficient of variation, sd / mean; zero if all values are zero.
    #[must_use]
    pub fn cv(&self) -> f64 {
        if self.mean > 0.0 {
            self.variance.sqrt() / self.mean
        } else {
            0.0
        }
    }

    /// The least value.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.distinct[0].0
    }

    /// The greatest value.
    #[must_use]
    pub fn greatest(&self) -> f64 {
        self.distinct[self.distinct.len() - 1].0
    }

    /// Whether every value is a whole number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.distinct.iter().all(|(value, _)| value.fract() == 0.0)
    }

    /// The sum of a function over the values.
    pub(super) fn sum(&self, of: impl Fn(f64) -> f64) -> f64 {
        let terms = self.distinct.iter();
        terms.map(|&(value, count)| of(value) * count as f64).sum()
    }

    /// The mean of a function over the values.
    pub(super) fn average(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.sum(of) / self.len() as f64
    }

    /// The share of values that are at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        let upto = self.distinct.partition_point(|&(value, _)| value <= x);
        let count: usize = self.distinct[..upto].iter().map(|&(_, count)| count).sum();
        count as f64 / self.len() as f64
    }

    /// The greatest distance between the distribution function of the values and that of a law.
    #[must_use]
    pub fn distance(&self, law: &Law) -> f64 {
        let (count, step) = (self.len() as f64, f64::from(u8::from(law.is_whole())));
        let (mut below, mut greatest) = (0, 0.0f64);
        for &(value, same) in &self.distinct {
            let before = (law.cdf(value - step) - below as f64 / count).abs();
            below += same;
            let after = (law.cdf(value) - below as f64 / count).abs();
            greatest = greatest.max(before).max(after);
        }
        greatest
    }
}
