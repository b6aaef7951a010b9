//! What is known of a law without drawing from it: its mean, and how far it can reach.

use super::law::gives_counts;
use crate::random::Law;

/// The farthest draw of the laws with a tail: uniforms are multiples of 2^-53, so an exponential
/// deviate is at most this.
const EXPONENTIAL_MAX: f64 = 36.8;

/// Farther than any normal deviate that a generator of 64 bits ever gives.
const NORMAL_MAX: f64 = 40.0;

/// A bound on the largest value a law can give, NaN or infinite where there is none.
pub(super) fn largest(law: &Law) -> f64 {
    match law {
        Law::Constant { value } => *value,
        Law::Exponential { mean } | Law::Erlang { mean, .. } => mean * EXPONENTIAL_MAX,
        Law::Uniform { high, .. } | Law::Triangular { high, .. } => *high,
        Law::Normal { mean, sd } => mean.abs() + NORMAL_MAX * sd,
        Law::Lognormal { mean, cv } => {
            let variance = libm::log1p(cv * cv);
            mean * libm::exp(NORMAL_MAX * variance.sqrt() - variance / 2.0)
        }
        Law::Gamma { mean, cv } => mean * (1.0 + NORMAL_MAX * cv * (1.0 + cv)),
        Law::Weibull { shape, scale } => scale * libm::pow(EXPONENTIAL_MAX, 1.0 / shape),
        Law::Pareto { scale, shape } => scale * libm::exp(EXPONENTIAL_MAX / shape),
        Law::Hyperexponential { means, .. } => {
            means.iter().fold(0.0, |most: f64, mean| most.max(*mean)) * EXPONENTIAL_MAX
        }
        Law::Empirical { values } | Law::Trace { values } => {
            values.iter().fold(0.0, |most: f64, value| most.max(*value))
        }
        Law::Poisson { mean } | Law::Geometric { mean } | Law::NegativeBinomial { mean, .. } => {
            *mean
        }
        Law::UniformInt { high, .. } => *high as f64,
        Law::Binomial { n, .. } => *n as f64,
    }
}

/// The mean of a law as drawn (a normal after its redrawing); infinite where it has none.
pub(super) fn mean(law: &Law) -> f64 {
    match law {
        Law::Constant { value } => *value,
        Law::Exponential { mean }
        | Law::Lognormal { mean, .. }
        | Law::Gamma { mean, .. }
        | Law::Erlang { mean, .. }
        | Law::Poisson { mean }
        | Law::Geometric { mean }
        | Law::NegativeBinomial { mean, .. } => *mean,
        Law::Uniform { low, high } => (low + high) / 2.0,
        Law::UniformInt { low, high } => (*low as f64 + *high as f64) / 2.0,
        Law::Triangular { low, mode, high } => (low + mode + high) / 3.0,
        Law::Normal { mean, sd } if *sd > 0.0 => {
            let z = mean / sd;
            let density = libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
            let kept = libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0;
            mean + sd * density / kept
        }
        Law::Normal { mean, .. } => *mean,
        Law::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
        Law::Pareto { scale, shape } if *shape > 1.0 => shape * scale / (shape - 1.0),
        Law::Pareto { .. } => f64::INFINITY,
        Law::Hyperexponential {
            probabilities,
            means,
        } => probabilities
            .iter()
            .zip(means)
            .map(|(p, mean)| p * mean)
            .sum(),
        Law::Empirical { values } | Law::Trace { values } => {
            values.iter().sum::<f64>() / values.len() as f64
        }
        Law::Binomial { n, p } => *n as f64 * p,
    }
}

/// The mean of a law whose values are rounded up to whole steps, at least 1; near enough where the
/// law is continuous.
pub(super) fn mean_in_steps(law: &Law) -> f64 {
    match law {
        Law::Constant { value } => value.ceil().max(1.0),
        Law::Empirical { values } | Law::Trace { values } => {
            values
                .iter()
                .map(|value| value.ceil().max(1.0))
                .sum::<f64>()
                / values.len() as f64
        }
        _ if gives_counts(law) => mean(law).max(1.0),
        _ => (mean(law) + 0.5).max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn means_are_those_of_the_textbooks() {
        close(
            mean(&Law::Weibull {
                shape: 2.0,
                scale: 2.0,
            }),
            std::f64::consts::PI.sqrt(),
        );
        close(
            mean(&Law::Pareto {
                scale: 1.0,
                shape: 3.0,
            }),
            1.5,
        );
        // A normal with mean 0, redrawn until it is not negative, is half-normal: sqrt(2 / pi).
        close(
            mean(&Law::Normal { mean: 0.0, sd: 1.0 }),
            (2.0 / std::f64::consts::PI).sqrt(),
        );
        close(
            mean(&Law::Hyperexponential {
                probabilities: vec![0.25, 0.75],
                means: vec![4.0, 2.0],
            }),
            2.5,
        );
        assert!(
            mean(&Law::Pareto {
                scale: 1.0,
                shape: 1.0
            })
            .is_infinite()
        );
    }

    #[test]
    fn means_in_steps_count_each_value_rounded_up() {
        let values = [0.0, 0.5, 1.0, 1.5].into();
        close(mean_in_steps(&Law::Empirical { values }), 1.25);
        close(mean_in_steps(&Law::Constant { value: 0.0 }), 1.0);
        close(mean_in_steps(&Law::Geometric { mean: 1.5 }), 1.5);
    }
}
