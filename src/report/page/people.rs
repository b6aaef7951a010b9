//! The part of a line's answer that concerns people and machines, as tables: how customers ended, and how servers spent
//! their time. The terminal shows the same tables.

use super::document::{Section, Table};
use crate::number::{column, count, percent};
use crate::report::chart::{Axis, Body, Chart, Ink, Stacked};
use crate::station::VisitOutcome;
use crate::tandem::{ClassSummary, CustomerCounts, LineSummary, StageSummary, TimeShares};

/// The ends of customers other than service, in the order in which they are shown.
const ENDS: [VisitOutcome; 6] = [
    VisitOutcome::Lost,
    VisitOutcome::Balked,
    VisitOutcome::Abandoned,
    VisitOutcome::Failed,
    VisitOutcome::Scrapped,
    VisitOutcome::Unfinished,
];

/// The ends of customers, of all and by class; only ends that occurred. `None` if all were served.
#[must_use]
pub fn ends(summary: &LineSummary) -> Option<Table> {
    let all = &summary.customers;
    let ends = ENDS.into_iter().filter(|&end| number_of(all, end) > 0);
    let ends: Vec<VisitOutcome> = ends.collect();
    if !all.has_people() || ends.is_empty() || summary.is_closed() {
        return None;
    }
    let classes = summary
        .classes_that_came()
        .map(|c| (&c.name[..], &c.customers));
    let rows = std::iter::once(("all", all)).chain(classes);
    let rows = rows.map(|(name, customers)| {
        let share = |number: u64| match customers.arrived {
            0 => "–".to_owned(),
            arrived => percent(number as f64 / arrived as f64),
        };
        let mut row = vec![name.to_owned(), count(customers.arrived)];
        row.push(share(customers.departed));
        row.extend(ends.iter().map(|&end| share(number_of(customers, end))));
        row
    });
    let heads = ends.iter().map(|end| end.name());
    let heads: Vec<&str> = ["class", "customers", "served"]
        .into_iter()
        .chain(heads)
        .collect();
    let caption = "How customers ended";
    Some(Table::new(caption, 1, &heads.join("|"), rows.collect()))
}

/// A time of a class.
type TimeOfClass = fn(&ClassSummary) -> Option<f64>;

/// The times of the customers served of each class; `None` if all classes are alike.
#[must_use]
pub fn class_times(summary: &LineSummary, unit: &str) -> Option<Table> {
    let classes: Vec<&ClassSummary> = summary.classes_that_came().collect();
    let mut times: Vec<(&str, TimeOfClass)> = Vec::new();
    if !summary.is_closed() {
        times.push(("wait", |class| class.waiting.mean));
        times.push(("p95", |class| class.waiting.p95));
        times.push(("service", |class| class.service.mean));
        times.push(("sojourn", |class| class.sojourn.mean));
    }
    if classes.iter().any(|class| class.cycle_time.is_some()) {
        times.push(("cycle", |class| class.cycle_time?.mean));
        times.push(("p95", |class| class.cycle_time?.p95));
    }
    let (mut heads, times): (Vec<&str>, Vec<_>) = times.into_iter().unzip();
    heads.insert(0, "class");
    let columns: Vec<Vec<String>> = (times.iter())
        .map(|time| {
            let values: Vec<Option<f64>> = classes.iter().map(|class| time(class)).collect();
            column(&values, "–")
        })
        .collect();
    let rows = classes.iter().enumerate().map(|(at, class)| {
        let name = std::iter::once(class.name.clone());
        name.chain(columns.iter().map(|column| column[at].clone()))
            .collect()
    });
    let whose = if summary.is_closed() {
        "Cycle times"
    } else {
        "Times of those served"
    };
    let caption = format!("{whose}, in {unit}");
    let table = Table::new(caption, 1, &heads.join("|"), rows.collect());
    (!classes.is_empty()).then_some(table)
}

/// The ends of customers at each stage without being served, and their mean wait before giving up; only ends that
/// occurred. `None` if there is one stage, or all were served.
#[must_use]
pub fn ends_at(summary: &LineSummary) -> Option<Table> {
    let at = |stage: &StageSummary, end: VisitOutcome| {
        let found = stage.ends().into_iter().find(|(other, _)| *other == end);
        found.map_or(0, |(_, number)| number)
    };
    let stages = &summary.stages;
    let ends = ENDS.into_iter();
    let ends = ends.filter(|&end| stages.iter().any(|stage| at(stage, end) > 0));
    let ends: Vec<VisitOutcome> = ends.collect();
    if stages.len() < 2 || ends.is_empty() || summary.is_closed() {
        return None;
    }
    let gave_up = ends.contains(&VisitOutcome::Abandoned);
    let after = stages.iter().map(|stage| stage.time_to_abandon?.mean);
    let after = column(&after.collect::<Vec<_>>(), "–");
    let rows = stages.iter().zip(after).map(|(stage, after)| {
        let mut row = vec![stage.name.clone(), count(stage.arrivals)];
        row.extend(ends.iter().map(|&end| count(at(stage, end))));
        row.extend(gave_up.then_some(after));
        row
    });
    let heads = ends.iter().map(|end| end.name());
    let heads: Vec<&str> = [summary.noun(), "arrivals"]
        .into_iter()
        .chain(heads)
        .chain(gave_up.then_some("gave up after"))
        .collect();
    let caption = "Where customers left who were not served";
    Some(Table::new(caption, 1, &heads.join("|"), rows.collect()))
}

fn number_of(customers: &CustomerCounts, end: VisitOutcome) -> u64 {
    let found = customers
        .ends()
        .into_iter()
        .find(|(other, _)| *other == end);
    found.map_or(0, |(_, number)| number)
}

/// A part of the servers' time: its name, its ink on charts, and its share.
type Part = (&'static str, Ink, fn(&TimeShares) -> f64);

const PARTS: [Part; 6] = [
    ("busy", Ink::Busy, |shares| shares.busy),
    ("blocked", Ink::Blocked, |shares| shares.blocked),
    ("set-up", Ink::SetUp, |shares| shares.setup),
    ("down", Ink::Down, |shares| shares.down),
    ("off duty", Ink::Off, |shares| shares.off),
    ("idle", Ink::Idle, |shares| shares.idle),
];

/// The parts of the servers' time that occur at any stage; busy and idle are always included.
fn parts(summary: &LineSummary) -> Vec<Part> {
    let shares = summary.stages.iter().filter_map(StageSummary::time_shares);
    let shares: Vec<TimeShares> = shares.collect();
    let occurs = |part: &Part| {
        matches!(part.1, Ink::Busy | Ink::Idle) || shares.iter().any(|shares| part.2(shares) > 0.0)
    };
    PARTS.into_iter().filter(occurs).collect()
}

/// The shares of the time of each stage's servers. `None` if they were only busy, blocked or idle, which a chart shows.
#[must_use]
pub fn servers_time(summary: &LineSummary) -> Option<Table> {
    let parts = parts(summary);
    let more = |ink| matches!(ink, Ink::SetUp | Ink::Down | Ink::Off);
    if !parts.iter().any(|part| more(part.1)) {
        return None;
    }
    let rows = summary.stages.iter().filter_map(|stage| {
        let shares = stage.time_shares()?;
        let mut row = vec![stage.name.clone()];
        row.extend(parts.iter().map(|part| percent(part.2(&shares))));
        row.push(stage.occupancy.map_or("–".to_owned(), percent));
        Some(row)
    });
    let names = parts.iter().map(|part| part.0);
    let heads: Vec<&str> = [summary.noun()]
        .into_iter()
        .chain(names)
        .chain(["occupancy"])
        .collect();
    let caption =
        "What the servers' time went into; occupancy is the busy share of the time on duty and up";
    Some(Table::new(caption, 1, &heads.join("|"), rows.collect()))
}

/// The chart of the shares of the time of these stages' servers; `which` names the choice of stages.
pub(super) fn servers_chart(summary: &LineSummary, shown: &[&StageSummary], which: &str) -> Chart {
    let parts = parts(summary);
    let stages = shown.iter().map(|&stage| {
        let shares = stage.time_shares();
        let lengths = parts
            .iter()
            .map(|part| shares.as_ref().map_or(f64::NAN, part.2));
        (super::line::named(stage), lengths.collect())
    });
    let names: Vec<&str> = parts.iter().map(|part| part.0).collect();
    let title = match names.as_slice() {
        ["busy", "blocked", "idle"] => "Busy, blocked and idle",
        ["busy", "idle"] => "Busy and idle",
        _ => "What the servers' time went into",
    };
    let stacked = Stacked {
        axis: Axis::shares("of the servers' time"),
        rows: stages.collect(),
        parts: parts
            .iter()
            .map(|part| (part.0.to_owned(), part.1))
            .collect(),
    };
    let title = format!("{title}, by {}{which}", summary.noun());
    Chart::new(title, Body::Stacked(stacked))
}

/// The section on the outcomes of customers.
pub(super) fn section(summary: &LineSummary, notes: &[String], unit: &str) -> Section {
    let mut section = Section::new("How customers ended");
    if !summary.customers.has_people() {
        return section;
    }
    section.text.extend(notes.iter().cloned());
    let inks = [
        (VisitOutcome::Served, Ink::Completed),
        (VisitOutcome::Lost, Ink::Rejected),
        (VisitOutcome::Balked, Ink::Waiting),
        (VisitOutcome::Abandoned, Ink::Abandoned),
        (VisitOutcome::Failed, Ink::Failed),
        (VisitOutcome::Scrapped, Ink::Down),
        (VisitOutcome::Unfinished, Ink::Idle),
    ];
    let inks = inks
        .into_iter()
        .filter(|&(end, _)| number_of(&summary.customers, end) > 0);
    let inks: Vec<(VisitOutcome, Ink)> = inks.collect();
    if inks.len() > 1 {
        let classes = summary
            .classes_that_came()
            .map(|c| (&c.name[..], &c.customers));
        let rows = std::iter::once(("all", &summary.customers)).chain(classes);
        let rows = rows.map(|(name, customers)| {
            let share = |&(end, _): &(VisitOutcome, Ink)| {
                number_of(customers, end) as f64 / customers.arrived as f64
            };
            (name.to_owned(), inks.iter().map(share).collect())
        });
        let stacked = Stacked {
            axis: Axis::shares("of customers"),
            rows: rows.collect(),
            parts: inks
                .iter()
                .map(|(end, ink)| (end.name().to_owned(), *ink))
                .collect(),
        };
        section
            .charts
            .push(Chart::new("How customers ended", Body::Stacked(stacked)));
    }
    section.tables.extend(ends(summary));
    section.tables.extend(class_times(summary, unit));
    section.tables.extend(ends_at(summary));
    section
}
