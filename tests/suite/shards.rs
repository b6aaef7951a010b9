//! Shards: a study split in any way and joined again equals that of one machine, to the last byte;
//! rows that do not belong together are refused, and missing ones are named by the command that
//! makes them.

use super::cli::{bakery, filas, told};
use filas::digest::Digest;
use filas::report::rows::{self, RowFolder};
use filas::study::ledger::{Ledger, Row};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The bakery with this many customers: runs that take no time.
fn small() -> (tempfile::TempDir, String) {
    let (place, file) = bakery();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("customers = 500", "customers = 50")).unwrap();
    (place, file)
}

fn desk() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/desk.toml").to_owned()
}

/// Runs a command and ignores its output.
fn done(words: &[&str]) -> String {
    let (out, err, code) = told(words);
    assert_eq!(code, 0, "{words:?}: {err}");
    out
}

/// Makes every shard except those left out; returns their folders.
fn shards(place: &Path, words: &[&str], of: u64, but: &[u64]) -> Vec<String> {
    let numbers = (1..=of).filter(|number| !but.contains(number));
    let folder = |number: u64| {
        let share = format!("{number}/{of}");
        let out = place.join(format!("{of}-shard-{number}"));
        let out = out.to_str().unwrap().to_owned();
        done(&[words, &["--shard", &share, "--out", &out]].concat());
        out
    };
    numbers.map(folder).collect()
}

fn merge<'a>(folders: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let folders = folders.iter().map(String::as_str);
    [&["merge"], &folders.collect::<Vec<_>>()[..], more].concat()
}

fn same_file(one: &Path, other: &Path, name: &str) {
    let read = |folder: &Path| fs::read(folder.join(name)).unwrap();
    assert!(read(one) == read(other), "{name} differs");
}

#[test]
fn joined_shards_are_the_study_of_one_machine_to_the_last_byte() {
    let (place, line) = small();
    for (file, shared) in [(line, &[1, 3, 8, 64][..]), (desk(), &[3])] {
        let study = ["replicate", &file, "-n", "64", "--jobs", "1"];
        let one = place.path().join("one");
        let out = one.to_str().unwrap();
        let words = ["--format", "json", "--overwrite", "--out", out];
        let alone = done(&[&study[..], &words].concat());
        for &of in shared {
            let mut folders = shards(place.path(), &study, of, &[]);
            folders.reverse();
            let half = folders.len() / 2;
            folders.rotate_left(half);
            let joined = place.path().join("joined");
            let out = joined.to_str().unwrap();
            let more = ["--format", "json", "--overwrite", "--out", out];
            assert_eq!(done(&merge(&folders, &more)), alone, "{of} shards");
            assert_eq!(done(&merge(&folders, &["--format", "json"])), alone);
            for name in ["summary.json", "scenario.toml", "replications.parquet"] {
                same_file(&one, &joined, name);
            }
            folders
                .iter()
                .for_each(|folder| fs::remove_dir_all(folder).unwrap());
        }
    }
}

#[test]
fn a_grid_is_joined_too() {
    let (place, file) = small();
    let vary = "stages.1.servers=1..4";
    let study = ["sweep", &file, "--vary", vary, "-n", "5"];
    let alone = done(&[&study[..], &["--format", "json"]].concat());
    for of in [3, 4] {
        let folders = shards(place.path(), &study, of, &[]);
        assert_eq!(done(&merge(&folders, &["--format", "json"])), alone);
    }
}

/// Runs the commands that a merge names, and merges again, until nothing is missing; returns the
/// last result and the number of rounds.
fn until_nothing_is_missing(folders: &mut Vec<String>, into: &str) -> (String, u32) {
    for round in 0.. {
        let more = ["--format", "json", "--overwrite", "--out", into];
        let (out, err, code) = told(&merge(folders, &more));
        let commands: Vec<&str> = err.lines().filter(|l| l.starts_with("  filas ")).collect();
        if commands.is_empty() {
            assert!(code <= 1 && !out.is_empty(), "{err}");
            return (out, round);
        }
        assert_eq!((code, out.as_str()), (1, ""));
        for command in commands {
            let program = env!("CARGO_BIN_EXE_filas");
            let line = command.trim().replacen("filas", program, 1);
            let ran = Command::new("sh").args(["-c", &line]).output().unwrap();
            assert!(ran.status.success(), "{line}: {ran:?}");
            let (_, rest) = line.split_once("--out ").unwrap();
            let folder = rest.split(' ').next().unwrap().to_owned();
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        assert!(round < 40, "it comes to no end");
    }
    unreachable!("it ends or goes on")
}

#[test]
fn a_precision_is_reached_in_the_same_rounds_by_any_number_of_shards() {
    let (place, file) = small();
    let precise = ["--precision", "0.08", "--measure", "waiting.mean"];
    let vary = ["sweep", &file, "--vary", "stages.1.servers=1..3", "-n", "6"];
    for study in [&["replicate", &file, "-n", "6"][..], &vary] {
        let study = [study, &precise].concat();
        let alone = done(&[&study[..], &["--format", "json"]].concat());
        for of in [2, 5] {
            let mut folders = shards(place.path(), &study, of, &[]);
            let into = place.path().join(format!("into-{of}"));
            let (joined, rounds) = until_nothing_is_missing(&mut folders, into.to_str().unwrap());
            assert!(rounds >= 2, "one round is no test of rounds");
            assert_eq!(joined, alone);
            folders
                .iter()
                .for_each(|folder| fs::remove_dir_all(folder).unwrap());
        }
    }
}

#[test]
fn orders_race_in_rounds_over_shards() {
    let (place, file) = small();
    let study = [
        "order",
        &file,
        "--max",
        "60",
        "--objective",
        "idle_time.mean",
    ];
    let alone = done(&[&study[..], &["--format", "json"]].concat());
    let mut folders = shards(place.path(), &study, 3, &[]);
    let into = place.path().join("into");
    let (joined, rounds) = until_nothing_is_missing(&mut folders, into.to_str().unwrap());
    assert!(rounds >= 2, "one round is no test of rounds");
    assert_eq!(joined, alone);
}

#[test]
fn what_is_missing_is_named_as_the_commands_that_make_it() {
    let (place, file) = small();
    let study = ["replicate", &file, "-n", "20", "--set", "time_unit=a b"];
    let alone = done(&[&study[..], &["--format", "json"]].concat());
    let mut folders = shards(place.path(), &study, 5, &[2, 4]);
    let (out, err, code) = told(&merge(&folders, &[]));
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(err.contains("8 runs of this round are missing"), "{err}");
    assert!(
        err.contains("--shard 2/5") && err.contains("5-shard-4 "),
        "{err}"
    );
    assert!(!err.contains("--shard 1/5"), "{err}");
    let into = place.path().join("into");
    let (joined, rounds) = until_nothing_is_missing(&mut folders, into.to_str().unwrap());
    assert_eq!((joined, rounds), (alone, 1));
    assert!(place.path().join("5-shard-4/manifest.json").exists());
}

#[test]
fn a_folder_whose_rows_are_read_is_not_replaced() {
    let (place, line) = small();
    let study = ["replicate", &line, "-n", "4"];
    let folders = shards(place.path(), &study, 2, &[]);
    let whole = place.path().join("whole");
    let whole = whole.to_str().unwrap();
    done(&merge(&folders, &["--out", whole]));
    let text = fs::read(Path::new(whole).join("summary.json")).unwrap();
    for words in [
        merge(&folders, &["--out", &folders[0], "--overwrite"]),
        vec!["merge", whole, "--out", whole, "--overwrite"],
        vec!["compare", whole, whole, "--out", whole, "--overwrite"],
        vec![
            "replicate",
            &line,
            "-n",
            "4",
            "--shard",
            "1/2",
            "--after",
            whole,
            "--out",
            whole,
            "--overwrite",
        ],
    ] {
        let (out, err, code) = told(&words);
        assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
        assert!(err.contains("would delete them first"), "{words:?}: {err}");
    }
    assert_eq!(
        fs::read(Path::new(whole).join("summary.json")).unwrap(),
        text
    );
    done(&["merge", whole]);
    done(&merge(&folders, &[]));
}

#[test]
fn shards_of_another_study_are_refused() {
    let (place, file) = small();
    let of = |name: &str, more: &[&str]| {
        let out = place.path().join(name).to_str().unwrap().to_owned();
        let words = [
            "replicate",
            &file,
            "-n",
            "4",
            "--shard",
            "1/2",
            "--out",
            &out,
        ];
        done(&[&words, more].concat());
        out
    };
    let first = of("first", &[]);
    let (_, err, code) = told(&["merge", &first, "/nowhere"]);
    assert_eq!(code, 2);
    assert!(err.contains("/nowhere holds no rows of a study"), "{err}");
    for (more, what) in [
        (&["--seed", "12"][..], "another seed: 12, not 11"),
        (
            &["--set", "stages.1.servers=3"],
            "another scenario: `servers = 3`, not `servers = 2`",
        ),
        (
            &["--engine", "threads"],
            "another engine: threads, not inline",
        ),
        (
            &["--confidence", "0.9"],
            "another question: that of `filas replicate ",
        ),
    ] {
        let other = of("other", &[more, &["--overwrite"]].concat());
        let (out, err, code) = told(&["merge", &first, &other]);
        assert_eq!((out.as_str(), code), ("", 2), "{err}");
        assert!(err.contains(what) && err.contains(&other), "{err}");
        assert!(!err.contains(['{', '"']), "{err}");
    }
}

#[test]
fn shards_of_another_build_are_refused() {
    let (place, file) = small();
    // The same program with one byte appended is another file, and might be another program.
    let other = place.path().join("filas-too");
    fs::copy(env!("CARGO_BIN_EXE_filas"), &other).unwrap();
    let mut bytes = fs::OpenOptions::new().append(true).open(&other).unwrap();
    std::io::Write::write_all(&mut bytes, b"!").unwrap();
    drop(bytes);
    let out = place.path().join("out");
    let out = out.to_str().unwrap();
    let made = Command::new(&other)
        .args([
            "replicate",
            &file,
            "-n",
            "4",
            "--shard",
            "1/1",
            "--out",
            out,
        ])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let (_, err, code) = told(&["merge", out]);
    assert_eq!(code, 2);
    assert!(err.contains("another build of filas"), "{err}");
}

#[test]
fn duplicates_are_fine_where_they_are_the_same_and_named_where_they_differ() {
    let (place, file) = small();
    let study = ["replicate", &file, "-n", "10"];
    let alone = done(&[&study[..], &["--format", "json"]].concat());
    let mut folders = shards(place.path(), &study, 2, &[]);
    folders.extend(shards(place.path(), &study, 3, &[2]));
    assert_eq!(done(&merge(&folders, &["--format", "json"])), alone);
    // A row of the same study with other contents.
    let (first, planted) = (Path::new(&folders[0]), place.path().join("planted"));
    let about = rows::about(first).unwrap();
    let folder = RowFolder::create(&planted, &about).unwrap();
    let mut one = Row::default();
    let real = RowFolder::reading(&about);
    assert!(real.read_from(first).unwrap().is_empty());
    real.each(0..1, &mut |_, row| one = row.clone()).unwrap();
    one.values[3] += 1.0;
    one.digest = Digest::from_state(one.digest.state() ^ 1);
    folder.put(0, one, Duration::ZERO).unwrap();
    folder.settle().unwrap();
    folders.push(planted.to_str().unwrap().to_owned());
    let (out, err, code) = told(&merge(&folders, &[]));
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(
        err.contains("row 0 differs between") && err.contains("planted"),
        "{err}"
    );
}

#[test]
fn a_damaged_shard_is_named_and_made_again() {
    let (place, file) = small();
    let study = ["replicate", &file, "-n", "12"];
    let alone = done(&[&study[..], &["--format", "json"]].concat());
    let mut folders = shards(place.path(), &study, 3, &[]);
    let rows = Path::new(&folders[1]).join("rows");
    let segment = segment(&rows);
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&segment, bytes).unwrap();
    let (_, err, code) = told(&merge(&folders, &[]));
    assert_eq!(code, 1);
    assert!(
        err.contains(&format!("{} is damaged", segment.display())),
        "{err}"
    );
    assert!(
        err.contains("--shard 2/3") && !err.contains("--shard 1/3"),
        "{err}"
    );
    let into = place.path().join("into");
    let (joined, rounds) = until_nothing_is_missing(&mut folders, into.to_str().unwrap());
    assert_eq!((joined, rounds), (alone, 1));
}

/// The one segment in a folder.
fn segment(rows: &Path) -> std::path::PathBuf {
    let entries = fs::read_dir(rows)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = entries.filter(|path| path.extension().is_some_and(|e| e == "rows"));
    let segment = found.next().unwrap();
    assert_eq!(found.next(), None);
    segment
}

#[test]
fn every_flipped_bit_in_a_finished_file_is_detected() {
    let (place, file) = small();
    let folders = shards(place.path(), &["replicate", &file, "-n", "9"], 1, &[]);
    let results = Path::new(&folders[0]);
    let about = rows::about(results).unwrap();
    let (study, segment) = (
        results.join("rows/study.json"),
        segment(&results.join("rows")),
    );
    let mut flips = 0;
    for path in [&study, &segment] {
        let whole = fs::read(path).unwrap();
        let bits = whole.len() * 8;
        // Spread over the file, at every position in a byte.
        for bit in (0..600).map(|k| (k * bits / 600) / 8 * 8 + k % 8) {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(path, &bytes).unwrap();
            let detected = match path == &study {
                true => rows::about(results).is_err(),
                false => {
                    let rows = RowFolder::reading(&about);
                    rows.read_from(results).unwrap() == [segment.clone()]
                }
            };
            assert!(detected, "bit {bit} of {}", path.display());
            flips += 1;
        }
        // Also a file that was truncated, or extended.
        for length in [0, 7, 8, whole.len() - 8, whole.len() - 1] {
            fs::write(path, &whole[..length]).unwrap();
            let rows = RowFolder::reading(&about);
            let damaged = rows.read_from(results).unwrap().len();
            assert!(
                rows::about(results).is_err() || damaged == 1,
                "cut at {length}"
            );
        }
        fs::write(path, &whole).unwrap();
    }
    assert_eq!(flips, 1200);
}

#[test]
fn a_share_is_i_of_k_and_has_a_folder() {
    let (_place, file) = bakery();
    for share in ["0/3", "4/3", "x", "1/0"] {
        let (_, err, code) = told(&["replicate", &file, "--shard", share, "--out", "x"]);
        assert_eq!(code, 2);
        assert!(err.contains("a share is I/K"), "{err}");
    }
    let output = filas(&["replicate", &file, "--shard", "1/3"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("--out"), "{err}");
}

#[test]
fn another_study_is_told_by_its_command() {
    let (place, file) = small();
    let of = |name: &str, words: &[&str]| {
        let out = place.path().join(name).to_str().unwrap().to_owned();
        done(&[words, &["--out", &out]].concat());
        out
    };
    let one = of("one", &["replicate", &file, "-n", "2"]);
    let more = of("more", &["replicate", &file, "-n", "6"]);
    let grid = of(
        "grid",
        &["sweep", &file, "-n", "2", "--vary", "stages.1.servers=1, 2"],
    );
    for (other, says) in [
        (
            &more,
            format!(
                "{more} holds rows of another question: that of `filas replicate {file} -n 6`, not of `filas \
                 replicate {file} -n 2`"
            ),
        ),
        (
            &grid,
            format!(
                "{grid} holds rows of another study: that of `filas sweep {file} -n 2 --vary 'stages.1.servers=1, 2'`, not of \
                 `filas replicate {file} -n 2`"
            ),
        ),
    ] {
        let (_, err, code) = told(&["merge", &one, other]);
        assert_eq!(code, 2);
        assert!(err.contains(&says), "{err}");
    }
}

#[test]
fn a_run_over_a_study_leaves_none_of_its_rows() {
    let (place, file) = small();
    let out = place.path().join("out");
    let folder = out.to_str().unwrap();
    done(&["replicate", &file, "-n", "3", "--out", folder]);
    assert!(out.join("rows").exists());
    done(&["run", &file, "--out", folder, "--overwrite"]);
    assert!(!out.join("rows").exists());
    let (shown, err, code) = told(&["merge", folder]);
    assert_eq!((shown.as_str(), code), ("", 2), "{err}");
    assert!(err.contains("holds no rows of a study"), "{err}");
    // A study over a run has its own.
    done(&[
        "replicate",
        &file,
        "-n",
        "2",
        "--out",
        folder,
        "--overwrite",
    ]);
    assert!(out.join("rows").join("study.json").exists());
}
