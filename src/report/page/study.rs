//! The report of replications: every measure with its interval, and for a desk bands over the steps.

use super::desk_course::line;
use super::document::{Document, Section, Table};
use super::repeat::{self, Course};
use super::results::{Results, ResultsError, number, text};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Line, Lines, Unit};
use crate::report::number::{column, count, of_them, percent, plain};
use crate::station::Happening;
use serde_json::Value;

/// Replications of a desk that are made again for bands over the steps.
const AGAIN: u64 = 30;

/// Columns of such a band.
const COLUMNS: u64 = 120;

pub(super) fn plus_minus(seen: &Value) -> String {
    match (number(seen, "mean"), number(seen, "half_width")) {
        (Some(mean), Some(half)) => {
            let cells = column(&[Some(mean), Some(half)], "–");
            format!("{} ± {}", cells[0], cells[1])
        }
        (Some(mean), None) => plain(mean),
        _ => "–".to_owned(),
    }
}

/// What a measure is called in a sentence.
pub(super) fn called(key: &str) -> String {
    match key {
        "waiting.mean" => "the mean wait".to_owned(),
        "sojourn.mean" => "the mean sojourn".to_owned(),
        "requests.completed" => "the number of completed requests".to_owned(),
        key => key.to_owned(),
    }
}

/// The report of `filas replicate`.
pub(super) fn replications(results: &Results) -> Result<Document, ResultsError> {
    let summary = &results.summary;
    let done = summary
        .get("replications")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let confidence = number(summary, "confidence").unwrap_or(0.95);
    let empty = serde_json::Map::new();
    let measures = summary
        .get("measures")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let main = ["waiting.mean", "requests.completed", "sojourn.mean"]
        .into_iter()
        .find_map(|key| measures.get_key_value(key))
        .or_else(|| measures.iter().next());
    let unit = results.unit();
    let mut document = Document {
        facts: vec![
            of_them(done, "replication"),
            format!("{} confidence", percent(confidence)),
        ],
        answer: match main {
            Some((key, seen)) => format!(
                "Over {}, {} is {}{}, {} sure.",
                of_them(done, "replication"),
                called(key),
                plus_minus(seen),
                if key.ends_with("completed") {
                    String::new()
                } else {
                    format!(" {unit}")
                },
                percent(confidence)
            ),
            None => "No measure was asked for.".to_owned(),
        },
        ..Document::default()
    };
    if summary.get("precision_reached").and_then(Value::as_bool) == Some(false) {
        document
            .notices
            .push("The precision asked for was not reached: raise --max.".to_owned());
    }
    if text(summary, "model") == Some("desk") && done > 0 {
        document
            .sections
            .push(bands(results, done, &mut document.notices));
    }
    document.sections.push(intervals(results, measures));
    document.sections.push(beside_theory(summary, measures));
    Ok(document)
}

/// Intervals of measures of one kind below one another, and all of them in a table.
fn intervals(results: &Results, measures: &serde_json::Map<String, Value>) -> Section {
    let mut section = Section::new("Every measure with its interval");
    let estimate = |(name, seen): (String, &Value)| {
        Some(Estimate {
            name,
            mean: number(seen, "mean")?,
            interval: number(seen, "low").zip(number(seen, "high")),
            ink: Ink::Busy,
            note: String::new(),
        })
    };
    let kinds = [
        ("waiting.mean", "Mean wait", Unit::Number),
        ("utilisation", "Busy share", Unit::Share),
        ("availability", "Share of the time up", Unit::Share),
        ("queue_length.mean", "Mean queue", Unit::Number),
        ("lost.total", "Lost share", Unit::Share),
    ];
    for (end, title, unit) in kinds {
        let of = measures.iter().filter_map(|(key, seen)| {
            let rest = key.strip_suffix(end)?;
            // Attendants are too many, and all much alike.
            let shown = !rest.contains("attendants") && (rest.is_empty() || rest.ends_with('.'));
            shown.then(|| match rest.trim_end_matches('.') {
                "" => ("all".to_owned(), seen),
                rest => (known_as(results, rest), seen),
            })
        });
        let rows: Vec<Estimate> = of.filter_map(estimate).take(60).collect();
        // Of all first, then one by one.
        let mut rows = rows;
        rows.sort_by_key(|row| row.name != "all");
        if rows.len() > usize::from(end != "waiting.mean") {
            let axis = Axis {
                label: title.to_lowercase(),
                unit,
                cropped: true,
            };
            let intervals = Intervals {
                axis,
                rows,
                mark: None,
            };
            section.charts.push(Chart::new(
                format!("{title}, with intervals"),
                Body::Intervals(intervals),
            ));
        }
    }
    let rows = measures.iter().map(|(key, seen)| {
        let picks = ["mean", "half_width", "low", "high", "min", "max"];
        let values = picks.map(|pick| number(seen, pick));
        let mut row = vec![
            key.clone(),
            seen.get("n")
                .and_then(Value::as_u64)
                .map_or("–".into(), count),
        ];
        row.extend(column(&values, "–"));
        row
    });
    let head = [
        "measure",
        "n",
        "mean",
        "±",
        "low",
        "high",
        "least run",
        "greatest run",
    ];
    section.tables.push(Table {
        caption: "Every measure; ± is half the interval's width".to_owned(),
        head: head.map(str::to_owned).to_vec(),
        words: 1,
        rows: rows.collect(),
    });
    section
}

/// The name of a thing that a key counts: of `servers.0`, what the scenario calls its first server.
fn known_as(results: &Results, key: &str) -> String {
    let name = || {
        let (list, number) = key.split_once('.')?;
        let number: usize = number.parse().ok()?;
        let loaded = results.scenario.as_ref().ok()?;
        let (line, desk) = (loaded.scenario.line(), loaded.scenario.desk());
        match list {
            "servers" => Some(desk?.servers.get(number)?.name.clone()),
            "classes" => Some(desk?.classes.get(number)?.name.clone()),
            "stages" => Some(line?.stages.get(number)?.name.clone()),
            _ => None,
        }
    };
    match key {
        "faults" => "all".to_owned(),
        key => name().unwrap_or_else(|| key.to_owned()),
    }
}

fn beside_theory(summary: &Value, measures: &serde_json::Map<String, Value>) -> Section {
    let mut section = Section::new("Theory beside simulation");
    let Some(theory) = summary.get("theory") else {
        return section;
    };
    let model = text(theory, "model").unwrap_or("the closed form");
    if theory.get("applies").and_then(Value::as_bool) != Some(true) {
        let reason = text(theory, "fails").unwrap_or("an assumption");
        section.text.push(format!(
            "The nearest closed form, {model}, does not apply: it would need that {reason}."
        ));
        return section;
    }
    section.text.push(format!("{model} applies."));
    let values = theory.get("measures").and_then(Value::as_object);
    let rows = values.into_iter().flatten().filter_map(|(key, value)| {
        let seen = measures.get(key)?;
        let cells = column(
            &[value.as_f64(), number(seen, "low"), number(seen, "high")],
            "–",
        );
        let inside = summary
            .get("inside")
            .and_then(|inside| inside.get(key)?.as_bool());
        let inside = inside.map_or("–", |inside| if inside { "yes" } else { "no" });
        Some(vec![
            key.clone(),
            cells[0].clone(),
            plus_minus(seen),
            cells[1].clone(),
            cells[2].clone(),
            inside.to_owned(),
        ])
    });
    let head = ["measure", "formula", "simulation", "low", "high", "inside"];
    section.tables.push(Table {
        caption: format!("{model}, and these replications"),
        head: head.map(str::to_owned).to_vec(),
        words: 1,
        rows: rows.collect(),
    });
    section
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
