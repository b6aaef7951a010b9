//! Recorded values in order, each used once, or from the first again after the last. Its moments and distribution
//! function are those of the values taken as a sample, divided by n; it follows no law, so it has no transform.

use super::*;

/// These values in order: a column of a file, or a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("additionalProperties" = false))]
pub struct Form<R> {
    #[serde(flatten)]
    values: R,
    /// Whether the first value comes again after the last; default false: each is used once.
    #[serde(default)]
    repeat: bool,
}

impl<R> Check<R> for Form<R> {
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        let taken = match self.repeat {
            true => Taken::Repeatedly,
            false => Taken::InOrder,
        };
        Ok(Trace {
            values: read(self.values, taken, at)?,
            repeat: self.repeat,
        }
        .into())
    }
}

/// These values in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The values, at least one, each >= 0.
    pub values: Arc<Vec<f64>>,
    /// Whether the first comes again after the last.
    pub repeat: bool,
}

impl Trace {
    /// Fills a block with the values after the first `drawn`.
    ///
    /// # Panics
    /// If there are too few values.
    #[inline(always)]
    pub(in crate::random) fn from(&self, drawn: usize, block: &mut [f64]) {
        let count = self.values.len();
        let (mut at, mut filled) = (drawn, 0);
        if self.repeat {
            at %= count;
        }
        while filled < block.len() {
            let now = (block.len() - filled).min(count.saturating_sub(at));
            assert!(
                now > 0,
                "the recording has no value {}",
                drawn + block.len()
            );
            for (value, &given) in block[filled..].iter_mut().zip(&self.values[at..at + now]) {
                *value = positive_zero(given);
            }
            filled += now;
            at = if self.repeat { 0 } else { at + now };
        }
    }
}

impl Distribution for Trace {
    fn parameters(&self) -> Parameters<'_> {
        let mut parameters = vec![("values", Recorded(&self.values))];
        if self.repeat {
            parameters.push(("repeat", Truth(true)));
        }
        parameters
    }

    fn moments(&self) -> [f64; 3] {
        sample_moments(&self.values)
    }

    fn cdf(&self, x: f64) -> f64 {
        sample_cdf(&self.values, x)
    }

    fn laplace(&self, _: f64) -> f64 {
        f64::NAN
    }

    fn support(&self) -> (f64, f64) {
        extremes(&self.values)
    }

    fn ceiling(&self) -> f64 {
        extremes(&self.values).1
    }

    fn is_whole(&self) -> bool {
        self.values.iter().all(|value| value.fract() == 0.0)
    }

    fn left(&self, drawn: usize) -> usize {
        match self.repeat {
            true => usize::MAX,
            false => self.values.len() - drawn,
        }
    }

    #[inline(always)]
    fn fill(&self, drawn: usize, _: &mut Stream, block: &mut [f64]) {
        self.from(drawn, block);
    }
}
