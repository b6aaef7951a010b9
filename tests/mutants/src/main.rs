//! Mutation testing: does the suite notice if the product is changed in one small place?
//!
//!     cargo run --release --manifest-path tests/mutants/Cargo.toml --target-dir target/mutants/tool -- [COUNT [SEED [FROM]]]
//!
//! draws COUNT places (200) of the code where the results come from, by SEED (1), and changes each: a comparison, an
//! operation, a negation, or a call that is left out. All changes are compiled at once into a copy of the tree, each
//! behind a question for its number, so that one build serves all; the suite is then run once for each, what fails fast
//! first. Beside each change stands whether it was caught, or which survived. Results are kept in `target/mutants/`, so that
//! a run that was stopped goes on, and FROM begins at another number.

#![allow(
    clippy::disallowed_methods,
    reason = "nothing here is part of a result"
)]

mod places;

use places::Place;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the results come from.
const FOLDERS: [&str; 6] = ["station", "desk", "tandem", "lockstep", "actor", "study"];

/// The suite in the order in which most changes are caught soon: golden results, then reference simulators, then all.
const STAGES: [&[&str]; 3] = [
    &["golden", "digests", "by_hand"],
    &[
        "reference",
        "oracle",
        "station",
        "network",
        "agrees",
        "runtimes",
        "people",
        "order",
        "find",
        "replicate",
        "deaths",
    ],
    &[],
];

/// A run that takes longer than this has no end.
const LONGEST: Duration = Duration::from_secs(900);

/// What is asked at each place.
const QUESTION: &str = "
/// Whether this is the change that is tried.
#[doc(hidden)]
#[must_use]
pub fn mutant(number: u32) -> bool {
    static TRIED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let named = || std::env::var(\"FILAS_MUTANT\").ok()?.parse().ok();
    *TRIED.get_or_init(|| named().unwrap_or(0)) == number
}
";

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().expect("a whole number"));
    let count = numbers.next().unwrap_or(200) as usize;
    let seed = numbers.next().unwrap_or(1);
    let from = numbers.next().unwrap_or(1) as usize;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the root is there");
    let work = root.join("target/mutants");
    let tree = work.join("tree");
    copy(&root, &tree);
    let mut drawn = places::drawn(&tree, &FOLDERS, seed);
    println!("{} places", drawn.len());
    let suite = loop {
        let chosen = &drawn[..count.min(drawn.len())];
        copy(&root, &tree);
        places::change(&tree, chosen);
        let lib = tree.join("src/lib.rs");
        let text = fs::read_to_string(&lib).expect("the library is there");
        fs::write(&lib, text + QUESTION).expect("the copy can be written");
        match build(&tree, &root.join("target")) {
            Ok(suite) => break suite,
            // What does not compile is no change, and others take its place.
            Err(wrong) => {
                let kept = drawn.len();
                for (file, line) in &wrong {
                    // The one that stands nearest: an error may be told of another line.
                    let chosen = drawn.iter().take(count).enumerate();
                    let there =
                        chosen.filter_map(|(at, place)| Some((place.distance(file, *line)?, at)));
                    if let Some((_, at)) = there.min() {
                        drawn.remove(at);
                    }
                }
                assert!(drawn.len() < kept, "the copy does not compile: {wrong:?}");
                println!("{} places cannot be changed", kept - drawn.len());
            }
        }
    };
    drawn.truncate(count);
    assert_eq!(
        tried(0, &suite, &tree),
        None,
        "the suite fails without a change"
    );
    try_all(&drawn, from, &suite, &tree, &work);
}

/// Tries the changes from this number on, and tells what became of them.
fn try_all(drawn: &[Place], from: usize, suite: &Path, tree: &Path, work: &Path) {
    let results = work.join("results.txt");
    let known = fs::read_to_string(&results).unwrap_or_default();
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&results)
        .expect("results can be written");
    let (mut caught, mut survived) = (0, Vec::new());
    for (number, place) in (1..).zip(drawn).skip(from - 1) {
        let what = format!("{number} {place}");
        let before = known
            .lines()
            .find_map(|line| line.strip_suffix(&format!(" {what}")));
        let verdict = match before {
            Some(verdict) => verdict.to_owned(),
            None => {
                let verdict = tried(number, suite, tree).unwrap_or_else(|| "survived".to_owned());
                writeln!(file, "{verdict} {what}").expect("results can be written");
                println!("{verdict} {what}");
                verdict
            }
        };
        match verdict == "survived" {
            true => survived.push(what),
            false => caught += 1,
        }
    }
    println!("{caught} of {} caught; survived:", caught + survived.len());
    survived.iter().for_each(|what| println!("{what}"));
}

/// The test that noticed a change, if one did.
fn tried(number: usize, suite: &Path, tree: &Path) -> Option<String> {
    STAGES.iter().find_map(|filters| {
        let mut run = Command::new(suite)
            .args(*filters)
            // The rules of the house for text, which the questions break.
            .args(["--skip", "tidy::"])
            .current_dir(tree)
            .env("FILAS_MUTANT", number.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the suite can be run");
        let group = format!("-{}", run.id());
        let stop = move || {
            let _ = Command::new("kill")
                .args(["-9", "--", &group])
                .stderr(Stdio::null())
                .status();
        };
        let out = BufReader::new(run.stdout.take().expect("it is piped"));
        let (tell, told) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let failed = |line: &String| line.starts_with("test ") && line.ends_with("FAILED");
            let first = out.lines().map_while(Result::ok).find(failed);
            let _ = tell.send(first);
        });
        let begun = Instant::now();
        let first = told.recv_timeout(LONGEST);
        stop();
        let status = run.wait().expect("it has ended");
        reader.join().expect("all is read");
        match first {
            Ok(Some(line)) => Some(
                line.split_whitespace()
                    .nth(1)
                    .unwrap_or("a test")
                    .replace(' ', ""),
            ),
            Ok(None) if status.success() => None,
            Ok(None) => Some("crash".to_owned()),
            Err(_) => Some(format!("endless({}s)", begun.elapsed().as_secs())),
        }
    })
}

/// Copies what git knows of the tree, where it differs from the copy.
fn copy(root: &Path, tree: &Path) {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root)
        .output()
        .expect("git lists files");
    for path in listed
        .stdout
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
    {
        let path = std::str::from_utf8(path).expect("names are text");
        let (from, to) = (root.join(path), tree.join(path));
        let Ok(text) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(to.parent().expect("it is in the tree")).expect("folders can be made");
        fs::copy(&from, &to).expect("files can be copied");
    }
}

/// Builds the suite of the copy; or the lines with errors, by file.
fn build(tree: &Path, target: &Path) -> Result<PathBuf, Vec<(String, usize)>> {
    let built = Command::new(env!("CARGO"))
        .args([
            "test",
            "--locked",
            "--no-run",
            "--test",
            "suite",
            "--message-format=json",
        ])
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    let messages = String::from_utf8_lossy(&built.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let messages: Vec<serde_json::Value> = messages.collect();
    if built.status.success() {
        let suite = messages.iter().find_map(|one| {
            let is_suite = one["target"]["name"] == "suite";
            one["executable"]
                .as_str()
                .filter(|_| is_suite)
                .map(PathBuf::from)
        });
        return Ok(suite.expect("the suite was built"));
    }
    let errors = messages
        .iter()
        .filter(|one| one["message"]["level"] == "error");
    let spans = errors.flat_map(|one| {
        one["message"]["spans"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    });
    let primary = spans.filter(|span| span["is_primary"] == true);
    Err(primary
        .map(|span| {
            let line = span["line_start"].as_u64().unwrap_or(0) as usize;
            (
                span["file_name"].as_str().unwrap_or_default().to_owned(),
                line,
            )
        })
        .collect())
}
