//! Runs stopped by a closed pipe, by Ctrl-C, or by a full disk: their messages and files.

use super::cli::{bakery, filas, told};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

/// A process that writes to stderr, killed at the end of the test.
struct Running(process::Child);

impl Running {
    fn start(words: &[&str]) -> Running {
        let child = process::Command::new(env!("CARGO_BIN_EXE_filas"))
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn who_closes_the_pipe_has_seen_enough() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let words = ["run", &file, "--out", out.to_str().unwrap()];
    let mut running = Running::start(&words);
    drop(running.0.stdout.take());
    let mut err = String::new();
    running
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(err, "");
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
    assert!(out.join("manifest.json").exists());
}

/// Sends an interrupt, as Ctrl-C does.
fn interrupt(running: &Running) {
    let pid = running.0.id().to_string();
    let sent = process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
}

/// A line that would run for days, with a log of everything that happens from customer 1000 on.
fn endless(file: &str, out: &Path) -> Running {
    Running::start(&[
        "run",
        file,
        "--set",
        "horizon.customers=1000000000",
        "--out",
        out.to_str().unwrap(),
        "--tables",
        "csv",
        "--format",
        "json",
        "--log",
        "customer=1000",
    ])
}

#[test]
fn the_first_interrupt_keeps_what_is_finished() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let mut running = endless(&file, &out);
    let mut err = BufReader::new(running.0.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains("#1000"), "{line}");
    interrupt(&running);
    let (mut told, mut stdout) = (String::new(), String::new());
    err.read_to_string(&mut told).unwrap();
    running
        .0
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(130), "{told}");
    let summary: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(summary["interrupted"], true);
    assert_eq!(
        stdout,
        fs::read_to_string(out.join("summary.json")).unwrap()
    );
    let departed = summary["customers"]["departed"].as_u64().unwrap();
    let customers = fs::read_to_string(out.join("customers.csv")).unwrap();
    assert_eq!(customers.lines().count() as u64, 1 + departed);
    // A report of it says so, and has its charts: the run can be reproduced up to there.
    let (said, err, code) = super::cli::told(&["report", out.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    let page = fs::read_to_string(said.trim()).unwrap();
    assert!(page.contains("The run was stopped after "));
    assert!(page.contains("How long customers wait"), "no histogram");
    assert!(page.contains("Customers and queues over time"), "no course");
}

/// Bits of the signals that a process catches, from signal 1 on, as the system tells them.
fn caught(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(mask.unwrap().trim(), 16).unwrap()
}

#[test]
fn a_signal_that_is_ignored_at_the_start_stays_ignored() {
    const HANG_UP: u64 = 1;
    const INTERRUPT: u64 = 1 << 1;
    const TERMINATE: u64 = 1 << 14;
    let (_place, file) = bakery();
    let customers = "horizon.customers=1000000000";
    let run = format!(
        "exec {} run {file} --set {customers} --log customer=1000",
        env!("CARGO_BIN_EXE_filas")
    );
    for (ignored, heard) in [
        ("", HANG_UP | INTERRUPT | TERMINATE),
        ("trap '' HUP;", INTERRUPT | TERMINATE),
        ("trap '' INT;", HANG_UP | TERMINATE),
    ] {
        let child = process::Command::new("sh")
            .args(["-c", &format!("{ignored} {run}")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut running = Running(child.unwrap());
        // It runs, so its handlers are set.
        let mut line = String::new();
        let mut err = BufReader::new(running.0.stderr.take().unwrap());
        err.read_line(&mut line).unwrap();
        let signals = HANG_UP | INTERRUPT | TERMINATE;
        assert_eq!(caught(&running) & signals, heard, "{ignored} {line}");
    }
}

#[test]
fn two_signals_at_once_are_one_wish_and_keep_what_is_finished() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let mut running = endless(&file, &out);
    let mut err = BufReader::new(running.0.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    let pid = running.0.id().to_string();
    // As `timeout` does: to the program, and to its group.
    let twice = format!("kill -TERM {pid}; kill -TERM {pid}; kill -INT {pid}");
    let sent = process::Command::new("sh").args(["-c", &twice]).status();
    assert!(sent.unwrap().success());
    let mut said = String::new();
    err.read_to_string(&mut said).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(130), "{said}");
    assert!(out.join("summary.json").exists(), "{said}");
}

#[test]
fn a_full_disk_is_told_and_is_no_success() {
    let (_place, file) = bakery();
    let (_, err, code) = told(&["run", &file, "--log", "debug", "--log-file", "/dev/full"]);
    assert_eq!(code, 1);
    assert!(
        err.contains("/dev/full is not complete: No space left"),
        "{err}"
    );
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut child = process::Command::new(env!("CARGO_BIN_EXE_filas"))
        .args(["run", &file])
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let (place, file) = bakery();
    let below_a_file = PathBuf::from(&file).join("results");
    for out in [below_a_file.as_path(), Path::new("/proc/results")] {
        let (stdout, err, code) = told(&["run", &file, "--out", out.to_str().unwrap()]);
        assert_eq!((stdout.as_str(), code), ("", 1));
        assert!(err.contains("cannot write"), "{err}");
    }
    drop(place);
}

/// Runs a scenario that outgrows its estimate, with this limit: the files left, stderr and the exit code.
fn outgrown(scenario: &str, limit: [&str; 2]) -> (Value, String, i32) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("line.toml");
    fs::write(&file, scenario).unwrap();
    let out = place.path().join("results");
    let words = [file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let (_, err, code) = told(&[&["run"], &words[..], &limit, &["--tables", "none"]].concat());
    let summary = fs::read_to_string(out.join("summary.json")).expect(&err);
    (serde_json::from_str(&summary).unwrap(), err, code)
}

#[test]
fn a_run_of_more_events_than_it_may_have_is_stopped_with_what_it_has() {
    // Its mean time between arrivals is infinite. Some 700,000 customers are expected; with this seed 1.7 million come.
    let scenario = "model = 'tandem'\nname = 'tail'\nseed = 8\n\
        arrivals = { interarrival = { pareto = { scale = 5e-10, shape = 0.5 } } }\n\
        horizon = { until = 1000.0 }\nstages = [ { name = 'a', service = { constant = { value = 0.0 } } } ]";
    let (summary, err, code) = outgrown(scenario, ["--max-events", "1000000"]);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("000 events") && err.contains("--max-events 10000000"),
        "{err}"
    );
    assert_eq!(summary["interrupted"], true);
    let departed = summary["customers"]["departed"].as_u64().unwrap();
    assert!((900_000..1_100_000).contains(&departed), "{departed}");
}

#[test]
fn a_run_that_takes_more_memory_than_it_may_is_stopped_with_what_it_has() {
    // Nine of ten customers of the first stage wait before the second.
    let scenario = "model = 'tandem'\nname = 'jam'\narrivals = { saturated = true }\n\
        horizon = { customers = 1000000000 }\n\
        stages = [ { name = 'a', service = { exponential = { mean = 0.1 } } }, \
        { name = 'b', service = { exponential = { mean = 1.0 } } } ]";
    let (summary, err, code) = outgrown(scenario, ["--max-memory", "40"]);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("over the limit of 40 MiB") && err.contains("--max-memory 80"),
        "{err}"
    );
    assert_eq!(summary["interrupted"], true);
}

#[test]
fn events_are_counted_alike_on_every_engine() {
    // On threads a message of this line carries one customer.
    let words = ["run", "buffers", "--set", "horizon.customers=5000"];
    for engine in ["threads", "inline"] {
        let limit = ["--engine", engine, "--max-events", "100000"];
        let (_, err, code) = told(&[&words[..], &limit].concat());
        assert_eq!(code, 0, "{engine}: {err}");
    }
}

#[test]
fn a_run_of_any_model_may_be_stopped_before_anything_happens() {
    for scenario in ["desk", "clinic", "emergency-room", "hospital", "call-day"] {
        let words = ["run", scenario, "--stop-after", "0"];
        for more in [&[][..], &["--engine", "inline"]] {
            let (_, err, code) = told(&[&words[..], more].concat());
            assert_eq!(code, 0, "{scenario}: {err}");
        }
    }
}

#[test]
fn a_run_told_to_stop_later_than_it_ends_is_the_whole_run() {
    let digest = |words: &[&str]| {
        let (said, err, code) = told(&[words, &["--format", "json", "--quiet"]].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&said).unwrap()["digest"].clone()
    };
    for (scenario, set) in [
        ("desk", "steps=50"),
        ("clinic", "horizon.customers=600"),
        ("repair-shop", "horizon.until=900"),
        ("call-day", "seed=3"),
    ] {
        let run = ["run", scenario, "--set", set];
        let later = [&run[..], &["--stop-after", "1000"]].concat();
        assert_eq!(digest(&later), digest(&run), "{scenario}");
    }
}

#[test]
fn the_command_of_a_stopped_run_makes_the_same_run_again() {
    let place = tempfile::tempdir().unwrap();
    // Nobody comes after 10; those who are there are served until 61.
    let drained = place.path().join("call-day.toml");
    let text = "model = 'desk'\nhorizon = { until = 10.0 }\n\
        arrivals = { interarrival = { constant = { value = 1.0 } } }\n\
        classes = [ { name = 't', service = { constant = { value = 6.0 } } } ]\n\
        servers = [ { name = 'A', attendants = [ { skills = ['t'] } ] } ]";
    fs::write(&drained, text).unwrap();
    for (scenario, pace, seen) in [
        ("desk", "50", "coordinator"),
        (drained.to_str().unwrap(), "10", "✔ #3"),
        ("clinic", "20000", "#600 leaves server"),
        ("emergency-room", "2000", "#70 "),
        ("hospital", "300", "#150 "),
        ("call-day", "300", "#40 "),
        ("repair-shop", "2000", "#3 "),
        // Stopped at the first instant.
        ("repair-shop", "0.001", "#3 "),
    ] {
        let name = Path::new(scenario).file_stem().unwrap().to_str().unwrap();
        let out = place.path().join(format!("{name}-{pace}"));
        let folder = out.to_str().unwrap();
        let words = ["run", scenario, "--pace", pace, "--out", folder];
        let mut running = Running::start(&[&words[..], &["--log", "debug"]].concat());
        let err = BufReader::new(running.0.stderr.take().unwrap());
        let mut lines = err.lines().map(Result::unwrap);
        let mut until = lines.by_ref().skip_while(|line| !line.contains(seen));
        assert!(until.next().is_some(), "{scenario}: {seen} never came");
        interrupt(&running);
        let rest: Vec<String> = lines.collect();
        assert_eq!(running.0.wait().unwrap().code(), Some(130), "{rest:?}");
        let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        let command = manifest["reproduce"].as_str().unwrap();
        let words = command.strip_prefix("filas ").unwrap().split(' ');
        let again = filas(&words.collect::<Vec<_>>())
            .args(["--format", "json"])
            .current_dir(&out)
            .output()
            .unwrap();
        let said = String::from_utf8(again.stderr).unwrap();
        assert_eq!(again.status.code(), Some(0), "{command}: {said}");
        let again: Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(again["digest"], manifest["digest"], "{command}");
        explained(name, &out);
    }
}

/// One of a run is told of, who is in the run made again.
fn explained(scenario: &str, out: &Path) {
    let whom = match scenario {
        "desk" | "call-day" => "--request",
        _ => "--customer",
    };
    let (said, err, code) = told(&["explain", out.to_str().unwrap(), whom, "1"]);
    assert_eq!(code, 0, "{scenario}: {err}");
    assert!(said.contains("#1"), "{said}");
}

#[test]
fn a_run_told_where_to_stop_is_explained_and_reported_up_to_there() {
    let place = tempfile::tempdir().unwrap();
    for (scenario, length) in [
        ("desk", "10"),
        ("call-day", "100"),
        ("clinic", "700"),
        ("emergency-room", "40"),
        ("repair-shop", "900"),
    ] {
        let out = place.path().join(scenario);
        let folder = out.to_str().unwrap();
        let words = ["run", scenario, "--stop-after", length, "--out", folder];
        let (_, err, code) = told(&[&words[..], &["--quiet", "--report"]].concat());
        assert_eq!(code, 0, "{scenario}: {err}");
        explained(scenario, &out);
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(
            !page.contains("the run made again has the digest"),
            "{scenario}"
        );
        assert!(page.contains("over time"), "{scenario}");
    }
}
