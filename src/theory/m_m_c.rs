//! M/M/c, and M/M/1 as its first case: Poisson arrivals, exponential services, first come first served.
//!
//! Kleinrock, *Queueing Systems* I, 1975, section 3.5; Gross and Harris, *Fundamentals of Queueing
//! Theory*, section 2.3. The wait is zero with probability 1 - C and otherwise exponential with
//! rate c mu - lambda, C being Erlang's delay formula: P(W > t) = C exp(-(c mu - lambda) t). For
//! one server C = rho.

use super::{NoAnswer, erlang, not_negative, positive, quantile_level, servers};

/// C and the rate c mu - lambda, from which everything else follows.
fn parts(lambda: f64, mu: f64, c: u32) -> Result<(f64, f64), NoAnswer> {
    not_negative("lambda", lambda)?;
    positive("mu", mu)?;
    let waited = erlang::c(lambda / mu, c)?;
    Ok((waited, servers(c)? * mu - lambda))
}

/// The share of customers who wait, C(c, lambda / mu).
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waited_fraction(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    Ok(parts(lambda, mu, c)?.0)
}

/// Mean wait over all customers, wq = C / (c mu - lambda).
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_mean(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    let (waited, rate) = parts(lambda, mu, c)?;
    Ok(waited / rate)
}

/// Standard deviation of the wait, sqrt(C (2 - C)) / (c mu - lambda).
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_sd(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    let (waited, rate) = parts(lambda, mu, c)?;
    Ok(super::waiting_sd(waited, rate))
}

/// The least t with P(W <= t) >= `p`, for `p` in [0, 1).
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_quantile(lambda: f64, mu: f64, c: u32, p: f64) -> Result<f64, NoAnswer> {
    let (waited, rate) = parts(lambda, mu, c)?;
    Ok(super::waiting_quantile(waited, rate, quantile_level(p)?))
}

/// Mean number waiting, lq = lambda wq (Little 1961).
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn queue_length_mean(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    Ok(lambda * waiting_mean(lambda, mu, c)?)
}

/// Mean time from arrival to departure, wq + 1 / mu.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn sojourn_mean(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    Ok(waiting_mean(lambda, mu, c)? + 1.0 / mu)
}

/// Standard deviation of the time from arrival to departure; wait and service are independent.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn sojourn_sd(lambda: f64, mu: f64, c: u32) -> Result<f64, NoAnswer> {
    Ok(waiting_sd(lambda, mu, c)?.hypot(1.0 / mu))
}
