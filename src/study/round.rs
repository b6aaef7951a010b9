//! One round of a study: of a range of numbers, what is not in the ledger is done.
//!
//! Who does it is told by [`Labour`]: workers of this process, all of it or a share, or others, who bring
//! rows into the ledger. What the round comes to is in the ledger and does not tell.
#![allow(
    clippy::disallowed_methods,
    reason = "a ledger is told how long a row took, to know how much would be lost with it"
)]

use super::crew::Crew;
use super::ledger::{KeepError, Ledger, Row};
use super::share::Share;
use crate::actor::{RunError, Runtime};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Who does the work.
#[derive(Clone, Copy)]
pub enum Labour<'a> {
    /// Workers of this process do this share of it.
    Here(Share),
    /// Others are told what is missing, and bring into the ledger what they can.
    Others(&'a (dyn Fn(&[u64]) + Sync)),
}

impl std::fmt::Debug for Labour<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Labour::Here(share) => write!(f, "Here({share})"),
            Labour::Others(_) => f.write_str("Others"),
        }
    }
}

/// How a study is run. Nothing here changes a result, but for the confidence.
#[derive(Clone, Copy)]
pub struct Conduct<'a> {
    /// The workers of this process.
    pub crew: &'a Crew,
    /// Who does the work.
    pub labour: Labour<'a>,
    /// Where the rows are kept.
    pub ledger: &'a dyn Ledger,
    /// The engine of each replication.
    pub runtime: Runtime,
    /// In (0, 1).
    pub confidence: f64,
    /// The wish to wind up.
    pub stop: &'a AtomicBool,
    /// Told how many more rows are wanted, whenever that is known.
    pub expect: &'a (dyn Fn(u64) + Sync),
    /// Told of every row done.
    pub done: &'a (dyn Fn() + Sync),
}

impl<'a> Conduct<'a> {
    /// Everything is done by this crew, inline, at 95 %; nobody stops it or is told.
    #[must_use]
    pub fn by(crew: &'a Crew, ledger: &'a dyn Ledger) -> Conduct<'a> {
        Conduct {
            crew,
            labour: Labour::Here(Share::WHOLE),
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
        match self.labour {
            Labour::Here(share) => share,
            Labour::Others(_) => Share::WHOLE,
        }
    }
}

impl std::fmt::Debug for Conduct<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conduct").finish_non_exhaustive()
    }
}

/// Why a study came to no end.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A run did not; the lowest of those that did not.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A row could not be kept or read.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// How a round ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// Every number has its row.
    Whole,
    /// It was wound up.
    Interrupted,
    /// These numbers are for others to do.
    Missing(Vec<u64>),
}

/// Does what is missing of a round. A job that is cut short gives `None`.
pub(super) fn fill(
    numbers: Range<u64>,
    conduct: Conduct<'_>,
    job: impl Fn(u64) -> Result<Option<Row>, RunError> + Sync,
) -> Result<Filled, StudyError> {
    let ledger = conduct.ledger;
    let mut missing = ledger.missing(numbers.clone());
    match conduct.labour {
        Labour::Here(share) => {
            let mut others = Vec::new();
            if !share.is_whole() {
                (missing, others) = missing.into_iter().partition(|&n| share.holds(n));
            }
            let mine = missing.len() as u64;
            (conduct.expect)(mine);
            let one = |at: u64| -> Result<Option<()>, StudyError> {
                let number = missing[at as usize];
                let begun = Instant::now();
                match job(number)? {
                    None => Ok(None),
                    Some(row) => Ok(Some(ledger.put(number, row, begun.elapsed())?)),
                }
            };
            let done = conduct.crew.work(0..mine, conduct.stop, one, conduct.done);
            // Whatever became of the round, what is finished of it is kept.
            ledger.settle()?;
            let done: Vec<()> = done?;
            Ok(match others.is_empty() {
                _ if (done.len() as u64) < mine => Filled::Interrupted,
                true => Filled::Whole,
                false => Filled::Missing(others),
            })
        }
        Labour::Others(call) => {
            if !missing.is_empty() {
                (conduct.expect)(missing.len() as u64);
                call(&missing);
                missing = ledger.missing(numbers);
            }
            Ok(match missing.is_empty() {
                true => Filled::Whole,
                false if conduct.stop.load(Ordering::Relaxed) => Filled::Interrupted,
                false => Filled::Missing(missing),
            })
        }
    }
}
