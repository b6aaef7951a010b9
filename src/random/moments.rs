//! Moments of the laws, in closed form.
//!
//! Mean, variance and third moment are all the formulas of `theory` ask of a law. A moment that does
//! not exist is infinite (Pareto). A trace's are those of its values taken as a sample, divided by n.

use super::{Law, law::excess_cv, normal};

impl Law {
    /// The mean of what is drawn; infinite for a Pareto law with shape <= 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Law::Constant { value } => value,
            Law::Uniform { low, high } => 0.5 * (low + high),
            Law::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Law::Normal { mean, sd } => truncated_moments(mean, sd)[0],
            Law::Exponential { mean }
            | Law::Lognormal { mean, .. }
            | Law::Gamma { mean, .. }
            | Law::Erlang { mean, .. }
            | Law::Poisson { mean }
            | Law::Geometric { mean }
            | Law::NegativeBinomial { mean, .. } => mean,
            Law::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Law::Pareto { scale, shape } => pareto_moment(scale, shape, 1.0),
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => weighted(probabilities, means, |mean| mean),
            Law::Empirical { ref values } | Law::Trace { ref values } => average(values, |x| x),
            Law::UniformInt { low, high } => 0.5 * (low as f64 + high as f64),
            Law::Binomial { n, p } => n as f64 * p,
        }
    }

    /// The variance of what is drawn; infinite for a Pareto law with shape <= 2.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let of_cv = |mean: f64, cv: f64| mean * cv * (mean * cv);
        match *self {
            Law::Constant { .. } => 0.0,
            Law::Exponential { mean } => mean * mean,
            Law::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Law::Triangular { low, mode, high } => {
                let (rise, span) = (mode - low, high - low);
                (span * span - rise * (span - rise)) / 18.0
            }
            Law::Normal { mean, sd } => {
                let [first, second, _] = truncated_moments(mean, sd);
                (second - first * first).max(0.0)
            }
            Law::Lognormal { mean, cv }
            | Law::Gamma { mean, cv }
            | Law::NegativeBinomial { mean, cv } => of_cv(mean, cv),
            Law::Erlang { k, mean } => mean * mean / f64::from(k),
            Law::Weibull { shape, scale } => {
                let first = libm::tgamma(1.0 + 1.0 / shape);
                scale * scale * (libm::tgamma(1.0 + 2.0 / shape) - first * first)
            }
            Law::Pareto { scale, shape } if shape > 2.0 => {
                let below = scale / (shape - 1.0);
                below * below * shape / (shape - 2.0)
            }
            Law::Pareto { .. } => f64::INFINITY,
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => {
                let mean = self.mean();
                weighted(probabilities, means, |m| m * m + (m - mean) * (m - mean))
            }
            Law::Empirical { ref values } | Law::Trace { ref values } => {
                let mean = self.mean();
                average(values, |x| (x - mean) * (x - mean))
            }
            Law::Poisson { mean } => mean,
            Law::UniformInt { low, high } => {
                let count = (high - low) as f64 + 1.0;
                (count * count - 1.0) / 12.0
            }
            Law::Binomial { n, p } => n as f64 * p * (1.0 - p),
            Law::Geometric { mean } => mean * (mean - 1.0),
        }
    }

    /// The squared coefficient of variation, variance / mean^2; zero for a mean of zero, infinite
    /// where the variance is, and one for an exponential law.
    #[must_use]
    pub fn cv2(&self) -> f64 {
        let (mean, variance) = (self.mean(), self.variance());
        if mean == 0.0 {
            0.0
        } else if variance == f64::INFINITY {
            f64::INFINITY
        } else {
            variance / mean / mean
        }
    }

    /// The third moment about zero; infinite for a Pareto law with shape <= 3.
    #[must_use]
    pub fn third_moment(&self) -> f64 {
        let of_gamma = |mean: f64, cv2: f64| mean.powi(3) * (1.0 + cv2) * (1.0 + 2.0 * cv2);
        let about_mean = |third_central: f64| {
            let mean = self.mean();
            mean.powi(3) + 3.0 * mean * self.variance() + third_central
        };
        match *self {
            Law::Constant { value } => value.powi(3),
            Law::Exponential { mean } => 6.0 * mean.powi(3),
            Law::Uniform { .. } | Law::UniformInt { .. } => about_mean(0.0),
            Law::Triangular {
                low: a,
                mode: b,
                high: c,
            } => ((a * a + b * b + c * c) * (a + b + c) + a * b * c) / 10.0,
            Law::Normal { mean, sd } => truncated_moments(mean, sd)[2],
            Law::Lognormal { mean, cv } => (mean * (1.0 + cv * cv)).powi(3),
            Law::Gamma { mean, cv } => of_gamma(mean, cv * cv),
            Law::Erlang { k, mean } => of_gamma(mean, 1.0 / f64::from(k)),
            Law::Weibull { shape, scale } => scale.powi(3) * libm::tgamma(1.0 + 3.0 / shape),
            Law::Pareto { scale, shape } => pareto_moment(scale, shape, 3.0),
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => weighted(probabilities, means, |m| 6.0 * m.powi(3)),
            Law::Empirical { ref values } | Law::Trace { ref values } => {
                average(values, |x| x.powi(3))
            }
            Law::Poisson { mean } => about_mean(mean),
            Law::Binomial { n, p } => about_mean(n as f64 * p * (1.0 - p) * (1.0 - 2.0 * p)),
            Law::Geometric { mean } => about_mean(mean * (mean - 1.0) * (2.0 * mean - 1.0)),
            Law::NegativeBinomial { mean, cv } => {
                let cv2 = excess_cv(mean, cv).map_or(0.0, |cv| cv * cv);
                of_gamma(mean, cv2) + 3.0 * mean * mean * (1.0 + cv2) + mean
            }
        }
    }
}

/// The first three moments about zero of a normal variable given that it is not negative.
///
/// With h = phi(mean / sd) / Phi(mean / sd): E X = mean + sd h and, by parts,
/// E X^(n+1) = mean E X^n + n sd^2 E X^(n-1). Differences cancel where the mean lies many deviations
/// below zero; at ten of them nine digits are left.
fn truncated_moments(mean: f64, sd: f64) -> [f64; 3] {
    if sd == 0.0 {
        return [mean, mean * mean, mean.powi(3)];
    }
    let a = mean / sd;
    let density = libm::exp(-0.5 * a * a) / (2.0 * std::f64::consts::PI).sqrt();
    let first = mean + sd * density / normal::cdf(a);
    let second = mean * first + sd * sd;
    [first, second, mean * second + 2.0 * sd * sd * first]
}

fn pareto_moment(scale: f64, shape: f64, order: f64) -> f64 {
    if shape > order {
        shape / (shape - order) * scale.powf(order)
    } else {
        f64::INFINITY
    }
}

fn weighted(weights: &[f64], values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    weights.iter().zip(values).map(|(w, &v)| w * of(v)).sum()
}

/// The mean of a function over values; zero over none.
fn average(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&x| of(x)).sum::<f64>() / values.len().max(1) as f64
}
