//! Confidence intervals of a mean over independent replications.
//!
//! Student's: the mean plus or minus t(n - 1, (1 + confidence) / 2) sd / sqrt(n) (Law, *Simulation
//! Modeling and Analysis*, section 9.4.1). Exact for normal values, good for means of long runs.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// A mean with its confidence interval. Fields that need more values than there are, are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Number of values.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation with divisor n - 1; needs two values.
    pub sd: Option<f64>,
    /// Half the interval's width; needs two values.
    pub half_width: Option<f64>,
    /// Lower end, mean - half-width.
    pub low: Option<f64>,
    /// Upper end, mean + half-width.
    pub high: Option<f64>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
}

impl Interval {
    /// The interval that holds the mean with this `confidence`, in (0, 1); values are added in
    /// order.
    ///
    /// # Panics
    /// If `confidence` is not in (0, 1).
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Interval {
        let mut sample = Sample::default();
        values.iter().for_each(|&value| sample.add(value));
        sample.interval(confidence)
    }

    /// Whether it holds a value, up to rounding; `None` if there is no interval.
    #[must_use]
    pub fn holds(&self, value: f64) -> Option<bool> {
        let slack = 1e-12 * value.abs();
        Some(self.low? - slack <= value && value <= self.high? + slack)
    }
}

/// A sample whose values are added one by one and not kept.
///
/// The mean is the first value plus the mean distance to it, and the sum of squares is updated
/// about the running mean (Welford 1962), so that equal values have a deviation of exactly zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    n: u64,
    first: f64,
    distances: f64,
    running: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Sample {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        if self.n == 0 {
            self.first = value;
            self.running = value;
            self.min = value;
            self.max = value;
        }
        self.n += 1;
        self.distances += value - self.first;
        let before = value - self.running;
        self.running += before / self.n as f64;
        self.squares += before * (value - self.running);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The interval that holds the mean with this `confidence`, in (0, 1).
    ///
    /// # Panics
    /// If `confidence` is not in (0, 1).
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Interval {
        assert!(
            confidence > 0.0 && confidence < 1.0,
            "a confidence of {confidence}"
        );
        if self.n == 0 {
            return Interval::default();
        }
        let n = self.n as f64;
        let mean = self.first + self.distances / n;
        let mut interval = Interval {
            n: self.n,
            mean: Some(mean),
            min: Some(self.min),
            max: Some(self.max),
            ..Interval::default()
        };
        if self.n > 1 {
            let sd = (self.squares / (n - 1.0)).sqrt();
            let half_width = student(n - 1.0, 0.5 * (1.0 + confidence)) * sd / n.sqrt();
            interval.sd = Some(sd);
            interval.half_width = Some(half_width);
            interval.low = Some(mean - half_width);
            interval.high = Some(mean + half_width);
        }
        interval
    }
}

/// The `p`-quantile of Student's law with `freedom` degrees of freedom, at least one.
pub(super) fn student(freedom: f64, p: f64) -> f64 {
    if freedom < 1000.0 {
        return StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |law| law.inverse_cdf(p));
    }
    // The inversion above loses digits as the freedom grows; this expansion about the normal
    // quantile gains them (Fisher and Cornish 1960; Abramowitz and Stegun 26.7.5).
    let z = Normal::standard().inverse_cdf(p);
    let square = z * z;
    let first = (square + 1.0) / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z * (1.0 + (first + (second + third / freedom) / freedom) / freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        // Abramowitz and Stegun table 26.10, and closed forms for one and two degrees of freedom.
        for (freedom, p, right) in [
            (1.0, 0.975, 12.706_204_736_174_7),
            (2.0, 0.975, 4.302_652_729_749_46),
            (9.0, 0.975, 2.262_157_162_798_2),
            (29.0, 0.95, 1.699_127_026_533_5),
            (29.0, 0.995, 2.756_385_903_670_6),
            (199.0, 0.975, 1.971_956_544_249_4),
            (1e6, 0.975, 1.959_966_356_814_8),
        ] {
            let mine = student(freedom, p);
            assert!((mine / right - 1.0).abs() < 1e-8, "{freedom} {p}: {mine}");
        }
    }

    #[test]
    fn quantiles_are_undone_by_the_distribution_function() {
        for freedom in [1.0, 2.0, 5.0, 50.0, 400.0, 999.0, 1000.0, 10_000.0] {
            let law = StudentsT::new(0.0, 1.0, freedom).unwrap();
            for p in [0.6, 0.9, 0.95, 0.975, 0.995, 0.9995] {
                let back = law.cdf(student(freedom, p));
                assert!((back - p).abs() < 1e-9, "{freedom} {p}: {back}");
            }
        }
    }

    #[test]
    fn a_worked_example_comes_out() {
        // Law, Simulation Modeling and Analysis, example 4.27: 1.34 +- 0.24 at 90 %.
        let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let interval = Interval::of(&values, 0.9);
        let near = |mine: Option<f64>, right: f64| (mine.unwrap() - right).abs() < 0.005;
        assert!(near(interval.mean, 1.343) && near(interval.half_width, 0.24));
        assert!(near(interval.low, 1.104) && near(interval.high, 1.582));
        assert_eq!(
            (interval.n, interval.min, interval.max),
            (10, Some(0.5), Some(1.89))
        );
    }

    #[test]
    fn too_few_values_say_what_they_can() {
        assert_eq!(Interval::of(&[], 0.95), Interval::default());
        let one = Interval::of(&[3.0], 0.95);
        assert_eq!(
            (one.n, one.mean, one.min, one.max),
            (1, Some(3.0), Some(3.0), Some(3.0))
        );
        assert_eq!(
            (one.sd, one.half_width, one.low, one.high),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_deviation_far_from_zero_keeps_its_digits() {
        let near = [4.0, 7.0, 13.0, 16.0, 1e9].map(|x| x + 1e9);
        let distances = [4.0, 7.0, 13.0, 16.0, 1e9];
        let (near, right) = (Interval::of(&near, 0.95), Interval::of(&distances, 0.95));
        assert!((near.sd.unwrap() / right.sd.unwrap() - 1.0).abs() < 1e-12);
        let close = Interval::of(&[4.0, 7.0, 13.0, 16.0].map(|x| x + 1e9), 0.95);
        assert!((close.sd.unwrap() - 30.0_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn equal_values_have_an_interval_of_no_width() {
        let interval = Interval::of(&[0.1; 7], 0.95);
        assert_eq!((interval.sd, interval.half_width), (Some(0.0), Some(0.0)));
        assert_eq!((interval.low, interval.mean), (Some(0.1), Some(0.1)));
    }
}
