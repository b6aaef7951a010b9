//! The hyperexponential law: one of several exponentials, drawn by inversion of two uniforms.

use super::*;

/// The number of values, of two uniforms each, that are processed together.
const PAIRS: usize = 16;

/// Exponential with mean `means[i]` with probability `probabilities[i]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Hyperexponential {
    /// The probabilities, which add up to 1.
    #[schemars(length(min = 1, max = 1000), inner(range(min = 0.0, max = 1.0)))]
    pub probabilities: Vec<f64>,
    /// The means, one for each probability.
    #[schemars(length(min = 1, max = 1000), extend("items" = serde_json::json!({ "type": "number", "exclusiveMinimum": 0.0, "x-quantity": "duration" })))]
    pub means: Vec<f64>,
}

impl<R> Check<R> for Hyperexponential {
    fn check(mut self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let lengths = (self.probabilities.len(), self.means.len());
        paired(["probabilities", "means"], lengths, at)?;
        sums_to_one(
            "probabilities",
            &self.probabilities,
            &at.key("probabilities"),
        )?;
        each(&mut self.probabilities, positive_zero);
        Ok(self.into())
    }
}

impl Hyperexponential {
    fn weighted(&self, of: impl Fn(f64) -> f64) -> f64 {
        weighted(&self.probabilities, &self.means, of)
    }

    /// The mean of the branch each uniform falls on.
    #[inline(always)]
    fn choose(&self, uniforms: [f64; PAIRS]) -> [f64; PAIRS] {
        let mut chosen = [self.means[0]; PAIRS];
        let mut threshold = 0.0;
        for (probability, &mean) in self.probabilities.iter().zip(&self.means[1..]) {
            threshold += probability;
            for (chosen, uniform) in chosen.iter_mut().zip(uniforms) {
                *chosen = if uniform >= threshold { mean } else { *chosen };
            }
        }
        chosen
    }
}

impl Distribution for Hyperexponential {
    fn parameters(&self) -> Parameters<'_> {
        let Hyperexponential {
            probabilities,
            means,
        } = self;
        vec![
            ("probabilities", Numbers(probabilities)),
            ("means", Numbers(means)),
        ]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = self.weighted(|mean| mean);
        let variance = self.weighted(|m| m * m + (m - mean) * (m - mean));
        [mean, variance, self.weighted(|m| 6.0 * m.powi(3))]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.weighted(|mean| exponential_cdf(mean, x))
    }

    fn laplace(&self, s: f64) -> f64 {
        self.weighted(|mean| exponential_laplace(mean, s))
    }

    fn ceiling(&self) -> f64 {
        extremes(&self.means).1 * LONGEST_TAIL
    }

    fn is_exponential(&self) -> bool {
        self.means.iter().all(|mean| *mean == self.means[0])
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        for some in block.chunks_mut(PAIRS) {
            let mut branches = [0.0; PAIRS];
            for (branch, size) in branches.iter_mut().zip(&mut *some) {
                *branch = stream.open();
                *size = stream.open();
            }
            let chosen = self.choose(branches);
            for (size, mean) in some.iter_mut().zip(chosen) {
                *size = (0.0 - ln(*size)) * mean;
            }
        }
    }
}
