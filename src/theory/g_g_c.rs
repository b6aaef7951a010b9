//! G/G/c, **approximately**: Allen and Cunneen's formula.
//!
//! A. O. Allen, *Probability, Statistics, and Queueing Theory*, 2nd ed., 1990, section 5.3: wq = C
//! / (c mu - lambda) (ca2 + cs2) / 2, with C Erlang's delay formula and ca2, cs2 the squared
//! coefficients of variation of inter-arrival and service times. Exact for M/M/c and M/G/1;
//! otherwise often within 10 % under heavy load with ca2 not far from 1. It must not be used to
//! verify a simulation.

use super::{NoAnswer, m_m_c, not_negative};

/// Approximate mean wait; `ca2`, `cs2` >= 0.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn approximate_waiting_mean(
    lambda: f64,
    mu: f64,
    c: u32,
    ca2: f64,
    cs2: f64,
) -> Result<f64, NoAnswer> {
    not_negative("ca2", ca2)?;
    not_negative("cs2", cs2)?;
    Ok(m_m_c::waiting_mean(lambda, mu, c)? * 0.5 * (ca2 + cs2))
}
