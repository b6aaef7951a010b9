//! Gamma variables by rejection (Marsaglia and Tsang, ACM TOMS 26, 2000).
//!
//! Not the one of `rand_distr`: its values pass through the platform's `exp`, `ln` and `pow`, whose
//! last bits differ from one C library, processor and set of crate features to the next.

use super::{Stream, logarithm::ln, normal, power::exp};

/// The prepared constants of one gamma law.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gamma {
    d: f64,
    c: f64,
    scale: f64,
    /// 1 / shape where the shape is below one: there a value of shape + 1 is shrunk by u^(1/shape).
    boost: Option<f64>,
}

impl Gamma {
    /// With this mean and coefficient of variation, both positive.
    pub(super) fn new(mean: f64, cv: f64) -> Gamma {
        let shape = 1.0 / (cv * cv);
        let (effective, boost) = if shape < 1.0 {
            (shape + 1.0, Some(cv * cv))
        } else {
            (shape, None)
        };
        let d = effective - 1.0 / 3.0;
        Gamma {
            d,
            c: 1.0 / (9.0 * d).sqrt(),
            scale: mean * cv * cv,
            boost,
        }
    }

    /// The next value.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let unscaled = loop {
            let x = normal::quantile(stream.open());
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
            Some(power) => value * exp(power * ln(stream.open())),
            None => value,
        }
    }

    /// No value is greater: the normal variable stays below 8.3.
    pub(super) fn ceiling(&self) -> f64 {
        let root = 1.0 + 8.3 * self.c;
        self.d * root * root * root * self.scale
    }
}
