//! The report of a stress test: the verdict, what was tried, and tables of all other findings.

use super::document::{Document, Section, Table};
use super::results::{Results, ResultsError, number, text};
use crate::number::{count, plain};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals};
use crate::study::answer::capital;
use serde_json::{Map, Value};

/// Keys that appear elsewhere on the page.
const ELSEWHERE: [&str; 12] = [
    "filas",
    "model",
    "name",
    "time_unit",
    "seed",
    "engine",
    "digest",
    "verdict",
    "interrupted",
    "answer",
    "replay",
    "replay_command",
];

pub(super) fn stress(results: &Results) -> Result<Document, ResultsError> {
    let summary = &results.summary;
    let answer = results.answer()?;
    let mut document = Document::of(&answer);
    let sentences = [answer.headline].into_iter().chain(answer.notes);
    document.answer = sentences.collect::<Vec<_>>().join(" ");
    if results.interrupted() {
        let notice = "It was stopped before its end: this is what was tried up to there.";
        document.notices.push(notice.to_owned());
    }
    if let Some(again) = text(summary, "replay_command") {
        let mut section = Section::new("How to see it again");
        section.commands.push(again.to_owned());
        document.sections.push(section);
    }
    document.sections.push(throughput(summary));
    let mut section = Section::new("What was seen");
    if let Some(all) = summary.as_object() {
        let plain = all
            .iter()
            .filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()));
        let plain: Map<String, Value> = plain
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        tables("In all", &plain, &mut section.tables);
    }
    document.sections.push(section);
    Ok(document)
}

/// Throughput against channel capacity and chunk size.
fn throughput(summary: &Value) -> Section {
    let mut section = Section::new("Throughput");
    let Some(all) = summary.get("throughput").filter(|all| all.is_object()) else {
        return section;
    };
    let cells = all.get("cells").and_then(Value::as_array);
    let rows = cells.into_iter().flatten().filter_map(|cell| {
        let whole = |key: &str| {
            cell.get(key)
                .and_then(Value::as_u64)
                .map_or("?".to_owned(), count)
        };
        Some(Estimate {
            name: format!("capacity {}, chunk {}", whole("capacity"), whole("chunk")),
            mean: number(cell, "mean")?,
            interval: number(cell, "low").zip(number(cell, "high")),
            ink: Ink::Busy,
            note: String::new(),
        })
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        section.charts.push(Chart {
            title: "Throughput by channel capacity and chunk size".to_owned(),
            body: Body::Intervals(Intervals {
                axis: Axis::numbers(text(all, "unit").unwrap_or("per second")),
                rows,
                mark: None,
            }),
        });
    }
    section
}

/// The contents of a document as tables: its plain values as one, each list of records as one more, and the same for
/// its nested documents.
fn tables(caption: &str, all: &Map<String, Value>, into: &mut Vec<Table>) {
    let plain = all
        .iter()
        .filter(|(_, value)| !value.is_object() && !is_records(value) && !value.is_null());
    let rows: Vec<_> = plain
        .map(|(key, value)| vec![words(key), said(value)])
        .collect();
    if !rows.is_empty() {
        into.push(Table {
            caption: caption.to_owned(),
            head: vec!["what".to_owned(), "value".to_owned()],
            words: 2,
            rows,
        });
    }
    for (key, value) in all {
        if let Value::Object(inner) = value {
            tables(&capital(&words(key)), inner, into);
        }
        if let Some(records) = value.as_array().filter(|_| is_records(value)) {
            let mut head: Vec<String> = Vec::new();
            for key in records
                .iter()
                .filter_map(Value::as_object)
                .flat_map(Map::keys)
            {
                if !head.contains(key) {
                    head.push(key.clone());
                }
            }
            let row = |record: &Value| {
                let cell = |key: &String| record.get(key).map_or("–".to_owned(), said);
                head.iter().map(cell).collect()
            };
            into.push(Table {
                caption: capital(&words(key)),
                words: 1,
                rows: records.iter().map(row).collect(),
                head: head.iter().map(|key| words(key)).collect(),
            });
        }
    }
}

fn is_records(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_object))
}

fn words(key: &str) -> String {
    key.replace('_', " ")
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => count(whole),
            (None, Some(real)) => plain(real),
            (None, None) => number.to_string(),
        },
        Value::Array(all) => all.iter().map(said).collect::<Vec<_>>().join(", "),
        Value::Object(all) => {
            let parts = all
                .iter()
                .map(|(key, value)| format!("{} {}", words(key), said(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}
