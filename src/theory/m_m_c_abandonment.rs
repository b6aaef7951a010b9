//! Erlang A: M/M/c whose customers give up after an exponential patience.
//!
//! A birth-death chain (Palm 1957; Garnett, Mandelbaum and Reiman, *Designing a call center with impatient
//! customers*, 2002): births at rate lambda, deaths at mu min(n, c) + theta max(n - c, 0). A customer who finds n
//! in the system, n >= c, waits until it has passed n - c + 1 stages: with k ahead of it in the queue, a stage has
//! rate c mu + (k + 1) theta, at which it moves up or, for a share theta of the rate, gives up itself. Summed
//! outwards from the likeliest state, so that nothing overflows; the chain is cut where the probability beyond is
//! below 10^-15.

use super::{NoAnswer, not_negative, positive, servers};

/// Probability at which the chain is cut, relative to the likeliest state.
const TAIL: f64 = 1e-17;

/// Largest number of states.
const MOST_STATES: usize = 2_000_000;

/// Largest number of steps in which a wait is followed; see [`Steady::answered_within`].
const MOST_STEPS: usize = 20_000;

/// Steady state of Erlang A.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// Share of arrivals that give up.
    pub abandoned: f64,
    /// Share of arrivals that wait longer than zero, including those that give up.
    pub waited_fraction: f64,
    /// Mean wait of all arrivals, including those that give up: lq / lambda.
    pub waiting_all_mean: f64,
    /// Mean wait of customers who are served.
    pub waiting_mean: f64,
    /// Mean time until giving up, of customers who give up.
    pub time_to_abandon_mean: f64,
    /// Mean number waiting, lq.
    pub queue_length_mean: f64,
    /// Mean share of servers busy.
    pub utilisation: f64,
    /// The queue found by arrivals.
    queue: Queue,
}

/// The queue found by arrivals: a customer's wait depends on it alone, not on later arrivals.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queue {
    /// The probability of finding all servers busy and k waiting, for k = 0, 1, ...
    pub(super) finds: Vec<f64>,
    /// The rate of services if all servers are busy, c mu.
    pub(super) all_busy: f64,
    /// The rate of giving up, 0 if no customer does.
    pub(super) theta: f64,
}

/// Solves M/M/c + M with `theta` the rate of giving up while waiting.
///
/// # Errors
/// If an argument is out of range (`lambda` < 0, `mu` <= 0, `theta` <= 0, `c` = 0), or if more states matter than
/// the limit allows.
pub fn solve(lambda: f64, mu: f64, theta: f64, c: u32) -> Result<Steady, NoAnswer> {
    not_negative("lambda", lambda)?;
    positive("mu", mu)?;
    positive("theta", theta)?;
    let count = servers(c)?;
    let all_busy = count * mu;
    let death = |n: f64| n.min(count) * mu + (n - count).max(0.0) * theta;
    // Births exceed deaths up to the likeliest state.
    let offered = lambda / mu;
    let likeliest = match offered < count {
        true => offered.floor(),
        false => (count + (lambda - all_busy) / theta).floor(),
    };
    let mut sums = Sums::default();
    let mut finds = Vec::new();
    let mut above = Vec::new();
    let mut weight = 1.0;
    let mut n = likeliest;
    loop {
        above.push(weight);
        n += 1.0;
        weight *= lambda / death(n);
        if weight < TAIL && n > count {
            break;
        }
        if above.len() > MOST_STATES {
            return Err(NoAnswer::TooLarge { limit: MOST_STATES });
        }
    }
    let mut below = Vec::new();
    weight = 1.0;
    let mut n = likeliest;
    while n > 0.0 {
        weight *= death(n) / lambda.max(f64::MIN_POSITIVE);
        n -= 1.0;
        if weight < TAIL || below.len() > MOST_STATES {
            break;
        }
        below.push((n, weight));
    }
    let states = below.into_iter().rev();
    let states = states.chain((0..).map(|at| likeliest + f64::from(at)).zip(above));
    for (n, weight) in states {
        sums.all += weight;
        sums.busy += weight * n.min(count);
        sums.waiting += weight * (n - count).max(0.0);
        if n >= count {
            // States below those that matter have negligible probability.
            if n - count > MOST_STATES as f64 {
                return Err(NoAnswer::TooLarge { limit: MOST_STATES });
            }
            finds.resize((n - count) as usize, 0.0);
            finds.push(weight);
        }
    }
    finds.iter_mut().for_each(|weight| *weight /= sums.all);
    let queue_length_mean = sums.waiting / sums.all;
    let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let abandoned = per(theta * queue_length_mean, lambda);
    let waiting_all_mean = per(queue_length_mean, lambda);
    let queue = Queue {
        finds,
        all_busy,
        theta,
    };
    let waited_fraction = queue.finds.iter().sum();
    let (served, waited) = queue.served();
    Ok(Steady {
        abandoned,
        waited_fraction,
        waiting_all_mean,
        waiting_mean: per(waited, served + (1.0 - waited_fraction)),
        time_to_abandon_mean: per(waiting_all_mean - waited, abandoned),
        queue_length_mean,
        utilisation: sums.busy / sums.all / count,
        queue,
    })
}

impl Steady {
    /// The share of all arrivals whose service begins within this time.
    #[must_use]
    pub fn answered_within(&self, time: f64) -> f64 {
        1.0 - self.waited_fraction + self.queue.served_within(time)
    }
}

impl Queue {
    /// The share of all arrivals that wait and are then served, and their mean wait times this share.
    pub(super) fn served(&self) -> (f64, f64) {
        // With k ahead: the probability of being served, and the mean wait if served times that probability.
        let (mut chance, mut wait) = (1.0, 0.0);
        let (mut served, mut waited) = (0.0, 0.0);
        for (ahead, &found) in self.finds.iter().enumerate() {
            let rate = self.leaves(ahead);
            let up = 1.0 - self.theta / rate;
            chance *= up;
            wait = up * wait + chance / rate;
            served += found * chance;
            waited += found * wait;
        }
        (served, waited)
    }

    /// The same if it takes very many steps: the time in that many stages is approximately normal.
    fn served_about_within(&self, time: f64) -> f64 {
        let (mut chance, mut mean, mut variance, mut served) = (1.0, 0.0, 0.0, 0.0);
        for (ahead, &found) in self.finds.iter().enumerate() {
            let rate = self.leaves(ahead);
            chance *= 1.0 - self.theta / rate;
            mean += 1.0 / rate;
            variance += 1.0 / (rate * rate);
            let off = (time - mean) / (2.0 * variance).sqrt();
            served += found * chance * 0.5 * libm::erfc(-off);
        }
        served
    }

    /// The rate at which a customer with this many ahead moves up, or gives up itself.
    fn leaves(&self, ahead: usize) -> f64 {
        self.all_busy + self.theta * (ahead + 1) as f64
    }

    /// The share of all arrivals that wait and are served within this time: by uniformisation, stage by stage.
    pub(super) fn served_within(&self, time: f64) -> f64 {
        let stages = self.finds.len();
        let fastest = self.leaves(stages.saturating_sub(1));
        let mean = fastest * time;
        if mean > MOST_STEPS as f64 {
            return self.served_about_within(time);
        }
        // The probability of still waiting, by the number ahead; and that of having been served.
        let mut waits = self.finds.clone();
        let mut served = 0.0;
        let mut within = 0.0;
        let mut log = -mean;
        let mut reached = 0.0;
        for step in 0..=MOST_STEPS {
            let chance = libm::exp(log);
            within += chance * served;
            reached += chance;
            if reached > 1.0 - 1e-14 && step as f64 > mean {
                break;
            }
            log += libm::log(mean.max(f64::MIN_POSITIVE)) - libm::log((step + 1) as f64);
            served += waits.first().copied().unwrap_or(0.0) * self.all_busy / fastest;
            for ahead in 0..stages {
                let stays = waits[ahead] * (1.0 - self.leaves(ahead) / fastest);
                // A customer is served, or one of those ahead gives up.
                let next = waits.get(ahead + 1).copied().unwrap_or(0.0);
                waits[ahead] = stays + next * self.leaves(ahead) / fastest;
            }
        }
        within
    }
}

/// Unnormalised sums over the states.
#[derive(Default)]
struct Sums {
    all: f64,
    busy: f64,
    waiting: f64,
}
