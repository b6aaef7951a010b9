//! Busy, idle and down time of a desk's attendants: by server, by attendant, and over time.

use super::desk_course::{DeskCourse, STRIP_STEPS, STRIPS};
use super::document::{Section, Table};
use super::results::Results;
use crate::desk::{AttendantSummary, DeskSummary};
use crate::number::{count, of_them, percent, plain};
use crate::report::chart::{Axis, Body, Chart, Ink, Stacked, Strips};

/// Rows of a chart of attendants.
pub(super) const ATTENDANTS: usize = 120;

/// Busy, idle and down time of attendants.
pub(super) fn who(
    results: &Results,
    summary: &DeskSummary,
    course: Option<&mut DeskCourse>,
) -> Section {
    let mut section = Section::new("Who was busy");
    let busiest = summary.servers.iter().max_by(|a, b| {
        let busy = |share: Option<f64>| share.unwrap_or(0.0);
        busy(a.utilisation).total_cmp(&busy(b.utilisation))
    });
    if let Some((server, share)) = busiest.and_then(|s| Some((s, s.utilisation?))) {
        section.text.push(format!(
            "The busiest server is {}, with {} of its attendants' time at work.",
            server.name,
            percent(share)
        ));
    }
    let parts = vec![
        ("busy".to_owned(), Ink::Busy),
        ("idle".to_owned(), Ink::Idle),
        ("down".to_owned(), Ink::Down),
    ];
    let steps = summary.steps.max(1) as f64;
    let shares = |busy: u64, idle: u64, down: u64, of: f64| {
        [busy, idle, down].map(|part| part as f64 / of).to_vec()
    };
    let servers = summary.servers.iter().map(|server| {
        let sum =
            |part: fn(&AttendantSummary) -> u64| server.attendants.iter().map(part).sum::<u64>();
        let of = steps * server.attendants.len().max(1) as f64;
        let (busy, idle, down) = (
            sum(|a| a.busy_steps),
            sum(|a| a.idle_steps),
            sum(|a| a.down_steps),
        );
        (server.name.clone(), shares(busy, idle, down, of))
    });
    let by = |rows| {
        Body::Stacked(Stacked {
            axis: Axis::shares("of the attendants' time"),
            parts: parts.clone(),
            rows,
        })
    };
    section.charts.push(Chart::new(
        "Busy, idle and down, by server",
        by(servers.collect()),
    ));
    let attendants = summary.servers.iter().flat_map(|server| &server.attendants);
    let rows = attendants.clone().take(ATTENDANTS).map(|a| {
        (
            a.name.clone(),
            shares(a.busy_steps, a.idle_steps, a.down_steps, steps),
        )
    });
    section.charts.push(Chart::new(
        "Busy, idle and down, by attendant",
        by(rows.collect()),
    ));
    if let Some(course) = course {
        let rows = course.strips(summary.steps);
        let mut title = "Who was in which state when".to_owned();
        if summary.steps > STRIP_STEPS {
            title += &format!(
                ", in the first {STRIP_STEPS} of {}",
                of_them(summary.steps, "step")
            );
        }
        if attendants.clone().count() > STRIPS {
            title += &format!(" (the first {STRIPS} attendants)");
        }
        let strips = Strips {
            x: results.step_axis(),
            states: parts,
            rows,
        };
        section.charts.push(Chart::new(title, Body::Strips(strips)));
    }
    section.tables.push(attendants_table(summary));
    section
}

fn attendants_table(summary: &DeskSummary) -> Table {
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let attendants = summary.servers.iter().flat_map(|server| &server.attendants);
    let rows = attendants.map(|attendant| {
        vec![
            attendant.name.clone(),
            attendant.skills.join(", "),
            count(attendant.completed),
            count(attendant.faults),
            count(attendant.repairs),
            share(attendant.utilisation),
            share(attendant.availability),
            attendant.repair_time_mean.map_or("–".to_owned(), plain),
            attendant.outage_longest.map_or("–".to_owned(), count),
        ]
    });
    let head = "attendant|skills|completed|faults|repairs|busy|up|mean repair|longest outage";
    Table::new(
        "Attendant by attendant; times in steps",
        2,
        head,
        rows.collect(),
    )
}
