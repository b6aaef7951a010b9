//! The report of a sweep: a measure as lines over a key, as a heat map over two, cell by cell.

use super::desk_course::line;
use super::document::{Document, Section, Table};
use super::short_names::short_names;
use crate::number::{given_percent, of_them};
use crate::report::chart::{
    Axis, Body, Chart, Estimate, HeatMap, Ink, Intervals, Line, Lines, Unit,
};
use crate::report::study::{GridCell, Sweep, text};
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::answer::{Measure, capital};

/// Measures shown beside the requested one, if a study has all of them.
const BESIDE: [&str; 6] = [
    "waiting.mean",
    "sojourn.mean",
    "requests.completed",
    "lost.total",
    "throughput",
    "idle_time.mean",
];

/// The report of `filas sweep`: the requested measure, then the others; the scenario names them.
#[must_use]
pub fn sweep(study: &Sweep, scenario: Option<&Scenario>) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        of_them(study.cells.len() as u64, "cell"),
        format!("{} each", of_them(study.replications, "replication")),
        format!("{} confidence", given_percent(study.confidence)),
    ];
    let measures = study.cells.first().map_or(&[][..], |cell| &cell.measures.0);
    let keys = measures.iter().map(|(key, _)| key.as_str());
    let mut keys: Vec<&str> = match measures.len() {
        0..=6 => keys.collect(),
        _ => keys
            .filter(|key| {
                let is_asked = study.ends[..].iter().any(|ends| ends.measure == *key);
                is_asked || BESIDE.contains(key) && is_ever(study, key)
            })
            .collect(),
    };
    keys.sort_by_key(|key| study.answer.measure.as_deref() != Some(key));
    for (at, key) in keys.into_iter().enumerate() {
        let title = scenario.map(|scenario| Measure::of(key, scenario).title());
        let title = title.unwrap_or_else(|| key.to_owned());
        let mut section = Section::new(capital(&title));
        if at == 0 {
            section.text.extend(study.answer.notes.iter().cloned());
        }
        section.charts = grid_charts(&study.cells, key, &title);
        let table = Table {
            caption: format!(
                "{}, and its difference from the first cell, pair by pair",
                capital(&title)
            ),
            ..study.table(key).in_words(scenario)
        };
        section.tables.push(table);
        document.sections.push(section);
    }
    document
}

/// Whether a measure is not zero in some cell: a loss is shown only if it occurred.
fn is_ever(study: &Sweep, key: &str) -> bool {
    let seen = study.cells.iter().map(|cell| cell.measures.get(key));
    seen.flatten()
        .any(|seen| seen.max.is_some_and(|max| max != 0.0))
}

/// A measure over a grid: lines over a key that holds numbers, a heat map of two keys, or intervals if there is
/// neither.
fn grid_charts(cells: &[GridCell], key: &str, title: &str) -> Vec<Chart> {
    let grid = Grid::new(cells, key, title);
    let mut charts: Vec<Chart> = [grid.lines(), grid.heat_map()]
        .into_iter()
        .flatten()
        .collect();
    if charts.is_empty() {
        charts.push(grid.intervals());
    }
    charts
}

/// A grid and a measure of its cells.
struct Grid<'a> {
    cells: &'a [GridCell],
    /// The measure, and the format of its values.
    measure: &'a str,
    /// Its name with its unit.
    title: &'a str,
    unit: Unit,
    /// The short names of the keys that vary.
    names: Vec<String>,
    /// The keys, and the values of each.
    keys: Vec<&'a str>,
    axes: Vec<Vec<String>>,
    /// The values of the keys in each cell.
    sets: Vec<Vec<String>>,
}

impl<'a> Grid<'a> {
    fn new(cells: &'a [GridCell], measure: &'a str, title: &'a str) -> Grid<'a> {
        let first = cells.first().map_or(&[][..], |cell| &cell.set.0);
        let keys: Vec<&str> = first.iter().map(|(key, _)| key.as_str()).collect();
        let set = |cell: &GridCell| cell.set.0.iter().map(|(_, value)| text(value)).collect();
        let sets: Vec<Vec<String>> = cells.iter().map(set).collect();
        let mut axes: Vec<Vec<String>> = vec![Vec::new(); keys.len()];
        for (axis, value) in sets.iter().flat_map(|set| set.iter().enumerate()) {
            if !axes[axis].contains(value) {
                axes[axis].push(value.clone());
            }
        }
        Grid {
            cells,
            measure,
            title,
            unit: match measure.rsplit('.').next() {
                Some("utilisation" | "availability") => Unit::Share,
                _ if measure.contains("lost.") => Unit::Share,
                _ => Unit::Number,
            },
            names: short_names(&keys),
            keys,
            axes,
            sets,
        }
    }

    fn seen(&self, cell: usize) -> Interval {
        let seen = self.cells[cell].measures.get(self.measure);
        seen.copied().unwrap_or_default()
    }

    /// The settings of a cell in words, without one key.
    fn name(&self, cell: usize, but: Option<usize>) -> String {
        let others = self.sets[cell]
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != but);
        let words = others.map(|(at, value)| format!("{} {value}", self.names[at]));
        words.collect::<Vec<_>>().join(", ")
    }

    fn axis(&self, cropped: bool) -> Axis {
        Axis {
            label: self.title.to_owned(),
            unit: self.unit,
            cropped,
            ..Axis::default()
        }
    }

    /// Lines over the last key that holds numbers: one for each setting of the others, up to eight.
    fn lines(&self) -> Option<Chart> {
        let is_number = |value: &String| value.parse::<f64>().is_ok();
        let holds_numbers =
            |&at: &usize| self.axes[at].len() > 1 && self.axes[at].iter().all(is_number);
        let along = (0..self.keys.len()).rev().find(holds_numbers)?;
        let others = self.axes.iter().enumerate().filter(|(at, _)| *at != along);
        if others.map(|(_, axis)| axis.len()).product::<usize>() > 8 {
            return None;
        }
        let mut lines: Vec<Line> = Vec::new();
        for (cell, set) in self.sets.iter().enumerate() {
            let name = match self.name(cell, Some(along)) {
                alone if alone.is_empty() => self.title.to_owned(),
                name => name,
            };
            let known = lines.iter().position(|line| line.name == name);
            let at = known.unwrap_or_else(|| {
                lines.push(line(&name, Ink::Series(lines.len()), Vec::new()));
                lines.len() - 1
            });
            let x = set[along].parse().unwrap_or(f64::NAN);
            let seen = self.seen(cell);
            lines[at].points.extend(seen.mean.map(|mean| (x, mean)));
            let band = seen.mean.and(seen.low.zip(seen.high));
            lines[at]
                .band
                .extend(band.map(|(low, high)| (x, low, high)));
        }
        for line in &mut lines {
            line.points.sort_by(|a, b| a.0.total_cmp(&b.0));
            line.band.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let is_whole = |value: &String| value.parse::<i64>().is_ok();
        let body = Body::Lines(Lines {
            x: Axis {
                label: self.keys[along].to_owned(),
                unit: match self.axes[along].iter().all(is_whole) {
                    true => Unit::Whole,
                    false => Unit::Number,
                },
                cropped: true,
                ..Axis::default()
            },
            y: self.axis(false),
            series: lines,
            marks: Vec::new(),
        });
        let title = format!("{} against {}", capital(self.title), self.keys[along]);
        Some(Chart::new(title, body))
    }

    /// A heat map of a grid over two keys.
    fn heat_map(&self) -> Option<Chart> {
        let ([rows, columns], [row_key, column_key]) = (self.axes.as_slice(), self.keys.as_slice())
        else {
            return None;
        };
        if rows.len() < 2 || columns.len() < 2 {
            return None;
        }
        let value = |row: &String, column: &String| {
            let mut sets = self.sets.iter();
            let found = sets.position(|set| set[0] == *row && set[1] == *column);
            found.and_then(|at| self.seen(at).mean).unwrap_or(f64::NAN)
        };
        let of_row = |row| columns.iter().map(|column| value(row, column)).collect();
        let body = Body::HeatMap(HeatMap {
            label: self.title.to_owned(),
            unit: self.unit,
            ink: Ink::Waiting,
            columns: ((*column_key).to_owned(), columns.clone()),
            rows: ((*row_key).to_owned(), rows.clone()),
            values: rows.iter().map(of_row).collect(),
        });
        Some(Chart::new(
            format!("{} over the grid", capital(self.title)),
            body,
        ))
    }

    /// The intervals of the first cells.
    fn intervals(&self) -> Chart {
        let row = |cell: usize| {
            let seen = self.seen(cell);
            Some(Estimate {
                name: self.name(cell, None),
                mean: seen.mean?,
                interval: seen.low.zip(seen.high),
                ink: Ink::Busy,
                note: String::new(),
            })
        };
        let body = Body::Intervals(Intervals {
            axis: self.axis(true),
            rows: (0..self.cells.len()).filter_map(row).take(200).collect(),
            mark: None,
        });
        Chart::new(format!("{} of each cell", capital(self.title)), body)
    }
}
