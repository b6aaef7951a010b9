//! The constant law.

use super::*;

/// Always the same value.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Constant {
    /// The value it always has.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub value: f64,
}

impl<R> Check<R> for Constant {
    fn check(self, _: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let value = positive_zero(self.value);
        Ok(Constant { value }.into())
    }
}

impl Distribution for Constant {
    fn parameters(&self) -> Parameters<'_> {
        vec![("value", Number(self.value))]
    }

    fn moments(&self) -> [f64; 3] {
        [self.value, 0.0, self.value.powi(3)]
    }

    fn cdf(&self, x: f64) -> f64 {
        at_once(self.value, x)
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(-s * self.value)
    }

    fn support(&self) -> (f64, f64) {
        (self.value, self.value)
    }

    fn ceiling(&self) -> f64 {
        self.value
    }

    fn is_whole(&self) -> bool {
        self.value.fract() == 0.0
    }

    #[inline(always)]
    fn fill(&self, _: usize, _: &mut Stream, block: &mut [f64]) {
        block.fill(positive_zero(self.value));
    }
}
