//! The laws of chance a scenario may name, past the door: every value here is valid.

use std::sync::Arc;

/// A probability law. Parameters have been checked by the scenario's door: finite, within range.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always `value`.
    Constant { value: f64 },
    /// Exponential with this mean.
    Exponential { mean: f64 },
    /// Uniform on [low, high).
    Uniform { low: f64, high: f64 },
    /// Triangular on [low, high] with its peak at `mode`.
    Triangular { low: f64, mode: f64, high: f64 },
    /// Normal, redrawn until it is not negative; `mean` and `sd` are those before redrawing.
    Normal { mean: f64, sd: f64 },
    /// Lognormal with the variable's own mean and coefficient of variation (sd / mean).
    Lognormal { mean: f64, cv: f64 },
    /// Gamma with this mean and coefficient of variation.
    Gamma { mean: f64, cv: f64 },
    /// The sum of `k` exponentials, with this mean in all.
    Erlang { k: u32, mean: f64 },
    /// Weibull.
    Weibull { shape: f64, scale: f64 },
    /// Pareto on [scale, infinity).
    Pareto { scale: f64, shape: f64 },
    /// Exponential with mean `means[i]` with probability `probabilities[i]`.
    Hyperexponential {
        probabilities: Vec<f64>,
        means: Vec<f64>,
    },
    /// Any of these values, alike likely, drawn with replacement.
    Empirical { values: Arc<[f64]> },
    /// These values, once, in order.
    Trace { values: Arc<[f64]> },
    /// Poisson.
    Poisson { mean: f64 },
    /// Any whole number from `low` to `high`, both included.
    UniformInt { low: u64, high: u64 },
    /// How many of `n` independent trials succeed.
    Binomial { n: u64, p: f64 },
    /// Geometric on 1, 2, ...
    Geometric { mean: f64 },
    /// Negative binomial on 0, 1, ... with this mean and coefficient of variation.
    NegativeBinomial { mean: f64, cv: f64 },
}
