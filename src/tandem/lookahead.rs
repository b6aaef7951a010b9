//! How far a line is ahead of the clock that paces it.
//!
//! A stage knows what happens at an instant only when it knows who comes after it: so that a view can
//! show that instant, some customers have to be on their way who are to come later. Whoever makes the
//! customers says for each turn when it is due: at the time up to which customers were made some turns
//! ago. Nothing but the pace of a run depends on it.

use crate::scenario::Stage;
use std::collections::VecDeque;

/// So many turns at most.
const MOST: usize = 64;

/// The times up to which customers were made in the last turns.
#[derive(Clone, Debug)]
pub(super) struct Lookahead {
    turns: usize,
    times: VecDeque<f64>,
}

impl Lookahead {
    /// Enough for a line of these stages: each holds back whom it serves, and one more.
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

    /// In this turn customers were made up to this time.
    pub(super) fn made_until(&mut self, time: f64) {
        if self.times.len() == self.turns {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// When the next turn is due.
    pub(super) fn due(&self) -> f64 {
        match self.times.front() {
            Some(&time) if self.times.len() == self.turns => time,
            _ => 0.0,
        }
    }
}
