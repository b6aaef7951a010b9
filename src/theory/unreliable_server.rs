//! A server that breaks down while it serves, and resumes where it stopped: completion times.
//!
//! Faults are a Poisson process with rate xi in time of service, and each requires a repair. A service of length S
//! then takes C = S + the sum of N repairs, N Poisson with mean xi S (Gaver 1962; Avi-Itzhak and Naor 1963). Given
//! S its cumulants are S (1 + xi r1), S xi r2 and S xi r3 with the moments r of a repair, and for Poisson arrivals
//! the queue is M/G/1 with services C.

use super::{NoAnswer, not_negative, positive};

/// The first three moments about zero of a time.
pub type Moments = [f64; 3];

/// The moments about zero of the time from the begin of a service to its end, given those of the service and of a
/// repair.
///
/// # Errors
/// If an argument is out of range.
pub fn completion(service: Moments, xi: f64, repair: Moments) -> Result<Moments, NoAnswer> {
    not_negative("xi", xi)?;
    for moment in service.into_iter().chain(repair) {
        not_negative("moment", moment)?;
    }
    positive("mean service", service[0])?;
    let [s1, s2, s3] = service;
    let longer = 1.0 + xi * repair[0];
    let (second, third) = (xi * repair[1], xi * repair[2]);
    Ok([
        longer * s1,
        longer * longer * s2 + second * s1,
        longer.powi(3) * s3 + 3.0 * longer * second * s2 + third * s1,
    ])
}
