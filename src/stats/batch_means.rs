//! Batch means: an interval from one long run.
//!
//! Observations are averaged in batches of equal size; if batches are long enough to be nearly
//! independent, their means give an interval (Law, *Simulation Modeling and Analysis*, section 9.5.3).
//! Independence is tested by von Neumann's ratio (Fishman 1978): with C = 1 - sum of (Y(j) - Y(j+1))^2
//! / (2 sum of (Y(j) - Y)^2), C sqrt((k^2 - 1) / (k - 2)) is about standard normal for k independent
//! batches.
//!
//! Means of waits are skew, and a calm run has both a low mean and a low deviation; Student's interval
//! then misses the truth above it too often. So its ends are moved for skewness (Hall 1992, as refined
//! by Willink 2005, "A confidence interval and test for the mean of an asymmetric distribution"), with
//! few long batches for the deviation and many short ones for the skewness.
//!
//! Neither helps if a run is short compared with its own memory, and a test on that same run cannot detect this: it
//! passes calm runs, whose mean is too low. The number of observations is therefore compared with a memory known
//! beforehand, if there is one; otherwise with that of the run itself, with four times the margin, so that chance
//! does not decide. Measured by `cargo test --release --test coverage`.
//!
//! A run without a steady state shows as batch means that keep rising: Kendall's test for trend
//! (Mann 1945).

use super::interval::student;
use super::{Interval, LaneSum, Statistics};

/// Largest number of batches kept; on reaching it they are joined in pairs.
const BATCHES_MAX: usize = 128;

/// Smallest number of batches an interval is made from; the largest is just below its double.
const BATCHES_MIN: usize = 8;

/// Batches from which the memory of the run is estimated: at least this many.
const MEMORY_BATCHES: usize = 32;

/// Smallest batch whose mean is used, in observations.
const BATCH_MIN: u64 = 8;

/// Normal quantile at 95 %; above it, batches count as correlated.
const CORRELATED: f64 = 1.645;

/// Normal quantile at 99.9 %; above it, means count as rising.
const RISING: f64 = 3.09;

/// The length of a run in memories, if its memory is known beforehand.
pub const MEMORIES_KNOWN: f64 = 180.0;

/// The length of a run in memories, if its memory is estimated from it.
const MEMORIES_SEEN: f64 = 720.0;

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

/// The interval of the mean of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end; further from the mean than the lower one if long values are rare.
    pub high: f64,
    /// Number of batches.
    pub batches: usize,
    /// Observations in each batch.
    pub size: u64,
}

/// The reason a run gives no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// All observations are equal, or there are none: nothing shows the variation.
    Equal,
    /// Means keep rising from batch to batch: there is no steady state.
    Rising,
    /// The run is too short for its memory, or has too few batches.
    TooShort,
    /// The longest batches are still correlated.
    Correlated,
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

    /// The interval of the mean at this confidence, in (0, 1), or the reason why there is none. `seen` are the
    /// statistics of the same observations; `memory` is the number of observations over which they are correlated
    /// (the sum of their autocorrelations, both ways), if it is known beforehand.
    ///
    /// # Errors
    /// The [`Doubt`].
    pub fn interval(
        &self,
        confidence: f64,
        seen: &Statistics,
        memory: Option<f64>,
    ) -> Result<RunInterval, Doubt> {
        let (Some(mean), Some(sd)) = (seen.mean, seen.sd.filter(|&sd| sd > 0.0)) else {
            return Err(Doubt::Equal);
        };
        let mut levels = vec![(self.sums.clone(), self.size)];
        while let Some((sums, size)) = levels
            .last()
            .filter(|(sums, _)| sums.len() >= 2 * BATCHES_MIN)
        {
            levels.push((joined(sums), 2 * size));
        }
        let means = |(sums, size): &(Vec<f64>, u64)| -> Vec<f64> {
            sums.iter().map(|sum| sum / *size as f64).collect()
        };
        let (finest, longest) = (means(&levels[0]), means(&levels[levels.len() - 1]));
        let size = levels[levels.len() - 1].1;
        if longest.len() < BATCHES_MIN || size < BATCH_MIN {
            return Err(Doubt::TooShort);
        }
        if correlation(&longest) > CORRELATED {
            return Err(match trend(&longest) > RISING {
                true => Doubt::Rising,
                false => Doubt::Correlated,
            });
        }
        let n = seen.n as f64;
        let is_long = match memory {
            Some(memory) => n >= MEMORIES_KNOWN * memory,
            None => {
                let many = levels
                    .iter()
                    .rev()
                    .find(|(sums, _)| sums.len() >= MEMORY_BATCHES);
                many.is_some_and(|level| {
                    let spread = Interval::of(&means(level), confidence).sd.unwrap_or(0.0);
                    let memory = spread * spread * level.1 as f64 / (sd * sd);
                    n >= MEMORIES_SEEN * memory.max(1.0)
                })
            }
        };
        if !is_long {
            return Err(Doubt::TooShort);
        }
        let k = longest.len() as f64;
        // The skewness of a mean falls with the root of the number of values averaged.
        let of_long = skewness(&finest) * (k / finest.len() as f64).sqrt();
        let skewness = of_long.max(skewness(&longest));
        let error = Interval::of(&longest, confidence).sd.unwrap_or(0.0) / k.sqrt();
        let quantile = student(k - 1.0, 0.5 * (1.0 + confidence));
        let end = |t: f64| mean - moved(t, skewness / (6.0 * k.sqrt())) * error;
        Ok(RunInterval {
            low: end(quantile),
            high: end(-quantile),
            batches: longest.len(),
            size,
        })
    }
}

/// A quantile of Student's law, adjusted for skewness: the inverse of Hall's transformation.
fn moved(t: f64, skew: f64) -> f64 {
    if skew.abs() < 1e-9 {
        return t;
    }
    (libm::cbrt(1.0 + 6.0 * skew * (t - skew)) - 1.0) / (2.0 * skew)
}

/// The skewness of a sample, its third moment nearly without bias; 0 if all are equal.
fn skewness(values: &[f64]) -> f64 {
    let k = values.len() as f64;
    let mean = values.iter().sum::<f64>() / k;
    let sum = |of: fn(f64) -> f64| values.iter().map(|y| of(y - mean)).sum::<f64>();
    let variance = sum(|y| y * y) / (k - 1.0);
    if variance == 0.0 || k < 3.0 {
        return 0.0;
    }
    sum(|y| y * y * y) * k / ((k - 1.0) * (k - 2.0)) / (variance * variance.sqrt())
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
