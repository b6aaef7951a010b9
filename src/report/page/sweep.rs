//! The report of a sweep: a measure as lines over a key, as a heat map over two, cell by cell.

use super::desk_course::line;
use super::document::{Document, Section, Table};
use super::results::{Results, ResultsError, list, number};
use super::study::{called, plus_minus};
use crate::report::chart::{
    Axis, Body, Chart, Estimate, HeatMap, Ink, Intervals, Line, Lines, Unit,
};
use crate::report::number::of_them;
use serde_json::Value;

/// A cell's settings, as `KEY VALUE` each.
fn settings(cell: &Value) -> Vec<(String, String)> {
    let set = cell.get("set").and_then(Value::as_object);
    let said = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    set.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), said(value)))
        .collect()
}

/// The report of `filas sweep`.
pub(super) fn sweep(results: &Results) -> Result<Document, ResultsError> {
    let cells = list(&results.summary, "cells");
    let each = results
        .summary
        .get("replications")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let named = |cell: &Value| {
        let set = settings(cell)
            .into_iter()
            .map(|(key, value)| format!("{key} = {value}"));
        set.collect::<Vec<_>>().join(", ")
    };
    let measures = cells
        .first()
        .and_then(|cell| cell.get("measures")?.as_object());
    let mut keys: Vec<&str> = measures
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    if keys.len() > 4 {
        let told = [
            "waiting.mean",
            "sojourn.mean",
            "requests.completed",
            "lost.total",
            "throughput",
            "idle_time.mean",
        ];
        keys.retain(|key| told.contains(key));
    }
    let seen = |cell: &Value, key: &str| {
        cell.get("measures")
            .and_then(|measures| measures.get(key))
            .cloned()
            .unwrap_or_default()
    };
    let mut document = Document {
        facts: vec![
            of_them(cells.len() as u64, "cell"),
            format!("{} each", of_them(each, "replication")),
        ],
        ..Document::default()
    };
    if let Some(key) = keys.first() {
        let mut order: Vec<&Value> = cells
            .iter()
            .filter(|cell| number(&seen(cell, key), "mean").is_some())
            .collect();
        order.sort_by(|a, b| {
            let mean = |cell: &Value| number(&seen(cell, key), "mean").unwrap_or(f64::NAN);
            mean(a).total_cmp(&mean(b))
        });
        if let (Some(least), Some(most)) = (order.first(), order.last()) {
            document.answer = format!(
                "{} is least with {}: {}; and most with {}: {}.",
                capital(&called(key)),
                named(least),
                plus_minus(&seen(least, key)),
                named(most),
                plus_minus(&seen(most, key))
            );
        }
    }
    for key in &keys {
        let mut section = Section::new(capital(&called(key)));
        section
            .charts
            .extend(grid_charts(cells, key, &|cell| seen(cell, key)));
        let rows = cells.iter().map(|cell| {
            let difference = cell
                .get("difference")
                .and_then(|all| all.get(*key))
                .cloned()
                .unwrap_or_default();
            vec![
                named(cell),
                plus_minus(&seen(cell, key)),
                plus_minus(&difference),
            ]
        });
        section.tables.push(Table {
            caption: format!(
                "{key}, and its difference from the first cell, replication by replication"
            ),
            head: ["cell", "mean", "difference"].map(str::to_owned).to_vec(),
            words: 1,
            rows: rows.collect(),
        });
        document.sections.push(section);
    }
    Ok(document)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A measure over a grid: a line over one key that holds numbers, lines over two, a heat map of many, and
/// intervals where nothing else will do.
fn grid_charts(cells: &[Value], key: &str, seen: &dyn Fn(&Value) -> Value) -> Vec<Chart> {
    let sets: Vec<Vec<(String, String)>> = cells.iter().map(settings).collect();
    let axis = |at: usize| {
        let mut values: Vec<String> = Vec::new();
        for set in &sets {
            let value = set
                .get(at)
                .map_or(String::new(), |(_, value)| value.clone());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    };
    let keys: Vec<String> = sets
        .first()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect();
    let axes: Vec<Vec<String>> = (0..keys.len()).map(axis).collect();
    let numbers =
        |at: usize| axes[at].iter().all(|value| value.parse::<f64>().is_ok()) && axes[at].len() > 1;
    let unit = match key.rsplit('.').next() {
        Some("utilisation" | "availability") => Unit::Share,
        _ if key.contains("lost.") => Unit::Share,
        _ => Unit::Number,
    };
    let mut charts = Vec::new();
    // The last key that holds numbers runs along the axis; each setting of the others is a line.
    let along = (0..keys.len()).rev().find(|&at| numbers(at));
    let others = along.map(|along| {
        axes.iter()
            .enumerate()
            .filter(|(at, _)| *at != along)
            .map(|(_, axis)| axis.len())
            .product::<usize>()
    });
    if let (Some(along), Some(1..=8)) = (along, others) {
        let mut lines: Vec<Line> = Vec::new();
        for (set, cell) in sets.iter().zip(cells) {
            let others = set.iter().enumerate().filter(|(at, _)| *at != along);
            let name: Vec<String> = others
                .map(|(_, (key, value))| format!("{} {value}", short(key)))
                .collect();
            let name = if name.is_empty() {
                called(key)
            } else {
                name.join(", ")
            };
            let at = lines
                .iter()
                .position(|line| line.name == name)
                .unwrap_or_else(|| {
                    lines.push(line(&name, Ink::Series(lines.len()), Vec::new()));
                    lines.len() - 1
                });
            let x = set[along].1.parse().unwrap_or(f64::NAN);
            let seen = seen(cell);
            if let Some(mean) = number(&seen, "mean") {
                lines[at].points.push((x, mean));
                if let Some((low, high)) = number(&seen, "low").zip(number(&seen, "high")) {
                    lines[at].band.push((x, low, high));
                }
            }
        }
        for line in &mut lines {
            line.points.sort_by(|a, b| a.0.total_cmp(&b.0));
            line.band.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let lines = Lines {
            x: Axis {
                label: keys[along].clone(),
                unit: match axes[along].iter().all(|value| value.parse::<i64>().is_ok()) {
                    true => Unit::Whole,
                    false => Unit::Number,
                },
                cropped: true,
            },
            y: Axis {
                label: key.to_owned(),
                unit,
                cropped: false,
            },
            series: lines,
            marks: Vec::new(),
        };
        charts.push(Chart::new(
            format!("{key} against {}", keys[along]),
            Body::Lines(lines),
        ));
    }
    if let [rows, columns] = axes.as_slice()
        && rows.len() > 1
        && columns.len() > 1
    {
        let value = |row: &String, column: &String| {
            let found = sets
                .iter()
                .position(|set| set[0].1 == *row && set[1].1 == *column);
            found
                .and_then(|at| number(&seen(&cells[at]), "mean"))
                .unwrap_or(f64::NAN)
        };
        let map = HeatMap {
            label: key.to_owned(),
            unit,
            ink: Ink::Waiting,
            columns: (keys[1].clone(), columns.clone()),
            rows: (keys[0].clone(), rows.clone()),
            values: rows
                .iter()
                .map(|row| columns.iter().map(|column| value(row, column)).collect())
                .collect(),
        };
        charts.push(Chart::new(
            format!("{key} over the grid"),
            Body::HeatMap(map),
        ));
    }
    if charts.is_empty() {
        let rows = sets.iter().zip(cells).filter_map(|(set, cell)| {
            let name: Vec<String> = set
                .iter()
                .map(|(key, value)| format!("{} {value}", short(key)))
                .collect();
            let seen = seen(cell);
            Some(Estimate {
                name: name.join(", "),
                mean: number(&seen, "mean")?,
                interval: number(&seen, "low").zip(number(&seen, "high")),
                ink: Ink::Busy,
                note: String::new(),
            })
        });
        let axis = Axis {
            label: key.to_owned(),
            unit,
            cropped: true,
        };
        let rows = rows.take(200).collect();
        charts.push(Chart::new(
            format!("{key} of each cell"),
            Body::Intervals(Intervals {
                axis,
                rows,
                mark: None,
            }),
        ));
    }
    charts
}

/// The last two parts of a key: enough to know it by.
fn short(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    parts[parts.len().saturating_sub(2)..].join(".")
}
