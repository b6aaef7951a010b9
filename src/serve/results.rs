//! What came of runs: the answer, theory beside simulation, files, and two runs side by side.
//!
//! Files are found by looking into the run's folder, and given by their names there.

use super::Rooms;
use super::answer::{Refusal, apart};
use super::live::picture;
use super::performance::{Finished, TABLED_MAX};
use super::runs::Run;
use crate::report::chart::{Bars, Body, Chart, Ink, Scales, Unit};
use crate::scenario::{self, Scenario};
use crate::study::Fit;
use axum::Json;
use axum::body::Body as Content;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// A run that is done, with what came of it.
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
    Ok(Json(apart(move || told(&run, &finished)).await?))
}

fn told(run: &Run, finished: &Finished) -> Value {
    let summary = summary(finished);
    let fit = Fit::of(&finished.loaded.scenario);
    let rows = fit.measures.iter().map(|(key, theory)| {
        json!({ "key": key, "simulated": measure(&summary, key), "theory": theory })
    });
    let rows: Vec<Value> = rows.collect();
    let files: Vec<Value> = files(run)
        .iter()
        .map(|(name, _, bytes)| json!({ "name": name, "bytes": bytes }))
        .collect();
    json!({
        "run": run.told(),
        "sentence": answer(&summary),
        "summary": summary,
        "seconds": finished.took.as_secs_f64(),
        "theory": {
            "applies": fit.applies,
            "model": fit.model,
            "fails": fit.fails(),
            "rows": rows,
        },
        "charts": [],
        "files": files,
        "tabled": scenario::estimate(&finished.loaded.scenario).events <= TABLED_MAX,
        "reproduce": "filas run scenario.toml",
    })
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

/// So much of a file is read at a time: it may be larger than there is memory for.
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
    match &run.loaded.scenario {
        Scenario::Desk(desk) if !journal.is_empty() => {
            let headers = [
                (header::CONTENT_TYPE, "application/toml".to_owned()),
                (header::CONTENT_DISPOSITION, attachment("by-hand.toml")),
            ];
            Ok((headers, journal.patch(desk)).into_response())
        }
        _ => Err(Refusal::missing("nothing was done by hand in this run")),
    }
}

/// What is to be compared.
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
    let compared = apart(move || compared(&pair, &summary(&a), &summary(&b)));
    Ok(Json(compared.await?))
}

/// What matters most in each model.
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

fn compared(pair: &Pair, a: &Value, b: &Value) -> Value {
    let (mut keys, mut of_b) = (Vec::new(), Vec::new());
    numbers(a, String::new(), &mut keys);
    numbers(b, String::new(), &mut of_b);
    let known: Vec<String> = keys.iter().map(|key: &String| key.clone()).collect();
    keys.extend(of_b.into_iter().filter(|key| !known.contains(key)));
    let main = |key: &str| MAIN.iter().position(|main| *main == key);
    keys.sort_by_key(|key| main(key).unwrap_or(MAIN.len()));
    let rows = keys.iter().map(|key| {
        let [a, b] = [measure(a, key), measure(b, key)];
        json!({ "key": key, "a": a, "b": b, "main": main(key).is_some() })
    });
    let rows: Vec<Value> = rows.collect();
    json!({
        "a": pair.a,
        "b": pair.b,
        "rows": rows,
        "sentence": difference(pair, a, b),
        "charts": charts(pair, a, b),
    })
}

/// The dotted keys of all numbers; a list goes by indexes.
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

fn difference(pair: &Pair, a: &Value, b: &Value) -> String {
    let key = "waiting.mean";
    match (measure(a, key), measure(b, key)) {
        (Some(first), Some(second)) if first > 0.0 => {
            let by = 100.0 * (second / first - 1.0);
            let how = match by {
                by if by.abs() < 0.05 => "as long as".to_owned(),
                by if by < 0.0 => format!("{:.1} % less than", -by),
                by => format!("{by:.1} % longer than"),
            };
            format!(
                "In run {} waiting takes {how} in run {}: {second:.3} against {first:.3} in the mean.",
                pair.b, pair.a
            )
        }
        _ => format!("Run {} beside run {}.", pair.b, pair.a),
    }
}

fn charts(pair: &Pair, a: &Value, b: &Value) -> Vec<Value> {
    let groups: [(&str, &[&str]); 3] = [
        ("What became of requests", &MAIN[1..5]),
        ("What became of customers", &MAIN[5..7]),
        (
            "Time waited and spent in all",
            &["waiting.mean", "waiting.p95", "sojourn.mean"],
        ),
    ];
    let drawn = groups.iter().filter_map(|(title, keys)| {
        let rows = keys.iter().filter_map(|key| {
            let [a, b] = [measure(a, key), measure(b, key)];
            let missing = f64::NAN;
            let row = vec![a.unwrap_or(missing), b.unwrap_or(missing)];
            (a.is_some() || b.is_some()).then(|| ((*key).to_owned(), row))
        });
        let rows: Vec<_> = rows.collect();
        let series = |number, at| (format!("run {number}"), Ink::Series(at), Unit::Number);
        let bars = Bars {
            series: vec![series(pair.a, 0), series(pair.b, 1)],
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

/// The answer of a run in a sentence.
fn answer(summary: &Value) -> String {
    let count = |key: &str| measure(summary, key).unwrap_or(0.0);
    let waited = |who: &str| match measure(summary, "waiting.mean") {
        Some(mean) => {
            let p95 = measure(summary, "waiting.p95").unwrap_or(mean);
            format!("{who} waited {mean:.2} in the mean, one in twenty more than {p95:.2}")
        }
        None => format!("no {who} was measured"),
    };
    match summary["model"].as_str() {
        Some("desk") => {
            let lost =
                count("requests.rejected") + count("requests.abandoned") + count("requests.failed");
            format!(
                "{} of {} requests were completed and {lost} lost; {}.",
                count("requests.completed"),
                count("requests.generated"),
                waited("requests")
            )
        }
        _ => format!(
            "{} customers passed the line, {:.3} in a unit of time; {}.",
            count("customers.departed"),
            count("throughput"),
            waited("customers")
        ),
    }
}
