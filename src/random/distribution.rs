//! Distribution functions of the laws: for tests of the samplers and for theory, not for sampling.

use super::{Law, law::excess_cv, normal};
use statrs::function::{beta::beta_reg, gamma::gamma_lr, gamma::gamma_ur};

impl Law {
    /// P(X <= `x`). A trace counts as the sample it is.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        let at_once = |value: f64| if x >= value { 1.0 } else { 0.0 };
        // The greatest whole number up to x.
        let k = x.floor();
        match *self {
            Law::Constant { value } => at_once(value),
            Law::Exponential { mean } => exponential(mean, x),
            Law::Uniform { low, high } if low == high => at_once(low),
            Law::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Law::Triangular { low, mode, high } => {
                if x < low {
                    0.0
                } else if x >= high {
                    1.0
                } else if x < mode {
                    (x - low) / (high - low) * ((x - low) / (mode - low))
                } else {
                    1.0 - (high - x) / (high - low) * ((high - x) / (high - mode))
                }
            }
            Law::Normal { mean, sd: 0.0 } => at_once(mean),
            Law::Normal { mean, sd } => 1.0 - normal::cdf((mean - x) / sd) / normal::cdf(mean / sd),
            Law::Lognormal { mean, cv: 0.0 } | Law::Gamma { mean, cv: 0.0 } => at_once(mean),
            Law::Lognormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                normal::cdf((libm::log(x / mean) + 0.5 * variance) / variance.sqrt())
            }
            Law::Gamma { mean, cv } => gamma(mean, cv * cv, x),
            Law::Erlang { k, mean } => gamma(mean, 1.0 / f64::from(k), x),
            Law::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, shape)),
            Law::Pareto { scale, shape } if x > scale => 1.0 - libm::pow(scale / x, shape),
            Law::Pareto { .. } => 0.0,
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => probabilities
                .iter()
                .zip(means)
                .map(|(probability, &mean)| probability * exponential(mean, x))
                .sum(),
            Law::Empirical { ref values } | Law::Trace { ref values } => {
                let below = values.iter().filter(|&&value| value <= x).count();
                below as f64 / values.len().max(1) as f64
            }
            Law::Poisson { mean } => poisson(mean, k),
            Law::UniformInt { low, high } => {
                ((k - low as f64 + 1.0) / ((high - low) as f64 + 1.0)).clamp(0.0, 1.0)
            }
            Law::Binomial { n, p } => {
                if k >= n as f64 || p == 0.0 {
                    1.0
                } else if p == 1.0 {
                    0.0
                } else {
                    beta_reg(n as f64 - k, k + 1.0, 1.0 - p)
                }
            }
            Law::Geometric { mean } if mean <= 1.0 => at_once(1.0),
            Law::Geometric { mean } => -libm::expm1(k * libm::log1p(-1.0 / mean)),
            Law::NegativeBinomial { mean, cv } => match excess_cv(mean, cv) {
                Some(excess) => {
                    let cv2 = excess * excess;
                    beta_reg(1.0 / cv2, k + 1.0, 1.0 / (1.0 + mean * cv2))
                }
                None => poisson(mean, k),
            },
        }
    }
}

fn exponential(mean: f64, x: f64) -> f64 {
    if mean == 0.0 {
        1.0
    } else {
        -libm::expm1(-x / mean)
    }
}

fn gamma(mean: f64, cv2: f64, x: f64) -> f64 {
    if x == 0.0 || mean == 0.0 {
        exponential(mean, x)
    } else {
        gamma_lr(1.0 / cv2, x / (mean * cv2))
    }
}

fn poisson(mean: f64, k: f64) -> f64 {
    if mean == 0.0 {
        1.0
    } else {
        gamma_ur(k + 1.0, mean)
    }
}
