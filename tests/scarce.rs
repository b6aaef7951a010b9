//! Fifty points each of a full disk, and of refused threads, descriptors and memory: `cargo test --test scarce --
//! --nocapture`, on Linux as root, which may mount a tmpfs.
//!
//! Under each limit a command ends with 0, or with 1 and an error that names no bug: no panic, no signal, but that under the
//! limit of memory Rust's library may end a program that gets none. Whatever stands under a final name is whole. Where not even `filas --version` starts, the point is another's affair and is counted so.
//! `FILAS_PROGRAM` is another program to run.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// Points of each kind.
const POINTS: u64 = 50;

const LINE: &str = r#"
model = "tandem"
arrivals = { interarrival = { exponential = { mean = 1.0 } } }
horizon = { customers = 300 }
stages = [
  { name = "counter", service = { exponential = { mean = 0.8 } } },
  { name = "kitchen", servers = 2, buffer = 3, service = { gamma = { mean = 1.5, cv = 0.6 } } },
]
"#;

const DESK: &str = r#"
model = "desk"
steps = 60
arrivals = { per_step = { poisson = { mean = 2.0 } } }
faults = { probability = 0.05, repair = { geometric = { mean = 3.0 } } }
[[classes]]
name = "calls"
share = 1.0
service = { geometric = { mean = 2.0 } }
[[servers]]
name = "A"
attendants = [ { skills = ["calls"], count = 3 } ]
[[servers]]
name = "B"
attendants = [ { skills = ["calls"], count = 3 } ]
"#;

/// Commands that write files, start threads or need memory; `FILE` and `OUT` stand for paths.
const COMMANDS: [&str; 7] = [
    "run FILE --engine threads --out OUT/run --report --events --timeline OUT/timeline.jsonl",
    "replicate FILE -n 20 --jobs 2 --out OUT/study --report",
    "run FILE --engine threads --log debug --log-file OUT/log",
    "stress FILE --schedules 20 --strategy random --out OUT/stress",
    "run FILE --engine inline --out OUT/inline --tables csv",
    "check FILE",
    "replicate FILE -n 5 --jobs 7",
];

fn program() -> PathBuf {
    env::var_os("FILAS_PROGRAM").map_or(PathBuf::from(env!("CARGO_BIN_EXE_filas")), PathBuf::from)
}

/// The words under a limit of the shell, which stands before `exec`.
fn under(limit: &str, words: &[String], as_nobody: bool) -> Output {
    let mut command = match as_nobody {
        true => {
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups",
                "bash",
            ]);
            command
        }
        false => Command::new("bash"),
    };
    command.args(["-c", &format!("{limit}; exec \"$@\""), "bash"]);
    command
        .arg(program())
        .args(words)
        .env("RUST_BACKTRACE", "0");
    command.output().unwrap()
}

/// What ends badly, or leaves something that is not whole.
#[derive(Default)]
struct Score {
    /// Whether the limit is that of memory.
    of_memory: bool,
    ends: BTreeMap<String, u64>,
    bad: Vec<String>,
}

impl Score {
    fn judge(&mut self, what: &str, output: &Output, out: &Path) {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let end = output.status.to_string();
        *self.ends.entry(end.clone()).or_default() += 1;
        let clear = match output.status.code() {
            Some(0) => true,
            Some(1) => said.contains("error: "),
            _ => false,
        };
        // Rust's library ends a program that gets no memory, and says so; nobody can catch that.
        let no_memory = ["memory allocation of", "failed to allocate"];
        let no_memory = self.of_memory && no_memory.iter().any(|words| said.contains(words));
        if no_memory {
            *self.ends.entry("no memory".to_owned()).or_default() += 1;
        } else if !clear || said.contains("panicked") || said.contains("RUST_BACKTRACE") {
            self.bad.push(format!("{what}: {end}: {said}"));
        }
        let unreadable = broken(out);
        if !unreadable.is_empty() {
            self.bad
                .push(format!("{what}: {unreadable:?} cannot be read"));
        }
    }

    fn end(self, what: &str) {
        println!("{what}: {:?}, {} bad", self.ends, self.bad.len());
        assert!(self.bad.is_empty(), "{}", self.bad.join("\n"));
    }
}

/// The files under final names that are not whole.
fn broken(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // What goes on while it is written has no final name, or is a log.
        if name.starts_with('.') || name == "log" || name.ends_with(".jsonl") {
            continue;
        }
        if path.is_dir() {
            found.extend(broken(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let whole = match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => serde_json::from_str::<serde_json::Value>(&text).is_ok(),
            Some("toml") => toml::from_str::<toml::Table>(&text).is_ok(),
            Some("html") => text.trim_end().ends_with("</html>"),
            Some("csv") => text.ends_with('\n'),
            _ => true,
        };
        if !whole {
            found.push(path);
        }
    }
    found
}

/// A folder that anyone may write to, with the two scenarios.
fn folder() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("line.toml"), LINE).unwrap();
    fs::write(place.path().join("desk.toml"), DESK).unwrap();
    let open = Command::new("chmod").arg("777").arg(place.path()).status();
    assert!(open.unwrap().success());
    place
}

fn words(command: &str, point: u64, place: &Path, out: &Path) -> Vec<String> {
    let file = place.join(["line.toml", "desk.toml"][point as usize % 2]);
    let shown = |path: &Path| path.display().to_string();
    let words = command.split(' ');
    words
        .map(|word| {
            word.replace("FILE", &shown(&file))
                .replace("OUT", &shown(out))
        })
        .chain(["--quiet".to_owned()])
        .collect()
}

/// Runs every point of a limit with the commands by turns.
fn points(what: &str, limit: impl Fn(u64) -> String, as_nobody: bool) {
    let mut score = Score {
        of_memory: what == "memory",
        ..Score::default()
    };
    let mut not_started = 0;
    for point in 0..POINTS {
        let limit = limit(point);
        let version = ["--version".to_owned()];
        if !under(&limit, &version, as_nobody).status.success() {
            not_started += 1;
            continue;
        }
        for command in COMMANDS {
            let place = folder();
            let words = words(command, point, place.path(), place.path());
            let output = under(&limit, &words, as_nobody);
            score.judge(&format!("{limit}: {command}"), &output, place.path());
        }
    }
    println!("{what}: the program does not start at {not_started} of {POINTS} points");
    score.end(what);
}

#[test]
fn with_few_descriptors_commands_work_or_say_what_is_missing() {
    points(
        "descriptors",
        |point| format!("ulimit -n {}", 3 + point),
        false,
    );
}

#[test]
fn with_few_threads_commands_work_or_say_what_is_missing() {
    points("threads", |point| format!("ulimit -u {}", 1 + point), true);
}

#[test]
fn with_little_memory_commands_work_or_say_what_is_missing() {
    points(
        "memory",
        |point| format!("ulimit -v {}", 4000 * (1 + point)),
        false,
    );
}

#[test]
fn on_a_full_disk_nothing_broken_bears_a_final_name() {
    let mut score = Score::default();
    for point in 0..POINTS {
        for command in COMMANDS.iter().filter(|command| command.contains("OUT")) {
            let place = folder();
            let disk = place.path().join("disk");
            fs::create_dir(&disk).unwrap();
            let size = format!("size={}k", 4 * (1 + point * point / 4));
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(&disk);
            assert!(
                mount.status().unwrap().success(),
                "it wants root, to mount a tmpfs"
            );
            let words = words(command, point, place.path(), &disk);
            let output = under("true", &words, false);
            score.judge(&format!("{size}: {command}"), &output, &disk);
            assert!(
                Command::new("umount")
                    .arg(&disk)
                    .status()
                    .unwrap()
                    .success()
            );
        }
    }
    score.end("disk");
}
