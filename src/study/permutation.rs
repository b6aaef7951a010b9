//! Orders of a line's stages, and what they give under common random numbers.
//!
//! An order is the list of the stages' places in the scenario. A stage moves with its name, law and
//! servers; a buffer belongs to its position and stays. Replication r of every order draws from the
//! streams of (seed, r, stage name): each customer brings the same services to every order.

use super::Crew;
use crate::actor::{Recording, RunError, Runtime, Surroundings};
use crate::scenario::{Stage, Tandem};
use crate::tandem::{self, CHUNK, LineMeans};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// An order of stages, by their places in the scenario.
pub type Order = Vec<u16>;

/// Every order of so many stages, sorted; the first is that of the scenario.
#[must_use]
pub fn all_orders(stages: usize) -> Vec<Order> {
    let mut order: Order = (0..).take(stages).collect();
    let mut orders = vec![order.clone()];
    // The next in the dictionary (Narayana Pandita; Knuth 7.2.1.2, algorithm L).
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

/// How replications of orders are run.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a> {
    /// Who does the work.
    pub crew: &'a Crew,
    /// The line.
    pub scenario: &'a Tandem,
    /// In which runtime; results are the same.
    pub runtime: Runtime,
    /// Set from outside to wind up.
    pub stop: &'a AtomicBool,
}

impl Runs<'_> {
    /// Whether the work of common beginnings is shared.
    #[must_use]
    pub fn share_prefixes(&self) -> bool {
        matches!(self.runtime, Runtime::Inline) && tandem::orders_share_prefixes(self.scenario)
    }

    /// How often a stage is passed by all customers in one replication of these orders, sorted.
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

    /// These replications of these orders, sorted: for each replication the means of each order, or
    /// `None` if it was wound up.
    ///
    /// # Errors
    /// That of the first replication that failed.
    pub fn replicate(
        &self,
        orders: &[Order],
        replications: Range<u64>,
    ) -> Result<Option<Vec<Vec<LineMeans>>>, RunError> {
        let alike = |a: &Order, b: &Order| self.share_prefixes() && a[0] == b[0];
        let pieces: Vec<&[Order]> = orders.chunk_by(alike).collect();
        let rows = replications.end.saturating_sub(replications.start) as usize;
        let job = |task: u64| {
            let task = task as usize;
            let replication = replications.start + (task / pieces.len()) as u64;
            self.piece(pieces[task % pieces.len()], replication)
        };
        let tasks = rows * pieces.len();
        let done = self.crew.work(0..tasks as u64, self.stop, job, &|| {})?;
        if done.len() < tasks {
            return Ok(None);
        }
        let of_one = |pieces: &[Vec<LineMeans>]| pieces.concat();
        let table = done.chunks(pieces.len()).map(of_one).collect();
        Ok(Some(table))
    }

    /// One replication of orders that begin alike, or of a single one.
    fn piece(
        &self,
        orders: &[Order],
        replication: u64,
    ) -> Result<Option<Vec<LineMeans>>, RunError> {
        if self.share_prefixes() {
            return tandem::means_in_orders(self.scenario, replication, orders, self.stop);
        }
        let mut means = Vec::with_capacity(orders.len());
        for order in orders {
            let line = reordered(self.scenario, order);
            let around = Surroundings {
                conductor: self.stop,
                recorder: &(),
            };
            let outcome = tandem::run(
                &line,
                replication,
                self.runtime,
                CHUNK,
                Recording::Nothing,
                around,
            )?;
            if outcome.interrupted {
                return Ok(None);
            }
            means.push(LineMeans::of(&outcome.summary));
        }
        Ok(Some(means))
    }
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
