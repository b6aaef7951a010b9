//! What a run reports by intervals of time (`[report] interval`) is what the oracle counts, and the same in the JSON, the
//! tables, the terminal, the report and studies.

use crate::cli::{json, told};
use crate::station_cases::{Case, cases};
use crate::station_engines::hold;
use crate::station_oracle::intervals::intervals;
use crate::station_oracle::summary::differences;
use crate::station_runs::{line, run};
use filas::actor::{Recording, Runtime};
use filas::number::count;
use filas::report::chart::Body;
use filas::report::page;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Holds a case reported by intervals of this length against the oracle.
fn hold_intervals(case: &Case, length: f64) {
    let text = format!("{}\n[report]\ninterval = {length:?}\n", case.toml);
    let line = line(&text);
    let (outcome, records) = run(&line, Runtime::Inline, Recording::Tables);
    // They change nothing else.
    hold(case, &line, (&outcome, &records));
    let right = intervals(&case.spec, &case.past, length);
    let seen = serde_json::to_value(&outcome.summary.intervals).unwrap();
    let found = differences(&right, &seen);
    assert!(found.is_empty(), "{found:#?}\n{text}\n{seen:#}\n{right:#}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_interval_is_that_of_the_oracle(
        (case, length) in (cases(), prop::sample::select(&[0.5, 1.0, 2.0, 2.5, 7.0, 1000.0][..]))
    ) {
        hold_intervals(&case, length);
    }
}

#[test]
fn intervals_are_the_same_on_threads() {
    let mut several = 0;
    for case in (0..40).filter_map(Case::numbered) {
        let line = line(&format!("{}\n[report]\ninterval = 2\n", case.toml));
        let (whole, _) = run(&line, Runtime::Inline, Recording::Nothing);
        several += usize::from(whole.summary.intervals.len() > 2);
        for channel_capacity in [0, 2] {
            let threads = Runtime::Threads { channel_capacity };
            let (threads, _) = run(&line, threads, Recording::Everything);
            assert_eq!(threads.digest, whole.digest, "{}", case.toml);
            assert_eq!(threads.summary, whole.summary, "{}", case.toml);
        }
    }
    assert!(several > 20, "only {several} cases have several intervals");
}

const DAY: &str = r#"
model = "tandem"
name = "day"
time_unit = "min"
start = "8:00"
arrivals = { rates = [ { until = 240.0, rate = 0.4 }, { until = 480.0, rate = 0.9 } ] }
horizon = { until = 470.0, warm_up = 100 }
report = { interval = "1 h" }
stages = [
  { name = "desk", servers = 2, service = { exponential = { mean = 2.2 } } },
  { name = "pay", service = { exponential = { mean = 1.0 } } },
]
"#;

fn written(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_run_shows_its_intervals_in_every_place() {
    let place = tempfile::tempdir().unwrap();
    let file = written(place.path(), "day.toml", DAY);
    let out = place.path().join("results");
    let words = [
        "run",
        &file,
        "--tables",
        "csv",
        "--out",
        out.to_str().unwrap(),
    ];
    let (terminal, err, code) = told(&words);
    assert_eq!(code, 0, "{err}");
    let summary = fs::read_to_string(out.join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let intervals = summary["intervals"].as_array().unwrap();
    let begins = intervals.iter().map(|one| one["from"].as_f64().unwrap());
    assert_eq!(
        begins.collect::<Vec<_>>(),
        [0.0, 60.0, 120.0, 180.0, 240.0, 300.0, 360.0, 420.0]
    );
    let sum = |key: &str| -> u64 { intervals.iter().map(|one| one[key].as_u64().unwrap()).sum() };
    // The warm-up is part of them.
    assert_eq!(
        sum("arrivals"),
        summary["customers"]["arrived"].as_u64().unwrap()
    );
    assert_eq!(
        sum("departures"),
        summary["customers"]["departed"].as_u64().unwrap()
    );

    // The table, with times of day, and the same numbers to the last bit.
    let table = fs::read_to_string(out.join("intervals.csv")).unwrap();
    let mut rows = table.lines();
    let head: Vec<&str> = rows.next().unwrap().split(',').collect();
    assert_eq!(head[..4], ["from", "from_clock", "arrivals", "departures"]);
    let at = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), intervals.len());
    for (row, interval) in rows.iter().zip(intervals) {
        let number = |name: &str| row[at(name)].parse::<f64>().ok();
        for (name, pointer) in [
            ("arrivals", "/arrivals"),
            ("waiting_p95", "/waiting/p95"),
            ("queue_length_mean", "/queue_length/mean"),
            ("utilisation", "/utilisation"),
        ] {
            assert_eq!(
                number(name),
                interval.pointer(pointer).unwrap().as_f64(),
                "{name}"
            );
        }
        let line = terminal
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let arrived = count(interval["arrivals"].as_u64().unwrap());
        let clock = row[at("from_clock")];
        let found = line
            .into_iter()
            .any(|line| line.starts_with(&[clock, &arrived]));
        assert!(found, "{clock} {arrived}\n{terminal}");
    }

    // The report draws them over the time axis.
    let report = page::document(&out).unwrap();
    let mut section = report.sections.iter();
    let section = section
        .find(|section| section.title == "By interval")
        .unwrap();
    let [chart] = section.charts.as_slice() else {
        panic!("{} charts", section.charts.len());
    };
    assert!(matches!(&chart.body, Body::Panels(panels) if panels.panels.len() == 4));
    assert_eq!(section.tables[0].rows.len(), intervals.len());
    let says = chart.says();
    assert!(says.contains("arrived"), "{says}");
}

#[test]
fn studies_estimate_every_interval() {
    let place = tempfile::tempdir().unwrap();
    let file = written(place.path(), "day.toml", DAY);
    let key = "intervals.3.waiting.mean";
    let study = json(&["replicate", &file, "-n", "8", "--format", "json"]);
    let seen = &study["measures"][key];
    assert_eq!(seen["n"], 8);
    // Replication 0 is the plain run, so it lies between the extremes.
    let run = json(&["run", &file, "--format", "json"]);
    let first = run
        .pointer("/intervals/3/waiting/mean")
        .unwrap()
        .as_f64()
        .unwrap();
    assert!(seen["min"].as_f64().unwrap() <= first && first <= seen["max"].as_f64().unwrap());
    assert!(seen["half_width"].as_f64().unwrap() > 0.0);
    assert!(
        study["measures"]["intervals.7.utilisation"]["mean"]
            .as_f64()
            .unwrap()
            > 0.5
    );
    assert!(study["measures"].get("intervals.8.arrivals").is_none());

    let vary = "stages.desk.servers=2,3";
    let words = [
        "sweep",
        &file,
        "--vary",
        vary,
        "--measure",
        key,
        "-n",
        "4",
        "--format",
        "json",
    ];
    let sweep = json(&words);
    assert!(
        sweep["cells"][1]["measures"][key]["mean"].is_number(),
        "{sweep}"
    );

    let out = place.path().join("study");
    let words = [
        "replicate",
        &file,
        "-n",
        "8",
        "--out",
        out.to_str().unwrap(),
        "--quiet",
    ];
    assert_eq!(told(&words).2, 0);
    let report = page::document(&out).unwrap();
    let mut section = report.sections.iter();
    let section = section
        .find(|section| section.title == "By interval")
        .unwrap();
    assert_eq!(section.charts.len(), 4);
}

#[test]
fn replications_may_have_more_intervals_than_the_first() {
    let place = tempfile::tempdir().unwrap();
    let text = DAY.replace("until = 470.0, warm_up = 100", "customers = 100");
    let file = written(place.path(), "day.toml", &text);
    let run = json(&["run", &file, "--format", "json"]);
    let first = run["intervals"].as_array().unwrap().len();
    let study = json(&["replicate", &file, "-n", "30", "--format", "json"]);
    let of = |index: usize| &study["measures"][format!("intervals.{index}.arrivals")];
    assert_eq!(of(0)["n"], 30);
    assert!(
        of(first - 1)["n"].as_u64().unwrap() < 30,
        "{}",
        of(first - 1)
    );
    assert!(of(first).is_null());
    let one = json(&[
        "replicate",
        &file,
        "-n",
        "30",
        "--jobs",
        "1",
        "--format",
        "json",
    ]);
    assert_eq!(study["digest"], one["digest"]);
}

#[test]
fn the_service_level_of_an_interval_is_a_measure_of_studies() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("study");
    let key = "intervals.7.service_level";
    let words = ["replicate", "call-day", "-n", "3", "--measure", key];
    let results = ["--tables", "csv", "--out", out.to_str().unwrap()];
    let (_, err, code) = told(&[&words[..], &results].concat());
    assert_eq!(code, 0, "{err}");
    let mut table = csv::Reader::from_path(out.join("replications.csv")).unwrap();
    let head = table.headers().unwrap().clone();
    let column = head.iter().position(|name| name == key).unwrap();
    let first = table.records().next().unwrap().unwrap();
    // Replication 0 is the plain run.
    let run = json(&["run", "call-day", "--engine", "inline", "--format", "json"]);
    let level = run["intervals"][7]["service_level"].as_f64();
    assert_eq!(first[column].parse().ok(), level);
    assert!(level > Some(0.0) && level < Some(1.0));
}

const CALLS: &str = r#"
model = "desk"
name = "calls"
time_unit = "min"
start = "8:00"
arrivals = { rates = [ { until = 60.0, rate = 1.5 }, { until = 120.0, rate = 3.0 } ] }
horizon = { until = 120.0 }
report = { interval = "30 min" }
supervisor = { queue = "central" }
classes = [
  { name = "call", share = 1.0, service = { exponential = { mean = 2.0 } }, patience = { exponential = { mean = 2.0 } }, service_level = { within = 0.3 } },
]
servers = [ { name = "centre", attendants = [ { skills = ["call"], count = 5 } ] } ]
"#;

#[test]
fn a_desk_has_a_table_of_its_intervals() {
    let place = tempfile::tempdir().unwrap();
    let file = written(place.path(), "calls.toml", CALLS);
    let out = place.path().join("results");
    let folder = out.to_str().unwrap();
    let words = ["run", &file, "--tables", "csv", "--quiet", "--out", folder];
    assert_eq!(told(&words).2, 0);
    let summary = fs::read_to_string(out.join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let table = fs::read_to_string(out.join("intervals.csv")).unwrap();
    let mut rows = table.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let right = "from,from_clock,offered,answered,rejected,abandoned,waiting_mean,waiting_p50,waiting_p95,waiting_max,\
                 service_level,occupancy,on_duty";
    assert_eq!(head.join(","), right);
    for (at, row) in rows.enumerate() {
        let interval = &summary["intervals"][at];
        assert_eq!(row[1], format!("{:02}:{:02}", 8 + at / 2, at % 2 * 30));
        for (&name, &seen) in head
            .iter()
            .zip(&row)
            .filter(|(name, _)| **name != "from_clock")
        {
            let pointer = format!("/{}", name.replace("waiting_", "waiting/"));
            let right = interval.pointer(&pointer).unwrap().as_f64();
            assert_eq!(seen.parse::<f64>().ok(), right, "{at}: {name}");
        }
    }
    assert_eq!(table.lines().count(), 5);
}
