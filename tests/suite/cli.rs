//! The command line as scripts see it: exit codes, stdout and stderr, files on disk.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

const LINE: &str = r#"
model = "tandem"
name = "bakery"
seed = 11
time_unit = "min"
[arrivals]
interarrival = { exponential = { mean = 2.0 } }
[horizon]
customers = 500
[[stages]]
name = "counter"
service = { exponential = { mean = 1.5 } }
[[stages]]
name = "till"
servers = 2
service = { uniform = { low = 0.5, high = 3.0 } }
"#;

pub(crate) fn filas(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filas"));
    command
        .args(words)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR");
    command
}

/// A folder with the bakery in it, and the path of the bakery.
pub(crate) fn bakery() -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("bakery.toml");
    fs::write(&file, LINE).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (place, file)
}

/// Stdout, stderr and exit code of a command.
pub(crate) fn told(words: &[&str]) -> (String, String, i32) {
    let output = filas(words).output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

pub(crate) fn json(words: &[&str]) -> Value {
    let (out, err, code) = told(words);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).expect("stdout is one JSON document")
}

#[test]
fn json_on_stdout_is_the_summary_in_the_order_of_the_contract() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let (stdout, _, code) = told(&[
        "run",
        &file,
        "--format",
        "json",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, 0);
    assert_eq!(
        stdout,
        fs::read_to_string(out.join("summary.json")).unwrap()
    );
    let mut from = 0;
    for key in [
        "filas",
        "model",
        "name",
        "time_unit",
        "seed",
        "engine",
        "digest",
        "interrupted",
        "clock",
        "throughput",
        "customers",
        "waiting",
        "service",
        "blocked",
        "sojourn",
        "queues_joined",
        "idle_time",
        "queue_length_max",
        "lost",
        "stages",
    ] {
        let at = stdout[from..].find(&format!("\n  \"{key}\":"));
        from += at.unwrap_or_else(|| panic!("`{key}` is missing or out of order"));
    }
    let summary: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(summary["name"], "bakery");
    assert_eq!(summary["customers"]["arrived"], 500);
    assert_eq!(summary["interrupted"], false);
}

#[test]
fn a_number_in_json_reads_back_to_the_same_bits() {
    let (_place, file) = bakery();
    let (out, _, _) = told(&["run", &file, "--format", "json"]);
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        serde_json::to_string_pretty(&summary).unwrap().len() + 1,
        out.len()
    );
    assert!(!out.contains("NaN") && !out.contains("inf"));
}

#[test]
fn both_engines_and_every_channel_and_chunk_give_one_digest() {
    let (_place, file) = bakery();
    let digest = |words: &[&str]| {
        let mut all = vec!["run", file.as_str(), "--format", "json"];
        all.extend(words);
        json(&all)["digest"].clone()
    };
    let expected = digest(&["--engine", "inline"]);
    assert_eq!(digest(&["--engine", "threads"]), expected);
    assert_eq!(
        digest(&["--channel-capacity", "0", "--chunk", "1"]),
        expected
    );
    assert_ne!(digest(&["--seed", "12"]), expected);
    assert_ne!(digest(&["--set", "stages.1.servers=3"]), expected);
}

#[test]
fn without_a_file_the_desk_runs() {
    let summary = json(&["run", "--format", "json", "--engine", "inline"]);
    assert_eq!(summary["model"], "desk");
    let (out, _, code) = told(&["run"]);
    assert_eq!(code, 0);
    assert!(out.contains(summary["digest"].as_str().unwrap()));
    let too_wide = out.lines().find(|line| line.chars().count() > 100);
    assert_eq!(too_wide, None);
}

#[test]
fn the_text_is_ascii_where_the_locale_is_and_never_coloured_in_a_pipe() {
    let (_place, file) = bakery();
    for words in [vec!["run"], vec!["run", &file]] {
        let output = filas(&words).env("LC_ALL", "C").output().unwrap();
        assert!(
            output.stdout.is_ascii(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        let unicode = filas(&words).output().unwrap().stdout;
        assert!(!unicode.is_ascii());
        assert!(!unicode.contains(&0x1b));
    }
}

#[test]
fn bad_usage_and_bad_scenarios_are_refused_and_nothing_is_written() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let bad: &[&[&str]] = &[
        &["run", "--no-such-option"],
        &["run", &file, "--set", "no-equals-sign"],
        &["run", &file, "--set", "stages.0.servrs=2"],
        &["run", &file, "--engine", "steam"],
        &["run", &file, "--tables", "csv"],
        &["run", &file, "--log", "debgu"],
        &["run", &file, "--chunk", "0"],
        &["run", &file, "--max-events", "10"],
        &["run", "no-such-file.toml"],
        &["check", "no-such-scenario"],
        &["no-such-command"],
    ];
    for words in bad {
        let out_words = ["--out", out.to_str().unwrap()];
        let with_out: Vec<&str> = match words.first() {
            Some(&"run") if !words.contains(&"--tables") => [*words, &out_words[..]].concat(),
            _ => words.to_vec(),
        };
        let (stdout, err, code) = told(&with_out);
        assert_eq!(code, 2, "{words:?}: {err}");
        assert_eq!(stdout, "", "{words:?}");
        assert!(!err.is_empty(), "{words:?}");
        assert!(!out.exists(), "{words:?} wrote something");
    }
}

#[test]
fn a_wrong_key_is_named_with_its_place_and_the_nearest_name() {
    let (place, _) = bakery();
    let file = place.path().join("wrong.toml");
    fs::write(&file, LINE.replace("servers = 2", "severs = 2")).unwrap();
    let (_, err, code) = told(&["run", file.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("wrong.toml:15:1"), "{err}");
    assert!(
        err.contains("severs = 2") && err.contains("`servers`"),
        "{err}"
    );
    assert!(!err.contains('\x1b'));
}

#[test]
fn help_and_version_go_to_stdout_and_end_well() {
    for words in [
        &["--help"][..],
        &["--version"],
        &["run", "--help"],
        &["help", "check"],
    ] {
        let (out, err, code) = told(words);
        assert_eq!((err.as_str(), code), ("", 0), "{words:?}");
        assert!(!out.is_empty());
    }
}

#[test]
fn check_prints_a_scenario_that_is_the_same_scenario() {
    let (place, file) = bakery();
    let (text, _, code) = told(&["check", &file]);
    assert_eq!(code, 0);
    let again = place.path().join("again.toml");
    fs::write(&again, &text).unwrap();
    let digest = |file: &str| json(&["run", file, "--format", "json"])["digest"].clone();
    assert_eq!(digest(again.to_str().unwrap()), digest(&file));
    let document = json(&["check", &file, "--format", "json"]);
    assert_eq!(document["scenario"]["stages"][0]["servers"], 1);
    assert!(document["estimate"]["events"].as_u64().unwrap() > 0);
}

#[test]
fn check_says_the_load_of_each_stage_station_and_server() {
    let loads = |scenario: &str, more: &[&str]| -> Vec<(String, Option<f64>)> {
        let document = json(&[&["check", scenario, "--format", "json", "--quiet"], more].concat());
        let loads = document["loads"].as_array().unwrap().iter();
        loads
            .map(|one| {
                (
                    one["name"].as_str().unwrap().to_owned(),
                    one["load"].as_f64(),
                )
            })
            .collect()
    };
    let is = |found: &[(String, Option<f64>)], wanted: &[(&str, f64)]| {
        assert_eq!(found.len(), wanted.len());
        for ((name, load), (known, value)) in found.iter().zip(wanted) {
            assert_eq!(name, known);
            assert!(
                (load.unwrap() - value).abs() < 1e-9,
                "{name}: {load:?}, not {value}"
            );
        }
    };
    // One comes every 4 min; times between are drawn, and so are services, of means 3, 14 and 6 min.
    is(
        &loads("clinic", &[]),
        &[
            ("triage", 3.0 / 4.0),
            ("consultation", 14.0 / 16.0),
            ("pharmacy", 6.0 / 8.0),
        ],
    );
    // What is scrapped at one stage does not come to the next.
    is(
        &loads("clinic", &["--set", "stages.triage.scrap=0.2"]),
        &[
            ("triage", 3.0 / 4.0),
            ("consultation", 0.8 * 14.0 / 16.0),
            ("pharmacy", 0.8 * 6.0 / 8.0),
        ],
    );
    // 15 requests a step, half of each class: 11.25 steps of work for 15 attendants with the skill, and 7.5 for 13 of
    // the other; attendants are up 10 steps of 12.
    let (technical, sales, up) = (7.5 * 1.5 / 15.0, 7.5 / 13.0, 10.0 / 12.0);
    let server = |first: f64, second: f64, both: f64| {
        (first * technical + second * sales + both * (technical + sales))
            / (first + second + both)
            / up
    };
    let wanted = [
        ("A", server(2.0, 2.0, 1.0)),
        ("B", server(3.0, 2.0, 2.0)),
        ("C", server(4.0, 3.0, 3.0)),
    ];
    is(&loads("desk", &[]), &wanted);
    let all: f64 = wanted
        .iter()
        .zip([5.0, 7.0, 10.0])
        .map(|((_, load), count)| load * count * up)
        .sum();
    assert!(
        (all - 18.75).abs() < 1e-9,
        "no work is counted twice or forgotten: {all}"
    );
    // Where nobody comes from outside, or whoever comes is served at once, there is none.
    assert!(
        loads("web-service", &[])
            .iter()
            .all(|(_, load)| load.is_none())
    );
    let unlimited = loads("clinic", &["--set", "stages.triage.servers=\"unlimited\""]);
    assert_eq!(unlimited[0], ("triage".to_owned(), None));
    let (text, _, _) = told(&["check", "clinic"]);
    assert_eq!(
        text.lines().nth(1),
        Some("# load: triage 0.75, consultation 0.88, pharmacy 0.75")
    );
    let (text, _, _) = told(&["check", "original-line"]);
    let comments = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .skip(1);
    let whole = |line: &str| {
        line.trim_end_matches(',')
            .ends_with(|c: char| c.is_ascii_digit())
            && line.len() <= 100
    };
    assert!(comments.clone().count() > 5 && comments.clone().all(whole));
}

#[test]
fn the_schema_is_json_and_completions_know_the_commands() {
    assert!(json(&["schema"]).is_object());
    for shell in ["bash", "zsh", "fish"] {
        let (out, _, code) = told(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("channel-capacity"));
    }
}

#[test]
fn warnings_go_to_stderr_and_quiet_silences_them() {
    let (_place, file) = bakery();
    let words = [
        "run",
        &file,
        "--set",
        "stages.0.service={exponential={mean=9.0}}",
    ];
    let (out, err, code) = told(&words);
    assert_eq!(code, 0);
    assert!(err.starts_with("warning: "), "{err}");
    assert!(!out.contains("warning"));
    let (quiet, err, _) = told(&[&words[..], &["--quiet"]].concat());
    assert_eq!(err, "");
    assert!(quiet.contains("digest") && !quiet.contains("filas run"));
}

#[test]
fn a_log_shows_logical_time_and_only_what_the_filter_lets_through() {
    let (place, file) = bakery();
    let (_, err, _) = told(&["run", &file]);
    assert_eq!(err, "", "silent unless asked");
    let log = place.path().join("log.json");
    let log = log.to_str().unwrap();
    let words = [
        "run",
        &file,
        "--engine",
        "inline",
        "--log",
        "debug,customer=17",
    ];
    let to_file = ["--log-format", "json", "--log-file", log];
    let (_, err, code) = told(&[&words[..], &to_file].concat());
    assert_eq!((err.as_str(), code), ("", 0));
    let text = fs::read_to_string(log).unwrap();
    assert!(text.lines().count() >= 4);
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["customer"], 17);
        assert!(event["time"].is_number() && event["timestamp"].is_null());
    }
    let (out, err, _) = told(&words);
    assert!(err.lines().count() >= 4 && err.lines().all(|line| line.contains(" #17 ")));
    assert!(!out.contains(" #17 "));
}

#[test]
fn a_log_term_that_this_run_has_no_event_for_is_refused_with_those_it_has() {
    let (folder, bakery) = bakery();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let refused = |scenario: &str, filter: &str| {
        let (said, error, code) = told(&["run", scenario, "--out", out, "--log", filter]);
        assert_eq!((said.as_str(), code), ("", 2), "{filter}");
        assert!(!Path::new(out).exists(), "{filter}");
        error
    };
    for (scenario, filter, parts) in [
        (
            bakery.as_str(),
            "debug,filas::attendant=debug",
            [
                "`filas::attendant=debug` matches no event of a tandem",
                "allowed here: `filas`, `filas::cli`, `filas::line`",
            ],
        ),
        (
            bakery.as_str(),
            "attendant=B-3",
            [
                "`attendant=B-3` matches no event of a tandem",
                "`stage`, `customer`",
            ],
        ),
        (
            bakery.as_str(),
            "stage=countre",
            [
                "`stage=countre` matches no event of bakery",
                "did you mean `counter`?",
            ],
        ),
        (
            "desk",
            "filas::line",
            [
                "`filas::line` matches no event of a desk",
                "`filas::supervisor`",
            ],
        ),
        (
            "desk",
            "info,attendant=B-99",
            [
                "`attendant=B-99` matches no event of atendimento",
                "allowed here: `A-1`",
            ],
        ),
        (
            "desk",
            "class=tecnico",
            [
                "`class=tecnico` matches no event",
                "did you mean `tecnica`?",
            ],
        ),
    ] {
        let error = refused(scenario, filter);
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    }
    for filter in [
        "info",
        "filas=debug",
        "filas::cli=warn,filas::line=debug,customer=17,server=1",
    ] {
        assert_eq!(told(&["run", &bakery, "--log", filter]).2, 0, "{filter}");
    }
}

#[test]
fn the_schema_says_what_a_name_is_and_that_an_exponential_has_one_parameter() {
    let schema = json(&["schema"]);
    let definitions = &schema["$defs"];
    for named in ["Class", "Server", "Stage", "DeskFile", "TandemFile"] {
        let pattern = &definitions[named]["properties"]["name"]["pattern"];
        assert!(pattern.is_string(), "{named}");
    }
    let laws = definitions["Law"]["oneOf"].as_array();
    let exponential = laws
        .expect("a law is one of several")
        .iter()
        .find_map(|law| law["properties"].get("exponential"))
        .expect("there is an exponential law");
    assert_eq!(exponential["minProperties"], 1);
    assert_eq!(exponential["maxProperties"], 1);
}

#[test]
fn a_number_that_is_none_is_refused_with_the_numbers_that_are_allowed() {
    let (_place, file) = bakery();
    let seeds = "from 0 to 18446744073709551615";
    for (words, part) in [
        (
            ["replicate", &file, "-n", "abc"],
            "a whole number from 1 to",
        ),
        (["replicate", &file, "-n", "-1"], "a whole number from 1 to"),
        (["run", &file, "--seed", "18446744073709551616"], seeds),
        (["run", &file, "--seed", "-1"], seeds),
        (["run", &file, "--metrics", "nonsense"], "127.0.0.1:9184"),
    ] {
        let (out, err, code) = told(&words);
        assert_eq!((out.as_str(), code), ("", 2), "{err}");
        assert!(err.contains(part), "{words:?}: {err}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named_without_temporary_names() {
    let (place, file) = bakery();
    let nowhere = place.path().join("nowhere");
    let timeline = nowhere.join("t.json");
    let (_, err, code) = told(&["run", &file, "--timeline", timeline.to_str().unwrap()]);
    assert_eq!(code, 1, "{err}");
    let part = format!("there is no folder {}", nowhere.display());
    assert!(err.contains(&part) && !err.contains(".part"), "{err}");
}

#[test]
fn errors_of_a_call_from_another_program_have_no_words_of_the_command_line() {
    use filas::cli::call::{Handle, call};
    let refused = |command: &str, words: &[&str]| {
        let words = words.iter().map(Into::into).collect();
        let called = call(&Handle::new(), command, words, Vec::new());
        assert_eq!(called.exit as u8, 2);
        called.error.unwrap()
    };
    assert_eq!(
        refused("run", &["clinic", "--nonsense=3"]),
        "`run` has no argument `nonsense`"
    );
    assert_eq!(
        refused("replicate", &["clinic", "--meassure=waiting.mean"]),
        "`replicate` has no argument `meassure`; did you mean `measure`?"
    );
    let error = refused("replicate", &["clinic", "--replications=0"]);
    assert!(
        error.contains("a whole number from 1 to") && !error.contains("--help"),
        "{error}"
    );
}
