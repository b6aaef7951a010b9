//! The report of a run of a desk.

use super::attendants::{ATTENDANTS, who};
use super::desk_course::DeskCourse;
use super::document::{Document, Section, Table};
use super::results::{Results, ResultsError};
use super::{measures_table, repeat};
use crate::actor::Recording;
use crate::desk::{DeskSummary, LostShares, ServiceLevelSummary};
use crate::number::{count, of_them, percent, plain};
use crate::report::chart::{Axis, Bars, Body, Chart, Ink, Lines, Mark, Scales, Stacked, Unit};

pub(super) fn desk(results: &Results) -> Result<Document, ResultsError> {
    let summary: DeskSummary = results.summary_as()?;
    let mut course = DeskCourse::new(&summary);
    let course = repeat::run(results, Recording::Everything, &mut course).map(|()| course);
    let mut document = Document::of(&results.answer()?);
    let mut course = match course {
        Ok(course) => Some(course),
        Err(why) => {
            document.notices.push(format!(
                "Courses over time and histograms are missing: {why}."
            ));
            None
        }
    };
    let attendants: usize = summary.servers.iter().map(|s| s.attendants.len()).sum();
    document.facts = vec![
        match summary.steps {
            Some(steps) => of_them(steps, "step"),
            None => format!("{} {}", plain(summary.clock.unwrap_or(0.0)), results.unit()),
        },
        format!(
            "{} in {}",
            of_them(attendants as u64, "attendant"),
            of_them(summary.servers.len() as u64, "server")
        ),
    ];
    document.sections = vec![
        processed(results, &summary, course.as_ref()),
        losses(results, &summary, course.as_ref()),
        waiting(results, &summary, course.as_ref()),
        who(results, &summary, course.as_mut()),
        buffer(results, &summary, course.as_ref()),
    ];
    Ok(document)
}

/// Processed in green and failed in red, as the first page of this program showed them.
fn processed(results: &Results, summary: &DeskSummary, course: Option<&DeskCourse>) -> Section {
    let mut section = Section::new("Processed and failed");
    let requests = &summary.requests;
    section.text.push(format!(
        "Of {} generated, {} were completed; {} were rejected, {} gave up, {} failed, {} timed out, and {} were still in the system at the end.",
        of_them(requests.generated, "request"),
        count(requests.completed),
        count(requests.rejected),
        count(requests.abandoned),
        count(requests.failed),
        count(requests.timed_out),
        count(requests.in_system),
    ));
    section.text.extend(clients(results, summary));
    let Some(course) = course else {
        return section;
    };
    let lost = [
        (&course.failed, "failed", Ink::Failed),
        (&course.rejected, "rejected", Ink::Rejected),
        (&course.abandoned, "gave up", Ink::Abandoned),
    ];
    let shown = || {
        let lost = lost.iter();
        // Failed ones are shown even where there are none: that is an answer too.
        let lost = lost.filter(|(series, name, _)| *name == "failed" || series.total() > 0);
        std::iter::once(&(&course.completed, "processed", Ink::Completed))
            .chain(lost)
            .copied()
            .collect::<Vec<_>>()
    };
    let sums = shown();
    for (title, y, cumulative) in [
        ("Processed and failed so far", "requests so far", true),
        (
            "Processed and failed in each step",
            "requests a step",
            false,
        ),
    ] {
        // In continuous time an instant has hardly more than one.
        if !cumulative && summary.steps.is_none() {
            continue;
        }
        let series = sums.iter().map(|(series, name, ink)| match cumulative {
            true => series.sum(name, *ink),
            false => series.each(name, *ink),
        });
        let body = Body::Lines(Lines {
            x: results.desk_axis(),
            y: Axis::whole(y),
            series: series.collect(),
            marks: Vec::new(),
        });
        section.charts.push(Chart::new(title, body));
    }
    section
}

/// How often clients came, and what their work was for.
fn clients(results: &Results, summary: &DeskSummary) -> Option<String> {
    let tries = summary.tries_per_client.filter(|&tries| tries > 1.0);
    if tries.is_none() && summary.wasted_work == 0.0 {
        return None;
    }
    Some(format!(
        "{} came {} times each; {} of their requests were completed while they waited. {} {} of work were wasted.",
        of_them(summary.clients, "client"),
        plain(tries.unwrap_or(1.0)),
        count(summary.completed_in_time),
        plain(summary.wasted_work),
        results.unit()
    ))
}

/// Losses by cause and class; and the effects of faults.
fn losses(results: &Results, summary: &DeskSummary, course: Option<&DeskCourse>) -> Section {
    let mut section = Section::new("Losses and faults");
    let faults = &summary.faults;
    let up = faults.availability.map_or(String::new(), |up| {
        format!("; attendants were up {} of the time", percent(up))
    });
    section.text.push(match faults.count {
        0 => "No attendant went down.".to_owned(),
        number => format!(
            "Attendants went down {} and were repaired {}{up}. {} cut off in service, {} handed to others.",
            times(number),
            times(faults.repairs),
            of_them(faults.interrupted, "request") + " " + was(faults.interrupted),
            count(faults.reallocated) + " " + was(faults.reallocated),
        ),
    });
    let row = |name: &str, lost: &LostShares| {
        let part = |share: Option<f64>| share.unwrap_or(0.0);
        let parts = [lost.rejected, lost.abandoned, lost.failed, lost.timed_out].map(part);
        (name.to_owned(), parts.to_vec())
    };
    let mut rows = vec![row("all requests", &summary.lost)];
    if summary.classes.len() > 1 {
        rows.extend(
            summary
                .classes
                .iter()
                .map(|class| row(&class.name, &class.lost)),
        );
    }
    if summary.lost.total.is_some_and(|lost| lost > 0.0) {
        let stacked = Stacked {
            axis: Axis::shares("of the requests offered"),
            parts: vec![
                ("rejected: no place".to_owned(), Ink::Rejected),
                ("gave up waiting".to_owned(), Ink::Abandoned),
                ("failed: interrupted too often".to_owned(), Ink::Failed),
                ("timed out: waited too long".to_owned(), Ink::Waiting),
            ],
            rows,
        };
        section.charts.push(Chart::new(
            "Lost, by cause and class",
            Body::Stacked(stacked),
        ));
    }
    if let Some(course) = course {
        let all: u64 = summary
            .servers
            .iter()
            .map(|s| s.attendants.len() as u64)
            .sum();
        let lines = Lines {
            x: results.desk_axis(),
            y: Axis::whole("attendants"),
            series: vec![
                course.up.each("up", Ink::Completed),
                course.in_service.each("busy", Ink::Busy),
            ],
            marks: vec![Mark::Y(all as f64, format!("all {}", count(all)))],
        };
        section
            .charts
            .push(Chart::new("Attendants up, and busy", Body::Lines(lines)));
    }
    let pair = |completed: u64, faults: u64| vec![completed as f64, faults as f64];
    let mut bars = |title: &str, rows: Vec<(String, Vec<f64>)>| {
        let bars = Bars {
            series: vec![
                ("completed requests".to_owned(), Ink::Completed, Unit::Whole),
                ("faults".to_owned(), Ink::Down, Unit::Whole),
            ],
            rows,
            scales: Scales::Own,
        };
        section.charts.push(Chart::new(title, Body::Bars(bars)));
    };
    let servers = summary.servers.iter();
    bars(
        "Faults of each server, against what it completed",
        servers
            .map(|s| (s.name.clone(), pair(s.completed, s.faults)))
            .collect(),
    );
    let attendants = summary.servers.iter().flat_map(|server| &server.attendants);
    let rows: Vec<_> = attendants
        .map(|a| (a.name.clone(), pair(a.completed, a.faults)))
        .take(ATTENDANTS)
        .collect();
    bars("Faults of each attendant, against what it completed", rows);
    section
}

fn was(number: u64) -> &'static str {
    if number == 1 { "was" } else { "were" }
}

fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        number => format!("{} times", count(number)),
    }
}

fn waiting(results: &Results, summary: &DeskSummary, course: Option<&DeskCourse>) -> Section {
    let mut section = Section::new("Waiting");
    let unit = results.unit();
    let at_once = match summary.steps {
        Some(_) => "began in the step of their arrival",
        None => "began at once",
    };
    for (class, spread) in summary
        .classes
        .iter()
        .zip(course.iter().flat_map(|c| &c.waiting))
    {
        if let Some(none) = spread.none() {
            section
                .text
                .push(format!("{}: {none} of those served {at_once}.", class.name));
        }
        let what = if summary.steps.is_some() {
            "Steps"
        } else {
            "Time"
        };
        let title = format!("{what} that requests of {} waited", class.name);
        let histogram = spread.histogram(
            format!("{unit} waited"),
            "requests served",
            &class.waiting,
            Ink::Waiting,
        );
        section
            .charts
            .push(Chart::new(title, Body::Histogram(histogram)));
    }
    if let Some(share) = summary.waited_fraction {
        section.text.push(format!(
            "{} of the requests that found a place waited longer than zero, those who gave up included.",
            percent(share)
        ));
    }
    section.tables.extend(levels(summary, &unit));
    let mut rows = vec![
        ("waiting".to_owned(), summary.waiting),
        ("sojourn".to_owned(), summary.sojourn),
        ("service".to_owned(), summary.service),
        ("time to abandon".to_owned(), summary.time_to_abandon),
    ];
    for class in &summary.classes {
        rows.push((format!("waiting, {}", class.name), class.waiting));
        rows.push((format!("sojourn, {}", class.name), class.sojourn));
        rows.push((format!("service, {}", class.name), class.service));
        rows.push((
            format!("time to abandon, {}", class.name),
            class.time_to_abandon,
        ));
    }
    rows.retain(|(_, statistics)| statistics.n > 0);
    section.tables.push(measures_table(
        format!("Times of requests, in {unit}"),
        &rows,
    ));
    section
}

/// The service level by the formulas in use, of the desk and each class that has one.
fn levels(summary: &DeskSummary, unit: &str) -> Option<Table> {
    let mut rows = Vec::new();
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let mut row = |name: &str, level: &ServiceLevelSummary| {
        let target = match (level.target, level.met.flatten()) {
            (Some(target), Some(true)) => format!("{}, met", percent(target)),
            (Some(target), Some(false)) => format!("{}, not met", percent(target)),
            (Some(target), None) => percent(target),
            (None, _) => "–".to_owned(),
        };
        rows.push(vec![
            name.to_owned(),
            level.within.map_or("each its own".to_owned(), plain),
            share(level.of_offered),
            target,
            share(level.of_answered),
            share(level.of_offered_less_quick),
            share(level.with_quick),
            share(level.of_answered_and_late),
        ]);
    };
    row("all requests", summary.service_level.as_ref()?);
    for class in &summary.classes {
        if let Some(level) = &class.service_level {
            row(&class.name, level);
        }
    }
    let head = "requests|within|of the offered|target|of the answered|of the offered less those who \
                gave up within it|these counted as in time|of the answered and those who gave up after it";
    let title =
        format!("Service level: the share answered within a time, in {unit}, by five formulas");
    Some(Table::new(title, 1, head, rows))
}

fn buffer(results: &Results, summary: &DeskSummary, course: Option<&DeskCourse>) -> Section {
    let mut section = Section::new("The buffer");
    let buffer = &summary.buffer;
    if let (Some(mean), Some(most), Some(last)) = (buffer.mean, buffer.max, buffer.last) {
        section.text.push(format!(
            "{} requests waited in the buffer on average, {} at most, {} at the end; in {} a request found it full.",
            plain(mean),
            count(most),
            count(last),
            of_them(buffer.full_steps, match summary.steps {
                Some(_) => "step",
                None => "instant",
            })
        ));
    }
    let Some(course) = course else {
        return section;
    };
    let capacity = results
        .scenario
        .as_ref()
        .ok()
        .and_then(|loaded| loaded.scenario.desk()?.buffer);
    let marks =
        capacity.filter(|&places| places > 0 && places <= 10 * buffer.max.unwrap_or(0).max(1));
    let lines = Lines {
        x: results.desk_axis(),
        y: Axis::whole("requests in the buffer"),
        series: vec![course.buffer.each("buffer", Ink::Waiting)],
        marks: marks
            .map(|places| Mark::Y(places as f64, format!("its {} places", count(places))))
            .into_iter()
            .collect(),
    };
    section
        .charts
        .push(Chart::new("Requests in the buffer", Body::Lines(lines)));
    section
}
