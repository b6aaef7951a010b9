//! The report of a run of a line.

use super::document::{Document, Section, Table};
use super::line_course::LineCourse;
use super::people::{self, servers_chart, servers_time};
use super::results::{Results, ResultsError};
use super::{intervals, measures_table, repeat};
use crate::actor::Recording;
use crate::number::{agreeing, count, of_them, percent, plain};
use crate::report::chart::{
    Axis, Bars, Bin, Body, Chart, Histogram, Ink, Line, Mark, Panel, Panels, Scales, Unit,
};
use crate::scenario::WarmUp;
use crate::study::answer::{capital, line_cards};
use crate::tandem::{LineSummary, StageSummary};

/// The most stages with a panel of their queue.
const PANELS: usize = 4;

/// The most rows of a chart of stages; if there are more, those with the longest waits are shown.
const STAGES: usize = 10;

pub(super) fn line(results: &Results) -> Result<Document, ResultsError> {
    let summary: LineSummary = results.summary_as()?;
    let unit = results.unit();
    let warm_up = results
        .scenario
        .as_ref()
        .ok()
        .and_then(|loaded| Some(loaded.scenario.line()?.warm_up))
        .unwrap_or(WarmUp::Customers(0));
    let mut course = LineCourse::new(&summary, warm_up, results.opens());
    // Only events show customers who wait again.
    let recording = match summary.customers.has_people() {
        true => Recording::Everything,
        false => Recording::Tables,
    };
    let course = repeat::run(results, recording, &mut course).map(|_| course);
    let answer = results.answer()?;
    let mut document = Document::of(&answer);
    let mut course = match course {
        Ok(course) => Some(course),
        Err(why) => {
            document.notices.push(format!(
                "Histograms and queues over time are missing: {why}."
            ));
            None
        }
    };
    document.cards = line_cards(&summary, &unit, results.interval());
    let servers = summary.stages.iter();
    let servers: Option<u64> = servers.map(|stage| stage.servers.map(u64::from)).sum();
    document.facts = vec![
        of_them(summary.customers.arrived, "customer"),
        format!(
            "{}, {}",
            of_them(summary.stages.len() as u64, summary.noun()),
            servers.map_or("unlimited servers".to_owned(), |most| of_them(
                most, "server"
            ))
        ),
    ];
    if summary.customers.measured != summary.customers.arrived {
        let measured = count(summary.customers.measured);
        document.facts.push(match warms_up(results) {
            true => format!("{measured} measured after the warm-up"),
            // The others found no place, or balked.
            false if summary.is_network() => format!("{measured} joined the network"),
            false => format!("{measured} joined the line"),
        });
    }
    document.sections = vec![
        people::section(&summary, &answer.notes, &unit),
        over_time(results, &summary, course.as_mut()),
        bottleneck(&summary, &unit),
        waiting(&summary, &unit, course.as_ref()),
        intervals::section(results, &summary),
        stages(&summary, &unit),
    ];
    Ok(document)
}

/// Whether the line has a warm-up.
fn warms_up(results: &Results) -> bool {
    let loaded = results.scenario.as_ref().ok();
    let line = loaded.and_then(|loaded| loaded.scenario.line());
    line.is_some_and(|line| line.warm_up != WarmUp::Customers(0))
}

fn bottleneck(summary: &LineSummary, unit: &str) -> Section {
    let mut section = Section::new("Where the bottleneck is");
    let busy = |stage: &&StageSummary| stage.utilisation.unwrap_or(0.0);
    let waited = |stage: &&StageSummary| stage.waiting.mean.unwrap_or(0.0);
    let most = |by: &dyn Fn(&&StageSummary) -> f64| {
        let first = summary.stages.first();
        summary.stages.iter().fold(first, |best, stage| match best {
            Some(best) if by(&best) >= by(&stage) => Some(best),
            _ => Some(stage),
        })
    };
    if let (Some(busiest), Some(slowest)) = (most(&busy), most(&waited)) {
        let mut text = format!(
            "{} is the busiest {}: its {} at work {} of the time",
            busiest.name,
            summary.noun(),
            if busiest.servers == Some(1) {
                "server is"
            } else {
                "servers are"
            },
            percent(busy(&busiest))
        );
        text += &match busiest.name == slowest.name {
            _ if waited(&slowest) == 0.0 && summary.somebody_waited() => {
                "; nobody who was served has waited.".to_owned()
            }
            _ if waited(&slowest) == 0.0 => "; nobody waits anywhere.".to_owned(),
            true => format!(
                ", and customers wait longest there, {} {unit} on average.",
                plain(waited(&slowest))
            ),
            false => format!(
                "; customers wait longest at {}, {} {unit} on average.",
                slowest.name,
                plain(waited(&slowest))
            ),
        };
        section.text.push(text);
    }
    let blocked = summary.stages.iter().zip(summary.stages.iter().skip(1));
    for (stage, next) in blocked {
        let share = stage.time_shares().map_or(0.0, |shares| shares.blocked);
        if share >= 0.01 && !summary.is_network() {
            section.text.push(format!(
                "{} is blocked {} of the time, because {} has no place for those who are ready.",
                stage.name,
                percent(share),
                next.name
            ));
        }
    }
    let (shown, which) = worst(summary);
    section.charts.push(servers_chart(summary, &shown, &which));
    section.tables.extend(servers_time(summary));
    let rows = shown.iter().map(|&stage| {
        (
            named(stage),
            vec![
                stage.waiting.mean.unwrap_or(f64::NAN),
                stage.waited_fraction.unwrap_or(f64::NAN),
                stage.queue_length.mean.unwrap_or(f64::NAN),
                stage.queue_length.max.map_or(f64::NAN, |most| most as f64),
            ],
        )
    });
    let bars = Bars {
        series: vec![
            ("mean wait".to_owned(), Ink::Waiting, Unit::Number),
            ("who wait".to_owned(), Ink::Waiting, Unit::Share),
            ("mean queue".to_owned(), Ink::Waiting, Unit::Number),
            ("longest".to_owned(), Ink::Waiting, Unit::Whole),
        ],
        rows: rows.collect(),
        scales: Scales::Own,
    };
    section.charts.push(Chart::new(
        format!("Waiting in {unit} and queues, by {}{which}", summary.noun()),
        Body::Bars(bars),
    ));
    section
}

/// The stages that charts show, in their order, and a text that names the choice if there are more.
fn worst(summary: &LineSummary) -> (Vec<&StageSummary>, String) {
    let stages = &summary.stages;
    let mut order: Vec<usize> = (0..stages.len()).collect();
    let wait = |at: usize| stages[at].waiting.mean.unwrap_or(0.0);
    order.sort_by(|&a, &b| wait(b).total_cmp(&wait(a)));
    order.truncate(STAGES);
    order.sort_unstable();
    let which = match stages.len() > STAGES {
        true => format!(
            " (the {STAGES} of {} with the longest waits)",
            of_them(stages.len() as u64, "stage")
        ),
        false => String::new(),
    };
    (order.into_iter().map(|at| &stages[at]).collect(), which)
}

pub(super) fn named(stage: &StageSummary) -> String {
    match stage.servers {
        Some(1) => stage.name.clone(),
        Some(servers) => format!("{} ×{servers}", stage.name),
        None => format!("{} ×∞", stage.name),
    }
}

fn waiting(summary: &LineSummary, unit: &str, course: Option<&LineCourse>) -> Section {
    let mut section = Section::new("Waiting and service");
    if let (Some(mean), Some(most)) = (summary.queues_joined.mean, summary.queues_joined.max) {
        let (mean, most) = (plain(mean), count(most));
        let stages = of_them(summary.stages.len() as u64, summary.noun());
        section.text.push(match summary.is_network() {
            // A customer may visit a station several times.
            true => format!("Queues joined by a customer: {mean} on average, {most} at most."),
            false => {
                format!("A customer waits at {mean} of {stages} on average, at {most} at most.")
            }
        });
    }
    if summary.customers.lost > 0 && !summary.customers.has_people() {
        section.text.push(format!(
            "{} found no place at the first stage and {} lost.",
            of_them(summary.customers.lost, "customer"),
            agreeing(summary.customers.lost, "was", "were")
        ));
    }
    if let Some(course) = course {
        let histograms = [
            (&course.waiting, &summary.waiting, "waited", Ink::Waiting),
            (&course.service, &summary.service, "in service", Ink::Busy),
        ];
        for (spread, known, what, ink) in histograms {
            let histogram = spread.histogram(
                format!("{unit} {what}, over the whole line"),
                "customers",
                known,
                ink,
            );
            let title = match ink {
                Ink::Waiting => "How long customers wait",
                _ => "How long their services take",
            };
            section
                .charts
                .push(Chart::new(title, Body::Histogram(histogram)));
        }
        let all = course.queues_joined.iter().sum::<u64>().max(1) as f64;
        let bins = course
            .queues_joined
            .iter()
            .enumerate()
            .map(|(joined, &number)| Bin {
                low: joined as f64,
                high: joined as f64 + 1.0,
                height: number as f64 / all,
                open: false,
            });
        let histogram = Histogram {
            x: Axis::whole("queues joined"),
            y: Axis::shares("of customers"),
            bins: bins.collect(),
            ink: Ink::Waiting,
            marks: summary
                .queues_joined
                .mean
                .map(|mean| (mean, format!("mean {}", plain(mean))))
                .into_iter()
                .collect(),
        };
        section.charts.push(Chart::new(
            match summary.is_network() {
                true => "At how many stations a customer waits",
                false => "At how many stages a customer waits",
            },
            Body::Histogram(histogram),
        ));
    }
    let rows = vec![
        ("waiting".to_owned(), summary.waiting),
        ("service".to_owned(), summary.service),
        ("blocked".to_owned(), summary.blocked),
        ("sojourn".to_owned(), summary.sojourn),
    ];
    section
        .tables
        .push(measures_table(format!("Per customer, in {unit}"), &rows));
    if summary.stages.len() > 1 {
        let mut rows = Vec::new();
        for stage in &summary.stages {
            rows.push((format!("waiting at {}", stage.name), stage.waiting));
            rows.push((format!("service at {}", stage.name), stage.service));
        }
        let caption = format!("Per customer at each stage, in {unit}");
        section.tables.push(measures_table(caption, &rows));
    }
    section
}

/// The course of a run over one axis of time: customers arrived and served, and the longest queues.
fn over_time(results: &Results, summary: &LineSummary, course: Option<&mut LineCourse>) -> Section {
    let unit = results.unit();
    let mut section = Section::new("What happened when");
    let longest = &summary.queue_length_max;
    if let (Some(length), Some(stage)) = (longest.length, &longest.stage) {
        section.text.push(format!(
            "The longest queue was of {} at {stage}.",
            count(length)
        ));
    }
    let Some(course) = course else {
        return section;
    };
    let each = match results.unit_named() {
        Some(unit) => format!("customers per {unit}"),
        None => "customers per unit of time".to_owned(),
    };
    let panel = |label: String, series: Vec<Line>| Panel {
        y: Axis::numbers(label),
        series,
        marks: Vec::new(),
    };
    let mut panels = vec![panel(
        format!("{each}: those who came, and those served"),
        vec![
            course.served.rate("served", Ink::Completed),
            course.arrived.rate("came", Ink::Faint),
        ],
    )];
    if summary.customers.unserved() > 0 {
        let lost = course.not_served.rate("not served", Ink::Failed);
        panels.push(panel(format!("{each}: those not served"), vec![lost]));
    }
    let mut order: Vec<usize> = (0..summary.stages.len()).collect();
    let mean = |at: usize| summary.stages[at].queue_length.mean.unwrap_or(0.0);
    order.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
    // A queue that is always empty shows nothing.
    order.retain(|&at| mean(at) > 0.0);
    order.truncate(PANELS);
    order.sort_unstable();
    for &at in &order {
        let stage = &summary.stages[at];
        let queue = course.queue(at, "", Ink::Waiting);
        let mark = stage.queue_length.max_at;
        let mark = mark.filter(|_| longest.stage.as_ref() == Some(&stage.name));
        let mark = mark.filter(|_| longest.length > Some(0));
        let mark = mark.map(|time| Mark::X(time, "longest".to_owned()));
        panels.push(Panel {
            marks: mark.into_iter().collect(),
            ..panel(format!("waiting at {}", stage.name), vec![queue])
        });
    }
    let mut title = "Customers and queues over time".to_owned();
    if summary.stages.len() > PANELS {
        title += &format!(", at the {PANELS} {}s with most", summary.noun());
    }
    let width = plain(course.arrived.width());
    title += &format!(": means over {width} {unit} each, and the least and greatest in them");
    let panels = Panels {
        x: results.time_axis(),
        panels,
        ..Panels::default()
    };
    section.charts.push(Chart::new(title, Body::Panels(panels)));
    section
}

fn stages(summary: &LineSummary, unit: &str) -> Section {
    let mut section = Section::new(capital(&format!("{0} by {0}", summary.noun())));
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let number = |value: Option<f64>| value.map_or("–".to_owned(), plain);
    let rows = summary.stages.iter().map(|stage| {
        vec![
            stage.name.clone(),
            stage
                .servers
                .map_or("∞".to_owned(), |servers| count(u64::from(servers))),
            count(stage.arrivals),
            number(stage.waiting.mean),
            number(stage.waiting.p95),
            share(stage.waited_fraction),
            number(stage.service.mean),
            share(stage.utilisation),
            number(stage.idle_time),
            number(stage.idle_longest),
            number(stage.blocked_time),
            number(stage.queue_length.mean),
            stage.queue_length.max.map_or("–".to_owned(), count),
        ]
    });
    let noun = summary.noun();
    let head = "servers|arrivals|wait|p95|waited|service|busy|idle|longest idle|blocked|mean queue|longest";
    let head = format!("{noun}|{head}");
    let caption = format!("Times in {unit}; idle and blocked per server");
    section
        .tables
        .push(Table::new(caption, 1, &head, rows.collect()));
    section
}
