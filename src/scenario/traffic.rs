//! The traffic of a network: the rate of arrivals at each station, from the equations by which arrivals at a
//! station are those from outside plus departures from other stations to it.
//!
//! J. R. Jackson 1957. The equations are solved by following customers from visit to visit: after the k-th round
//! those still followed are on their k-th visit, and their number tends to zero if every customer leaves in the
//! end.

use super::{Routing, Stop, Tandem, To};
use std::collections::BTreeMap;

/// The share of customers still followed at which the iteration ends, and the maximum number of rounds.
const UNDERWAY: f64 = 1e-13;
const ROUNDS: usize = 100_000;

/// Arrivals at each stop per unit of time, given those of each class from outside.
#[must_use]
pub fn traffic(tandem: &Tandem, routing: &Routing, entering: &[f64]) -> BTreeMap<Stop, f64> {
    let mut underway: BTreeMap<Stop, f64> = BTreeMap::new();
    for (class, &rate) in entering.iter().enumerate() {
        if let Some(station) = routing.courses[class].enter
            && rate > 0.0
        {
            let first = Stop {
                station: station as usize,
                class,
                stop: 0,
            };
            *underway.entry(first).or_default() += rate;
        }
    }
    let came: f64 = underway.values().sum();
    let mut all: BTreeMap<Stop, f64> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut after: BTreeMap<Stop, f64> = BTreeMap::new();
        for (&at, &rate) in &underway {
            *all.entry(at).or_default() += rate;
            let stays = 1.0 - tandem.stages[at.station].scrap;
            for (to, next, share) in routing.onward(at) {
                if to != To::Out && share * stays > 0.0 {
                    *after.entry(next).or_default() += rate * share * stays;
                }
            }
        }
        underway = after;
        if underway.values().sum::<f64>() <= UNDERWAY * came {
            break;
        }
    }
    all
}
