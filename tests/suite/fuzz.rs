//! Random scenarios and traces are loaded or refused, without a panic.
//!
//! Shipped scenarios are cut up, duplicated, mixed with one another and with difficult input:
//! enormous and tiny numbers, deep nesting, unterminated quotes, letters of every kind. Try more
//! cases than the suite's with `FILAS_FUZZ=1000000 cargo test --release --test fuzz`, which also
//! checks the time of each and the memory of all.

use filas::scenario::{Limits, Origin, Overrides, Scenario, load};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::Path;

/// Number of cases, unless the environment sets another.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("FILAS_FUZZ").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn shipped() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let text = |path: &std::path::PathBuf| fs::read_to_string(path).unwrap();
    // The line of a hundred stages is long and tests nothing that others do not.
    files
        .iter()
        .map(text)
        .filter(|text| text.len() < 6_000)
        .collect()
}

const PIECES: [&str; 40] = [
    "=",
    "[",
    "]",
    "[[stages]]\n",
    "{",
    "}",
    "\"",
    "'''",
    "\n",
    "\\",
    ".",
    ",",
    "-1",
    "0",
    "1e308",
    "1e-320",
    "nan",
    "inf",
    "-inf",
    "18446744073709551615",
    "9223372036854775808",
    "0x7f",
    "true",
    "[[[[[[[[[[[[[[[[",
    "{a={a={a={a={",
    "model = \"desk\"\n",
    "[arrivals]\n",
    "servers = ",
    "\u{0}",
    "\u{202e}",
    "é",
    "名",
    "constant = { value = 0 }",
    "exponential = { rate = 1e300 }",
    "[faults]\n",
    "script = [{ step = 1, server = \"A\" }]\n",
    "trace = { file = \"../x\", column = \"y\" }",
    "empirical = { values = [] }",
    "probability = 2",
    "#",
];

/// A change to a text: at a position, a length is removed, and a snippet or another part inserted.
type Edit = (prop::sample::Index, usize, usize, prop::sample::Index);

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (place, out, piece, from) in edits {
        let at = place.index(letters.len() + 1);
        let end = (at + out).min(letters.len());
        let new: Vec<char> = match PIECES.get(*piece) {
            Some(piece) => piece.chars().collect(),
            None if letters.is_empty() => Vec::new(),
            None => {
                let from = from.index(letters.len());
                letters[from..(from + 40).min(letters.len())].to_vec()
            }
        };
        letters.splice(at..end, new);
    }
    letters.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (
        any::<prop::sample::Index>(),
        0..30usize,
        0..50usize,
        any::<prop::sample::Index>(),
    );
    prop::collection::vec(edit, 0..8)
}

/// Small limits, so that accepted scenarios are small.
fn limits() -> Overrides {
    Overrides {
        limits: Limits {
            max_actors: 200,
            max_events: 10_000_000,
            ..Limits::default()
        },
        ..Overrides::default()
    }
}

fn runner(usual: u32) -> TestRunner {
    TestRunner::new(Config {
        cases: cases(usual),
        failure_persistence: None,
        ..Config::default()
    })
}

/// The longest time of any case, when more are tried than in the suite.
#[derive(Default)]
struct Worst(std::cell::Cell<std::time::Duration>);

impl Worst {
    #[allow(
        clippy::disallowed_methods,
        reason = "how long it takes is the question"
    )]
    fn of<T>(&self, work: impl FnOnce() -> T) -> T {
        let clock = std::time::Instant::now();
        let done = work();
        self.0.set(self.0.get().max(clock.elapsed()));
        done
    }

    /// When more were requested: nothing took a second, and memory never exceeded 256 MiB in all.
    #[allow(clippy::print_stdout, reason = "figures for the README")]
    fn judge(&self, what: &str) {
        if std::env::var_os("FILAS_FUZZ").is_none() {
            return;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().nth(1));
        let kib: u64 = peak.and_then(|kib| kib.parse().ok()).unwrap();
        let longest = self.0.get();
        println!(
            "{what}: {} cases, the longest {longest:?}, {kib} KiB at most",
            cases(0)
        );
        assert!(longest.as_secs_f64() < 1.0 && kib < 256 << 10);
    }
}

#[test]
fn any_text_loads_or_is_refused_with_a_reason() {
    let texts = shipped();
    assert!(texts.len() > 5);
    let which = 0..texts.len();
    let taken = std::cell::Cell::new((0u32, 0u32));
    let worst = Worst::default();
    runner(1_500)
        .run(&(which, edits()), |(which, edits)| {
            let text = edited(&texts[which], &edits);
            let origin = Origin::Embedded {
                name: "fuzzed.toml",
                text: &text,
            };
            let (good, bad) = taken.get();
            match worst.of(|| load(origin, &limits())) {
                Ok(loaded) => {
                    // Printing its description must not fail either.
                    prop_assert!(!loaded.normalised().is_empty());
                    taken.set((good + 1, bad));
                }
                Err(error) => {
                    prop_assert!(!error.plain().is_empty());
                    taken.set((good, bad + 1));
                }
            }
            Ok(())
        })
        .unwrap();
    let (good, bad) = taken.get();
    assert!(
        good > 0 && bad > good,
        "{good} loaded, {bad} refused: nothing was tried"
    );
    worst.judge("scenarios");
}

#[test]
fn any_trace_is_read_or_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("line.toml");
    fs::write(
        &scenario,
        "model = \"tandem\"\nname = \"x\"\n[arrivals]\ninterarrival = { trace = { file = \"t.csv\", \
         column = \"gap\" } }\n[horizon]\ncustomers = 3\n[[stages]]\nname = \"a\"\n\
         service = { empirical = { file = \"t.csv\", column = \"s\" } }\n",
    )
    .unwrap();
    let sound = "gap,s\n1.0,2.5\n0.5,1e-3\n2,0\n3.25,\"4\"\n";
    let taken = std::cell::Cell::new((0u32, 0u32));
    let raw = prop::collection::vec(any::<u8>(), 0..60);
    let worst = Worst::default();
    runner(1_000)
        .run(&(edits(), raw, any::<bool>()), |(edits, raw, bytes)| {
            let mut csv = edited(sound, &edits).into_bytes();
            if bytes {
                csv.extend(raw);
            }
            fs::write(folder.path().join("t.csv"), &csv).unwrap();
            let (good, bad) = taken.get();
            match worst.of(|| load(Origin::File(&scenario), &limits())) {
                Ok(loaded) => {
                    let is_line = matches!(loaded.scenario, Scenario::Tandem(_));
                    prop_assert!(is_line);
                    taken.set((good + 1, bad));
                }
                Err(error) => {
                    prop_assert!(!error.plain().is_empty());
                    taken.set((good, bad + 1));
                }
            }
            Ok(())
        })
        .unwrap();
    let (good, bad) = taken.get();
    assert!(
        good > 0 && bad > good,
        "{good} read, {bad} refused: nothing was tried"
    );
    worst.judge("traces");
}
