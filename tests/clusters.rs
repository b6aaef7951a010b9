//! Real clusters on this host: `cargo test --test clusters`, as root, on Debian. Slurm comes from its packages
//! and Dask from PyPI, installed here if they are not there.
//!
//! A study in 1, 3, 8 and 64 shards gives the same results as one process; killing a task of Slurm
//! and a worker of Dask on the way costs time, not results.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const CLINIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/clinic.toml");

/// An engine kept up by a script of ours; dropping this stops it.
struct Engine {
    script: Child,
    /// Its output when it was ready.
    ready: String,
}

impl Engine {
    fn start(script: &str, folder: &Path, port: u16) -> Engine {
        let script = format!("{}/tests/clusters/{script}", env!("CARGO_MANIFEST_DIR"));
        let mut script = Command::new("bash")
            .args([&script, folder.to_str().unwrap(), &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("it says that it is ready").unwrap();
        assert!(ready.starts_with("ready"), "{ready}");
        Engine { script, ready }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It ends when its standard input closes.
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// The study, with this many customers in each of 128 runs.
fn study(customers: u64) -> Vec<String> {
    let set = format!("horizon.customers={customers}");
    let words = [
        "replicate",
        CLINIC,
        "-n",
        "128",
        "--set",
        &set,
        "--format",
        "json",
    ];
    words.map(str::to_owned).to_vec()
}

fn filas(words: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filas"));
    command.args(words);
    command
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The processes working on a shard for this folder, by their command lines.
fn shards_of(out: &Path) -> Vec<u32> {
    let out = out.to_str().unwrap();
    let doing = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<String> = line
            .split(|&byte| byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        words.iter().any(|word| word == "--shard") && words.iter().any(|word| word.contains(out))
    };
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(doing).collect()
}

fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
}

/// Runs the study on an engine in this many shards, calling `disturb` while the first of them run.
fn on(
    engine: &str,
    more: &[(&str, String)],
    (customers, shards): (u64, u64),
    disturb: impl FnOnce(&Path),
) -> String {
    let place = tempfile::tempdir().unwrap();
    let out: PathBuf = place.path().join("study");
    let mut words = study(customers);
    let shards = shards.to_string();
    let on = [
        "--on",
        engine,
        "--shards",
        &shards,
        "--out",
        out.to_str().unwrap(),
    ];
    words.extend(on.map(str::to_owned));
    let mut command = filas(&words);
    command.envs(more.iter().map(|(key, value)| (key, value)));
    let running = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    disturb(&out);
    let output = running.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert!(
        !out.join("shards").exists(),
        "the shards are joined and gone"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until a shard is running.
fn a_shard(out: &Path) -> u32 {
    for _ in 0..100_000 {
        if let Some(&pid) = shards_of(out).first() {
            return pid;
        }
    }
    panic!("no shard was begun");
}

#[test]
fn slurm_does_a_study_and_a_killed_task_is_submitted_again() {
    let place = tempfile::tempdir().unwrap();
    let _slurm = Engine::start("slurm.sh", place.path(), 17_010);
    let conf = place.path().join("slurm.conf");
    let more = [("SLURM_CONF", conf.to_str().unwrap().to_owned())];
    let alone = said(&mut filas(&study(2000)));
    for shards in [1, 3, 8, 64] {
        assert_eq!(on("slurm", &more, (2000, shards), |_| ()), alone);
    }
    let alone = said(&mut filas(&study(100_000)));
    let killed = |out: &Path| kill(a_shard(out));
    assert_eq!(on("slurm", &more, (100_000, 64), killed), alone);
}

#[test]
fn dask_does_a_study_and_a_killed_worker_costs_time_only() {
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dask");
    let dask = Engine::start("dask.sh", &packages, 17_020);
    let path = std::env::var("PATH").unwrap();
    let more = [("PATH", format!("{}/bin:{path}", packages.display()))];
    let engine = "dask=127.0.0.1:17020";
    let alone = said(&mut filas(&study(2000)));
    for shards in [1, 3, 8, 64] {
        assert_eq!(on(engine, &more, (2000, shards), |_| ()), alone);
    }
    let alone = said(&mut filas(&study(100_000)));
    let worker: u32 = dask.ready.split(' ').nth(1).unwrap().parse().unwrap();
    let killed = |out: &Path| {
        a_shard(out);
        kill(worker);
    };
    assert_eq!(on(engine, &more, (100_000, 64), killed), alone);
}
