//! What is checked in every run, in every build.
//!
//! Every step or instant: generated = completed + rejected + abandoned + failed + in system, where what is in the
//! system is counted by those who hold it and the rest by those who saw it end. At the end of a run:
//! every id that was generated ended exactly once. A broken check is our fault, and panics.

use crate::station::StepRecord;

/// A count of ids and a sum of their hashes: equal for equal sets, whatever their order, and almost
/// surely different where an id is missing or there twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    count: u64,
    hashes: u64,
}

impl Ledger {
    /// Enters one id.
    pub(super) fn enter(&mut self, id: u64) {
        self.count += 1;
        // The finaliser of SplitMix64, so that errors in several ids do not cancel out.
        let mut x = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.hashes = self.hashes.wrapping_add(x ^ (x >> 31));
    }

    /// All that is in this one and in the other.
    pub(super) fn joined(self, other: Ledger) -> Ledger {
        Ledger {
            count: self.count + other.count,
            hashes: self.hashes.wrapping_add(other.hashes),
        }
    }
}

/// The books of a whole run, row by row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Audit {
    /// The sums of the rows so far.
    totals: StepRecord,
}

impl Audit {
    /// Takes in the next row; of a step, with those in service read before completions.
    ///
    /// # Panics
    /// If requests came from nowhere or were lost.
    pub(super) fn check(&mut self, row: &StepRecord, stepped: bool) {
        let totals = &mut self.totals;
        totals.generated += row.generated;
        totals.completed += row.completed;
        totals.rejected += row.rejected;
        totals.abandoned += row.abandoned;
        totals.failed += row.failed;
        totals.interrupted += row.interrupted;
        totals.reallocated += row.reallocated;
        let ended = totals.completed + totals.rejected + totals.abandoned + totals.failed;
        let completed = if stepped { row.completed } else { 0 };
        let held = row.buffer + row.handed_over + row.waiting_at_servers + row.in_service;
        assert!(
            totals.generated + completed == ended + held,
            "requests are not conserved at {}: {} generated, but {ended} ended and {} are in the system",
            row.time,
            totals.generated,
            held - completed
        );
    }

    /// How many requests are in the system.
    pub(super) fn in_system(&self) -> u64 {
        let totals = &self.totals;
        totals.generated - totals.completed - totals.rejected - totals.abandoned - totals.failed
    }

    /// The sums of the rows so far: those columns that count what happened.
    pub(super) fn totals(&self) -> &StepRecord {
        &self.totals
    }
}

/// Checks at the end of a run that what was generated ended exactly once.
///
/// # Panics
/// If it did not.
pub(super) fn every_request_ends_once(generated: Ledger, ended: Ledger) {
    assert_eq!(
        generated, ended,
        "some request ended twice or never; the requests table shows which"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[u64]) -> Ledger {
        let mut ledger = Ledger::default();
        ids.iter().for_each(|&id| ledger.enter(id));
        ledger
    }

    #[test]
    fn a_ledger_knows_a_set_by_its_members_alone() {
        assert_eq!(of(&[3, 1, 2]), of(&[1]).joined(of(&[2, 3])));
        assert_ne!(of(&[1, 2, 4]), of(&[1, 3, 3]));
        assert_ne!(of(&[1, 2, 2]), of(&[1, 2]));
    }

    #[test]
    #[should_panic(expected = "not conserved at 1")]
    fn a_request_that_vanishes_is_noticed() {
        let row = StepRecord {
            time: crate::time::Time::of(1),
            generated: 2,
            completed: 1,
            in_service: 1,
            ..StepRecord::default()
        };
        Audit::default().check(&row, true);
    }
}
