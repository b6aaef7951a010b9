//! The shipped scenarios: their digests and summaries are golden, and the digests the same on threads for all
//! channel capacities and chunks.

use crate::settings::read;
use filas::actor::{Recording, Runtime, Surroundings};
use filas::lanes::{self, InstructionSet};
use filas::model::Model;
use filas::report::Summary;
use filas::scenario::Scenario;
use filas::{desk, tandem};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// For each scenario its name and the digest of its run, then the measures of its summary but for its lists, a
/// line each. A change here is a change of results, and is headed **Numbers changed** in the changelog.
const GOLDEN: &str = "tests/suite/golden.txt";

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    files
}

fn digest(scenario: &Scenario, runtime: Runtime, chunk: usize) -> String {
    let stop = AtomicBool::new(false);
    match scenario {
        Scenario::Tandem(line) => {
            let around = Surroundings {
                conductor: &stop,
                recorder: &(),
            };
            let run = tandem::run(line, 0, runtime, chunk, Recording::Nothing, around).unwrap();
            run.digest.to_string()
        }
        Scenario::Desk(counter) => {
            let around = Surroundings {
                conductor: &stop,
                recorder: &(),
            };
            let run = desk::run(counter, 0, runtime, Recording::Nothing, around).unwrap();
            run.digest.to_string()
        }
    }
}

/// The measures of a summary, each with its key path, but for those in lists.
fn measures(path: &str, value: &Value, lines: &mut String) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                measures(&path, value, lines);
            }
        }
        Value::Number(_) | Value::Null => writeln!(lines, "  {path} {value}").unwrap(),
        Value::Array(_) | Value::Bool(_) | Value::String(_) => {}
    }
}

#[test]
fn the_results_of_every_scenario_are_golden() {
    let mut seen = String::new();
    for file in scenarios() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let scenario = read(&file, &[]).scenario;
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let model = Model::of(&scenario);
        let outcome = model.run(0, Runtime::Inline, None, Recording::Nothing, around);
        let outcome = outcome.unwrap();
        writeln!(seen, "{name} {}", outcome.digest()).unwrap();
        let summary = Summary::of(&scenario, "inline", &outcome).json();
        measures("", &serde_json::from_str(&summary).unwrap(), &mut seen);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("FILAS_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, &seen).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let changed = golden.lines().zip(seen.lines()).find(|(was, is)| was != is);
    assert!(
        golden == seen,
        "results are not as on file, first {changed:?} (was, is); if that is meant, FILAS_GOLDEN=write keeps them"
    );
}

/// A scenario, shortened if it is a line.
fn short(file: &Path) -> Scenario {
    let loaded = read(file, &[]);
    let Scenario::Tandem(line) = &loaded.scenario else {
        return loaded.scenario;
    };
    let short = match line.horizon {
        filas::scenario::Horizon::Customers(_) => ("horizon.customers", "2000"),
        filas::scenario::Horizon::Until(_) => ("horizon.until", "100.0"),
    };
    read(file, &[short, ("horizon.warm_up", "{ time = 10.0 }")]).scenario
}

#[test]
fn every_scenario_gives_one_digest_with_every_instruction_set() {
    let sets = InstructionSet::all_here();
    for file in scenarios() {
        let scenario = short(&file);
        let digests = sets.iter().map(|&set| {
            lanes::use_only(set);
            digest(&scenario, Runtime::Inline, 300)
        });
        let digests: Vec<String> = digests.collect();
        let same = digests.iter().all(|digest| *digest == digests[0]);
        assert!(same, "{}: {sets:?} {digests:?}", file.display());
    }
}

#[test]
fn stages_that_are_watched_and_recursions_give_one_digest() {
    for file in scenarios() {
        let Scenario::Tandem(line) = short(&file) else {
            continue;
        };
        let of = |recording| {
            let around = Surroundings {
                conductor: &(),
                recorder: &(),
            };
            let run = tandem::run(&line, 0, Runtime::Inline, 100, recording, around);
            run.unwrap().digest
        };
        assert_eq!(
            of(Recording::Everything),
            of(Recording::Nothing),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_scenario_gives_one_digest_whatever_channels_hold_and_messages_carry() {
    for file in scenarios() {
        // Messages of one customer over channels of capacity 0 are slow, so the day is shortened.
        let scenario = short(&file);
        let truth = digest(&scenario, Runtime::Inline, tandem::CHUNK);
        let chunks: &[usize] = match scenario {
            Scenario::Tandem(_) => &[1, 7, 512, 4096],
            Scenario::Desk(_) => &[tandem::CHUNK],
        };
        for channel_capacity in [0, 1, 2, 64, 1024] {
            for &chunk in chunks {
                let threads = Runtime::Threads { channel_capacity };
                let seen = digest(&scenario, threads, chunk);
                assert_eq!(
                    seen,
                    truth,
                    "{} with chunks of {chunk} over channels of {channel_capacity}",
                    file.display()
                );
            }
        }
    }
}
