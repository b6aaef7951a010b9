//! The Weibull law, drawn by inversion.

use super::*;
use libm::{exp, tgamma};

/// Weibull: P(X > x) = exp(-(x / scale)^shape).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Weibull {
    /// The shape; 1 is exponential.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub shape: f64,
    /// The scale.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    pub scale: f64,
}

always_sound!(Weibull);

impl Distribution for Weibull {
    fn parameters(&self) -> Parameters<'_> {
        vec![("shape", Number(self.shape)), ("scale", Number(self.scale))]
    }

    fn moments(&self) -> [f64; 3] {
        let &Weibull { shape, scale } = self;
        let gammas = [1.0, 2.0, 3.0].map(|k| tgamma(1.0 + k / shape));
        if gammas[2] == f64::INFINITY {
            // The scale may be small enough for finite moments.
            let moment = |k: f64| exp(k * libm::log(scale) + libm::lgamma(1.0 + k / shape));
            let [first, second, third] = [1.0, 2.0, 3.0].map(moment);
            let variance = if second == f64::INFINITY {
                second
            } else {
                second - first * first
            };
            return [first, variance, third];
        }
        let [first, second, third] = gammas;
        let variance = scale * scale * (second - first * first);
        [scale * first, variance, scale.powi(3) * third]
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-libm::pow(x / self.scale, self.shape))
    }

    /// The transform of an exponential variable e^t, whose density in t is exp(t - e^t).
    fn laplace(&self, s: f64) -> f64 {
        let &Weibull { shape, scale } = self;
        over_axis(-45.0, 4.5, |t| exp(t - exp(t) - s * scale * exp(t / shape)))
    }

    fn ceiling(&self) -> f64 {
        scaled_power(self.scale, libm::log(LONGEST_TAIL) / self.shape)
    }

    fn is_exponential(&self) -> bool {
        self.shape == 1.0
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let (scale, exponent) = (self.scale, 1.0 / self.shape);
        stream.fill_open(block);
        scaled_negative_ln(block, 1.0);
        each(block, |x| scale * power::exp(exponent * ln(x)));
    }
}
