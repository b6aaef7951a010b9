//! Erlang's loss and delay formulas.
//!
//! A. K. Erlang 1917; computed by the recursion 1/B(n) = 1 + n / (a B(n-1)), which is stable for any
//! number of servers (Cooper, *Introduction to Queueing Theory*, 2nd ed., 1981, section 3.3).

use super::{NoAnswer, not_negative, servers, stable};

/// Erlang B: the probability that an arrival to M/G/c/c finds all `c` servers busy and is lost.
/// `offered` = lambda / mu, in erlangs, >= 0; may exceed `c`.
///
/// # Errors
/// If an argument is out of range.
pub fn b(offered: f64, c: u32) -> Result<f64, NoAnswer> {
    servers(c)?;
    let a = not_negative("offered load", offered)?;
    let inverse = (1..=c).fold(1.0, |inverse, n| 1.0 + f64::from(n) / a * inverse);
    Ok(1.0 / inverse)
}

/// Erlang C: the probability that an arrival to M/M/c has to wait, B / (1 - rho (1 - B)).
/// `offered` = lambda / mu, below `c`.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn c(offered: f64, c: u32) -> Result<f64, NoAnswer> {
    let b = b(offered, c)?;
    let count = servers(c)?;
    let rho = stable(offered, count)?;
    // 1 - rho + rho B, with 1 - rho computed without loss of digits.
    Ok(b / ((count - offered) / count + rho * b))
}
