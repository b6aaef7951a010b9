//! Orders of a line's stages, and their results under common random numbers.
//!
//! An order is the list of the stages' positions in the scenario. A stage moves with its name, law and servers; a
//! buffer belongs to its position and stays. Replication r of every order draws from the streams of (seed, r, stage
//! name): each customer has the same services in every order.

use super::ledger::Row;
use super::round::{Conditions, Filled, StudyError, fill};
use crate::actor::{Recording, RunError, Runtime, Surroundings};
use crate::digest::Digest;
use crate::scenario::{Stage, Tandem};
use crate::tandem::{self, LineMeans};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// An order of stages, by their positions in the scenario.
pub type Order = Vec<u16>;

/// Every order of this many stages, sorted; the first is that of the scenario.
#[must_use]
pub fn all_orders(stages: usize) -> Vec<Order> {
    let mut order: Order = (0..).take(stages).collect();
    let mut orders = vec![order.clone()];
    // The next order in lexicographic order (Narayana Pandita; Knuth 7.2.1.2, algorithm L).
    while let Some(fall) = (1..stages).rev().find(|&i| order[i - 1] < order[i]) {
        let turn = fall - 1;
        let next = (fall..stages).rev().find(|&i| order[i] > order[turn]);
        order.swap(turn, next.expect("the one after the turn is greater"));
        order[fall..].reverse();
        orders.push(order.clone());
    }
    orders
}

/// The scenario with its stages in another order; buffers stay with their positions.
#[must_use]
pub fn reordered(scenario: &Tandem, order: &[u16]) -> Tandem {
    let stages = order.iter().zip(&scenario.stages).map(|(&place, here)| {
        let stage = &scenario.stages[usize::from(place)];
        Stage {
            buffer: here.buffer,
            ..stage.clone()
        }
    });
    Tandem {
        stages: stages.collect(),
        ..scenario.clone()
    }
}

/// The results of a round of replications of orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Round {
    /// For each replication the means of each order.
    Means(Vec<Vec<LineMeans>>),
    /// It was wound up.
    Interrupted,
    /// These jobs are for others to do.
    Missing(Vec<u64>),
}

/// Runs replications of orders, round after round. Jobs are numbered through the rounds: the jobs of a round follow
/// from the results of those before, so the numbers are always the same.
#[derive(Debug)]
pub struct Runs<'a> {
    /// The line.
    pub scenario: &'a Tandem,
    conditions: Conditions<'a>,
    jobs: AtomicU64,
}

impl<'a> Runs<'a> {
    /// Runs of this line under these conditions.
    #[must_use]
    pub fn new(scenario: &'a Tandem, conditions: Conditions<'a>) -> Runs<'a> {
        Runs {
            scenario,
            conditions,
            jobs: AtomicU64::new(0),
        }
    }

    /// The conditions of the runs.
    #[must_use]
    pub fn conditions(&self) -> Conditions<'a> {
        self.conditions
    }

    /// Whether the runs are to be wound up.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.conditions.stop.load(Ordering::Relaxed)
    }

    /// Whether the work of common prefixes is shared.
    #[must_use]
    pub fn share_prefixes(&self) -> bool {
        matches!(self.conditions.runtime, Runtime::Inline)
            && tandem::orders_share_prefixes(self.scenario)
    }

    /// Counts the passes of all customers through a stage in one replication of these orders, sorted.
    #[must_use]
    pub fn passes(&self, orders: &[Order]) -> u64 {
        let stages = self.scenario.stages.len();
        let all = (orders.len() * stages) as u64;
        if !self.share_prefixes() {
            return all;
        }
        let shared = orders.windows(2).map(|pair| {
            let alike = pair[0].iter().zip(&pair[1]);
            alike.take_while(|(a, b)| a == b).count() as u64
        });
        all - shared.sum::<u64>()
    }

    /// Runs these replications of these orders, which are sorted.
    ///
    /// # Errors
    /// See [`StudyError`].
    pub fn replicate(
        &self,
        orders: &[Order],
        replications: Range<u64>,
    ) -> Result<Round, StudyError> {
        let alike = |a: &Order, b: &Order| self.share_prefixes() && a[0] == b[0];
        let pieces: Vec<&[Order]> = orders.chunk_by(alike).collect();
        let width = pieces.len() as u64;
        let count = replications.end.saturating_sub(replications.start) * width;
        let first = self.jobs.fetch_add(count, Ordering::Relaxed);
        let job = |number: u64| {
            let at = number - first;
            let piece = pieces[(at % width) as usize];
            let means = self.piece(piece, replications.start + at / width)?;
            Ok(means.map(|means| row(&means)))
        };
        match fill(first..first + count, self.conditions, job)? {
            Filled::Interrupted => return Ok(Round::Interrupted),
            Filled::Missing(numbers) => return Ok(Round::Missing(numbers)),
            Filled::Whole => {}
        }
        let mut table: Vec<Vec<LineMeans>> = Vec::new();
        self.conditions
            .ledger
            .each(first..first + count, &mut |number, row| {
                if (number - first).is_multiple_of(width) {
                    table.push(Vec::with_capacity(orders.len()));
                }
                let current = table.last_mut().expect("it begins with its first piece");
                current.extend(means(row));
            })?;
        Ok(Round::Means(table))
    }

    /// Runs one replication of orders with a common prefix, or of a single one.
    fn piece(
        &self,
        orders: &[Order],
        replication: u64,
    ) -> Result<Option<Vec<LineMeans>>, RunError> {
        let Conditions { runtime, stop, .. } = self.conditions;
        if self.share_prefixes() {
            return tandem::means_in_orders(self.scenario, replication, orders, stop);
        }
        let mut means = Vec::with_capacity(orders.len());
        for order in orders {
            let line = Tandem {
                intervals: None,
                ..reordered(self.scenario, order)
            };
            let around = Surroundings {
                conductor: stop,
                recorder: &(),
            };
            let nothing = Recording::Nothing;
            let chunk = tandem::usual_chunk(runtime);
            let outcome = tandem::run(&line, replication, runtime, chunk, nothing, around)?;
            if outcome.interrupted {
                return Ok(None);
            }
            means.push(LineMeans::of(&outcome.summary));
        }
        Ok(Some(means))
    }
}

/// The means of a few orders as a row: six numbers each.
fn row(means: &[LineMeans]) -> Row {
    let numbers = |means: &LineMeans| {
        let numbers = [
            means.waiting,
            means.queues_joined,
            means.idle_time,
            means.idle_time_max,
            means.sojourn,
            Some(means.clock),
        ];
        numbers.map(|value| value.unwrap_or(f64::NAN))
    };
    let values: Vec<f64> = means.iter().flat_map(numbers).collect();
    let mut digest = Digest::EMPTY;
    values.iter().for_each(|&value| digest.fold_number(value));
    Row { digest, values }
}

/// The means in a row.
fn means(row: &Row) -> impl Iterator<Item = LineMeans> {
    let known = |value: f64| (!value.is_nan()).then_some(value);
    row.values.as_chunks::<6>().0.iter().map(move |numbers| {
        let &[
            waiting,
            queues_joined,
            idle_time,
            idle_time_max,
            sojourn,
            clock,
        ] = numbers;
        LineMeans {
            waiting: known(waiting),
            queues_joined: known(queues_joined),
            idle_time: known(idle_time),
            idle_time_max: known(idle_time_max),
            sojourn: known(sojourn),
            clock,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once_and_the_first_is_the_scenario_s() {
        let orders = all_orders(5);
        assert_eq!(orders.len(), 120);
        assert_eq!(orders[0], [0, 1, 2, 3, 4]);
        assert!(orders.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(all_orders(1), [[0]]);
    }
}
