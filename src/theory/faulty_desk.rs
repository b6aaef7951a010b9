//! A desk in steps whose attendants fail and are repaired, without loss of work.
//!
//! Like [`super::step_desk`], but without limits on buffer and server. In each step every attendant
//! that is down comes up with probability 1 / (mean repair), then every one that is up goes down
//! with the fault probability; an interrupted request resumes where it was, before all others. The
//! number of attendants up, u, is a Markov chain by itself, and so is u together with the number M
//! of requests present: min(M, u) are in service, and M' = M - D + A with D binomial (min(M, u), 1
//! / (mean service)).

use super::step_desk::{binomial, long_run, weighted};
use super::{NoAnswer, stable};

/// Largest number of states solved: about a second.
const MOST_STATES: usize = 1024;

/// Probability that may lie beyond a cut.
const TAIL: f64 = 1e-13;

/// The desk.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultyDesk {
    /// P(A = k), for k = 0, 1, ...; adds up to 1.
    pub arrivals: Vec<f64>,
    /// Mean of a geometric service, in steps, >= 1.
    pub service_mean: f64,
    /// Number of attendants, >= 1.
    pub attendants: usize,
    /// Probability that an attendant that is up goes down in a step, in [0, 1).
    pub fault: f64,
    /// Mean of a geometric repair, in steps, >= 1.
    pub repair_mean: f64,
}

/// The steady state of a [`FaultyDesk`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Mean share of attendants up.
    pub availability: f64,
    /// Mean share of attendants busy.
    pub utilisation: f64,
    /// Mean steps spent present but not in service, before the first service or after an
    /// interruption.
    pub delay_mean: f64,
    /// Mean steps from arrival to completion, both steps counted.
    pub sojourn_mean: f64,
}

impl FaultyDesk {
    /// Solves the chain.
    ///
    /// # Errors
    /// If an argument is out of range, the desk is unstable, or its chain has too many states.
    pub fn solve(&self) -> Result<Steady, NoAnswer> {
        for (name, value, fine) in [
            ("attendants", self.attendants as f64, self.attendants > 0),
            ("service", self.service_mean, self.service_mean >= 1.0),
            ("repair", self.repair_mean, self.repair_mean >= 1.0),
            ("fault", self.fault, (0.0..1.0).contains(&self.fault)),
        ] {
            if !fine {
                return Err(NoAnswer::OutOfRange { name, value });
            }
        }
        // Long-run availability: after repairs and before faults an attendant is up with
        // probability p = up + (1 - up) q, and up = p (1 - f).
        let (q, f) = (1.0 / self.repair_mean, self.fault);
        let availability = (1.0 - f) * q / (1.0 - (1.0 - f) * (1.0 - q));
        let generated = weighted(&self.arrivals, |k| k as f64);
        let up = availability * self.attendants as f64;
        stable(generated * self.service_mean, up)?;
        let mut most = 32.max(2 * self.arrivals.len());
        loop {
            let (steady, beyond) = self.solve_to(most, generated, availability)?;
            if beyond < TAIL {
                return Ok(steady);
            }
            most += most / 2;
        }
    }

    /// The steady state with at most `most` requests present, and the probability of the upper
    /// eighth.
    fn solve_to(
        &self,
        most: usize,
        generated: f64,
        availability: f64,
    ) -> Result<(Steady, f64), NoAnswer> {
        let width = most + 1;
        let states = (self.attendants + 1) * width;
        if states > MOST_STATES {
            return Err(NoAnswer::TooLarge { limit: MOST_STATES });
        }
        let ups: Vec<Vec<f64>> = (0..=self.attendants).map(|up| self.ups(up)).collect();
        let busy = |state: usize| (state % width).min(state / width);
        let row = |state: usize| {
            let present = self.presents(state % width, busy(state), most);
            let mut row = Vec::with_capacity(states);
            for &up in &ups[state / width] {
                row.extend(present.iter().map(|probability| up * probability));
            }
            row
        };
        let chain: Vec<Vec<f64>> = (0..states).map(row).collect();
        let pi = long_run(&chain);
        let in_service = weighted(&pi, |state| busy(state) as f64);
        let present = weighted(&pi, |state| (state % width) as f64);
        let beyond = weighted(&pi, |state| {
            if state % width >= width - most / 8 {
                1.0
            } else {
                0.0
            }
        });
        let per = |whole: f64| {
            if generated > 0.0 {
                whole / generated
            } else {
                0.0
            }
        };
        let steady = Steady {
            availability,
            utilisation: in_service / self.attendants as f64,
            delay_mean: per(present - in_service),
            sojourn_mean: per(present),
        };
        Ok((steady, beyond))
    }

    /// Distribution of the number of attendants up after the next repairs and faults.
    fn ups(&self, up: usize) -> Vec<f64> {
        let mut next = vec![0.0; self.attendants + 1];
        for (repaired, chance) in binomial(self.attendants - up, 1.0 / self.repair_mean).enumerate()
        {
            for (down, again) in binomial(up + repaired, self.fault).enumerate() {
                next[up + repaired - down] += chance * again;
            }
        }
        next
    }

    /// Distribution of the number of requests present after completions and the next arrivals.
    fn presents(&self, present: usize, busy: usize, most: usize) -> Vec<f64> {
        let mut next = vec![0.0; most + 1];
        for (done, chance) in binomial(busy, 1.0 / self.service_mean).enumerate() {
            for (new, probability) in self.arrivals.iter().enumerate() {
                next[(present - done + new).min(most)] += chance * probability;
            }
        }
        next
    }
}
