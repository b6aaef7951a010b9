//! The lognormal law, drawn by inversion.

use super::*;
use libm::{exp, log1p};

/// Lognormal with the variable's own mean and cv = sd / mean.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Lognormal {
    /// The mean of the variable itself, not of its logarithm.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    pub mean: f64,
    /// The coefficient of variation (sd / mean) of the variable itself.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub cv: f64,
}

always_sound!(Lognormal);

impl Lognormal {
    fn median(&self) -> f64 {
        self.mean / (1.0 + self.cv * self.cv).sqrt()
    }

    /// The standard deviation of the logarithm.
    fn sigma(&self) -> f64 {
        log1p(self.cv * self.cv).sqrt()
    }
}

impl Distribution for Lognormal {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean)), ("cv", Number(self.cv))]
    }

    fn moments(&self) -> [f64; 3] {
        let &Lognormal { mean, cv } = self;
        let third = (mean * (1.0 + cv * cv)).powi(3);
        [mean, mean * cv * (mean * cv), third]
    }

    fn cdf(&self, x: f64) -> f64 {
        let variance = log1p(self.cv * self.cv);
        if variance == 0.0 {
            return at_once(self.mean, x);
        }
        standard_normal::cdf((libm::log(x / self.mean) + 0.5 * variance) / variance.sqrt())
    }

    fn laplace(&self, s: f64) -> f64 {
        let (median, sigma) = (self.median(), self.sigma());
        let scale = 1.0 / (2.0 * std::f64::consts::PI).sqrt();
        over_axis(-12.0, 12.0, |z| {
            scale * exp(-0.5 * z * z - s * median * exp(sigma * z))
        })
    }

    fn ceiling(&self) -> f64 {
        scaled_power(self.median(), 8.3 * self.sigma())
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        if self.cv == 0.0 {
            return block.fill(self.mean);
        }
        let (median, sigma) = (self.median(), self.sigma());
        stream.fill_open(block);
        standard_normal::quantiles(block);
        each(block, |z| median * power::exp(sigma * z));
    }
}
