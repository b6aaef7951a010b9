//! The form of a law of chance.

use schemars::JsonSchema;
use serde::Deserialize;

/// Of the parameters of a law exactly one is given.
fn exactly_one(law: &mut schemars::Schema) {
    let parameters = law
        .get_mut("properties")
        .and_then(serde_json::Value::as_object_mut)
        .and_then(|laws| laws.values_mut().next());
    if let Some(serde_json::Value::Object(parameters)) = parameters {
        parameters.insert("minProperties".to_owned(), 1.into());
        parameters.insert("maxProperties".to_owned(), 1.into());
    }
}

/// A law of chance: a table whose single key names it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::scenario) enum Law {
    /// Always the same value.
    Constant {
        #[schemars(range(min = 0.0))]
        value: f64,
    },
    /// Exponential; exactly one of `mean` and `rate`.
    #[schemars(transform = exactly_one)]
    Exponential {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: Option<f64>,
        /// One divided by the mean.
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        rate: Option<f64>,
    },
    /// Uniform between `low` and `high`.
    Uniform {
        #[schemars(range(min = 0.0))]
        low: f64,
        #[schemars(range(min = 0.0))]
        high: f64,
    },
    /// Triangular from `low` to `high` with its peak at `mode`.
    Triangular {
        #[schemars(range(min = 0.0))]
        low: f64,
        #[schemars(range(min = 0.0))]
        mode: f64,
        #[schemars(range(min = 0.0))]
        high: f64,
    },
    /// Normal, redrawn until it is not negative.
    Normal {
        mean: f64,
        #[schemars(range(min = 0.0))]
        sd: f64,
    },
    /// Lognormal with the variable's own mean and cv = sd / mean.
    Lognormal {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        cv: f64,
    },
    /// Gamma with this mean and cv = sd / mean.
    Gamma {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
        cv: f64,
    },
    /// The sum of `k` exponentials, with this mean in all.
    Erlang {
        #[schemars(range(min = 1, max = 100_000))]
        k: u32,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
    },
    /// Weibull.
    Weibull {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        shape: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        scale: f64,
    },
    /// Pareto, from `scale` upward.
    Pareto {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        scale: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        shape: f64,
    },
    /// Exponential with mean `means[i]` with probability `probabilities[i]`.
    Hyperexponential {
        #[schemars(length(min = 1, max = 1000), inner(range(min = 0.0, max = 1.0)))]
        probabilities: Vec<f64>,
        #[schemars(length(min = 1, max = 1000), extend("items" = serde_json::json!({ "type": "number", "exclusiveMinimum": 0.0 })))]
        means: Vec<f64>,
    },
    /// Any of these values, alike likely, drawn with replacement: a list, or a column of a file.
    Empirical {
        #[schemars(length(min = 1), inner(range(min = 0.0)))]
        values: Option<Vec<f64>>,
        file: Option<String>,
        column: Option<String>,
    },
    /// These values, once, in order: a column of a file, or a list.
    Trace {
        #[schemars(length(min = 1), inner(range(min = 0.0)))]
        values: Option<Vec<f64>>,
        file: Option<String>,
        column: Option<String>,
    },
    /// Poisson.
    Poisson {
        #[schemars(range(min = 0.0, max = 1e12))]
        mean: f64,
    },
    /// Any whole number from `low` to `high`, both included.
    UniformInt { low: u64, high: u64 },
    /// How many of `n` independent trials succeed, each with probability `p`.
    Binomial {
        #[schemars(range(max = 1_000_000_000_000_u64))]
        n: u64,
        #[schemars(range(min = 0.0, max = 1.0))]
        p: f64,
    },
    /// Geometric on 1, 2, ...
    Geometric {
        #[schemars(range(min = 1.0, max = 1e12))]
        mean: f64,
    },
    /// Negative binomial on 0, 1, ...
    NegativeBinomial {
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1e12))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
        cv: f64,
    },
}
