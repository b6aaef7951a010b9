//! Stationary probabilities of a finite Markov chain, by elimination without subtraction (Grassmann, Taksar and Heyman
//! 1985, "Regenerative analysis and steady state distributions for Markov chains", *Operations Research* 33), so that
//! small probabilities keep their digits.

/// The stationary probabilities of a chain, given the rates from each state to each other; those on the diagonal do not
/// count. They are not finite where a state cannot be left for the first.
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

#[cfg(test)]
mod tests {
    use super::*;

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
