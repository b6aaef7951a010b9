//! The shipped scenarios: their digests are golden, and the same on threads for all channel
//! capacities and chunks.

use crate::settings::read;
use filas::actor::{Recording, Runtime, Surroundings};
use filas::lanes::{self, InstructionSet};
use filas::scenario::Scenario;
use filas::{desk, tandem};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// One line a scenario: its name and the digest of its run. A change here is a change of results, and
/// is headed **Numbers changed** in the changelog.
const GOLDEN: &str = include_str!("golden.txt");

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

#[test]
fn the_results_of_every_scenario_are_golden() {
    let mut seen = String::new();
    for file in scenarios() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let digest = digest(&read(&file, &[]).scenario, Runtime::Inline, tandem::CHUNK);
        writeln!(seen, "{name} {digest}").unwrap();
    }
    assert_eq!(
        seen, GOLDEN,
        "if results were meant to change, this is the new golden.txt:\n{seen}"
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
    read(file, &[short, ("horizon.warm_up", "10")]).scenario
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
