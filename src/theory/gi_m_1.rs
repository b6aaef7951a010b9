//! GI/M/1: any law of inter-arrival times, exponential services, one server.
//!
//! Kleinrock, *Queueing Systems* I, section 6.4. The answer follows from the root sigma in (0, 1)
//! of sigma = A(mu (1 - sigma)), A being the Laplace transform of an inter-arrival time: the wait
//! is zero with probability 1 - sigma and otherwise exponential with rate mu (1 - sigma).

use super::{NoAnswer, positive, quantile_level, stable};

/// The wait in a GI/M/1 queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// The share of customers who wait.
    pub sigma: f64,
    /// mu (1 - sigma), the rate of the exponential wait of those who wait.
    pub rate: f64,
}

impl Waiting {
    /// Mean wait over all customers, sigma / (mu (1 - sigma)).
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sigma / self.rate
    }

    /// Standard deviation of the wait.
    #[must_use]
    pub fn sd(&self) -> f64 {
        super::waiting_sd(self.sigma, self.rate)
    }

    /// The least t with P(W <= t) >= `p`.
    ///
    /// # Errors
    /// If `p` is not in [0, 1).
    pub fn quantile(&self, p: f64) -> Result<f64, NoAnswer> {
        Ok(super::waiting_quantile(
            self.sigma,
            self.rate,
            quantile_level(p)?,
        ))
    }
}

/// Solves GI/M/1 for inter-arrival times of this `mean` and Laplace `transform` (s to E exp(-s A))
/// and services of rate `mu`. The transform's absolute error enters divided by (1 - rho)^2.
///
/// # Errors
/// If an argument is out of range or the queue is unstable.
pub fn solve(mean: f64, transform: impl Fn(f64) -> f64, mu: f64) -> Result<Waiting, NoAnswer> {
    let rho = stable(
        1.0 / (positive("mean inter-arrival time", mean)? * positive("mu", mu)?),
        1.0,
    )?;
    // In delta = 1 - sigma the equation is h(delta) = A(mu delta) - 1 + delta = 0. h is convex with
    // h(0) = 0 > h'(0) and h(1) > 0, so there is exactly one root between.
    let h = |delta: f64| transform(mu * delta) - 1.0 + delta;
    let (mut high, mut h_high) = (1.0, h(1.0));
    let (mut low, mut h_low) = (0.5, h(0.5));
    while h_low > 0.0 {
        (high, h_high) = (low, h_low);
        low *= 0.5;
        h_low = h(low);
        if low < 1e-15 {
            return Err(NoAnswer::Unstable { rho });
        }
    }
    // False position with the Illinois rule (Dowell and Jarratt 1971): bracketed, and superlinear.
    for _ in 0..200 {
        if high - low <= 1e-16 * high || h_high == h_low {
            break;
        }
        let middle = (low * h_high - high * h_low) / (h_high - h_low);
        let h_middle = h(middle);
        if h_middle == 0.0 {
            (low, high) = (middle, middle);
        } else if h_middle > 0.0 {
            if high == middle {
                break;
            }
            (high, h_high) = (middle, h_middle);
            h_low *= 0.5;
        } else {
            if low == middle {
                break;
            }
            (low, h_low) = (middle, h_middle);
            h_high *= 0.5;
        }
    }
    let delta = 0.5 * (low + high);
    Ok(Waiting {
        sigma: 1.0 - delta,
        rate: mu * delta,
    })
}
