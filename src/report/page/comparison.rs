//! The report of a comparison: the changes that are more than chance, measure by measure, and the keys changed.

use super::document::{Document, Section};
use crate::number::{count, given_percent, of_them};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Unit};
use crate::report::comparison::{Compare, Comparison};
use crate::scenario::Scenario;

/// The most measures in the chart.
const SHOWN: usize = 40;

/// The report of `filas compare`; the scenario A names the measures.
#[must_use]
pub fn comparison(study: &Comparison, scenario: Option<&Scenario>) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        format!("A {}, B {}", study.a, study.b),
        format!("{} of runs", of_them(study.replications, "pair")),
        format!("{} confidence", given_percent(study.confidence)),
    ];
    let mut changed = Section::new("What was changed");
    if !study.changed.0.is_empty() {
        changed.tables.push(study.changes());
    }
    document.sections.push(changed);
    let mut section = Section::new("What it changes");
    section.text.extend(study.answer.notes.iter().cloned());
    section.charts.extend(chart(study));
    section
        .tables
        .push(study.table(|_, _| true).in_words(scenario));
    document.sections.push(section);
    document
}

/// The changes as shares of A's values, clear ones first.
fn chart(study: &Comparison) -> Option<Chart> {
    let share = |seen: &Compare| seen.a.map(f64::abs).filter(|base| *base > 0.0);
    let is_minor = |key: &str| key.contains("attendants") || key.ends_with(".n");
    let measures = study.measures.0.iter();
    let mut rows: Vec<(bool, Estimate)> = measures
        .filter(|(key, seen)| !is_minor(key) && seen.difference.max != Some(0.0))
        .filter_map(|(key, seen)| {
            let base = share(seen)?;
            let ends = seen.difference.low.zip(seen.difference.high);
            let estimate = Estimate {
                name: key.clone(),
                mean: seen.difference.mean? / base,
                interval: ends.map(|(low, high)| (low / base, high / base)),
                ink: if seen.clear {
                    Ink::Completed
                } else {
                    Ink::Idle
                },
                note: if seen.clear { "clear" } else { "" }.to_owned(),
            };
            Some((seen.clear, estimate))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|(a, x), (b, y)| {
        let by_size = y.mean.abs().total_cmp(&x.mean.abs());
        b.cmp(a).then(by_size)
    });
    let title = match rows.len() > SHOWN {
        true => format!(
            "B against A, in shares of A (the first {SHOWN} of {})",
            count(rows.len() as u64)
        ),
        false => "B against A, in shares of A".to_owned(),
    };
    let body = Body::Intervals(Intervals {
        axis: Axis {
            label: "change".to_owned(),
            unit: Unit::Share,
            ..Axis::default()
        },
        rows: rows.into_iter().take(SHOWN).map(|(_, row)| row).collect(),
        mark: Some((0.0, "as in A".to_owned())),
    });
    Some(Chart::new(title, body))
}
