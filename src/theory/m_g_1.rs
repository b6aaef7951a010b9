//! M/G/1: Poisson arrivals, one server, any law of service; Pollaczek and Khinchine.
//!
//! Kleinrock, *Queueing Systems* I, section 5.7: with m2, m3 the second and third moments of a service,
//! wq = lambda m2 / (2 (1 - rho)) and E W^2 = 2 wq^2 + lambda m3 / (3 (1 - rho)).

use super::{NoAnswer, not_negative, positive, stable};

/// Mean wait, for services of this `mean` and `variance`; infinite if the variance is.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_mean(lambda: f64, mean: f64, variance: f64) -> Result<f64, NoAnswer> {
    not_negative("lambda", lambda)?;
    positive("mean service", mean)?;
    if variance.is_nan() || variance < 0.0 {
        return Err(NoAnswer::OutOfRange {
            name: "variance",
            value: variance,
        });
    }
    stable(lambda * mean, 1.0)?;
    Ok(lambda * (variance + mean * mean) / (2.0 * (1.0 - lambda * mean)))
}

/// Standard deviation of the wait; `third_moment` of a service is the one about zero, E S^3.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_sd(
    lambda: f64,
    mean: f64,
    variance: f64,
    third_moment: f64,
) -> Result<f64, NoAnswer> {
    let wq = waiting_mean(lambda, mean, variance)?;
    Ok((wq * wq + lambda * third_moment / (3.0 * (1.0 - lambda * mean))).sqrt())
}
