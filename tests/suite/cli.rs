//! The command line as scripts see it: exit codes, what is on stdout and stderr, what is left on disk.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

const LINE: &str = r#"
model = "tandem"
name = "bakery"
seed = 11
time_unit = "min"
[arrivals]
interarrival = { exponential = { mean = 2.0 } }
[horizon]
customers = 500
[[stages]]
name = "counter"
service = { exponential = { mean = 1.5 } }
[[stages]]
name = "till"
servers = 2
service = { uniform = { low = 0.5, high = 3.0 } }
"#;

fn filas(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filas"));
    command
        .args(words)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR");
    command
}

/// A folder with the bakery in it, and the path of the bakery.
fn bakery() -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("bakery.toml");
    fs::write(&file, LINE).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (place, file)
}

/// What a command left on stdout and stderr, and its exit code.
fn told(words: &[&str]) -> (String, String, i32) {
    let output = filas(words).output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

fn json(words: &[&str]) -> Value {
    let (out, err, code) = told(words);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).expect("stdout is one JSON document")
}

#[test]
fn json_on_stdout_is_the_summary_in_the_order_of_the_contract() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let (stdout, _, code) = told(&[
        "run",
        &file,
        "--format",
        "json",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, 0);
    assert_eq!(
        stdout,
        fs::read_to_string(out.join("summary.json")).unwrap()
    );
    let mut from = 0;
    for key in [
        "filas",
        "model",
        "name",
        "time_unit",
        "seed",
        "engine",
        "digest",
        "interrupted",
        "clock",
        "throughput",
        "customers",
        "waiting",
        "service",
        "blocked",
        "sojourn",
        "queues_joined",
        "idle_time",
        "queue_length_max",
        "stages",
    ] {
        let at = stdout[from..].find(&format!("\n  \"{key}\":"));
        from += at.unwrap_or_else(|| panic!("`{key}` is missing or out of order"));
    }
    let summary: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(summary["name"], "bakery");
    assert_eq!(summary["customers"]["arrived"], 500);
    assert_eq!(summary["interrupted"], false);
}

#[test]
fn a_number_in_json_reads_back_to_the_same_bits() {
    let (_place, file) = bakery();
    let (out, _, _) = told(&["run", &file, "--format", "json"]);
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        serde_json::to_string_pretty(&summary).unwrap().len() + 1,
        out.len()
    );
    assert!(!out.contains("NaN") && !out.contains("inf"));
}

#[test]
fn both_engines_and_every_channel_and_chunk_give_one_digest() {
    let (_place, file) = bakery();
    let digest = |words: &[&str]| {
        let mut all = vec!["run", file.as_str(), "--format", "json"];
        all.extend(words);
        json(&all)["digest"].clone()
    };
    let expected = digest(&["--engine", "inline"]);
    assert_eq!(digest(&["--engine", "threads"]), expected);
    assert_eq!(
        digest(&["--channel-capacity", "0", "--chunk", "1"]),
        expected
    );
    assert_ne!(digest(&["--seed", "12"]), expected);
    assert_ne!(digest(&["--set", "stages.1.servers=3"]), expected);
}

#[test]
fn without_a_file_the_desk_runs() {
    let summary = json(&["run", "--format", "json", "--engine", "inline"]);
    assert_eq!(summary["model"], "desk");
    let (out, _, code) = told(&["run"]);
    assert_eq!(code, 0);
    assert!(out.contains(summary["digest"].as_str().unwrap()));
    let too_wide = out.lines().find(|line| line.chars().count() > 100);
    assert_eq!(too_wide, None);
}

#[test]
fn the_text_is_ascii_where_the_locale_is_and_never_coloured_in_a_pipe() {
    let (_place, file) = bakery();
    for words in [vec!["run"], vec!["run", &file]] {
        let output = filas(&words).env("LC_ALL", "C").output().unwrap();
        assert!(
            output.stdout.is_ascii(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        let unicode = filas(&words).output().unwrap().stdout;
        assert!(!unicode.is_ascii());
        assert!(!unicode.contains(&0x1b));
    }
}

#[test]
fn results_are_whole_and_say_how_to_get_them_again() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    let (_, err, code) = told(&[
        "run", &file, "--out", out, "--tables", "both", "--seed", "5",
    ]);
    assert_eq!((err.as_str(), code), ("", 0));
    let mut names: Vec<String> = fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "customers.csv",
        "customers.parquet",
        "manifest.json",
        "scenario.toml",
        "summary.json",
        "visits.csv",
        "visits.parquet",
    ];
    assert_eq!(names, expected);
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(Path::new(out).join("manifest.json")).unwrap())
            .unwrap();
    assert_eq!(manifest["seed"], 5);
    let again = Path::new(out).join("scenario.toml");
    let summary = json(&["run", again.to_str().unwrap(), "--format", "json"]);
    assert_eq!(summary["digest"], manifest["digest"]);
    assert_eq!(summary["seed"], 5);
    let visits = fs::read_to_string(Path::new(out).join("visits.csv")).unwrap();
    assert_eq!(visits.lines().count(), 1 + 2 * 500);
}

#[test]
fn nothing_is_lost_in_a_folder_that_holds_something() {
    let (place, file) = bakery();
    let folder = place.path().to_str().unwrap();
    let (_, err, code) = told(&["run", &file, "--out", folder, "--overwrite"]);
    assert_eq!(code, 2);
    assert!(err.contains("not results of filas"), "{err}");
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    assert_eq!(told(&["run", &file, "--out", out]).2, 0);
    let before = fs::read(Path::new(out).join("manifest.json")).unwrap();
    let (_, err, code) = told(&["run", &file, "--out", out]);
    assert_eq!(code, 2);
    assert!(err.contains("--overwrite"), "{err}");
    assert_eq!(
        fs::read(Path::new(out).join("manifest.json")).unwrap(),
        before
    );
    let csv = ["run", &file, "--out", out, "--overwrite", "--tables", "csv"];
    assert_eq!(told(&csv).2, 0);
    assert!(!Path::new(out).join("visits.parquet").exists());
    assert!(Path::new(out).join("visits.csv").exists());
}

#[test]
fn bad_usage_and_bad_scenarios_are_refused_and_nothing_is_written() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let bad: &[&[&str]] = &[
        &["run", "--no-such-option"],
        &["run", &file, "--set", "no-equals-sign"],
        &["run", &file, "--set", "stages.0.servrs=2"],
        &["run", &file, "--engine", "steam"],
        &["run", &file, "--tables", "csv"],
        &["run", &file, "--log", "debgu"],
        &["run", &file, "--chunk", "0"],
        &["run", &file, "--max-events", "10"],
        &["run", "no-such-file.toml"],
        &["check"],
        &["no-such-command"],
    ];
    for words in bad {
        let out_words = ["--out", out.to_str().unwrap()];
        let with_out: Vec<&str> = match words.first() {
            Some(&"run") if !words.contains(&"--tables") => [*words, &out_words[..]].concat(),
            _ => words.to_vec(),
        };
        let (stdout, err, code) = told(&with_out);
        assert_eq!(code, 2, "{words:?}: {err}");
        assert_eq!(stdout, "", "{words:?}");
        assert!(!err.is_empty(), "{words:?}");
        assert!(!out.exists(), "{words:?} wrote something");
    }
}

#[test]
fn a_wrong_key_is_named_with_its_place_and_the_nearest_name() {
    let (place, _) = bakery();
    let file = place.path().join("wrong.toml");
    fs::write(&file, LINE.replace("servers = 2", "severs = 2")).unwrap();
    let (_, err, code) = told(&["run", file.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("wrong.toml:15:1"), "{err}");
    assert!(
        err.contains("severs = 2") && err.contains("`servers`"),
        "{err}"
    );
    assert!(!err.contains('\x1b'));
}

#[test]
fn help_and_version_go_to_stdout_and_end_well() {
    for words in [
        &["--help"][..],
        &["--version"],
        &["run", "--help"],
        &["help", "check"],
    ] {
        let (out, err, code) = told(words);
        assert_eq!((err.as_str(), code), ("", 0), "{words:?}");
        assert!(!out.is_empty());
    }
}

#[test]
fn check_prints_a_scenario_that_is_the_same_scenario() {
    let (place, file) = bakery();
    let (text, _, code) = told(&["check", &file]);
    assert_eq!(code, 0);
    let again = place.path().join("again.toml");
    fs::write(&again, &text).unwrap();
    let digest = |file: &str| json(&["run", file, "--format", "json"])["digest"].clone();
    assert_eq!(digest(again.to_str().unwrap()), digest(&file));
    let document = json(&["check", &file, "--format", "json"]);
    assert_eq!(document["scenario"]["stages"][0]["servers"], 1);
    assert!(document["estimate"]["events"].as_u64().unwrap() > 0);
}

#[test]
fn the_schema_is_json_and_completions_know_the_commands() {
    assert!(json(&["schema"]).is_object());
    for shell in ["bash", "zsh", "fish"] {
        let (out, _, code) = told(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("channel-capacity"));
    }
}

#[test]
fn warnings_go_to_stderr_and_quiet_silences_them() {
    let (_place, file) = bakery();
    let words = [
        "run",
        &file,
        "--set",
        "stages.0.service={exponential={mean=9.0}}",
    ];
    let (out, err, code) = told(&words);
    assert_eq!(code, 0);
    assert!(err.starts_with("warning: "), "{err}");
    assert!(!out.contains("warning"));
    let (quiet, err, _) = told(&[&words[..], &["--quiet"]].concat());
    assert_eq!(err, "");
    assert!(quiet.contains("digest") && !quiet.contains("filas run"));
}

#[test]
fn a_log_shows_logical_time_and_only_what_the_filter_lets_through() {
    let (place, file) = bakery();
    let (_, err, _) = told(&["run", &file]);
    assert_eq!(err, "", "silent unless asked");
    let log = place.path().join("log.json");
    let log = log.to_str().unwrap();
    let words = [
        "run",
        &file,
        "--engine",
        "inline",
        "--log",
        "debug,customer=17",
    ];
    let to_file = ["--log-format", "json", "--log-file", log];
    let (_, err, code) = told(&[&words[..], &to_file].concat());
    assert_eq!((err.as_str(), code), ("", 0));
    let text = fs::read_to_string(log).unwrap();
    assert!(text.lines().count() >= 4);
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["customer"], 17);
        assert!(event["time"].is_number() && event["timestamp"].is_null());
    }
    let (out, err, _) = told(&words);
    assert!(err.lines().count() >= 4 && err.lines().all(|line| line.contains("customer=17")));
    assert!(!out.contains("customer=17"));
}

/// A process that talks on stderr, killed when the test is over.
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

#[cfg(target_os = "linux")]
mod linux {
    //! What needs signals, or a disk that is full by name.

    use super::*;

    /// Sends an interrupt, as Ctrl-C does.
    fn interrupt(running: &Running) {
        let pid = running.0.id().to_string();
        let sent = process::Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// A line that would run for days, with a log of everything that happens to customer 1000 on.
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
        assert!(line.contains("customer=1000"), "{line}");
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
}
