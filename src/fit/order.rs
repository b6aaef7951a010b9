//! Dependence on the order of the values, which a law does not reproduce.

use super::Sample;

/// Dependence between the values of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// The rank correlation of values with their positions: a trend.
    pub trend: f64,
    /// The rank correlation of each value with the next.
    pub autocorrelation: f64,
    /// The variance of sums of neighbouring values, divided by its value under independence: the index of dispersion
    /// for intervals (Fendick and Whitt 1989), over the squared coefficient of variation. Above 1 in bursts; `None` if
    /// there are too few values or they do not vary.
    pub burstiness: Option<f64>,
    /// The number of values in each of those sums.
    pub neighbours: usize,
    values: usize,
}

/// The least number of sums whose variance is computed.
const SUMS: usize = 20;
/// Standard deviations beyond which a result is not attributed to chance.
const DEVIATIONS: f64 = 3.5;

/// Measures the dependence between the values of a sample.
#[must_use]
pub fn order(sample: &Sample) -> Order {
    let ranks = ranks(sample.values());
    let places: Vec<f64> = (0..ranks.len()).map(|place| place as f64).collect();
    let neighbours = (sample.len() / SUMS).clamp(1, 50);
    Order {
        trend: correlation(&ranks, &places),
        autocorrelation: correlation(&ranks[1..], &ranks[..ranks.len() - 1]),
        burstiness: burstiness(sample, neighbours),
        neighbours,
        values: sample.len(),
    }
}

impl Order {
    /// Whether the values rise or fall over the recording.
    #[must_use]
    pub fn has_trend(&self) -> bool {
        self.trend.abs() > DEVIATIONS / (self.values as f64).sqrt()
    }

    /// Whether a value is correlated with the next.
    #[must_use]
    pub fn is_correlated(&self) -> bool {
        self.autocorrelation.abs() > DEVIATIONS / (self.values as f64).sqrt()
    }

    /// Whether values come in bursts.
    #[must_use]
    pub fn is_bursty(&self) -> bool {
        let sums = (self.values / self.neighbours) as f64;
        let above = 1.0 + DEVIATIONS * (2.0 / (sums - 1.0)).sqrt();
        self.burstiness
            .is_some_and(|burstiness| burstiness > above.max(1.5))
    }

    /// Whether independent draws from a law would not reproduce this recording.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.has_trend() || self.is_correlated() || self.is_bursty()
    }
}

fn burstiness(sample: &Sample, neighbours: usize) -> Option<f64> {
    let sums = sample.values().chunks_exact(neighbours);
    let sums: Vec<f64> = sums.map(|some| some.iter().sum()).collect();
    if sums.len() < SUMS || sample.variance() <= 0.0 {
        return None;
    }
    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
    let squares = sums.iter().map(|sum| (sum - mean) * (sum - mean));
    let variance = squares.sum::<f64>() / (sums.len() - 1) as f64;
    Some(variance / (neighbours as f64 * sample.variance()))
}

/// The rank of each value, from 0; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for same in order.chunk_by(|&one, &other| values[one] == values[other]) {
        let rank = first as f64 + (same.len() - 1) as f64 / 2.0;
        for &place in same {
            ranks[place] = rank;
        }
        first += same.len();
    }
    ranks
}

/// The correlation of two lists of equal length; zero if one of them does not vary.
fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let (first, second) = (mean(one), mean(other));
    let [mut both, mut square, mut other_square] = [0.0; 3];
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one - first, other - second);
        both += one * other;
        square += one * one;
        other_square += other * other;
    }
    let scale = (square * other_square).sqrt();
    if scale > 0.0 { both / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_a_rank_and_correlations_are_those_of_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0);
        assert_eq!(correlation(&[1.0, 1.0], &[2.0, 4.0]), 0.0);
    }
}
