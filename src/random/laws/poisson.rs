//! The Poisson law, drawn by `rand_distr`: its results there are whole numbers, so that the last bits of the
//! platform's logarithm cannot show.

use super::*;
use rand_distr::Distribution as _;

/// Poisson.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Poisson {
    /// The mean.
    #[schemars(range(min = 0.0, max = 1e12))]
    pub mean: f64,
}

impl<R> Check<R> for Poisson {
    fn check(self, _: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        Ok(if self.mean == 0.0 {
            Constant { value: 0.0 }.into()
        } else {
            self.into()
        })
    }
}

impl Distribution for Poisson {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean))]
    }

    fn moments(&self) -> [f64; 3] {
        let mean = self.mean;
        [mean, mean, third_about_zero(mean, mean, mean)]
    }

    fn cdf(&self, x: f64) -> f64 {
        poisson_cdf(self.mean, x)
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(self.mean * libm::expm1(-s))
    }

    fn ceiling(&self) -> f64 {
        count(poisson_ceiling(self.mean))
    }

    fn is_whole(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        match rand_distr::Poisson::new(self.mean) {
            Ok(poisson) => one_by_one(block, || poisson.sample(stream)),
            Err(_) => block.fill(0.0),
        }
    }
}
