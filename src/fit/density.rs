//! The logarithm of a law's density, or of its probabilities if its values are whole numbers.

use super::Sample;
use crate::random::Law;
use std::f64::consts::PI;

/// The logarithm of the likelihood of a sample under a law.
pub(super) fn log_likelihood(law: &Law, sample: &Sample) -> f64 {
    sample.sum(|value| log_density(law, value))
}

fn outside(inside: bool, log: f64) -> f64 {
    if inside { log } else { f64::NEG_INFINITY }
}

/// ln of n!.
fn ln_factorial(n: f64) -> f64 {
    libm::lgamma(n + 1.0)
}

fn gamma(shape: f64, scale: f64, x: f64) -> f64 {
    let power = if shape == 1.0 {
        0.0
    } else {
        (shape - 1.0) * x.ln()
    };
    power - x / scale - libm::lgamma(shape) - shape * scale.ln()
}

fn log_density(law: &Law, x: f64) -> f64 {
    match law {
        Law::Exponential(law) => -law.mean.ln() - x / law.mean,
        Law::Uniform(law) => outside(
            (law.low..=law.high).contains(&x),
            -(law.high - law.low).ln(),
        ),
        Law::Triangular(law) => {
            let width = law.high - law.low;
            let height = if x < law.mode {
                (x - law.low) / (law.mode - law.low)
            } else if law.high > law.mode {
                (law.high - x) / (law.high - law.mode)
            } else {
                1.0
            };
            outside(height > 0.0, (2.0 * height / width).ln())
        }
        Law::Normal(law) => {
            let z = (x - law.mean) / law.sd;
            // The probability that a normal draw is not negative.
            let kept = 0.5 * libm::erfc(-law.mean / law.sd / 2f64.sqrt());
            -0.5 * z * z - law.sd.ln() - 0.5 * (2.0 * PI).ln() - kept.ln()
        }
        Law::Lognormal(law) => {
            let variance = (law.cv * law.cv).ln_1p();
            let z = x.ln() - law.mean.ln() + variance / 2.0;
            -0.5 * z * z / variance - x.ln() - 0.5 * (2.0 * PI * variance).ln()
        }
        Law::Gamma(law) => gamma(1.0 / (law.cv * law.cv), law.mean * law.cv * law.cv, x),
        Law::Erlang(law) => gamma(f64::from(law.k), law.mean / f64::from(law.k), x),
        Law::Weibull(law) => {
            let z = x / law.scale;
            law.shape.ln() - law.scale.ln() + (law.shape - 1.0) * z.ln() - z.powf(law.shape)
        }
        Law::Pareto(law) => outside(
            x >= law.scale,
            law.shape.ln() + law.shape * law.scale.ln() - (law.shape + 1.0) * x.ln(),
        ),
        Law::Hyperexponential(law) => {
            let branches = law.probabilities.iter().zip(&law.means);
            let density = branches.map(|(share, mean)| share / mean * (-x / mean).exp());
            density.sum::<f64>().ln()
        }
        Law::Constant(law) => outside(x == law.value, 0.0),
        Law::Poisson(law) => x * law.mean.ln() - law.mean - ln_factorial(x),
        Law::UniformInt(law) => outside(
            (law.low as f64..=law.high as f64).contains(&x),
            -((law.high - law.low + 1) as f64).ln(),
        ),
        Law::Binomial(law) => {
            let n = law.n as f64;
            let successes = if x == 0.0 { 0.0 } else { x * law.p.ln() };
            let failures = if x == n {
                0.0
            } else {
                (n - x) * (-law.p).ln_1p()
            };
            let ways = ln_factorial(n) - ln_factorial(x) - ln_factorial(n - x);
            outside(x <= n, ways + successes + failures)
        }
        Law::Geometric(law) => {
            let failures = if x == 1.0 {
                0.0
            } else {
                (x - 1.0) * (-1.0 / law.mean).ln_1p()
            };
            outside(x >= 1.0, failures - law.mean.ln())
        }
        Law::NegativeBinomial(law) => {
            let shape = 1.0 / (law.cv * law.cv - 1.0 / law.mean);
            let ways = libm::lgamma(x + shape) - libm::lgamma(shape) - ln_factorial(x);
            ways - shape * (law.mean / shape).ln_1p() - x * (shape / law.mean).ln_1p()
        }
        Law::Empirical(_)
        | Law::Trace(_)
        | Law::Discrete(_)
        | Law::Mixture(_)
        | Law::Shifted(_)
        | Law::PhaseType(_) => f64::NEG_INFINITY,
    }
}
