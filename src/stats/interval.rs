//! Confidence intervals of a mean over independent replications.
//!
//! Student's: the mean plus or minus t(n - 1, (1 + confidence) / 2) sd / sqrt(n) (Law, *Simulation
//! Modeling and Analysis*, section 9.4.1). Exact for normal values, good for means of long runs.

use crate::random::normal;
use serde::{Deserialize, Serialize};

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
    /// The number of values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

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
        let beyond = p.min(1.0 - p);
        return student_beyond(freedom, beyond).copysign(p - 0.5);
    }
    // The inversion above takes longer as the freedom grows; this expansion about the normal
    // quantile gains digits (Fisher and Cornish 1960; Abramowitz and Stegun 26.7.5).
    let z = normal::quantile(p);
    let square = z * z;
    let first = (square + 1.0) / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z * (1.0 + (first + (second + third / freedom) / freedom) / freedom)
}

/// The value that Student's law exceeds with probability `beyond`, at most 1/2: by Newton's method for the
/// logarithm of the tail as a function of that of the value, which is concave. Only functions of this crate and of
/// `libm` are used: the inversion in `statrs` gives other last bits in other builds.
fn student_beyond(freedom: f64, beyond: f64) -> f64 {
    if beyond >= 0.5 {
        return 0.0;
    }
    let scale = libm::lgamma(0.5 * (freedom + 1.0))
        - libm::lgamma(0.5 * freedom)
        - 0.5 * libm::log(freedom * std::f64::consts::PI);
    let mut at = 0.0;
    for _ in 0..200 {
        let t = libm::exp(at);
        let tail = 0.5
            * beta_share(
                0.5 * freedom,
                0.5,
                freedom / (freedom + t * t),
                t * t / (freedom + t * t),
            );
        let density = libm::exp(scale - 0.5 * (freedom + 1.0) * libm::log1p(t * t / freedom));
        let step = (libm::log(tail) - libm::log(beyond)) * tail / (density * t);
        at += step.clamp(-2.0, 2.0);
        if step.abs() < 1e-9 {
            break;
        }
    }
    libm::exp(at)
}

/// The regularised incomplete beta function of `a` and `b` at `x`, which is 1 - `rest`: its continued fraction
/// (DLMF 8.17.22) by the method of Lentz, from the end at which it converges fast.
fn beta_share(a: f64, b: f64, x: f64, rest: f64) -> f64 {
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_share(b, a, rest, x);
    }
    let ends = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log(rest),
    );
    let (mut up, mut down, mut fraction) = (1.0, 0.0, 1.0);
    for k in 0..1000 {
        let m = f64::from(k / 2);
        let part = match k {
            0 => 1.0,
            _ if k % 2 == 0 => m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            _ => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        };
        down = 1.0 / (1.0 + part * down);
        up = 1.0 + part / up;
        fraction *= up * down;
        if (up * down - 1.0).abs() < 1e-16 {
            break;
        }
    }
    ends / a * (fraction - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

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
            assert!((mine / right - 1.0).abs() < 1e-11, "{freedom} {p}: {mine}");
        }
        for p in [0.5, 0.500_001, 0.7, 0.999_999_999] {
            let tangent = libm::tan(std::f64::consts::PI * (p - 0.5));
            let mine = student(1.0, p);
            assert!((mine - tangent).abs() <= 1e-6 * tangent, "{p}: {mine}");
            assert_eq!(student(1.0, 1.0 - p), -student(1.0, 1.0 - (1.0 - p)));
        }
    }

    #[test]
    fn quantiles_have_the_same_bits_in_every_build() {
        // Those of `statrs` differ in the last bits between test builds and release builds.
        let bits: Vec<u64> = [9.0, 45.0, 46.0, 50.0]
            .map(|freedom| student(freedom, 0.975).to_bits())
            .to_vec();
        let right = [
            4_612_276_343_877_733_154,
            4_611_717_776_435_842_134,
            4_611_715_056_734_632_023,
            4_611_705_291_834_421_713,
        ];
        assert_eq!(bits, right);
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
