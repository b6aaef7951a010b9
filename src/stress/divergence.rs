//! The first record in which two runs differ, as a starting point for diagnosis.

use super::Subject;
use crate::actor::trial::Schedule;
use crate::station::Happening;
use std::fmt::Debug;
use std::sync::atomic::AtomicBool;

/// The first record that differs between a run under a schedule and one in one thread, in both
/// versions.
pub(super) fn first(
    subject: &Subject,
    schedule: &Schedule,
    moves: u64,
    stop: &AtomicBool,
) -> Option<String> {
    let truth = in_order(subject.records(None, stop).ok()?);
    let seen = in_order(subject.records(Some((schedule, moves)), stop).ok()?);
    let first = differing(&truth, &seen);
    Some(
        first
            .unwrap_or_else(|| "no record differs; only the summary or the digest does".to_owned()),
    )
}

/// Requests end at many actors, in no fixed order; other rows come from one actor for each kind.
fn in_order(mut records: Vec<Happening>) -> Vec<Happening> {
    records.sort_by_key(|record| match record {
        Happening::Ended(row) => (1, row.id),
        Happening::Fault(_) => (2, 0),
        _ => (0, 0),
    });
    records
}

/// The first position at which two lists differ.
fn differing<R: PartialEq + Debug>(truth: &[R], seen: &[R]) -> Option<String> {
    let at = (0..truth.len().max(seen.len())).find(|&at| truth.get(at) != seen.get(at))?;
    let tell = |row: Option<&R>| row.map_or("none".to_owned(), |row| format!("{row:?}"));
    Some(format!(
        "record {}: in one thread {}; here {}",
        at + 1,
        tell(truth.get(at)),
        tell(seen.get(at))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told_with_both_sides() {
        assert_eq!(differing(&[1, 2], &[1, 2]), None);
        let told = differing(&[1, 2, 3], &[1, 5, 3]).unwrap();
        assert_eq!(told, "record 2: in one thread 2; here 5");
        let told = differing(&[1, 2], &[1]).unwrap();
        assert_eq!(told, "record 2: in one thread 2; here none");
    }
}
