//! Estimates compared with what runs take: `cargo test --release --test estimates -- --nocapture`.
//!
//! Shipped scenarios and 1,000 made-up ones are lengthened until a run takes 0.1 to 1 second of processor time on
//! the engine `inline`. In 95 of 100 the estimate of time is within a factor of 3 and that of memory within 1.5.
//! `FILAS_ESTIMATES` is another number of made-up ones, `FILAS_PROGRAM` another program to measure, and
//! `FILAS_ESTIMATES_TO` a file to which a line for each is written. It wants GNU time, and takes about half an hour.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]

mod made;

use filas::model::Model;
use filas::scenario::shipped::SHIPPED;
use filas::scenario::{Origin, Overrides, Scenario, estimate, load, normalised};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

/// The factors that an estimate may be off, and the share of scenarios for which it may not.
const TIME: f64 = 3.0;
const MEMORY: f64 = 1.5;
const SHARE: f64 = 0.95;

/// Processor time of a run that is judged, in seconds, at least; and what lengthening aims at.
const LEAST: f64 = 0.1;
const AIM: f64 = 0.3;

/// Estimates, and what runs took: seconds and bytes.
struct Case {
    kind: &'static str,
    seconds: [f64; 2],
    bytes: [f64; 2],
}

impl Case {
    fn off(pair: [f64; 2]) -> f64 {
        pair[0] / pair[1]
    }

    fn is_within(pair: [f64; 2], factor: f64) -> bool {
        (1.0 / factor..=factor).contains(&Case::off(pair))
    }
}

fn loaded(text: &str) -> Option<Scenario> {
    let origin = Origin::Embedded {
        name: "made.toml",
        text,
    };
    let loaded = load(origin, &Overrides::default());
    Some(loaded.ok()?.scenario)
}

/// Seconds of processor time and bytes of memory of a run; none if it took longer than a minute.
fn measured(file: &Path) -> Option<[f64; 2]> {
    let usage = file.with_extension("usage");
    let program = env::var("FILAS_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_filas").to_owned());
    let status = Command::new("timeout")
        .args(["-s", "KILL", "60", "/usr/bin/time", "-f", "%U %M", "-o"])
        .arg(&usage)
        .args([&program, "run"])
        .arg(file)
        .args([
            "--engine",
            "inline",
            "--quiet",
            "--max-events",
            "1000000000000",
        ])
        .args(["--max-memory", "16000"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if !status.success() {
        return None;
    }
    let text = fs::read_to_string(&usage).unwrap();
    let mut words = text
        .lines()
        .last()?
        .split(' ')
        .map(|word| word.parse::<f64>().unwrap());
    Some([words.next()?, 1024.0 * words.next()?])
}

/// Lengthens a scenario until its run is long enough, and measures that; none if it cannot be.
fn judged(kind: &'static str, scenario: &Scenario) -> Option<(Case, String)> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("made.toml");
    let (_, own) = Model::of(scenario).length();
    let mut length = own * (AIM / estimate(scenario).seconds).clamp(1e-3, 1e5);
    for _ in 0..4 {
        let longer = Model::of(scenario).cut_to(length.max(1.0));
        let foretold = estimate(&longer);
        let text = normalised(&longer);
        fs::write(&file, &text).unwrap();
        let [seconds, bytes] = measured(&file)?;
        if seconds >= LEAST {
            let case = Case {
                kind,
                seconds: [foretold.seconds, seconds],
                bytes: [foretold.memory_bytes as f64, bytes],
            };
            return Some((case, text));
        }
        length *= (AIM / seconds.max(0.005)).min(50.0);
    }
    None
}

/// The shares of cases within the factors, for time and for memory.
fn shares(cases: &[&Case]) -> [f64; 2] {
    let share = |within: &dyn Fn(&Case) -> bool| {
        cases.iter().filter(|case| within(case)).count() as f64 / cases.len() as f64
    };
    [
        share(&|case| Case::is_within(case.seconds, TIME)),
        share(&|case| Case::is_within(case.bytes, MEMORY)),
    ]
}

#[test]
fn runs_take_the_time_and_memory_that_are_estimated() {
    let asked = env::var("FILAS_ESTIMATES").ok();
    let made = asked.map_or(1000, |text| text.parse().unwrap());
    let shipped = SHIPPED.iter();
    let shipped = shipped.map(|one| ("shipped", one.text.to_owned()));
    let all = shipped.chain((0..).map(|number| made::scenario(number, 1000)));
    // Some combinations that are made up are refused.
    let all = all.filter_map(|(kind, text)| Some((kind, loaded(&text)?)));
    let (mut cases, mut lines, mut left_out) = (Vec::new(), String::new(), 0);
    for (number, (kind, scenario)) in all.take(SHIPPED.len() + made).enumerate() {
        let Some((case, text)) = judged(kind, &scenario) else {
            left_out += 1;
            continue;
        };
        let [time, memory] = [case.seconds, case.bytes].map(Case::off);
        writeln!(
            lines,
            "{number}\t{kind}\t{time:.3}\t{memory:.3}\t{:?}\t{:?}\t{text:?}",
            case.seconds, case.bytes
        )
        .unwrap();
        if let Ok(to) = env::var("FILAS_ESTIMATES_TO") {
            fs::write(to, &lines).unwrap();
        }
        cases.push(case);
    }
    let mut kinds: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        kinds.entry(case.kind).or_default().push(case);
        kinds.entry("all").or_default().push(case);
    }
    for (kind, cases) in &kinds {
        let [time, memory] = shares(cases);
        println!(
            "{kind}: of {} time {time:.3}, memory {memory:.3}",
            cases.len()
        );
    }
    println!("{left_out} take too little or too long");
    assert!(left_out * 10 < cases.len(), "most are judged");
    for share in shares(&kinds["all"]) {
        assert!(share >= SHARE, "{share}");
    }
}
