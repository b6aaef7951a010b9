//! Long hauls, for as many minutes as `FILAS_HAUL_MINUTES` says, 60 if it says nothing: `cargo test --release --test
//! hauls -- --nocapture`.
//!
//! A line of one server with 10^10 customers; a desk and a network for a sixth of the time each; and actors on threads
//! that are killed and brought back, for the whole of it. Memory stays flat, and neither a file descriptor nor a
//! thread is left over. `FILAS_PROGRAM` is another program to run. It reads `/proc`.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]
#![allow(
    clippy::disallowed_methods,
    reason = "a process works for a time that is wanted"
)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

/// What a process held when it was looked at.
#[derive(Clone, Copy, Debug)]
struct Held {
    kib: u64,
    threads: u64,
    files: usize,
}

fn minutes() -> f64 {
    let asked = env::var("FILAS_HAUL_MINUTES").ok();
    asked.map_or(60.0, |text| text.parse().unwrap())
}

fn started(file: &Path, arguments: &[&str]) -> Child {
    let program = env::var("FILAS_PROGRAM").unwrap_or(env!("CARGO_BIN_EXE_filas").to_owned());
    Command::new(program)
        .arg(arguments[0])
        .arg(file)
        .args(&arguments[1..])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the process holds; none once it has ended.
fn held(child: &Child) -> Option<Held> {
    let folder = Path::new("/proc").join(child.id().to_string());
    let status = fs::read_to_string(folder.join("status")).ok()?;
    let number = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(Held {
        kib: number("VmRSS:")?,
        threads: number("Threads:")?,
        files: fs::read_dir(folder.join("fd")).ok()?.count(),
    })
}

/// Looks at a process until it ends or is told to, after so many minutes, and returns what it said.
fn watched(what: &str, mut child: Child, longest: f64) -> String {
    let begun = Instant::now();
    let mut looks = Vec::new();
    let mut told = false;
    while child.try_wait().unwrap().is_none() {
        looks.extend(held(&child));
        if !told && begun.elapsed().as_secs_f64() > 60.0 * longest {
            let pid = child.id().to_string();
            told = Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success();
        }
        let pause = Command::new("sleep").arg("0.2").status().unwrap();
        assert!(pause.success());
    }
    let output = child.wait_with_output().unwrap();
    let expected = if told { 130 } else { 0 };
    assert_eq!(output.status.code(), Some(expected), "{what}: {output:?}");
    // What is held for a moment (a file that is read) is not left over: of descriptors and threads the least counts. The first
    // tenth has moments at which a process that begins has hardly any.
    let tenths: Vec<&[Held]> = looks.chunks(looks.len().div_ceil(10)).collect();
    let most: Vec<u64> = tenths
        .iter()
        .map(|looks| looks.iter().map(|held| held.kib).max().unwrap())
        .collect();
    let least = |of: fn(&Held) -> u64| {
        [tenths[1], tenths[tenths.len() - 1]].map(|looks| looks.iter().map(of).min().unwrap())
    };
    let files = least(|held| held.files as u64);
    let threads = least(|held| held.threads);
    println!(
        "{what}: {:.1} minutes, {} looks; most memory in each tenth {most:?} KiB; at least in the second and the last \
         {files:?} descriptors, {threads:?} threads",
        begun.elapsed().as_secs_f64() / 60.0,
        looks.len()
    );
    // The first tenth is for whatever is laid out once.
    let later = *most[1..].iter().max().unwrap();
    let allowed = most[0] + most[0] / 10 + 2048;
    assert!(later <= allowed, "{what}: memory grows to {later} KiB");
    assert!(files[1] <= files[0], "{what}: descriptors are left");
    assert!(threads[1] <= threads[0], "{what}: threads are left");
    String::from_utf8(output.stdout).unwrap()
}

const LINE: &str = r#"
model = "tandem"
arrivals = { interarrival = { exponential = { mean = 1.0 } } }
horizon = { customers = 10000000000 }
stages = [ { name = "counter", service = { exponential = { mean = 0.8 } } } ]
"#;

const NETWORK: &str = r#"
model = "network"
arrivals = { interarrival = { exponential = { mean = 1.0 } } }
horizon = { customers = 1000000000000 }
[[stations]]
name = "cut"
servers = 3
service = { gamma = { mean = 2.0, cv = 0.7 } }
faults = { every = { exponential = { mean = 500.0 } }, repair = { exponential = { mean = 20.0 } } }
next = "drill"
[[stations]]
name = "drill"
service = { exponential = { mean = 0.6 } }
patience = { exponential = { mean = 20.0 } }
next = { cut = 0.1, out = 0.9 }
"#;

const DESK: &str = r#"
model = "desk"
horizon = { until = 1000000000000.0 }
arrivals = { interarrival = { exponential = { mean = 1.0 } } }
supervisor = { queue = "central" }
faults = { every = { exponential = { mean = 500.0 } }, repair = { exponential = { mean = 20.0 } } }
[[classes]]
name = "calls"
service = { exponential = { mean = 3.0 } }
patience = { exponential = { mean = 10.0 } }
retry = { after = ["abandoned"], probability = 0.5, delay = { exponential = { mean = 50.0 } } }
[[servers]]
name = "centre"
attendants = [ { skills = ["calls"], count = 4 } ]
"#;

/// A file with a scenario, in a folder of its own.
fn file(place: &tempfile::TempDir, text: &str) -> std::path::PathBuf {
    let file = place.path().join("haul.toml");
    fs::write(&file, text).unwrap();
    file
}

const RUN: [&str; 8] = [
    "run",
    "--engine",
    "inline",
    "--quiet",
    "--max-events",
    "1000000000000000",
    "--format",
    "json",
];

#[test]
fn ten_thousand_million_customers_take_no_more_memory_than_a_few() {
    let place = tempfile::tempdir().unwrap();
    let said = watched("line", started(&file(&place, LINE), &RUN), 600.0);
    assert!(said.contains("\"departed\": 10000000000"), "{said}");
}

#[test]
fn a_network_and_a_desk_take_no_more_memory_the_longer_they_run() {
    for (what, text) in [("network", NETWORK), ("desk", DESK)] {
        let place = tempfile::tempdir().unwrap();
        let said = watched(what, started(&file(&place, text), &RUN), minutes() / 6.0);
        let counts = ["\"arrived\"", "\"generated\"", "\"clock\""];
        said.lines()
            .filter(|line| counts.iter().any(|count| line.contains(count)))
            .take(2)
            .for_each(|line| println!("{what}:{line}"));
    }
}

#[test]
fn threads_that_are_killed_leave_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let file = file(&place, &DESK.replace("1000000000000.0", "300.0"));
    let time = format!("{}s", (60.0 * minutes()).round());
    let stress = [
        "stress",
        "--strategy",
        "threads",
        "--time",
        &time,
        "--quiet",
        "--whole",
    ];
    let said = watched("threads", started(&file, &stress), minutes() + 5.0);
    println!("{said}");
    assert!(
        !said.contains("deadlock") || said.contains("0 deadlocks"),
        "{said}"
    );
}
