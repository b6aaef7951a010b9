//! The warm-up a line needs, found on pilot runs.
//!
//! The wait of the k-th customer, averaged over the first replications, is a curve that rises from an empty line to
//! its steady state; [`stats::mser5`](crate::stats::mser5) says where to cut it. The pilots are the first
//! replications of the study itself, as usual with this rule. In very long runs the points of the curve are groups
//! of customers, so that it stays small.

use super::round::Conditions;
use crate::actor::{Recorder, Recording, RunError, Surroundings};
use crate::scenario::{self, Tandem};
use crate::station::{Happening, VisitOutcome};
use crate::stats::{TooShort, mser5};
use crate::tandem;
use std::sync::Mutex;

/// Number of runs over which the curve is averaged.
pub const PILOTS: u64 = 10;

/// The maximum number of points of a curve.
const POINTS_MAX: usize = 1 << 20;

/// The result of the pilot runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// The number of customers to leave out.
    Customers(u64),
    /// The run is too short to tell.
    TooShort(TooShort),
    /// The pilots were interrupted.
    Interrupted,
}

/// Finds the warm-up of a line.
///
/// # Errors
/// If a pilot does not finish.
pub fn find(line: &Tandem, conditions: Conditions<'_>) -> Result<WarmUp, RunError> {
    let mut line = line.clone();
    line.warm_up = scenario::WarmUp::Customers(0);
    let job = |number| {
        let curve = Curve::default();
        let around = Surroundings {
            conductor: conditions.stop,
            recorder: &curve,
        };
        let run = tandem::run(
            &line,
            number,
            conditions.runtime,
            tandem::usual_chunk(conditions.runtime),
            Recording::Tables,
            around,
        )?;
        Ok((!run.interrupted).then(|| curve.0.into_inner().expect("nobody panics with the lock")))
    };
    (conditions.expect)(PILOTS);
    let pilots: Vec<Points> =
        conditions
            .workers
            .work(0..PILOTS, conditions.stop, job, conditions.done)?;
    if pilots.len() < PILOTS as usize {
        return Ok(WarmUp::Interrupted);
    }
    // The curve ends with the pilot with the fewest customers.
    let group = pilots.iter().map(|points| points.group).max().unwrap_or(1);
    let curves: Vec<Vec<f64>> = pilots
        .into_iter()
        .map(|mut points| {
            while points.group < group {
                points.join();
            }
            points.means()
        })
        .collect();
    let length = curves.iter().map(Vec::len).min().unwrap_or(0);
    let mean = |at: usize| {
        let seen = curves.iter().map(|curve| curve[at]);
        let seen: Vec<f64> = seen.filter(|wait| !wait.is_nan()).collect();
        seen.iter().sum::<f64>() / seen.len() as f64
    };
    // A customer lost in every pilot has no value.
    let curve: Vec<f64> = (0..length)
        .map(mean)
        .filter(|wait| !wait.is_nan())
        .collect();
    Ok(match mser5(&curve) {
        Ok(cut) => WarmUp::Customers(cut as u64 * group),
        Err(short) => WarmUp::TooShort(TooShort {
            cut: short.cut * group as usize,
            length: short.length * group as usize,
        }),
    })
}

/// Sums and counts of waits by groups of customer numbers.
#[derive(Debug)]
struct Points {
    group: u64,
    sums: Vec<(f64, u32)>,
}

impl Points {
    fn add(&mut self, customer: u64, wait: f64) {
        let mut at = (customer - 1) / self.group;
        while at >= POINTS_MAX as u64 {
            self.join();
            at = (customer - 1) / self.group;
        }
        let at = usize::try_from(at).expect("it is below the most points");
        if at >= self.sums.len() {
            self.sums.resize(at + 1, (0.0, 0));
        }
        self.sums[at].0 += wait;
        self.sums[at].1 += 1;
    }

    fn join(&mut self) {
        self.group *= 2;
        let sum = |pair: &[(f64, u32)]| {
            let of = pair.iter();
            of.fold((0.0, 0), |(sum, count), &(s, c)| (sum + s, count + c))
        };
        self.sums = self.sums.chunks(2).map(sum).collect();
    }

    fn means(&self) -> Vec<f64> {
        let mean = |&(sum, count): &(f64, u32)| sum / f64::from(count);
        self.sums.iter().map(mean).collect()
    }
}

/// Adds the waits of a run as they are recorded.
#[derive(Debug)]
struct Curve(Mutex<Points>);

impl Default for Curve {
    fn default() -> Self {
        Curve(Mutex::new(Points {
            group: 1,
            sums: Vec::new(),
        }))
    }
}

impl Recorder<Happening> for Curve {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut points = self.0.lock().expect("nobody panics with the lock");
        for record in records.iter() {
            match record {
                Happening::Passage(passage) if !passage.customer.lost => {
                    points.add(passage.customer.customer, passage.customer.waiting);
                }
                Happening::Finished(end) if end.outcome == VisitOutcome::Served => {
                    points.add(end.customer, end.waiting);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_joined_where_there_are_too_many() {
        let mut points = Points {
            group: 1,
            sums: Vec::new(),
        };
        let customers = 4 * POINTS_MAX as u64;
        for customer in 1..=customers {
            points.add(customer, customer as f64);
        }
        assert_eq!(points.group, 4);
        let means = points.means();
        assert_eq!(means.len(), POINTS_MAX);
        // The mean of 1 to 4, of 5 to 8, and so on.
        assert_eq!(means[..3], [2.5, 6.5, 10.5]);
        assert_eq!(means[POINTS_MAX - 1], customers as f64 - 1.5);
    }
}
