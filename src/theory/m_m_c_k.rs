//! M/M/c/K: at most K customers in system; arrivals that find it full are lost.
//!
//! A birth-death chain: p(n) / p(n-1) = (lambda / mu) / min(n, c) for n = 1..K (Gross and Harris,
//! section 2.5). Summed outwards from the likeliest state, so that nothing overflows.

use super::{NoAnswer, not_negative, positive, servers};

/// Steady state of M/M/c/K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite {
    /// Share of arrivals lost, p(K).
    pub loss: f64,
    /// Customers served per unit of time, lambda (1 - p(K)).
    pub throughput: f64,
    /// Share of accepted customers who wait.
    pub waited_fraction: f64,
    /// Mean wait of accepted customers, lq / throughput.
    pub waiting_mean: f64,
    /// Mean number waiting, lq.
    pub queue_length_mean: f64,
    /// Mean share of servers busy.
    pub utilisation: f64,
}

/// Solves M/M/c/K with `k` places, including those of the `c` servers, for any load; takes time
/// proportional to `k`.
///
/// # Errors
/// If an argument is out of range: `lambda` < 0, `mu` <= 0, `c` = 0 or `k` < `c`.
pub fn solve(lambda: f64, mu: f64, c: u32, k: u32) -> Result<Finite, NoAnswer> {
    let a = not_negative("lambda", lambda)? / positive("mu", mu)?;
    let count = servers(c)?;
    if k < c {
        return Err(NoAnswer::OutOfRange {
            name: "k",
            value: f64::from(k),
        });
    }
    let ratio = |n: u32| a / f64::from(n.min(c));
    let likeliest = if a >= count { k } else { (a as u32).min(k) };
    let mut sums = Sums::default();
    let mut take = |n: u32, weight: f64| {
        sums.all += weight;
        sums.busy += weight * f64::from(n.min(c));
        sums.waiting += weight * f64::from(n.saturating_sub(c));
        sums.all_busy += if n >= c { weight } else { 0.0 };
        sums.full += if n == k { weight } else { 0.0 };
    };
    take(likeliest, 1.0);
    let mut weight = 1.0;
    for n in likeliest + 1..=k {
        weight *= ratio(n);
        take(n, weight);
    }
    weight = 1.0;
    for n in (0..likeliest).rev() {
        weight /= ratio(n + 1);
        take(n, weight);
    }
    let accepted = sums.all - sums.full;
    let throughput = mu * sums.busy / sums.all;
    let queue_length_mean = sums.waiting / sums.all;
    let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Ok(Finite {
        loss: sums.full / sums.all,
        throughput,
        waited_fraction: per(sums.all_busy - sums.full, accepted),
        waiting_mean: per(queue_length_mean, throughput),
        queue_length_mean,
        utilisation: sums.busy / sums.all / count,
    })
}

/// The share of all arrivals to M/M/c/K whose service begins within this time: a customer who finds n >= c in the
/// system waits for n - c + 1 services to end, each after an exponential time with rate c mu.
///
/// # Errors
/// As for [`solve`].
pub fn answered_within(lambda: f64, mu: f64, c: u32, k: u32, time: f64) -> Result<f64, NoAnswer> {
    let solved = solve(lambda, mu, c, k)?;
    not_negative("time", time)?;
    let accepted = 1.0 - solved.loss;
    let mean = f64::from(c) * mu * time;
    let rho = lambda / mu / f64::from(c);
    // Found n = c, c + 1, ..., k - 1, relative to c; ends within the time: more than n - c events of a Poisson
    // number.
    let (mut weight, mut weights, mut late) = (1.0, 0.0, 0.0);
    let (mut log, mut up_to) = (-mean, 0.0);
    for more in 0..k - c {
        up_to += libm::exp(log);
        log += libm::log(mean.max(f64::MIN_POSITIVE)) - libm::log(f64::from(more + 1));
        weights += weight;
        late += weight * up_to;
        weight *= rho;
        // Long queues under heavy load: rescaled to stay in the range of floats.
        if weight > 1e200 {
            (weight, weights, late) = (weight / 1e200, weights / 1e200, late / 1e200);
        }
    }
    let waits = accepted * solved.waited_fraction;
    let late = if weights > 0.0 {
        waits * late / weights
    } else {
        0.0
    };
    Ok(accepted - late)
}

/// Unnormalised sums over the states.
#[derive(Default)]
struct Sums {
    all: f64,
    busy: f64,
    waiting: f64,
    all_busy: f64,
    full: f64,
}
