//! From the law in a file to a [`Law`] whose values are all valid for its use.
//!
//! Ranges of single parameters have been checked with the file's shape, and each law checks rules that concern
//! several ([`crate::random::laws`]). Here are the rules that depend on the use of the law, and a bound on the
//! largest value a law can have: sums over the longest run must stay finite.

use super::data::series::{Take, durations};
use super::input;
use super::load::Door;
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use crate::random::laws::{Constant, Empirical, GREATEST_COUNT, Taken, Trace};

/// The use of the values of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Continuous times of a line.
    Time,
    /// Durations of a desk, rounded if it is in steps.
    Steps,
    /// The same, but drawn by many actors, each from the beginning.
    Repair,
    /// Times of faults and repairs of a line, drawn by many servers, each from the beginning.
    Fault,
    /// A number of arrivals in a step, or at once.
    Count,
}

/// The largest value a law may have. Its square, summed over the longest run, is still finite.
const VALUE_MAX: f64 = 1e100;

/// Checks a law and fills in its values.
pub(super) fn check(
    law: input::Law,
    at: &KeyPath,
    used: For,
    door: &mut Door,
) -> Result<Law, Problem> {
    let law = law.law(at, &mut |column, taken, at| {
        let take = match taken {
            Taken::AtRandom | Taken::Repeatedly => Take::All,
            Taken::InOrder => door.take,
        };
        durations(column, at, (take, taken == Taken::InOrder), door)
    })?;
    let inside = at.key(law.name());
    let most = match used {
        For::Count => GREATEST_COUNT,
        For::Time | For::Steps | For::Repair | For::Fault => VALUE_MAX,
    };
    let ceiling = law.ceiling();
    if ceiling.is_nan() || ceiling > most {
        let message = format!("`{at}` could give values too large for any clock to add up");
        return Err(Problem::value(&inside, message).help(
            "values must be at most 1e100, and whole numbers at most 2^53: choose a larger shape, a \
             smaller cv, mean or scale",
        ));
    }
    if used == For::Count && matches!(law, Law::Trace(_)) {
        let message = format!("`{at}` is a trace, but the numbers that come are drawn from a law");
        return Err(Problem::key(&inside, message)
            .help("`empirical` draws from the same values with replacement"));
    }
    if used == For::Count && !law.is_whole() {
        let message = format!("`{at}` is a law that does not give whole numbers");
        return Err(Problem::key(&inside, message).help(
            "allowed here: `poisson`, `uniform_int`, `binomial`, `geometric`, `negative_binomial`, \
             or values that are all whole, such as `constant = { value = 2 }`",
        ));
    }
    let by_many = match used {
        For::Repair => Some("every attendant draws repairs of its own"),
        For::Fault => Some("every server draws values of its own"),
        For::Time | For::Steps | For::Count => None,
    };
    if let Some(why) = by_many.filter(|_| matches!(law, Law::Trace(_))) {
        let message = format!("`{at}` is a trace, but {why}");
        return Err(Problem::key(&inside, message)
            .help("`empirical` draws from the same values with replacement"));
    }
    if law.variance() == f64::INFINITY {
        let endless = law.mean() == f64::INFINITY;
        let what = if endless { "mean" } else { "variance" };
        door.warnings.push(format!(
            "`{at}` has an infinite {what} ({}): means settle slowly or never, and intervals are too narrow",
            law.name()
        ));
    }
    Ok(law)
}

/// The mean of a law whose values are rounded to whole numbers: rounding keeps it, except for values under 1, each
/// of which becomes 1. So it is the law's own plus the area under its distribution function up to 1.
pub(super) fn mean_in_steps(law: &Law) -> f64 {
    match law {
        Law::Constant(Constant { value }) => value.max(1.0),
        Law::Empirical(Empirical { values }) | Law::Trace(Trace { values, .. }) => {
            values.iter().map(|value| value.max(1.0)).sum::<f64>() / values.len() as f64
        }
        _ if law.is_whole() => law.mean() + law.cdf(0.0),
        _ => {
            const PIECES: u32 = 1000;
            let middle = |piece: u32| (f64::from(piece) + 0.5) / f64::from(PIECES);
            let area = (0..PIECES).map(|piece| law.cdf(middle(piece))).sum::<f64>();
            law.mean() + area / f64::from(PIECES)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::laws::{Exponential, Geometric};

    #[test]
    fn means_in_steps_are_those_of_values_made_whole() {
        let values = vec![0.0, 0.5, 1.0, 1.5].into();
        assert_eq!(mean_in_steps(&Law::Empirical(Empirical { values })), 1.125);
        assert_eq!(mean_in_steps(&Law::Constant(Constant { value: 0.0 })), 1.0);
        assert_eq!(mean_in_steps(&Law::Constant(Constant { value: 2.5 })), 2.5);
        assert_eq!(mean_in_steps(&Law::Geometric(Geometric { mean: 1.5 })), 1.5);
        let mean = mean_in_steps(&Law::Exponential(Exponential { mean: 4.0 }));
        assert!((mean - 4.115).abs() < 5e-4, "{mean}");
    }
}
