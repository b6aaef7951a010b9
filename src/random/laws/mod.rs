//! The probability laws that a scenario may name, a file each.
//!
//! A file contains everything about a law: its form in a scenario with the checks of its parameters, its moments,
//! distribution function, Laplace transform and bounds, and its sampler. Forms are here and not with the scenario's
//! other forms because they do not depend on files: the scenario reads recorded values (the parameter `R`), and an
//! error names the path of a key. A new law needs a new file and a line in the list below.

mod binomial;
mod constant;
mod discrete;
mod empirical;
mod erlang;
mod exponential;
mod formulas;
mod gamma;
mod geometric;
mod hyperexponential;
mod lognormal;
mod mixture;
mod negative_binomial;
mod normal;
mod pareto;
mod phase_type;
mod poisson;
mod shifted;
mod trace;
mod triangular;
mod uniform;
mod uniform_int;
mod weibull;

use super::blocks::{each, one_by_one, positive_zero};
use super::logarithm::{ln, scaled_negative_ln};
use super::{Stream, normal as standard_normal, power};
use crate::problem::{KeyPath, Problem};
use formulas::*;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

use Parameter::{Inner, Laws, Number, Numbers, Recorded, Rows, Truth, Whole};
pub(crate) use formulas::{GREATEST_COUNT, sums_to_one};

/// The parameters of a law as a scenario writes them, in order.
pub type Parameters<'a> = Vec<(&'static str, Parameter<'a>)>;

/// A parameter of a law, as a scenario writes it.
#[derive(Clone, Copy, Debug)]
pub enum Parameter<'a> {
    /// A number.
    Number(f64),
    /// A whole number.
    Whole(u64),
    /// A list of numbers.
    Numbers(&'a [f64]),
    /// A list of lists of numbers.
    Rows(&'a [Vec<f64>]),
    /// A law.
    Inner(&'a Law),
    /// A list of laws.
    Laws(&'a [Law]),
    /// Recorded values: a list, or the file they came from.
    Recorded(&'a Arc<Vec<f64>>),
    /// Yes or no.
    Truth(bool),
}

/// The way in which recorded values are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Drawn with replacement.
    AtRandom,
    /// Each once, in order.
    InOrder,
    /// In order, from the first again after the last.
    Repeatedly,
}

/// Reads recorded values, given the part of a form that names them and its path.
pub type Read<'a, R> = dyn FnMut(R, Taken, &KeyPath) -> Result<Arc<Vec<f64>>, Problem> + 'a;

/// The form of a law, with the checks that concern several parameters; ranges of single ones are in its schema.
trait Check<R> {
    /// The law, if the parameters are valid; `at` is the path of the form.
    fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem>;
}

/// Implements [`Check`] for laws whose only checks are the ranges of single parameters.
macro_rules! always_sound {
    ($law:ident) => {
        impl<R> Check<R> for $law {
            fn check(self, _: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
                Ok(self.into())
            }
        }
    };
}
use always_sound;

/// The properties of a law and its sampler. Formulas are valid for the parameters that its form accepts.
trait Distribution {
    /// The parameters as a scenario writes them, in order.
    fn parameters(&self) -> Parameters<'_>;

    /// Mean, variance, and third moment about zero.
    fn moments(&self) -> [f64; 3];

    /// P(X <= `x`), for `x` >= 0.
    fn cdf(&self, x: f64) -> f64;

    /// E exp(-`s` X), for `s` > 0.
    fn laplace(&self, s: f64) -> f64;

    /// A bound that no drawn value exceeds.
    fn ceiling(&self) -> f64;

    /// The minimum and maximum value, as far as they are known.
    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    /// Whether every value is a whole number.
    fn is_whole(&self) -> bool {
        false
    }

    /// Whether it is the exponential law, under any name.
    fn is_exponential(&self) -> bool {
        false
    }

    /// The number of values left after `drawn` values.
    fn left(&self, _drawn: usize) -> usize {
        usize::MAX
    }

    /// Fills a block with the values after the first `drawn`, given that the ceiling is finite. All functions it
    /// calls must be
    /// `#[inline(always)]` where speed matters: see [`lanes`](crate::lanes).
    fn fill(&self, drawn: usize, stream: &mut Stream, block: &mut [f64]);
}

macro_rules! laws {
    ($($law:ident($module:ident) from $form:ty,)*) => {
        $(pub use $module::$law;)*

        /// A probability law. In a checked scenario its parameters are within range.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Law {
            $(#[doc = concat!("The law `", stringify!($module), "`.")] $law($law),)*
        }

        impl Law {
            /// The law's name in a scenario file.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Law::$law(_) => stringify!($module),)*
                }
            }

            fn distribution(&self) -> &dyn Distribution {
                match self {
                    $(Law::$law(law) => law,)*
                }
            }

            /// Fills a block with the values after the first `drawn`, and returns their number.
            #[inline(always)]
            pub(super) fn fill(&self, drawn: usize, stream: &mut Stream, block: &mut [f64]) -> usize {
                match self {
                    $(Law::$law(law) => {
                        let got = block.len().min(law.left(drawn));
                        law.fill(drawn, stream, &mut block[..got]);
                        got
                    })*
                }
            }
        }

        $(impl From<$law> for Law {
            fn from(law: $law) -> Law {
                Law::$law(law)
            }
        })*

        /// A law of chance: a table whose single key names it.
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case", deny_unknown_fields)]
        #[schemars(rename = "Law")]
        pub enum Form<R> {
            $(#[doc(hidden)] $law($form),)*
        }

        impl<R> Check<R> for Form<R> {
            fn check(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
                match self {
                    $(Form::$law(form) => form.check(&at.key(stringify!($module)), read),)*
                }
            }
        }
    };
}

// Each law, its file, and its form.
laws! {
    Constant(constant) from Constant,
    Exponential(exponential) from exponential::Form,
    Uniform(uniform) from Uniform,
    Triangular(triangular) from Triangular,
    Normal(normal) from Normal,
    Lognormal(lognormal) from Lognormal,
    Gamma(gamma) from Gamma,
    Erlang(erlang) from Erlang,
    Weibull(weibull) from Weibull,
    Pareto(pareto) from Pareto,
    Hyperexponential(hyperexponential) from Hyperexponential,
    Empirical(empirical) from empirical::Form<R>,
    Trace(trace) from trace::Form<R>,
    Discrete(discrete) from Discrete,
    Mixture(mixture) from mixture::Form<R>,
    Shifted(shifted) from shifted::Form<R>,
    PhaseType(phase_type) from PhaseType,
    Poisson(poisson) from Poisson,
    UniformInt(uniform_int) from UniformInt,
    Binomial(binomial) from Binomial,
    Geometric(geometric) from Geometric,
    NegativeBinomial(negative_binomial) from NegativeBinomial,
}

impl<R> Form<R> {
    /// The law, if its parameters are valid; `at` is the path of the table that names it, and `read` reads recorded
    /// values.
    ///
    /// # Errors
    /// The first error in the parameters.
    pub fn law(self, at: &KeyPath, read: &mut Read<'_, R>) -> Result<Law, Problem> {
        self.check(at, read)
    }
}

impl Law {
    /// The mean; infinite for a Pareto law with shape <= 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.distribution().moments()[0]
    }

    /// The mean of the smaller of a value and `most` > 0, by quadrature to about 1 %; finite where the mean is not.
    #[must_use]
    pub fn mean_up_to(&self, most: f64) -> f64 {
        // The integral of P(X > x) up to `most`, over cells whose bounds grow by a constant factor.
        const CELLS: i32 = 2_000;
        const FACTOR: f64 = 0.98;
        let mut upper = most;
        let mut sum = 0.0;
        for _ in 0..CELLS {
            let lower = upper * FACTOR;
            sum += (upper - lower) * (1.0 - self.cdf((lower + upper) / 2.0));
            upper = lower;
        }
        sum + upper
    }

    /// The variance; infinite for a Pareto law with shape <= 2.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.distribution().moments()[1]
    }

    /// The squared coefficient of variation, variance / mean^2; zero for a mean of zero, infinite if the variance
    /// is, and one for an exponential law.
    #[must_use]
    pub fn cv2(&self) -> f64 {
        let (mean, variance) = (self.mean(), self.variance());
        if mean == 0.0 {
            0.0
        } else if variance == f64::INFINITY {
            f64::INFINITY
        } else {
            variance / mean / mean
        }
    }

    /// The third moment about zero; infinite for a Pareto law with shape <= 3.
    #[must_use]
    pub fn third_moment(&self) -> f64 {
        self.distribution().moments()[2]
    }

    /// Whether 0 has a positive probability.
    #[must_use]
    pub fn may_be_zero(&self) -> bool {
        self.cdf(0.0) > 0.0
    }

    /// P(X <= `x`). A trace counts as a sample.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        match x {
            ..0.0 => 0.0,
            f64::INFINITY => 1.0,
            _ => self.distribution().cdf(x),
        }
    }

    /// E exp(-`s` X) for `s` >= 0; none for a trace, which has no law. In closed form if one exists that does not
    /// suffer from cancellation; otherwise by quadrature to about 1e-12.
    #[must_use]
    pub fn laplace(&self, s: f64) -> Option<f64> {
        let value = || {
            if s == 0.0 {
                1.0
            } else {
                self.distribution().laplace(s)
            }
        };
        (!matches!(self, Law::Trace(_))).then(value)
    }

    /// The minimum and maximum value; 0 and infinity if nothing better is known.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        self.distribution().support()
    }

    /// A bound that no drawn value exceeds, for the checks of a scenario: a law whose ceiling is not finite may be
    /// meaningful, but yields values no clock can represent (or counts beyond 2^53), and is refused.
    #[must_use]
    pub fn ceiling(&self) -> f64 {
        self.distribution().ceiling()
    }

    /// Whether every value is a whole number, so that the law may be used for a count.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.distribution().is_whole()
    }

    /// Whether this is the exponential law, under any name, with a mean above zero.
    #[must_use]
    pub fn is_exponential(&self) -> bool {
        self.distribution().is_exponential() && self.mean() > 0.0
    }

    /// The parameters as a scenario writes them, in order.
    #[must_use]
    pub fn parameters(&self) -> Parameters<'_> {
        self.distribution().parameters()
    }

    /// The number of values of a trace that does not repeat; none for a law without an end.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match self {
            Law::Trace(Trace {
                values,
                repeat: false,
            }) => Some(values.len() as u64),
            _ => None,
        }
    }

    /// Fills a block with values, for a law that contains another one.
    #[inline(never)]
    fn draw(&self, stream: &mut Stream, block: &mut [f64]) {
        self.fill(0, stream, block);
    }

    /// The number of values that the law holds in memory.
    #[must_use]
    pub fn values_held(&self) -> u64 {
        let held = |(_, parameter)| match parameter {
            Numbers(values) => values.len() as u64,
            Recorded(values) => values.len() as u64,
            Rows(rows) => rows.iter().map(|row| row.len() as u64).sum(),
            Inner(law) => law.values_held(),
            Laws(laws) => laws.iter().map(Law::values_held).sum(),
            Number(_) | Whole(_) | Truth(_) => 0,
        };
        self.parameters().into_iter().map(held).sum()
    }
}
