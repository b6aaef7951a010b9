//! House rules that the compiler does not check, applied to every source file.
//!
//! Imports go down the floors only; some words may not name a module; some calls may be used in one
//! place only. The checker is itself tested on planted faults, so that it cannot stop working
//! unnoticed.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of each floor, from the ground up. A module imports from its own floor and below; the
/// two models never import each other.
const FLOORS: [&[&str]; 9] = [
    &[
        "date", "time", "random", "actor", "stats", "theory", "digest", "lanes", "number",
        "problem", "planted",
    ],
    &["scenario"],
    &["station"],
    &["lockstep"],
    MODELS,
    &["model"],
    &["study", "stress", "fit"],
    &["report", "observe", "serve"],
    &["cli"],
];

/// The models, which never import each other.
const MODELS: &[&str] = &["desk", "tandem"];

/// Module names that say nothing about their contents.
const EMPTY_NAMES: [&str; 7] = [
    "util", "utils", "common", "types", "traits", "helpers", "prelude",
];

/// A text that may occur in few places only: the text, the allowed places (a path or its
/// beginning), and the reason.
struct Banned {
    text: &'static str,
    home: &'static [&'static str],
    why: &'static str,
}

/// The places that may match on a scenario's model.
const CHOOSERS: &[&str] = &["scenario/", "model/"];

/// The places that may match on a model, one for each thing that differs by model: a closed form, a room, a
/// trace, tables, a text. (The `model` key of a scenario file has the same name.)
const RENDERERS: &[&str] = &[
    "model/",
    "scenario/",
    "study/closed_form/mod.rs",
    "observe/room/mod.rs",
    "observe/timeline/mod.rs",
    "report/tables/mod.rs",
    "cli/text/mod.rs",
    "study/answer/run.rs",
];

const BANNED: [Banned; 20] = [
    Banned {
        text: "unsafe {",
        home: &["lanes.rs"],
        why: "the processor is asked for its instructions in one file",
    },
    Banned {
        text: "crossbeam_channel",
        home: &["actor/channel.rs"],
        why: "channels are made in one file",
    },
    Banned {
        text: "mpsc",
        home: &[],
        why: "channels are made in actor/channel.rs",
    },
    Banned {
        text: "std::thread",
        home: &["actor/", "observe/", "serve/", "report/publish.rs", "cli/"],
        why: "models know no thread",
    },
    Banned {
        // Concatenated from two parts, or this file would be a fault itself.
        text: concat!("thread::sl", "eep"),
        home: &["actor/channel.rs"],
        why: "nothing here waits for time to pass, but a thread that is held back on purpose",
    },
    Banned {
        text: "rayon",
        home: &["study/", "planted.rs"],
        why: "results are folded in order",
    },
    Banned {
        text: "Instant::now",
        home: &[
            "actor/channel.rs",
            "study/",
            "stress/",
            "report/",
            "observe/",
            "serve/",
            "cli/",
        ],
        why: "a result knows no wall clock",
    },
    Banned {
        text: "SystemTime::now",
        home: &["report/", "observe/", "serve/", "cli/"],
        why: "a result knows no wall clock",
    },
    Banned {
        text: "HashMap",
        home: &["planted.rs", "report/", "observe/", "serve/", "cli/"],
        why: "its order is chance",
    },
    Banned {
        text: "HashSet",
        home: &["planted.rs", "report/", "observe/", "serve/", "cli/"],
        why: "its order is chance",
    },
    Banned {
        text: "powf",
        home: &["fit/", "theory/", "study/", "random/laws/", "report/"],
        why: "its last bit differs from one build to the next",
    },
    Banned {
        text: "println!",
        home: &["cli/"],
        why: "only the command line speaks",
    },
    Banned {
        text: "select!",
        home: &[],
        why: "an actor names the one input it wants",
    },
    Banned {
        text: "try_recv",
        home: &["actor/channel.rs"],
        why: "an actor names the one input it wants; under stress its thread looks whether it is there",
    },
    Banned {
        text: "Scenario::Desk",
        home: CHOOSERS,
        why: "a scenario's model is chosen in model/: ask it, or `line()` and `desk()`",
    },
    Banned {
        text: "Scenario::Tandem",
        home: CHOOSERS,
        why: "a scenario's model is chosen in model/: ask it, or `line()` and `desk()`",
    },
    Banned {
        text: "Model::Line",
        home: RENDERERS,
        why: "the model is asked, not matched on",
    },
    Banned {
        text: "Model::Desk",
        home: RENDERERS,
        why: "the model is asked, not matched on",
    },
    Banned {
        text: "tracing",
        home: &[
            "observe/log.rs",
            "observe/log/",
            "cli/stop.rs",
            "cli/options.rs",
        ],
        why: "events are worded in observe/log/sentence.rs, from records",
    },
    Banned {
        text: "StdRng",
        home: &[],
        why: "its algorithm may change under us",
    },
];

/// The faults of one file of `src/`, named by its path from there.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push(format!(
            "{path}: does not open by saying what it is (`//!`)"
        ));
    }
    for name in path.trim_end_matches(".rs").split('/') {
        if EMPTY_NAMES.contains(&name) {
            faults.push(format!("{path}: `{name}` names nothing"));
        }
    }
    let home = path
        .split('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs");
    for (index, line) in text.lines().enumerate() {
        let at = format!("{path}:{}", index + 1);
        // Concatenated from two parts, or this file would find itself.
        if line.contains(concat!("TO", "DO")) || line.contains(concat!("FIX", "ME")) {
            faults.push(format!("{at}: something is left to do"));
        }
        let code = code(line);
        for banned in BANNED
            .iter()
            .filter(|banned| contains_word(code, banned.text))
        {
            if !banned.home.iter().any(|home| path.starts_with(home)) {
                faults.push(format!("{at}: `{}` here, but {}", banned.text, banned.why));
            }
        }
        for module in imports(code) {
            if !may_import(home, module) {
                faults.push(format!(
                    "{at}: `{home}` imports `{module}`, which is not below it"
                ));
            }
        }
    }
    faults
}

/// A line without its comment.
fn code(line: &str) -> &str {
    match line.find("//") {
        // Two slashes in a text, as in an address, do not begin a comment.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    }
}

/// Whether `word` occurs in `text` as a whole word.
fn contains_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// The modules of this crate that a line names by `crate::NAME` or `crate::{NAME..., NAME...}`.
fn imports(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => outermost(group),
            None => vec![rest],
        };
        found.extend(names.into_iter().map(|name| {
            let name = name.trim_start();
            let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            &name[..end.unwrap_or(name.len())]
        }));
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The parts of `a::{b, c}, d::e}` that are not inside inner braces.
fn outermost(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[from..at]);
                return parts;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[from..]);
    parts
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn may_import(home: &str, module: &str) -> bool {
    // A name that is no module would be an item at the root or a macro: there are none, so it is a
    // fault.
    let Some(below) = floor(module) else {
        return false;
    };
    match floor(home) {
        Some(above) => {
            home == module || (above >= below && FLOORS[above] != MODELS) || above > below
        }
        // lib.rs and main.rs are above all floors.
        None => matches!(home, "lib" | "main"),
    }
}

/// Every source file, by its path from `folder`.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut pending: Vec<PathBuf> = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the sources can be read");
            pending.extend(entries.map(|entry| entry.expect("an entry can be read").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(folder).expect("it lies in the folder");
            let text = fs::read_to_string(&path).expect("a source file is text");
            files.push((name.to_string_lossy().replace('\\', "/"), text));
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_house_is_tidy() {
    let files = sources(&root().join("src"));
    assert!(files.len() > 20, "the sources were not found");
    let faults: Vec<String> = files
        .iter()
        .flat_map(|(path, text)| faults(path, text))
        .collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_module_has_a_floor() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod "));
    for module in modules.map(|rest| rest.trim_end_matches(';')) {
        assert!(floor(module).is_some(), "`{module}` stands on no floor");
    }
}

/// A file that no other names is not compiled, and its tests never run.
#[test]
fn every_file_of_the_suite_is_named_in_it() {
    let suite = root().join("tests/suite");
    let main = fs::read_to_string(suite.join("main.rs")).unwrap();
    for (path, _) in sources(&suite) {
        let module = path.trim_end_matches(".rs");
        let named = main.lines().any(|line| line == format!("mod {module};"));
        assert!(named || module == "main" || module.contains('/'), "{path}");
    }
}

#[test]
fn tests_and_benches_say_what_they_are_and_leave_nothing_undone() {
    for folder in ["tests", "benches"] {
        for (path, text) in sources(&root().join(folder)) {
            assert!(
                text.starts_with("//!"),
                "{folder}/{path} does not say what it is"
            );
            let undone = [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("#[ig", "nore"),
            ];
            for word in undone {
                assert!(!text.contains(word), "{folder}/{path} holds `{word}`");
            }
            let sleeps = concat!("thread::sl", "eep");
            assert!(
                !text.contains(sleeps),
                "{folder}/{path} waits for time to pass"
            );
        }
    }
}

/// The paths of the repository that a text names in backticks; `NAME` stands for a name yet to be chosen.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let roots = [
        "src/",
        "tests/",
        "benches/",
        "python/",
        "docs/",
        "scenarios/",
        ".ci/",
    ];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(move |path| {
        let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-".contains(sign);
        roots.iter().any(|root| path.starts_with(root))
            && path.chars().all(is_plain)
            && !path.contains("NAME")
    })
}

#[test]
fn the_files_that_documents_name_exist() {
    assert_eq!(
        paths("`src/a.rs`, `docs/NAME.md`, `src` and `filas run`").count(),
        1
    );
    let mut named = 0;
    for document in [
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
        "benches/README.md",
        "docs/src/inside.md",
        "src/lib.rs",
    ] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for path in paths(&text) {
            assert!(root().join(path).exists(), "{document}: there is no {path}");
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}

#[test]
fn the_top_level_holds_what_the_house_says_and_nothing_else() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "clippy.toml",
        "rustfmt.toml",
        "src",
        "tests",
        "benches",
        "docs",
        "scenarios",
        "python",
        "pyproject.toml",
        // Not part of the sources: build output, and files beside it.
        "target",
    ];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "`{name}` at the top level"
        );
    }
}

#[test]
fn the_checker_sees_planted_faults() {
    let planted = [
        ("stats/tally.rs", "use crate::scenario::Tandem;"),
        ("desk/mod.rs", "use crate::tandem::Visit;"),
        ("tandem/mod.rs", "let x = crate::desk::run();"),
        ("scenario/mod.rs", "use crate::{time::Step, tandem};"),
        ("tandem/mod.rs", "use crate::report::{Draft};"),
        ("tandem/stage.rs", "use crossbeam_channel::bounded;"),
        ("tandem/stage.rs", "use std::sync::mpsc;"),
        ("desk/server.rs", "std::thread::spawn(f);"),
        ("random/law.rs", "let now = Instant::now();"),
        ("stats/tally.rs", "use std::collections::HashMap;"),
        ("stats/tally.rs", "let sd = variance.powf(0.5);"),
        ("report/summary.rs", "println!(\"done\");"),
        ("actor/threads.rs", "select! {}"),
        ("cli/run.rs", "Scenario::Desk(desk) => {}"),
        ("cli/run.rs", "Model::Desk(desk) => {}"),
        ("desk/server.rs", "tracing::debug!(\"down\");"),
        ("stats/util.rs", ""),
        ("stats/tally.rs", concat!("// TO", "DO: later")),
    ];
    for (path, line) in planted {
        let found = faults(path, &format!("//! What it is.\n{line}\n"));
        assert_eq!(found.len(), 1, "{path}: {line}: {found:?}");
    }
    assert_eq!(faults("stats/tally.rs", "use super::Tally;\n").len(), 1);
}

#[test]
fn the_checker_leaves_good_files_alone() {
    let good = [
        (
            "tandem/mod.rs",
            "use crate::{actor::{Actor, Port}, scenario::Tandem};",
        ),
        (
            "tandem/mod.rs",
            "use crate::tandem::outlet::Outlet; // not HashMap",
        ),
        ("cli/run.rs", "let clock = Instant::now();"),
        ("actor/channel.rs", "crossbeam_channel::bounded(1)"),
        ("stats/mod.rs", "let see = \"https://example.org\";"),
        ("main.rs", "use filas::cli;"),
    ];
    for (path, line) in good {
        let found = faults(path, &format!("//! What it is.\n{line}\n"));
        assert!(found.is_empty(), "{path}: {line}: {found:?}");
    }
}
