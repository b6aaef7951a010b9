//! The binomial law, drawn by `rand_distr`: its results there are whole numbers, so that the last bits of the
//! platform's logarithm cannot show.

use super::*;
use rand_distr::Distribution as _;
use statrs::function::beta::beta_reg;

/// The number of successes in `n` independent trials, each with probability `p`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Binomial {
    /// The number of trials.
    #[schemars(range(max = 1_000_000_000_000_u64))]
    pub n: u64,
    /// The probability that one succeeds.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p: f64,
}

impl<R> Check<R> for Binomial {
    fn check(self, _: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let (n, p) = (self.n, positive_zero(self.p));
        Ok(Binomial { n, p }.into())
    }
}

impl Distribution for Binomial {
    fn parameters(&self) -> Parameters<'_> {
        vec![("n", Whole(self.n)), ("p", Number(self.p))]
    }

    fn moments(&self) -> [f64; 3] {
        let (mean, p) = (self.n as f64 * self.p, self.p);
        let variance = mean * (1.0 - p);
        let third = third_about_zero(mean, variance, variance * (1.0 - 2.0 * p));
        [mean, variance, third]
    }

    fn cdf(&self, x: f64) -> f64 {
        let (n, p, k) = (self.n as f64, self.p, x.floor());
        if k >= n || p == 0.0 {
            return 1.0;
        } else if p == 1.0 {
            return 0.0;
        }
        let variance = n * p * (1.0 - p);
        let shape = [
            (1.0 - 2.0 * p) / variance.sqrt(),
            (1.0 - 6.0 * p * (1.0 - p)) / variance,
        ];
        great_count_cdf(n * p, variance, shape, k)
            .unwrap_or_else(|| beta_reg(n - k, k + 1.0, 1.0 - p))
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(self.n as f64 * libm::log1p(self.p * libm::expm1(-s)))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, self.n as f64)
    }

    fn ceiling(&self) -> f64 {
        count(self.n as f64)
    }

    fn is_whole(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        match rand_distr::Binomial::new(self.n, self.p) {
            Ok(binomial) => one_by_one(block, || binomial.sample(stream) as f64),
            Err(_) => block.fill(0.0),
        }
    }
}
