//! The table `intervals`: a row for each interval that a run reports.

use super::Formats;
use super::table::{Cell, Kind, Table};
use crate::desk::DeskInterval;
use crate::model::Outcome;
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::Scenario;
use crate::tandem::IntervalSummary;

/// Writes the table of a run's intervals, if it reports any; returns its files, complete but not yet under their final
/// names.
///
/// # Errors
/// If the system will not write.
pub fn intervals(
    folder: &Folder,
    formats: Formats,
    (scenario, outcome): (&Scenario, &Outcome),
) -> Result<Vec<Draft>, WriteError> {
    let written = (formats, scenario.clock());
    match outcome {
        Outcome::Line(line) if !line.summary.intervals.is_empty() => {
            let mut table = Table::begin(folder, "intervals", &OF_LINE, written)?;
            for interval in &line.summary.intervals {
                table.push(of_line(interval))?;
            }
            table.finish()
        }
        Outcome::Desk(desk) if !desk.summary.intervals.is_empty() => {
            let mut table = Table::begin(folder, "intervals", &OF_DESK, written)?;
            for interval in &desk.summary.intervals {
                table.push(of_desk(interval))?;
            }
            table.finish()
        }
        Outcome::Line(_) | Outcome::Desk(_) => Ok(Vec::new()),
    }
}

const OF_LINE: [(&str, Kind); 10] = [
    ("from", Kind::Number),
    ("arrivals", Kind::Whole),
    ("departures", Kind::Whole),
    ("waiting_mean", Kind::Number),
    ("waiting_p50", Kind::Number),
    ("waiting_p95", Kind::Number),
    ("waiting_max", Kind::Number),
    ("queue_length_mean", Kind::Number),
    ("queue_length_max", Kind::Whole),
    ("utilisation", Kind::Number),
];

fn of_line(interval: &IntervalSummary) -> [Cell<'_>; 10] {
    let waiting = &interval.waiting;
    [
        Cell::Number(interval.from),
        Cell::Whole(interval.arrivals),
        Cell::Whole(interval.departures),
        waiting.mean.into(),
        waiting.p50.into(),
        waiting.p95.into(),
        waiting.max.into(),
        interval.queue_length.mean.into(),
        interval.queue_length.max.into(),
        interval.utilisation.into(),
    ]
}

const OF_DESK: [(&str, Kind); 12] = [
    ("from", Kind::Number),
    ("offered", Kind::Whole),
    ("answered", Kind::Whole),
    ("rejected", Kind::Whole),
    ("abandoned", Kind::Whole),
    ("waiting_mean", Kind::Number),
    ("waiting_p50", Kind::Number),
    ("waiting_p95", Kind::Number),
    ("waiting_max", Kind::Number),
    ("service_level", Kind::Number),
    ("occupancy", Kind::Number),
    ("on_duty", Kind::Number),
];

fn of_desk(interval: &DeskInterval) -> [Cell<'_>; 12] {
    let waiting = &interval.waiting;
    [
        Cell::Number(interval.from),
        Cell::Whole(interval.offered),
        Cell::Whole(interval.answered),
        Cell::Whole(interval.rejected),
        Cell::Whole(interval.abandoned),
        waiting.mean.into(),
        waiting.p50.into(),
        waiting.p95.into(),
        waiting.max.into(),
        interval.service_level.into(),
        interval.occupancy.into(),
        interval.on_duty.into(),
    ]
}
