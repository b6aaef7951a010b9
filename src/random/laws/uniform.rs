//! The uniform law, drawn by inversion.

use super::*;

/// Uniform between `low` and `high`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Uniform {
    /// The lower end.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub low: f64,
    /// The upper end, which is not drawn unless it is the lower one.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub high: f64,
}

impl<R> Check<R> for Uniform {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        rising(&[("low", self.low), ("high", self.high)], at)?;
        let [low, high] = [self.low, self.high].map(positive_zero);
        Ok(Uniform { low, high }.into())
    }
}

impl Distribution for Uniform {
    fn parameters(&self) -> Parameters<'_> {
        vec![("low", Number(self.low)), ("high", Number(self.high))]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = 0.5 * (self.low + self.high);
        let variance = (self.high - self.low) * (self.high - self.low) / 12.0;
        [mean, variance, third_about_zero(mean, variance, 0.0)]
    }

    fn cdf(&self, x: f64) -> f64 {
        let &Uniform { low, high } = self;
        if low == high {
            return at_once(low, x);
        }
        ((x - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(-s * self.low) * decay(s * (self.high - self.low))
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn ceiling(&self) -> f64 {
        self.high
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let &Uniform { low, high } = self;
        if low == high {
            return block.fill(low);
        }
        let (span, greatest) = (high - low, high.next_down());
        stream.fill_open(block);
        each(block, |u| (low + span * u).min(greatest));
    }
}
