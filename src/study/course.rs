//! How far a study of replications came.

use crate::digest::Digest;

/// How far a study of replications came, and what it came to in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// How many there are, of a grid in each cell: the unbroken beginning of those done, or a share's own.
    pub replications: u64,
    /// All digests, folded in order.
    pub digest: Digest,
    /// Whether the goal was met; a count is unless interrupted.
    pub met: bool,
    /// Whether it was wound up before the goal.
    pub interrupted: bool,
    /// What others have to do before the next round.
    pub missing: Vec<u64>,
}

impl Course {
    /// Whether it came to its end, with the goal met or not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.interrupted && self.missing.is_empty()
    }
}
