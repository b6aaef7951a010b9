//! The perturbation of threads before they use a channel: usually none, often a yield, sometimes a
//! short sleep. Some actors are victims, which sleep longer and more often, and one may starve.
//!
//! The amount is drawn from the schedule's seed: some schedules are calm, some are wild. A yield
//! costs nothing on an idle machine but a time slice of other programs on a busy one, so yields are
//! few.

use super::super::channel::pause;
use crate::random::{Purpose, Stream};
use std::thread;
use std::time::Duration;

/// The perturbation of a whole run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Perturbation {
    seed: u64,
    /// Number out of 256 operations that yield, and that sleep.
    yields: u64,
    sleeps: u64,
    /// Number out of four actors that are victims.
    victims: u64,
    /// The starving actor, if any, and the index of the operation at which it starves.
    starves: Option<(usize, u64)>,
}

impl Perturbation {
    /// Draws the perturbation of a run of `actors` actors from `seed`.
    pub(super) fn new(seed: u64, actors: usize) -> Perturbation {
        let mut stream = Stream::new(seed, 0, "perturbation", Purpose::Schedule);
        Perturbation {
            seed,
            yields: [0, 4, 16, 64][stream.below(4) as usize],
            sleeps: [0, 1, 2, 6][stream.below(4) as usize],
            victims: stream.below(3),
            starves: (stream.below(2) == 0).then(|| {
                let actor = stream.below(actors.max(1) as u64) as usize;
                (actor, stream.below(40))
            }),
        }
    }

    /// The order in which threads are started.
    pub(super) fn starts(&self, actors: usize) -> Vec<usize> {
        let mut stream = Stream::new(self.seed, 0, "starts", Purpose::Schedule);
        let mut order: Vec<usize> = (0..actors).collect();
        for last in (1..actors).rev() {
            order.swap(last, stream.below(last as u64 + 1) as usize);
        }
        order
    }

    /// The perturbation of one actor, in the life that begins with this turn.
    pub(super) fn of(&self, actor: usize, name: &str, life: u64) -> Disturbed {
        let mut stream = Stream::new(self.seed, life, name, Purpose::Schedule);
        let victim = stream.below(4) < self.victims;
        Disturbed {
            yields: self.yields,
            sleeps: if victim { self.sleeps * 4 } else { self.sleeps },
            longest: if victim { 400 } else { 80 },
            starves_at: self.starves.filter(|&(who, _)| who == actor && life == 0),
            operations: 0,
            stream,
        }
    }
}

/// The perturbation of one actor.
#[derive(Clone, Debug)]
pub(super) struct Disturbed {
    stream: Stream,
    yields: u64,
    sleeps: u64,
    /// The longest sleep, in microseconds.
    longest: u64,
    starves_at: Option<(usize, u64)>,
    operations: u64,
}

/// Time a starving actor is paused, in microseconds: many turns of all others.
const STARVES: u64 = 4_000;

impl Disturbed {
    /// Perturbs the thread before an operation on a channel.
    pub(super) fn before_operation(&mut self) {
        let word = self.stream.next_word();
        if self.starves_at.is_some_and(|(_, at)| at == self.operations) {
            pause(Duration::from_micros(STARVES));
        }
        self.operations += 1;
        let draw = word % 256;
        if draw < self.sleeps {
            pause(Duration::from_micros((word >> 8) % self.longest));
        } else if draw < self.sleeps + self.yields {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_shuffled_and_all_there() {
        let starts = Perturbation::new(3, 20).starts(20);
        let mut sorted = starts.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        assert_ne!(starts, sorted);
        assert_eq!(starts, Perturbation::new(3, 20).starts(20));
    }
}
