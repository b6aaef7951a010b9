//! The report of replications: every measure with its interval, and for a desk bands over the steps.

use super::desk_course::line;
use super::document::{Document, Section};
use super::repeat::{self, Course};
use super::results::{Results, ResultsError};
use crate::number::{of_them, percent};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Line, Lines, Unit};
use crate::report::study::Replications;
use crate::scenario::Scenario;
use crate::station::Happening;
use crate::study::answer::capital;

/// Replications of a desk that are made again for bands over the steps.
const AGAIN: u64 = 30;

/// Columns of such a band.
const COLUMNS: u64 = 120;

/// The report of `filas replicate`, as far as its document tells; the scenario names its parts.
#[must_use]
pub fn replications(study: &Replications, scenario: Option<&Scenario>) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        of_them(study.replications, "replication"),
        format!("{} confidence", percent(study.confidence)),
    ];
    document.sections.push(intervals(study, scenario));
    let mut theory = Section::new("Theory beside simulation");
    theory.text.push(study.theory.sentence());
    if study.theory.applies {
        theory.tables.push(study.theory_table());
    }
    document.sections.push(theory);
    document
}

/// The report of a folder of replications: of a desk with bands over the steps.
pub(super) fn of_folder(results: &Results) -> Result<Document, ResultsError> {
    let study: Replications = results.summary_as()?;
    let scenario = results
        .scenario
        .as_ref()
        .ok()
        .map(|loaded| &loaded.scenario);
    let mut document = replications(&study, scenario);
    if scenario.is_some_and(|scenario| scenario.desk().is_some()) && study.replications > 0 {
        let bands = bands(results, study.replications, &mut document.notices);
        document.sections.insert(0, bands);
    }
    Ok(document)
}

/// The measure asked for, of the whole and of its parts; then measures of one kind below one another,
/// and all of them in a table.
fn intervals(study: &Replications, scenario: Option<&Scenario>) -> Section {
    let mut section = Section::new("Every measure with its interval");
    section.text.extend(study.answer.notes.iter().cloned());
    let asked = study.answer.measure.as_deref().unwrap_or("waiting.mean");
    let kinds = [
        ("waiting.mean", "mean wait", Unit::Number),
        ("utilisation", "busy share", Unit::Share),
        ("availability", "share of the time up", Unit::Share),
        ("queue_length.mean", "mean queue", Unit::Number),
        ("lost.total", "lost share", Unit::Share),
    ];
    // A measure of a part is asked for together with the other parts.
    let asked_end = match asked.splitn(3, '.').collect::<Vec<_>>().as_slice() {
        [_, at, end] if at.parse::<usize>().is_ok() => *end,
        _ => asked,
    };
    let is_known = kinds.iter().any(|(end, ..)| *end == asked_end);
    let first = (!is_known).then_some((asked_end, asked_end, Unit::Number));
    let mut kinds: Vec<_> = first.into_iter().chain(kinds).collect();
    kinds.sort_by_key(|(end, ..)| *end != asked_end);
    for (end, title, unit) in kinds {
        let of = study.measures.0.iter().filter_map(|(key, seen)| {
            let rest = key.strip_suffix(end)?;
            // Attendants are too many, and all much alike.
            let is_shown = !rest.contains("attendants") && (rest.is_empty() || rest.ends_with('.'));
            let name = match rest.trim_end_matches('.') {
                _ if !is_shown => return None,
                "" | "faults" => "all".to_owned(),
                rest => scenario
                    .and_then(|s| known_as(s, rest))
                    .unwrap_or_else(|| rest.to_owned()),
            };
            Some(Estimate {
                name,
                mean: seen.mean?,
                interval: seen.low.zip(seen.high),
                ink: Ink::Busy,
                note: String::new(),
            })
        });
        let mut rows: Vec<Estimate> = of.take(60).collect();
        rows.sort_by_key(|row| row.name != "all");
        if rows.len() > usize::from(end != asked_end) {
            let axis = Axis {
                label: title.to_owned(),
                unit,
                cropped: true,
            };
            let body = Body::Intervals(Intervals {
                axis,
                rows,
                mark: None,
            });
            section.charts.push(Chart::new(
                format!("{}, with intervals", capital(title)),
                body,
            ));
        }
    }
    section.tables.push(study.table(|_, _| true));
    section
}

/// The scenario's name for the part that a key counts: of `servers.0`, its first server.
fn known_as(scenario: &Scenario, key: &str) -> Option<String> {
    let (list, number) = key.split_once('.')?;
    let mut entries = scenario.entries().into_iter();
    let (_, names) = entries.find(|(known, _)| known == list)?;
    names.get(number.parse::<usize>().ok()?).cloned()
}

/// Processed, failed and buffer of one replication, by column of as many steps.
struct Columns {
    width: u64,
    /// Completed, lost, buffer; and how many steps went in.
    held: Vec<([u64; 3], u64)>,
}

impl Course for Columns {
    fn take(&mut self, record: &Happening) {
        if let Happening::Step(row) = record {
            let place = ((row.step - 1) / self.width) as usize;
            if let Some((sums, steps)) = self.held.get_mut(place) {
                let lost = row.rejected + row.abandoned + row.failed;
                for (sum, value) in sums.iter_mut().zip([row.completed, lost, row.buffer]) {
                    *sum += value;
                }
                *steps += 1;
            }
        }
    }
}

/// Processed and lost over the steps, with bands over replications.
fn bands(results: &Results, done: u64, notices: &mut Vec<String>) -> Section {
    let mut section = Section::new("Processed and failed");
    let steps = results
        .scenario
        .as_ref()
        .ok()
        .and_then(|loaded| Some(loaded.scenario.desk()?.steps.max(1)))
        .unwrap_or(1);
    let width = steps.div_ceil(COLUMNS).max(1);
    let made = repeat::replications(results, done.min(AGAIN), || Columns {
        width,
        held: vec![([0; 3], 0); steps.div_ceil(width) as usize],
    });
    let made = match made {
        Ok(made) if !made.is_empty() => made,
        Ok(_) => return section,
        Err(why) => {
            notices.push(format!("Bands over the steps are missing: {why}."));
            return section;
        }
    };
    section.text.push(format!(
        "The first {} were made again for the course over the steps. A line is their mean; nine in ten lie within its band.",
        of_them(made.len() as u64, "replication")
    ));
    let series = |part: usize, name: &str, ink: Ink, cumulative: bool| -> Line {
        let mut mean = Vec::new();
        let mut band = Vec::new();
        let mut sums = vec![0.0; made.len()];
        for at in 0..made[0].held.len() {
            let x = (at as u64 * width + 1) as f64 + (width - 1) as f64 / 2.0;
            let mut values: Vec<f64> = Vec::new();
            for (sum, one) in sums.iter_mut().zip(&made) {
                let (held, steps) = one.held[at];
                *sum += held[part] as f64;
                if steps > 0 {
                    values.push(if cumulative {
                        *sum
                    } else {
                        held[part] as f64 / steps as f64
                    });
                }
            }
            if values.is_empty() {
                continue;
            }
            values.sort_by(f64::total_cmp);
            mean.push((x, values.iter().sum::<f64>() / values.len() as f64));
            let rank = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
            band.push((x, rank(0.05), rank(0.95)));
        }
        Line {
            band,
            ..line(name, ink, mean)
        }
    };
    for (title, y, cumulative) in [
        ("Processed and lost so far", "requests so far", true),
        ("Processed and lost a step", "requests a step", false),
    ] {
        let body = Body::Lines(Lines {
            x: results.step_axis(),
            y: Axis::numbers(y),
            series: vec![
                series(0, "processed", Ink::Completed, cumulative),
                series(1, "lost", Ink::Failed, cumulative),
            ],
            marks: Vec::new(),
        });
        section.charts.push(Chart::new(title, body));
    }
    let body = Body::Lines(Lines {
        x: results.step_axis(),
        y: Axis::numbers("requests in the buffer"),
        series: vec![series(2, "buffer", Ink::Waiting, false)],
        marks: Vec::new(),
    });
    section
        .charts
        .push(Chart::new("Requests in the buffer", body));
    section
}
