//! Recorded values, each used once, in order. Its moments and distribution function are those of the values taken
//! as a sample, divided by n; it follows no law, so it has no transform.

use super::*;

/// These values, once, in order: a column of a file, or a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Form<R>(R);

impl<R> Check<R> for Form<R> {
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        let values = read(self.0, Taken::InOrder, at)?;
        Ok(Trace { values }.into())
    }
}

/// These values, once, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The values, each >= 0.
    pub values: Arc<[f64]>,
}

impl Distribution for Trace {
    fn parameters(&self) -> Parameters<'_> {
        vec![("values", Recorded(&self.values))]
    }

    fn moments(&self) -> [f64; 3] {
        sample_moments(&self.values)
    }

    fn cdf(&self, x: f64) -> f64 {
        sample_cdf(&self.values, x)
    }

    fn laplace(&self, _: f64) -> f64 {
        f64::NAN
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

    fn left(&self, drawn: usize) -> usize {
        self.values.len() - drawn
    }

    #[inline(always)]
    fn fill(&self, drawn: usize, _: &mut Stream, block: &mut [f64]) {
        for (value, &given) in block.iter_mut().zip(&self.values[drawn..]) {
            *value = positive_zero(given);
        }
    }
}
