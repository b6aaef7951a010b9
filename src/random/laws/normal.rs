//! The normal law, redrawn until it is not negative. This is the normal law conditional on not being negative, and
//! is drawn by inversion.

use super::*;
use libm::exp;
use std::f64::consts::PI;

/// Normal, redrawn until it is not negative.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Normal {
    /// The mean before redrawing.
    #[schemars(extend("x-quantity" = "duration"))]
    pub mean: f64,
    /// The standard deviation before redrawing.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub sd: f64,
}

impl<R> Check<R> for Normal {
    fn check(self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let Normal { mean, sd } = self;
        // At 3 standard deviations below zero one draw in 740 is not negative; beyond, the formulas lose their
        // digits.
        if mean < -3.0 * sd || (sd == 0.0 && mean < 0.0) {
            let message =
                format!("`{at}` has mean {mean} and sd {sd}: it is hardly ever 0 or more");
            return Err(Problem::value(&at.key("mean"), message)
                .also(at.key("sd"))
                .help("the mean must be at least -3 sd, since values are redrawn until >= 0"));
        }
        let [mean, sd] = [mean, sd].map(positive_zero);
        Ok(Normal { mean, sd }.into())
    }
}

impl Normal {
    /// The probability of 0 or more before redrawing.
    fn mass(&self) -> f64 {
        standard_normal::cdf(self.mean / self.sd)
    }
}

impl Distribution for Normal {
    fn parameters(&self) -> Parameters<'_> {
        vec![("mean", Number(self.mean)), ("sd", Number(self.sd))]
    }

    /// With h = phi(mean / sd) / Phi(mean / sd): E X = mean + sd h and, by parts, E X^(n+1) = mean E X^n + n sd^2 E
    /// X^(n-1). Differences cancel if the mean is many standard deviations below zero; at ten of them nine digits
    /// are left.
    fn moments(&self) -> [f64; 3] {
        let &Normal { mean, sd } = self;
        if sd == 0.0 {
            return [mean, 0.0, mean.powi(3)];
        }
        let a = mean / sd;
        let density = exp(-0.5 * a * a) / (2.0 * PI).sqrt();
        let first = mean + sd * density / self.mass();
        let second = mean * first + sd * sd;
        let third = mean * second + 2.0 * sd * sd * first;
        [first, second - first * first, third].map(|moment| moment.max(0.0))
    }

    fn cdf(&self, x: f64) -> f64 {
        let &Normal { mean, sd } = self;
        if sd == 0.0 {
            return at_once(mean, x);
        }
        1.0 - standard_normal::cdf((mean - x) / sd) / self.mass()
    }

    fn laplace(&self, s: f64) -> f64 {
        let &Normal { mean, sd } = self;
        if sd == 0.0 {
            return exp(-s * mean);
        }
        let weight = |x: f64| exp(-0.5 * (x - mean) / sd * ((x - mean) / sd) - s * x);
        let middle = mean.max(0.0);
        let integral = over_interval((mean - 12.0 * sd).max(0.0), middle, weight)
            + over_interval(middle, middle + 12.0 * sd, weight);
        integral / (sd * (2.0 * PI).sqrt() * self.mass())
    }

    fn ceiling(&self) -> f64 {
        let &Normal { mean, sd } = self;
        if sd == 0.0 {
            mean
        } else if self.mass() < 1e-280 {
            f64::INFINITY
        } else {
            mean - sd * standard_normal::quantile(self.mass() * 2f64.powi(-53))
        }
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let &Normal { mean, sd } = self;
        if sd == 0.0 {
            return block.fill(mean);
        }
        let mass = self.mass();
        stream.fill_open(block);
        // A uniform number is the probability of a greater value.
        each(block, |u| u * mass);
        standard_normal::quantiles(block);
        each(block, |z| (mean - sd * z).max(0.0));
    }
}
