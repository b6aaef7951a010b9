//! Formulas that several laws share: checks of parameters, moments, distribution functions, quadrature.

use crate::number::of_them;
use crate::problem::{KeyPath, Problem};
use crate::random::{normal as standard_normal, power};
use libm::{exp, expm1, log1p};
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// The number beyond which a float no longer distinguishes whole numbers.
pub(crate) const GREATEST_COUNT: f64 = (1u64 << 53) as f64;

/// -ln of the smallest number that [`Stream::open`](crate::random::Stream::open) yields.
pub(super) const LONGEST_TAIL: f64 = 53.0 * std::f64::consts::LN_2;

/// Refuses parameters, each with its key, that decrease.
pub(super) fn rising(named: &[(&str, f64)], at: &KeyPath) -> Result<(), Problem> {
    for pair in named.windows(2) {
        let [(lower, low), (upper, high)] = pair else {
            continue;
        };
        if low > high {
            let message = format!("`{at}` has `{lower}` = {low} above `{upper}` = {high}");
            return Err(Problem::value(&at.key(upper), message)
                .also(at.key(lower))
                .help(format!("`{lower}` must be at most `{upper}`")));
        }
    }
    Ok(())
}

/// Refuses numbers that do not add up to 1 within 1e-9.
pub(crate) fn sums_to_one(what: &str, numbers: &[f64], at: &KeyPath) -> Result<(), Problem> {
    let sum: f64 = numbers.iter().sum();
    if (sum - 1.0).abs() <= 1e-9 {
        return Ok(());
    }
    let shown = (sum * 1e12).round() / 1e12;
    let message = format!("the {what} add up to {shown}, but must add up to 1");
    Err(Problem::value(at, message).help("within 1e-9"))
}

/// Refuses two lists, each with its key, of different lengths.
pub(super) fn paired(
    keys: [&str; 2],
    lengths: (usize, usize),
    at: &KeyPath,
) -> Result<(), Problem> {
    let ([one, other], (first, second)) = (keys, lengths);
    if first == second {
        return Ok(());
    }
    let entries = of_them(first as u64, "entry");
    let message = format!("`{at}` has {entries} in `{one}`, but {second} in `{other}`");
    let help = format!("`{one}` and `{other}` are lists of equal length");
    Err(Problem::value(&at.key(other), message)
        .also(at.key(one))
        .help(help))
}

/// The bound of a law of counts; infinite beyond what a float can count.
pub(super) fn count(bound: f64) -> f64 {
    if bound <= GREATEST_COUNT {
        bound
    } else {
        f64::INFINITY
    }
}

/// `scale` e^`exponent`; infinite beyond the range of samples.
pub(super) fn scaled_power(scale: f64, exponent: f64) -> f64 {
    if exponent <= power::GREATEST {
        scale * exp(exponent)
    } else {
        f64::INFINITY
    }
}

/// The distribution function of a constant.
pub(super) fn at_once(value: f64, x: f64) -> f64 {
    if x >= value { 1.0 } else { 0.0 }
}

/// The distribution function of the exponential law.
pub(super) fn exponential_cdf(mean: f64, x: f64) -> f64 {
    if mean == 0.0 { 1.0 } else { -expm1(-x / mean) }
}

/// The Laplace transform of the exponential law.
pub(super) fn exponential_laplace(mean: f64, s: f64) -> f64 {
    1.0 / (1.0 + s * mean)
}

/// The distribution function of the gamma law.
pub(super) fn gamma_cdf(mean: f64, cv2: f64, x: f64) -> f64 {
    if x == 0.0 || mean == 0.0 {
        exponential_cdf(mean, x)
    } else {
        regularised_gamma(1.0 / cv2, x / mean).0
    }
}

/// The shape from which the number of terms of the incomplete gamma function grows without bound.
const SHAPE_GREAT: f64 = 1e8;

/// The regularised incomplete gamma functions, lower and upper, of `shape` at `shape` times `ratio`, both above 0.
/// Large shapes by Temme (SIAM J. Math. Anal. 10, 1979), whose first term is exact there to 1e-13.
fn regularised_gamma(shape: f64, ratio: f64) -> (f64, f64) {
    let x = shape * ratio;
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    if shape < SHAPE_GREAT {
        // An argument that underflows is not 0: for a small shape, much of the probability is below the smallest
        // float.
        let x = x.max(f64::MIN_POSITIVE);
        return (gamma_lr(shape, x), gamma_ur(shape, x));
    }
    let off = ratio - 1.0;
    if off.abs() > 0.01 {
        return if off < 0.0 { (0.0, 1.0) } else { (1.0, 0.0) };
    }
    // off - ln(1 + off), without cancellation.
    let half_square = (2..12)
        .rev()
        .fold(0.0, |sum, k| 1.0 / f64::from(k) - off * sum)
        * off
        * off;
    let eta = (2.0 * half_square).sqrt().copysign(off) * shape.sqrt();
    let between = -1.0 / 3.0 + off / 12.0 - 23.0 / 540.0 * off * off;
    let density = exp(-0.5 * eta * eta) / (2.0 * std::f64::consts::PI).sqrt();
    let rest = density / shape.sqrt() * between;
    let lower = standard_normal::cdf(eta) - rest;
    (lower, standard_normal::cdf(-eta) + rest)
}

/// The distribution function of a law of counts at the whole number `k`, if its variance is so large that
/// Edgeworth's expansion is exact to 1e-6; with this mean, variance, skewness and excess kurtosis.
pub(super) fn great_count_cdf(
    mean: f64,
    variance: f64,
    [skewness, excess]: [f64; 2],
    k: f64,
) -> Option<f64> {
    if variance < 1e4 || skewness.abs() > 0.02 {
        return None;
    }
    let sd = variance.sqrt();
    let z = (k - mean + 0.5) / sd;
    let (two, three) = (z * z - 1.0, z * (z * z - 3.0));
    let five = z * (z * z * (z * z - 10.0) + 15.0);
    // The last term is the correction for whole numbers.
    let sum = skewness * two / 6.0 + excess * three / 24.0 + skewness * skewness * five / 72.0
        - z / (24.0 * variance);
    let density = exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
    Some((standard_normal::cdf(z) - density * sum).clamp(0.0, 1.0))
}

/// The Laplace transform of the gamma law.
pub(super) fn gamma_laplace(mean: f64, cv2: f64, s: f64) -> f64 {
    if cv2 == 0.0 {
        exp(-s * mean)
    } else {
        exp(-log1p(s * mean * cv2) / cv2)
    }
}

/// The third moment of the gamma law.
pub(super) fn gamma_third_moment(mean: f64, cv2: f64) -> f64 {
    mean.powi(3) * (1.0 + cv2) * (1.0 + 2.0 * cv2)
}

/// The distribution function of the Poisson law.
pub(super) fn poisson_cdf(mean: f64, x: f64) -> f64 {
    if mean == 0.0 {
        1.0
    } else {
        let shape = x.floor() + 1.0;
        regularised_gamma(shape, mean / shape).1
    }
}

/// A bound that no Poisson variable exceeds.
pub(super) fn poisson_ceiling(mean: f64) -> f64 {
    mean + 50.0 * (1.0 + mean.sqrt())
}

/// The third moment about zero from mean, variance and third moment about the mean.
pub(super) fn third_about_zero(mean: f64, variance: f64, third_central: f64) -> f64 {
    mean.powi(3) + 3.0 * mean * variance + third_central
}

/// The sum of a function over values, each times its weight.
pub(super) fn weighted(weights: &[f64], values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    weights.iter().zip(values).map(|(w, &v)| w * of(v)).sum()
}

/// The index of the weight on which a point between 0 and the sum of all weights falls.
pub(super) fn fallen_on(weights: &[f64], point: f64) -> usize {
    let (mut sum, mut last) = (0.0, 0);
    for (index, &weight) in weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0.0)
    {
        sum += weight;
        last = index;
        if point < sum {
            break;
        }
    }
    last
}

/// The mean of a function over values; zero if there are none.
pub(super) fn average(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&x| of(x)).sum::<f64>() / values.len().max(1) as f64
}

/// Mean, variance and third moment about zero of values taken as a sample, divided by n.
pub(super) fn sample_moments(values: &[f64]) -> [f64; 3] {
    let mean = average(values, |x| x);
    let variance = average(values, |x| (x - mean) * (x - mean));
    [mean, variance, average(values, |x| x.powi(3))]
}

/// The share of values up to `x`.
pub(super) fn sample_cdf(values: &[f64], x: f64) -> f64 {
    average(values, |value| if value <= x { 1.0 } else { 0.0 })
}

/// The minimum and maximum of values.
pub(super) fn extremes(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    (least, values.iter().copied().fold(0.0, f64::max))
}

/// (1 - exp(-x)) / x; one at zero.
pub(super) fn decay(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { -expm1(-x) / x }
}

/// The integral of `f` from `a` to `b` by the double exponential rule (Takahasi and Mori 1974); zero if they are
/// equal.
pub(super) fn over_interval(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    let half = 0.5 * (b - a);
    if half == 0.0 {
        return 0.0;
    }
    let node = |i: i32| {
        let t = f64::from(i) * STEP;
        let u = std::f64::consts::FRAC_PI_2 * libm::sinh(t);
        // The distance from the nearer end, in half-widths: 1 - tanh |u|.
        let distance = half * 2.0 / (1.0 + exp(2.0 * u.abs()));
        let x = if u < 0.0 { a + distance } else { b - distance };
        let cosh = libm::cosh(u);
        f(x) * libm::cosh(t) / (cosh * cosh)
    };
    let sum: f64 = (-110..=110).map(node).sum();
    sum * STEP * std::f64::consts::FRAC_PI_2 * half
}

/// The integral between `from` and `to` of a smooth `f` that is negligible at both, by the trapezoid rule.
pub(super) fn over_axis(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: u32 = 2048;
    let step = (to - from) / f64::from(POINTS);
    (0..=POINTS)
        .map(|i| f(from + step * f64::from(i)))
        .sum::<f64>()
        * step
}
