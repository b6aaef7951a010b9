//! Plans: each law with the constants of its sampling prepared, once.

use super::law::{Law, excess_cv};
use super::{gamma::Gamma, normal};
use rand_distr::{Binomial, Poisson};
use std::sync::Arc;

/// The greatest product of uniforms that stays a normal number: 2^(-53 * 16).
pub(super) const FACTORS: u32 = 16;

/// Above it an Erlang law is drawn as the gamma law it is.
const GREATEST_SUM: u32 = 64;

/// A law with its constants prepared.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    Uniform {
        low: f64,
        span: f64,
        greatest: f64,
    },
    Triangular {
        low: f64,
        high: f64,
        span: f64,
        left: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
        mass: f64,
    },
    Lognormal {
        median: f64,
        sigma: f64,
    },
    Gamma(Gamma),
    Erlang {
        k: u32,
        mean: f64,
    },
    Weibull {
        scale: f64,
        power: f64,
    },
    Pareto {
        scale: f64,
        power: f64,
    },
    Hyperexponential {
        thresholds: Box<[f64]>,
        means: Box<[f64]>,
    },
    Empirical(Arc<[f64]>),
    Trace {
        values: Arc<[f64]>,
        next: usize,
    },
    Poisson(Poisson<f64>),
    UniformInt {
        low: u64,
        count: u64,
    },
    Binomial(Binomial),
    Geometric {
        inverse: f64,
    },
    NegativeBinomial(Gamma),
}

impl Plan {
    /// Prepares `law`, whose ceiling is finite.
    pub(super) fn new(law: &Law) -> Plan {
        match *law {
            Law::Constant { value } => Plan::Constant(value),
            Law::Exponential { mean } => Plan::Exponential { mean },
            Law::Uniform { low, high } | Law::Triangular { low, high, .. } if low == high => {
                Plan::Constant(low)
            }
            Law::Uniform { low, high } => Plan::Uniform {
                low,
                span: high - low,
                greatest: high.next_down(),
            },
            Law::Triangular { low, mode, high } => Plan::Triangular {
                low,
                high,
                span: high - low,
                left: (mode - low) / (high - low),
            },
            Law::Normal { mean, sd: 0.0 }
            | Law::Lognormal { mean, cv: 0.0 }
            | Law::Gamma { mean, cv: 0.0 } => Plan::Constant(mean),
            Law::Normal { mean, sd } => Plan::Normal {
                mean,
                sd,
                mass: normal::cdf(mean / sd),
            },
            Law::Lognormal { mean, cv } => Plan::Lognormal {
                median: mean / (1.0 + cv * cv).sqrt(),
                sigma: libm::log1p(cv * cv).sqrt(),
            },
            Law::Gamma { mean, cv } => Plan::Gamma(Gamma::new(mean, cv)),
            Law::Erlang { k, mean } if k > GREATEST_SUM => {
                Plan::Gamma(Gamma::new(mean, 1.0 / f64::from(k).sqrt()))
            }
            Law::Erlang { k, mean } => Plan::Erlang {
                k,
                mean: mean / f64::from(k),
            },
            Law::Weibull { shape, scale } => Plan::Weibull {
                scale,
                power: 1.0 / shape,
            },
            Law::Pareto { scale, shape } => Plan::Pareto {
                scale,
                power: 1.0 / shape,
            },
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => Plan::Hyperexponential {
                thresholds: probabilities[1..]
                    .iter()
                    .zip(probabilities)
                    .scan(0.0, |sum, (_, probability)| {
                        *sum += probability;
                        Some(*sum)
                    })
                    .collect(),
                means: means.clone().into(),
            },
            Law::Empirical { ref values } => Plan::Empirical(values.clone()),
            Law::Trace { ref values } => Plan::Trace {
                values: values.clone(),
                next: 0,
            },
            Law::Poisson { mean } => match Poisson::new(mean) {
                Ok(poisson) => Plan::Poisson(poisson),
                Err(_) => Plan::Constant(0.0),
            },
            Law::UniformInt { low, high } => Plan::UniformInt {
                low,
                count: high - low + 1,
            },
            Law::Binomial { n, p } => match Binomial::new(n, p) {
                Ok(binomial) => Plan::Binomial(binomial),
                Err(_) => Plan::Constant(0.0),
            },
            Law::Geometric { mean } if mean <= 1.0 => Plan::Constant(1.0),
            Law::Geometric { mean } => Plan::Geometric {
                inverse: 1.0 / libm::log1p(-1.0 / mean),
            },
            Law::NegativeBinomial { mean, cv } => match excess_cv(mean, cv) {
                Some(cv) => Plan::NegativeBinomial(Gamma::new(mean, cv)),
                None => Plan::new(&Law::Poisson { mean }),
            },
        }
    }
}
