//! M/M/c whose servers break down and are repaired, in continuous time, and where no work is lost.
//!
//! The state is the number of customers n and that of servers up u; min(n, u) are served. Each server that is up (or,
//! on a clock of busy time, each that serves) fails at one rate, and at most so many repairs run at once. The chain is a
//! quasi-birth-and-death process (Mitrany and Avi-Itzhak 1968, "A many-server queue with service interruptions",
//! *Operations Research* 16; Neuts and Lucantoni 1979, "A Markovian queue with N servers subject to breakdowns and
//! repairs", *Management Science* 25): from level c on its probabilities are matrix-geometric, pi(n + 1) = pi(n) R, where
//! R is the least solution of R = lambda (-A1 - R A2)^-1; below c each level has an R of its own.

use super::chain::stationary;
use super::{NoAnswer, positive, servers, stable};

/// Largest number of servers solved: a second or so.
const MOST_SERVERS: u32 = 64;

/// Relative change at which the iteration for R ends.
const SETTLED: f64 = 1e-15;

/// Largest number of iterations for R, reached only within 1e-4 of a load of 1.
const MOST_ITERATIONS: usize = 200_000;

type Matrix = Vec<Vec<f64>>;

/// When a server can fail.
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
    /// When a server can fail.
    pub fails: Fails,
    /// Repairs per unit of time of one that is being repaired, > 0.
    pub repair_rate: f64,
    /// Most repairs at once, >= 1.
    pub crew: u32,
}

/// The steady state of [`FaultyCalls`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Mean share of servers up, in (0, 1).
    pub availability: f64,
    /// Mean busy servers by mean servers up, in (0, 1).
    pub occupancy: f64,
    /// Mean time from arrival to the end of service.
    pub sojourn_mean: f64,
}

impl FaultyCalls {
    /// Solves the chain.
    ///
    /// # Errors
    /// If an argument is out of range, there are too many servers, or the queue is unstable.
    pub fn solve(&self) -> Result<Steady, NoAnswer> {
        positive("lambda", self.lambda)?;
        positive("mu", self.mu)?;
        positive("fault rate", self.fault_rate)?;
        positive("repair rate", self.repair_rate)?;
        positive("crew", f64::from(self.crew))?;
        let c = servers(self.c)?;
        if self.c > MOST_SERVERS {
            return Err(NoAnswer::OutOfRange {
                name: "c",
                value: c,
            });
        }
        stable(self.lambda / self.mu, self.up_when_saturated())?;
        let above = self.ratio_above()?;
        // ratios[n]: pi(n + 1) = pi(n) ratios[n], for n < c.
        let mut ratios = vec![above.clone()];
        for level in (0..self.c - 1).rev() {
            let next = self.ratio(level + 1, &ratios[0]);
            ratios.insert(0, next);
        }
        let mut at = stationary(self.moves(0, &ratios[0]));
        let (mut all, mut present, mut up) = (0.0, 0.0, 0.0);
        let mut count = |level: f64, probabilities: &[f64]| {
            let total: f64 = probabilities.iter().sum();
            all += total;
            present += level * total;
            up += self.up(probabilities);
        };
        for (level, ratio) in ratios.iter().enumerate() {
            count(level as f64, &at);
            at = times(&at, ratio);
        }
        // The levels from c on: their sum, and the sum with weights 1, 2, 3, ...
        let rest = |row: Vec<f64>| {
            let mut left = diagonal(above.len(), 1.0);
            for (line, by) in left.iter_mut().zip(&above) {
                line.iter_mut()
                    .zip(by)
                    .for_each(|(one, ratio)| *one -= ratio);
            }
            solve_rows(left, vec![row]).remove(0)
        };
        let sum = rest(at);
        let weighted = rest(sum.clone());
        count(c, &sum);
        let beyond: f64 = weighted.iter().sum::<f64>() - sum.iter().sum::<f64>();
        let (present, up) = ((present + beyond) / all, up / all);
        Ok(Steady {
            availability: up / c,
            occupancy: self.lambda / self.mu / up,
            sojourn_mean: present / self.lambda,
        })
    }

    /// Servers up in the long run if all who are up serve.
    fn up_when_saturated(&self) -> f64 {
        self.up(&stationary(self.turns(self.c)))
    }

    /// The mean number of servers up, times the sum of these probabilities, by servers down.
    fn up(&self, probabilities: &[f64]) -> f64 {
        let each = (0..=self.c).rev().zip(probabilities);
        each.map(|(up, chance)| f64::from(up) * chance).sum()
    }

    /// Rates between numbers of servers down with this many customers present. The first number is none, to which all
    /// others lead.
    fn turns(&self, present: u32) -> Matrix {
        let phases = self.c as usize + 1;
        let mut rates = vec![vec![0.0; phases]; phases];
        for down in 0..=self.c {
            let up = self.c - down;
            let failing = match self.fails {
                Fails::WhileUp => up,
                Fails::WhileBusy => up.min(present),
            };
            let at = down as usize;
            if up > 0 {
                rates[at][at + 1] = self.fault_rate * f64::from(failing);
            }
            if down > 0 {
                rates[at][at - 1] = self.repair_rate * f64::from(down.min(self.crew));
            }
        }
        rates
    }

    /// Rates of service with this many customers present, by servers down.
    fn served(&self, present: u32) -> Vec<f64> {
        let ups = (0..=self.c).rev();
        ups.map(|up| self.mu * f64::from(up.min(present))).collect()
    }

    /// Rates between numbers of servers down while at this level, excursions to higher levels included, whose ratio is
    /// `above`.
    fn moves(&self, level: u32, above: &Matrix) -> Matrix {
        let mut rates = self.turns(level);
        let served = self.served(level + 1);
        for (row, by) in rates.iter_mut().zip(above) {
            for ((rate, ratio), served) in row.iter_mut().zip(by).zip(&served) {
                *rate += ratio * served;
            }
        }
        rates
    }

    /// The ratio between this level and the one below, given that between the one above and this.
    fn ratio(&self, level: u32, above: &Matrix) -> Matrix {
        let inner = self.moves(level, above);
        let served = self.served(level);
        let stays: Vec<f64> = self
            .turns(level)
            .iter()
            .map(|row| row.iter().sum())
            .collect();
        let phases = inner.len();
        let mut leaves = vec![vec![0.0; phases]; phases];
        for (from, row) in inner.iter().enumerate() {
            for (to, rate) in row.iter().enumerate() {
                leaves[from][to] = -rate;
            }
            leaves[from][from] += self.lambda + served[from] + stays[from];
        }
        solve_rows(leaves, diagonal(phases, self.lambda))
    }

    /// The ratio R of levels from c on.
    fn ratio_above(&self) -> Result<Matrix, NoAnswer> {
        let phases = self.c as usize + 1;
        let mut found = vec![vec![0.0; phases]; phases];
        for _ in 0..MOST_ITERATIONS {
            let next = self.ratio(self.c, &found);
            let pairs = next.iter().flatten().zip(found.iter().flatten());
            let moved = pairs.map(|(new, old)| new - old).fold(0.0, f64::max);
            let greatest = next.iter().flatten().copied().fold(0.0, f64::max);
            found = next;
            if moved <= SETTLED * greatest {
                return Ok(found);
            }
        }
        Err(NoAnswer::Unstable { rho: 1.0 })
    }
}

fn diagonal(size: usize, value: f64) -> Matrix {
    let mut matrix = vec![vec![0.0; size]; size];
    (0..size).for_each(|at| matrix[at][at] = value);
    matrix
}

/// A row times a matrix.
fn times(row: &[f64], matrix: &Matrix) -> Vec<f64> {
    let mut product = vec![0.0; row.len()];
    for (value, by) in row.iter().zip(matrix) {
        for (sum, factor) in product.iter_mut().zip(by) {
            *sum += value * factor;
        }
    }
    product
}

/// The rows x with x `matrix` = a row of `rows`, by elimination; the matrix is dominated by its diagonal.
fn solve_rows(mut matrix: Matrix, mut rows: Matrix) -> Matrix {
    let n = matrix.len();
    // Columns are reduced from the last to the first, then each x is found from its first value to its last.
    for k in (1..n).rev() {
        for column in 0..k {
            let factor = matrix[k][column] / matrix[k][k];
            if factor != 0.0 {
                for line in matrix[..=k].iter_mut().chain(&mut rows) {
                    line[column] -= factor * line[k];
                }
            }
        }
    }
    for x in &mut rows {
        for k in 0..n {
            let known: f64 = (0..k).map(|j| x[j] * matrix[j][k]).sum();
            x[k] = (x[k] - known) / matrix[k][k];
        }
    }
    rows
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
