//! M/M/c with balking: an arrival that cannot start joins with a probability that depends on the number waiting.
//!
//! A birth-death chain whose birth rate is lambda while a server is free, and lambda b(n) with n waiting (Haight
//! 1957; Gross and Harris, section 2.10). The last probability is valid for all larger n, so the tail is geometric.

use super::{NoAnswer, not_negative, positive, servers};

/// Steady state of M/M/c with balking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Balking {
    /// Share of arrivals that balk.
    pub balked: f64,
    /// Customers served per unit of time, lambda (1 - balked).
    pub throughput: f64,
    /// Share of the customers who join that wait.
    pub waited_fraction: f64,
    /// Mean wait of customers who join, lq / throughput.
    pub waiting_mean: f64,
    /// Mean number waiting, lq.
    pub queue_length_mean: f64,
    /// Mean share of servers busy.
    pub utilisation: f64,
}

/// Solves M/M/c with these probabilities of joining by the number waiting from 0, the last of which is valid for
/// all larger numbers.
///
/// # Errors
/// If an argument is out of range (`lambda` < 0, `mu` <= 0, `c` = 0, no probability or one outside 0 to 1), or if
/// with the last probability customers still join as fast as they can be served.
pub fn solve(lambda: f64, mu: f64, c: u32, chances: &[f64]) -> Result<Balking, NoAnswer> {
    let offered = not_negative("lambda", lambda)? / positive("mu", mu)?;
    let count = servers(c)?;
    let wrong = |chance: &&f64| !(0.0..=1.0).contains(*chance);
    let none = f64::NAN;
    if let Some(&value) = chances
        .iter()
        .find(wrong)
        .or(chances.is_empty().then_some(&none))
    {
        return Err(NoAnswer::OutOfRange {
            name: "chance of joining",
            value,
        });
    }
    let last = chances.len() - 1;
    let tail = offered * chances[last] / count;
    if tail >= 1.0 {
        return Err(NoAnswer::Unstable { rho: tail });
    }
    // Weights relative to that of c customers, downwards and upwards, so that nothing overflows there.
    let mut sums = Sums::default();
    let mut weight = 1.0;
    for n in (0..c).rev() {
        weight *= f64::from(n + 1) / offered.max(f64::MIN_POSITIVE);
        if !weight.is_finite() {
            // With hardly any arrivals the system is always empty.
            return Ok(Balking::of_nobody(lambda));
        }
        sums.add(weight, f64::from(n), 0.0, 1.0, true);
    }
    weight = 1.0;
    for (waiting, &chance) in chances.iter().enumerate() {
        if waiting < last {
            sums.add(weight, count, waiting as f64, chance, false);
            weight *= offered * chance / count;
        }
    }
    // From the last probability on the weights are weight tail^j, j = 0, 1, ...
    let all = weight / (1.0 - tail);
    let beyond = all * tail / (1.0 - tail);
    sums.all += all;
    sums.busy += all * count;
    sums.waiting += all * last as f64 + beyond;
    sums.joined += all * chances[last];
    let share = sums.joined / sums.all;
    let throughput = mu * sums.busy / sums.all;
    let queue_length_mean = sums.waiting / sums.all;
    let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Ok(Balking {
        balked: 1.0 - share,
        throughput,
        waited_fraction: 1.0 - per(sums.at_once, sums.joined),
        waiting_mean: per(queue_length_mean, throughput),
        queue_length_mean,
        utilisation: sums.busy / sums.all / count,
    })
}

impl Balking {
    fn of_nobody(lambda: f64) -> Balking {
        Balking {
            balked: 0.0,
            throughput: lambda,
            waited_fraction: 0.0,
            waiting_mean: 0.0,
            queue_length_mean: 0.0,
            utilisation: 0.0,
        }
    }
}

/// Unnormalised sums over the states.
#[derive(Default)]
struct Sums {
    all: f64,
    busy: f64,
    waiting: f64,
    /// Sums over arrivals that join, and over those that start at once.
    joined: f64,
    at_once: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, busy: f64, waiting: f64, chance: f64, at_once: bool) {
        self.all += weight;
        self.busy += weight * busy;
        self.waiting += weight * waiting;
        self.joined += weight * chance;
        self.at_once += if at_once { weight } else { 0.0 };
    }
}
