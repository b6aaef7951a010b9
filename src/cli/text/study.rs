//! What replications of a scenario have to say: the answer with its error, then a row per measure.

use super::number::{column, count, duration, percent, plain};
use super::theory::beside_intervals;
use super::{Ink, Paper};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::warm_up::PILOTS;
use crate::study::{Fit, Layout, Replicated};
use std::time::Duration;

/// Stages, classes or servers that are shown one by one.
const SHOWN: usize = 12;

/// What the text tells of a study beside its results.
#[derive(Clone, Debug)]
pub struct StudyTelling<'a> {
    /// Engine and workers, or shards.
    pub by: &'a str,
    /// How long it took, by the wall clock.
    pub took: Duration,
    /// Of the intervals.
    pub confidence: f64,
    /// The measures asked for by name; none asked for shows those that tell most.
    pub named: &'a [String],
    /// The precision asked for.
    pub precision: Option<f64>,
    /// The warm-up found on pilot runs, in customers.
    pub warm_up_found: Option<u64>,
    /// The line on a share; empty where it is the whole study.
    pub share: String,
    /// What to do next.
    pub next: &'a [String],
}

/// The text of a study of replications.
#[must_use]
pub fn replications(
    scenario: &Scenario,
    layout: &Layout,
    (replicated, fit): (&Replicated, &Fit),
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let interval = |key: &str| {
        let at = layout.find(key).ok()?;
        Some(replicated.intervals[at])
    };
    let n = replicated.course.replications;
    let mut text = title(scenario, n, telling, paper);
    let answer = answer(scenario, &interval, telling, paper);
    text += &format!("\n  {answer}\n\n");
    let keys: Vec<String> = match telling.named {
        [] => telling_measures(scenario),
        named => named.to_vec(),
    };
    let rows: Vec<(String, Interval)> = keys
        .into_iter()
        .filter_map(|key| interval(&key).map(|interval| (key, interval)))
        .filter(|(_, seen)| !telling.named.is_empty() || seen.max.is_some_and(|max| max != 0.0))
        .collect();
    text += &table(&rows, n, paper);
    text += &format!(
        "\n{}\n",
        beside_intervals(fit, telling.named, &interval, paper)
    );
    if let Some(customers) = telling.warm_up_found {
        text += &format!(
            "  warm-up {} customers, found by MSER-5 on {PILOTS} pilot runs\n",
            count(customers)
        );
    }
    text += &telling.share;
    if replicated.course.interrupted {
        let word = paper.paint(Ink::Failed, "interrupted");
        text += &format!(
            "  {word}: the answer of the {} replications done\n",
            count(n)
        );
    } else if let (Some(precision), true) =
        (telling.precision, replicated.course.missing.is_empty())
    {
        text += &match replicated.course.met {
            true => format!("  every one known to {} of its mean\n", percent(precision)),
            false => format!(
                "  {}: a precision of {} was not reached with {} replications\n",
                paper.paint(Ink::Failed, "too few"),
                percent(precision),
                count(n)
            ),
        };
    }
    let digest = paper.paint(Ink::Strong, &replicated.course.digest.to_string());
    text += &format!("  digest {digest}   the same for any --jobs and on every engine\n");
    for next in telling.next {
        text += &format!("  {}\n", paper.paint(Ink::Faint, next));
    }
    text
}

fn title(scenario: &Scenario, n: u64, telling: &StudyTelling<'_>, paper: &Paper) -> String {
    let mut parts = vec![
        scenario.name().to_owned(),
        scenario.model().to_owned(),
        format!("{} replications", count(n)),
        format!("seed {}", scenario.seed()),
    ];
    parts.extend(scenario.time_unit().map(|unit| format!("times in {unit}")));
    parts.push(telling.by.to_owned());
    parts.push(duration(telling.took));
    paper.title(&parts)
}

/// The first question: how long does one wait, and how sure is that.
fn answer(
    scenario: &Scenario,
    interval: &dyn Fn(&str) -> Option<Interval>,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let who = Model::of(scenario).served();
    let unit = scenario.time_unit();
    let unit = unit.map_or(String::new(), |unit| format!(" {unit}"));
    if let Some(key) = telling.named.first() {
        let seen = interval(key).unwrap_or_default();
        return format!(
            "{key} is {}, {} sure.",
            plus_minus(&seen, paper),
            percent(telling.confidence)
        );
    }
    let waiting = interval("waiting.mean").unwrap_or_default();
    match waiting.mean {
        None => format!(
            "No {} was measured.",
            who.to_lowercase().trim_end_matches('s')
        ),
        Some(0.0) if waiting.max == Some(0.0) => "Nobody waited.".to_owned(),
        Some(_) => {
            let late = interval("waiting.p95").and_then(|p95| p95.mean);
            let late = late.map_or(String::new(), |p95| {
                format!("; one in twenty waits more than {}", plain(p95))
            });
            format!(
                "{who} wait {}{unit} on average, {} sure{late}.",
                plus_minus(&waiting, paper),
                percent(telling.confidence)
            )
        }
    }
}

/// A mean with its half-width, to the figures the half-width leaves.
fn plus_minus(seen: &Interval, paper: &Paper) -> String {
    let sign = if paper.unicode { "±" } else { "+-" };
    match (seen.mean, seen.half_width) {
        (Some(mean), Some(half_width)) => {
            let cells = column(&[Some(mean), Some(half_width)], "");
            format!("{} {sign} {}", cells[0], cells[1])
        }
        (Some(mean), None) => plain(mean),
        _ => "not known".to_owned(),
    }
}

/// The measures that tell most of a model.
fn telling_measures(scenario: &Scenario) -> Vec<String> {
    let waiting = ["mean", "sd", "p50", "p90", "p95", "p99", "max"];
    let mut keys: Vec<String> = waiting.iter().map(|key| format!("waiting.{key}")).collect();
    match Model::of(scenario) {
        Model::Line(line) => {
            keys.extend(
                [
                    "blocked.mean",
                    "sojourn.mean",
                    "sojourn.p95",
                    "queues_joined.mean",
                    "idle_time.mean",
                    "idle_time.max",
                    "queue_length_max.length",
                    "throughput",
                    "customers.lost",
                ]
                .map(str::to_owned),
            );
            for stage in 0..line.stages.len().min(SHOWN) {
                if line.stages.len() > 1 {
                    keys.push(format!("stages.{stage}.waiting.mean"));
                }
                keys.push(format!("stages.{stage}.utilisation"));
            }
        }
        Model::Desk(desk) => {
            keys.extend(
                [
                    "sojourn.mean",
                    "sojourn.p95",
                    "requests.generated",
                    "requests.completed",
                    "requests.rejected",
                    "requests.abandoned",
                    "requests.failed",
                    "requests.in_system",
                    "buffer.mean",
                    "faults.count",
                    "faults.interrupted",
                    "faults.reallocated",
                    "faults.availability",
                ]
                .map(str::to_owned),
            );
            for class in 0..desk.classes.len().min(SHOWN) {
                if desk.classes.len() > 1 {
                    keys.push(format!("classes.{class}.waiting.mean"));
                }
            }
            for server in 0..desk.servers.len().min(SHOWN) {
                keys.push(format!("servers.{server}.utilisation"));
            }
        }
    }
    keys
}

/// A row per measure: numbers of one row have one number of decimals.
fn table(rows: &[(String, Interval)], n: u64, paper: &Paper) -> String {
    let sign = if paper.unicode { "±" } else { "+-" };
    let widest = rows.iter().map(|(key, _)| key.chars().count()).max();
    let width = widest.unwrap_or(0).clamp(24, 40);
    let head = format!(
        "  {:<width$}{:>11}  {:>2}{:>9}{:>11}{:>11}{:>11}",
        "measure", "mean", sign, "", "sd", "least", "most"
    );
    let mut text = paper.paint(Ink::Faint, &head) + "\n";
    for (key, seen) in rows {
        let cells = column(
            &[seen.mean, seen.half_width, seen.sd, seen.min, seen.max],
            paper.none(),
        );
        text += &format!(
            "  {}{:>11}  {sign:>2}{:>9}{:>11}{:>11}{:>11}",
            paper.name(key, width),
            cells[0],
            cells[1],
            cells[2],
            cells[3],
            cells[4]
        );
        if seen.n < n {
            text += &format!("  n {}", count(seen.n));
        }
        text += "\n";
    }
    text
}
