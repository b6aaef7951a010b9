//! The report of a search for the best setting: the cost of each setting against its measures, what is settled and what
//! is open.

use super::document::{Document, Section};
use super::short_names::short_names;
use crate::number::{given_percent, of_them};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Line, Lines, Unit};
use crate::report::finding::{Finding, SettingRow};
use crate::study::answer::listed;

/// The most settings in the chart of a measure.
const SHOWN: usize = 40;

/// The report of `filas find`.
#[must_use]
pub fn finding(study: &Finding) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        of_them(study.settings_count, "setting"),
        of_them(study.runs, "run"),
        format!("{} confidence", given_percent(study.confidence)),
    ];
    let mut section = Section::new("The answer, and what is beside it");
    section.text.extend(study.answer.notes.iter().cloned());
    section.text.extend(called(study));
    document.sections.push(section);
    for required in &study.requirements {
        let mut section = Section::new(format!("Against the requirement {}", required.text));
        let mark = (required.value, format!("required {}", required.text));
        section.charts.extend(trade_off(study, &required.measure));
        section
            .charts
            .push(intervals(study, &required.measure, Some(mark)));
        document.sections.push(section);
    }
    if study.measures.get(&study.aim).is_some() {
        let mut section = Section::new(study.aim.clone());
        section.charts.push(intervals(study, &study.aim, None));
        document.sections.push(section);
    }
    let mut settings = Section::new("The settings");
    settings.tables.push(study.table());
    document.sections.push(settings);
    document
}

/// The keys that were varied.
fn keys(study: &Finding) -> Vec<&str> {
    study.best.0.iter().map(|(key, _)| key.as_str()).collect()
}

/// The short names of the keys in the charts, if they differ from the keys.
fn called(study: &Finding) -> Option<String> {
    let keys = keys(study);
    let names = short_names(&keys);
    let called = names.iter().zip(&keys).filter(|(name, key)| name != *key);
    let called: Vec<String> = called
        .map(|(name, key)| format!("`{name}` for `{key}`"))
        .collect();
    (!called.is_empty()).then(|| format!("The charts say {}.", listed(&called)))
}

fn axis(measure: &str) -> Axis {
    let shares = [
        "service_level",
        "utilisation",
        "occupancy",
        "availability",
        "lost.",
        "fraction",
    ];
    Axis {
        label: measure.to_owned(),
        unit: match shares.iter().any(|part| measure.contains(part)) {
            true => Unit::Share,
            false => Unit::Number,
        },
        cropped: true,
        ..Axis::default()
    }
}

/// The best value of a measure at each cost, if settings have a cost.
fn trade_off(study: &Finding, measure: &str) -> Option<Chart> {
    if study.measures.get(&study.aim).is_some() {
        return None;
    }
    let mut points: Vec<(f64, f64)> = study
        .settings
        .iter()
        .filter_map(|row| Some((row.value?, row.measures.get(measure)?.mean?)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let required = study
        .requirements
        .iter()
        .find(|required| required.measure == measure)?;
    let at_least = required.text.contains('>');
    // Among settings of equal cost, the best one.
    let mut best: Vec<(f64, f64)> = Vec::new();
    for point in points {
        match best.last_mut().filter(|last| last.0 == point.0) {
            Some(last) if at_least => last.1 = last.1.max(point.1),
            Some(_) => {}
            None => best.push(point),
        }
    }
    let (first, last) = (best.first()?.0, best.last()?.0);
    if best.len() < 2 {
        return None;
    }
    let line = |name: &str, ink: Ink, points: Vec<(f64, f64)>| Line {
        band: Vec::new(),
        ..super::desk_course::line(name, ink, points)
    };
    let limit = vec![(first, required.value), (last, required.value)];
    let body = Body::Lines(Lines {
        x: Axis::numbers(study.aim.clone()).cropped(),
        y: axis(measure),
        series: vec![
            line("the best at this cost", Ink::Busy, best),
            line("required", Ink::Failed, limit),
        ],
        marks: Vec::new(),
    });
    Some(Chart::new(format!("{measure} for what it costs"), body))
}

/// A measure of the settings nearest to the best by value, with the intervals used for the verdicts.
fn intervals(study: &Finding, measure: &str, mark: Option<(f64, String)>) -> Chart {
    let names = short_names(&keys(study));
    let mut rows: Vec<&SettingRow> = study
        .settings
        .iter()
        .filter(|row| row.replications > 0)
        .collect();
    let best = study.value.unwrap_or(0.0);
    let distance = |row: &SettingRow| match row.standing.as_str() {
        "best" => -1.0,
        _ => row
            .value
            .map_or(f64::INFINITY, |value| (value - best).abs()),
    };
    rows.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    rows.truncate(SHOWN);
    rows.sort_by(|a, b| a.value.unwrap_or(0.0).total_cmp(&b.value.unwrap_or(0.0)));
    let rows = rows.into_iter().filter_map(|row| {
        let seen = row.measures.get(measure)?;
        let values = names.iter().zip(&row.choice.0);
        let name = values.map(|(name, (_, value))| format!("{name} {value}"));
        Some(Estimate {
            name: name.collect::<Vec<_>>().join(", "),
            mean: seen.mean?,
            interval: seen.low.zip(seen.high),
            ink: match (row.standing.as_str(), row.meets.as_str()) {
                ("best", _) => Ink::Completed,
                ("open", _) | (_, "open") => Ink::Waiting,
                (_, "no") => Ink::Failed,
                _ => Ink::Busy,
            },
            note: row.standing.clone(),
        })
    });
    let body = Body::Intervals(Intervals {
        axis: axis(measure),
        rows: rows.collect(),
        mark,
    });
    Chart::new(format!("{measure}, settled and open"), body)
}
