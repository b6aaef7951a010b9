//! Measures of a desk by intervals of time: a table, and panels over one time axis: requests offered, answered and
//! lost, staff on duty and busy, answered in time.

use super::desk_course::line;
use super::document::{Section, Table};
use super::results::Results;
use crate::desk::{DeskInterval, DeskSummary};
use crate::number::{column, count, percent, plain};
use crate::report::chart::{Axis, Body, Chart, Ink, Line, Panel, Panels};
use crate::scenario::Start;

/// The measures of a desk by interval; `None` if it reports no intervals.
#[must_use]
pub fn desk_intervals(summary: &DeskSummary, unit: &str, start: Option<Start>) -> Option<Table> {
    let all = &summary.intervals;
    let of = |pick: fn(&DeskInterval) -> Option<f64>| {
        let values: Vec<Option<f64>> = all.iter().map(pick).collect();
        column(&values, "–")
    };
    let (wait, on_duty) = (of(|one| one.waiting.mean), of(|one| one.on_duty));
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let rows = all.iter().enumerate().map(|(at, one)| {
        vec![
            start.map_or_else(|| plain(one.from), |start| start.at(one.from)),
            count(one.offered),
            count(one.answered),
            count(one.rejected),
            count(one.abandoned),
            wait[at].clone(),
            share(one.service_level),
            on_duty[at].clone(),
            share(one.occupancy),
        ]
    });
    let caption =
        format!("By interval, in {unit}; a request belongs to the interval of its arrival");
    let head = "from|offered|answered|rejected|gave up|wait|in time|on duty|busy";
    let table = Table::new(caption, 1, head, rows.collect());
    (!all.is_empty()).then_some(table)
}

/// The section on the intervals of a desk, over time.
pub(super) fn section(results: &Results, summary: &DeskSummary) -> Option<Section> {
    let all = &summary.intervals;
    if all.is_empty() {
        return None;
    }
    let mut section = Section::new("By interval");
    let (unit, start) = (results.unit(), results.clock());
    section.tables.extend(desk_intervals(summary, &unit, start));
    let [first, second, ..] = all.as_slice() else {
        return Some(section);
    };
    let last = &all[all.len() - 1];
    let end = last.from + second.from - first.from;
    let over_time = |name: &str, ink, value: fn(&DeskInterval) -> Option<f64>| Line {
        stepped: true,
        ..line(
            name,
            ink,
            all.iter()
                .map(|one| (one.from, value(one).unwrap_or(f64::NAN)))
                .chain([(end, value(last).unwrap_or(f64::NAN))])
                .collect(),
        )
    };
    let panel = |label: &str, y: fn(String) -> Axis, series: Vec<Line>| Panel {
        y: y(label.to_owned()),
        series,
        marks: Vec::new(),
    };
    // A line for each kind of loss that happened.
    let lost = [
        over_time("rejected", Ink::Rejected, |one| Some(one.rejected as f64)),
        over_time("gave up", Ink::Abandoned, |one| Some(one.abandoned as f64)),
    ];
    let happened = |line: &Line| line.points.iter().any(|point| point.1 > 0.0);
    let mut requests = vec![
        over_time("offered", Ink::Series(0), |one| Some(one.offered as f64)),
        over_time("answered", Ink::Completed, |one| Some(one.answered as f64)),
    ];
    requests.extend(lost.into_iter().filter(happened));
    let mut panels = vec![
        panel(
            "requests: those offered, answered and lost",
            Axis::whole,
            requests,
        ),
        panel(
            "attendants on average: those on duty, and those busy",
            Axis::numbers,
            vec![
                over_time("on duty", Ink::Faint, |one| one.on_duty),
                over_time("busy", Ink::Busy, |one| Some(one.on_duty? * one.occupancy?)),
            ],
        ),
    ];
    if all.iter().any(|one| one.service_level.is_some()) {
        let level = over_time("in time", Ink::Completed, |one| one.service_level);
        panels.push(panel(
            "answered in time, of those offered",
            Axis::shares,
            vec![level],
        ));
    }
    let panels = Panels {
        x: results.desk_axis(),
        panels,
        ..Panels::default()
    };
    let title = "Requests and attendants by interval; a request belongs to that of its arrival";
    section.charts.push(Chart::new(title, Body::Panels(panels)));
    Some(section)
}
