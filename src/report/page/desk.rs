//! The report of a run of a desk.

use super::attendants::who;
use super::desk_course::{Courses, DeskCourse};
use super::document::{Document, Section, Table};
use super::results::{Results, ResultsError};
use super::{desk_intervals, measures_table, repeat};
use crate::actor::Recording;
use crate::desk::{DeskSummary, LostShares, RequestCounts, ServerSummary, ServiceLevelSummary};
use crate::number::{agreeing, count, given_percent, of_them, percent, percent_beside, plain};
use crate::report::chart::{
    Axis, Bars, Body, Chart, Ink, Line, Mark, Panel, Panels, Scales, Stacked, Unit,
};
use crate::scenario::{Desk, InterruptedWork};
use crate::study::answer::{desk_cards, listed};

pub(super) fn desk(results: &Results) -> Result<Document, ResultsError> {
    let summary: DeskSummary = results.summary_as()?;
    let mut course = DeskCourse::new(&summary);
    let course = repeat::run(results, Recording::Everything, &mut course).map(|_| course);
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
    document.cards = desk_cards(&summary, &results.unit(), results.interval());
    document.facts = vec![
        match summary.steps {
            Some(steps) => of_them(steps, "step"),
            // As in the terminal: the time at which arrivals end.
            None => match scenario(results) {
                Some(desk) => desk.lasting(desk.span()),
                None => format!("{} {}", plain(summary.clock.unwrap_or(0.0)), results.unit()),
            },
        },
        format!(
            "{} in {}",
            of_them(attendants as u64, "attendant"),
            of_them(summary.servers.len() as u64, "server")
        ),
    ];
    document.sections = vec![
        over_time(results, &summary, course.as_mut()),
        losses(results, &summary),
        waiting(results, &summary, course.as_ref()),
        who(results, &summary, course.as_mut()),
    ];
    document
        .sections
        .extend(desk_intervals::section(results, &summary));
    Ok(document)
}

/// The course of a run over one axis of time: arrivals and completed requests, losses, waiting, attendants up and busy,
/// with outages shaded.
fn over_time(results: &Results, summary: &DeskSummary, course: Option<&mut DeskCourse>) -> Section {
    let mut section = Section::new("What happened when");
    section.text.push(ends(&summary.requests));
    section.text.extend(clients(results, summary));
    let Some(course) = course else {
        return section;
    };
    let times = course.over_time();
    let unit = results.unit();
    let each = match summary.steps {
        Some(_) => "requests a step".to_owned(),
        None => format!(
            "requests per {}",
            results.unit_named().unwrap_or("unit of time")
        ),
    };
    let panel = |label: String, series: Vec<Line>| Panel {
        y: Axis::numbers(label),
        series,
        marks: Vec::new(),
    };
    let count_of = |columns, name, ink| times.each(columns, name, ink);
    let mut panels = vec![panel(
        format!("{each}: those that came, and those completed"),
        vec![
            count_of(&times.completed, "completed", Ink::Completed),
            count_of(&times.generated, "came", Ink::Faint),
        ],
    )];
    let requests = &summary.requests;
    let lost = [
        (&times.failed, "failed", Ink::Failed, requests.failed),
        (
            &times.rejected,
            "rejected",
            Ink::Rejected,
            requests.rejected,
        ),
        (
            &times.abandoned,
            "gave up",
            Ink::Abandoned,
            requests.abandoned,
        ),
        (
            &times.timed_out,
            "timed out",
            Ink::TimedOut,
            requests.timed_out,
        ),
    ];
    let lost = lost.into_iter().filter(|(.., number)| *number > 0);
    let lost: Vec<Line> = lost
        .map(|(columns, name, ink, _)| count_of(columns, name, ink))
        .collect();
    if !lost.is_empty() {
        panels.push(panel(format!("{each}: those lost"), lost));
    }
    panels.push(waiting_panel(results, summary, times));
    let all: u64 = summary
        .servers
        .iter()
        .map(|s| s.attendants.len() as u64)
        .sum();
    // An attendant who is off duty is not down.
    let up = match summary.servers.iter().any(has_shifts) {
        true => "on duty and up",
        false => "up",
    };
    panels.push(Panel {
        marks: vec![Mark::Y(all as f64, format!("all {}", count(all)))],
        ..panel(
            format!("attendants: those {up}, and those in service"),
            vec![
                times.in_service.mean("in service", Ink::Busy),
                times.up.mean(up, Ink::Faint),
            ],
        )
    });
    let shades = match summary.faults.count {
        0 => Vec::new(),
        _ => times.up.below(&times.on_duty, all as f64),
    };
    let mut title = "Requests and attendants over time".to_owned();
    let width = times.up.width();
    if summary.steps.is_none() || width > 1.0 {
        title += &format!(
            ": means over {} {unit} each, and the least and greatest in them",
            plain(width)
        );
    }
    let panels = Panels {
        x: results.desk_axis(),
        panels,
        shades,
        shaded: "part of the attendants down".to_owned(),
    };
    section.charts.push(Chart::new(title, Body::Panels(panels)));
    section
}

/// Whether attendants of a server were ever off duty.
fn has_shifts(server: &ServerSummary) -> bool {
    let mut attendants = server.attendants.iter();
    attendants.any(|attendant| attendant.spent()[3] > 0.0)
}

/// The outcomes of requests, without those that did not occur.
fn ends(requests: &RequestCounts) -> String {
    let others = [
        (requests.rejected, "rejected", true),
        (requests.abandoned, "gave up", false),
        (requests.failed, "failed", false),
        (requests.timed_out, "timed out", false),
        (requests.in_system, "still in the system at the end", true),
    ];
    let others = others.into_iter().filter(|(number, ..)| *number > 0);
    let parts = others.map(|(number, end, is_passive)| match is_passive {
        true => format!(
            "{} {} {end}",
            count(number),
            agreeing(number, "was", "were")
        ),
        false => format!("{} {end}", count(number)),
    });
    let completed = requests.completed;
    let completed = format!(
        "{} {} completed",
        count(completed),
        agreeing(completed, "was", "were")
    );
    let parts: Vec<String> = std::iter::once(completed).chain(parts).collect();
    let of = of_them(requests.generated, "request");
    format!("Of {of}, {}.", listed(&parts))
}

/// The number of tries per client, and the wasted work.
fn clients(results: &Results, summary: &DeskSummary) -> Option<String> {
    let tries = summary.tries_per_client.filter(|&tries| tries > 1.0);
    if tries.is_none() && summary.wasted_work == 0.0 {
        return None;
    }
    let times = tries.map_or("once".to_owned(), |tries| format!("{} times", plain(tries)));
    let wasted = match summary.wasted_work {
        0.0 => "No work was wasted.".to_owned(),
        work => format!("{} {} of work were wasted.", plain(work), results.unit()),
    };
    Some(format!(
        "{} came {times} each; {} of their requests were completed while they waited. {wasted}",
        of_them(summary.clients, "client"),
        count(summary.completed_in_time),
    ))
}

/// The scenario, if it is known.
fn scenario(results: &Results) -> Option<&Desk> {
    results.scenario.as_ref().ok()?.scenario.desk()
}

/// Places of the buffer, if they are limited.
fn places(results: &Results) -> Option<u64> {
    scenario(results)?.buffer
}

/// Requests that wait with the supervisor and at servers.
fn waiting_panel(results: &Results, summary: &DeskSummary, times: &Courses) -> Panel {
    let capacity = places(results);
    let most = summary.buffer.max.unwrap_or(0).max(1);
    let capacity = capacity.filter(|&places| places > 0 && places <= 4 * most);
    let marks = capacity.map(|places| {
        let label = match places {
            1 => "the buffer's only place".to_owned(),
            _ => format!("the buffer's {} places", count(places)),
        };
        Mark::Y(places as f64, label)
    });
    Panel {
        y: Axis::numbers("requests waiting"),
        series: vec![
            times.buffer.mean("in the buffer", Ink::Waiting),
            times.at_servers.mean("at servers", Ink::AtServers),
        ],
        marks: marks.into_iter().collect(),
    }
}

/// A cause of losses: its share, its name and its ink.
type Cause = (fn(&LostShares) -> Option<f64>, &'static str, Ink);

/// Losses by cause and class; and the effects of faults.
fn losses(results: &Results, summary: &DeskSummary) -> Section {
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
            of_them(faults.interrupted, "request") + " " + agreeing(faults.interrupted, "was", "were"),
            count(faults.reallocated) + " " + agreeing(faults.reallocated, "was", "were"),
        ),
    });
    let causes: [Cause; 4] = [
        (|lost| lost.rejected, "rejected: no place", Ink::Rejected),
        (|lost| lost.abandoned, "gave up waiting", Ink::Abandoned),
        (
            |lost| lost.failed,
            match scenario(results).map(|desk| desk.faults.work) {
                Some(InterruptedWork::Lost) => "failed: their work was lost",
                _ => "failed: interrupted too often",
            },
            Ink::Failed,
        ),
        (
            |lost| lost.timed_out,
            "timed out: waited too long",
            Ink::TimedOut,
        ),
    ];
    let causes: Vec<_> = causes
        .into_iter()
        .filter(|(share, ..)| share(&summary.lost).is_some_and(|share| share > 0.0))
        .collect();
    let row = |name: &str, lost: &LostShares| {
        let parts = causes.iter().map(|(share, ..)| share(lost).unwrap_or(0.0));
        (name.to_owned(), parts.collect())
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
            parts: causes
                .iter()
                .map(|(_, name, ink)| ((*name).to_owned(), *ink))
                .collect(),
            rows,
        };
        section.charts.push(Chart::new(
            "Lost, by cause and class",
            Body::Stacked(stacked),
        ));
    }
    if faults.count > 0 {
        let rows = summary.servers.iter().map(|server| {
            let pair = vec![server.completed as f64, server.faults as f64];
            (server.name.clone(), pair)
        });
        let bars = Bars {
            series: vec![
                ("completed requests".to_owned(), Ink::Completed, Unit::Whole),
                ("faults".to_owned(), Ink::Down, Unit::Whole),
            ],
            rows: rows.collect(),
            scales: Scales::Own,
        };
        section.charts.push(Chart::new(
            "Faults of each server, against what it completed",
            Body::Bars(bars),
        ));
    }
    section
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
    section.text.extend(buffer(summary, places(results)));
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

/// The service level by the formulas in use, of the desk and of each class that has one.
fn levels(summary: &DeskSummary, unit: &str) -> Option<Table> {
    let mut rows = Vec::new();
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let mut row = |name: &str, level: &ServiceLevelSummary| {
        let target = match (level.target, level.met.flatten()) {
            (Some(target), Some(true)) => format!("{}, met", given_percent(target)),
            (Some(target), Some(false)) => format!("{}, not met", given_percent(target)),
            (Some(target), None) => given_percent(target),
            (None, _) => "–".to_owned(),
        };
        rows.push(vec![
            name.to_owned(),
            level.within.map_or("each its own".to_owned(), plain),
            level.of_offered.map_or("–".to_owned(), |share| {
                percent_beside(share, level.target.as_slice())
            }),
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

/// The length of the buffer, in a sentence.
fn buffer(summary: &DeskSummary, capacity: Option<u64>) -> Option<String> {
    let buffer = &summary.buffer;
    let (mean, most, last) = (buffer.mean?, buffer.max?, buffer.last?);
    let (when, full) = match summary.steps {
        Some(_) => (" at the end of a step", "step"),
        None => ("", "instant"),
    };
    // A request finds it full before those in it are dispatched.
    let inside = capacity.filter(|&places| buffer.full_steps > 0 && places > most);
    let inside = inside.map_or(String::new(), |places| {
        format!(" ({} before requests go to servers)", count(places))
    });
    let full = match (capacity, buffer.full_steps) {
        (None, _) => String::new(),
        (_, 0) => "; no request found it full".to_owned(),
        (_, times) => format!("; in {} a request found it full", of_them(times, full)),
    };
    Some(format!(
        "{} requests waited in the buffer on average{when}, {} at most{inside}, {} in the end{full}.",
        plain(mean),
        count(most),
        count(last),
    ))
}
