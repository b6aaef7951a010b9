//! The text of a run of a desk.

use super::number::{column, count, given_percent, of_them, percent, percent_beside, plain};
use super::study::opening;
use super::table::wrapped;
use super::{Ink, Paper, Telling, statistics};
use crate::desk::{DeskOutcome, DeskSummary, History, HistoryBin, ServerSummary};
use crate::report::page::{Table, desk_intervals};
use crate::scenario::Desk;
use crate::study::answer::Answer;

/// The most servers or classes on a screen; if there are more, [`TELLING`] are shown.
const SHOWN: usize = 20;
const TELLING: usize = 10;

/// The width of the small charts, and the least if the paper is narrow.
const CHART: usize = 30;
const CHART_LEAST: usize = 10;

/// The columns beside a small chart for names and numbers.
const BESIDE: usize = 36;

/// The text summary of a desk.
pub(super) fn desk(
    scenario: &Desk,
    outcome: &DeskOutcome,
    answer: &Answer,
    telling: &Telling,
    paper: &Paper,
) -> String {
    let (summary, history) = (&outcome.summary, &outcome.history);
    let mut text = title(scenario, summary, telling, paper);
    text += &opening(answer, paper);
    text += &course(scenario, summary, history, paper);
    let mut times = vec![
        ("waiting", summary.waiting),
        ("sojourn", summary.sojourn),
        ("service", summary.service),
    ];
    if summary.time_to_abandon.n > 0 {
        times.push(("to give up", summary.time_to_abandon));
    }
    text += &format!("\n{}", statistics(scenario.unit(), &times, paper));
    text += &format!("\n{}", staff(scenario, summary, paper));
    text += &format!("\n{}", classes(scenario, summary, paper));
    text += &format!("\n{}\n", servers(summary, paper));
    text += &by_interval(scenario, summary, paper);
    text
}

fn title(scenario: &Desk, summary: &DeskSummary, telling: &Telling, paper: &Paper) -> String {
    let attendants = scenario.attendants();
    let [seed, engine, took] = telling.title();
    paper.title(&[
        scenario.name.clone(),
        "desk".to_owned(),
        match summary.steps {
            Some(steps) => of_them(steps, "step"),
            None => scenario.lasting(scenario.span()),
        },
        seed,
        format!(
            "{} in {}",
            of_them(attendants, "attendant"),
            of_them(scenario.servers.len() as u64, "server")
        ),
        engine,
        took,
    ])
}

/// The outcomes of requests, with a small chart of each over time.
fn course(scenario: &Desk, summary: &DeskSummary, history: &History, paper: &Paper) -> String {
    type Part = fn(&HistoryBin) -> f64;
    let requests = &summary.requests;
    let end = summary.steps.map_or(scenario.span(), |steps| steps as f64);
    let end = end.max(f64::MIN_POSITIVE);
    let (per, turn) = match (summary.steps, &scenario.time_unit) {
        (Some(_), _) => ("per step".to_owned(), "step"),
        (None, Some(unit)) => (format!("per {unit}"), "instant"),
        (None, None) => ("per unit".to_owned(), "instant"),
    };
    let rows: [(&str, u64, Ink, Option<Part>); 5] = [
        (
            "completed",
            requests.completed,
            Ink::Completed,
            Some(|b| b.processed as f64),
        ),
        (
            "rejected",
            requests.rejected,
            Ink::Failed,
            Some(|b| b.rejected as f64),
        ),
        ("abandoned", requests.abandoned, Ink::Waiting, None),
        (
            "failed",
            requests.failed,
            Ink::Failed,
            Some(|b| b.failed as f64),
        ),
        ("timed out", requests.timed_out, Ink::Waiting, None),
    ];
    let remark = |name: &str| match (name, summary.buffer.full_steps) {
        ("completed", _) if requests.late > 0 => format!("   {} too late", count(requests.late)),
        ("rejected", full) if full > 0 => format!("   buffer full in {}", of_them(full, turn)),
        _ => String::new(),
    };
    let buffer = &summary.buffer;
    let lengths = buffer.mean.zip(buffer.max.zip(buffer.last));
    let lengths = lengths.map(|(mean, (max, last))| {
        let (mean, max, last) = (plain(mean), count(max), count(last));
        format!("mean {mean}, most {max}, {last} at the end")
    });
    // The text behind the charts; the lengths of the buffer begin where the rates do.
    let behind = rows.iter().map(|row| remark(row.0).chars().count());
    let lengths_wide = lengths.iter().map(|text| text.len().saturating_sub(8));
    let behind = behind.chain(lengths_wide).max().unwrap_or(0);
    let width = paper.width.saturating_sub(BESIDE + behind);
    let width = width.clamp(CHART_LEAST, CHART).min(history.bins.len());
    let chart = |part, ink| chart(history, part, ink, width, paper);
    let head = format!(
        "  {:<11}{:>10}   {:<width$}  {:>8}",
        "requests",
        count(requests.generated),
        "",
        per
    );
    let mut text = paper.paint(Ink::Faint, &head) + "\n";
    let rates: Vec<Option<f64>> = rows.iter().map(|row| Some(row.1 as f64 / end)).collect();
    let rates = column(&rates, paper.none());
    for ((name, number, ink, part), rate) in rows.into_iter().zip(rates) {
        if number == 0 && name != "completed" {
            continue;
        }
        let chart = part.map_or(" ".repeat(width), |part| chart(part, ink));
        text += &format!(
            "  {name:<11}{:>10}   {chart}  {rate:>8}{}\n",
            count(number),
            remark(name)
        );
    }
    text += &format!("  {:<11}{:>10}\n", "in system", count(requests.in_system));
    if let (Some(lengths), Some(max)) = (lengths, buffer.max) {
        // A request finds it full before those in it are dispatched.
        let places = scenario
            .buffer
            .filter(|&places| buffer.full_steps > 0 && places > max);
        let inside = places.map_or(String::new(), |places| {
            let indent = " ".repeat(BESIDE - 8 + width);
            format!("{indent}{} within {turn}s\n", count(places))
        });
        let chart = chart(|bin| bin.buffer, Ink::Waiting);
        text += &format!(
            "  {:<11}{:>10}   {chart}  {lengths}\n{inside}",
            "buffer", ""
        );
    }
    text
}

fn chart(
    history: &History,
    part: fn(&HistoryBin) -> f64,
    ink: Ink,
    width: usize,
    paper: &Paper,
) -> String {
    let level = |bin: &HistoryBin| part(bin) / bin.length.max(f64::MIN_POSITIVE);
    let levels: Vec<f64> = history.bins.iter().map(level).collect();
    paper.spark(&levels, width, ink)
}

/// The waits of requests, the utilisation of attendants, and the effects of faults.
fn staff(scenario: &Desk, summary: &DeskSummary, paper: &Paper) -> String {
    const INDENT: usize = 15;
    let faults = &summary.faults;
    let line = |name: &str, text: &str| {
        let lines = wrapped(text, paper.width.saturating_sub(INDENT));
        format!("  {name:<13}{}\n", lines.join(&format!("\n{:INDENT$}", "")))
    };
    let mut text = String::new();
    if let Some(waited) = summary.waited_fraction {
        text += &line("had to wait", &percent(waited));
    }
    if let Some(occupancy) = summary.occupancy {
        text += &line("occupancy", &percent(occupancy));
    }
    let again = scenario.classes.iter().any(|class| class.retry.is_some());
    if let (true, Some(tries)) = (again, summary.tries_per_client) {
        let clients = of_them(summary.clients, "client");
        text += &line(
            "clients",
            &format!("{clients}, {} tries each", plain(tries)),
        );
    }
    let impatient = scenario.classes.iter().any(|class| class.timeout.is_some());
    if let (true, Some(goodput)) = (impatient, summary.goodput) {
        let per = scenario.time_unit.as_deref().unwrap_or("unit of time");
        let per = if summary.steps.is_some() { "step" } else { per };
        let in_time = count(summary.completed_in_time);
        text += &line(
            "in time",
            &format!("{in_time} completed, {} per {per}", plain(goodput)),
        );
        let wasted = scenario.lasting(summary.wasted_work);
        text += &line("wasted", &format!("{wasted} of work"));
    }
    if faults.count == 0 {
        text += &line("faults", "none");
    } else {
        let up = faults.availability.map_or(String::new(), |share| {
            format!("; attendants up {} of the time", percent(share))
        });
        let longest = faults.outage_longest.map_or(String::new(), |lasted| {
            format!(", down {} at most", scenario.lasting(lasted))
        });
        let (count, repairs) = (count(faults.count), count(faults.repairs));
        text += &line(
            "faults",
            &format!("{count}, {repairs} repaired{up}{longest}"),
        );
        text += &line("interrupted", &of_them(faults.interrupted, "request"));
    }
    if faults.reallocated > 0 {
        text += &line("reallocated", &of_them(faults.reallocated, "request"));
    }
    text
}

/// A row per class.
fn classes(scenario: &Desk, summary: &DeskSummary, paper: &Paper) -> String {
    let shown = &summary.classes[..summary.classes.len().min(SHOWN)];
    let waiting: Vec<Option<f64>> = shown.iter().map(|c| c.waiting.mean).collect();
    let rows = shown
        .iter()
        .zip(column(&waiting, "–"))
        .map(|(class, waiting)| {
            let whole = |x: Option<f64>| x.map_or("–".to_owned(), plain);
            let level = class.service_level.map_or(String::new(), |level| {
                let target = level.target.as_slice();
                let share = |share| percent_beside(share, target);
                let share = level.of_offered.map_or("–".to_owned(), share);
                let within = scenario.lasting(level.within.unwrap_or(0.0));
                let target = match (level.target, level.met) {
                    (Some(target), Some(Some(met))) => {
                        let met = if met { "met" } else { "not met" };
                        format!("; target {} {met}", given_percent(target))
                    }
                    _ => String::new(),
                };
                format!("{share} answered within {within}{target}")
            });
            vec![
                class.name.clone(),
                count(class.requests.generated),
                count(class.requests.completed),
                class.lost.total.map_or("–".to_owned(), percent),
                waiting,
                whole(class.waiting.p95),
                whole(class.waiting.max),
                level,
            ]
        });
    let head = "class|requests|completed|lost|waiting|p95|most|";
    let table = Table::new("", 1, head, rows.collect());
    let text = paper.table(&table, 0..shown.len());
    text + &more(shown.len(), summary.classes.len(), "classes", paper)
}

/// A row per server; if there are many, the busiest.
fn servers(summary: &DeskSummary, paper: &Paper) -> String {
    let mut shown: Vec<&ServerSummary> = summary.servers.iter().collect();
    if shown.len() > SHOWN {
        let busy = |server: &ServerSummary| server.utilisation.unwrap_or(0.0);
        shown.sort_by(|a, b| busy(b).total_cmp(&busy(a)));
        shown.truncate(TELLING);
    }
    let held: Vec<Option<f64>> = shown.iter().map(|server| server.held.mean).collect();
    let rows = shown.iter().zip(column(&held, "–")).map(|(server, held)| {
        let share = |x: Option<f64>| x.map_or("–".to_owned(), percent);
        let busy = server.utilisation.unwrap_or(0.0);
        let spent = server.attendants.iter().map(|attendant| attendant.spent());
        let sums = spent.fold([0.0; 4], |mut sums, part| {
            sums.iter_mut()
                .zip(part)
                .for_each(|(sum, part)| *sum += part);
            sums
        });
        let down = sums[2] / sums.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let of = server.capacity.map(|most| format!("of {}", count(most)));
        vec![
            server.name.clone(),
            server.attendants.len().to_string(),
            count(server.completed),
            paper.bar((Ink::Busy, busy), (Ink::Down, down)),
            share(server.utilisation),
            share(server.availability),
            held,
            of.unwrap_or_default(),
        ]
    });
    let head = "server|attendants|completed|busy, down|busy|up|held|";
    let table = Table::new("", 1, head, rows.collect());
    let (all, what) = (summary.servers.len(), "servers, the busiest");
    paper.table(&table, 0..shown.len()) + &more(shown.len(), all, what, paper)
}

/// A row per interval; if there are many, those with the longest waits.
fn by_interval(scenario: &Desk, summary: &DeskSummary, paper: &Paper) -> String {
    let Some(table) = desk_intervals(summary, scenario.unit(), scenario.clock()) else {
        return String::new();
    };
    let all = table.rows.len();
    let mut shown: Vec<usize> = (0..all).collect();
    if all > 2 * SHOWN {
        let wait = |at: usize| summary.intervals[at].waiting.mean.unwrap_or(0.0);
        shown.sort_by(|&a, &b| wait(b).total_cmp(&wait(a)).then(a.cmp(&b)));
        shown.truncate(SHOWN);
        shown.sort_unstable();
    }
    let what = "intervals, where the wait is longest";
    let text = paper.table(&table, shown.iter().copied());
    format!("{text}{}\n", more(shown.len(), all, what, paper))
}

/// A note that there are more, if there are.
fn more(shown: usize, all: usize, what: &str, paper: &Paper) -> String {
    if shown == all {
        return String::new();
    }
    let note = format!("{shown} of {all} {what}; all of them with --format json");
    paper.paragraph(Some(Ink::Faint), &note)
}
