//! Mutation testing: does the suite notice if the product is changed in one small place?
//!
//!     cargo run --release --manifest-path tests/mutants/Cargo.toml --target-dir target/mutants/tool -- [COUNT [SEED [FROM]]]
//!
//! draws COUNT places (200) of the code where the results come from, by SEED (1), and changes each: a comparison, an
//! operation, a negation, or a call that is left out. All changes are compiled at once into a copy of the tree, each
//! behind a question for its number, so that one build serves all. Every test, of the units and of the suite, is first run
//! alone and unchanged, which shows how long it takes and which places it reaches. Then each change is put to the tests that
//! reach its place, the quickest first, until one fails. A test that fails is asked again, with the change and without,
//! so that a slow machine catches nothing; a test without end is one that twice takes 20 times as long as unchanged, the
//! second time as unchanged at that very moment, and at least a minute.
//! Beside each change stands the test that caught it, or `survived`, or `unreached` where no test comes by. Results are
//! kept in `target/mutants/`, so that a run that was stopped goes on, and FROM begins at another number.

#![allow(
    clippy::disallowed_methods,
    reason = "nothing here is part of a result"
)]

mod places;

use places::Place;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

/// Where the results come from.
const FOLDERS: [&str; 6] = ["station", "desk", "tandem", "lockstep", "actor", "study"];

/// The least time after which a test has no end.
const LONGEST: Duration = Duration::from_secs(60);

/// The address space of a test, in kilobytes: a change may ask for memory without end.
const MEMORY: &str = "8000000";

/// The question asked at each place; its number is noted the first time.
const QUESTION: &str = "
/// Whether this is the change that is tried.
#[doc(hidden)]
#[must_use]
pub fn mutant(number: u32) -> bool {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    static TRIED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    static ASKED: [AtomicBool; 4096] = [const { AtomicBool::new(false) }; 4096];
    let asked = &ASKED[number as usize % 4096];
    if !asked.load(Relaxed) && !asked.swap(true, Relaxed) {
        if let Some(notes) = std::env::var_os(\"FILAS_ASKED\") {
            if let Ok(mut notes) = std::fs::OpenOptions::new().append(true).open(notes) {
                let _ = std::io::Write::write_all(&mut notes, format!(\"{number}\\n\").as_bytes());
            }
        }
    }
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
    let programs = loop {
        let chosen = &drawn[..count.min(drawn.len())];
        copy(&root, &tree);
        places::change(&tree, chosen);
        let lib = tree.join("src/lib.rs");
        let text = fs::read_to_string(&lib).expect("the library is there");
        fs::write(&lib, text + QUESTION).expect("the copy can be written");
        match build(&tree, &root.join("target")) {
            Ok(programs) => break programs,
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
    let tests = unchanged(&programs, &tree, &work);
    try_all(&drawn, from, &tests, &tree, &work);
}

/// A test, how long it takes, and the numbers of the places that it reaches.
struct Test {
    program: PathBuf,
    name: String,
    took: Duration,
    reaches: BTreeSet<usize>,
}

/// The end of a test.
#[derive(Clone, Copy, Eq, PartialEq)]
enum End {
    Passed,
    Failed,
    Never,
}

/// All tests that pass unchanged, the quickest first.
fn unchanged(programs: &[PathBuf], tree: &Path, work: &Path) -> Vec<Test> {
    let mut listed = Vec::new();
    for program in programs {
        let list = Command::new(program)
            .args(["--list", "--format", "terse"])
            .current_dir(tree)
            .output()
            .expect("the tests can be listed");
        let list = String::from_utf8(list.stdout).expect("names are text");
        let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
        // The rules of the house for text, which the questions break.
        let names = names.filter(|name| !name.starts_with("tidy::"));
        listed.extend(names.map(|name| (program.clone(), name.to_owned())));
    }
    println!("{} tests, first unchanged", listed.len());
    let tests = Mutex::new(Vec::new());
    at_once(listed.len(), |at| {
        let (program, name) = listed[at].clone();
        let notes = work.join(format!("asked-{at}"));
        let mut test = Test {
            program,
            name,
            took: Duration::from_secs(60),
            reaches: BTreeSet::new(),
        };
        for _ in 0..2 {
            fs::write(&notes, "").expect("notes can be written");
            let begun = Instant::now();
            let end = run(&test, 0, Some(&notes), tree, test.took);
            test.took = begun.elapsed();
            let asked = fs::read_to_string(&notes).expect("notes can be read");
            test.reaches = asked.lines().filter_map(|line| line.parse().ok()).collect();
            if end == End::Passed {
                tests.lock().expect("no panic").push(test);
                break;
            }
            println!("{} fails without a change", test.name);
        }
        fs::remove_file(&notes).expect("notes can be removed");
    });
    let mut tests = tests.into_inner().expect("no panic");
    tests.sort_by_key(|test| test.took);
    let all: Duration = tests.iter().map(|test| test.took).sum();
    println!("{} tests pass, in {} s", tests.len(), all.as_secs());
    tests
}

/// Tries the changes from this number on, and tells what became of them.
fn try_all(drawn: &[Place], from: usize, tests: &[Test], tree: &Path, work: &Path) {
    let results = work.join("results.txt");
    let known = fs::read_to_string(&results).unwrap_or_default();
    let file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&results)
        .expect("results can be written");
    let (file, verdicts) = (Mutex::new(file), Mutex::new(Vec::new()));
    let numbered: Vec<(usize, &Place)> = (1..).zip(drawn).skip(from - 1).collect();
    at_once(numbered.len(), |at| {
        let (number, place) = numbered[at];
        let what = format!("{number} {place}");
        let before = known
            .lines()
            .find_map(|line| line.strip_suffix(&format!(" {what}")));
        let verdict = before.map_or_else(
            || {
                let verdict = tried(number, tests, tree);
                let mut file = file.lock().expect("no panic");
                writeln!(file, "{verdict} {what}").expect("results can be written");
                println!("{verdict} {what}");
                verdict
            },
            str::to_owned,
        );
        verdicts
            .lock()
            .expect("no panic")
            .push((number, verdict, what));
    });
    let mut verdicts = verdicts.into_inner().expect("no panic");
    verdicts.sort();
    let left = |verdict: &str| verdict == "survived" || verdict == "unreached";
    let caught = verdicts.iter().filter(|(_, one, _)| !left(one)).count();
    println!("{caught} of {} caught; the rest:", verdicts.len());
    for (_, verdict, what) in verdicts.iter().filter(|(_, one, _)| left(one)) {
        println!("{verdict} {what}");
    }
}

/// The test that noticed a change; or that none did.
fn tried(number: usize, tests: &[Test], tree: &Path) -> String {
    let reaching: Vec<&Test> = tests
        .iter()
        .filter(|test| test.reaches.contains(&number))
        .collect();
    if reaching.is_empty() {
        return "unreached".to_owned();
    }
    let noticed = reaching.into_iter().find_map(|test| {
        let end = run(test, number, None, tree, test.took);
        if end == End::Passed {
            return None;
        }
        let begun = Instant::now();
        if run(test, 0, None, tree, test.took) != End::Passed {
            return None;
        }
        let took = test.took.max(begun.elapsed());
        match run(test, number, None, tree, took) {
            End::Passed => None,
            End::Failed => Some(test.name.clone()),
            End::Never => Some(format!("endless:{}", test.name)),
        }
    });
    noticed.unwrap_or_else(|| "survived".to_owned())
}

/// Runs one test with a change, or none for the number 0; unchanged it takes so long.
fn run(test: &Test, number: usize, notes: Option<&Path>, tree: &Path, took: Duration) -> End {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v $0; exec \"$@\"", MEMORY])
        .arg(&test.program)
        .args(["--exact", &test.name])
        .current_dir(tree)
        .env("FILAS_MUTANT", number.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    if let Some(notes) = notes {
        command.env("FILAS_ASKED", notes);
    }
    let longest = LONGEST.max(20 * took);
    let mut run = command.spawn().expect("the tests can be run");
    let group = format!("-{}", run.id());
    let (tell, told) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let _ = tell.send(run.wait().expect("it ends"));
    });
    let status = told.recv_timeout(longest).ok();
    let _ = Command::new("kill")
        .args(["-9", "--", &group])
        .stderr(Stdio::null())
        .status();
    waiter.join().expect("it has ended");
    match status {
        None => End::Never,
        Some(status) if status.success() => End::Passed,
        Some(_) => End::Failed,
    }
}

/// Does this for all numbers below one, as many at once as there are cores.
fn at_once(below: usize, each: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= below {
                        break;
                    }
                    each(at);
                }
            });
        }
    });
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

/// Builds the tests of the copy; or the lines with errors, by file.
fn build(tree: &Path, target: &Path) -> Result<Vec<PathBuf>, Vec<(String, usize)>> {
    let built = Command::new(env!("CARGO"))
        .args([
            "test",
            "--locked",
            "--no-run",
            "--lib",
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
        let tests = messages.iter().filter(|one| one["profile"]["test"] == true);
        let programs = tests.filter_map(|one| one["executable"].as_str().map(PathBuf::from));
        return Ok(programs.collect());
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
