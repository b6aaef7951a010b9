//! Clients of a desk who are not served as they wish: time-outs and retries.

use crate::random::Law;
use crate::random::laws::{Empirical, Trace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The time limit of a client for its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeout {
    /// The law of the time from its arrival.
    pub after: Law,
    /// Whether its request is withdrawn with it; otherwise the work goes on, wasted.
    pub withdraw: bool,
}

/// The rule for retries of clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The losses after which a client may retry.
    pub after: Vec<Loss>,
    /// The probability of a retry after one of these.
    pub probability: f64,
    /// The law of the time until the retry.
    pub delay: Law,
    /// The maximum number of further tries of one client; `None` means no limit.
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
    /// Whether a client may retry at the instant at which its try is lost, in continuous time.
    #[must_use]
    pub fn may_come_at_once(&self) -> bool {
        may_be_zero(&self.delay)
    }
}

/// Whether a law has the value 0 with positive probability.
pub(super) fn may_be_zero(law: &Law) -> bool {
    match law {
        Law::Trace(Trace { values, .. }) | Law::Empirical(Empirical { values }) => {
            values.contains(&0.0)
        }
        _ => law.cdf(0.0) > 0.0,
    }
}
