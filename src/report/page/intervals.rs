//! Measures by intervals of time, for a run and for replications: a table, and charts over the time axis.

use super::desk_course::line;
use super::document::{Section, Table};
use super::results::Results;
use crate::number::{column, count, percent, plain};
use crate::report::chart::{Axis, Body, Chart, Ink, Line, Lines, Panel, Panels};
use crate::report::study::Replications;
use crate::scenario::{Scenario, Start};
use crate::tandem::{IntervalSummary, LineSummary};

/// The measures of a line by interval; `None` if it reports no intervals.
#[must_use]
pub fn intervals(summary: &LineSummary, unit: &str, start: Option<Start>) -> Option<Table> {
    let all = &summary.intervals;
    let of = |pick: fn(&IntervalSummary) -> Option<f64>| {
        let values: Vec<Option<f64>> = all.iter().map(pick).collect();
        column(&values, "–")
    };
    let (wait, p95) = (of(|one| one.waiting.mean), of(|one| one.waiting.p95));
    let queue = of(|one| one.queue_length.mean);
    let rows = all.iter().enumerate().map(|(at, one)| {
        vec![
            start.map_or_else(|| plain(one.from), |start| start.at(one.from)),
            count(one.arrivals),
            count(one.departures),
            wait[at].clone(),
            p95[at].clone(),
            queue[at].clone(),
            one.queue_length.max.map_or("–".to_owned(), count),
            one.utilisation.map_or("–".to_owned(), percent),
        ]
    });
    let caption =
        format!("By interval, in {unit}; a customer belongs to the interval of its arrival");
    let head = "from|arrived|served|wait|p95|queue|most|busy";
    let table = Table::new(caption, 1, head, rows.collect());
    (!all.is_empty()).then_some(table)
}

/// The rows of that table to show if it is long: those with the longest mean waits, in order of time.
#[must_use]
pub fn telling_intervals(summary: &LineSummary, most: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..summary.intervals.len()).collect();
    let wait = |at: usize| summary.intervals[at].waiting.mean.unwrap_or(0.0);
    rows.sort_by(|&a, &b| wait(b).total_cmp(&wait(a)).then(a.cmp(&b)));
    rows.truncate(most);
    rows.sort_unstable();
    rows
}

/// The section on the intervals of a line, over time.
pub(super) fn section(results: &Results, summary: &LineSummary) -> Section {
    let mut section = Section::new("By interval");
    let all = &summary.intervals;
    let (unit, start) = (results.unit(), results.clock());
    section.tables.extend(intervals(summary, &unit, start));
    if all.len() < 2 {
        return section;
    }
    let length = all[1].from - all[0].from;
    let last = &all[all.len() - 1];
    // The last interval may be cut at the end of the run; it is drawn whole if that is not known.
    let end = last.from + length;
    let over_time = |name: &str, ink, value: fn(&IntervalSummary) -> Option<f64>| Line {
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
    let panel = |y: Axis, series: Vec<Line>| Panel {
        y,
        series,
        marks: Vec::new(),
    };
    let arrived = over_time("arrived", Ink::Faint, |one| Some(one.arrivals as f64));
    let served = over_time("served", Ink::Completed, |one| Some(one.departures as f64));
    let mean = over_time("mean", Ink::Waiting, |one| one.waiting.mean);
    let p95 = over_time("p95", Ink::AtServers, |one| one.waiting.p95);
    let queue = over_time("waiting", Ink::Waiting, |one| one.queue_length.mean);
    let busy = over_time("busy", Ink::Busy, |one| one.utilisation);
    let panels = Panels {
        x: results.time_axis(),
        panels: vec![
            panel(
                Axis::whole("customers: those who arrived, and those served"),
                vec![served, arrived],
            ),
            panel(
                Axis::numbers(format!("{unit} waited by those served, by arrival")),
                vec![mean, p95],
            ),
            panel(Axis::numbers("customers waiting, on average"), vec![queue]),
            panel(Axis::shares("busy, of the servers' time"), vec![busy]),
        ],
        ..Panels::default()
    };
    let title = "Arrivals, waits, queues and servers by interval";
    section.charts.push(Chart::new(title, Body::Panels(panels)));
    section
}

/// The findings of replications for each interval, over time, with bands of confidence.
pub(super) fn of_replications(study: &Replications, scenario: Option<&Scenario>) -> Section {
    let mut section = Section::new("By interval");
    let measure = |index: usize, key: &str| study.measures.get(&format!("intervals.{index}.{key}"));
    let begins = (0..).map_while(|index| measure(index, "from")?.mean);
    let begins: Vec<f64> = begins.collect();
    let [first, second, ..] = begins[..] else {
        return section;
    };
    let half = (second - first) / 2.0;
    let unit = scenario
        .and_then(Scenario::time_unit)
        .unwrap_or("units of time");
    let start = scenario.and_then(Scenario::clock);
    let x = start.map_or_else(|| Axis::numbers(unit), Axis::times_of_day);
    let shares = ["occupancy", "service_level", "utilisation"];
    let over_time = |key: &str, name: &str, ink| {
        let (mut mean, mut band) = (Vec::new(), Vec::new());
        for (index, from) in begins.iter().enumerate() {
            let Some(seen) = measure(index, key) else {
                continue;
            };
            let middle = from + half;
            mean.push((middle, seen.mean.unwrap_or(f64::NAN)));
            // An interval may extend beyond the possible values of a count, a time or a share.
            let most = if shares.contains(&key) {
                1.0
            } else {
                f64::INFINITY
            };
            let ends = seen.low.zip(seen.high);
            band.extend(ends.map(|(low, high)| (middle, low.max(0.0), high.min(most))));
        }
        Line {
            band,
            ..line(name, ink, mean)
        }
    };
    if measure(0, "offered").is_some() {
        let panels = Panels {
            x,
            panels: of_desks(over_time, unit),
            ..Panels::default()
        };
        let title = "Requests and attendants by interval, with intervals of confidence";
        section.charts.push(Chart::new(title, Body::Panels(panels)));
        return section;
    }
    let charts = [
        (
            "arrivals",
            "Customers who arrive in each interval",
            Ink::Series(0),
            Axis::numbers("customers"),
        ),
        (
            "waiting.mean",
            "Mean wait of those served, by interval of arrival",
            Ink::Waiting,
            Axis::numbers(format!("{unit} waited")),
        ),
        (
            "queue_length.mean",
            "Customers waiting, by interval",
            Ink::Waiting,
            Axis::numbers("customers waiting, on average"),
        ),
        (
            "utilisation",
            "Busy share of the servers, by interval",
            Ink::Busy,
            Axis::shares("of the servers' time"),
        ),
    ];
    for (key, title, ink, y) in charts {
        let series = over_time(key, title, ink);
        if series.points.is_empty() {
            continue;
        }
        let lines = Lines {
            x: x.clone(),
            y,
            series: vec![series],
            marks: Vec::new(),
        };
        let title = format!("{title}, with intervals of confidence");
        section.charts.push(Chart::new(title, Body::Lines(lines)));
    }
    section
}

/// The panels of replications of a desk: a line for each measure that was observed.
fn of_desks(over_time: impl Fn(&str, &str, Ink) -> Line, unit: &str) -> Vec<Panel> {
    let panels = [
        (
            Axis::numbers("requests: those offered, answered and lost"),
            vec![
                over_time("offered", "offered", Ink::Series(0)),
                over_time("answered", "answered", Ink::Completed),
                over_time("rejected", "rejected", Ink::Rejected),
                over_time("abandoned", "gave up", Ink::Abandoned),
            ],
        ),
        (
            Axis::numbers("attendants on duty, on average"),
            vec![over_time("on_duty", "on duty", Ink::Faint)],
        ),
        (
            Axis::shares("busy, of the time on duty and up"),
            vec![over_time("occupancy", "busy", Ink::Busy)],
        ),
        (
            Axis::shares("answered in time, of those offered"),
            vec![over_time("service_level", "in time", Ink::Completed)],
        ),
        (
            Axis::numbers(format!("mean wait of those served, in {unit}")),
            vec![over_time("waiting.mean", "wait", Ink::Waiting)],
        ),
    ];
    let seen = panels.into_iter().map(|(y, mut series)| {
        // Only losses that occurred are shown.
        let happened = |line: &Line| {
            let lost = ["rejected", "gave up"].contains(&line.name.as_str());
            !line.points.is_empty() && (!lost || line.points.iter().any(|point| point.1 > 0.0))
        };
        series.retain(happened);
        Panel {
            y,
            series,
            marks: Vec::new(),
        }
    });
    seen.filter(|panel| !panel.series.is_empty()).collect()
}
