//! The report of a sweep: a measure as lines over a key, as a heat map over two, cell by cell.

use super::desk_course::line;
use super::document::{Document, Section};
use crate::number::{of_them, percent};
use crate::report::chart::{
    Axis, Body, Chart, Estimate, HeatMap, Ink, Intervals, Line, Lines, Unit,
};
use crate::report::study::{GridCell, Sweep, text};

/// Measures shown beside the one asked for, where a study has all of them.
const BESIDE: [&str; 6] = [
    "waiting.mean",
    "sojourn.mean",
    "requests.completed",
    "lost.total",
    "throughput",
    "idle_time.mean",
];

/// The report of `filas sweep`: the measure asked for, then the others.
#[must_use]
pub fn sweep(study: &Sweep) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        of_them(study.cells.len() as u64, "cell"),
        format!("{} each", of_them(study.replications, "replication")),
        format!("{} confidence", percent(study.confidence)),
    ];
    let measures = study.cells.first().map_or(&[][..], |cell| &cell.measures.0);
    let keys = measures.iter().map(|(key, _)| key.as_str());
    let mut keys: Vec<&str> = match measures.len() {
        0..=6 => keys.collect(),
        _ => keys
            .filter(|key| BESIDE.contains(key) || study.ends[..].iter().any(|e| e.measure == *key))
            .collect(),
    };
    keys.sort_by_key(|key| study.answer.measure.as_deref() != Some(key));
    for (at, key) in keys.into_iter().enumerate() {
        let mut section = Section::new(key);
        if at == 0 {
            section.text.extend(study.answer.notes.iter().cloned());
        }
        section.charts = grid_charts(&study.cells, key);
        section.tables.push(study.table(key));
        document.sections.push(section);
    }
    document
}

/// A measure over a grid: a line over one key that holds numbers, lines over two, a heat map of many, and
/// intervals where nothing else will do.
fn grid_charts(cells: &[GridCell], key: &str) -> Vec<Chart> {
    let seen = |cell: &GridCell| cell.measures.get(key).copied().unwrap_or_default();
    let set = |cell: &GridCell| {
        cell.set
            .0
            .iter()
            .map(|(key, value)| (key.clone(), text(value)))
            .collect()
    };
    let sets: Vec<Vec<(String, String)>> = cells.iter().map(set).collect();
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
                key.to_owned()
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
            if let Some(mean) = seen.mean {
                lines[at].points.push((x, mean));
                if let Some((low, high)) = seen.low.zip(seen.high) {
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
                .and_then(|at| seen(&cells[at]).mean)
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
                mean: seen.mean?,
                interval: seen.low.zip(seen.high),
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
