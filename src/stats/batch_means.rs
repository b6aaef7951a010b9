//! Batch means: an interval from one long run.
//!
//! Observations are averaged in batches of equal size; if batches are long enough to be nearly
//! independent, their means give a Student interval (Law, *Simulation Modeling and Analysis*,
//! section 9.5.3). Independence is tested by von Neumann's ratio (Fishman 1978): with C = 1 - sum
//! of (Y(j) - Y(j+1))^2 / (2 sum of (Y(j) - Y)^2), C sqrt((k^2 - 1) / (k - 2)) is about standard
//! normal for k independent batches. While the test rejects independence, batches are joined in
//! pairs.
//!
//! A run without a steady state shows as batch means that keep rising: Kendall's test for trend
//! (Mann 1945).

use super::{Interval, LaneSum};

/// Largest number of batches kept; on reaching it they are joined in pairs.
const BATCHES_MAX: usize = 128;

/// Smallest number of batches an interval is made from.
const BATCHES_MIN: usize = 8;

/// Smallest batch whose mean is used, in observations.
const BATCH_MIN: u64 = 8;

/// Normal quantile at 95 %; above it, batches count as correlated.
const CORRELATED: f64 = 1.645;

/// Normal quantile at 99.9 %; above it, means count as rising.
const RISING: f64 = 3.09;

/// Observations in batches, in bounded memory.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchMeans {
    /// Sums of whole batches.
    sums: Vec<f64>,
    /// Observations in a batch.
    size: u64,
    /// The batch being filled.
    batch: LaneSum,
}

impl Default for BatchMeans {
    fn default() -> Self {
        BatchMeans {
            sums: Vec::new(),
            size: 1,
            batch: LaneSum::default(),
        }
    }
}

/// The conclusion of batch means about the mean of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// An interval, from batches that seem independent.
    Known {
        /// The mean of whole batches, and its interval.
        interval: Interval,
        /// Number of batches.
        batches: usize,
        /// Observations in each batch.
        size: u64,
    },
    /// Means keep rising from batch to batch: there is no steady state.
    Rising,
    /// The run is too short: the longest batches are still correlated, or there are too few.
    TooShort,
}

impl BatchMeans {
    /// Adds observations, in order.
    pub fn add_all(&mut self, mut values: &[f64]) {
        while !values.is_empty() {
            let missing = usize::try_from(self.size - self.batch.count()).unwrap_or(usize::MAX);
            let (now, later) = values.split_at(missing.min(values.len()));
            self.batch.add_all(now);
            if self.batch.count() == self.size {
                self.close();
            }
            values = later;
        }
    }

    fn close(&mut self) {
        self.sums.push(std::mem::take(&mut self.batch).total());
        if self.sums.len() == BATCHES_MAX {
            self.sums = joined(&self.sums);
            self.size *= 2;
        }
    }

    /// The conclusion at this confidence, in (0, 1).
    #[must_use]
    pub fn verdict(&self, confidence: f64) -> Verdict {
        let (mut sums, mut size) = (self.sums.clone(), self.size);
        let means = |sums: &[f64], size: u64| -> Vec<f64> {
            sums.iter().map(|sum| sum / size as f64).collect()
        };
        while sums.len() >= BATCHES_MIN && size >= BATCH_MIN {
            let batches = means(&sums, size);
            if correlation(&batches) <= CORRELATED {
                return Verdict::Known {
                    interval: Interval::of(&batches, confidence),
                    batches: batches.len(),
                    size,
                };
            }
            if sums.len() < 2 * BATCHES_MIN {
                return match trend(&batches) > RISING {
                    true => Verdict::Rising,
                    false => Verdict::TooShort,
                };
            }
            sums = joined(&sums);
            size *= 2;
        }
        Verdict::TooShort
    }
}

/// Joins batches in pairs; an odd last one is left out.
fn joined(sums: &[f64]) -> Vec<f64> {
    let (pairs, _) = sums.as_chunks::<2>();
    pairs.iter().map(|[a, b]| a + b).collect()
}

/// Von Neumann's ratio, as a standard normal: large if neighbours are alike.
fn correlation(means: &[f64]) -> f64 {
    let k = means.len() as f64;
    let mean = means.iter().sum::<f64>() / k;
    let spread: f64 = means.iter().map(|y| (y - mean) * (y - mean)).sum();
    if spread == 0.0 {
        return 0.0;
    }
    let steps: f64 = means
        .windows(2)
        .map(|y| (y[0] - y[1]) * (y[0] - y[1]))
        .sum();
    (1.0 - steps / (2.0 * spread)) * ((k * k - 1.0) / (k - 2.0)).sqrt()
}

/// Kendall's statistic of order against time, as a standard normal.
fn trend(means: &[f64]) -> f64 {
    let k = means.len() as f64;
    let mut rising = 0.0;
    for (at, early) in means.iter().enumerate() {
        for late in &means[at + 1..] {
            rising += match late.total_cmp(early) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.0,
                std::cmp::Ordering::Less => -1.0,
            };
        }
    }
    rising / (k * (k - 1.0) * (2.0 * k + 5.0) / 18.0).sqrt()
}
