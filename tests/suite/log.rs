//! The log of a run is in the order of logical time, and the same on every engine, with any channel
//! capacity and any chunk, byte for byte; logging does not change the run.

use super::cli::{filas, told};
use super::scenario_shipped::{loaded, shipped};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::digest::Digest;
use filas::model::{Model, Outcome};
use filas::observe::log::Sentence;
use filas::observe::ordered::Ordered;
use filas::scenario::Scenario;
use filas::station::{FaultEvent, Happening};
use std::fmt::Write;
use std::fs;
use std::sync::Mutex;

/// Runtimes and chunks that are as different as possible.
const WAYS: [(Runtime, Option<usize>); 6] = [
    (Runtime::Inline, None),
    (Runtime::Inline, Some(1)),
    (
        Runtime::Threads {
            channel_capacity: 1,
        },
        Some(1),
    ),
    (
        Runtime::Threads {
            channel_capacity: 64,
        },
        Some(7),
    ),
    (
        Runtime::Threads {
            channel_capacity: 4,
        },
        None,
    ),
    (
        Runtime::Explore {
            channel_capacity: 2,
            seed: 11,
        },
        Some(3),
    ),
];

/// The log of a run, and its digest.
struct Told {
    text: String,
    times: Vec<f64>,
    faults: u64,
    digest: Digest,
    outcome: Outcome,
}

fn tell(scenario: &Scenario, (runtime, chunk): (Runtime, Option<usize>)) -> Told {
    let told = Mutex::new((String::new(), Vec::new(), 0));
    let ordered = Ordered::new(scenario, |happening| {
        let Some(sentence) = Sentence::of(scenario, happening) else {
            return;
        };
        let mut told = told.lock().unwrap();
        let (time, who, sign) = (sentence.time, sentence.who(), sentence.sign);
        writeln!(told.0, "{time:?} {who} {sign} {}", sentence.words()).unwrap();
        told.1.push(time);
        let is_fault = matches!(happening, Happening::Fault(row) if row.event == FaultEvent::Fault);
        told.2 += u64::from(is_fault);
    });
    let around = Surroundings {
        conductor: &(),
        recorder: &ordered,
    };
    let run = Model::of(scenario).run(0, runtime, chunk, Recording::Everything, around);
    let outcome = run.unwrap();
    drop(ordered);
    let (text, times, faults) = told.into_inner().unwrap();
    Told {
        text,
        times,
        faults,
        digest: outcome.digest(),
        outcome,
    }
}

/// The first line in which two logs differ.
fn first_difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines());
    let differing = (1..).zip(pairs).find(|(_, (one, other))| one != other);
    format!("{differing:?}")
}

#[test]
fn the_log_of_every_shipped_scenario_is_one_in_the_order_of_logical_time() {
    for path in shipped() {
        let scenario = loaded(&path).scenario;
        let name = path.display();
        let length = Model::of(&scenario).length();
        let most = if length.0 == "steps" { 80.0 } else { 250.0 };
        let scenario = Model::of(&scenario).cut_to(length.1.min(most));
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let model = Model::of(&scenario);
        let quiet = model.run(0, Runtime::Inline, None, Recording::Nothing, around);
        let quiet = quiet.unwrap().digest();
        let first = tell(&scenario, WAYS[0]);
        assert!(first.times.len() > 100, "{name}: {}", first.text);
        assert!(first.times.is_sorted(), "{name} goes back in time");
        if let Outcome::Desk(outcome) = &first.outcome {
            assert_eq!(first.faults, outcome.summary.faults.count, "{name}");
        }
        for way in WAYS {
            let other = tell(&scenario, way);
            assert_eq!(other.digest, quiet, "{name} with {way:?}");
            assert!(
                other.text == first.text,
                "{name} with {way:?}: {}",
                first_difference(&first.text, &other.text)
            );
        }
    }
}

/// Two stages, the second without waiting places, services of length zero, ties.
const TIED: &str = r#"
model = "tandem"
arrivals = { times = { file = "times.csv", column = "arrival" } }
horizon = { customers = 4 }
[[stages]]
name = "cut"
service = { constant = { value = 2.0 } }
[[stages]]
name = "glue"
buffer = 0
service = { constant = { value = 2.0 } }
[[stages]]
name = "label"
service = { constant = { value = 0.0 } }
"#;

#[test]
fn at_one_instant_customers_leave_first_and_later_stages_before_earlier_ones() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("tied.toml");
    fs::write(&file, TIED).unwrap();
    fs::write(place.path().join("times.csv"), "arrival\n0\n0\n0\n2\n").unwrap();
    let words = ["run", file.to_str().unwrap(), "--log", "debug", "--quiet"];
    let (_, log, code) = told(&words);
    assert_eq!(code, 0, "{log}");
    let at_four: Vec<String> = log
        .lines()
        .filter(|line| line.trim_start().starts_with("4.000 "))
        .map(|line| {
            line.split_whitespace()
                .skip(1)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        at_four,
        [
            "glue ✔ #1 leaves server 1",
            "cut ✔ #2 leaves server 1",
            "cut ▶ #3 at server 1, waited 4.000",
            "glue ▶ #2 at server 1, waited 0.000",
            "label ▶ #1 at server 1, waited 0.000",
            "label ✔ #1 leaves server 1",
        ],
        "{log}"
    );
}

#[test]
fn a_log_on_disk_is_the_same_file_on_both_engines_in_every_format() {
    let place = tempfile::tempdir().unwrap();
    let buffers = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/buffers.toml");
    let set = [
        "--set",
        "horizon.customers=300",
        "--set",
        "horizon.warm_up=0",
    ];
    let line = [&[buffers], &set[..]].concat();
    let desk = ["--set", "steps=40"];
    for scenario in [&line[..], &desk[..]] {
        for format in ["pretty", "compact", "json"] {
            let logs = ["inline", "threads"].map(|engine| {
                let file = place.path().join(format!("{engine}.log"));
                let mut run = filas(&["run"]);
                run.args(scenario)
                    .args(["--engine", engine, "--log", "trace", "--log-format", format])
                    .arg("--log-file")
                    .arg(&file)
                    .assert()
                    .success();
                fs::read_to_string(file).unwrap()
            });
            assert!(logs[0].lines().count() > 200, "{}", logs[0]);
            let first = first_difference(&logs[0], &logs[1]);
            assert!(logs[0] == logs[1], "{scenario:?} as {format}: {first}");
        }
    }
}

#[test]
fn a_study_says_that_the_events_of_its_runs_are_not_logged() {
    let words = [
        "replicate",
        "clinic",
        "-n",
        "2",
        "--log",
        "debug",
        "--quiet",
    ];
    let (_, log, code) = told(&words);
    assert_eq!(code, 0, "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("`filas run` logs those of one"), "{log}");
}
