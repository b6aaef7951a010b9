//! Checks made in every run, in every build.
//!
//! At every step or instant: generated = completed + rejected + abandoned + failed + timed out + in system, where
//! requests in the system are counted by the actors that hold them, and the others by the actors that saw them end.
//! At the end of a run: every generated id ended exactly once, and the attendants' busy time equals the service of
//! requests completed while their clients waited, wasted work, wrap-ups, and work still in progress. A failed check
//! is a bug of the program, and panics.

use super::message::Work;
use crate::station::StepRecord;

/// A count of ids and a sum of their hashes: equal for equal sets, in any order, and almost surely different if an
/// id is missing or appears twice.
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

    /// The union of both ledgers.
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
    /// Adds the next row; in the row of a step, the number in service is that before completions.
    ///
    /// # Panics
    /// If requests appeared from nowhere or disappeared.
    pub(super) fn check(&mut self, row: &StepRecord, stepped: bool) {
        let totals = &mut self.totals;
        totals.generated += row.generated;
        totals.completed += row.completed;
        totals.rejected += row.rejected;
        totals.abandoned += row.abandoned;
        totals.failed += row.failed;
        totals.timed_out += row.timed_out;
        totals.interrupted += row.interrupted;
        totals.reallocated += row.reallocated;
        let lost = totals.rejected + totals.abandoned + totals.failed + totals.timed_out;
        let ended = totals.completed + lost;
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

    /// The number of requests in the system.
    pub(super) fn in_system(&self) -> u64 {
        let totals = &self.totals;
        let lost = totals.rejected + totals.abandoned + totals.failed + totals.timed_out;
        totals.generated - totals.completed - lost
    }

    /// The sums of the rows so far, in the columns that count events.
    pub(super) fn totals(&self) -> &StepRecord {
        &self.totals
    }
}

/// The use of the attendants' time in service, over a whole run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Books {
    /// Time on requests completed while their clients waited, as far as it counted.
    pub(super) in_time: f64,
    /// Time on all others that ended or whose clients have left, and on work that was restarted.
    pub(super) wasted: f64,
    /// Time on requests still in the system whose clients wait.
    pub(super) in_progress: f64,
}

impl Books {
    /// Books a completed request.
    pub(super) fn completed(&mut self, work: Work) {
        let counts = if work.for_nobody { 0.0 } else { work.served };
        self.in_time += counts;
        self.wasted += work.worked - counts;
    }

    /// Books a request in the system at the end of the run, as if its work so far counted.
    pub(super) fn left(&mut self, work: Work) {
        let counts = if work.for_nobody { 0.0 } else { work.served };
        self.in_progress += counts;
        self.wasted += work.worked - counts;
    }

    pub(super) fn join(&mut self, other: Books) {
        self.in_time += other.in_time;
        self.wasted += other.wasted;
        self.in_progress += other.in_progress;
    }
}

/// Checks at the end of a run that the attendants' busy time, of which `wrapped` was spent on wrap-ups, is
/// accounted for.
///
/// # Panics
/// If it is not, up to rounding.
pub(super) fn work_is_accounted_for(busy: f64, wrapped: f64, books: Books) {
    let sum = books.in_time + books.wasted + books.in_progress + wrapped;
    assert!(
        (busy - sum).abs() <= 1e-6 * (1.0 + busy),
        "attendants were busy for {busy}, but {books:?} and wrap-ups of {wrapped} make {sum}"
    );
}

/// Checks at the end of a run that every request generated ended exactly once.
///
/// # Panics
/// If one did not.
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
    /// Four units that counted, one wasted, two in progress for a client who waits.
    fn some_work() -> Books {
        let mut books = Books::default();
        let work = |served, worked, for_nobody| Work {
            served,
            worked,
            for_nobody,
        };
        books.completed(work(4.0, 4.5, false));
        books.completed(work(0.5, 0.5, true));
        books.left(work(2.0, 2.0, false));
        books
    }

    #[test]
    fn busy_time_is_service_in_time_wasted_work_wrap_ups_and_what_is_in_progress() {
        let books = some_work();
        let parts = (books.in_time, books.wasted, books.in_progress);
        assert_eq!(parts, (4.0, 1.0, 2.0));
        work_is_accounted_for(10.0, 3.0, books);
    }

    #[test]
    #[should_panic(expected = "attendants were busy for 10, but")]
    fn a_wrap_up_that_nobody_counted_is_noticed() {
        work_is_accounted_for(10.0, 2.75, some_work());
    }

    #[test]
    #[should_panic(expected = "make 17")]
    fn work_that_is_counted_twice_is_noticed() {
        let mut books = some_work();
        books.join(some_work());
        work_is_accounted_for(10.0, 3.0, books);
    }
}
