//! The lookahead of a line relative to the clock that paces it.
//!
//! A stage knows the events at an instant only when it knows the customers who come after it: so for a view to show
//! that instant, some later customers must be on their way. The actor that generates the customers says for each
//! turn when it is due: at the time up to which customers were generated some turns ago. Only the pace of a run
//! depends on it.

use crate::scenario::Stage;
use std::collections::VecDeque;

/// The maximum number of turns.
const MOST: usize = 64;

/// The times up to which customers were generated in the last turns.
#[derive(Clone, Debug)]
pub(super) struct Lookahead {
    turns: usize,
    times: VecDeque<f64>,
}

impl Lookahead {
    /// A lookahead sufficient for a line of these stages: each holds back the customers it serves, and one more.
    pub(super) fn of(stages: &[Stage]) -> Lookahead {
        let servers = stages
            .iter()
            .map(|stage| stage.expect_plain().servers as usize + 1);
        let turns = servers.fold(1, |all: usize, more| all.saturating_add(more));
        Lookahead {
            turns: turns.min(MOST),
            times: VecDeque::with_capacity(turns.min(MOST)),
        }
    }

    /// Notes that in this turn customers were generated up to this time.
    pub(super) fn made_until(&mut self, time: f64) {
        if self.times.len() == self.turns {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// The time at which the next turn is due.
    pub(super) fn due(&self) -> f64 {
        match self.times.front() {
            Some(&time) if self.times.len() == self.turns => time,
            _ => 0.0,
        }
    }
}
