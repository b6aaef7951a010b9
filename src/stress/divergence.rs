//! The first record in which two runs differ: where to look.

use super::Subject;
use super::subject::Records;
use crate::actor::trial::Schedule;
use crate::desk::DeskRecord;
use crate::tandem::LineRecord;
use std::fmt::Debug;
use std::sync::atomic::AtomicBool;

/// The first record in which a run under a schedule differs from one in one thread, as both have it.
pub(super) fn first(
    subject: &Subject,
    schedule: &Schedule,
    moves: u64,
    stop: &AtomicBool,
) -> Option<String> {
    let truth = subject.records(None, stop).ok()?;
    let seen = subject.records(Some((schedule, moves)), stop).ok()?;
    Some(match (truth, seen) {
        (Records::Line(truth), Records::Line(seen)) => of_line(&truth, &seen),
        (Records::Desk(truth), Records::Desk(seen)) => of_desk(truth, seen),
        _ => return None,
    })
}

const NO_RECORD: &str = "no record differs: it is in the summary or in the digest alone";

fn of_line(truth: &[LineRecord], seen: &[LineRecord]) -> String {
    differing("record", truth, seen).unwrap_or_else(|| NO_RECORD.to_owned())
}

/// Requests end at many actors, in no order among them: each kind of record is put in its own order.
fn of_desk(truth: Vec<DeskRecord>, seen: Vec<DeskRecord>) -> String {
    let sorted = |records: Vec<DeskRecord>| {
        let (mut steps, mut requests, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            match record {
                DeskRecord::Step(row) => steps.push(row),
                DeskRecord::Request(row) => requests.push(row),
                DeskRecord::Fault(row) => faults.push(row),
                DeskRecord::Event(_) => {}
            }
        }
        requests.sort_by_key(|row| row.id);
        (steps, requests, faults)
    };
    let (truth, seen) = (sorted(truth), sorted(seen));
    differing("step", &truth.0, &seen.0)
        .or_else(|| differing("request", &truth.1, &seen.1))
        .or_else(|| differing("fault", &truth.2, &seen.2))
        .unwrap_or_else(|| NO_RECORD.to_owned())
}

/// The first place at which two lists differ.
fn differing<R: PartialEq + Debug>(what: &str, truth: &[R], seen: &[R]) -> Option<String> {
    let at = (0..truth.len().max(seen.len())).find(|&at| truth.get(at) != seen.get(at))?;
    let tell = |row: Option<&R>| row.map_or("none".to_owned(), |row| format!("{row:?}"));
    Some(format!(
        "{what} {}: in one thread {}; here {}",
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
        assert_eq!(differing("row", &[1, 2], &[1, 2]), None);
        let told = differing("row", &[1, 2, 3], &[1, 5, 3]).unwrap();
        assert_eq!(told, "row 2: in one thread 2; here 5");
        let told = differing("row", &[1, 2], &[1]).unwrap();
        assert_eq!(told, "row 2: in one thread 2; here none");
    }
}
