//! M\[X\]/G/1: batches arrive as a Poisson process; M\[X\]/M/1 is the case of exponential services.
//!
//! A customer waits for the work found by its batch, and for the customers before it in the batch (Gross and
//! Harris, section 3.1; Chaudhry and Templeton 1983). With x1 and x2 the first two moments of a batch, s1 and s2
//! those of a service and rho = lambda x1 s1: wq = (lambda x1 s2 + s1 (x2 - x1) / x1) / (2 (1 - rho)).

use super::{NoAnswer, not_negative, positive, stable};

/// Mean wait of a customer, for `lambda` batches per unit of time, given mean and variance of the batch size and of
/// a service.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn waiting_mean(
    lambda: f64,
    (size_mean, size_variance): (f64, f64),
    (mean, variance): (f64, f64),
) -> Result<f64, NoAnswer> {
    not_negative("lambda", lambda)?;
    positive("mean batch", size_mean)?;
    not_negative("variance of a batch", size_variance)?;
    positive("mean service", mean)?;
    not_negative("variance", variance)?;
    let rate = lambda * size_mean;
    let rho = stable(rate * mean, 1.0)?;
    // Twice the mean number of customers before another one in its own batch.
    let before = (size_variance + size_mean * size_mean - size_mean) / size_mean;
    Ok((rate * (variance + mean * mean) + mean * before) / (2.0 * (1.0 - rho)))
}
