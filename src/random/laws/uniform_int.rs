//! The uniform law on whole numbers.

use super::*;

/// Any whole number from `low` to `high`, both included.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct UniformInt {
    /// The least.
    pub low: u64,
    /// The greatest.
    pub high: u64,
}

impl<R> Check<R> for UniformInt {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        rising(&[("low", self.low as f64), ("high", self.high as f64)], at)?;
        Ok(self.into())
    }
}

impl UniformInt {
    /// The count of numbers from `low` to `high`.
    fn count(&self) -> f64 {
        (self.high - self.low) as f64 + 1.0
    }
}

impl Distribution for UniformInt {
    fn parameters(&self) -> Parameters<'_> {
        vec![("low", Whole(self.low)), ("high", Whole(self.high))]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = 0.5 * (self.low as f64 + self.high as f64);
        let variance = (self.count() * self.count() - 1.0) / 12.0;
        [mean, variance, third_about_zero(mean, variance, 0.0)]
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x.floor() - self.low as f64 + 1.0) / self.count()).clamp(0.0, 1.0)
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(-s * self.low as f64) * decay(s * self.count()) / decay(s)
    }

    fn support(&self) -> (f64, f64) {
        (self.low as f64, self.high as f64)
    }

    fn ceiling(&self) -> f64 {
        count(self.high as f64)
    }

    fn is_whole(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let (low, count) = (self.low, self.high - self.low + 1);
        one_by_one(block, || (low + stream.below(count)) as f64);
    }
}
