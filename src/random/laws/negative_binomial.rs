//! The negative binomial law on 0, 1, ...: Poisson with a gamma-distributed mean, and drawn as such.

use super::gamma::Rejection;
use super::*;
use rand_distr::Distribution as _;
use statrs::function::beta::beta_reg;

/// Negative binomial on 0, 1, ...
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct NegativeBinomial {
    /// The mean.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1e12))]
    pub mean: f64,
    /// The coefficient of variation (sd / mean), with cv^2 mean >= 1; equality is Poisson.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
    pub cv: f64,
}

impl<R> Check<R> for NegativeBinomial {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let NegativeBinomial { mean, cv } = self;
        if cv * cv * mean < 1.0 {
            let path = at.key("cv");
            let least = 1.0 / mean.sqrt();
            let message = format!("`{path}` is {cv}, but must be at least {least}");
            return Err(Problem::value(&path, message).also(at.key("mean")).help(
                "a negative binomial varies no less than a poisson, whose cv is 1 / sqrt(mean)",
            ));
        }
        Ok(self.into())
    }
}

impl NegativeBinomial {
    /// The coefficient of variation of the gamma-distributed mean; none if the variance does not exceed a Poisson
    /// law's.
    fn excess_cv(&self) -> Option<f64> {
        let cv2 = self.cv * self.cv;
        let excess = cv2 - 1.0 / self.mean;
        (excess > 1e-12 * cv2).then(|| excess.sqrt())
    }

    /// The square of `excess_cv`, or zero.
    fn excess_cv2(&self) -> f64 {
        self.excess_cv().map_or(0.0, |cv| cv * cv)
    }
}

impl Distribution for NegativeBinomial {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean)), ("cv", Number(self.cv))]
    }

    fn moments(&self) -> [f64; 3] {
        let (mean, cv2) = (self.mean, self.excess_cv2());
        let third = gamma_third_moment(mean, cv2) + 3.0 * mean * mean * (1.0 + cv2) + mean;
        [mean, mean * self.cv * (mean * self.cv), third]
    }

    fn cdf(&self, x: f64) -> f64 {
        let (k, variance) = (x.floor(), self.mean * self.cv * (self.mean * self.cv));
        let cv2 = self.excess_cv2();
        let spread = 1.0 + self.mean * cv2;
        let shape = [
            (2.0 * spread - 1.0) / variance.sqrt(),
            6.0 * cv2 + 1.0 / variance,
        ];
        let great = great_count_cdf(self.mean, variance, shape, k);
        great.unwrap_or_else(|| match cv2 < 1e-10 {
            // The terms of the continued fraction lose their digits this close to a Poisson law.
            true => poisson_cdf(self.mean, x),
            false => beta_reg(1.0 / cv2, k + 1.0, 1.0 / spread),
        })
    }

    fn laplace(&self, s: f64) -> f64 {
        gamma_laplace(self.mean, self.excess_cv2(), -libm::expm1(-s))
    }

    fn ceiling(&self) -> f64 {
        let of_gamma = |cv| Rejection::new(self.mean, cv).ceiling();
        count(poisson_ceiling(
            self.excess_cv().map_or(self.mean, of_gamma),
        ))
    }

    fn is_whole(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, drawn: usize, stream: &mut Stream, block: &mut [f64]) {
        let Some(cv) = self.excess_cv() else {
            return Poisson { mean: self.mean }.fill(drawn, stream, block);
        };
        let rejection = Rejection::new(self.mean, cv);
        one_by_one(block, || {
            // A mean that underflows to 0 gives 0.
            let poisson = rand_distr::Poisson::new(rejection.draw(stream));
            poisson.map_or(0.0, |poisson| poisson.sample(stream))
        });
    }
}
