//! Priorities without preemption.
//!
//! A. Cobham, *Priority assignment in waiting line problems*, Operations Research 2, 1954: with sigma the load of the
//! classes up to one, per server, class k waits W0 / ((1 - sigma_(k-1)) (1 - sigma_k)). For one server W0 is the mean
//! work left with the customer in service, the sum of lambda m2 / 2; for c servers and one exponential law of
//! services for all, W0 = C / (c mu) with Erlang's delay formula C.

use super::preemptive::Class;
use super::{NoAnswer, erlang, not_negative, positive, servers, stable};

/// Mean waits of classes at one server, the highest priority first; classes of one priority are one class here.
///
/// # Errors
/// If an argument is out of range, or the total load is too high.
pub fn one_server(classes: &[Class]) -> Result<Vec<f64>, NoAnswer> {
    let mut left = 0.0;
    for class in classes {
        not_negative("lambda", class.lambda)?;
        positive("mean service", class.mean)?;
        not_negative("variance", class.variance)?;
        left += class.lambda * (class.variance + class.mean * class.mean) / 2.0;
    }
    waits(left, classes.iter().map(|class| class.lambda * class.mean))
}

/// Mean waits of classes with these arrival rates, the highest priority first, at `c` servers of rate `mu`.
///
/// # Errors
/// If an argument is out of range, or the total load is too high.
pub fn many_servers(lambdas: &[f64], mu: f64, c: u32) -> Result<Vec<f64>, NoAnswer> {
    positive("mu", mu)?;
    let count = servers(c)?;
    let delay = erlang::c(lambdas.iter().sum::<f64>() / mu, c)?;
    let loads = lambdas.iter().map(|lambda| lambda / mu / count);
    waits(delay / (count * mu), loads)
}

fn waits(left: f64, loads: impl Iterator<Item = f64>) -> Result<Vec<f64>, NoAnswer> {
    let mut before = 0.0;
    let mut waits = Vec::new();
    for load in loads {
        let up_to = before + load;
        stable(up_to, 1.0)?;
        waits.push(left / ((1.0 - before) * (1.0 - up_to)));
        before = up_to;
    }
    Ok(waits)
}
