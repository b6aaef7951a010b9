//! A line of M/M/c stages without limits on their queues: an open Jackson network in series.
//!
//! J. R. Jackson 1957; Burke 1956: departures from an M/M/c queue are again Poisson with the same
//! rate, so every stage is an M/M/c queue by itself, with the arrival rate of the line.

use super::{NoAnswer, m_m_c};

/// One stage: the rate of each server, and the number of servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Services per unit of time and server.
    pub mu: f64,
    /// Servers.
    pub c: u32,
}

/// Mean total wait of a customer over the line.
///
/// # Errors
/// If an argument is out of range or a stage is unstable.
pub fn waiting_mean(lambda: f64, stages: &[Stage]) -> Result<f64, NoAnswer> {
    sum(stages, |stage| {
        m_m_c::waiting_mean(lambda, stage.mu, stage.c)
    })
}

/// Mean time from reaching the line to leaving it.
///
/// # Errors
/// If an argument is out of range or a stage is unstable.
pub fn sojourn_mean(lambda: f64, stages: &[Stage]) -> Result<f64, NoAnswer> {
    sum(stages, |stage| {
        m_m_c::sojourn_mean(lambda, stage.mu, stage.c)
    })
}

/// Mean number of stages at which a customer waits.
///
/// # Errors
/// If an argument is out of range or a stage is unstable.
pub fn queues_joined_mean(lambda: f64, stages: &[Stage]) -> Result<f64, NoAnswer> {
    sum(stages, |stage| {
        m_m_c::waited_fraction(lambda, stage.mu, stage.c)
    })
}

/// Standard deviation of the time from reaching the line to leaving it, for single servers only:
/// there the sojourns of one customer at the stages are independent, each exponential with rate mu
/// - lambda (Reich 1957). With several servers a customer may be overtaken, and they are dependent.
///
/// # Errors
/// If an argument is out of range, a stage is unstable or has several servers.
pub fn sojourn_sd(lambda: f64, stages: &[Stage]) -> Result<f64, NoAnswer> {
    let variance = sum(stages, |stage| {
        if stage.c != 1 {
            let value = f64::from(stage.c);
            return Err(NoAnswer::OutOfRange { name: "c", value });
        }
        Ok(m_m_c::sojourn_sd(lambda, stage.mu, 1)?.powi(2))
    })?;
    Ok(variance.sqrt())
}

fn sum(stages: &[Stage], of: impl Fn(&Stage) -> Result<f64, NoAnswer>) -> Result<f64, NoAnswer> {
    stages
        .iter()
        .try_fold(0.0, |sum, stage| Ok(sum + of(stage)?))
}
