//! The Pareto law, drawn by inversion.

use super::*;
use libm::exp;

/// Pareto, from `scale` upward: P(X > x) = (scale / x)^shape.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Pareto {
    /// The least value.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    pub scale: f64,
    /// The shape; the k-th moment exists below it.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub shape: f64,
}

always_sound!(Pareto);

impl Distribution for Pareto {
    fn parameters(&self) -> Parameters<'_> {
        vec![("scale", Number(self.scale)), ("shape", Number(self.shape))]
    }

    fn moments(&self) -> [f64; 3] {
        let &Pareto { scale, shape } = self;
        let below = scale / (shape - 1.0);
        let variance = below * below * shape / (shape - 2.0);
        let moment = |k: f64| shape / (shape - k) * scale.powf(k);
        // A moment of an order up to the shape does not exist.
        [(1.0, moment(1.0)), (2.0, variance), (3.0, moment(3.0))].map(|(order, value)| {
            if shape > order { value } else { f64::INFINITY }
        })
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.scale {
            return 0.0;
        }
        1.0 - libm::pow(self.scale / x, self.shape)
    }

    fn laplace(&self, s: f64) -> f64 {
        let &Pareto { scale, shape } = self;
        over_axis(-45.0, 4.5, |t| {
            exp(t - exp(t) - s * scale * exp(exp(t) / shape))
        })
    }

    fn support(&self) -> (f64, f64) {
        (self.scale, f64::INFINITY)
    }

    fn ceiling(&self) -> f64 {
        scaled_power(self.scale, LONGEST_TAIL / self.shape)
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let (scale, exponent) = (self.scale, 1.0 / self.shape);
        stream.fill_open(block);
        each(block, |u| scale * power::exp(exponent * (0.0 - ln(u))));
    }
}
