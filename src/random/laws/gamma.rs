//! The gamma law, drawn by rejection (Marsaglia and Tsang, ACM TOMS 26, 2000).
//!
//! The sampler of `rand_distr` is not used: its values pass through the platform's `exp`, `ln` and `pow`, whose
//! last bits differ between C libraries, processors and sets of crate features.

use super::*;

/// Gamma with this mean and cv = sd / mean.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Gamma {
    /// The mean.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    pub mean: f64,
    /// The coefficient of variation (sd / mean); the shape is 1 / cv^2.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
    pub cv: f64,
}

always_sound!(Gamma);

impl Gamma {
    /// Whether the coefficient of variation is too small to compute a shape.
    fn is_constant(&self) -> bool {
        self.cv * self.cv < f64::MIN_POSITIVE
    }
}

impl Distribution for Gamma {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean)), ("cv", Number(self.cv))]
    }

    fn moments(&self) -> [f64; 3] {
        let &Gamma { mean, cv } = self;
        let third = gamma_third_moment(mean, cv * cv);
        [mean, mean * cv * (mean * cv), third]
    }

    fn cdf(&self, x: f64) -> f64 {
        if self.is_constant() {
            return at_once(self.mean, x);
        }
        gamma_cdf(self.mean, self.cv * self.cv, x)
    }

    fn laplace(&self, s: f64) -> f64 {
        gamma_laplace(self.mean, self.cv * self.cv, s)
    }

    fn ceiling(&self) -> f64 {
        if self.is_constant() {
            return self.mean;
        }
        Rejection::new(self.mean, self.cv).ceiling()
    }

    fn is_exponential(&self) -> bool {
        self.cv == 1.0
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        if self.is_constant() {
            return block.fill(self.mean);
        }
        let rejection = Rejection::new(self.mean, self.cv);
        one_by_one(block, || rejection.draw(stream));
    }
}

/// The constants of the rejection method.
pub(super) struct Rejection {
    d: f64,
    c: f64,
    scale: f64,
    /// 1 / shape if the shape is below one: then a value of shape + 1 is multiplied by u^(1/shape).
    boost: Option<f64>,
}

impl Rejection {
    /// The constants for this mean and coefficient of variation, both positive.
    pub(super) fn new(mean: f64, cv: f64) -> Rejection {
        let shape = 1.0 / (cv * cv);
        let (effective, boost) = if shape < 1.0 {
            (shape + 1.0, Some(cv * cv))
        } else {
            (shape, None)
        };
        let d = effective - 1.0 / 3.0;
        Rejection {
            d,
            c: 1.0 / (9.0 * d).sqrt(),
            scale: mean * cv * cv,
            boost,
        }
    }

    /// The next value.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let unscaled = loop {
            let x = standard_normal::quantile(stream.open());
            let root = 1.0 + self.c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = stream.open();
            let square = x * x;
            if u < 1.0 - 0.0331 * square * square
                || ln(u) < 0.5 * square + self.d * (1.0 - v + ln(v))
            {
                break self.d * v;
            }
        };
        let value = unscaled * self.scale;
        match self.boost {
            Some(boost) => value * power::exp(boost * ln(stream.open())),
            None => value,
        }
    }

    /// A bound that no value exceeds: the normal variable stays below 8.3.
    pub(super) fn ceiling(&self) -> f64 {
        let root = 1.0 + 8.3 * self.c;
        self.d * root * root * root * self.scale
    }
}
