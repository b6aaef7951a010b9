//! Starting without a file: shipped scenarios by name, copies of them, a scenario from stdin.

use super::cli::{bakery, filas, told};
use filas::scenario::shipped::SHIPPED;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Stdout, stderr and exit code of a command run in this folder.
fn told_in(folder: &Path, words: &[&str], stdin: &str) -> (String, String, i32) {
    let output = filas(words)
        .current_dir(folder)
        .write_stdin(stdin)
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

/// The digest of a command run in this folder.
fn digest(folder: &Path, words: &[&str], stdin: &str) -> String {
    let words = [words, &["--format", "json"]].concat();
    let (out, err, code) = told_in(folder, &words, stdin);
    assert_eq!(code, 0, "{words:?}: {err}");
    let found: Value = serde_json::from_str(&out).unwrap();
    found["digest"].as_str().unwrap().to_owned()
}

#[test]
fn every_scenario_in_the_folder_comes_with_the_program_and_stands_on_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<String> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut shipped: Vec<String> = SHIPPED.iter().map(|shipped| shipped.file()).collect();
    shipped.sort();
    assert_eq!(files, shipped, "a scenario that ships reads no other file");
}

#[test]
fn a_list_of_the_shipped_scenarios_says_what_each_asks_in_80_columns() {
    let (list, err, code) = told(&["new"]);
    assert_eq!((err.as_str(), code), ("", 0));
    let words: Vec<&str> = list.split_whitespace().collect();
    let words = words.join(" ");
    for shipped in SHIPPED {
        let (name, model, question) = (shipped.name, shipped.model(), shipped.question());
        assert!(question.ends_with('?'), "{name}");
        assert!(
            words.contains(&format!("{name} {model} {question}")),
            "{name} in {list}"
        );
    }
    assert!(
        list.lines().all(|line| line.chars().count() <= 80),
        "{list}"
    );
}

#[test]
fn a_new_scenario_is_the_shipped_one_and_runs_where_it_was_written() {
    let place = tempfile::tempdir().unwrap();
    for shipped in SHIPPED {
        let name = shipped.name;
        let (out, err, code) = told_in(place.path(), &["new", name], "");
        assert_eq!((out, code), (format!("{name}.toml\n"), 0), "{err}");
        assert_eq!(err, format!("run it with: filas run {name}.toml\n"));
        let written = fs::read_to_string(place.path().join(out_file(name))).unwrap();
        assert_eq!(written, shipped.text);
        let (_, err, code) = told_in(place.path(), &["check", &out_file(name)], "");
        assert_eq!(code, 0, "{err}");
    }
    let by_file = digest(place.path(), &["run", "clinic.toml"], "");
    assert_eq!(digest(place.path(), &["run", "clinic"], ""), by_file);
}

fn out_file(name: &str) -> String {
    format!("{name}.toml")
}

#[test]
fn a_new_scenario_goes_where_it_is_told_and_never_over_a_file() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::create_dir(at("mine")).unwrap();
    fs::write(at("clinic.toml"), "mine").unwrap();
    fs::write(at("other.toml"), "mine too").unwrap();
    for words in [
        &["new", "clinic"][..],
        &["new", "clinic", "other.toml"],
        &["new", "desk", "clinic.toml"],
    ] {
        let (out, err, code) = told_in(place.path(), words, "");
        assert_eq!((out.as_str(), code), ("", 2), "{words:?}");
        assert!(
            err.contains("is there already") && err.contains("name another file"),
            "{err}"
        );
    }
    assert_eq!(fs::read_to_string(at("clinic.toml")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(at("other.toml")).unwrap(), "mine too");
    let (out, _, code) = told_in(place.path(), &["new", "clinic", "mine"], "");
    assert_eq!((out.as_str(), code), ("mine/clinic.toml\n", 0));
    let (out, _, code) = told_in(place.path(), &["new", "clinic", "line.toml"], "");
    assert_eq!((out.as_str(), code), ("line.toml\n", 0));
    let (out, err, code) = told_in(place.path(), &["new", "clinic", "-"], "");
    assert_eq!((err.as_str(), code), ("", 0));
    assert_eq!(out, fs::read_to_string(at("line.toml")).unwrap());
    let left = fs::read_dir(place.path()).unwrap().count();
    assert_eq!(left, 4, "no draft stays behind");
}

#[test]
fn every_command_that_takes_a_scenario_takes_a_name_or_the_desk_for_none() {
    let place = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 6] = [
        &["run", "--set", "steps=20"],
        &["check"],
        &["theory"],
        &["replicate", "-n", "2", "--set", "steps=20"],
        &["sweep", "-n", "2", "--vary", "steps=10,20"],
        &["stress", "--schedules", "1", "--set", "steps=5"],
    ];
    for words in commands {
        let words = [words, &["--format", "json", "--quiet"]].concat();
        let (unnamed, err, code) = told_in(place.path(), &words, "");
        assert!(code == 0 || words[0] == "stress", "{words:?}: {err}");
        let named = [&words[..1], &["desk"], &words[1..]].concat();
        let (named, err, _) = told_in(place.path(), &named, "");
        if words[0] != "stress" {
            assert_eq!(named, unnamed, "{words:?}: {err}");
        }
        assert!(named.contains("atendimento"), "{words:?}: {named} {err}");
    }
    let (out, err, code) = told_in(
        place.path(),
        &["order", "two-stage", "--format", "json"],
        "",
    );
    assert!(code == 0 && out.contains("\"best\""), "{err}");
}

#[test]
fn the_best_order_of_a_desk_is_refused_with_the_lines_there_are() {
    let place = tempfile::tempdir().unwrap();
    let (_, err, code) = told_in(place.path(), &["order"], "");
    assert_eq!(code, 2);
    let lines = SHIPPED.iter().filter(|shipped| shipped.model() == "tandem");
    for line in lines {
        assert!(err.contains(&format!("`{}`", line.name)), "{err}");
    }
    assert!(!err.contains("`failover`"), "{err}");
}

#[test]
fn a_file_comes_before_a_shipped_scenario_and_a_folder_does_not() {
    let (place, file) = bakery();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("clinic")).unwrap();
    let clinic = digest(folder.path(), &["run", "clinic"], "");
    fs::copy(&file, place.path().join("clinic")).unwrap();
    let bakery = digest(place.path(), &["run", "bakery.toml"], "");
    assert_ne!(clinic, bakery);
    for word in ["clinic", "./clinic"] {
        assert_eq!(digest(place.path(), &["run", word], ""), bakery);
    }
    // A name that looks like a path is treated as a path.
    let (_, err, code) = told_in(folder.path(), &["run", "./clinic"], "");
    assert_eq!(code, 2);
    assert!(err.contains("it is a folder"), "{err}");
}

#[test]
fn a_changed_copy_beside_the_name_of_a_shipped_scenario_is_warned_of() {
    let place = tempfile::tempdir().unwrap();
    let run = ["run", "two-stage", "--set", "horizon.customers=2000"];
    told_in(place.path(), &["new", "two-stage"], "");
    let (_, err, _) = told_in(place.path(), &run, "");
    assert!(!err.contains("warning"), "{err}");
    let file = place.path().join("two-stage.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("seed", "# seed")).unwrap();
    let (_, err, code) = told_in(place.path(), &run, "");
    assert_eq!(code, 0);
    assert!(
        err.contains("warning: `two-stage` is the shipped scenario")
            && err.contains("`two-stage.toml`"),
        "{err}"
    );
}

#[test]
fn a_name_that_is_neither_is_refused_with_the_nearest_of_both() {
    let (place, _) = bakery();
    for (word, near) in [
        ("clinc", "did you mean `clinic`?"),
        ("bakry.toml", "did you mean `bakery.toml`?"),
        ("bakerx", "did you mean `bakery`?"),
        ("clinic.toml", "did you mean `clinic`?"),
        ("call-center", "did you mean `call-centre`?"),
        ("xyz", "shipped are `desk`, `clinic`"),
        ("no/such.toml", "shipped are `desk`, `clinic`"),
    ] {
        let (out, err, code) = told_in(place.path(), &["run", word], "");
        assert_eq!((out.as_str(), code), ("", 2), "{word}");
        let both = format!("there is no file `{word}`, and no shipped scenario of that name");
        assert!(err.contains(&both) && err.contains(near), "{err}");
        assert!(err.contains("`filas new`"), "{err}");
    }
    let elsewhere = format!("{}/bakry.toml", place.path().display());
    let (_, err, _) = told(&["check", &elsewhere]);
    let near = format!("did you mean `{}/bakery.toml`?", place.path().display());
    assert!(err.contains(&near), "{err}");
    let (_, err, code) = told(&["new", "clinc"]);
    assert_eq!(code, 2);
    assert!(err.contains("'clinic'"), "{err}");
}

#[test]
fn a_scenario_from_stdin_is_the_same_scenario_and_its_results_say_how_to_make_them_again() {
    let (place, file) = bakery();
    let text = fs::read_to_string(&file).unwrap();
    let expected = digest(place.path(), &["run", &file], "");
    assert_eq!(digest(place.path(), &["run", "-"], &text), expected);
    digest(place.path(), &["run", "-", "--out", "found"], &text);
    assert_eq!(again(&place.path().join("found")), expected);
    let (_, err, code) = told_in(place.path(), &["check", "-"], "model = \"tandem\"\nx = 1\n");
    assert_eq!(code, 2);
    assert!(err.contains("stdin:2:1"), "{err}");
    let (_, err, code) = told_in(place.path(), &["check", "-"], "");
    assert!(code == 2 && err.contains("stdin"), "{err}");
}

/// The digest of the results reproduced by the command in a folder's manifest.
fn again(folder: &Path) -> String {
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let command = manifest["reproduce"].as_str().unwrap();
    let program = env!("CARGO_BIN_EXE_filas");
    let script = format!("filas() {{ '{program}' \"$@\"; }}; {command} --format json");
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}: {err}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    found["digest"].as_str().unwrap().to_owned()
}

const TRACED: &str = r#"
model = "tandem"
arrivals = { interarrival = { exponential = { mean = 2.0 } } }
horizon = { customers = 200 }
stages = [ { name = "counter", service = { empirical = { file = "times.csv", column = "t" } } } ]
"#;

#[test]
fn a_scenario_from_stdin_reads_its_files_from_the_current_folder() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("times.csv"), "t\n1.0\n1.5\n2.5\n").unwrap();
    fs::write(place.path().join("traced.toml"), TRACED).unwrap();
    let by_file = digest(place.path(), &["run", "traced.toml"], "");
    assert_eq!(digest(place.path(), &["run", "-"], TRACED), by_file);
    let studies: [&[&str]; 3] = [
        &["run", "-"],
        &["replicate", "-", "-n", "3"],
        &["sweep", "-", "-n", "3", "--vary", "horizon.customers=50,60"],
    ];
    for words in studies {
        let out = place.path().join(words[0]);
        let words = [words, &["--out", out.to_str().unwrap()]].concat();
        let found = digest(place.path(), &words, TRACED);
        assert_eq!(again(&out), found, "{words:?}");
    }
    let on = [
        "replicate",
        "-",
        "--on",
        "parallel",
        "--dry-run",
        "--out",
        "shards",
    ];
    let (_, err, code) = told_in(place.path(), &on, TRACED);
    assert_eq!(code, 2);
    assert!(
        err.contains("`times.csv`") && err.contains("save it"),
        "{err}"
    );
}

#[test]
fn studies_of_a_name_and_of_stdin_are_sharded_resumed_and_merged() {
    let (place, file) = bakery();
    let text = fs::read_to_string(&file).unwrap();
    for (word, stdin) in [("two-stage", ""), ("-", text.as_str())] {
        let study = [
            "replicate",
            word,
            "-n",
            "4",
            "--set",
            "horizon.customers=3000",
        ];
        let alone = digest(place.path(), &study, stdin);
        for shard in ["1/2", "2/2"] {
            let out = format!("of{word}-{}", &shard[..1]);
            let words = [&study[..], &["--shard", shard, "--out", &out]].concat();
            digest(place.path(), &words, stdin);
            // It is finished, so it is only read again.
            digest(place.path(), &[&words[..], &["--resume"]].concat(), stdin);
        }
        let parts = [format!("of{word}-1"), format!("of{word}-2")];
        let merged = digest(place.path(), &["merge", &parts[0], &parts[1]], "");
        assert_eq!(merged, alone, "{word}");
    }
}

/// A GNU parallel that runs its commands one after the other.
const PARALLEL: &str = "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\nexec sh\n";

#[test]
fn a_cluster_reads_a_scenario_from_stdin_in_the_results_folder() {
    let (place, file) = bakery();
    let text = fs::read_to_string(&file).unwrap();
    let program = place.path().join("parallel");
    fs::write(&program, PARALLEL).unwrap();
    let made = std::process::Command::new("chmod")
        .arg("+x")
        .arg(&program)
        .status();
    assert!(made.unwrap().success());
    let study = ["replicate", "-", "-n", "4", "--format", "json"];
    let (alone, _, _) = told_in(place.path(), &study, &text);
    let on = ["--on", "parallel", "--shards", "2", "--out", "found"];
    let path = std::env::var("PATH").unwrap();
    let output = filas(&[&study[..], &on].concat())
        .current_dir(place.path())
        .env("PATH", format!("{}:{path}", place.path().display()))
        .write_stdin(text)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{err}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), alone);
    assert!(!place.path().join("found/shards").exists());
}

#[test]
fn bash_completes_the_names_of_scenarios_and_files() {
    let (place, _) = bakery();
    let (script, _, code) = told(&["completions", "bash"]);
    assert_eq!(code, 0);
    let complete = |words: &[&str]| {
        let last = words.len() - 1;
        let call = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={last}\n\
             _filas_or_scenario filas '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last],
            words[last - 1]
        );
        let output = std::process::Command::new("bash")
            .args(["--norc", "-c", &call])
            .current_dir(place.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["filas", "run", "cl"]), ["clinic"]);
    assert_eq!(
        complete(&["filas", "theory", "b"]),
        ["bakery", "buffers", "bakery.toml"]
    );
    assert_eq!(complete(&["filas", "new", "original-d"]), ["original-desk"]);
    assert!(complete(&["filas", "run", "--chann"]).contains(&"--channel-capacity".to_owned()));
    assert!(complete(&["filas", "run", "--engine", "a"]).contains(&"auto".to_owned()));
    assert!(complete(&["filas", "repl"]).contains(&"replicate".to_owned()));
}

#[test]
fn completions_of_every_shell_know_the_shipped_scenarios_where_one_may_stand() {
    // `run`, `check`, `theory`, `stress`, `replicate`, `sweep`, `order` and `find` take a scenario, `compare` two, `new` the
    // name of one.
    for (shell, mark, times) in [
        ("zsh", ":_filas_scenarios' \\", 10),
        ("fish", " new\" -a \"desk clinic call-centre", 1),
        ("powershell", "[CompletionResult]::new('clinic',", 10),
        ("elvish", "cand clinic '", 10),
    ] {
        let (script, _, code) = told(&["completions", shell]);
        assert_eq!(code, 0);
        assert_eq!(script.matches(mark).count(), times, "{shell}");
        assert!(script.contains("original-line"), "{shell}");
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("man1");
    let (listed, err, code) = told(&["man", folder.to_str().unwrap()]);
    assert_eq!((err.as_str(), code), ("", 0));
    let (help, _, _) = told(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(commands.len() >= 15, "{commands:?}");
    for command in &commands {
        let page = fs::read_to_string(folder.join(format!("filas-{command}.1"))).unwrap();
        assert!(
            page.contains(".TH filas-") && page.contains(".SH SYNOPSIS"),
            "{page}"
        );
    }
    let (page, _, _) = told(&["man"]);
    assert_eq!(fs::read_to_string(folder.join("filas.1")).unwrap(), page);
    assert_eq!(listed.lines().count(), commands.len() + 1);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), commands.len() + 1);
}

#[test]
fn a_long_run_is_done_in_one_thread_and_its_first_line_says_so() {
    let long = ["run", "--set", "steps=36000"];
    let (out, _, code) = told(&long);
    assert_eq!(code, 0);
    assert!(
        out.lines().next().unwrap().contains(" · inline (auto)"),
        "{out}"
    );
    let place = tempfile::tempdir().unwrap();
    let engine = |words: &[&str]| {
        let words = [words, &["--format", "json"]].concat();
        let found: Value = serde_json::from_str(&told(&words).0).unwrap();
        (found["engine"].clone(), found["digest"].clone())
    };
    let (auto, digest) = engine(&long);
    assert_eq!(auto, "inline");
    assert!(out.contains(digest.as_str().unwrap()));
    assert_eq!(engine(&["run"]).0, "threads");
    assert_eq!(engine(&["run", "--engine", "inline"]).0, "inline");
    assert_eq!(engine(&["replicate", "-n", "2"]).0, "inline");
    let out = place.path().join("out");
    engine(
        &[
            &long[..],
            &["--tables", "none", "--out", out.to_str().unwrap()],
        ]
        .concat(),
    );
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(
        manifest.contains("filas run scenario.toml --engine inline"),
        "{manifest}"
    );
}
