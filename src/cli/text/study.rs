//! The text of studies: the answer as worded in their documents, then the figures behind it.

use super::number::{count, duration, of_them};
use super::{Ink, Paper};
use crate::report::OrderReport;
use crate::report::study::{Replications, Sweep};
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::answer::Answer;
use crate::study::warm_up::PILOTS;
use std::time::Duration;

/// The most orders of a ranking, unless all are requested.
const ORDERS: usize = 12;

/// The most cells of a grid; if there are more, those with the lowest and the highest values are shown.
const CELLS: usize = 60;

/// The most stages, classes or servers that are listed one by one.
const PARTS: usize = 12;

/// The most rows of theory beside a simulation.
const THEORY: usize = 24;

/// The facts stated beside a study's results: the conditions of its runs, and the commands to run next.
#[derive(Clone, Debug)]
pub struct StudyTelling<'a> {
    /// Engine and workers, or shards; empty if that is not stated.
    pub by: &'a str,
    /// Duration by the wall clock.
    pub took: Duration,
    /// The warm-up found on pilot runs, in customers.
    pub warm_up_found: Option<u64>,
    /// The line on a share; empty for a whole study.
    pub share: String,
}

/// The text of a study of orders, with all orders or the best.
#[must_use]
pub fn orders(
    scenario: &Scenario,
    study: &OrderReport,
    all: bool,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let rankings = study.rankings();
    let what = format!("{} of the stages", of_them(study.orders_tried, "order"));
    let runs = of_them(study.runs, "run");
    let mut text = title(scenario, [what, runs], telling, paper);
    for ranking in rankings {
        text += &opening(&ranking.answer, paper);
        let table = ranking.table();
        let shown = if all {
            table.rows.len()
        } else {
            ORDERS.min(table.rows.len())
        };
        let filed = ranking.orders.iter().position(|row| ranking.is_filed(row));
        let filed = filed.filter(|&at| at >= shown);
        text += &paper.table(&table, (0..shown).chain(filed));
        if shown < table.rows.len() {
            let more = count((table.rows.len() - shown) as u64);
            let hint = format!("and {more} more: --all shows them, --out DIR files them");
            text += &paper.paragraph(Some(Ink::Faint), &hint);
        }
        text += &notes(&ranking.answer, paper);
    }
    text + &close(&study.digest, "the same for any --jobs", telling, paper)
}

/// The text of replications.
#[must_use]
pub fn replications(
    scenario: &Scenario,
    study: &Replications,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let n = of_them(study.replications, "replication");
    let mut text = title(scenario, [n, String::new()], telling, paper);
    text += &opening(&study.answer, paper);
    // Of measures not requested by name, those that matter most.
    let named = study.measures.0.len() <= PARTS;
    let table = study.table(|key, seen| named || is_telling(key, seen));
    let table = table.in_words(Some(scenario));
    text += &paper.table(&table, 0..table.rows.len());
    text.push('\n');
    text += &paper.paragraph(Some(Ink::Faint), &study.theory.sentence());
    let theory = study.theory_table(Some(scenario)).in_words(Some(scenario));
    if !theory.rows.is_empty() {
        text += &paper.table(&theory, 0..theory.rows.len().min(THEORY));
    }
    text += &notes(&study.answer, paper);
    if let Some(customers) = telling.warm_up_found {
        let customers = of_them(customers, "customer");
        let found = format!("warm-up {customers}, found by MSER-5 on {PILOTS} pilot runs");
        text += &paper.paragraph(None, &found);
    }
    text + &close(
        &study.digest,
        "the same for any --jobs and on every engine",
        telling,
        paper,
    )
}

/// The text of a grid.
#[must_use]
pub fn sweep(
    scenario: &Scenario,
    study: &Sweep,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let cells = of_them(study.cells.len() as u64, "cell");
    let each = format!("{} each", of_them(study.replications, "replication"));
    let mut text = title(scenario, [cells, each], telling, paper);
    text += &opening(&study.answer, paper);
    // The answers for the other measures.
    for note in &study.answer.notes {
        text += &paper.paragraph(None, note);
        text.push('\n');
    }
    for ends in &study.ends {
        let table = study.table(&ends.measure).in_words(Some(scenario));
        let mean = |at: &usize| {
            study.cells[*at]
                .measures
                .get(&ends.measure)
                .and_then(|seen| seen.mean)
        };
        let mut shown: Vec<usize> = (0..table.rows.len()).collect();
        if shown.len() > CELLS {
            shown.sort_by(|a, b| {
                mean(a)
                    .unwrap_or(f64::NAN)
                    .total_cmp(&mean(b).unwrap_or(f64::NAN))
            });
            shown.drain(CELLS / 2..shown.len() - CELLS / 2);
            shown.sort_unstable();
        }
        text += &paper.table(&table, shown);
        if table.rows.len() > CELLS {
            let all = count(table.rows.len() as u64);
            let hint = format!(
                "{CELLS} of {all} cells, the lowest and the highest; all of them with --format json"
            );
            text += &paper.paragraph(Some(Ink::Faint), &hint);
        }
        text.push('\n');
    }
    text + &close(
        &study.digest,
        "the same for any --jobs and on every engine",
        telling,
        paper,
    )
}

/// The first line of every study: its scenario, the amount of work, the workers and the time taken.
pub(super) fn title(
    scenario: &Scenario,
    done: [String; 2],
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let mut parts = vec![scenario.name().to_owned(), scenario.model().to_owned()];
    parts.extend(done);
    parts.push(format!("seed {}", scenario.seed()));
    parts.extend(scenario.time_unit().map(|unit| format!("times in {unit}")));
    parts.push(telling.by.to_owned());
    parts.push(duration(telling.took));
    parts.retain(|part| !part.is_empty());
    paper.title(&parts)
}

/// The answer, and the questions left open.
pub(super) fn opening(answer: &Answer, paper: &Paper) -> String {
    let mut text = format!("\n{}", paper.paragraph(Some(Ink::Strong), &answer.headline));
    if let Some(sureness) = &answer.sureness {
        text += &paper.paragraph(None, sureness);
    }
    for unsettled in &answer.unsettled {
        text += &paper.paragraph(Some(Ink::Failed), unsettled);
    }
    text + "\n"
}

pub(super) fn notes(answer: &Answer, paper: &Paper) -> String {
    let notes = answer.notes.iter().map(|note| paper.paragraph(None, note));
    let notes: String = notes.collect();
    if notes.is_empty() {
        notes
    } else {
        format!("\n{notes}")
    }
}

pub(super) fn close(digest: &str, same: &str, telling: &StudyTelling<'_>, paper: &Paper) -> String {
    let digest = paper.paint(Ink::Strong, digest);
    format!("{}  digest {digest}   {same}\n", telling.share)
}

/// The measures of a model that matter most, except those that are always zero.
const TELLING: [&str; 28] = [
    "waiting.mean",
    "waiting.sd",
    "waiting.p50",
    "waiting.p90",
    "waiting.p95",
    "waiting.p99",
    "waiting.max",
    "blocked.mean",
    "sojourn.mean",
    "sojourn.p95",
    "queues_joined.mean",
    "idle_time.mean",
    "idle_time.max",
    "queue_length_max.length",
    "throughput",
    "customers.lost",
    "requests.generated",
    "requests.completed",
    "requests.rejected",
    "requests.abandoned",
    "requests.failed",
    "requests.in_system",
    "lost.total",
    "buffer.mean",
    "faults.count",
    "faults.interrupted",
    "faults.reallocated",
    "faults.availability",
];

/// The measures of the first stages, classes and servers that matter most.
const TELLING_PARTS: [(&str, &str); 7] = [
    ("stages", "waiting.mean"),
    ("stages", "utilisation"),
    ("stations", "waiting.mean"),
    ("stations", "utilisation"),
    ("classes", "cycle_time.mean"),
    ("classes", "waiting.mean"),
    ("servers", "utilisation"),
];

pub(super) fn is_telling(key: &str, seen: &Interval) -> bool {
    let is_part = match key.splitn(3, '.').collect::<Vec<_>>().as_slice() {
        [list, at, rest] => {
            TELLING_PARTS.contains(&(list, rest)) && at.parse::<usize>().is_ok_and(|at| at < PARTS)
        }
        _ => false,
    };
    (is_part || TELLING.contains(&key)) && seen.max.is_some_and(|max| max != 0.0)
}
