//! The plan of schedules to try: an endless list that follows from the number of its first.
//!
//! Strategies take turns, capacities and chunks are drawn, and every fourth explored and every second
//! threaded schedule kills.

use crate::actor::trial::{Schedule, Strategy};
use crate::random::{Purpose, Stream};

/// A kind of schedules, as users name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// All of them.
    All,
    /// The next actor to move is drawn uniformly.
    Random,
    /// Probabilistic concurrency testing, depths 2, 3 and 5.
    Pct,
    /// The actors move in turn.
    RoundRobin,
    /// Real threads, perturbed and killed.
    Threads,
}

/// Channel capacities that are tried.
pub const CAPACITIES: [usize; 5] = [0, 1, 2, 7, 64];

/// Customers in a message that are tried.
pub const CHUNKS: [usize; 3] = [1, 3, 64];

/// Number of messages out of ten thousand that kill, in schedules that kill.
const KILLS: u32 = 200;

const PCT: [Strategy; 3] = [
    Strategy::Pct { depth: 2 },
    Strategy::Pct { depth: 3 },
    Strategy::Pct { depth: 5 },
];

/// Schedules, one after another.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The strategies, used in turn.
    strategies: Vec<Strategy>,
    /// One in this many schedules kills.
    kills_one_in: u64,
    next: u64,
}

impl Plan {
    /// Creates a plan of schedules in one thread.
    pub(super) fn explored(family: Family, first: u64) -> Plan {
        let strategies = match family {
            Family::Random | Family::Threads => vec![Strategy::Random],
            Family::Pct => PCT.to_vec(),
            Family::RoundRobin => vec![Strategy::RoundRobin],
            // Random and PCT schedules find most faults; systematic ones include few that differ.
            Family::All => vec![
                Strategy::Random,
                PCT[0],
                Strategy::Random,
                PCT[1],
                Strategy::Exhaustive,
                Strategy::Random,
                PCT[2],
                Strategy::RoundRobin,
                PCT[1],
            ],
        };
        Plan {
            strategies,
            kills_one_in: 4,
            next: first,
        }
    }

    /// Creates a plan of schedules on threads.
    pub(super) fn threaded(first: u64) -> Plan {
        Plan {
            strategies: vec![Strategy::Threads],
            kills_one_in: 2,
            next: first,
        }
    }
}

impl Iterator for Plan {
    type Item = Schedule;

    fn next(&mut self) -> Option<Schedule> {
        let number = self.next;
        self.next += 1;
        let mut stream = Stream::new(number, 0, "plan", Purpose::Schedule);
        let mut one_of = |several: usize| stream.below(several as u64) as usize;
        let turns = self.strategies.len() as u64;
        Some(Schedule {
            strategy: self.strategies[(number % turns) as usize],
            seed: number,
            channel_capacity: CAPACITIES[one_of(CAPACITIES.len())],
            chunk: CHUNKS[one_of(CHUNKS.len())],
            kills: match one_of(self.kills_one_in as usize) {
                0 => KILLS,
                _ => 0,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_strategy_meets_every_capacity_chunk_and_kill() {
        let seen: BTreeSet<_> = Plan::explored(Family::All, 0)
            .take(3000)
            .map(|s| (s.strategy, s.channel_capacity, s.chunk, s.kills))
            .collect();
        assert_eq!(seen.len(), 6 * 5 * 3 * 2);
        let threads: Vec<Schedule> = Plan::threaded(7).take(200).collect();
        let killing = threads.iter().filter(|s| s.kills > 0).count();
        assert!(threads[0].seed == 7 && (70..130).contains(&killing));
    }
}
