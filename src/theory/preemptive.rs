//! M/G/1 with priorities and preemptive resume.
//!
//! A class is affected only by itself and those before it (Kleinrock, *Queueing Systems* II, section 3.4). With
//! sigma the load of the classes up to one, and m2 the second moment of a service: the first service of class k
//! begins after sum over i <= k of lambda_i m2_i / (2 (1 - sigma_(k-1)) (1 - sigma_k)), and the service with its
//! interruptions then takes mean_k / (1 - sigma_(k-1)).

use super::{NoAnswer, not_negative, positive, stable};

/// A class of customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Arrivals per unit of time, a Poisson process.
    pub lambda: f64,
    /// Mean of a service.
    pub mean: f64,
    /// Variance of a service.
    pub variance: f64,
}

/// Mean times of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// From the arrival to the first begin of the service.
    pub waiting_mean: f64,
    /// From the arrival to the end of the service.
    pub sojourn_mean: f64,
}

/// Mean times of each class; the first has the highest priority, and no two have the same.
///
/// # Errors
/// If an argument is out of range, or the total load is too high.
pub fn solve(classes: &[Class]) -> Result<Vec<Times>, NoAnswer> {
    let (mut before, mut moments) = (0.0, 0.0);
    let mut times = Vec::with_capacity(classes.len());
    for class in classes {
        not_negative("lambda", class.lambda)?;
        positive("mean service", class.mean)?;
        not_negative("variance", class.variance)?;
        moments += class.lambda * (class.variance + class.mean * class.mean);
        let load = before + class.lambda * class.mean;
        stable(load, 1.0)?;
        let waiting_mean = moments / (2.0 * (1.0 - before) * (1.0 - load));
        times.push(Times {
            waiting_mean,
            sojourn_mean: waiting_mean + class.mean / (1.0 - before),
        });
        before = load;
    }
    Ok(times)
}
