//! The laws of chance a scenario may name, past the door: every value here is valid.
//!
//! What is known of a law stands beside it: moments in `moments.rs`, the distribution function in
//! `distribution.rs`, the Laplace transform in `transform.rs`. How it is drawn is the sampler's affair.

use super::{gamma::Gamma, normal, power};
use std::sync::Arc;

/// A probability law. Parameters have been checked by the scenario's door: finite, within range.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always `value`.
    Constant {
        /// The value, >= 0.
        value: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean, >= 0.
        mean: f64,
    },
    /// Uniform on [low, high).
    Uniform {
        /// Lower end, >= 0.
        low: f64,
        /// Upper end, >= low.
        high: f64,
    },
    /// Triangular on [low, high].
    Triangular {
        /// Lower end, >= 0.
        low: f64,
        /// Where the density peaks, in [low, high].
        mode: f64,
        /// Upper end, >= mode.
        high: f64,
    },
    /// Normal, redrawn until it is not negative.
    Normal {
        /// Mean before redrawing.
        mean: f64,
        /// Standard deviation before redrawing, >= 0.
        sd: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Mean of the variable itself, not of its logarithm; > 0.
        mean: f64,
        /// Coefficient of variation (sd / mean) of the variable itself, >= 0.
        cv: f64,
    },
    /// Gamma.
    Gamma {
        /// Mean, > 0.
        mean: f64,
        /// Coefficient of variation (sd / mean), >= 0; the shape is 1 / cv^2.
        cv: f64,
    },
    /// The sum of `k` exponentials of equal means.
    Erlang {
        /// How many, >= 1.
        k: u32,
        /// Mean of the sum, >= 0.
        mean: f64,
    },
    /// Weibull: P(X > x) = exp(-(x / scale)^shape).
    Weibull {
        /// Shape, > 0; 1 is exponential.
        shape: f64,
        /// Scale, > 0.
        scale: f64,
    },
    /// Pareto: P(X > x) = (scale / x)^shape on [scale, infinity).
    Pareto {
        /// Least value, > 0.
        scale: f64,
        /// Shape, > 0; the k-th moment exists below it.
        shape: f64,
    },
    /// Exponential with mean `means[i]` with probability `probabilities[i]`.
    Hyperexponential {
        /// Probabilities, which sum to one.
        probabilities: Vec<f64>,
        /// Means, as many, each >= 0.
        means: Vec<f64>,
    },
    /// Any of these values, alike likely, drawn with replacement.
    Empirical {
        /// The values, at least one, each >= 0.
        values: Arc<[f64]>,
    },
    /// These values, once, in order.
    Trace {
        /// The values, each >= 0.
        values: Arc<[f64]>,
    },
    /// Poisson.
    Poisson {
        /// Mean, >= 0.
        mean: f64,
    },
    /// Any whole number from `low` to `high`, alike likely.
    UniformInt {
        /// The least.
        low: u64,
        /// The greatest, >= low.
        high: u64,
    },
    /// How many of `n` independent trials succeed.
    Binomial {
        /// Trials.
        n: u64,
        /// Probability that one succeeds, in [0, 1].
        p: f64,
    },
    /// Geometric on 1, 2, ...: trials up to the first success.
    Geometric {
        /// Mean, >= 1; a trial succeeds with probability 1 / mean.
        mean: f64,
    },
    /// Negative binomial on 0, 1, ...: Poisson with a gamma-distributed mean.
    NegativeBinomial {
        /// Mean, > 0.
        mean: f64,
        /// Coefficient of variation (sd / mean), with cv^2 mean >= 1; equality is Poisson.
        cv: f64,
    },
}

/// Beyond it a float no longer tells whole numbers apart.
pub(super) const GREATEST_COUNT: f64 = (1u64 << 53) as f64;

/// -ln of the smallest number [`Stream::open`](super::Stream::open) yields.
const LONGEST_TAIL: f64 = 53.0 * std::f64::consts::LN_2;

impl Law {
    /// The law's name in a scenario file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Law::Constant { .. } => "constant",
            Law::Exponential { .. } => "exponential",
            Law::Uniform { .. } => "uniform",
            Law::Triangular { .. } => "triangular",
            Law::Normal { .. } => "normal",
            Law::Lognormal { .. } => "lognormal",
            Law::Gamma { .. } => "gamma",
            Law::Erlang { .. } => "erlang",
            Law::Weibull { .. } => "weibull",
            Law::Pareto { .. } => "pareto",
            Law::Hyperexponential { .. } => "hyperexponential",
            Law::Empirical { .. } => "empirical",
            Law::Trace { .. } => "trace",
            Law::Poisson { .. } => "poisson",
            Law::UniformInt { .. } => "uniform_int",
            Law::Binomial { .. } => "binomial",
            Law::Geometric { .. } => "geometric",
            Law::NegativeBinomial { .. } => "negative_binomial",
        }
    }

    /// Whether every value is a whole number, so that the law may be used for a count.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Law::Constant { value } => value.fract() == 0.0,
            Law::Empirical { values } | Law::Trace { values } => {
                values.iter().all(|value| value.fract() == 0.0)
            }
            Law::Poisson { .. }
            | Law::UniformInt { .. }
            | Law::Binomial { .. }
            | Law::Geometric { .. }
            | Law::NegativeBinomial { .. } => true,
            _ => false,
        }
    }

    /// A bound no drawn value exceeds, for the scenario's door: a law whose ceiling is not finite may
    /// be meaningful, but yields values no clock can hold (or counts beyond 2^53), and is refused.
    #[must_use]
    pub fn ceiling(&self) -> f64 {
        let count = |bound: f64| {
            if bound <= GREATEST_COUNT {
                bound
            } else {
                f64::INFINITY
            }
        };
        let poisson = |mean: f64| mean + 50.0 * (1.0 + mean.sqrt());
        let scaled_power = |scale: f64, exponent: f64| {
            if exponent <= power::GREATEST {
                scale * libm::exp(exponent)
            } else {
                f64::INFINITY
            }
        };
        match *self {
            Law::Constant { value } => value,
            Law::Exponential { mean } => mean * LONGEST_TAIL,
            Law::Uniform { high, .. } | Law::Triangular { high, .. } => high,
            Law::Normal { mean, sd } => {
                let mass = normal::cdf(mean / sd);
                if sd == 0.0 {
                    mean
                } else if mass < 1e-280 {
                    f64::INFINITY
                } else {
                    mean - sd * normal::quantile(mass * 2f64.powi(-53))
                }
            }
            Law::Lognormal { mean, cv } => {
                let sigma = libm::sqrt(libm::log1p(cv * cv));
                scaled_power(mean / (1.0 + cv * cv).sqrt(), 8.3 * sigma)
            }
            Law::Gamma { mean, cv } if cv > 0.0 => Gamma::new(mean, cv).ceiling(),
            Law::Gamma { mean, .. } => mean,
            Law::Erlang { k, mean } => mean / f64::from(k) * LONGEST_TAIL * f64::from(k),
            Law::Weibull { shape, scale } => scaled_power(scale, libm::log(LONGEST_TAIL) / shape),
            Law::Pareto { scale, shape } => scaled_power(scale, LONGEST_TAIL / shape),
            Law::Hyperexponential { ref means, .. } => {
                means.iter().fold(0.0, |a: f64, &b| a.max(b)) * LONGEST_TAIL
            }
            Law::Empirical { ref values } | Law::Trace { ref values } => {
                values.iter().fold(0.0, |a: f64, &b| a.max(b))
            }
            Law::Poisson { mean } => count(poisson(mean)),
            Law::UniformInt { high, .. } => count(high as f64),
            Law::Binomial { n, .. } => count(n as f64),
            Law::Geometric { mean } => count(1.0 + LONGEST_TAIL * mean),
            Law::NegativeBinomial { mean, cv } => match excess_cv(mean, cv) {
                Some(cv) => count(poisson(Gamma::new(mean, cv).ceiling())),
                None => count(poisson(mean)),
            },
        }
    }
}

/// The coefficient of variation of the gamma-distributed mean behind a negative binomial law; none
/// where its variance does not exceed a Poisson law's.
pub(super) fn excess_cv(mean: f64, cv: f64) -> Option<f64> {
    let excess = cv * cv - 1.0 / mean;
    (excess > 1e-12 * cv * cv).then(|| excess.sqrt())
}
