//! What a run of a desk has to say.

use super::number::{column, count, of_them, percent, plain};
use super::theory::beside_run;
use super::{Ink, Paper, Telling, statistics};
use crate::desk::{DeskOutcome, DeskSummary, History, HistoryBin, ServerSummary};
use crate::report::answer;
use crate::scenario::{Desk, Overflow};
use crate::study::Fit;

/// Servers or classes that fit on a screen; of more, [`TELLING`] are shown.
const SHOWN: usize = 20;
const TELLING: usize = 10;

/// How wide the small charts are.
const CHART: usize = 30;

/// The text summary of a desk.
pub(super) fn desk(
    scenario: &Desk,
    outcome: &DeskOutcome,
    telling: &Telling<'_>,
    paper: &Paper,
) -> String {
    let (summary, history) = (&outcome.summary, &outcome.history);
    let mut text = title(scenario, summary, telling, paper);
    text += &format!("\n  {}\n\n", answer(scenario, summary));
    text += &course(summary, history, paper);
    let times = [("waiting", summary.waiting), ("sojourn", summary.sojourn)];
    text += &format!("\n{}", statistics("steps", &times, paper));
    text += &format!("\n{}", faults(summary));
    text += &format!("\n{}", classes(summary, paper));
    text += &format!("\n{}\n", servers(summary, paper));
    text += &beside_run(&Fit::of_desk(scenario), summary, paper);
    text += &telling.close(paper);
    text
}

fn title(scenario: &Desk, summary: &DeskSummary, telling: &Telling<'_>, paper: &Paper) -> String {
    let attendants: usize = scenario.servers.iter().map(|s| s.attendants.len()).sum();
    let [seed, engine, took] = telling.title();
    paper.title(&[
        scenario.name.clone(),
        "desk".to_owned(),
        of_them(summary.steps, "step"),
        seed,
        format!(
            "{} in {}",
            of_them(attendants as u64, "attendant"),
            of_them(scenario.servers.len() as u64, "server")
        ),
        engine,
        took,
    ])
}

/// The first question; and where the run ended before its time, why.
fn answer(scenario: &Desk, summary: &DeskSummary) -> String {
    let mut text = answer::desk(summary);
    let stopped = summary.steps < scenario.steps
        && scenario.overflow == Overflow::Stop
        && summary.requests.rejected > 0;
    if stopped {
        text.pop();
        text += &format!("; the full buffer ended the run in step {}.", summary.steps);
    }
    text
}

/// What became of the requests, with a small chart of each over the steps.
fn course(summary: &DeskSummary, history: &History, paper: &Paper) -> String {
    type Part = fn(&HistoryBin) -> u64;
    let requests = &summary.requests;
    let steps = summary.steps.max(1) as f64;
    let rows: [(&str, u64, Ink, Option<Part>); 4] = [
        (
            "completed",
            requests.completed,
            Ink::Completed,
            Some(|b| b.processed),
        ),
        (
            "rejected",
            requests.rejected,
            Ink::Failed,
            Some(|b| b.rejected),
        ),
        ("abandoned", requests.abandoned, Ink::Waiting, None),
        ("failed", requests.failed, Ink::Failed, Some(|b| b.failed)),
    ];
    let width = CHART.min(history.bins.len());
    let head = format!(
        "  {:<11}{:>10}   {:<width$}  {:>8}",
        "requests",
        count(requests.generated),
        "",
        "per step"
    );
    let mut text = paper.paint(Ink::Faint, &head) + "\n";
    let rates: Vec<Option<f64>> = rows.iter().map(|row| Some(row.1 as f64 / steps)).collect();
    let rates = column(&rates, paper.none());
    for ((name, number, ink, part), rate) in rows.into_iter().zip(rates) {
        if number == 0 && name != "completed" {
            continue;
        }
        let chart = part.map_or(" ".repeat(width), |part| chart(history, part, ink, paper));
        let remark = match (name, summary.buffer.full_steps) {
            ("rejected", full) if full > 0 => {
                format!("   buffer full in {}", of_them(full, "step"))
            }
            _ => String::new(),
        };
        text += &format!(
            "  {name:<11}{:>10}   {chart}  {rate:>8}{remark}\n",
            count(number)
        );
    }
    text += &format!("  {:<11}{:>10}\n", "in system", count(requests.in_system));
    let buffer = &summary.buffer;
    if let (Some(mean), Some(max), Some(last)) = (buffer.mean, buffer.max, buffer.last) {
        text += &format!(
            "  {:<11}{:>10}   {}  mean {}, most {}, {} at the end\n",
            "buffer",
            "",
            chart(history, |bin| bin.buffer, Ink::Waiting, paper),
            plain(mean),
            count(max),
            count(last)
        );
    }
    text
}

fn chart(history: &History, part: fn(&HistoryBin) -> u64, ink: Ink, paper: &Paper) -> String {
    let level = |bin: &HistoryBin| part(bin) as f64 / bin.steps.max(1) as f64;
    let levels: Vec<f64> = history.bins.iter().map(level).collect();
    paper.spark(&levels, CHART, ink)
}

fn faults(summary: &DeskSummary) -> String {
    let faults = &summary.faults;
    let line = |name: &str, text: &str| format!("  {name:<13}{text}\n");
    let mut text = String::new();
    if faults.count == 0 {
        text += &line("faults", "none");
    } else {
        let up = faults.availability.map_or(String::new(), |share| {
            format!("; attendants up {} of the time", percent(share))
        });
        let longest = faults.outage_longest.map_or(String::new(), |steps| {
            format!(", down {} at most", of_them(steps, "step"))
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
fn classes(summary: &DeskSummary, paper: &Paper) -> String {
    let shown = &summary.classes[..summary.classes.len().min(SHOWN)];
    let waiting: Vec<Option<f64>> = shown.iter().map(|c| c.waiting.mean).collect();
    let waiting = column(&waiting, paper.none());
    let levels = shown.iter().any(|class| class.service_level.is_some());
    let in_time = if levels { "in time" } else { "" };
    let head = format!(
        "  {:<16}{:>10}{:>11}{:>8}{:>9}{:>6}{:>6}  {in_time}",
        "class", "requests", "completed", "lost", "waiting", "p95", "most"
    );
    let mut text = paper.paint(Ink::Faint, head.trim_end()) + "\n";
    let whole = |x: Option<f64>| x.map_or(paper.none().to_owned(), plain);
    for (class, waiting) in shown.iter().zip(waiting) {
        let level = class.service_level.map_or(String::new(), |level| {
            let share = level.share.map_or(paper.none().to_owned(), percent);
            format!("{share} within {}", of_them(level.within, "step"))
        });
        let lost = class.lost.total;
        let row = format!(
            "  {}{:>10}{:>11}{:>8}{waiting:>9}{:>6}{:>6}  {level}",
            paper.name(&class.name, 16),
            count(class.requests.generated),
            count(class.requests.completed),
            lost.map_or(paper.none().to_owned(), percent),
            whole(class.waiting.p95),
            whole(class.waiting.max),
        );
        text += &format!("{}\n", row.trim_end());
    }
    text + &more(shown.len(), summary.classes.len(), "classes", paper)
}

/// A row per server; of many, the busiest.
fn servers(summary: &DeskSummary, paper: &Paper) -> String {
    let mut shown: Vec<&ServerSummary> = summary.servers.iter().collect();
    if shown.len() > SHOWN {
        let busy = |server: &ServerSummary| server.utilisation.unwrap_or(0.0);
        shown.sort_by(|a, b| busy(b).total_cmp(&busy(a)));
        shown.truncate(TELLING);
    }
    let held: Vec<Option<f64>> = shown.iter().map(|server| server.held.mean).collect();
    let held = column(&held, paper.none());
    let head = format!(
        "  {:<16}{:>10}{:>11}  {:<10}{:>6}{:>7}{:>8}",
        "server", "attendants", "completed", "busy, down", "busy", "up", "held"
    );
    let mut text = paper.paint(Ink::Faint, &head) + "\n";
    let share = |x: Option<f64>| x.map_or(paper.none().to_owned(), percent);
    for (server, held) in shown.iter().zip(held) {
        let busy = server.utilisation.unwrap_or(0.0);
        let down = 1.0 - server.availability.unwrap_or(1.0);
        let capacity = server.capacity;
        let of = capacity.map_or(String::new(), |most| format!(" of {}", count(most)));
        text += &format!(
            "  {}{:>10}{:>11}  {}{:>6}{:>7}{held:>8}{of}\n",
            paper.name(&server.name, 16),
            server.attendants.len(),
            count(server.completed),
            paper.bar((Ink::Busy, busy), (Ink::Down, down)),
            share(server.utilisation),
            share(server.availability),
        );
    }
    text + &more(
        shown.len(),
        summary.servers.len(),
        "servers, the busiest",
        paper,
    )
}

/// Says that there is more, where there is.
fn more(shown: usize, all: usize, what: &str, paper: &Paper) -> String {
    if shown == all {
        return String::new();
    }
    let note = format!("  {shown} of {all} {what}; all of them with --format json\n");
    paper.paint(Ink::Faint, &note)
}
