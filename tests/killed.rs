//! A study killed at any instant resumes to the digest and rows of an unbroken one: `cargo test
//! --test killed`, with strace (`apt install strace`).
//!
//! It is killed two hundred times at random instants, and by strace once at each system call that
//! writes, syncs or renames a file of the study. After each kill, every file under a final name is
//! complete.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]
#![allow(
    clippy::disallowed_methods,
    reason = "kills are spread over the time a whole run takes"
)]

use filas::report::rows::{self, RowFolder};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_filas");

const LINE: &str = r#"
model = "tandem"
name = "bakery"
seed = 11
arrivals = { interarrival = { exponential = { mean = 2.0 } } }
horizon = { customers = 20000 }
stages = [ { name = "counter", service = { exponential = { mean = 1.5 } } } ]
"#;

struct Bench {
    _place: tempfile::TempDir,
    file: PathBuf,
    out: PathBuf,
    /// The output and the files of an unbroken study.
    said: Vec<u8>,
    table: Vec<u8>,
}

impl Bench {
    fn new() -> Bench {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("bakery.toml");
        fs::write(&file, LINE).unwrap();
        let mut bench = Bench {
            file,
            out: place.path().join("study"),
            said: Vec::new(),
            table: Vec::new(),
            _place: place,
        };
        bench.said = bench.resumed();
        bench.table = bench.rows();
        bench
    }

    fn command(&self, before: &[&str]) -> Command {
        let words = [before, &[PROGRAM]].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(["replicate", self.file.to_str().unwrap()])
            .args(["-n", "400", "--jobs", "2", "--format", "json", "--resume"])
            .args(["--out", self.out.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn resumed(&self) -> Vec<u8> {
        let output = self
            .command(&[])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    fn rows(&self) -> Vec<u8> {
        fs::read(self.out.join("replications.parquet")).unwrap()
    }

    /// Checks that every file under a final name is complete, and that the resumed study is the
    /// same.
    fn check(&self, what: &str) {
        if self.out.join("rows/study.json").exists() {
            let about = rows::about(&self.out).unwrap_or_else(|e| panic!("{what}: {e}"));
            let damaged = RowFolder::reading(&about).read_from(&self.out).unwrap();
            assert!(damaged.is_empty(), "{what}: {damaged:?}");
        }
        assert!(self.resumed() == self.said, "{what}: another result");
        assert!(self.rows() == self.table, "{what}: other rows");
        fs::remove_dir_all(&self.out).unwrap();
    }
}

#[test]
fn two_hundred_kills_at_random_instants_change_nothing() {
    let bench = Bench::new();
    fs::remove_dir_all(&bench.out).unwrap();
    let begun = Instant::now();
    bench.resumed();
    let whole = begun.elapsed();
    fs::remove_dir_all(&bench.out).unwrap();
    // A run that finished before the kill does not count.
    let (mut kills, mut tries) = (0, 0_u32);
    while kills < 200 {
        tries += 1;
        assert!(tries < 1000, "only {kills} of {tries} runs were killed");
        // Spread over the whole run, without a pattern (the golden ratio).
        let share = (f64::from(tries) * 0.618_033_988_75).fract();
        let instant = whole.mul_f64(share);
        let mut running = bench.command(&[]).spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < instant {
            std::hint::spin_loop();
        }
        running.kill().unwrap();
        kills += u32::from(!running.wait().unwrap().success());
        bench.check(&format!("after {instant:?} of {whole:?}"));
    }
    println!("200 of {tries} runs were killed before their end");
}

#[test]
fn a_kill_at_each_write_sync_and_rename_changes_nothing() {
    let bench = Bench::new();
    fs::remove_dir_all(&bench.out).unwrap();
    let mut kills = 0;
    for call in [
        "write",
        "fsync",
        "rename,renameat,renameat2",
        "linkat,link",
        "unlink,unlinkat",
    ] {
        for nth in 1..=400 {
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            let trace = format!("trace={call}");
            let words = [
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                &trace,
                "-e",
                &inject,
            ];
            let ran = bench.command(&words).status().expect("strace is there");
            if ran.success() {
                // There are no more calls of this kind.
                fs::remove_dir_all(&bench.out).unwrap();
                break;
            }
            kills += 1;
            bench.check(&format!("at {call} number {nth}"));
        }
    }
    println!("{kills} kills at system calls");
    assert!(kills > 20, "{kills}");
}

#[test]
fn what_is_done_twice_by_two_processes_at_once_is_the_same() {
    let bench = Bench::new();
    for _ in 0..5 {
        fs::remove_dir_all(&bench.out).unwrap();
        let both = [0, 1].map(|_| bench.command(&[]).spawn().unwrap());
        for mut one in both {
            // One may find the other's files gone and report it; neither leaves anything wrong.
            let _ = one.wait().unwrap();
        }
        assert!(bench.resumed() == bench.said);
        assert!(bench.rows() == bench.table);
    }
}
