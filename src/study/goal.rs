//! The rule that decides when there are enough replications.
//!
//! For a precision, n is raised to the number that the intervals so far require, n (h / (p |mean|))^2 (Law,
//! *Simulation Modeling and Analysis*, section 9.4.1), by at least an eighth and at most to the double. So the
//! rounds follow from the results alone, not from the workers.

use crate::stats::Sample;

/// The rule that decides when there are enough replications.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// After this many.
    Count(u64),
    /// Enough when every half-width is at most a fraction of its mean.
    Precision {
        /// The largest half-width, as a fraction of |mean|.
        relative: f64,
        /// The keys of the measures.
        measures: Vec<String>,
        /// Number of replications before the first look; at least 2.
        first: u64,
        /// The maximum number of replications.
        max: u64,
    },
}

/// The result of a look at the replications so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There are enough.
    Met,
    /// The maximum is reached.
    Most,
    /// There should be this many.
    Wanted(u64),
}

impl Goal {
    /// Number of replications at the end of the first round.
    #[must_use]
    pub fn first(&self) -> u64 {
        match *self {
            Goal::Count(count) => count,
            Goal::Precision { first, max, .. } => first.clamp(2, max.max(2)),
        }
    }

    /// Decides whether there are enough, from the samples of the measures named; `n` replications were run, of
    /// `wanted`.
    pub(super) fn look<'a>(
        &self,
        n: u64,
        wanted: u64,
        confidence: f64,
        seen: impl Iterator<Item = &'a Sample>,
    ) -> Look {
        let seen = seen.map(|sample| {
            let mean = sample.interval(confidence).mean;
            (sample, mean.map_or(0.0, f64::abs))
        });
        self.look_beside(n, wanted, confidence, seen)
    }

    /// The same as [`Goal::look`], with each half-width compared with a value of its own instead of |mean|.
    pub(super) fn look_beside<'a>(
        &self,
        n: u64,
        wanted: u64,
        confidence: f64,
        seen: impl Iterator<Item = (&'a Sample, f64)>,
    ) -> Look {
        let Goal::Precision { relative, max, .. } = *self else {
            return if n < wanted {
                Look::Wanted(wanted)
            } else {
                Look::Met
            };
        };
        let needed = seen.map(|(sample, scale)| needed(sample, n, relative * scale, confidence));
        let needed = needed.max().unwrap_or(n);
        if needed <= n {
            Look::Met
        } else if n < wanted {
            Look::Wanted(wanted)
        } else if wanted >= max {
            Look::Most
        } else {
            let least = wanted + wanted.div_ceil(8);
            Look::Wanted(needed.clamp(least, 2 * wanted).min(max))
        }
    }
}

/// The number of replications that the precision needs, estimated from those so far: at most `n` if it is reached.
fn needed(sample: &Sample, n: u64, allowed: f64, confidence: f64) -> u64 {
    let Some(half_width) = sample.interval(confidence).half_width else {
        return u64::MAX;
    };
    if half_width <= allowed {
        return n;
    }
    // A mean of zero is never known to a fraction of itself: infinity becomes the largest integer.
    let more = (half_width / allowed).powi(2) * n as f64;
    (more.ceil() as u64).max(n + 1)
}
