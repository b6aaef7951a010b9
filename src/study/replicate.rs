//! Independent replications of one scenario, and when there are enough of them.
//!
//! Replication r draws from the streams of number r, so replication 0 is the plain run. They are
//! folded in order of their numbers, and the rounds in which a precision is sought depend on the
//! results alone: neither knows how many workers there are.
//!
//! For a precision, n is raised to what the interval so far asks for, n (h / (p |mean|))^2 (Law,
//! *Simulation Modeling and Analysis*, section 9.4.1), by an eighth at least and to the double at most.

use super::crew::Crew;
use super::measures::{self, Layout};
use super::replication;
use crate::actor::{RunError, Runtime};
use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::Interval;
use std::sync::atomic::AtomicBool;

/// What is kept of one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// The digest of its results.
    pub digest: Digest,
    /// What each measure of the [`Layout`] came to; NaN where it is null.
    pub measures: Vec<f64>,
}

/// When there are enough replications.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// After so many.
    Count(u64),
    /// When every half-width is at most a fraction of its mean.
    Precision {
        /// The greatest half-width, as a fraction of |mean|.
        relative: f64,
        /// Indexes of the measures, in the layout.
        measures: Vec<usize>,
        /// How many are run before the first look; at least 2.
        first: u64,
        /// The most that are run.
        max: u64,
    },
}

/// How replications are run. Nothing here changes a result, but for the confidence.
#[derive(Clone, Copy)]
pub struct Conduct<'a> {
    /// Who does the work.
    pub crew: &'a Crew,
    /// The engine of each replication.
    pub runtime: Runtime,
    /// Customers a message carries at most.
    pub chunk: usize,
    /// In (0, 1).
    pub confidence: f64,
    /// The wish to wind up.
    pub stop: &'a AtomicBool,
    /// Told how many more replications are wanted, whenever that is known.
    pub expect: &'a (dyn Fn(u64) + Sync),
    /// Told of every replication done.
    pub done: &'a (dyn Fn() + Sync),
}

impl std::fmt::Debug for Conduct<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conduct").finish_non_exhaustive()
    }
}

/// What replications came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicated {
    /// Their rows, in order of their numbers from 0.
    pub rows: Vec<Replication>,
    /// The interval of every measure of the layout.
    pub intervals: Vec<Interval>,
    /// All digests, folded in order.
    pub digest: Digest,
    /// Whether the goal was met; a count is unless interrupted.
    pub met: bool,
    /// Whether it was wound up before the goal.
    pub interrupted: bool,
}

/// Replicates a scenario until the goal is met.
///
/// # Errors
/// The error of the lowest replication that came to no end.
pub fn replicate(
    scenario: &Scenario,
    layout: &Layout,
    goal: &Goal,
    conduct: Conduct<'_>,
) -> Result<Replicated, RunError> {
    let mut rows: Vec<Replication> = Vec::new();
    let mut wanted = match *goal {
        Goal::Count(count) => count,
        Goal::Precision { first, max, .. } => first.clamp(2, max.max(2)),
    };
    let (met, interrupted) = loop {
        let from = rows.len() as u64;
        (conduct.expect)(wanted - from);
        let run = |number| one(scenario, layout, number, conduct);
        rows.extend(
            conduct
                .crew
                .work(from..wanted, conduct.stop, run, conduct.done)?,
        );
        let short = (rows.len() as u64) < wanted;
        match *goal {
            Goal::Count(_) => break (!short, short),
            Goal::Precision {
                relative,
                ref measures,
                max,
                ..
            } => {
                let needed = needed(&rows, relative, measures, conduct.confidence);
                if needed <= rows.len() as u64 {
                    break (true, false);
                }
                if short {
                    break (false, true);
                }
                if wanted >= max {
                    break (false, false);
                }
                let least = wanted + wanted.div_ceil(8);
                wanted = needed.clamp(least, 2 * wanted).min(max);
            }
        }
    };
    let mut digest = Digest::EMPTY;
    rows.iter().for_each(|row| digest.fold(row.digest.value()));
    Ok(Replicated {
        intervals: layout.intervals(&rows, conduct.confidence),
        rows,
        digest,
        met,
        interrupted,
    })
}

/// One replication as a row; `None` if it was cut short.
pub(super) fn one(
    scenario: &Scenario,
    layout: &Layout,
    number: u64,
    conduct: Conduct<'_>,
) -> Result<Option<Replication>, RunError> {
    let Conduct {
        runtime,
        chunk,
        stop,
        ..
    } = conduct;
    let run = replication::run(scenario, number, runtime, chunk, stop)?;
    Ok((!run.interrupted).then(|| Replication {
        digest: run.digest,
        measures: layout.row(&run.summary),
    }))
}

/// How many replications the precision asks for, judged by those there are: no more than those where
/// it is reached.
fn needed(rows: &[Replication], relative: f64, measures: &[usize], confidence: f64) -> u64 {
    let n = rows.len() as u64;
    let needed = measures.iter().map(|&measure| {
        let seen = measures::interval(rows, measure, confidence);
        let (Some(mean), Some(half_width)) = (seen.mean, seen.half_width) else {
            return u64::MAX;
        };
        let allowed = relative * mean.abs();
        if half_width <= allowed {
            return n;
        }
        // A mean of zero is never known to a fraction of itself: infinity becomes the greatest number.
        let more = (half_width / allowed).powi(2) * n as f64;
        (more.ceil() as u64).max(n + 1)
    });
    needed.max().unwrap_or(n)
}
