//! Busy, idle and down time of a desk's attendants: by server, by attendant, and over time.

use super::desk_course::{DeskCourse, STRIPS};
use super::document::{Section, Table};
use super::results::Results;
use crate::desk::{AttendantSummary, DeskSummary};
use crate::number::{count, of_them, percent, plain};
use crate::report::chart::{Axis, Body, Chart, Ink, Stacked, Strips};

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
    let mut parts = vec![
        ("busy".to_owned(), Ink::Busy),
        ("idle".to_owned(), Ink::Idle),
        ("down".to_owned(), Ink::Down),
    ];
    let attendants = summary.servers.iter().flat_map(|server| &server.attendants);
    if attendants
        .clone()
        .any(|attendant| attendant.spent()[3] > 0.0)
    {
        parts.push(("off duty".to_owned(), Ink::Off));
    }
    let kinds = parts.len();
    let shares = |attendants: &[AttendantSummary]| {
        let mut sums = [0.0; 4];
        for attendant in attendants {
            for (sum, part) in sums.iter_mut().zip(attendant.spent()) {
                *sum += part;
            }
        }
        let all = sums.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        sums.map(|part| part / all)[..kinds].to_vec()
    };
    let servers = summary.servers.iter();
    let servers = servers.map(|server| (server.name.clone(), shares(&server.attendants)));
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
    if let Some(course) = course {
        let rows = course.strips();
        let mut title = "Who was in which state when".to_owned();
        if let (Some(shown), Some(steps)) = (course.shown(), summary.steps) {
            title += &format!(", in the first {shown} of {}", of_them(steps, "step"));
        } else if let Some(shown) = course.shown() {
            title += &format!(", up to {} {}", plain(shown), results.unit());
        }
        if attendants.count() > STRIPS {
            title += &format!(" (the first {STRIPS} attendants)");
        }
        let strips = Strips {
            x: results.desk_axis(),
            states: parts,
            rows,
        };
        section.charts.push(Chart::new(title, Body::Strips(strips)));
    }
    section
        .tables
        .push(attendants_table(summary, &results.unit()));
    section
}

fn attendants_table(summary: &DeskSummary, unit: &str) -> Table {
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
            share(attendant.occupancy),
            share(attendant.availability),
            attendant.repair_time_mean.map_or("–".to_owned(), plain),
            attendant.outage_longest.map_or("–".to_owned(), plain),
        ]
    });
    let head =
        "attendant|skills|completed|faults|repairs|busy|occupied|up|mean repair|longest outage";
    let title = format!("Attendant by attendant; times in {unit}");
    Table::new(title, 2, head, rows.collect())
}
