//! From the law a file writes to a [`Law`] that is sure to give only values fit for its use.
//!
//! Ranges of single parameters have been judged with the file's shape. Here come the rules that join
//! several, those that depend on what the law is for, and a bound on the largest value a law can give:
//! sums over the longest run must stay finite.

use super::input;
use super::load::Door;
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use std::sync::Arc;

/// What the values of a law are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Continuous times of a line.
    Time,
    /// Durations in steps of a desk, to be rounded up to whole numbers of at least 1.
    Steps,
    /// Like steps, but drawn by many actors, each from the beginning.
    Repair,
    /// How many requests arrive in a step.
    Count,
}

/// The largest value a law may give. Its square, summed over the longest run, is still finite.
const VALUE_MAX: f64 = 1e100;

/// Checks a law and fills in its values.
pub(super) fn check(
    law: input::Law,
    at: &KeyPath,
    used: For,
    door: &mut Door,
) -> Result<Law, Problem> {
    let law = convert(law, at, door)?;
    let inside = at.key(law.name());
    let ceiling = law.ceiling();
    if ceiling.is_nan() || ceiling > VALUE_MAX {
        let message = format!("`{at}` could give values too large for any clock to add up");
        return Err(Problem::value(&inside, message).help(
            "values must be at most 1e100, and whole numbers at most 2^53: choose a larger shape, a \
             smaller cv, mean or scale",
        ));
    }
    if used == For::Count && !gives_counts(&law) {
        let message = format!("`{at}` is a law that does not give whole numbers");
        return Err(Problem::key(&inside, message).help(
            "allowed here: `poisson`, `uniform_int`, `binomial`, `geometric`, `negative_binomial`, \
             or `constant` with a whole value",
        ));
    }
    if used == For::Repair && matches!(law, Law::Trace { .. }) {
        let message = format!("`{at}` is a trace, but every attendant draws repairs of its own");
        return Err(Problem::key(&inside, message)
            .help("`empirical` draws from the same values with replacement"));
    }
    if let Law::Pareto { shape, .. } = law
        && shape <= 2.0
    {
        let what = if shape <= 1.0 { "mean" } else { "variance" };
        door.warnings.push(format!(
            "`{at}` has an infinite {what} (pareto with shape {shape}): means settle slowly or \
             never, and intervals are too narrow"
        ));
    }
    Ok(law)
}

/// Whether a law may say how many arrive: one of the laws of whole numbers, or a whole constant. That
/// the values of a list happen to be whole is not enough.
fn gives_counts(law: &Law) -> bool {
    law.is_whole() && !matches!(law, Law::Empirical { .. } | Law::Trace { .. })
}

/// The mean of a law whose values are rounded up to whole steps, at least 1; near enough where the
/// law is continuous.
pub(super) fn mean_in_steps(law: &Law) -> f64 {
    match law {
        Law::Constant { value } => value.ceil().max(1.0),
        Law::Empirical { values } | Law::Trace { values } => {
            let steps = values.iter().map(|value| value.ceil().max(1.0));
            steps.sum::<f64>() / values.len() as f64
        }
        _ if law.is_whole() => law.mean().max(1.0),
        _ => (law.mean() + 0.5).max(1.0),
    }
}

fn convert(law: input::Law, at: &KeyPath, door: &mut Door) -> Result<Law, Problem> {
    let inside = |law: &str, key: &str| at.key(law).key(key);
    Ok(match law {
        // Adding zero turns -0.0 into 0.0 and leaves every other number as it is.
        input::Law::Constant { value } => Law::Constant { value: value + 0.0 },
        input::Law::Exponential { mean, rate } => match (mean, rate) {
            (Some(mean), None) => Law::Exponential { mean },
            (None, Some(rate)) => Law::Exponential { mean: 1.0 / rate },
            (None, None) => {
                let path = at.key("exponential");
                return Err(Problem::value(&path, format!("missing key in `{path}`"))
                    .help("exactly one of `mean` and `rate` is needed"));
            }
            (Some(_), Some(_)) => {
                let path = at.key("exponential");
                return Err(Problem::key(
                    &path.key("rate"),
                    format!("`{path}` has both `mean` and `rate`"),
                )
                .also(path.key("mean"))
                .help(format!(
                    "exactly one of them is allowed; an option replaces the whole law by \
                     `--set '{at}={{ exponential = {{ rate = 0.9 }} }}'`"
                )));
            }
        },
        input::Law::Uniform { low, high } => {
            rising(&[("low", low), ("high", high)], &at.key("uniform"))?;
            Law::Uniform {
                low: low + 0.0,
                high: high + 0.0,
            }
        }
        input::Law::Triangular { low, mode, high } => {
            let named = [("low", low), ("mode", mode), ("high", high)];
            rising(&named, &at.key("triangular"))?;
            if low == high {
                Law::Constant { value: low + 0.0 }
            } else {
                Law::Triangular {
                    low: low + 0.0,
                    mode: mode + 0.0,
                    high,
                }
            }
        }
        input::Law::Normal { mean, sd } => {
            // At 3 deviations below zero one draw in 740 is not negative; beyond, drawing again and
            // again would take longer than the rest of the run.
            if mean < -3.0 * sd || (sd == 0.0 && mean < 0.0) {
                let message = format!(
                    "`{at}` is normal with mean {mean} and sd {sd}, which is hardly ever 0 or more"
                );
                return Err(Problem::value(&inside("normal", "mean"), message)
                    .also(inside("normal", "sd"))
                    .help("the mean must be at least -3 sd, since values are redrawn until >= 0"));
            }
            Law::Normal {
                mean: mean + 0.0,
                sd: sd + 0.0,
            }
        }
        input::Law::Lognormal { mean, cv } => Law::Lognormal { mean, cv },
        input::Law::Gamma { mean, cv } => Law::Gamma { mean, cv },
        input::Law::Erlang { k, mean } => Law::Erlang { k, mean },
        input::Law::Weibull { shape, scale } => Law::Weibull { shape, scale },
        input::Law::Pareto { scale, shape } => Law::Pareto { scale, shape },
        input::Law::Hyperexponential {
            probabilities,
            means,
        } => {
            let path = at.key("hyperexponential");
            if probabilities.len() != means.len() {
                let message = format!(
                    "`{path}` has {} probabilities, but {} means",
                    probabilities.len(),
                    means.len()
                );
                return Err(Problem::value(&path.key("means"), message)
                    .also(path.key("probabilities"))
                    .help("each mean needs its probability"));
            }
            sums_to_one("probabilities", &probabilities, &path.key("probabilities"))?;
            Law::Hyperexponential {
                probabilities: probabilities.iter().map(|p| p + 0.0).collect(),
                means,
            }
        }
        input::Law::Empirical {
            values,
            file,
            column,
        } => Law::Empirical {
            values: list(values, file, column, &at.key("empirical"), door)?,
        },
        input::Law::Trace {
            values,
            file,
            column,
        } => Law::Trace {
            values: list(values, file, column, &at.key("trace"), door)?,
        },
        input::Law::Poisson { mean: 0.0 } => Law::Constant { value: 0.0 },
        input::Law::Poisson { mean } => Law::Poisson { mean },
        input::Law::UniformInt { low, high } => {
            rising(
                &[("low", low as f64), ("high", high as f64)],
                &at.key("uniform_int"),
            )?;
            Law::UniformInt { low, high }
        }
        input::Law::Binomial { n, p } => Law::Binomial { n, p: p + 0.0 },
        input::Law::Geometric { mean } => Law::Geometric { mean },
        input::Law::NegativeBinomial { mean, cv } => {
            if cv * cv * mean < 1.0 {
                let path = inside("negative_binomial", "cv");
                let least = 1.0 / mean.sqrt();
                let message = format!("`{path}` is {cv}, but must be at least {least}");
                return Err(Problem::value(&path, message)
                    .also(inside("negative_binomial", "mean"))
                    .help(
                        "a negative binomial varies no less than a poisson, whose cv is 1 / sqrt(mean)",
                    ));
            }
            Law::NegativeBinomial { mean, cv }
        }
    })
}

/// The values of an empirical law or a trace: a list, or a column of a file.
fn list(
    values: Option<Vec<f64>>,
    file: Option<String>,
    column: Option<String>,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arc<[f64]>, Problem> {
    let either = "either `values`, or `file` and `column`";
    match (values, file, column) {
        (Some(values), None, None) => Ok(values.iter().map(|value| value + 0.0).collect()),
        (None, Some(file), Some(column)) => column_of(&file, &column, at, door),
        (None, None, None) => Err(Problem::value(at, format!("missing key in `{at}`"))
            .help(format!("{either} are needed"))),
        (None, Some(_), None) => Err(
            Problem::value(at, format!("missing key `column` in `{at}`"))
                .help("`column`: the column's name in the file's first line"),
        ),
        (None, None, Some(_)) => Err(Problem::value(at, format!("missing key `file` in `{at}`"))
            .help("`file`: the CSV file, relative to the scenario")),
        (Some(_), file, _) => {
            let other = if file.is_some() { "file" } else { "column" };
            Err(Problem::key(
                &at.key(other),
                format!("`{at}` has both `values` and `{other}`"),
            )
            .also(at.key("values"))
            .help(format!("{either} are allowed")))
        }
    }
}

/// A column of a file that has at least one row, remembered with the place it came from.
pub(super) fn column_of(
    file: &str,
    column: &str,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arc<[f64]>, Problem> {
    let (file_at, column_at) = (at.key("file"), at.key("column"));
    let values = door.files.numbers(file, column, &file_at, &column_at)?;
    if values.is_empty() {
        let message = format!("`{file}` has no rows after its first line");
        return Err(Problem::value(&file_at, message));
    }
    let values: Arc<[f64]> = values.into();
    door.references.remember(&values, file, column);
    Ok(values)
}

fn rising(named: &[(&str, f64)], at: &KeyPath) -> Result<(), Problem> {
    for pair in named.windows(2) {
        let [(lower, low), (upper, high)] = pair else {
            continue;
        };
        if low > high {
            let message = format!("`{at}` has `{lower}` = {low} above `{upper}` = {high}");
            return Err(Problem::value(&at.key(upper), message)
                .also(at.key(lower))
                .help(format!("`{lower}` must be at most `{upper}`")));
        }
    }
    Ok(())
}

/// Refuses numbers that do not add up to 1 within 1e-9.
pub(super) fn sums_to_one(what: &str, numbers: &[f64], at: &KeyPath) -> Result<(), Problem> {
    let sum: f64 = numbers.iter().sum();
    if (sum - 1.0).abs() <= 1e-9 {
        return Ok(());
    }
    let shown = (sum * 1e12).round() / 1e12;
    Err(Problem::value(
        at,
        format!("the {what} add up to {shown}, but must add up to 1"),
    )
    .help("within 1e-9"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_in_steps_count_each_value_rounded_up() {
        let values = [0.0, 0.5, 1.0, 1.5].into();
        assert_eq!(mean_in_steps(&Law::Empirical { values }), 1.25);
        assert_eq!(mean_in_steps(&Law::Constant { value: 0.0 }), 1.0);
        assert_eq!(mean_in_steps(&Law::Geometric { mean: 1.5 }), 1.5);
        assert_eq!(mean_in_steps(&Law::Exponential { mean: 2.0 }), 2.5);
    }
}
