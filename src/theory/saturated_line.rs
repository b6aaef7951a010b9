//! Throughput of saturated lines of single exponential servers with finite buffers between them.
//!
//! The first stage is never starved, the last never blocked. Two stages have a closed form (Hunt
//! 1956; Buzacott and Shanthikumar, *Stochastic Models of Manufacturing Systems*, 1993, section
//! 5.2); longer lines are solved as Markov chains, by elimination without subtractions (Grassmann,
//! Taksar and Heyman 1985), which loses no digits.

use super::chain::stationary;
use super::{NoAnswer, positive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The blocking rule, for when the next stage has no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blocking {
    /// A customer whose service ended holds the server until there is a place.
    #[default]
    AfterService,
    /// A service begins only when a place is free, and reserves it.
    BeforeService,
}

/// Largest number of states solved: about a second.
const MOST_STATES: usize = 1000;

/// Throughput of two stages with rates `mu1`, `mu2` and `buffer` places between them.
///
/// The number at the second stage, including the blocked customer, is the number in an M/M/1/m
/// queue, with m = buffer + 2 after service and buffer + 1 before service. With r = mu1 / mu2 the
/// throughput is thus mu1 (1 - r^m) / (1 - r^(m+1)), and for equal rates mu m / (m + 1): (b + 2) /
/// (b + 3) of mu after service.
///
/// # Errors
/// If a rate is not positive.
pub fn two_stages(mu1: f64, mu2: f64, buffer: u32, blocking: Blocking) -> Result<f64, NoAnswer> {
    positive("mu1", mu1)?;
    positive("mu2", mu2)?;
    let m = f64::from(buffer)
        + match blocking {
            Blocking::AfterService => 2.0,
            Blocking::BeforeService => 1.0,
        };
    // The line's mirror image has the same throughput; with r <= 1 no power overflows.
    let slower = mu1.min(mu2);
    let ln_r = (slower / mu1.max(mu2)).ln();
    Ok(if ln_r == 0.0 {
        slower * m / (m + 1.0)
    } else {
        slower * (m * ln_r).exp_m1() / ((m + 1.0) * ln_r).exp_m1()
    })
}

/// Throughput of a line of stages with rates `mu` and `buffers` between them (one fewer).
///
/// # Errors
/// If a rate is not positive, the number of buffers is not one less than that of rates, or the
/// chain has more than a thousand states.
pub fn throughput(mu: &[f64], buffers: &[u32], blocking: Blocking) -> Result<f64, NoAnswer> {
    for &rate in mu {
        positive("mu", rate)?;
    }
    if buffers.len() + 1 != mu.len() {
        return Err(NoAnswer::OutOfRange {
            name: "buffers",
            value: buffers.len() as f64,
        });
    }
    let line = Line {
        mu,
        buffers,
        blocking,
    };
    let start = State {
        held: vec![0; mu.len()],
        blocked: vec![false; mu.len()],
    };
    let mut numbers = BTreeMap::from([(start.clone(), 0)]);
    let mut states = vec![start];
    let mut moves = Vec::new();
    let mut from = 0;
    while from < states.len() {
        for (stage, &rate) in mu.iter().enumerate() {
            let Some(next) = line.finish(&states[from], stage) else {
                continue;
            };
            let to = *numbers.entry(next.clone()).or_insert(states.len());
            if to == states.len() {
                states.push(next);
            }
            moves.push((from, to, rate));
        }
        from += 1;
        if states.len() > MOST_STATES {
            return Err(NoAnswer::TooLarge { limit: MOST_STATES });
        }
    }
    let mut rates = vec![vec![0.0; states.len()]; states.len()];
    for (from, to, rate) in moves {
        rates[from][to] += rate;
    }
    let last = mu.len() - 1;
    let busy: f64 = stationary(rates)
        .iter()
        .zip(&states)
        .filter(|(_, state)| line.serves(state, last))
        .map(|(probability, _)| probability)
        .sum();
    Ok(busy * mu[last])
}

/// A line and its blocking rule.
struct Line<'a> {
    mu: &'a [f64],
    buffers: &'a [u32],
    blocking: Blocking,
}

/// The number of customers at each stage (the first always has one, counted 0), and the servers
/// blocked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    held: Vec<u32>,
    blocked: Vec<bool>,
}

impl Line<'_> {
    fn has_place(&self, state: &State, stage: usize) -> bool {
        state.held[stage] <= self.buffers[stage - 1]
    }

    fn serves(&self, state: &State, stage: usize) -> bool {
        let supplied = stage == 0 || state.held[stage] > 0;
        let free = match self.blocking {
            Blocking::AfterService => !state.blocked[stage],
            Blocking::BeforeService => {
                stage + 1 == self.mu.len() || self.has_place(state, stage + 1)
            }
        };
        supplied && free
    }

    /// The state after the service at `stage` ends, if there is one.
    fn finish(&self, state: &State, stage: usize) -> Option<State> {
        if !self.serves(state, stage) {
            return None;
        }
        let mut next = state.clone();
        if stage + 1 < self.mu.len() {
            if !self.has_place(&next, stage + 1) {
                next.blocked[stage] = true;
                return Some(next);
            }
            next.held[stage + 1] += 1;
        }
        // Each freed place is taken by the customer blocked before it, and so on up the line.
        let mut left = stage;
        while left > 0 {
            next.held[left] -= 1;
            if !next.blocked[left - 1] {
                break;
            }
            next.held[left] += 1;
            next.blocked[left - 1] = false;
            left -= 1;
        }
        Some(next)
    }
}
