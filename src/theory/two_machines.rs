//! Two machines that break down while they work, with a buffer between them.
//!
//! Work, times to a fault (in working time) and repairs are exponential, the first machine always has work, and a
//! machine that has finished is blocked until there is a place (Gershwin and Berman 1981; Buzacott and Shanthikumar
//! 1993, section 5.3). A Markov chain of the number at the second machine and the state of both, solved exactly.

use super::chain::stationary;
use super::{NoAnswer, not_negative, positive};

/// Largest number of states solved: about a second.
const MOST_STATES: usize = 1000;

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// Pieces per unit of working time.
    pub mu: f64,
    /// Faults per unit of working time.
    pub faults: f64,
    /// Repairs per unit of time.
    pub repairs: f64,
}

/// Steady state of both machines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Pieces made per unit of time.
    pub throughput: f64,
    /// The share of time during which each works.
    pub busy: [f64; 2],
    /// The share of time during which each is down.
    pub down: [f64; 2],
    /// The share of time during which the first is blocked.
    pub blocked: f64,
    /// The mean number waiting between them.
    pub queue_length_mean: f64,
}

/// Solves two machines with `buffer` places between them, not counting the piece in the second machine.
///
/// # Errors
/// If a rate is out of range, or the chain has more than a thousand states.
pub fn solve(machines: [Machine; 2], buffer: u32) -> Result<Pair, NoAnswer> {
    for machine in machines {
        positive("mu", machine.mu)?;
        not_negative("faults", machine.faults)?;
        positive("repairs", machine.repairs)?;
    }
    // The number at the second machine, and one more if the first is blocked.
    let most = buffer as usize + 2;
    let count = 4 * (most + 1);
    if count > MOST_STATES {
        return Err(NoAnswer::TooLarge { limit: MOST_STATES });
    }
    let [first, second] = machines;
    let at =
        |held: usize, down: [bool; 2]| 4 * held + 2 * usize::from(down[0]) + usize::from(down[1]);
    let mut rates = vec![vec![0.0; count]; count];
    let mut states = Vec::with_capacity(count);
    for held in 0..=most {
        for down in [[false, false], [false, true], [true, false], [true, true]] {
            let from = at(held, down);
            states.push((held, down));
            let mut go = |to: usize, rate: f64| rates[from][to] += rate;
            if down[0] {
                go(at(held, [false, down[1]]), first.repairs);
            } else if held < most {
                go(at(held + 1, down), first.mu);
                go(at(held, [true, down[1]]), first.faults);
            }
            if down[1] {
                go(at(held, [down[0], false]), second.repairs);
            } else if held > 0 {
                go(at(held - 1, down), second.mu);
                go(at(held, [down[0], true]), second.faults);
            }
        }
    }
    let reached = reachable(&rates);
    let kept: Vec<usize> = (0..count).filter(|&state| reached[state]).collect();
    let rates = kept
        .iter()
        .map(|&from| kept.iter().map(|&to| rates[from][to]).collect())
        .collect();
    let chances = stationary(rates);
    let share = |holds: &dyn Fn(usize, [bool; 2]) -> f64| -> f64 {
        let states = kept.iter().map(|&state| states[state]);
        let parts = states.zip(&chances);
        parts
            .map(|((held, down), chance)| holds(held, down) * chance)
            .sum()
    };
    let when = |holds: bool| f64::from(u8::from(holds));
    let busy = [
        share(&|held, down| when(!down[0] && held < most)),
        share(&|held, down| when(!down[1] && held > 0)),
    ];
    Ok(Pair {
        throughput: busy[1] * second.mu,
        busy,
        down: [
            share(&|_, down| when(down[0])),
            share(&|_, down| when(down[1])),
        ],
        blocked: share(&|held, _| when(held == most)),
        queue_length_mean: share(&|held, _| held.clamp(1, most - 1) as f64 - 1.0),
    })
}

/// The states that can be reached from the first.
fn reachable(rates: &[Vec<f64>]) -> Vec<bool> {
    let mut reached = vec![false; rates.len()];
    let mut ahead = vec![0];
    while let Some(state) = ahead.pop() {
        if !std::mem::replace(&mut reached[state], true) {
            let next = rates[state].iter().enumerate();
            ahead.extend(next.filter(|(_, rate)| **rate > 0.0).map(|(to, _)| to));
        }
    }
    reached
}
