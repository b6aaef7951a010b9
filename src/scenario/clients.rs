//! What clients of a desk do who are not served as they wish: they stop waiting for an answer, and come again.

use crate::random::Law;
use crate::random::laws::{Empirical, Trace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a client stops waiting for its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeout {
    /// The law of the time from its arrival.
    pub after: Law,
    /// Whether its request goes with it; otherwise the work goes on, wasted.
    pub withdraw: bool,
}

/// Which clients come again, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// After which ends of a try.
    pub after: Vec<Loss>,
    /// The chance of coming again after one of these.
    pub probability: f64,
    /// The law of the time until then.
    pub delay: Law,
    /// The most further tries of one client; `None` is no limit.
    pub most: Option<u64>,
}

/// How a try can end without an answer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Loss {
    /// It found no place.
    Rejected,
    /// Its patience ended before its service began.
    Abandoned,
    /// It took too long, whether the request was withdrawn or not.
    TimedOut,
    /// It was interrupted once too often, or its work was lost.
    Failed,
}

impl Retry {
    /// Whether a client may come again at the instant at which its try is lost, where time is continuous.
    #[must_use]
    pub fn may_come_at_once(&self) -> bool {
        may_be_zero(&self.delay)
    }
}

/// Whether a law gives 0 with a positive probability.
pub(super) fn may_be_zero(law: &Law) -> bool {
    match law {
        Law::Trace(Trace { values, .. }) | Law::Empirical(Empirical { values }) => {
            values.contains(&0.0)
        }
        _ => law.cdf(0.0) > 0.0,
    }
}
