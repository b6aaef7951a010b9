//! The law of a sample: any of its values, drawn with replacement.

use super::*;

/// One of these values, each equally likely, drawn with replacement: a list, or a column of a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Form<R>(R);

impl<R> Check<R> for Form<R> {
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        let values = read(self.0, Taken::AtRandom, at)?;
        Ok(Empirical { values }.into())
    }
}

/// One of these values, each equally likely, drawn with replacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    /// The values, at least one, each >= 0.
    pub values: Arc<Vec<f64>>,
}

impl Distribution for Empirical {
    fn parameters(&self) -> Parameters<'_> {
        vec![("values", Recorded(&self.values))]
    }

    fn moments(&self) -> [f64; 3] {
        sample_moments(&self.values)
    }

    fn cdf(&self, x: f64) -> f64 {
        sample_cdf(&self.values, x)
    }

    fn laplace(&self, s: f64) -> f64 {
        average(&self.values, |x| libm::exp(-s * x))
    }

    fn support(&self) -> (f64, f64) {
        extremes(&self.values)
    }

    fn ceiling(&self) -> f64 {
        extremes(&self.values).1
    }

    fn is_whole(&self) -> bool {
        self.values.iter().all(|value| value.fract() == 0.0)
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let count = self.values.len() as u64;
        one_by_one(block, || {
            positive_zero(self.values[stream.below(count) as usize])
        });
    }
}
