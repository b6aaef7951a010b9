//! Throughput of plain threads by channel capacity and chunk, and the point beyond which larger values gain little.
//!
//! The combinations are run in turn, so that other load on the machine affects all alike. The knee
//! is the smallest capacity, and for it the smallest chunk, that reaches nine tenths of the best.

use super::subject::{shortened, units, unwatched};
use super::{Conduct, now};
use crate::actor::trial::{ActorSeen, ChannelSeen};
use crate::actor::{Recording, RunError, Runtime};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::stats::Interval;
use serde::Deserialize;
use std::sync::atomic::Ordering;
use std::time::Instant;
use thiserror::Error;

/// Approximate number of moves of a timed run, with `CHUNK` customers in a message.
const MOVES: u64 = 20_000;
const CHUNK: usize = 3;

const CAPACITIES: [usize; 6] = [0, 1, 4, 16, 64, 256];
const CHUNKS: [usize; 3] = [1, 16, 256];

/// Channel capacity and chunk of the counted run.
const COUNTED: (usize, usize) = (4, 256);

/// Largest number of rounds with a deadline, and number of rounds without one.
const ROUNDS: (usize, usize) = (30, 3);

/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.95;

/// Share of the best throughput that the knee reaches.
const KNEE: f64 = 0.9;

/// The largest half-width of an interval, as a share of its mean, at which such a share can be determined.
const TOLD: f64 = 1.0 - KNEE;

/// Throughput by capacity and chunk.
#[derive(Clone, Debug)]
pub struct Speed {
    /// Unit of the throughput: customers or steps.
    pub unit: &'static str,
    /// Every combination.
    pub cells: Vec<SpeedCell>,
    /// The combination beyond which larger values gain little.
    pub knee: Option<(usize, usize)>,
    /// Counts of the channels of the counted run.
    pub channels: Vec<ChannelSeen>,
    /// Times of the actors of that run.
    pub actors: Vec<ActorSeen>,
    /// Channel capacity and chunk of the counted run.
    pub counted: (usize, usize),
}

/// Throughput of one combination.
#[derive(Clone, Debug)]
pub struct SpeedCell {
    /// Number of messages a channel holds.
    pub capacity: usize,
    /// Largest number of customers in a message.
    pub chunk: usize,
    /// Units per second.
    pub throughput: Interval,
}

/// A combination that is slower than in an earlier report.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeedLoss {
    /// Number of messages a channel holds.
    pub capacity: usize,
    /// Largest number of customers in a message.
    pub chunk: usize,
    /// Low end of the earlier interval, in units per second.
    pub was: f64,
    /// High end of the present interval, in units per second.
    pub is: f64,
}

/// The part of an earlier report that could be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Combinations that both have.
    pub combinations: usize,
    /// Combinations that cannot be compared: one of the two has no interval, or the present one is wider than its
    /// mean.
    pub untold: usize,
}

/// The reason an earlier report cannot be compared with.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is not a report.
    #[error("the file is not a report of `filas stress`: {0}")]
    NoReport(#[from] serde_json::Error),
    /// It is of another scenario.
    #[error("the report is of {theirs}, not of {ours}")]
    OtherScenario {
        /// Scenario of the earlier report.
        theirs: String,
        /// Scenario of this report.
        ours: String,
    },
    /// It has no throughput.
    #[error("the report has no throughput, which is measured only when every strategy is tried")]
    NoThroughput,
}

/// The throughput of an earlier report.
#[derive(Debug)]
pub struct Baseline(EarlierSpeed);

/// The parts of an earlier report that are compared.
#[derive(Debug, Deserialize)]
struct Earlier {
    name: String,
    #[serde(default)]
    throughput: Option<EarlierSpeed>,
}

#[derive(Debug, Deserialize)]
struct EarlierSpeed {
    cells: Vec<EarlierCell>,
}

#[derive(Debug, Deserialize)]
struct EarlierCell {
    capacity: usize,
    chunk: usize,
    low: Option<f64>,
}

impl Speed {
    /// Times the scenario round by round until the deadline, or in a few rounds without one.
    pub(super) fn of(
        scenario: &Scenario,
        deadline: Option<Instant>,
        conduct: Conduct<'_>,
    ) -> Result<Speed, RunError> {
        let (scenario, _) = shortened(scenario, MOVES, CHUNK, conduct.stop);
        let (unit, amount) = units(&scenario, conduct.stop)?;
        let chunks = match Model::of(&scenario).has_chunks() {
            true => &CHUNKS[..],
            false => &CHUNKS[2..],
        };
        let pairs = CAPACITIES
            .iter()
            .flat_map(|&capacity| chunks.iter().map(move |&chunk| (capacity, chunk)));
        let mut timed: Vec<((usize, usize), Vec<f64>)> =
            pairs.map(|pair| (pair, Vec::new())).collect();
        let rounds = if deadline.is_some() {
            ROUNDS.0
        } else {
            ROUNDS.1
        };
        for round in 0..rounds {
            // There is at least one round: without an interval, but with an estimate.
            let late = round > 0 && deadline.is_some_and(|deadline| now() >= deadline);
            if late || conduct.stop.load(Ordering::Relaxed) {
                break;
            }
            for ((capacity, chunk), rates) in &mut timed {
                let clock = now();
                let runtime = Runtime::Threads {
                    channel_capacity: *capacity,
                };
                let (recording, around) = (Recording::Nothing, unwatched(conduct.stop));
                Model::of(&scenario).run(0, runtime, Some(*chunk), recording, around)?;
                rates.push(amount / clock.elapsed().as_secs_f64().max(1e-9));
            }
        }
        let cell = |((capacity, chunk), rates): ((usize, usize), Vec<f64>)| SpeedCell {
            capacity,
            chunk,
            throughput: Interval::of(&rates, CONFIDENCE),
        };
        let cells: Vec<SpeedCell> = timed.into_iter().map(cell).collect();
        let tried = Model::of(&scenario).counted(COUNTED.0, COUNTED.1, unwatched(conduct.stop));
        tried.ending?;
        let seen = tried.seen;
        Ok(Speed {
            unit,
            knee: knee(&cells),
            cells,
            channels: seen.channels,
            actors: seen.actors,
            counted: COUNTED,
        })
    }

    fn same(&self, was: &EarlierCell) -> Option<&SpeedCell> {
        let same = |is: &&SpeedCell| (is.capacity, is.chunk) == (was.capacity, was.chunk);
        self.cells.iter().find(same)
    }

    /// Whether the intervals are narrow enough to show that the knee reaches its share.
    #[must_use]
    pub fn knee_is_told(&self) -> bool {
        self.cells.iter().all(|cell| {
            let (mean, half) = (cell.throughput.mean, cell.throughput.half_width);
            mean.zip(half)
                .is_some_and(|(mean, half)| half <= TOLD * mean)
        })
    }

    /// The part of an earlier report that can be compared with.
    #[must_use]
    pub fn compared(&self, earlier: &Baseline) -> Compared {
        let both = earlier.0.cells.iter();
        let both = both.filter_map(|was| Some((was, self.same(was)?)));
        let is_told = |was: &EarlierCell, is: &SpeedCell| {
            let (mean, half) = (is.throughput.mean, is.throughput.half_width);
            was.low.is_some()
                && mean
                    .zip(half)
                    .is_some_and(|(mean, half)| 2.0 * half <= mean)
        };
        let untold = both.clone().filter(|(was, is)| !is_told(was, is));
        Compared {
            combinations: both.clone().count(),
            untold: untold.count(),
        }
    }

    /// The combinations whose whole interval is below that of an earlier report.
    #[must_use]
    pub fn losses_since(&self, earlier: &Baseline) -> Vec<SpeedLoss> {
        let lost = |was: &EarlierCell| {
            let is = self.same(was)?.throughput.high?;
            let was_low = was.low?;
            (is < was_low).then_some(SpeedLoss {
                capacity: was.capacity,
                chunk: was.chunk,
                was: was_low,
                is,
            })
        };
        earlier.0.cells.iter().filter_map(lost).collect()
    }
}

impl Baseline {
    /// Reads an earlier report of the scenario with this name.
    ///
    /// # Errors
    /// If it is not a report, or one of another scenario, or one without throughput.
    pub fn read(text: &str, name: &str) -> Result<Baseline, BaselineError> {
        let earlier: Earlier = serde_json::from_str(text)?;
        if earlier.name != name {
            return Err(BaselineError::OtherScenario {
                theirs: earlier.name,
                ours: name.to_owned(),
            });
        }
        let throughput = earlier.throughput.ok_or(BaselineError::NoThroughput)?;
        Ok(Baseline(throughput))
    }
}

/// The smallest capacity, and for it the smallest chunk, whose throughput is close enough to the
/// best.
fn knee(cells: &[SpeedCell]) -> Option<(usize, usize)> {
    let rate = |cell: &SpeedCell| cell.throughput.mean.unwrap_or(0.0);
    let best = cells.iter().map(rate).fold(0.0, f64::max);
    let near = cells.iter().filter(|cell| rate(cell) >= KNEE * best);
    near.map(|cell| (cell.capacity, cell.chunk))
        .min()
        .filter(|_| best > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(capacity: usize, chunk: usize, rates: &[f64]) -> SpeedCell {
        SpeedCell {
            capacity,
            chunk,
            throughput: Interval::of(rates, CONFIDENCE),
        }
    }

    fn speed(cells: Vec<SpeedCell>) -> Speed {
        Speed {
            unit: "steps",
            knee: knee(&cells),
            cells,
            channels: Vec::new(),
            actors: Vec::new(),
            counted: COUNTED,
        }
    }

    #[test]
    fn the_knee_is_the_least_that_is_nearly_the_best() {
        let cells = vec![
            cell(0, 256, &[50.0]),
            cell(1, 16, &[80.0]),
            cell(4, 16, &[91.0]),
            cell(4, 256, &[99.0]),
            cell(64, 256, &[100.0]),
        ];
        let cells = speed(cells);
        assert_eq!(cells.knee, Some((4, 16)));
        assert!(!cells.knee_is_told(), "one value has no interval");
        let steady = [50.0, 50.1, 49.9];
        let told =
            |other: &[f64]| speed(vec![cell(0, 1, &steady), cell(4, 1, other)]).knee_is_told();
        assert!(told(&steady) && !told(&[20.0, 50.0, 80.0]));
        assert_eq!(speed(Vec::new()).knee, None);
    }

    #[test]
    fn only_a_loss_beyond_the_interval_is_one() {
        let now = speed(vec![
            cell(0, 1, &[50.0, 51.0, 52.0]),
            cell(4, 1, &[50.0, 90.0, 130.0]),
        ]);
        let earlier = r#"{ "name": "x", "throughput": { "cells": [
            { "capacity": 0, "chunk": 1, "low": 90.0 }, { "capacity": 4, "chunk": 1, "low": 99.0 },
            { "capacity": 9, "chunk": 1, "low": 99.0 } ] } }"#;
        let lost = now.losses_since(&Baseline::read(earlier, "x").unwrap());
        assert_eq!(lost.len(), 1);
        assert_eq!((lost[0].capacity, lost[0].was), (0, 90.0));
        let compared = now.compared(&Baseline::read(earlier, "x").unwrap());
        let (combinations, untold) = (2, 1);
        assert_eq!(
            compared,
            Compared {
                combinations,
                untold
            }
        );
        for (text, name) in [(earlier, "y"), ("{}", "x"), (r#"{ "name": "x" }"#, "x")] {
            assert!(Baseline::read(text, name).is_err());
        }
    }
}
