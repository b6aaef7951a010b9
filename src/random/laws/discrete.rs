//! The law of a few values, each with its probability, drawn by inversion in the given order.

use super::*;

/// Any of `values`, each with its probability.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Discrete {
    /// The values.
    #[schemars(length(min = 1, max = 10_000), extend("items" = serde_json::json!({ "type": "number", "minimum": 0.0, "x-quantity": "duration" })))]
    pub values: Vec<f64>,
    /// Their probabilities, which add up to 1.
    #[schemars(length(min = 1, max = 10_000), inner(range(min = 0.0, max = 1.0)))]
    pub probabilities: Vec<f64>,
}

impl<R> Check<R> for Discrete {
    fn check(mut self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let lengths = (self.values.len(), self.probabilities.len());
        paired(["values", "probabilities"], lengths, at)?;
        sums_to_one(
            "probabilities",
            &self.probabilities,
            &at.key("probabilities"),
        )?;
        each(&mut self.values, positive_zero);
        each(&mut self.probabilities, positive_zero);
        Ok(self.into())
    }
}

impl Discrete {
    /// The values with a positive probability.
    fn possible(&self) -> Vec<f64> {
        let both = self.values.iter().zip(&self.probabilities);
        both.filter(|(_, p)| **p > 0.0).map(|(v, _)| *v).collect()
    }

    /// The mean of a function of the value; probabilities are divided by their sum, as they are when drawn.
    fn mean_of(&self, of: impl Fn(f64) -> f64) -> f64 {
        let total: f64 = self.probabilities.iter().sum();
        weighted(&self.probabilities, &self.values, of) / total
    }
}

impl Distribution for Discrete {
    fn parameters(&self) -> Parameters<'_> {
        let Discrete {
            values,
            probabilities,
        } = self;
        vec![
            ("values", Numbers(values)),
            ("probabilities", Numbers(probabilities)),
        ]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = self.mean_of(|x| x);
        let variance = self.mean_of(|x| (x - mean) * (x - mean));
        [mean, variance, self.mean_of(|x| x.powi(3))]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.mean_of(|value| at_once(value, x))
    }

    fn laplace(&self, s: f64) -> f64 {
        self.mean_of(|x| libm::exp(-s * x))
    }

    fn support(&self) -> (f64, f64) {
        extremes(&self.possible())
    }

    fn ceiling(&self) -> f64 {
        self.support().1
    }

    fn is_whole(&self) -> bool {
        self.possible().iter().all(|value| value.fract() == 0.0)
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let total: f64 = self.probabilities.iter().sum();
        one_by_one(block, || {
            self.values[fallen_on(&self.probabilities, stream.open() * total)]
        });
    }
}
