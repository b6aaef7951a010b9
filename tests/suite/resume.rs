//! A stopped study resumes, and one whose shards run on an engine gives the same results, whatever
//! the engine loses. (Kills at every instant are in `--test killed`, real engines in `--test
//! clusters`.)

use super::cli::{bakery, filas, told};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn done(words: &[&str]) -> String {
    let (out, err, code) = told(words);
    assert_eq!(code, 0, "{words:?}: {err}");
    out
}

#[test]
fn a_killed_study_goes_on_to_the_same_bytes() {
    let (place, file) = bakery();
    let study = ["replicate", &file, "-n", "3000", "--format", "json"];
    let alone = done(&study);
    let out = place.path().join("out");
    let words = [&study[..], &["--resume", "--out", out.to_str().unwrap()]].concat();
    for _ in 0..3 {
        let mut running = Command::new(env!("CARGO_BIN_EXE_filas"))
            .args(&words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Once the file that identifies its rows exists, it is running.
        while !out.join("rows/study.json").exists() && running.try_wait().unwrap().is_none() {}
        running.kill().unwrap();
        running.wait().unwrap();
    }
    assert_eq!(done(&words), alone);
    // A complete study is read and not run again; and it can be extended.
    assert_eq!(done(&words), alone);
    let more = [&words[..], &["-n", "3100"]].concat();
    let longer: Vec<&str> = more
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != 2 && *at != 3)
        .map(|(_, word)| *word)
        .collect();
    let plain = ["replicate", &file, "-n", "3100", "--format", "json"];
    assert_eq!(done(&longer), done(&plain));
}

#[test]
fn a_study_is_not_gone_on_with_by_mistake() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let out = out.to_str().unwrap();
    let study = ["replicate", &file, "-n", "5", "--out", out];
    done(&study);
    fs::remove_file(Path::new(out).join("manifest.json")).unwrap();
    let (_, err, code) = told(&study);
    assert_eq!(code, 2);
    assert!(
        err.contains("an unfinished study; continue it with --resume"),
        "{err}"
    );
    let other = [&study[..], &["--resume", "--seed", "5"]].concat();
    let (_, err, code) = told(&other);
    assert_eq!(code, 2);
    assert!(
        err.contains("holds rows of another seed: 11, not 5"),
        "{err}"
    );
}

/// A Slurm that does its tasks one after the other, and loses the first.
const SBATCH: &str = r#"#!/bin/sh
[ "$1" = --version ] && exit 0
place=$(dirname "$0")
cat >"$place/script"
for item in $(sed -n 's/^#SBATCH --array=//p' "$place/script" | tr , ' '); do
    for task in $(seq "${item%-*}" "${item#*-}"); do
        if [ -e "$place/lose" ]; then rm "$place/lose"; continue; fi
        SLURM_ARRAY_TASK_ID=$task sh "$place/script"
    done
done
"#;

#[test]
fn what_an_engine_loses_is_submitted_again() {
    let (place, file) = bakery();
    for (name, text) in [("sbatch", SBATCH), ("scancel", "#!/bin/sh\n"), ("lose", "")] {
        let path = place.path().join(name);
        fs::write(&path, text).unwrap();
        let made = Command::new("chmod").arg("+x").arg(&path).status();
        assert!(made.unwrap().success());
    }
    let precise = [
        "--precision",
        "0.1",
        "--measure",
        "waiting.mean",
        "--warm-up",
        "auto",
    ];
    let study = [
        &["replicate", &file, "-n", "6", "--format", "json"][..],
        &precise,
    ]
    .concat();
    let alone = done(&study);
    let out = place.path().join("out");
    let on = [
        "--on",
        "slurm",
        "--shards",
        "4",
        "--out",
        out.to_str().unwrap(),
    ];
    let path = std::env::var("PATH").unwrap();
    let output = filas(&[&study[..], &on].concat())
        .env("PATH", format!("{}:{path}", place.path().display()))
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{err}");
    assert!(
        err.contains(" lost on the way and ") && err.contains(" submitted again"),
        "{err}"
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), alone);
    assert!(!out.join("shards").exists());
}

#[test]
fn a_dry_run_shows_what_would_be_submitted_and_writes_nothing() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let study = [
        "replicate",
        &file,
        "-n",
        "6",
        "--out",
        out.to_str().unwrap(),
    ];
    for (on, shows) in [
        ("slurm", "#SBATCH --array=1-6"),
        ("parallel", "--shard 6/6"),
        ("dask=localhost:8786", "\"address\": \"localhost:8786\""),
    ] {
        let said = done(&[&study[..], &["--on", on, "--dry-run"]].concat());
        assert!(said.contains(shows), "{said}");
        assert!(!out.exists());
    }
    let (_, err, code) = told(&[&study[..], &["--on", "pbs"]].concat());
    assert_eq!(code, 2);
    assert!(err.contains("slurm, parallel or dask=HOST:PORT"), "{err}");
}

#[test]
fn a_missing_engine_is_told_with_the_command_that_installs_it() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let study = ["replicate", &file, "--out", out.to_str().unwrap()];
    for (on, install) in [
        ("slurm", "apt install slurm-client"),
        ("parallel", "apt install parallel"),
        ("dask=localhost:1", "apt install python3"),
    ] {
        let output = filas(&[&study[..], &["--on", on]].concat())
            .env("PATH", place.path())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err.contains(install), "{err}");
        assert!(!out.exists());
    }
}
