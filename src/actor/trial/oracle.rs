//! The choice of the actor that moves next in the explore runtime.

use super::schedule::{Schedule, Strategy};
use crate::random::{Purpose, Stream};

/// The set of actors that can move, queried and changed in constant time.
#[derive(Clone, Debug)]
pub(super) struct Movable {
    /// The actors, in an order that follows from the moves so far.
    list: Vec<usize>,
    /// Index of each actor in the list, or `NOWHERE`.
    place: Vec<usize>,
}

const NOWHERE: usize = usize::MAX;

impl Movable {
    pub(super) fn none_of(actors: usize) -> Movable {
        Movable {
            list: Vec::with_capacity(actors),
            place: vec![NOWHERE; actors],
        }
    }

    /// Sets whether an actor can move.
    pub(super) fn set(&mut self, actor: usize, can_move: bool) {
        let place = self.place[actor];
        if can_move && place == NOWHERE {
            self.place[actor] = self.list.len();
            self.list.push(actor);
        } else if !can_move && place != NOWHERE {
            self.list.swap_remove(place);
            self.place[actor] = NOWHERE;
            if let Some(&moved) = self.list.get(place) {
                self.place[moved] = place;
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether an actor can move.
    pub(super) fn has(&self, actor: usize) -> bool {
        self.place[actor] != NOWHERE
    }

    /// The `n`-th movable actor by index, so that the choice does not depend on the order of the
    /// list.
    fn nth_in_order(&self, n: usize) -> usize {
        let mut in_order = (0..self.place.len()).filter(|&actor| self.has(actor));
        in_order.nth(n).expect("fewer than there are")
    }
}

/// Chooses the actor that moves next.
#[derive(Clone, Debug)]
pub(super) enum Oracle {
    Random(Box<Stream>),
    Pct {
        /// Priorities of the actors, all different; the greatest moves first.
        priorities: Vec<u64>,
        /// Move numbers, rising, at which the actor about to move gets the lowest priority.
        changes: Vec<u64>,
        moves: u64,
        /// A value below all priorities so far.
        least: u64,
    },
    RoundRobin {
        last: usize,
        step: usize,
    },
    /// The remaining part of the number whose digits are the choices.
    Exhaustive(u64),
}

impl Oracle {
    /// Creates the oracle of a schedule for `actors` actors; `moves` is the approximate number of
    /// moves.
    pub(super) fn new(schedule: &Schedule, actors: usize, moves: u64) -> Oracle {
        let seed = schedule.seed;
        let mut stream = Stream::new(seed, 0, "explore", Purpose::Schedule);
        match schedule.strategy {
            Strategy::Random | Strategy::Threads => Oracle::Random(Box::new(stream)),
            Strategy::Pct { depth } => {
                let least = u64::from(depth);
                // A random permutation (Fisher and Yates), above all priorities that a change can
                // assign.
                let mut priorities: Vec<u64> = (least..).take(actors).collect();
                for last in (1..actors).rev() {
                    priorities.swap(last, stream.below(last as u64 + 1) as usize);
                }
                let mut changes: Vec<u64> =
                    (1..depth).map(|_| stream.below(moves.max(1))).collect();
                changes.sort_unstable();
                Oracle::Pct {
                    priorities,
                    changes,
                    moves: 0,
                    least,
                }
            }
            Strategy::RoundRobin => {
                let actors = actors.max(1);
                let backwards = (seed / actors as u64) % 2 == 1;
                Oracle::RoundRobin {
                    last: (seed % actors as u64) as usize,
                    step: if backwards { actors - 1 } else { 1 },
                }
            }
            Strategy::Exhaustive => Oracle::Exhaustive(seed),
        }
    }

    /// Returns the movable actor that moves next.
    #[inline]
    pub(super) fn choose(&mut self, movable: &Movable) -> usize {
        match self {
            Oracle::Random(stream) => match movable.list.len() {
                1 => movable.list[0],
                several => movable.list[stream.below(several as u64) as usize],
            },
            Oracle::Pct {
                priorities,
                changes,
                moves,
                least,
            } => {
                let first = |priorities: &[u64]| {
                    let by_priority = movable.list.iter().max_by_key(|&&actor| priorities[actor]);
                    *by_priority.expect("somebody can move")
                };
                let mut chosen = first(priorities);
                while changes.first().is_some_and(|change| change <= moves) {
                    changes.remove(0);
                    *least -= 1;
                    priorities[chosen] = *least;
                    chosen = first(priorities);
                }
                *moves += 1;
                chosen
            }
            Oracle::RoundRobin { last, step } => {
                let actors = movable.place.len();
                loop {
                    *last = (*last + *step) % actors;
                    if movable.has(*last) {
                        return *last;
                    }
                }
            }
            Oracle::Exhaustive(rest) => {
                let several = movable.list.len() as u64;
                let digit = *rest % several;
                *rest /= several;
                movable.nth_in_order(digit as usize)
            }
        }
    }

    /// Whether the seed lists more choices than the run had, so that every schedule of this system
    /// has been tried under a smaller number.
    pub(super) fn is_beyond(&self) -> bool {
        matches!(self, Oracle::Exhaustive(rest) if *rest > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn schedule(strategy: Strategy, seed: u64) -> Schedule {
        Schedule {
            strategy,
            seed,
            channel_capacity: 0,
            chunk: 1,
            kills: 0,
        }
    }

    /// The orders in which three actors with two moves each can move.
    fn orders(strategy: Strategy, seeds: std::ops::Range<u64>) -> BTreeSet<Vec<usize>> {
        let order = |seed| {
            let mut oracle = Oracle::new(&schedule(strategy, seed), 3, 6);
            let mut left = [2; 3];
            let mut movable = Movable::none_of(3);
            (0..3).for_each(|actor| movable.set(actor, true));
            let mut order = Vec::new();
            while !movable.is_empty() {
                let chosen = oracle.choose(&movable);
                left[chosen] -= 1;
                movable.set(chosen, left[chosen] > 0);
                order.push(chosen);
            }
            order
        };
        seeds.map(order).collect()
    }

    #[test]
    fn every_schedule_of_a_small_system_is_had() {
        // 6! / (2! 2! 2!) orders of three pairs of moves.
        assert_eq!(orders(Strategy::Exhaustive, 0..3u64.pow(6)).len(), 90);
        assert_eq!(orders(Strategy::Random, 0..3000).len(), 90);
        // Three first actors in two directions give six different schedules.
        assert_eq!(orders(Strategy::RoundRobin, 0..100).len(), 6);
    }

    #[test]
    fn a_number_beyond_the_last_schedule_says_so() {
        let run = |seed| {
            let mut oracle = Oracle::new(&schedule(Strategy::Exhaustive, seed), 2, 2);
            let mut movable = Movable::none_of(2);
            (0..2).for_each(|actor| movable.set(actor, true));
            let first = oracle.choose(&movable);
            movable.set(first, false);
            oracle.choose(&movable);
            oracle.is_beyond()
        };
        assert!(!run(0) && !run(1) && run(2));
    }

    #[test]
    fn depth_one_never_changes_its_mind_and_more_depth_does() {
        // Without changes of priority each actor acts to its end before the next: six orders.
        assert_eq!(orders(Strategy::Pct { depth: 1 }, 0..2000).len(), 6);
        let deeper = orders(Strategy::Pct { depth: 3 }, 0..2000).len();
        assert!(deeper > 30 && deeper <= 90, "{deeper}");
    }
}
