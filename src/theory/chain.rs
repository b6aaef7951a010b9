//! Stationary probabilities of a finite Markov chain, by elimination without subtraction (Grassmann, Taksar and Heyman
//! 1985, "Regenerative analysis and steady state distributions for Markov chains", *Operations Research* 33), so that
//! small probabilities keep their digits.

/// The stationary probabilities of a chain, given the rates from each state to each other; those on the diagonal
/// are ignored. They are not finite if some state does not lead to the first.
#[must_use]
pub fn stationary(mut rates: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rates.len();
    for k in (1..n).rev() {
        let out: f64 = rates[k][..k].iter().sum();
        let row = rates[k][..k].to_vec();
        for from in &mut rates[..k] {
            from[k] /= out;
            let share = from[k];
            if share > 0.0 {
                for (rate, via) in from[..k].iter_mut().zip(&row) {
                    *rate += share * via;
                }
            }
        }
    }
    // The entries above the diagonal are now visits to a state per visit to those before it.
    let mut weights = vec![1.0];
    for k in 1..n {
        let visits = weights
            .iter()
            .zip(&rates)
            .map(|(weight, row)| weight * row[k]);
        weights.push(visits.sum());
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// The stationary probabilities of a chain that moves at most `reach` states up or down at once, like
/// [`stationary`], in time proportional to the number of states and the square of the reach. Row i holds the rates
/// from state i to the states i - `reach` up to i + `reach`, including states that do not exist.
///
/// # Panics
/// If a row has another length.
#[must_use]
pub fn stationary_within(mut rates: Vec<Vec<f64>>, reach: usize) -> Vec<f64> {
    let n = rates.len();
    assert!(rates.iter().all(|row| row.len() == 2 * reach + 1));
    for k in (1..n).rev() {
        let low = k.saturating_sub(reach);
        let row = rates[k][reach + low - k..reach].to_vec();
        let out: f64 = row.iter().sum();
        for from in low..k {
            let first = reach + low - from;
            let up = &mut rates[from][reach + k - from];
            *up /= out;
            let share = *up;
            if share > 0.0 {
                for (rate, via) in rates[from][first..].iter_mut().zip(&row) {
                    *rate += share * via;
                }
            }
        }
    }
    let mut weights = vec![1.0];
    for k in 1..n {
        let below = k.saturating_sub(reach)..k;
        let visits = below.map(|from| weights[from] * rates[from][reach + k - from]);
        weights.push(visits.sum());
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_short_reach_has_the_probabilities_of_any_chain() {
        let (n, reach) = (23, 4);
        let rate = |from: usize, to: usize| {
            let near = from != to && from.abs_diff(to) <= reach;
            if near {
                ((from * 7 + to * 3) % 5) as f64 + 0.25
            } else {
                0.0
            }
        };
        let dense = (0..n).map(|from| (0..n).map(|to| rate(from, to)).collect());
        let banded = (0..n).map(|from| {
            let to = (0..=2 * reach).map(|at| (from + at).checked_sub(reach));
            to.map(|to| to.filter(|&to| to < n).map_or(0.0, |to| rate(from, to)))
                .collect()
        });
        let banded = stationary_within(banded.collect(), reach);
        for (one, other) in stationary(dense.collect()).iter().zip(&banded) {
            assert!((one - other).abs() < 1e-15, "{one} {other}");
        }
    }

    #[test]
    fn a_walk_that_goes_back_twice_as_often_is_half_as_likely_a_step_further() {
        let rates = vec![
            vec![0.0, 1.0, 0.0],
            vec![2.0, 0.0, 1.0],
            vec![0.0, 2.0, 0.0],
        ];
        let found = stationary(rates);
        for (found, right) in found.iter().zip([4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0]) {
            assert!((found - right).abs() < 1e-15, "{found} {right}");
        }
    }

    #[test]
    fn without_a_way_back_to_the_first_state_there_is_no_answer() {
        let apart = vec![
            vec![0.0, 0.5, 0.5],
            vec![1.0, 0.0, 0.0],
            vec![0.0, 0.0, 1.0],
        ];
        let around = vec![
            vec![0.0, 1.0, 0.0],
            vec![0.0, 0.0, 1.0],
            vec![0.0, 1.0, 0.0],
        ];
        for rates in [apart, around] {
            assert!(stationary(rates).iter().any(|chance| !chance.is_finite()));
        }
    }
}
