//! Mean-value analysis of a closed network: a number of customers who go round for ever.
//!
//! Reiser and Lavenberg (1980), "Mean-value analysis of closed multichain queuing networks", *Journal of the ACM* 27: a
//! customer who arrives at a station finds what a customer too many would see of the network without it. Exact for
//! exponential services first come first served, and for any law where servers are shared or unlimited (Baskett,
//! Chandy, Muntz and Palacios 1975). Machine repair is the case of one unlimited station, the machines at work, and one
//! of repairs.

use super::{NoAnswer, positive};

/// A station of a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Visits for each time that a customer comes by the station from which visits are counted.
    pub visits: f64,
    /// Mean service.
    pub service: f64,
    /// Servers; `None` where each customer has one.
    pub servers: Option<u32>,
}

/// What is known of a station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Mean time from arrival to departure.
    pub sojourn: f64,
    /// Mean number of customers.
    pub customers: f64,
}

/// Rounds per unit of time, and what is known of each station, with this many customers.
///
/// # Errors
/// If an argument is out of range, or a round takes no time.
pub fn mean_values(customers: u64, stations: &[Station]) -> Result<(f64, Vec<Seen>), NoAnswer> {
    positive("customers", customers as f64)?;
    let mut seen = vec![Seen::default(); stations.len()];
    // By station: the chance of each number of customers below that of servers.
    let mut few: Vec<Vec<f64>> = stations
        .iter()
        .map(|station| {
            let mut chances = vec![0.0; station.servers.unwrap_or(1).max(1) as usize];
            chances[0] = 1.0;
            chances
        })
        .collect();
    let mut rounds = 0.0;
    for count in 1..=customers {
        let mut length = 0.0;
        for ((station, seen), few) in stations.iter().zip(&mut seen).zip(&few) {
            seen.sojourn = match station.servers {
                None => station.service,
                Some(servers) => {
                    let idle = few.iter().enumerate().take(servers as usize - 1);
                    let idle: f64 = idle
                        .map(|(number, chance)| (f64::from(servers) - 1.0 - number as f64) * chance)
                        .sum();
                    station.service / f64::from(servers) * (1.0 + seen.customers + idle)
                }
            };
            length += station.visits * seen.sojourn;
        }
        positive("round", length)?;
        rounds = count as f64 / length;
        for ((station, seen), few) in stations.iter().zip(&mut seen).zip(&mut few) {
            let load = rounds * station.visits * station.service;
            seen.customers = rounds * station.visits * seen.sojourn;
            let Some(servers) = station.servers else {
                continue;
            };
            for number in (1..servers as usize).rev() {
                few[number] = load / number as f64 * few[number - 1];
            }
            let busy = few.iter().enumerate().skip(1);
            let busy: f64 = busy
                .map(|(number, chance)| (f64::from(servers) - number as f64) * chance)
                .sum();
            few[0] = (1.0 - (load + busy) / f64::from(servers)).max(0.0);
        }
    }
    Ok((rounds, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_single_servers_share_customers_as_their_product_form_says() {
        // With loads 1 and 2 and three customers the chances of 0 to 3 at the second are 1, 2, 4, 8 of 15.
        let station = |service| Station {
            visits: 1.0,
            service,
            servers: Some(1),
        };
        let (rounds, seen) = mean_values(3, &[station(1.0), station(2.0)]).unwrap();
        assert!((rounds - 14.0 / 15.0 / 2.0).abs() < 1e-12, "{rounds}");
        let customers = (2.0 + 8.0 + 24.0) / 15.0;
        assert!((seen[1].customers - customers).abs() < 1e-12, "{seen:?}");
    }

    #[test]
    fn two_repairmen_look_after_four_machines() {
        // A birth and death chain: with n machines down, 4 - n fail at rate 1 each, and min(n, 2) are mended at rate 2
        // each: weights 1, 4/2, 3/4, ...
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
        let (_, seen) = mean_values(4, &[work, repair]).unwrap();
        assert!((seen[1].customers - down).abs() < 1e-12, "{seen:?}, {down}");
    }
}
