//! The geometric law on 1, 2, ...: trials up to the first success, drawn by inversion.

use super::*;

/// Geometric on 1, 2, ...
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Geometric {
    /// The mean; a trial succeeds with probability 1 / mean.
    #[schemars(range(min = 1.0, max = 1e12))]
    pub mean: f64,
}

always_sound!(Geometric);

impl Geometric {
    /// The logarithm of the probability that a trial fails.
    fn failure(&self) -> f64 {
        libm::log1p(-1.0 / self.mean)
    }
}

impl Distribution for Geometric {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean))]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = self.mean;
        let variance = mean * (mean - 1.0);
        let third = third_about_zero(mean, variance, variance * (2.0 * mean - 1.0));
        [mean, variance, third]
    }

    fn cdf(&self, x: f64) -> f64 {
        if self.mean <= 1.0 {
            return at_once(1.0, x);
        }
        -libm::expm1(x.floor() * self.failure())
    }

    fn laplace(&self, s: f64) -> f64 {
        let below_one = libm::expm1(-s);
        (1.0 + below_one) / (1.0 - (self.mean - 1.0) * below_one)
    }

    fn support(&self) -> (f64, f64) {
        (1.0, f64::INFINITY)
    }

    fn ceiling(&self) -> f64 {
        count(1.0 + LONGEST_TAIL * self.mean)
    }

    fn is_whole(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        if self.mean <= 1.0 {
            return block.fill(1.0);
        }
        let inverse = 1.0 / self.failure();
        stream.fill_open(block);
        each(block, |u| (ln(u) * inverse).ceil().max(1.0));
    }
}
