//! The progress of a study of replications.

use crate::digest::Digest;

/// The progress of a study of replications, and its results in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    /// Number of replications, in each cell of a grid: the unbroken beginning of those done, or a share's own.
    pub replications: u64,
    /// All digests, folded in order.
    pub digest: Digest,
    /// Whether the goal was met; a count is met unless interrupted.
    pub met: bool,
    /// Whether it was wound up before the goal.
    pub interrupted: bool,
    /// The runs that others must do before the next round.
    pub missing: Vec<u64>,
}

impl Completion {
    /// Whether it came to its end, with the goal met or not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.interrupted && self.missing.is_empty()
    }
}
