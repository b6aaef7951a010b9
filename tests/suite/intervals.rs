//! What a run reports by intervals of time (`[report] interval`) is what the oracle counts, and the same in the JSON, the
//! tables, the terminal, the report and studies.

use crate::cli::{json, told};
use crate::station_cases::{Case, cases};
use crate::station_engines::hold;
use crate::station_oracle::intervals::intervals;
use crate::station_oracle::summary::differences;
use crate::station_runs::{line, run};
use filas::actor::{Conductor, Recording, Runtime, Surroundings, Wish};
use filas::model::Model;
use filas::number::count;
use filas::report::chart::Body;
use filas::report::page;
use filas::scenario::Scenario;
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

/// A customer every 2 minutes, served in one, until 100: the first 12 of them, or those until 24.
const STEADY: &str = r#"
model = "tandem"
time_unit = "min"
arrivals = { interarrival = { constant = { value = 2 } } }
horizon = { until = 100 }
report = { interval = 10 }
stages = [ { name = "s", service = { constant = { value = 1 } } } ]
"#;

/// A measure of each interval of a summary.
fn each(summary: &Value, pointer: &str) -> Vec<Value> {
    let intervals = summary["intervals"].as_array().unwrap().iter();
    let values = intervals.map(|one| one.pointer(pointer).unwrap().clone());
    values.collect()
}

#[test]
fn a_line_that_is_stopped_has_no_intervals_after_its_end() {
    let place = tempfile::tempdir().unwrap();
    let file = written(place.path(), "steady.toml", STEADY);
    let run = ["run", &file, "--format", "json", "--engine", "inline"];
    // Customer 12 comes at 24 and leaves at 25: from 20 on the server is busy for 3 of 5 minutes.
    let stopped = json(&[&run[..], &["--stop-after", "12"]].concat());
    assert_eq!(each(&stopped, "/from"), [0.0, 10.0, 20.0]);
    assert_eq!(each(&stopped, "/arrivals"), [4, 5, 3]);
    assert_eq!(each(&stopped, "/utilisation"), [0.4, 0.5, 0.6]);
    // One that is to end at 24 has what happens until then, and one that nobody stops all there is.
    let cut = ["--set", "horizon.until=24", "--set", "horizon.stop=true"];
    let cut = json(&[&run[..], &cut].concat());
    assert_eq!(each(&cut, "/utilisation"), [0.4, 0.5, 0.5]);
    let whole = json(&run);
    assert_eq!(each(&whole, "/from").len(), 10);
    // A part of the table is written, too.
    let out = place.path().join("out");
    let words = [
        "--out",
        out.to_str().unwrap(),
        "--tables",
        "csv",
        "--stop-after",
        "12",
    ];
    assert_eq!(told(&[&["run", &file], &words[..]].concat()).2, 0);
    let table = fs::read_to_string(out.join("intervals.csv")).unwrap();
    assert_eq!(table.lines().count(), 4, "{table}");
}

/// Stops a run after this time.
struct StopAfter(f64);

impl Conductor for StopAfter {
    fn before(&self, clock: f64) -> Wish {
        match clock > self.0 {
            true => Wish::Stop,
            false => Wish::Go,
        }
    }
}

#[test]
fn a_run_that_a_person_stops_has_the_intervals_of_one_that_ends_there() {
    let line = line(STEADY);
    let around = Surroundings {
        conductor: &StopAfter(25.0),
        recorder: &(),
    };
    // With every event on record a turn is one instant.
    let stopped = filas::tandem::run(&line, 0, Runtime::Inline, 1, Recording::Everything, around);
    let stopped = stopped.unwrap();
    assert!(stopped.interrupted);
    let intervals = stopped.summary.intervals.iter();
    let busy: Vec<Option<f64>> = intervals.map(|one| one.utilisation).collect();
    assert_eq!(busy, [Some(0.4), Some(0.5), Some(0.6)]);
    let Scenario::Tandem(cut) = Model::Line(&line).ending_after(12.0) else {
        panic!("it is a line");
    };
    let (cut, _) = run(&cut, Runtime::Inline, Recording::Nothing);
    assert_eq!(stopped.digest, cut.digest);
}

/// The numbers of a measure of each interval of a run of this line, which is the same on threads.
fn of_run(text: &str, pointer: &str) -> Vec<f64> {
    let line = line(text);
    let (outcome, _) = run(&line, Runtime::Inline, Recording::Nothing);
    let channel_capacity = 1;
    let (threads, _) = run(
        &line,
        Runtime::Threads { channel_capacity },
        Recording::Nothing,
    );
    assert_eq!(outcome.digest, threads.digest);
    let summary = serde_json::to_value(&outcome.summary).unwrap();
    let values = each(&summary, pointer);
    values.iter().map(|one| one.as_f64().unwrap()).collect()
}

#[test]
fn where_stations_block_each_other_the_interval_is_cut_and_none_follows() {
    // Customer 1 is at `a` from 0 to 2 and at `b` until 5; customer 2, at `a` from 3 to 5, then wants its place, and it
    // that of customer 2.
    let ring = r#"
model = "network"
horizon = { until = 100 }
report = { interval = 4 }
classes = [ { name = "c", enter = "a", route = ["a", "b", "a", "out"], arrivals = { times = [0, 3] } } ]
[[stations]]
name = "a"
buffer = 0
service = { constant = { value = 2 } }
[[stations]]
name = "b"
buffer = 0
service = { constant = { value = 3 } }
"#;
    assert_eq!(of_run(ring, "/from"), [0.0, 4.0]);
    // 3 minutes of `a` and 2 of `b` in 4 minutes; then both, for one minute.
    assert_eq!(of_run(ring, "/utilisation"), [5.0 / 8.0, 1.0]);
    assert_eq!(of_run(ring, "/arrivals"), [2.0, 0.0]);
    // It ends where an interval begins: there is none of no length.
    let at_the_edge = ring.replace("interval = 4", "interval = 5");
    assert_eq!(of_run(&at_the_edge, "/from"), [0.0]);
}

#[test]
fn where_no_server_comes_back_the_queue_is_averaged_until_then() {
    // The only server leaves after customer 1, at 11, and customer 2 waits from 2 on.
    let deserted = r#"
model = "tandem"
horizon = { until = 100 }
report = { interval = 4 }
arrivals = { times = [1, 2] }
[[stages]]
name = "s"
servers = { plan = [{ from = 0, count = 1 }, { from = 5, count = 0 }] }
service = { constant = { value = 10 } }
"#;
    assert_eq!(of_run(deserted, "/from"), [0.0, 4.0, 8.0]);
    assert_eq!(of_run(deserted, "/queue_length/mean"), [0.5, 1.0, 1.0]);
    assert_eq!(of_run(deserted, "/utilisation"), [0.75, 1.0, 1.0]);
}

#[test]
fn a_desk_that_ends_early_has_no_intervals_after_its_end() {
    let place = tempfile::tempdir().unwrap();
    let desk = |clock: &str, arrivals: &str, places: u64| {
        format!(
            "model = \"desk\"\n{clock}\nreport = {{ interval = 2 }}\narrivals = {{ {arrivals} }}\n\
             supervisor = {{ queue = \"central\" }}\nbuffer = {{ capacity = {places}, overflow = \"stop\" }}\n\
             classes = [ {{ name = \"c\", share = 1, service = {{ constant = {{ value = 100 }} }} }} ]\n\
             servers = [ {{ name = \"A\", attendants = [ {{ skills = [\"c\"] }} ] }} ]\n"
        )
    };
    let run = |name: &str, text: &str| {
        let file = written(place.path(), name, text);
        json(&["run", &file, "--format", "json", "--engine", "inline"])
    };
    // Request 3 finds the buffer full in step 3, which is the first of the second interval.
    let steps = desk("steps = 10", "per_step = { constant = { value = 1 } }", 1);
    let steps = run("steps.toml", &steps);
    assert_eq!(each(&steps, "/from"), [0.0, 2.0]);
    assert_eq!(each(&steps, "/offered"), [1, 1]);
    assert_eq!(each(&steps, "/occupancy"), [1.0, 1.0]);
    // It is rejected at 4, where an interval would begin: it belongs to the one before.
    let time = desk("horizon = { until = 10 }", "times = [0, 4]", 0);
    let time = run("time.toml", &time);
    assert_eq!(each(&time, "/from"), [0.0, 2.0]);
    assert_eq!(each(&time, "/offered"), [1, 1]);
    assert_eq!(each(&time, "/rejected"), [0, 1]);
    assert_eq!(each(&time, "/on_duty"), [1.0, 1.0]);
}

#[test]
fn studies_leave_out_intervals_that_a_replication_did_not_reach() {
    let key = "intervals.5.utilisation";
    let words = [
        "--set",
        "report.interval=120",
        "-n",
        "5",
        "--format",
        "json",
    ];
    // Runs that end in a deadlock are said to have.
    let of = |more: &[&str]| -> Value {
        let (out, err, code) = told(&[&["replicate", "gridlock"], more, &words[..]].concat());
        assert_eq!(code, 1, "{err}");
        serde_json::from_str(&out).expect("a document")
    };
    let study = of(&["--measure", key]);
    let seen = &study["measures"][key];
    // The plain run ends in the sixth interval, busy until then.
    assert!((1..5).contains(&seen["n"].as_u64().unwrap()), "{seen}");
    assert!(seen["min"].as_f64().unwrap() > 0.3, "{seen}");
    // Those that nobody reaches are measures without a value.
    let study = of(&[]);
    let last = &study["measures"]["intervals.83.utilisation"];
    assert_eq!(last["n"], 0, "{last}");
    assert!(study["measures"].get("intervals.84.utilisation").is_none());
}

#[test]
fn replications_of_a_desk_have_what_follows_their_intervals_in_its_place() {
    let place = tempfile::tempdir().unwrap();
    let text = CALLS.replace(
        "supervisor =",
        "buffer = { capacity = 3, overflow = \"stop\" }\nsupervisor =",
    );
    let file = written(place.path(), "stops.toml", &text);
    let words = ["--format", "json", "--engine", "inline"];
    let run = json(&[&["run", &file], &words[..]].concat());
    let study = json(&["replicate", &file, "-n", "6", "--format", "json"]);
    let of = |key: &str| &study["measures"][key];
    let seen = each(&run, "/from").len();
    assert!(seen < 4, "the run went on to its end: {run}");
    assert!(of("intervals.3.offered")["n"].as_u64().unwrap() < 6);
    // What stands behind the intervals is not taken for them, nor they for it.
    for key in ["occupancy", "buffer.max", "intervals.0.offered"] {
        let pointer = format!("/{}", key.replace('.', "/"));
        let first = run.pointer(&pointer).unwrap().as_f64().unwrap();
        let (min, max) = (of(key)["min"].as_f64(), of(key)["max"].as_f64());
        assert!(
            min.is_some() && min <= Some(first) && Some(first) <= max,
            "{key}: {first}"
        );
        assert_eq!(of(key)["n"], 6, "{key}");
    }
    assert_eq!(of("buffer.max")["max"], 3.0);
}
