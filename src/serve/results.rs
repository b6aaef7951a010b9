//! Results of runs: the report's document, the result files, and the comparison of two runs.
//!
//! Files are found by listing the run's folder and are requested by their names there.

use super::Rooms;
use super::answer::{Refusal, apart};
use super::live::picture;
use super::performance::{Finished, TABLED_MAX};
use super::runs::Run;
use crate::number::{percent, plain, unbroken};
use crate::report::chart::{Bars, Body, Chart, Ink, Scales, Unit};
use crate::report::page::{self, Document};
use crate::scenario::{self, Change, Entries, Scenario, changes};
use crate::study::answer::{Card, Measure};
use axum::Json;
use axum::body::Body as Content;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// A run that is done, and its result.
fn done(rooms: &Rooms, number: u64) -> Result<(Arc<Run>, Arc<Finished>), Refusal> {
    let run = rooms.hall.run(number)?;
    let finished = run.finished();
    let finished = finished.ok_or_else(|| Refusal::missing("this run is not done"))?;
    Ok((run, finished))
}

fn summary(finished: &Finished) -> Value {
    serde_json::from_str(&finished.json).expect("a summary is JSON")
}

/// The value of a dotted key of a summary.
fn measure(summary: &Value, key: &str) -> Option<f64> {
    let pointer = format!("/{}", key.replace('.', "/"));
    summary.pointer(&pointer)?.as_f64()
}

pub(super) async fn results(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Json<Value>, Refusal> {
    let (run, finished) = done(&rooms, number)?;
    Ok(Json(apart(move || told(&run, &finished)).await??))
}

fn told(run: &Run, finished: &Finished) -> Result<Value, Refusal> {
    let document = reported(run, finished)?;
    let files: Vec<Value> = files(run)
        .iter()
        .map(|(name, _, bytes)| json!({ "name": name, "bytes": bytes }))
        .collect();
    Ok(json!({
        "run": run.told(),
        "report": shown(document, "result"),
        "files": files,
        "tabled": scenario::estimate(&finished.loaded.scenario).events <= TABLED_MAX,
    }))
}

/// A card as JSON for the page.
fn card(card: &Card) -> Value {
    json!({
        "about": card.about.name(),
        "name": card.name,
        "value": unbroken(&card.value),
        "note": unbroken(&card.note),
    })
}

/// A report as JSON for the page; the names of its charts begin with `id`.
pub(super) fn shown(document: &Document, id: &str) -> Value {
    let sections = (0..).zip(&document.sections).map(|(at, section)| {
        let charts = (0..).zip(&section.charts);
        let charts = charts.map(|(number, chart)| picture(chart, &format!("{id}-{at}-{number}")));
        let tables = section.tables.iter().map(|table| {
            let row = |row: &Vec<String>| -> Vec<String> {
                row.iter().map(|cell| unbroken(cell)).collect()
            };
            json!({
                "caption": unbroken(&table.caption),
                "head": table.head,
                "words": table.words,
                "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
                "folded": table.is_folded(),
            })
        });
        json!({
            "title": section.title,
            "text": section.text.iter().map(|text| unbroken(text)).collect::<Vec<_>>(),
            "charts": charts.collect::<Vec<_>>(),
            "tables": tables.collect::<Vec<_>>(),
            "commands": section.commands,
        })
    });
    json!({
        "answer": unbroken(&document.answer),
        "cards": document.cards.iter().map(card).collect::<Vec<_>>(),
        "facts": document.facts.iter().map(|fact| unbroken(fact)).collect::<Vec<_>>(),
        "notices": document.notices,
        "sections": sections.collect::<Vec<_>>(),
    })
}

/// The report, made once, since making it may require another run.
fn reported<'a>(run: &Run, finished: &'a Finished) -> Result<&'a Document, Refusal> {
    let make = || page::document(&run.folder).map_err(|error| error.to_string());
    let made = finished.report.get_or_init(make).as_ref();
    made.map_err(|error| Refusal::missing(error.as_str()))
}

/// Content security policy of the report as a page of its own: it has no script and loads nothing.
const REPORT_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(super) async fn report(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Response, Refusal> {
    let (run, finished) = done(&rooms, number)?;
    let page = apart(move || reported(&run, &finished).map(Document::html));
    let policy = [(header::CONTENT_SECURITY_POLICY, REPORT_POLICY)];
    Ok((policy, Html(page.await??)).into_response())
}

/// The files of a run, in the order of their names.
fn files(run: &Run) -> Vec<(String, PathBuf, u64)> {
    let entries = fs::read_dir(&run.folder).into_iter().flatten().flatten();
    let file = |entry: fs::DirEntry| {
        let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        let name = entry.file_name().into_string().ok()?;
        Some((name, entry.path(), about.len()))
    };
    let mut files: Vec<_> = entries.filter_map(file).collect();
    files.sort();
    files
}

pub(super) async fn file(
    State(rooms): State<Arc<Rooms>>,
    Path((number, name)): Path<(u64, String)>,
) -> Result<Response, Refusal> {
    let (run, _) = done(&rooms, number)?;
    let found = apart(move || {
        let mut files = files(&run).into_iter();
        let (name, path, length) = files.find(|(known, _, _)| *known == name)?;
        Some((name, fs::File::open(path).ok()?, length))
    });
    let (name, file, length) = found
        .await?
        .ok_or_else(|| Refusal::missing("the run has no such file"))?;
    let kind = match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("toml") => "application/toml",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((headers, Content::from_stream(pieces(file))).into_response())
}

/// The number of bytes read at a time, as a file may be larger than the memory.
const PIECE: usize = 64 << 10;

fn pieces(file: fs::File) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> {
    futures_util::stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).map(|count| {
                piece.truncate(count);
                piece
            });
            (read, file)
        });
        match read.await {
            Ok((Ok(piece), _)) if piece.is_empty() => None,
            Ok((Ok(piece), file)) => Some((Ok(piece), Some(file))),
            Ok((Err(error), _)) => Some((Err(error), None)),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    })
}

fn attachment(name: &str) -> String {
    format!("attachment; filename=\"{name}\"")
}

pub(super) async fn patch(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Response, Refusal> {
    let run = rooms.hall.run(number)?;
    let journal = run.control.journal();
    match run.loaded.scenario.desk() {
        Some(desk) if !journal.is_empty() => {
            let headers = [
                (header::CONTENT_TYPE, "application/toml".to_owned()),
                (header::CONTENT_DISPOSITION, attachment("by-hand.toml")),
            ];
            Ok((headers, journal.patch(desk)).into_response())
        }
        _ => Err(Refusal::missing("nothing was done by hand in this run")),
    }
}

/// The two runs to compare.
#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    a: u64,
    b: u64,
}

pub(super) async fn compare(
    State(rooms): State<Arc<Rooms>>,
    Query(pair): Query<Pair>,
) -> Result<Json<Value>, Refusal> {
    let [a, b] = [done(&rooms, pair.a)?.1, done(&rooms, pair.b)?.1];
    let compared = apart(move || compared(&pair, [&a, &b]));
    Ok(Json(compared.await?))
}

/// The measures of both models that are shown first.
const MAIN: [&str; 14] = [
    "requests.generated",
    "requests.completed",
    "requests.rejected",
    "requests.abandoned",
    "requests.failed",
    "customers.departed",
    "customers.lost",
    "throughput",
    "waiting.mean",
    "waiting.p95",
    "waiting.max",
    "sojourn.mean",
    "queues_joined.mean",
    "idle_time.mean",
];

fn compared(pair: &Pair, runs: [&Finished; 2]) -> Value {
    let [a, b] = &runs.map(summary);
    let entries = runs.map(|run| Entries::of(&run.loaded.scenario));
    let (mut keys, mut of_b) = (Vec::new(), Vec::new());
    numbers(a, String::new(), &mut keys);
    numbers(b, String::new(), &mut of_b);
    // Entries of lists are paired by name; one that only the second run has keeps its name.
    let by_name = |key: &String| entries[0].named(key);
    let known: Vec<String> = keys.iter().map(by_name).collect();
    let of_b = of_b.iter().map(|key| entries[1].named(key));
    keys.extend(of_b.filter(|key| !known.contains(key)));
    let main = |key: &str| MAIN.iter().position(|main| *main == key);
    keys.sort_by_key(|key| main(key).unwrap_or(MAIN.len()));
    let scenario = &runs[0].loaded.scenario;
    let rows = keys.iter().map(|key| {
        let there = entries[1].numbered(&entries[0].named(key));
        let b = measure(b, &there);
        let a = measure(a, key);
        let name = Measure::of(key, scenario).title();
        json!({ "key": key, "name": name, "a": a, "b": b, "main": main(key).is_some() })
    });
    let rows: Vec<Value> = rows.collect();
    let changed = changes(&runs[0].loaded, &runs[1].loaded);
    let changed: Vec<String> = changed.iter().map(|one| change(one, scenario)).collect();
    json!({
        "a": pair.a,
        "b": pair.b,
        "rows": rows,
        "changed": changed,
        "sentence": difference(pair, scenario, a, b),
        "charts": charts(pair, scenario, a, b),
    })
}

/// A change of a key, in words, with the names of this scenario.
pub(super) fn change(change: &Change, scenario: &Scenario) -> String {
    let mut key = change.key.clone();
    // Stages, classes and servers are shown by name.
    for (list, names) in scenario.entries() {
        let rest = change.key.strip_prefix(&format!("{list}."));
        let Some((at, end)) = rest.and_then(|rest| rest.split_once('.')) else {
            continue;
        };
        if let Some(name) = at.parse::<usize>().ok().and_then(|at| names.get(at)) {
            key = format!("{name} {end}");
            break;
        }
    }
    let [old, new] = change.values();
    match (&change.old, &change.new) {
        (Value::Null, _) => format!("{key} {new}"),
        (_, Value::Null) => format!("{key} left out"),
        _ => format!("{key} {old} → {new}"),
    }
}

/// Collects the dotted keys of all numbers in `value`; the entries of a list have their index as key.
fn numbers(value: &Value, path: String, keys: &mut Vec<String>) {
    let below = |key: &str| match path.is_empty() {
        true => key.to_owned(),
        false => format!("{path}.{key}"),
    };
    match value {
        Value::Number(_) if path != "seed" => keys.push(path),
        Value::Object(entries) => {
            for (key, value) in entries {
                numbers(value, below(key), keys);
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                numbers(value, below(&at.to_string()), keys);
            }
        }
        _ => {}
    }
}

/// The greatest differences of the main measures, in a sentence.
fn difference(pair: &Pair, scenario: &Scenario, a: &Value, b: &Value) -> String {
    let share = |of: &Value, key: &str, all: &str| Some(measure(of, key)? / measure(of, all)?);
    let mut found = Vec::new();
    for (what, key, all) in [
        ("served", "requests.completed", "requests.generated"),
        ("rejected", "requests.rejected", "requests.generated"),
        ("failed", "requests.failed", "requests.generated"),
        ("served", "customers.departed", "customers.arrived"),
    ] {
        if let (Some(first), Some(second)) = (share(a, key, all), share(b, key, all))
            && percent(first) != percent(second)
        {
            found.push(format!(
                "{} {what} against {}",
                percent(second),
                percent(first)
            ));
        }
    }
    if let (Some(first), Some(second)) = (measure(a, "waiting.mean"), measure(b, "waiting.mean")) {
        // A unit such as 0.1 ms would read as a number.
        let unit = scenario
            .time_unit()
            .filter(|unit| !unit.starts_with(|c: char| c.is_ascii_digit()));
        let unit = unit.map_or(String::new(), |unit| format!(" {unit}"));
        let (first, second) = (plain(first), plain(second));
        found.push(match first == second {
            true => format!("waits of {second}{unit} in the mean in both"),
            false => format!("waits of {second}{unit} in the mean against {first}"),
        });
    }
    match found.as_slice() {
        [] => format!("Run {} beside run {}.", pair.b, pair.a),
        found => format!(
            "Run {} beside run {}: {}.",
            pair.b,
            pair.a,
            found.join(", ")
        ),
    }
}

fn charts(pair: &Pair, scenario: &Scenario, a: &Value, b: &Value) -> Vec<Value> {
    let groups: [(&str, &[&str]); 3] = [
        ("Outcomes of requests", &MAIN[1..5]),
        ("Outcomes of customers", &MAIN[5..7]),
        (
            "Waiting and sojourn times",
            &["waiting.mean", "waiting.p95", "sojourn.mean"],
        ),
    ];
    let drawn = groups.iter().filter_map(|(title, keys)| {
        let rows = keys.iter().filter_map(|key| {
            let [a, b] = [measure(a, key), measure(b, key)];
            let missing = f64::NAN;
            let row = vec![a.unwrap_or(missing), b.unwrap_or(missing)];
            let name = Measure::of(key, scenario).title();
            // A measure that is zero in both gets no bar.
            row.iter().any(|value| *value > 0.0).then_some((name, row))
        });
        let rows: Vec<_> = rows.collect();
        // Colours other than those of served, waiting and failed customers.
        let series = |number, at| (format!("run {number}"), at, Unit::Number);
        let bars = Bars {
            series: vec![series(pair.a, Ink::Faint), series(pair.b, Ink::Series(4))],
            rows,
            scales: Scales::Shared,
        };
        (!bars.rows.is_empty()).then(|| Chart {
            title: (*title).to_owned(),
            body: Body::Bars(bars),
        })
    });
    let drawn: Vec<Chart> = drawn.collect();
    let pictures = drawn.iter().enumerate();
    pictures
        .map(|(at, chart)| picture(chart, &format!("compared-{at}")))
        .collect()
}
