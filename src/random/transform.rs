//! Laplace transforms of the laws, E exp(-s X): what the theory of GI/M/1 asks of inter-arrival times.
//!
//! Closed where a closed form exists that does not cancel; else by quadrature to about 1e-12: the
//! double exponential rule (Takahasi and Mori 1974) over a finite interval, and the trapezoid rule,
//! which converges as fast for a smooth function that dies away at both ends, over a whole axis.

use super::{Law, law::excess_cv, normal};
use libm::{exp, expm1, log1p};

impl Law {
    /// E exp(-`s` X) for `s` >= 0; none for a trace, which has no law.
    #[must_use]
    pub fn laplace(&self, s: f64) -> Option<f64> {
        let exponential = |mean: f64| 1.0 / (1.0 + s * mean);
        let gamma = |mean: f64, cv2: f64, s: f64| {
            if cv2 == 0.0 {
                exp(-s * mean)
            } else {
                exp(-log1p(s * mean * cv2) / cv2)
            }
        };
        // The probability generating function is asked for at z = exp(-s); this is z - 1.
        let below_one = expm1(-s);
        Some(match *self {
            Law::Trace { .. } => return None,
            _ if s == 0.0 => 1.0,
            Law::Constant { value } => exp(-s * value),
            Law::Exponential { mean } => exponential(mean),
            Law::Uniform { low, high } => exp(-s * low) * decay(s * (high - low)),
            Law::Triangular { low, high, .. } if low == high => exp(-s * low),
            Law::Triangular { low, mode, high } => {
                let side = |from: f64, to: f64, foot: f64| {
                    let slope = 2.0 / (high - low) / (to - from);
                    over_interval(from, to, |x| slope * (x - foot).abs() * exp(-s * x))
                };
                side(low, mode, low) + side(mode, high, high)
            }
            Law::Normal { mean, sd: 0.0 } => exp(-s * mean),
            Law::Normal { mean, sd } => {
                let weight = |x: f64| exp(-0.5 * (x - mean) / sd * ((x - mean) / sd) - s * x);
                let middle = mean.max(0.0);
                let integral = over_interval((mean - 12.0 * sd).max(0.0), middle, weight)
                    + over_interval(middle, middle + 12.0 * sd, weight);
                integral / (sd * (2.0 * std::f64::consts::PI).sqrt() * normal::cdf(mean / sd))
            }
            Law::Lognormal { mean, cv } => {
                let sigma = log1p(cv * cv).sqrt();
                let median = mean / (1.0 + cv * cv).sqrt();
                let scale = 1.0 / (2.0 * std::f64::consts::PI).sqrt();
                over_axis(-12.0, 12.0, |z| {
                    scale * exp(-0.5 * z * z - s * median * exp(sigma * z))
                })
            }
            Law::Gamma { mean, cv } => gamma(mean, cv * cv, s),
            Law::Erlang { k, mean } => gamma(mean, 1.0 / f64::from(k), s),
            // Of an exponential variable e^t, whose density in t is exp(t - e^t).
            Law::Weibull { shape, scale } => {
                over_axis(-45.0, 4.5, |t| exp(t - exp(t) - s * scale * exp(t / shape)))
            }
            Law::Pareto { scale, shape } => over_axis(-45.0, 4.5, |t| {
                exp(t - exp(t) - s * scale * exp(exp(t) / shape))
            }),
            Law::Hyperexponential {
                ref probabilities,
                ref means,
            } => probabilities
                .iter()
                .zip(means)
                .map(|(probability, &mean)| probability * exponential(mean))
                .sum(),
            Law::Empirical { ref values } => {
                values.iter().map(|&x| exp(-s * x)).sum::<f64>() / values.len() as f64
            }
            Law::Poisson { mean } => exp(mean * below_one),
            Law::UniformInt { low, high } => {
                let count = (high - low) as f64 + 1.0;
                exp(-s * low as f64) * decay(s * count) / decay(s)
            }
            Law::Binomial { n, p } => exp(n as f64 * log1p(p * below_one)),
            Law::Geometric { mean } => (1.0 + below_one) / (1.0 - (mean - 1.0) * below_one),
            Law::NegativeBinomial { mean, cv } => {
                let cv2 = excess_cv(mean, cv).map_or(0.0, |cv| cv * cv);
                gamma(mean, cv2, -below_one)
            }
        })
    }
}

/// (1 - exp(-x)) / x, one at zero.
fn decay(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { -expm1(-x) / x }
}

/// The integral of `f` from `a` to `b` by the double exponential rule; zero where they are equal.
fn over_interval(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    let half = 0.5 * (b - a);
    if half == 0.0 {
        return 0.0;
    }
    let node = |i: i32| {
        let t = f64::from(i) * STEP;
        let u = std::f64::consts::FRAC_PI_2 * libm::sinh(t);
        // How far from the nearer end, in halves of the width: 1 - tanh |u|.
        let distance = half * 2.0 / (1.0 + exp(2.0 * u.abs()));
        let x = if u < 0.0 { a + distance } else { b - distance };
        let cosh = libm::cosh(u);
        f(x) * libm::cosh(t) / (cosh * cosh)
    };
    let sum: f64 = (-110..=110).map(node).sum();
    sum * STEP * std::f64::consts::FRAC_PI_2 * half
}

/// The integral between `from` and `to` of a smooth `f` that is negligible at both.
fn over_axis(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: u32 = 2048;
    let step = (to - from) / f64::from(POINTS);
    (0..=POINTS)
        .map(|i| f(from + step * f64::from(i)))
        .sum::<f64>()
        * step
}
