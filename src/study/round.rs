//! One round of a study: the jobs in a range of numbers that are not in the ledger yet.
//!
//! [`RowSource`] names the maker of the rows: this process, for all or a share of them, or others, who put them
//! into the ledger. The results of the round are in the ledger and do not depend on it.
#![allow(
    clippy::disallowed_methods,
    reason = "a ledger is told how long a row took, to know how much would be lost with it"
)]

use super::ledger::{KeepError, Ledger, Row};
use super::share::Share;
use super::workers::Workers;
use crate::actor::{RunError, Runtime};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The maker of the rows.
#[derive(Clone, Copy)]
pub enum RowSource<'a> {
    /// Workers of this process do this share.
    Here(Share),
    /// A function is called with the missing numbers, and puts the rows it can get into the ledger.
    Others(&'a (dyn Fn(&[u64]) + Sync)),
}

impl std::fmt::Debug for RowSource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RowSource::Here(share) => write!(f, "Here({share})"),
            RowSource::Others(_) => f.write_str("Others"),
        }
    }
}

/// The conditions of a study. Only the confidence affects a result.
#[derive(Clone, Copy)]
pub struct Conditions<'a> {
    /// The workers of this process.
    pub workers: &'a Workers,
    /// The maker of the rows.
    pub source: RowSource<'a>,
    /// The store of the rows.
    pub ledger: &'a dyn Ledger,
    /// The engine of each replication.
    pub runtime: Runtime,
    /// The confidence, in (0, 1).
    pub confidence: f64,
    /// Set to wind up the study.
    pub stop: &'a AtomicBool,
    /// Called with the number of further rows wanted, whenever it is known.
    pub expect: &'a (dyn Fn(u64) + Sync),
    /// Called for every row done.
    pub done: &'a (dyn Fn() + Sync),
}

impl<'a> Conditions<'a> {
    /// Returns the usual conditions: these workers do everything, inline, at 95 %, without a stop or reports.
    #[must_use]
    pub fn by(workers: &'a Workers, ledger: &'a dyn Ledger) -> Conditions<'a> {
        Conditions {
            workers,
            source: RowSource::Here(Share::WHOLE),
            ledger,
            runtime: Runtime::Inline,
            confidence: 0.95,
            stop: &super::NEVER,
            expect: &|_| (),
            done: &|| (),
        }
    }

    /// The share that is done here.
    #[must_use]
    pub fn share(&self) -> Share {
        match self.source {
            RowSource::Here(share) => share,
            RowSource::Others(_) => Share::WHOLE,
        }
    }
}

impl std::fmt::Debug for Conditions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conditions").finish_non_exhaustive()
    }
}

/// The reason why a study did not finish.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A run failed; the error is that of the lowest replication.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A row could not be stored or read.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// The end of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// Every number has its row.
    Whole,
    /// It was wound up.
    Interrupted,
    /// These numbers are for others to do.
    Missing(Vec<u64>),
}

/// Does the missing jobs of a round. A job that is cut short returns `None`.
pub(super) fn fill(
    numbers: Range<u64>,
    conditions: Conditions<'_>,
    job: impl Fn(u64) -> Result<Option<Row>, RunError> + Sync,
) -> Result<Filled, StudyError> {
    let ledger = conditions.ledger;
    let mut missing = ledger.missing(numbers.clone());
    match conditions.source {
        RowSource::Here(share) => {
            let mut others = Vec::new();
            if !share.is_whole() {
                (missing, others) = missing.into_iter().partition(|&n| share.holds(n));
            }
            let mine = missing.len() as u64;
            (conditions.expect)(mine);
            let one = |at: u64| -> Result<Option<()>, StudyError> {
                let number = missing[at as usize];
                let begun = Instant::now();
                match job(number)? {
                    None => Ok(None),
                    Some(row) => Ok(Some(ledger.put(number, row, begun.elapsed())?)),
                }
            };
            let done = conditions
                .workers
                .work(0..mine, conditions.stop, one, conditions.done);
            // The finished part is kept, whatever the outcome of the round.
            ledger.settle()?;
            let done: Vec<()> = done?;
            Ok(match others.is_empty() {
                _ if (done.len() as u64) < mine => Filled::Interrupted,
                true => Filled::Whole,
                false => Filled::Missing(others),
            })
        }
        RowSource::Others(call) => {
            if !missing.is_empty() {
                (conditions.expect)(missing.len() as u64);
                call(&missing);
                missing = ledger.missing(numbers);
            }
            Ok(match missing.is_empty() {
                true => Filled::Whole,
                false if conditions.stop.load(Ordering::Relaxed) => Filled::Interrupted,
                false => Filled::Missing(missing),
            })
        }
    }
}
