//! The triangular law, drawn by inversion.

use super::*;
use libm::exp;

/// Triangular from `low` to `high` with its peak at `mode`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Triangular {
    /// The lower end.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub low: f64,
    /// The value at which the density peaks, from `low` to `high`.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub mode: f64,
    /// The upper end.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub high: f64,
}

impl<R> Check<R> for Triangular {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let Triangular { low, mode, high } = self;
        rising(&[("low", low), ("mode", mode), ("high", high)], at)?;
        let [low, mode] = [low, mode].map(positive_zero);
        Ok(if low == high {
            Constant { value: low }.into()
        } else {
            Triangular { low, mode, high }.into()
        })
    }
}

impl Distribution for Triangular {
    fn parameters(&self) -> Parameters<'_> {
        let &Triangular { low, mode, high } = self;
        vec![
            ("low", Number(low)),
            ("mode", Number(mode)),
            ("high", Number(high)),
        ]
    }

    fn moments(&self) -> [f64; 3] {
        let &Triangular {
            low: a,
            mode: b,
            high: c,
        } = self;
        let (rise, span) = (b - a, c - a);
        let variance = (span * span - rise * (span - rise)) / 18.0;
        let third = ((a * a + b * b + c * c) * (a + b + c) + a * b * c) / 10.0;
        [(a + b + c) / 3.0, variance, third]
    }

    fn cdf(&self, x: f64) -> f64 {
        let &Triangular { low, mode, high } = self;
        if x < low {
            0.0
        } else if x >= high {
            1.0
        } else if x < mode {
            (x - low) / (high - low) * ((x - low) / (mode - low))
        } else {
            1.0 - (high - x) / (high - low) * ((high - x) / (high - mode))
        }
    }

    fn laplace(&self, s: f64) -> f64 {
        let &Triangular { low, mode, high } = self;
        if low == high {
            return exp(-s * low);
        }
        let side = |from: f64, to: f64, foot: f64| {
            let slope = 2.0 / (high - low) / (to - from);
            over_interval(from, to, |x| slope * (x - foot).abs() * exp(-s * x))
        };
        side(low, mode, low) + side(mode, high, high)
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn ceiling(&self) -> f64 {
        self.high
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let &Triangular { low, mode, high } = self;
        if low == high {
            return block.fill(low);
        }
        let span = high - low;
        // The probability of a value below the mode.
        let left = (mode - low) / span;
        stream.fill_open(block);
        each(block, |u| {
            let rising = u < left;
            let share = if rising {
                u * left
            } else {
                (1.0 - u) * (1.0 - left)
            };
            let distance = span * share.sqrt();
            if rising {
                low + distance
            } else {
                (high - distance).max(low)
            }
        });
    }
}
