//! A law with a constant added.

use super::*;

/// The values of `law`, with `by` added to each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Form<R> {
    /// The constant added; below 0 where the law's values allow it.
    #[schemars(extend("x-quantity" = "duration"))]
    by: f64,
    /// The law.
    law: Box<super::Form<R>>,
}

impl<R> Check<R> for Form<R> {
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        let by = positive_zero(self.by);
        let law = self.law.check(&at.key("law"), read)?;
        let (least, _) = law.support();
        if least + by < 0.0 {
            let path = at.key("by");
            let message =
                format!("`{path}` is {by}, but `{at}.law` can give values down to {least}");
            return Err(Problem::value(&path, message)
                .also(at.key("law"))
                .help(format!(
                    "no value may be negative: `by` must be at least {}",
                    -least
                )));
        }
        // A recorded law stays recorded, and a constant one constant.
        Ok(match law {
            Law::Constant(Constant { value }) => Constant { value: value + by }.into(),
            Law::Trace(Trace { values, repeat }) => {
                let values = Arc::new(values.iter().map(|value| value + by).collect());
                Trace { values, repeat }.into()
            }
            law => Shifted {
                by,
                law: law.into(),
            }
            .into(),
        })
    }
}

/// A law with a constant added.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifted {
    /// The constant added; with it no value is negative.
    pub by: f64,
    /// The law, which is not a trace.
    pub law: Box<Law>,
}

impl Distribution for Shifted {
    fn parameters(&self) -> Parameters<'_> {
        vec![("by", Number(self.by)), ("law", Inner(&self.law))]
    }

    fn moments(&self) -> [f64; 3] {
        let (by, [mean, variance, third]) = (self.by, self.law.distribution().moments());
        let second = variance + mean * mean;
        let moved = third + 3.0 * by * second + 3.0 * by * by * mean + by.powi(3);
        [
            mean + by,
            variance,
            if third.is_finite() { moved } else { third },
        ]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.law.cdf(x - self.by)
    }

    fn laplace(&self, s: f64) -> f64 {
        libm::exp(-s * self.by) * self.law.laplace(s).unwrap_or(f64::NAN)
    }

    fn support(&self) -> (f64, f64) {
        let (least, greatest) = self.law.support();
        (least + self.by, greatest + self.by)
    }

    fn ceiling(&self) -> f64 {
        (self.law.ceiling() + self.by).max(0.0)
    }

    fn is_whole(&self) -> bool {
        self.by.fract() == 0.0 && self.law.is_whole()
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        self.law.draw(stream, block);
        // If `by` subtracts the smallest value, rounding must not leave a negative one.
        each(block, |x| (x + self.by).max(0.0));
    }
}
