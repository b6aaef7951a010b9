//! Confidence intervals of a mean over independent replications.
//!
//! Student's: the mean plus or minus t(n - 1, (1 + confidence) / 2) sd / sqrt(n) (Law, *Simulation
//! Modeling and Analysis*, section 9.4.1). Exact for normal values, good for means of long runs.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// A mean with its confidence interval. What there are too few values to say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// How many values.
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
    /// The interval that holds the mean with this `confidence`, in (0, 1); values are folded in order.
    ///
    /// # Panics
    /// If `confidence` is not in (0, 1).
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Interval {
        assert!(
            confidence > 0.0 && confidence < 1.0,
            "a confidence of {confidence}"
        );
        let Some((&first, rest)) = values.split_first() else {
            return Interval::default();
        };
        let n = values.len() as f64;
        // Distances to the first value: equal values have a deviation of exactly zero.
        let shift = rest.iter().map(|value| value - first).sum::<f64>() / n;
        let mean = first + shift;
        let mut interval = Interval {
            n: values.len() as u64,
            mean: Some(mean),
            min: Some(values.iter().copied().fold(first, f64::min)),
            max: Some(values.iter().copied().fold(first, f64::max)),
            ..Interval::default()
        };
        if !rest.is_empty() {
            let squares = |value: &f64| {
                let distance = (value - first) - shift;
                distance * distance
            };
            let sd = (values.iter().map(squares).sum::<f64>() / (n - 1.0)).sqrt();
            let half_width = student(n - 1.0, 0.5 * (1.0 + confidence)) * sd / n.sqrt();
            interval.sd = Some(sd);
            interval.half_width = Some(half_width);
            interval.low = Some(mean - half_width);
            interval.high = Some(mean + half_width);
        }
        interval
    }
}

/// The `p`-quantile of Student's law with this many degrees of freedom, at least one.
fn student(freedom: f64, p: f64) -> f64 {
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
    fn equal_values_have_an_interval_of_no_width() {
        let interval = Interval::of(&[0.1; 7], 0.95);
        assert_eq!((interval.sd, interval.half_width), (Some(0.0), Some(0.0)));
        assert_eq!((interval.low, interval.mean), (Some(0.1), Some(0.1)));
    }
}
