//! Tallies of observations: count, mean, deviation, extremes, quantiles.
//!
//! A [`Tally`] takes real numbers and keeps a bounded sketch for the quantiles; a [`WholeTally`]
//! takes whole numbers and keeps a count of each, so that its quantiles are exact. Levels over time
//! (a queue's length) are not observations: see [`super::QueueLength`].

use super::QuantileSketch;
use crate::lanes::{LANES, Work, greater, lesser, ragged, widest};
use serde::Serialize;

/// The statistics of a tally. Fields that need more observations than there are, are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Statistics {
    /// Number of observations.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation with divisor n - 1; needs two observations.
    pub sd: Option<f64>,
    /// Least observation.
    pub min: Option<f64>,
    /// Greatest observation.
    pub max: Option<f64>,
    /// Median: the least x with F(x) >= 0.5.
    pub p50: Option<f64>,
    /// The least x with F(x) >= 0.9.
    pub p90: Option<f64>,
    /// The least x with F(x) >= 0.95.
    pub p95: Option<f64>,
    /// The least x with F(x) >= 0.99.
    pub p99: Option<f64>,
}

/// A tally of real numbers that are not negative.
///
/// Sums are taken of the distance to the first observation, which preserves the precision of the
/// deviation for values close together (exactly zero for equal ones) without a division per
/// observation. Observation i goes to sum i mod 8, so a block of observations is added at vector
/// speed with the same bits as one by one. The struct is aligned to a cache line: without that a
/// visit took 7 % longer.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
pub struct Tally {
    first: f64,
    sums: [f64; LANES],
    squares: [f64; LANES],
    min: f64,
    max: f64,
    sketch: QuantileSketch,
}

impl Tally {
    /// Adds one observation, finite and not negative.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if self.n() == 0 {
            self.begin(value);
        }
        let lane = self.n() as usize % LANES;
        let distance = value - self.first;
        self.sums[lane] += distance;
        self.squares[lane] += distance * distance;
        self.min = lesser(self.min, value);
        self.max = greater(self.max, value);
        self.sketch.add(value);
    }

    /// Adds many observations, as if one after the other.
    pub fn add_all(&mut self, values: &[f64]) {
        // One by one until the next goes to lane 0; then one row of lanes at a time.
        let (before, rest) = values.split_at(ragged(self.n(), values.len()));
        let (rows, after) = rest.as_chunks::<LANES>();
        before.iter().for_each(|&value| self.add(value));
        if let Some(row) = rows.first() {
            if self.n() == 0 {
                self.begin(row[0]);
            }
            // Another value equal to the first has no distance to it and is no new extreme.
            if rows.iter().all(|row| *row == [self.first; LANES]) {
                let many = u32::try_from(rows.len() * LANES).expect("a block has few rows");
                self.sketch.add_equal(self.first, many);
            } else {
                widest(AddRows { tally: self, rows });
                self.sketch.add_all(rows.as_flattened());
            }
        }
        after.iter().for_each(|&value| self.add(value));
    }

    fn begin(&mut self, value: f64) {
        self.first = value;
        self.min = value;
        self.max = value;
    }

    /// Number of observations.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.sketch.n()
    }

    /// Number of observations above zero.
    #[must_use]
    pub fn positive(&self) -> u64 {
        self.n() - self.sketch.zeros()
    }

    /// The sum of all observations.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.sums.iter().sum::<f64>() + self.first * self.n() as f64
    }

    /// The arithmetic mean, if there is an observation.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let distance = self.sums.iter().sum::<f64>() / self.n() as f64;
        (self.n() > 0).then(|| (self.first + distance).clamp(self.min, self.max))
    }

    /// The statistics of all observations.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        if self.n() == 0 {
            return Statistics::default();
        }
        let n = self.n() as f64;
        let sum: f64 = self.sums.iter().sum();
        let squares: f64 = self.squares.iter().sum();
        let sd = (self.n() > 1).then(|| {
            let variance = (squares - sum * sum / n) / (n - 1.0);
            variance.max(0.0).sqrt()
        });
        let quantiles = self.sketch.quantiles([0.5, 0.9, 0.95, 0.99]);
        let [p50, p90, p95, p99] = quantiles.map(|x| Some(x.clamp(self.min, self.max)));
        Statistics {
            n: self.n(),
            mean: self.mean(),
            sd,
            min: Some(self.min),
            max: Some(self.max),
            p50,
            p90,
            p95,
            p99,
        }
    }
}

/// Adds whole rows of observations, beginning in lane 0, to all but the sketch.
struct AddRows<'a> {
    tally: &'a mut Tally,
    rows: &'a [[f64; LANES]],
}

impl Work for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let AddRows { tally, rows } = self;
        let first = tally.first;
        let (mut sums, mut squares) = (tally.sums, tally.squares);
        // The greatest is the negated least of the negated values: with two kinds of comparison in
        // one loop, compilers emit shuffles.
        let (mut min, mut negative) = ([tally.min; LANES], [-tally.max; LANES]);
        for row in rows {
            for lane in 0..LANES {
                let distance = row[lane] - first;
                sums[lane] += distance;
                squares[lane] += distance * distance;
                min[lane] = lesser(min[lane], row[lane]);
                negative[lane] = lesser(negative[lane], -row[lane]);
            }
        }
        (tally.sums, tally.squares) = (sums, squares);
        tally.min = min.into_iter().fold(tally.min, lesser);
        tally.max = -negative.into_iter().fold(-tally.max, lesser);
    }
}

/// A tally of whole numbers, exact throughout; its memory grows with the greatest value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WholeTally {
    counts: Vec<u64>,
}

impl WholeTally {
    /// Adds one observation.
    pub fn add(&mut self, value: u64) {
        let index = usize::try_from(value).expect("a whole-number observation fits in memory");
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
    }

    /// Adds the observations of another tally.
    pub fn join(&mut self, other: &WholeTally) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Number of observations.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Number of observations that are at most `value`.
    #[must_use]
    pub fn at_most(&self, value: u64) -> u64 {
        let end = usize::try_from(value).map_or(self.counts.len(), |v| v.saturating_add(1));
        self.counts.iter().take(end).sum()
    }

    /// The statistics of all observations.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let n = self.n();
        if n == 0 {
            return Statistics::default();
        }
        let present = || {
            (0u64..)
                .zip(&self.counts)
                .filter(|&(_, &count)| count > 0)
                .map(|(value, &count)| (value, count))
        };
        let total: u128 = present()
            .map(|(value, count)| u128::from(value) * u128::from(count))
            .sum();
        let mean = total as f64 / n as f64;
        let sd = (n > 1).then(|| {
            let squares: f64 = present()
                .map(|(value, count)| (value as f64 - mean).powi(2) * count as f64)
                .sum();
            (squares / (n as f64 - 1.0)).sqrt()
        });
        let quantile = |p: f64| {
            let rank = rank_of(p, n);
            let mut seen = 0;
            present()
                .find(|&(_, count)| {
                    seen += count;
                    seen >= rank
                })
                .map(|(value, _)| value as f64)
        };
        Statistics {
            n,
            mean: Some(mean),
            sd,
            min: present().next().map(|(value, _)| value as f64),
            max: present().last().map(|(value, _)| value as f64),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
        }
    }
}

/// The rank, from 1 to n, of the least observation x with F(x) >= p.
pub(super) fn rank_of(p: f64, n: u64) -> u64 {
    // p * n may come out slightly above the whole number it should be (0.95 * 20 does, 0.9 * 10
    // does not): without the slack the quantile would be one observation too high.
    let rank = (p * n as f64 * (1.0 - 4.0 * f64::EPSILON)).ceil();
    (rank as u64).clamp(1, n)
}
