//! A closed network: a fixed number of customers who circulate for ever.
//!
//! Buzen (1973), "Computational algorithms for closed queueing networks with exponential servers", *Communications
//! of the ACM* 16: the probability of each division of the customers among the stations is a product of one factor
//! for each station (Gordon and Newell 1967), and the sums of these products follow by convolution, station by
//! station. All terms are positive, so no digits are lost, as they would be if the probabilities of few customers
//! were found by subtraction. Exact for exponential services first come first served, and for any law if servers
//! are shared or unlimited (Baskett, Chandy, Muntz and Palacios 1975). Machine repair is the case of one unlimited
//! station, the machines in operation, and one of repairs.

use super::{NoAnswer, positive};
use std::ops::{Add, Div, Mul};

/// A station of a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Visits per visit of a customer to the station from which visits are counted.
    pub visits: f64,
    /// Mean service.
    pub service: f64,
    /// Number of servers; `None` means unlimited.
    pub servers: Option<u32>,
}

/// The measures of a station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Mean time from arrival to departure.
    pub sojourn: f64,
    /// Mean number of customers.
    pub customers: f64,
}

/// Rounds per unit of time, and the measures of each station, with this many customers.
///
/// # Errors
/// If an argument is out of range, or a round takes no time.
pub fn solve(customers: u64, stations: &[Station]) -> Result<(f64, Vec<Seen>), NoAnswer> {
    positive("customers", customers as f64)?;
    let work: f64 = stations.iter().map(Station::work).sum();
    positive("round", work)?;
    let all = sums(customers, stations.iter());
    let whole = *all.last().expect("there is a sum for nobody");
    let rounds = (all[all.len() - 2] / whole).value();
    let seen = stations.iter().enumerate().map(|(at, station)| {
        let rate = rounds * station.visits;
        if rate == 0.0 || station.service == 0.0 {
            return Seen {
                sojourn: station.service,
                customers: 0.0,
            };
        }
        let mean = match station.servers {
            _ if !station.is_short_for(customers) => rate * station.service,
            // The probability that at least k are here is work^k times the sum for k customers fewer.
            Some(1) => {
                let mut factor = Scaled::ONE;
                let fewer = all.iter().rev().skip(1);
                let chances = fewer.map(|sum| {
                    factor = factor * station.work();
                    factor * *sum / whole
                });
                chances.map(Scaled::value).sum()
            }
            servers => {
                let servers = servers.unwrap_or(u32::MAX);
                let others = stations
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at);
                let others = sums(customers, others.map(|(_, other)| other));
                let mut factor = Scaled::ONE;
                let divisions = others.iter().rev().skip(1).zip(1_u64..);
                let parts = divisions.map(|(sum, here)| {
                    factor = factor * (station.work() / here.min(servers.into()) as f64);
                    here as f64 * (factor * *sum / whole).value()
                });
                parts.sum()
            }
        };
        Seen {
            sojourn: mean / rate,
            customers: mean,
        }
    });
    let seen = seen.collect();
    Ok((rounds, seen))
}

/// The approximate number of terms that [`solve`] adds up.
#[must_use]
pub fn terms(customers: u64, stations: &[Station]) -> f64 {
    let short = stations
        .iter()
        .filter(|station| station.is_short_for(customers));
    let servers = short.filter_map(|station| station.servers);
    let (mut all, mut several) = (1.0, 1.0);
    for servers in servers {
        all += f64::from(servers);
        several += f64::from(u8::from(servers > 1));
    }
    customers as f64 * all * several
}

impl Station {
    /// Whether any of this many customers may have to wait.
    fn is_short_for(&self, customers: u64) -> bool {
        self.servers
            .is_some_and(|servers| u64::from(servers) < customers)
    }

    /// The work of a round at the station.
    fn work(&self) -> f64 {
        self.visits * self.service
    }
}

/// The sums over all divisions of 0, 1, ... customers among these stations.
fn sums<'a>(customers: u64, stations: impl Iterator<Item = &'a Station>) -> Vec<Scaled> {
    let free = |station: &&Station| !station.is_short_for(customers);
    let (unlimited, limited): (Vec<_>, Vec<_>) = stations.partition(free);
    // Stations at which no customer waits are combined into one.
    let unlimited: f64 = unlimited.into_iter().map(Station::work).sum();
    let mut sums = vec![Scaled::ONE];
    for n in 1..=customers {
        let last = sums[sums.len() - 1];
        sums.push(last * (unlimited / n as f64));
    }
    for station in limited {
        add(&mut sums, station.work(), station.servers.unwrap_or(1));
    }
    sums
}

/// Adds a station: with n customers there its factor is work^n / (1 2 ... c c ...).
fn add(sums: &mut [Scaled], work: f64, servers: u32) {
    let all = sums.len() as u64;
    let mut factors = vec![Scaled::ONE];
    for here in 1..all.min(servers.into()) {
        let last = factors[factors.len() - 1];
        factors.push(last * (work / here as f64));
    }
    let full = *factors.last().expect("there is one for nobody") * (work / f64::from(servers));
    let before = sums.to_vec();
    // The sum over those divisions in which all servers are busy.
    let mut busy = Scaled::ZERO;
    for n in 0..sums.len() {
        let fewer = before[..=n].iter().rev();
        let some = fewer.zip(&factors).map(|(sum, factor)| *factor * *sum);
        let some = some.fold(Scaled::ZERO, Scaled::add);
        busy = busy * (work / f64::from(servers));
        if n >= factors.len() {
            busy = busy + full * before[n - factors.len()];
        }
        sums[n] = some + busy;
    }
}

/// A nonnegative number of any size: 0, or a value from 1 up to the unit, times a power of the unit.
#[derive(Clone, Copy, Debug)]
struct Scaled {
    value: f64,
    /// The power of [`Scaled::UNIT`] by which the value is multiplied.
    times: i64,
}

impl Scaled {
    const ZERO: Scaled = Scaled {
        value: 0.0,
        times: 0,
    };
    const ONE: Scaled = Scaled {
        value: 1.0,
        times: 0,
    };
    /// 2^256.
    const UNIT: f64 = f64::from_bits((1023 + 256) << 52);

    /// The same number in normal form.
    fn in_form(mut self) -> Scaled {
        while self.value >= Scaled::UNIT {
            self.value /= Scaled::UNIT;
            self.times += 1;
        }
        while self.value > 0.0 && self.value < 1.0 {
            self.value *= Scaled::UNIT;
            self.times -= 1;
        }
        self
    }

    fn value(self) -> f64 {
        // Powers beyond the fifth are out of the range of `f64`.
        self.value * Scaled::UNIT.powi(self.times.clamp(-6, 6) as i32)
    }
}

impl Mul for Scaled {
    type Output = Scaled;

    fn mul(self, other: Scaled) -> Scaled {
        Scaled {
            value: self.value * other.value,
            times: self.times + other.times,
        }
        .in_form()
    }
}

impl Mul<f64> for Scaled {
    type Output = Scaled;

    fn mul(self, factor: f64) -> Scaled {
        self * Scaled {
            value: factor,
            times: 0,
        }
        .in_form()
    }
}

impl Div for Scaled {
    type Output = Scaled;

    fn div(self, other: Scaled) -> Scaled {
        Scaled {
            value: self.value / other.value,
            times: self.times - other.times,
        }
        .in_form()
    }
}

impl Add for Scaled {
    type Output = Scaled;

    fn add(self, other: Scaled) -> Scaled {
        if self.value == 0.0 || other.value == 0.0 {
            return if self.value == 0.0 { other } else { self };
        }
        let (more, less) = match self.times >= other.times {
            true => (self, other),
            false => (other, self),
        };
        let less = match more.times - less.times {
            0 => less.value,
            1 => less.value / Scaled::UNIT,
            _ => 0.0,
        };
        Scaled {
            value: more.value + less,
            times: more.times,
        }
        .in_form()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_single_servers_share_customers_as_their_product_form_says() {
        // With loads 1 and 2 and three customers the probabilities of 0 to 3 at the second are 1, 2, 4, 8 of 15.
        let station = |service| Station {
            visits: 1.0,
            service,
            servers: Some(1),
        };
        let (rounds, seen) = solve(3, &[station(1.0), station(2.0)]).unwrap();
        assert!((rounds - 14.0 / 15.0 / 2.0).abs() < 1e-12, "{rounds}");
        let customers = (2.0 + 8.0 + 24.0) / 15.0;
        assert!((seen[1].customers - customers).abs() < 1e-12, "{seen:?}");
    }

    #[test]
    fn two_repairmen_look_after_four_machines() {
        // A birth-death chain: with n machines down, 4 - n fail at rate 1 each, and min(n, 2) are repaired at rate
        // 2 each: weights 1, 4/2, 3/4, ...
        let weights: Vec<f64> = (0..4).fold(vec![1.0], |mut all, down| {
            let mended = 2.0 * f64::min(f64::from(down) + 1.0, 2.0);
            all.push(all[down as usize] * (4.0 - f64::from(down)) / mended);
            all
        });
        let whole: f64 = weights.iter().sum();
        let down = weights.iter().enumerate();
        let down: f64 = down.map(|(n, weight)| n as f64 * weight).sum::<f64>() / whole;
        let work = Station {
            visits: 1.0,
            service: 1.0,
            servers: None,
        };
        let repair = Station {
            visits: 1.0,
            service: 0.5,
            servers: Some(2),
        };
        let (_, seen) = solve(4, &[work, repair]).unwrap();
        assert!((seen[1].customers - down).abs() < 1e-12, "{seen:?}, {down}");
    }

    #[test]
    fn many_servers_and_many_customers_keep_their_digits() {
        // Machine repair M/M/c//N by its birth-death chain, summed outwards from the most likely number, so that
        // nothing overflows.
        let some = [
            (10.0, 4.0, 20_u32, 100_u64),
            (1.0, 1.0, 10, 100),
            (40.0, 1.0, 100, 1000),
            (0.001, 3.0, 50, 1000),
            (1e6, 1.0, 3, 500),
        ];
        let each =
            (2..600).flat_map(|customers| [(2.0, 0.02, 1, customers), (10.0, 0.1, 2, customers)]);
        for (thinking, mean, servers, customers) in some.into_iter().chain(each) {
            let mut logs = vec![0.0];
            for down in 1..=customers {
                let fails = (customers - down + 1) as f64 / thinking;
                let mended = down.min(servers.into()) as f64 / mean;
                logs.push(logs[down as usize - 1] + libm::log(fails / mended));
            }
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = logs.iter().map(|log| libm::exp(log - most)).collect();
            let whole: f64 = weights.iter().sum();
            let down = weights.iter().enumerate();
            let down: f64 = down.map(|(n, weight)| n as f64 * weight).sum::<f64>() / whole;
            let rounds = (customers as f64 - down) / thinking;
            let work = Station {
                visits: 1.0,
                service: thinking,
                servers: None,
            };
            let repair = Station {
                visits: 1.0,
                service: mean,
                servers: Some(servers),
            };
            let (found, seen) = solve(customers, &[work, repair]).unwrap();
            assert!((found / rounds - 1.0).abs() < 1e-9, "{found}, {rounds}");
            let here = seen[1].customers;
            assert!((here / down - 1.0).abs() < 1e-9, "{here}, {down}");
            let sojourn = customers as f64 / rounds - thinking;
            assert!((seen[1].sojourn / sojourn - 1.0).abs() < 1e-7, "{seen:?}");
        }
    }
}
