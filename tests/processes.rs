//! One result in separate processes: `cargo test --test processes -- --nocapture`.
//!
//! The shipped scenarios and some made-up ones are each run twenty times and replicated twenty times, in processes
//! of their own, over engines, numbers of jobs, time zones, languages and folders; with `FILAS_PROGRAM`, another
//! build of the same version, by both builds. Each gives one digest and one summary, byte for byte but for the
//! line that names the engine.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]

#[path = "estimates/made.rs"]
mod made;

use filas::model::Model;
use filas::scenario::shipped::SHIPPED;
use filas::scenario::{Origin, Overrides, Scenario, estimate, load, normalised};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Made-up scenarios.
const MADE: u64 = 42;

/// Processes for a run, and as many for a study.
const PROCESSES: usize = 20;

/// Events of a run, at most.
const EVENTS: f64 = 20_000.0;

const ZONES: [&str; 5] = [
    "UTC",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "",
];
const LANGUAGES: [&str; 5] = ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "nonsense"];

/// A scenario of this text, short enough to be run often; none if it is refused.
fn short(text: &str) -> Option<Scenario> {
    let origin = Origin::Embedded {
        name: "made.toml",
        text,
    };
    let scenario = load(origin, &Overrides::default()).ok()?.scenario;
    let (_, own) = Model::of(&scenario).length();
    let share = EVENTS / estimate(&scenario).events as f64;
    Some(match share < 1.0 {
        true => Model::of(&scenario).cut_to((own * share).max(1.0)),
        false => scenario,
    })
}

/// What a process says of the scenario, without the engine.
fn said(program: &Path, file: &Path, folder: &Path, number: usize, study: bool) -> String {
    let engine = ["inline", "threads"][number % 2];
    let jobs = ["1", "2", "3", "7"][number % 4];
    let mut command = Command::new(program);
    match study {
        true => command
            .arg("replicate")
            .arg(file)
            .args(["-n", "3", "--jobs", jobs]),
        false => command.arg("run").arg(file).args(["--engine", engine]),
    };
    let output = command
        .args(["--format", "json", "--quiet"])
        .env("TZ", ZONES[number % ZONES.len()])
        .env("LC_ALL", LANGUAGES[(number / 2) % LANGUAGES.len()])
        .current_dir(folder)
        .output()
        .unwrap();
    // A network that is locked for good ends with 1, and says so.
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}: {output:?}",
        file.display()
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("  \"engine\""));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn separate_processes_give_one_result() {
    let mut programs = vec![PathBuf::from(env!("CARGO_BIN_EXE_filas"))];
    programs.extend(env::var_os("FILAS_PROGRAM").map(PathBuf::from));
    let place = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let shipped = SHIPPED.iter().map(|one| one.text.to_owned());
    let made = (0..MADE).map(|number| made::scenario(number, 500).1);
    let (mut scenarios, mut processes) = (0, 0);
    for (index, text) in shipped.chain(made).enumerate() {
        let file = place.path().join(format!("case-{index}.toml"));
        let Some(scenario) = short(&text) else {
            continue;
        };
        fs::write(&file, normalised(&scenario)).unwrap();
        scenarios += 1;
        for study in [false, true] {
            let all = (0..PROCESSES).map(|number| {
                let program = &programs[(number / 4) % programs.len()];
                let folder = [place.path(), elsewhere.path(), Path::new("/")][number % 3];
                said(program, &file, folder, number, study)
            });
            let all: Vec<String> = all.collect();
            assert!(all[0].contains("\"digest\""), "{text}");
            for (number, other) in all.iter().enumerate() {
                assert!(
                    *other == all[0],
                    "process {number} of\n{text}\n{other}\n{}",
                    all[0]
                );
            }
            processes += all.len();
        }
    }
    println!(
        "{scenarios} scenarios, {processes} processes, {} builds",
        programs.len()
    );
    assert!(scenarios >= SHIPPED.len() + MADE as usize * 3 / 4);
}
