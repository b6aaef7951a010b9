//! The memory of a queue: the number of customers over which waits are correlated, and the initial state has an
//! effect.
//!
//! In heavy traffic a queue is a random walk with a barrier at zero. Its step at each customer has the variance
//! `spread` = ca2 + cs2, the sum of the squared coefficients of variation of times between arrivals and of
//! services, in units of the time in which all servers together do one service; its drift is 1 - rho. The time
//! constant of such a walk is 2 spread / (1 - rho)^2 customers, for any number of servers: the sum of the
//! autocorrelations of reflected Brownian motion (Whitt 1989, "Planning queueing simulations"). Between two
//! barriers at distance b it is at most 2 (b / pi)^2 / spread at any drift: the slowest eigenvalue of Brownian
//! motion there (Cox and Miller 1965, section 5.7).

/// The memory of a queue without limit, in customers: infinite unless `rho` is below 1.
#[must_use]
pub fn free(rho: f64, spread: f64) -> f64 {
    match rho < 1.0 {
        true => 2.0 * spread / (1.0 - rho).powi(2),
        false => f64::INFINITY,
    }
}

/// The memory, in customers, of a queue in which at most `places` are in the system, at any load.
#[must_use]
pub fn bounded(places: f64, spread: f64) -> f64 {
    2.0 * ((places + 1.0) / std::f64::consts::PI).powi(2) / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that two sides of an equation agree to a relative precision.
    fn near(found: f64, right: f64, within: f64) {
        assert!(
            (found / right - 1.0).abs() < within,
            "{found} is not {right}"
        );
    }

    /// The relaxation time of an M/M/1 is 1 / (sqrt(mu) - sqrt(lambda))^2 (Morse 1958). The spread is 2 there, and near
    /// rho = 1 the square of 1 - rho is four times that of 1 - sqrt(rho), so that both agree.
    #[test]
    fn it_is_that_of_an_m_m_1_in_heavy_traffic() {
        for rho in [0.99_f64, 0.999, 0.9999] {
            let exact = 1.0 / (1.0 - rho.sqrt()).powi(2);
            near(free(rho, 2.0), exact, 2.0 * (1.0 - rho));
        }
        assert_eq!(free(1.0, 2.0), f64::INFINITY);
        assert_eq!(free(1.5, 2.0), f64::INFINITY);
        assert_eq!(free(0.9, 0.0), 0.0);
    }

    /// The slowest eigenvalue of an M/M/1/K at rho = 1 is 2 - 2 cos(pi / (K + 1)) (Takacs 1962).
    #[test]
    fn between_walls_it_is_that_of_an_m_m_1_k_at_load_1() {
        for places in [20.0_f64, 200.0, 2000.0] {
            let angle = std::f64::consts::PI / (places + 1.0);
            let slowest = 2.0 - 2.0 * angle.cos();
            near(bounded(places, 2.0), 1.0 / slowest, 1.0 / places);
        }
    }
}
