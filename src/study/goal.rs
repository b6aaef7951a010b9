//! The rule by which replications are enough.
//!
//! For a precision, n is raised to what the intervals so far ask for, n (h / (p |mean|))^2 (Law,
//! *Simulation Modeling and Analysis*, section 9.4.1), by an eighth at least and to the double at most. So
//! the rounds follow from the results alone, not from the workers.

use crate::stats::Sample;

/// The rule by which replications are enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// After this many.
    Count(u64),
    /// Enough when every half-width is at most a fraction of its mean.
    Precision {
        /// The greatest half-width, as a fraction of |mean|.
        relative: f64,
        /// The keys of the measures.
        measures: Vec<String>,
        /// Number of replications before the first look; at least 2.
        first: u64,
        /// The most that are run.
        max: u64,
    },
}

/// The result of a look at the replications so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There are enough.
    Met,
    /// There are as many as there may be.
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

    /// Whether these are enough, by what was seen of the measures named; `n` replications were run, of
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

    /// As [`Goal::look`], where each half-width is held against a value of its own in place of |mean|.
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

/// The number of replications that the precision needs, judged by those there are: no more than those if
/// it is reached.
fn needed(sample: &Sample, n: u64, allowed: f64, confidence: f64) -> u64 {
    let Some(half_width) = sample.interval(confidence).half_width else {
        return u64::MAX;
    };
    if half_width <= allowed {
        return n;
    }
    // A mean of zero is never known to a fraction of itself: infinity becomes the greatest number.
    let more = (half_width / allowed).powi(2) * n as f64;
    (more.ceil() as u64).max(n + 1)
}
