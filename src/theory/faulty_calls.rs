//! M/M/c whose servers break down and are repaired, in continuous time, without loss of work.
//!
//! A Markov chain of two numbers: n customers and d servers down; min(n, c - d) are served. Each server that is up
//! (or, on a clock of busy time, each that serves) fails at the same rate, and the number repaired at once is at
//! most the number of crews (Mitrany and Avi-Itzhak 1968, "A many-server queue with service interruptions",
//! *Operations Research* 16; Neuts and Lucantoni 1979, "A Markovian queue with N servers subject to breakdowns and
//! repairs", *Management Science* 25). The number of customers is cut where the probability beyond is below 10^-13.

use super::chain::stationary_within;
use super::{NoAnswer, positive, servers, stable};

/// Probability that may lie beyond the cut.
const TAIL: f64 = 1e-13;

/// Largest number of states times the square of the servers: some tenths of a second.
const WORK_MAX: usize = 300_000_000;

/// The time in which a server can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// Whenever it is up.
    WhileUp,
    /// Only while it serves.
    WhileBusy,
}

/// The queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultyCalls {
    /// Arrivals per unit of time, > 0.
    pub lambda: f64,
    /// Services of one server per unit of time, > 0.
    pub mu: f64,
    /// Number of servers, >= 1.
    pub c: u32,
    /// Faults of one server per unit of time in which it can fail, > 0.
    pub fault_rate: f64,
    /// The time in which a server can fail.
    pub fails: Fails,
    /// Repairs per unit of time of a server under repair, > 0.
    pub repair_rate: f64,
    /// Maximum number of repairs at once, >= 1.
    pub crew: u32,
}

/// The steady state of [`FaultyCalls`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Mean share of servers up, in (0, 1).
    pub availability: f64,
    /// Mean number of busy servers divided by the mean number of servers up, in (0, 1).
    pub occupancy: f64,
    /// Mean time from arrival to the end of service.
    pub sojourn_mean: f64,
}

impl FaultyCalls {
    /// Solves the chain.
    ///
    /// # Errors
    /// If an argument is out of range, the queue is unstable, or its chain has too many states.
    pub fn solve(&self) -> Result<Steady, NoAnswer> {
        positive("lambda", self.lambda)?;
        positive("mu", self.mu)?;
        positive("fault rate", self.fault_rate)?;
        positive("repair rate", self.repair_rate)?;
        positive("crew", f64::from(self.crew))?;
        let c = servers(self.c)?;
        stable(self.lambda / self.mu, self.up_when_saturated())?;
        let mut most = 2 * self.c as usize + 32;
        let width = self.c as usize + 1;
        loop {
            let p = self.cut(most)?;
            let beyond: f64 = p[(most - most / 8) * width..].iter().sum();
            if beyond < TAIL {
                let levels = p.chunks(width);
                let levels = levels.map(|level| level.iter().sum::<f64>());
                let present: f64 = (0..).zip(levels).map(|(n, p)| f64::from(n) * p).sum();
                let up: f64 = p.chunks(width).map(|level| self.up(level)).sum();
                return Ok(Steady {
                    availability: up / c,
                    occupancy: self.lambda / self.mu / up,
                    sojourn_mean: present / self.lambda,
                });
            }
            most += most / 2;
        }
    }

    /// The probabilities with at most `most` customers; state n (c + 1) + d has n of them, and d servers down.
    fn cut(&self, most: usize) -> Result<Vec<f64>, NoAnswer> {
        let width = self.c as usize + 1;
        let states = (most + 1) * width;
        if states * width * width > WORK_MAX {
            let limit = WORK_MAX / width / width;
            return Err(NoAnswer::TooLarge { limit });
        }
        let rows = (0..states).map(|state| {
            let (n, down) = (state / width, (state % width) as u32);
            let present = u32::try_from(n).unwrap_or(u32::MAX);
            let mut row = vec![0.0; 2 * width + 1];
            row[0] = self.mu * f64::from(present.min(self.c - down));
            row[width - 1] = self.repairs(down);
            row[width + 1] = self.faults(present, down);
            row[2 * width] = if n < most { self.lambda } else { 0.0 };
            row
        });
        Ok(stationary_within(rows.collect(), width))
    }

    /// The rate of faults with this many customers present and servers down.
    fn faults(&self, present: u32, down: u32) -> f64 {
        let up = self.c - down;
        let failing = match self.fails {
            Fails::WhileUp => up,
            Fails::WhileBusy => up.min(present),
        };
        self.fault_rate * f64::from(failing)
    }

    /// The rate of repairs with this many servers down.
    fn repairs(&self, down: u32) -> f64 {
        self.repair_rate * f64::from(down.min(self.crew))
    }

    /// The mean number of servers up, times the sum of these probabilities, which are by servers down.
    fn up(&self, probabilities: &[f64]) -> f64 {
        let each = (0..=self.c).rev().zip(probabilities);
        each.map(|(up, chance)| f64::from(up) * chance).sum()
    }

    /// Mean number of servers up in the long run if all servers up are busy.
    fn up_when_saturated(&self) -> f64 {
        let rows =
            (0..=self.c).map(|down| vec![self.repairs(down), 0.0, self.faults(self.c, down)]);
        self.up(&stationary_within(rows.collect(), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::m_m_c;

    const QUEUE: FaultyCalls = FaultyCalls {
        lambda: 1.0,
        mu: 2.0,
        c: 1,
        fault_rate: 0.1,
        fails: Fails::WhileUp,
        repair_rate: 0.5,
        crew: 1,
    };

    fn close(found: f64, right: f64) {
        assert!((found - right).abs() < 1e-9 * right, "{found} {right}");
    }

    #[test]
    fn one_server_is_as_white_and_christie_say() {
        // H. White and L. S. Christie 1958: M/M/1 with preemptive breakdowns, also of an idle server.
        let steady = QUEUE.solve().unwrap();
        let (lambda, mu, xi, eta) = (1.0, 2.0, 0.1, 0.5);
        let availability = eta / (xi + eta);
        close(steady.availability, availability);
        close(steady.occupancy, lambda / mu / availability);
        let mean = (1.0 + xi * mu / (xi + eta).powi(2)) / (mu * availability - lambda);
        close(steady.sojourn_mean, mean);
    }

    #[test]
    fn one_server_that_fails_in_service_is_an_m_g_1_of_completion_times() {
        let queue = FaultyCalls {
            fails: Fails::WhileBusy,
            ..QUEUE
        };
        let steady = queue.solve().unwrap();
        // Completion: exponential service of rate 2, Poisson(0.1 S) repairs of rate 0.5.
        let mean = 0.5 * (1.0 + 0.1 * 2.0);
        let square = 1.2 * 1.2 * 0.5 + 0.1 * 8.0 * 0.5;
        close(steady.sojourn_mean, mean + square / (2.0 * (1.0 - mean)));
    }

    #[test]
    fn with_faults_that_hardly_come_it_is_erlang_c() {
        let queue = FaultyCalls {
            lambda: 8.0,
            mu: 1.0,
            c: 10,
            fault_rate: 1e-12,
            ..QUEUE
        };
        let wait = m_m_c::waiting_mean(8.0, 1.0, 10).unwrap();
        close(queue.solve().unwrap().sojourn_mean, wait + 1.0);
    }

    #[test]
    fn a_crew_too_small_has_no_steady_state() {
        let queue = FaultyCalls {
            lambda: 12.0,
            mu: 1.0,
            c: 20,
            fault_rate: 0.1,
            repair_rate: 0.4,
            ..QUEUE
        };
        assert!(matches!(queue.solve(), Err(NoAnswer::Unstable { .. })));
        let enough = FaultyCalls { crew: 20, ..queue };
        close(enough.solve().unwrap().availability, 0.8);
    }
}
