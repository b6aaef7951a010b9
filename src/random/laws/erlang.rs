//! The Erlang law: a sum of exponentials, drawn as minus the logarithm of a product of uniforms.

use super::gamma::Rejection;
use super::*;

/// The maximum number of uniforms whose product stays a normal number: at least 2^(-53 * 16).
const FACTORS: u32 = 16;

/// The number of exponentials above which an Erlang law is drawn as a gamma law.
const GREATEST_SUM: u32 = 64;

/// The sum of `k` exponentials, with this mean in all.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Erlang {
    /// The number of exponentials, all of one mean.
    #[schemars(range(min = 1, max = 100_000))]
    pub k: u32,
    /// The mean of the sum.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    pub mean: f64,
}

always_sound!(Erlang);

impl Distribution for Erlang {
    fn parameters(&self) -> Parameters<'_> {
        vec![("k", Whole(self.k.into())), ("mean", Number(self.mean))]
    }

    fn moments(&self) -> [f64; 3] {
        let (mean, k) = (self.mean, f64::from(self.k));
        [mean, mean * mean / k, gamma_third_moment(mean, 1.0 / k)]
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_cdf(self.mean, 1.0 / f64::from(self.k), x)
    }

    fn laplace(&self, s: f64) -> f64 {
        gamma_laplace(self.mean, 1.0 / f64::from(self.k), s)
    }

    fn ceiling(&self) -> f64 {
        self.mean / f64::from(self.k) * LONGEST_TAIL * f64::from(self.k)
    }

    fn is_exponential(&self) -> bool {
        self.k == 1
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let (k, mean) = (self.k, self.mean / f64::from(self.k));
        if k > GREATEST_SUM {
            let rejection = Rejection::new(self.mean, 1.0 / f64::from(k).sqrt());
            return one_by_one(block, || rejection.draw(stream));
        }
        if k <= FACTORS {
            one_by_one(block, || product(stream, k));
            return scaled_negative_ln(block, mean);
        }
        one_by_one(block, || {
            let mut sum = 0.0;
            for start in (0..k).step_by(FACTORS as usize) {
                sum -= ln(product(stream, FACTORS.min(k - start)));
            }
            sum * mean
        });
    }
}

/// The product of `factors` uniforms, at most [`FACTORS`].
#[inline(always)]
fn product(stream: &mut Stream, factors: u32) -> f64 {
    (0..factors).fold(1.0, |product, _| product * stream.open())
}
