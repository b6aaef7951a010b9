//! Callers who retry: M/M/c/K, with or without patience, in which some of the callers rejected and some of those
//! who gave up try again after an exponential time.
//!
//! A Markov chain of two numbers: n in the system and m who will retry (Falin and Templeton, *Retrial Queues*,
//! 1997, chapter 2; with patience Aguir, Karaesmen, Aksin and Chauvet, "The impact of retrials on call center
//! performance", *OR Spectrum* 26, 2004). Tries, first or later ones, arrive at the rate lambda + m nu; the wait of
//! one follows from what it finds, as in Erlang A. The numbers are cut where the probability beyond is below
//! 10^-10.

use super::chain::stationary_within;
use super::m_m_c_abandonment::Queue;
use super::{NoAnswer, not_negative, positive, servers, stable};

/// Probability that may lie beyond a cut.
const TAIL: f64 = 1e-10;

/// Largest number of states, and of states times the square of their reach: some tenths of a second.
const STATES_MAX: usize = 200_000;
const WORK_MAX: usize = 300_000_000;

/// A queue whose callers retry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Redial {
    /// New callers per unit of time.
    pub lambda: f64,
    /// Services of one server per unit of time.
    pub mu: f64,
    /// Number of servers.
    pub c: u32,
    /// The maximum number in the system, at least `c`; `None` means no limit.
    pub places: Option<u32>,
    /// The rate of giving up while waiting; 0 if no caller does.
    pub theta: f64,
    /// The rate at which a caller who will retry does so.
    pub nu: f64,
    /// The probability of a retry after being rejected.
    pub again_rejected: f64,
    /// The probability of a retry after giving up.
    pub again_abandoned: f64,
}

/// Its steady state; shares are of all tries.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// Mean number of tries per caller, including the first.
    pub tries_per_client: f64,
    /// Share of tries that are rejected.
    pub rejected: f64,
    /// Share of tries that give up.
    pub abandoned: f64,
    /// Share of tries not rejected that wait longer than zero, including those that give up.
    pub waited_fraction: f64,
    /// Mean wait of tries that are served.
    pub waiting_mean: f64,
    /// Mean time until giving up, of tries that give up.
    pub time_to_abandon_mean: f64,
    /// Callers served per unit of time.
    pub throughput: f64,
    /// Mean share of servers busy.
    pub utilisation: f64,
    /// Mean number of callers who will retry.
    pub coming_mean: f64,
    /// Share of tries that find a free server.
    at_once: f64,
    queue: Queue,
}

impl Redial {
    /// Solves the chain.
    ///
    /// # Errors
    /// If an argument is out of range, if callers always retry and bring more than can be served, or if more states
    /// matter than the limit allows.
    pub fn solve(&self) -> Result<Steady, NoAnswer> {
        positive("lambda", self.lambda)?;
        positive("mu", self.mu)?;
        positive("nu", self.nu)?;
        not_negative("theta", self.theta)?;
        let count = servers(self.c)?;
        for (name, value) in [
            ("again_rejected", self.again_rejected),
            ("again_abandoned", self.again_abandoned),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(NoAnswer::OutOfRange { name, value });
            }
        }
        if let Some(places) = self.places.filter(|&places| places < self.c) {
            return Err(NoAnswer::OutOfRange {
                name: "places",
                value: f64::from(places),
            });
        }
        // If no caller is ever lost for good, all must be served.
        let tires = self.places.is_some() && self.again_rejected < 1.0
            || self.theta > 0.0 && self.again_abandoned < 1.0;
        if !tires {
            stable(self.lambda / self.mu, count)?;
        }
        let mut most = match self.places {
            Some(places) => places as usize,
            None => 2 * self.c as usize + 32,
        };
        let mut coming = 32;
        loop {
            let chain = Chain {
                queue: self,
                width: most + 1,
            };
            let (p, levels) = chain.solve(coming + 1)?;
            let beyond = |far: &dyn Fn(usize) -> bool| {
                let states = p.iter().enumerate();
                let far = states.filter(|(state, _)| far(*state)).map(|(_, p)| p);
                far.sum::<f64>() > TAIL
            };
            let more_coming = beyond(&|state| state / chain.width >= levels - levels / 8);
            let unlimited = self.places.is_none();
            let more = unlimited && beyond(&|state| state % chain.width > most - most / 8);
            if !more_coming && !more {
                return Ok(chain.steady(&p));
            }
            coming += if more_coming { coming / 2 } else { 0 };
            most += if more { most / 2 } else { 0 };
        }
    }
}

/// The truncated chain: state m (K + 1) + n has n in the system and m who will retry.
struct Chain<'a> {
    queue: &'a Redial,
    width: usize,
}

impl Chain<'_> {
    /// The probabilities, with this many levels of callers who will retry.
    fn solve(&self, levels: usize) -> Result<(Vec<f64>, usize), NoAnswer> {
        let (states, reach) = (self.width * levels, self.width);
        if states > STATES_MAX || states * reach * reach > WORK_MAX {
            let limit = STATES_MAX.min(WORK_MAX / reach / reach);
            return Err(NoAnswer::TooLarge { limit });
        }
        let Redial {
            lambda,
            nu,
            theta,
            again_rejected,
            again_abandoned,
            ..
        } = *self.queue;
        let last = self.width - 1;
        let rows = (0..states).map(|state| {
            let (n, m) = (state % self.width, state / self.width);
            let mut row = vec![0.0; 2 * reach + 1];
            // A caller who would exceed the cut is not followed any more.
            let more = if m + 1 < levels { reach } else { 0 };
            if n < last {
                row[reach + 1] += lambda;
                row[1] += m as f64 * nu;
            } else {
                row[reach + more] += lambda * again_rejected;
                row[0] += m as f64 * nu * (1.0 - again_rejected);
            }
            if n > 0 {
                let gives_up = theta * self.waiting(n);
                row[reach - 1] += self.busy(n) * self.queue.mu;
                row[reach - 1] += gives_up * (1.0 - again_abandoned);
                row[reach - 1 + more] += gives_up * again_abandoned;
            }
            row[reach] = 0.0;
            row
        });
        let p = stationary_within(rows.collect(), reach);
        Ok((p, levels))
    }

    fn busy(&self, n: usize) -> f64 {
        n.min(self.queue.c as usize) as f64
    }

    fn waiting(&self, n: usize) -> f64 {
        n.saturating_sub(self.queue.c as usize) as f64
    }

    fn steady(&self, p: &[f64]) -> Steady {
        let Redial {
            lambda,
            mu,
            c,
            places,
            theta,
            nu,
            ..
        } = *self.queue;
        let (mut busy, mut waiting, mut coming_mean) = (0.0, 0.0, 0.0);
        let mut finds = vec![0.0; self.width];
        for (state, &p) in p.iter().enumerate() {
            let (n, m) = (state % self.width, (state / self.width) as f64);
            busy += p * self.busy(n);
            waiting += p * self.waiting(n);
            coming_mean += p * m;
            finds[n] += p * (lambda + m * nu);
        }
        let tries = lambda + nu * coming_mean;
        finds.iter_mut().for_each(|found| *found /= tries);
        let rejected = match places {
            Some(_) => finds.pop().unwrap_or(0.0),
            None => 0.0,
        };
        let waiters = finds.split_off(finds.len().min(c as usize));
        let at_once: f64 = finds.iter().sum();
        let queue = Queue {
            finds: waiters,
            all_busy: f64::from(c) * mu,
            theta,
        };
        let (served, waited) = queue.served();
        let waits: f64 = queue.finds.iter().sum();
        let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let abandoned = theta * waiting / tries;
        Steady {
            tries_per_client: tries / lambda,
            rejected,
            abandoned,
            waited_fraction: per(waits, 1.0 - rejected),
            waiting_mean: per(waited, at_once + served),
            time_to_abandon_mean: per(waiting / tries - waited, abandoned),
            throughput: busy * mu,
            utilisation: busy / f64::from(c),
            coming_mean,
            at_once,
            queue,
        }
    }
}

impl Steady {
    /// The share of all tries whose service begins within this time.
    #[must_use]
    pub fn answered_within(&self, time: f64) -> f64 {
        self.at_once + self.queue.served_within(time)
    }

    /// The share of all tries that are served.
    #[must_use]
    pub fn served(&self) -> f64 {
        self.at_once + self.queue.served().0
    }
}
