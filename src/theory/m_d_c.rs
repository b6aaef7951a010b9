//! M/D/c: Poisson arrivals, services all of length d, c servers; exact.
//!
//! Seen every d, the number in system obeys N' = max(N - c, 0) + A with A Poisson of mean a = lambda d
//! (Crommelin 1932; Franx 2001; Tijms, *A First Course in Stochastic Models*, 2003, section 9.6.2), so
//! the queue max(N - c, 0) is the greatest value of the random walk with steps A - c. Two ways:
//! * Spitzer's identity (1956): lq = sum of E(A(n) - n c)+ / n and P(W = 0) = exp(-sum of
//!   P(A(n) >= n c) / n), over n >= 1, A(n) Poisson of mean n a. Positive terms only: exact for light
//!   loads, where the answer is tiny. They fall off as exp(-n c (1 - rho)^2 / 2).
//! * Near saturation, the c - 1 roots z != 1 of z^c = exp(a (z - 1)) in the unit disc:
//!   lq = sum of 1 / (1 - z) - (c (c - 1) - a^2) / (2 (c - a)) and P(W = 0) = (c - a) / product of (1 - z).

use super::{NoAnswer, not_negative, positive, servers, stable};

/// Number of terms above which the roots are used instead of the sum over walks.
const MOST_TERMS: f64 = 2000.0;

/// Mean wait for services of length `d`.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_mean(lambda: f64, d: f64, c: u32) -> Result<f64, NoAnswer> {
    let (lq, _) = solve(lambda, d, c)?;
    Ok(if lambda > 0.0 { lq / lambda } else { 0.0 })
}

/// The share of customers who wait.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waited_fraction(lambda: f64, d: f64, c: u32) -> Result<f64, NoAnswer> {
    Ok(solve(lambda, d, c)?.1)
}

/// Mean queue length and share of customers who wait.
fn solve(lambda: f64, d: f64, c: u32) -> Result<(f64, f64), NoAnswer> {
    let a = not_negative("lambda", lambda)? * positive("service", d)?;
    let rho = stable(a, servers(c)?)?;
    let terms = 80.0 / (f64::from(c) * (1.0 - rho).powi(2));
    Ok(if a == 0.0 {
        (0.0, 0.0)
    } else if c == 1 {
        (rho * rho / (2.0 * (1.0 - rho)), rho)
    } else if terms <= MOST_TERMS {
        by_walks(rho, c)
    } else {
        by_roots(rho, c)
    })
}

/// Spitzer's identity.
fn by_walks(rho: f64, c: u32) -> (f64, f64) {
    // ln rho + 1 - rho <= 0, the rate at which the probability of n c arrivals falls with n c.
    let fall = (rho - 1.0).ln_1p() - (rho - 1.0);
    let (mut lq, mut exponent) = (0.0, 0.0);
    for n in 1..=(10.0 * MOST_TERMS) as u64 {
        let k = n as f64 * f64::from(c);
        let mean = rho * k;
        // P(A(n) = k), by Stirling's formula with its correction (Loader 2000).
        let at_k = (k * fall - stirling_error(k)).exp() / (2.0 * std::f64::consts::PI * k).sqrt();
        // Relative to that: the sums of P(A(n) = k + i) and of i P(A(n) = k + i) over i >= 0.
        let (mut tail, mut excess, mut term, mut i) = (1.0, 0.0, 1.0, 0.0);
        while term * (i + 1.0) > 1e-18 * excess || i < 2.0 {
            i += 1.0;
            term *= mean / (k + i);
            tail += term;
            excess += i * term;
        }
        let count = n as f64;
        lq += at_k * excess / count;
        exponent += at_k * tail / count;
        if at_k * excess < 1e-17 * lq && at_k * tail < 1e-17 * exponent {
            break;
        }
    }
    (lq, -(-exponent).exp_m1())
}

/// ln k! - ln(sqrt(2 pi k) k^k e^-k), for whole k >= 1.
fn stirling_error(k: f64) -> f64 {
    if k < 16.0 {
        let factorial: f64 = (1..=k as u32).map(f64::from).product();
        factorial.ln() - (k + 0.5) * k.ln() + k - 0.5 * (2.0 * std::f64::consts::PI).ln()
    } else {
        let square = k * k;
        (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square)
            / k
    }
}

/// The roots in the unit disc, in conjugate pairs.
fn by_roots(rho: f64, c: u32) -> (f64, f64) {
    let count = f64::from(c);
    let a = rho * count;
    let (mut sum, mut ln_product) = (0.0, 0.0);
    for k in 1..=c / 2 {
        let z = root(rho, 2.0 * std::f64::consts::PI * f64::from(k) / count);
        let away = (1.0 - z.0, -z.1);
        let square = away.0 * away.0 + away.1 * away.1;
        // A root counts with its conjugate; the real one of an even c counts once.
        let both = if 2 * k == c { 1.0 } else { 2.0 };
        sum += both * away.0 / square;
        ln_product += both * 0.5 * square.ln();
    }
    let free = count - a;
    let lq = sum - (count * (count - 1.0) - a * a) / (2.0 * free);
    (lq, 1.0 - free * (-ln_product).exp())
}

/// The root of z = exp(i `angle` + rho (z - 1)) in the unit disc, as (real, imaginary): first by
/// iterating the map, which contracts towards it, then by Newton's method.
fn root(rho: f64, angle: f64) -> (f64, f64) {
    let map = |z: (f64, f64)| {
        let size = (rho * (z.0 - 1.0)).exp();
        let (sin, cos) = (angle + rho * z.1).sin_cos();
        (size * cos, size * sin)
    };
    let mut z = (0.0, 0.0);
    for _ in 0..30 {
        z = map(z);
    }
    for _ in 0..60 {
        let image = map(z);
        let residual = (z.0 - image.0, z.1 - image.1);
        let slope = (1.0 - rho * image.0, -rho * image.1);
        let square = slope.0 * slope.0 + slope.1 * slope.1;
        let step = (
            (residual.0 * slope.0 + residual.1 * slope.1) / square,
            (residual.1 * slope.0 - residual.0 * slope.1) / square,
        );
        z = (z.0 - step.0, z.1 - step.1);
        if step.0.abs() + step.1.abs() < 1e-17 {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_and_roots_agree_where_both_apply() {
        for (rho, c) in [
            (0.3, 2),
            (0.5, 3),
            (0.8, 5),
            (0.9, 10),
            (0.9, 31),
            (0.95, 100),
            (0.98, 400),
        ] {
            let (walk, root) = (by_walks(rho, c), by_roots(rho, c));
            assert!(
                (walk.0 - root.0).abs() < 1e-11 * f64::from(c),
                "{rho} {c}: {walk:?} {root:?}"
            );
            assert!(
                (walk.1 - root.1).abs() < 1e-11,
                "{rho} {c}: {walk:?} {root:?}"
            );
        }
    }
}
