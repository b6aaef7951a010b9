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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::laws::Exponential;
    use crate::random::{Law, Purpose, Sampler, Stream};

    /// Waits in M/M/1 with this mean service and mean time between arrivals of 1, by Lindley.
    fn waits(service: f64, customers: usize, seed: u64) -> Vec<f64> {
        let draw = |name: &str, mean| {
            let stream = Stream::new(seed, 0, name, Purpose::Service);
            let mut values = vec![0.0; customers];
            Sampler::new(&Law::Exponential(Exponential { mean }), stream).fill(&mut values);
            values
        };
        let (gaps, services) = (draw("gaps", 1.0), draw("services", service));
        let mut wait = 0.0;
        let next = |(gap, service): (f64, f64)| {
            let now = wait;
            wait = f64::max(wait + service - gap, 0.0);
            now
        };
        gaps.into_iter().zip(services).map(next).collect()
    }

    fn verdict(values: &[f64]) -> Verdict {
        let mut batches = BatchMeans::default();
        batches.add_all(values);
        batches.verdict(0.95)
    }

    #[test]
    fn blocks_of_any_size_make_the_same_batches() {
        let values = waits(0.7, 10_007, 1);
        let mut whole = BatchMeans::default();
        whole.add_all(&values);
        for size in [1, 7, 256] {
            let mut parts = BatchMeans::default();
            values.chunks(size).for_each(|part| parts.add_all(part));
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn intervals_of_single_long_runs_hold_the_true_mean_nearly_as_often_as_they_say() {
        // M/M/1 at load 0.7: the mean wait is 0.7 * 0.7 / 0.3.
        let (mut held, mut known) = (0, 0);
        for seed in 0..200 {
            if let Verdict::Known { interval, .. } = verdict(&waits(0.7, 40_000, seed)) {
                known += 1;
                let truth = 0.49 / 0.3;
                held += u32::from(interval.low <= Some(truth) && Some(truth) <= interval.high);
            }
        }
        assert!(known >= 190, "{known}");
        assert!(
            f64::from(held) >= 0.88 * f64::from(known),
            "{held} of {known}"
        );
    }

    #[test]
    fn a_queue_that_grows_without_end_is_seen_to_rise_and_a_stable_one_is_not() {
        let rising = |load| {
            let runs = (0..50).map(|seed| verdict(&waits(load, 40_000, seed)));
            runs.filter(|verdict| *verdict == Verdict::Rising).count()
        };
        assert_eq!(rising(1.05), 50);
        assert_eq!(rising(0.7), 0);
        assert!(rising(0.95) <= 2);
    }

    #[test]
    fn too_few_observations_are_too_few() {
        assert_eq!(verdict(&[]), Verdict::TooShort);
        assert_eq!(verdict(&[1.0; 50]), Verdict::TooShort);
        // Equal values give an exact interval as soon as there are enough of them.
        assert!(matches!(
            verdict(&[1.0; 2000]),
            Verdict::Known { interval, .. } if interval.half_width == Some(0.0)
        ));
    }
}
