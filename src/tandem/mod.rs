//! Model A: customers pass stages in series.

mod summary;
mod visit;

pub use summary::{
    CustomerCounts, IdleTime, LineSummary, LongestQueue, QueueLengthSummary, QueuesJoined,
    StageSummary,
};
pub use visit::{CustomerRecord, LineRecord, Visit};

use crate::actor::{RunError, Runtime, Surroundings};
use crate::digest::Digest;
use crate::scenario::Tandem;

/// What a run of a line gives.
#[derive(Clone, Debug)]
pub struct LineOutcome {
    /// The fingerprint of the records and the summary.
    pub digest: Digest,
    /// Every measure of the contract.
    pub summary: LineSummary,
    /// Whether the run was wound up before its horizon.
    pub interrupted: bool,
}

/// Runs a line once.
///
/// `chunk` is the most customers a message carries; it changes nothing but speed. Records are made
/// only if `recording` says so.
///
/// # Errors
/// See [`RunError`].
pub fn run(
    scenario: &Tandem,
    replication: u64,
    runtime: Runtime,
    chunk: usize,
    recording: bool,
    around: Surroundings<'_, LineRecord>,
) -> Result<LineOutcome, RunError> {
    let _ = (scenario, replication, runtime, chunk, recording, around);
    unreachable!()
}
