//! The ranking of the orders of a line after a race, for one objective.

use super::order::Objective;
use super::permutation::Order;
use crate::stats::Interval;

/// The ranking for one objective.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// The measure that was minimised.
    pub objective: Objective,
    /// Every order, the best first.
    pub orders: Vec<RankedOrder>,
    /// The zone of indifference.
    pub zone: f64,
    /// Whether there is only one candidate, or all are within the zone of the best.
    pub settled: bool,
    /// Groups of orders that were the same in every replication, by their indices in `orders`.
    pub identical: Vec<Vec<usize>>,
    /// The index of the scenario's own order in `orders`.
    pub as_filed: usize,
}

impl Ranking {
    /// The orders one of which is the best, with the study's confidence; the best guess first.
    pub fn candidates(&self) -> impl Iterator<Item = &RankedOrder> {
        self.orders.iter().filter(|ranked| ranked.candidate)
    }

    /// Whether all orders are the same run, up to rounding.
    #[must_use]
    pub fn is_all_identical(&self) -> bool {
        matches!(self.identical.as_slice(), [one] if one.len() == self.orders.len())
    }
}

/// An order and its results.
#[derive(Clone, Debug)]
pub struct RankedOrder {
    /// The order.
    pub order: Order,
    /// Estimate of each of [`Objective::ALL`].
    pub estimates: [Estimate; 5],
    /// This order minus the best, in common replications, for each of [`Objective::ALL`].
    pub against_best: [Interval; 5],
    /// Number of its replications.
    pub replications: u64,
    /// Whether it can still be the best.
    pub candidate: bool,
}

/// A mean, estimated through the best order.
///
/// An order that was dropped early had fewer replications than the best, and those may have been busy or calm ones.
/// The estimate is the mean of the best order plus the mean paired difference: all means are comparable, and sorted
/// consistently with the tests. For an order with all replications it is the plain mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of its own interval.
    pub half_width: Option<f64>,
    /// The plain mean of its own replications.
    pub observed: f64,
}

/// The mean of an order that had the first of the best order's replications.
pub(super) fn estimate(values: &[f64], best: &[f64], confidence: f64) -> Estimate {
    let own = Interval::of(values, confidence);
    let observed = own.mean.unwrap_or(0.0);
    if values.len() >= best.len() {
        return Estimate {
            mean: observed,
            half_width: own.half_width,
            observed,
        };
    }
    let differences: Vec<f64> = values.iter().zip(best).map(|(a, b)| a - b).collect();
    let difference = Interval::of(&differences, confidence);
    let all = Interval::of(best, confidence);
    let mean = all.mean.unwrap_or(0.0) + difference.mean.unwrap_or(0.0);
    let half_width = match (difference.half_width, difference.mean, all.sd) {
        (Some(half_width), Some(centre), Some(sd)) => {
            let (n, few) = (best.len() as f64, values.len() as f64);
            let level = best[..values.len()].iter().sum::<f64>() / few;
            let products = differences
                .iter()
                .zip(best)
                .map(|(d, b)| (d - centre) * (b - level));
            let covariance = products.sum::<f64>() / (few - 1.0);
            let spread = difference.sd.unwrap_or(0.0);
            let variance = sd * sd / n + spread * spread / few + 2.0 * covariance / n;
            // Student's quantile, derived from the interval of the differences.
            let quantile = match spread {
                0.0 => 2.0,
                spread => half_width / (spread / few.sqrt()),
            };
            Some(quantile * variance.max(0.0).sqrt())
        }
        _ => None,
    };
    Estimate {
        mean,
        half_width,
        observed,
    }
}
