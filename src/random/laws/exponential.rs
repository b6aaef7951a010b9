//! The exponential law, drawn by inversion.

use super::*;

/// Exponential; exactly one of `mean` and `rate`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Form {
    /// The mean.
    #[schemars(extend("x-quantity" = "duration", "exclusiveMinimum" = 0.0))]
    mean: Option<f64>,
    /// One divided by the mean.
    #[schemars(extend("x-quantity" = "rate", "exclusiveMinimum" = 0.0))]
    rate: Option<f64>,
}

impl<R> Check<R> for Form {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let mean = match (self.mean, self.rate) {
            (Some(mean), None) => mean,
            (None, Some(rate)) => 1.0 / rate,
            (None, None) => {
                return Err(Problem::value(at, format!("missing key in `{at}`"))
                    .help("exactly one of `mean` and `rate` is needed"));
            }
            (Some(_), Some(_)) => {
                let message = format!("`{at}` has both `mean` and `rate`");
                return Err(Problem::key(&at.key("rate"), message).also(at.key("mean")).help(format!(
                    "exactly one of them is allowed; an option replaces both by `--set '{at}={{ rate = 0.9 }}'`"
                )));
            }
        };
        Ok(Exponential { mean }.into())
    }
}

/// The exponential law.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponential {
    /// Mean, >= 0.
    pub mean: f64,
}

impl Distribution for Exponential {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean))]
    }

    fn moments(&self) -> [f64; 3] {
        [self.mean, self.mean * self.mean, 6.0 * self.mean.powi(3)]
    }

    fn cdf(&self, x: f64) -> f64 {
        exponential_cdf(self.mean, x)
    }

    fn laplace(&self, s: f64) -> f64 {
        exponential_laplace(self.mean, s)
    }

    fn ceiling(&self) -> f64 {
        self.mean * LONGEST_TAIL
    }

    fn is_exponential(&self) -> bool {
        true
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        stream.fill_open(block);
        scaled_negative_ln(block, self.mean);
    }
}
