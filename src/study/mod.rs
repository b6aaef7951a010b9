//! Many runs of one scenario, or of several that differ a little: replications with intervals, grids of scenarios,
//! and the closed form that fits one.
//!
//! [`replicate()`] runs a scenario repeatedly on [`Workers`]; [`Layout`] lists its measures. A study consists of
//! rounds of numbered jobs; finished ones are in a [`Ledger`], and a [`RowSource`] does the rest: this process, its
//! [`Share`] of it, or others. [`order`] finds the best order of a line's stages; it uses [`selection`], which
//! drops candidates that cannot be the best and is independent of lines. [`mod@compare`] compares two scenarios;
//! [`mod@find`] finds the best setting of a few keys. [`ClosedForm`] is the closed form of a scenario. All results
//! are functions of scenario, seed and question, wherever the rows are computed.
//!
//! # From a laptop to a cluster
//!
//! One core and many: replications are dealt out one by one, so K cores do K times as many while there are more
//! replications than cores; only the last replication of each is lost. Measured on two virtual cores: two workers
//! do twice the work of one (`cargo bench --bench studies`).
//!
//! Many processes: `--shard I/K` does a K-th of the numbers, equal to within one; `filas merge` runs the study
//! again with rows in place of runs. A shard costs its start and a few syncs, a tenth of a second on this disk, so
//! shards should take seconds at least. `--precision` and `order` have rounds: a round is as long as its slowest
//! shard, and a precision takes some ten rounds at most, since each is an eighth to the double of those before.
//!
//! The cost of merging 10^6 replications of 76 measures, 632 MB of rows in four shards, on a machine that was busy
//! otherwise, by a build without full optimisation: 4.2 s and 22 MB of memory for the answer alone, 14.5 s and 133
//! MB with the rows copied and the table written. Rows are read side by side and folded as they come, so memory
//! does not grow with their number.
//!
//! The limit (reasoned, not measured): one process merges, at a few hundred MB a second; 10^9 such rows are 630 GB
//! and take most of an hour. Up to 256 files are read side by side; if there are more, groups are joined first,
//! which reads and writes each row once more. Beyond some thousands of shards the batch system's own cost per task
//! (for Slurm, tens of milliseconds) is more than that of a merge.

pub mod answer;
pub mod certainty;
mod closed_form;
pub mod comparable;
pub mod compare;
mod completion;
pub mod find;
mod goal;
pub mod keys;
pub mod ledger;
pub mod measures;
pub mod order;
pub mod pairing;
pub mod permutation;
pub mod published;
pub mod ranking;
mod replicate;
mod replication;
mod round;
pub mod search;
pub mod selection;
mod share;
mod workers;

mod flatten;
pub mod sweep;
pub mod warm_up;

pub use closed_form::{Assumption, ClosedForm};
pub use completion::Completion;
pub use goal::Goal;
pub use ledger::{InMemory, Ledger, Row};
pub use measures::{Fold, Layout, UnknownMeasure};
pub use replicate::{Replicated, replicate};
pub use round::{Conditions, RowSource, StudyError};
pub use share::Share;
pub use workers::{NoWorkers, Workers};

use std::sync::atomic::AtomicBool;

/// The stop flag of a run that is never stopped.
static NEVER: AtomicBool = AtomicBool::new(false);
