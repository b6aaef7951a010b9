//! `filas replicate`: every measure with its interval, the same for any number of workers, and a
//! precision that is reached or said not to be.

use super::cli::{bakery, json, told};
use filas::stats::Interval;
use serde_json::Value;
use std::fs;

fn replicated(file: &str, words: &[&str]) -> Value {
    let all = [&["replicate", file, "--format", "json"], words].concat();
    json(&all)
}

/// Dotted keys and numbers of a document; null becomes `None`.
fn numbers(value: &Value, key: &str, found: &mut Vec<(String, Option<f64>)>) {
    let inside = |part: &str| match key {
        "" => part.to_owned(),
        _ => format!("{key}.{part}"),
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| numbers(v, &inside(k), found)),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                numbers(value, &inside(&index.to_string()), found);
            }
        }
        Value::Number(number) => found.push((key.to_owned(), number.as_f64())),
        Value::Null => found.push((key.to_owned(), None)),
        Value::Bool(_) | Value::String(_) => {}
    }
}

fn desk() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/desk.toml").to_owned()
}

#[test]
fn one_replication_is_the_plain_run_with_every_number_of_its_summary() {
    let (_place, line) = bakery();
    for file in [line, desk()] {
        let run = json(&["run", &file, "--engine", "inline", "--format", "json"]);
        let study = replicated(&file, &["-n", "1"]);
        let mut plain = Vec::new();
        numbers(&run, "", &mut plain);
        let head = [
            "seed",
            "time_unit",
            "queue_length_max.stage",
            "idle_time.max_stage",
        ];
        plain.retain(|(key, _)| {
            let of_one_run = key.starts_with("waiting.interval");
            !head.contains(&key.as_str()) && !key.ends_with("service_level") && !of_one_run
        });
        let measures = study["measures"].as_object().unwrap();
        for (key, value) in &plain {
            assert_eq!(measures[key]["mean"].as_f64(), *value, "{key}");
        }
        assert_eq!(measures.len(), plain.len());
        assert_eq!(study["replications"], 1);
        assert_eq!(measures["waiting.mean"]["half_width"], Value::Null);
    }
}

#[test]
fn the_measures_stand_in_the_order_of_the_summary() {
    let (_place, file) = bakery();
    let (text, _, _) = told(&["replicate", &file, "-n", "2", "--format", "json"]);
    let mut from = 0;
    for key in [
        "\"replications\"",
        "\"digest\"",
        "\"measures\"",
        "\"clock\"",
        "\"throughput\"",
        "\"customers.arrived\"",
        "\"waiting.n\"",
        "\"waiting.p99\"",
        "\"stages.0.servers\"",
        "\"stages.1.queue_length.mean\"",
    ] {
        from += text[from..]
            .find(key)
            .unwrap_or_else(|| panic!("{key} out of order"));
    }
}

#[test]
fn neither_the_number_of_workers_nor_the_engine_changes_a_byte() {
    let (_place, line) = bakery();
    for file in [line, desk()] {
        let said = |words: &[&str]| {
            let all = [&["replicate", &file, "--format", "json", "-n", "9"], words].concat();
            let (text, _, code) = told(&all);
            assert_eq!(code, 0);
            text
        };
        let one = said(&["--jobs", "1"]);
        assert_eq!(one, said(&["--jobs", "2"]));
        assert_eq!(one, said(&["--jobs", "7"]));
        let threads = said(&["--engine", "threads"]);
        assert_eq!(one, threads.replace("\"threads\"", "\"inline\""));
    }
}

#[test]
fn intervals_are_those_of_the_rows_in_the_table() {
    let (place, file) = bakery();
    let out = place.path().join("study");
    let words = [
        "-n",
        "12",
        "--confidence",
        "0.9",
        "--tables",
        "both",
        "--out",
    ];
    let study = replicated(&file, &[&words[..], &[out.to_str().unwrap()]].concat());
    let mut table = csv::Reader::from_path(out.join("replications.csv")).unwrap();
    let heads = table.headers().unwrap().clone();
    assert_eq!((&heads[0], &heads[1]), ("replication", "digest"));
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 12);
    assert_eq!(&rows[11][0], "11");
    for (at, key) in heads.iter().enumerate().skip(2) {
        let cells = rows
            .iter()
            .map(|row| &row[at])
            .filter(|cell| !cell.is_empty());
        let values: Vec<f64> = cells.map(|cell| cell.parse().unwrap()).collect();
        let interval = serde_json::to_value(Interval::of(&values, 0.9)).unwrap();
        assert_eq!(study["measures"][key], interval, "{key}");
    }
    let summary = fs::read_to_string(out.join("summary.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&summary).unwrap(), study);
    for name in ["manifest.json", "scenario.toml", "replications.parquet"] {
        assert!(out.join(name).exists(), "{name}");
    }
}

#[test]
fn a_null_is_left_out_of_its_measure_and_n_says_so() {
    let (_place, file) = bakery();
    // So short that some replications have no customers.
    let study = replicated(&file, &["-n", "40", "--set", "horizon={ until = 2.0 }"]);
    let at = &study["measures"]["waiting.mean"];
    let n = at["n"].as_u64().unwrap();
    assert!(n > 0 && n < 40, "{at}");
    let deviation = replicated(&file, &["-n", "3", "--set", "horizon.customers=1"]);
    let sd = &deviation["measures"]["waiting.sd"];
    assert_eq!((&sd["n"], &sd["mean"]), (&Value::from(0), &Value::Null));
}

#[test]
fn a_precision_adds_replications_until_it_is_reached_and_not_many_more() {
    let (_place, file) = bakery();
    let words = [
        "--measure",
        "waiting.mean",
        "--measure",
        "throughput",
        "--precision",
    ];
    let study = replicated(&file, &[&words[..], &["0.05", "-n", "5"]].concat());
    let n = study["replications"].as_u64().unwrap();
    assert_eq!(study["measures"].as_object().unwrap().len(), 2);
    for key in ["waiting.mean", "throughput"] {
        let seen = &study["measures"][key];
        let (mean, half_width) = (
            seen["mean"].as_f64().unwrap(),
            seen["half_width"].as_f64().unwrap(),
        );
        assert!(half_width <= 0.05 * mean, "{seen}");
        assert_eq!(seen["n"], n);
    }
    // Asking for that number directly gives the same study; half of it is too few.
    let count = n.to_string();
    let outright = replicated(&file, &["-n", &count]);
    assert_eq!(outright["digest"], study["digest"]);
    let fewer = replicated(&file, &["-n", &(n / 2).to_string()]);
    let seen = &fewer["measures"]["waiting.mean"];
    assert!(seen["half_width"].as_f64() > seen["mean"].as_f64().map(|mean| 0.05 * mean));
}

#[test]
fn a_precision_that_cannot_be_reached_is_an_exit_of_one_that_says_so() {
    let (_place, file) = bakery();
    let words = [
        "replicate",
        &file,
        "--measure",
        "waiting.mean",
        "--precision",
        "0.0001",
    ];
    let (text, warned, code) = told(&[&words[..], &["--max", "30"]].concat());
    assert_eq!(code, 1);
    assert!(text.contains("not reached with 30 replications"), "{text}");
    assert!(warned.contains("not reached"), "{warned}");
    let (document, _, code) = told(&[&words[..], &["--max", "30", "--format", "json"]].concat());
    assert_eq!(code, 1);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["precision_reached"], Value::Bool(false));
}

#[test]
fn an_unknown_measure_is_refused_with_the_nearest_names_before_anything_runs() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let words = ["replicate", &file, "--measure", "waiting.meen", "--out"];
    let (text, error, code) = told(&[&words[..], &[out.to_str().unwrap()]].concat());
    assert_eq!((text.as_str(), code), ("", 2));
    assert!(error.contains("`waiting.mean`"), "{error}");
    assert!(!out.exists());
    for bad in [
        &["--precision", "0.1"][..],
        &["--precision", "0", "--measure", "waiting.mean"],
        &["-n", "0"],
        &["--confidence", "1"],
        &["--jobs", "0"],
        &["--max", "10"],
    ] {
        let (_, _, code) = told(&[&["replicate", &file], bad].concat());
        assert_eq!(code, 2, "{bad:?}");
    }
}

#[test]
fn the_text_answers_first_and_fits_a_hundred_columns() {
    let (_place, line) = bakery();
    for file in [line, desk()] {
        let (text, _, code) = told(&["replicate", &file, "-n", "4"]);
        assert_eq!(code, 0);
        let answer = text.lines().nth(2).unwrap();
        assert!(
            answer.contains(" wait ") && answer.contains('±'),
            "{answer}"
        );
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

/// A line that begins empty and has load 0.95, so that its initial state matters.
const BUSY: &str = r#"
model = "tandem"
name = "busy"
seed = 5
arrivals = { interarrival = { exponential = { mean = 1.0 } } }
horizon = { customers = 20000 }
stages = [ { name = "counter", service = { exponential = { mean = 0.95 } } } ]
"#;

#[test]
fn a_warm_up_is_found_and_set_and_a_run_too_short_for_one_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("busy.toml");
    fs::write(&file, BUSY).unwrap();
    let file = file.to_str().unwrap();
    let found = replicated(file, &["-n", "6", "--warm-up", "auto"]);
    let customers = found["warm_up"].as_u64().unwrap();
    assert!(
        customers > 0 && customers.is_multiple_of(5) && customers <= 10_000,
        "{customers}"
    );
    // The same as if it had been given explicitly.
    let set = format!("horizon.warm_up={customers}");
    let written = replicated(file, &["-n", "6", "--set", &set]);
    assert_eq!(found["digest"], written["digest"]);
    let given = replicated(file, &["-n", "6", "--warm-up", &customers.to_string()]);
    assert_eq!(given, written);
    let one = replicated(file, &["-n", "6", "--warm-up", "auto", "--jobs", "1"]);
    assert_eq!(one, found);
    // A queue that grows without end has no steady state.
    let words = ["replicate", file, "--warm-up", "auto", "--set"];
    let grows = "stages.0.service.exponential.mean=1.2";
    let (text, error, code) = told(&[&words[..], &[grows]].concat());
    assert_eq!((text.as_str(), code), ("", 2));
    assert!(error.contains("too short"), "{error}");
    let (_, error, code) = told(&["replicate", &desk(), "--warm-up", "auto"]);
    assert_eq!(code, 2);
    assert!(error.contains("horizon.warm_up"), "{error}");
    // Classes make a line one of people and machines, which has the same waits and the same warm-up.
    let classes = format!(
        "{BUSY}\n[[classes]]\nname = \"u\"\nshare = 0.5\n[[classes]]\nname = \"v\"\nshare = 0.5\n"
    );
    fs::write(place.path().join("people.toml"), classes).unwrap();
    let people = place.path().join("people.toml");
    let words = ["-n", "6", "--warm-up", "auto"];
    let same = replicated(people.to_str().unwrap(), &words);
    assert_eq!(same["warm_up"], found["warm_up"]);
}

#[test]
fn a_plain_line_is_studied_with_a_warm_up_of_any_kind() {
    let place = tempfile::tempdir().unwrap();
    let horizons = [
        "{ customers = 400, warm_up = 40 }",
        "{ customers = 400, warm_up = { time = 40.0 } }",
        "{ until = 400.0, warm_up = 40 }",
        "{ until = 400.0, warm_up = { time = 0.0 } }",
        "{ until = 400.0, warm_up = { time = 40.0 } }",
    ];
    let mut files = Vec::new();
    for (index, horizon) in horizons.into_iter().enumerate() {
        let file = place.path().join(format!("{index}.toml"));
        fs::write(&file, BUSY.replace("{ customers = 20000 }", horizon)).unwrap();
        let file = file.to_str().unwrap().to_owned();
        let study = replicated(&file, &["-n", "3"]);
        let waiting = study["measures"]["waiting.mean"]["mean"].as_f64();
        assert!(waiting.is_some_and(|mean| mean > 0.0), "{horizon}: {study}");
        files.push(file);
    }
    for words in [
        vec!["compare", &files[2], &files[4], "-n", "3"],
        vec![
            "sweep",
            &files[4],
            "--vary",
            "horizon.warm_up.time=0,40",
            "-n",
            "3",
        ],
    ] {
        let (_, error, code) = told(&words);
        assert_eq!(code, 0, "{words:?}: {error}");
    }
}

#[test]
fn one_long_run_knows_its_mean_by_batches_and_says_when_it_is_not_stable() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("busy.toml");
    fs::write(&file, BUSY).unwrap();
    let run = |set: &str| {
        let words = [
            "run",
            file.to_str().unwrap(),
            "--engine",
            "inline",
            "--set",
            set,
        ];
        // A sentence may go on in the next line.
        let said = told(&words).0;
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let known = run("stages.0.service.exponential.mean=0.5");
    assert!(known.contains("batches of"), "{known}");
    let grows = run("stages.0.service.exponential.mean=1.1");
    assert!(grows.contains("no steady state"), "{grows}");
    let short = run("horizon.customers=100");
    assert!(short.contains("it is too short"), "{short}");
}

#[test]
fn a_measure_without_its_end_or_beginning_is_answered_with_those_that_have_one() {
    for (part, nearest) in [("waiting", "`waiting.n`"), ("mean", "`waiting.mean`")] {
        let (_, error, code) = told(&["replicate", "clinic", "-n", "2", "--measure", part]);
        assert_eq!(code, 2, "{error}");
        let nearest = format!("`{part}` is no measure of this scenario; the nearest are {nearest}");
        assert!(error.contains(&nearest), "{error}");
    }
}

/// The answer in the terminal, in the document, in the report, and as the manifest's summary has it.
fn in_all_places(file: &str, words: &[&str]) -> [String; 4] {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let folder = out.to_str().unwrap();
    let words = [&["replicate", file], words].concat();
    let (text, err, code) = told(&words);
    assert_eq!(code, 0, "{err}");
    let document = json(&[&words[..], &["--format", "json"]].concat());
    let (_, err, code) = told(&[&words[..], &["--out", folder, "--report"]].concat());
    assert_eq!(code, 0, "{err}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    // Numbers in the report are kept on one line.
    let page = read("report.html").replace(filas::number::UNBREAKABLE, " ");
    let lines: Vec<&str> = text.split_whitespace().collect();
    [
        lines.join(" "),
        document["answer"].to_string(),
        page,
        read("summary.json"),
    ]
}

#[test]
fn a_confidence_is_said_as_it_was_given() {
    let (_place, file) = bakery();
    for (given, said) in [("0.975", "97.5 %"), ("0.9999", "99.99 %"), ("0.9", "90 %")] {
        let words = ["-n", "4", "--confidence", given];
        for place in in_all_places(&file, &words) {
            let sentence = format!("{said} sure, by 4 replications.");
            assert!(place.contains(&sentence), "{given}: {place}");
        }
    }
    let words = ["--precision", "0.005", "--measure", "waiting.mean"];
    let (text, _, code) =
        told(&[&["replicate", &file, "-n", "2", "--max", "2"], &words[..]].concat());
    assert!(
        code == 1 && text.contains("A precision of 0.5 % was not"),
        "{text}"
    );
}

/// Of customers who come at 1, 2 and 3 and are served for 5, one waits 0, one 4 and one 8.
#[test]
fn where_nothing_is_left_to_chance_one_run_is_the_answer() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("recorded.toml");
    let text = "model = \"tandem\"\narrivals = { times = [1, 2, 3] }\n[[stages]]\nname = \"s\"\n\
                service = { constant = { value = 5 } }\n";
    std::fs::write(&file, text).unwrap();
    for place in in_all_places(file.to_str().unwrap(), &["-n", "5"]) {
        for says in [
            "Customers wait 4 on average",
            "All 5 replications are one and the same run: where nothing is left to chance, one run is the answer.",
        ] {
            assert!(place.contains(says), "no {says:?} in {place}");
        }
        assert!(!place.contains(" sure, by"), "{place}");
    }
    // One draw is enough to make them different runs.
    let drawn = text.replace(
        "constant = { value = 5 }",
        "uniform = { low = 4, high = 6 }",
    );
    std::fs::write(&file, drawn).unwrap();
    let (text, _, _) = told(&["replicate", file.to_str().unwrap(), "-n", "5"]);
    assert!(text.contains("95 % sure, by 5 replications."), "{text}");
}

#[test]
fn letters_of_any_script_need_no_quotes_in_a_measure() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    std::fs::write(&file, desk_of_one()).unwrap();
    let file = file.to_str().unwrap();
    let words = [
        "replicate",
        file,
        "-n",
        "2",
        "--set",
        "classes.técnica.priority=2",
    ];
    for key in [
        "classes.técnica.waiting.mean",
        "classes.\"técnica\".waiting.mean",
    ] {
        let found = json(&[&words[..], &["--measure", key, "--format", "json"]].concat());
        // Six who come to a free attendant, and one who waits 4.
        let mean = found["measures"][key]["mean"].as_f64().unwrap();
        assert!((mean - 4.0 / 7.0).abs() < 1e-12, "{found}");
    }
    let choose = [
        "find",
        file,
        "--choose",
        "servers.A.attendants.0.count=1..2",
    ];
    let require = ["--require", "classes.técnica.waiting.mean <= 1"];
    let aim = [
        "--minimise",
        "servers.0.attendants.0.count",
        "--format",
        "json",
    ];
    let found = json(&[&choose[..], &require, &aim].concat());
    assert_eq!(found["best"]["servers.A.attendants.0.count"], 1, "{found}");
}

/// A desk of one attendant whom seven requests ask for 5 each; the second waits 4, the others are answered at once.
fn desk_of_one() -> String {
    "model = \"desk\"\nhorizon = { until = 60 }\narrivals = { times = [1, 2, 12, 22, 32, 42, 52] }\n\
     [[classes]]\nname = \"técnica\"\nservice = { constant = { value = 5 } }\n\
     service_level = { within = 1, target = 0.86 }\n[[servers]]\nname = \"A\"\n\
     attendants = [ { skills = [\"técnica\"], count = 1 } ]\n"
        .to_owned()
}

/// Six of seven are answered in time, 85.7 %.
#[test]
fn a_share_does_not_read_as_if_it_met_a_target_that_it_does_not() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    for (target, share, verdict, in_sentence) in [
        ("0.86", "85.7 %", "target 86 % not met", "86 % is not met"),
        ("0.855", "86 %", "target 85.5 % met", "85.5 % is met"),
    ] {
        let text = desk_of_one().replace("0.86", target);
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let out = place.path().join(target);
        let words = ["run", file, "--out", out.to_str().unwrap(), "--report"];
        let (text, err, code) = told(&words);
        assert_eq!(code, 0, "{err}");
        assert!(
            text.contains(&format!("{share} answered within 1")) && text.contains(verdict),
            "{text}"
        );
        let page = std::fs::read_to_string(out.join("report.html")).unwrap();
        let page = page.replace(filas::number::UNBREAKABLE, " ");
        let cells = verdict.trim_start_matches("target ").replace(" %", " %,");
        assert!(page.contains(&cells) && page.contains(share), "{target}");
        let document = json(&["replicate", file, "-n", "2", "--format", "json"]);
        let notes = document["answer"]["notes"].to_string();
        assert!(notes.contains("85.7 % of the requests offered"), "{notes}");
        assert!(
            notes.contains(&format!("the target of {in_sentence}")),
            "{notes}"
        );
    }
}

#[test]
fn replications_of_a_network_that_blocks_itself_say_so_and_fail() {
    let words = ["replicate", "gridlock", "-n", "7"];
    let (out, _, code) = told(&[&words[..], &["--format", "json"]].concat());
    let study: Value = serde_json::from_str(&out).unwrap();
    let says =
        "The network blocked itself in 7 of 7 replications: those ended there, in a deadlock.";
    assert_eq!((code, &study["answer"]["unsettled"][0]), (1, &says.into()));
    let (text, _, code) = told(&words);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && text.contains(says), "{text}");
    let swap = [
        &words[..],
        &["--set", "line.deadlock=swap", "--format", "json"],
    ]
    .concat();
    assert_eq!(json(&swap)["answer"]["unsettled"], serde_json::json!([]));
}

/// A desk with so many attendants that of 50 replications only 5 see anybody give up.
const SELDOM: &str = r#"
model = "desk"
name = "prio"
seed = 1
[horizon]
until = 30.0
[arrivals]
interarrival = { exponential = { mean = 1.0 } }
[[classes]]
name = "hi"
share = 0.5
priority = 1
service = { exponential = { mean = 1.7 } }
[[classes]]
name = "lo"
patience = { exponential = { mean = 10 } }
share = 0.5
service = { exponential = { mean = 1.7 } }
[[servers]]
name = "A"
capacity = 8
attendants = [ { skills = ["hi", "lo"], count = 4 } ]
"#;

#[test]
fn an_interval_of_few_replications_names_those_that_had_a_value() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("prio.toml");
    fs::write(&file, SELDOM).unwrap();
    let file = file.to_str().unwrap();
    let words = ["-n", "50", "--measure", "time_to_abandon.mean"];
    let study = replicated(file, &words);
    assert_eq!(study["measures"]["time_to_abandon.mean"]["n"], 5);
    assert_eq!(
        study["answer"]["sureness"],
        "95 % sure, by 5 of 50 replications: the others had no such value."
    );
    let words = [&["-n", "50", "--measure", "waiting.mean"], &words[2..]].concat();
    let study = replicated(file, &words);
    assert_eq!(
        study["answer"]["sureness"],
        "95 % sure, by 50 replications."
    );
    let note = study["answer"]["notes"][0].as_str().unwrap();
    assert!(note.ends_with(", by 5 of 50 replications."), "{note}");
}

#[test]
fn no_interval_ends_where_its_measure_cannot_be() {
    let text = "model = \"tandem\"\nname = \"few\"\n\
                arrivals = { interarrival = { exponential = { mean = 1.0 } } }\n\
                horizon = { customers = 40 }\n[[stages]]\nname = \"a\"\nbuffer = 6\n\
                service = { exponential = { mean = 5.0 } }\n[[stages]]\nname = \"b\"\nservers = 3\n\
                service = { exponential = { mean = 1.0 } }\n";
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("few.toml");
    fs::write(&file, text).unwrap();
    let study = replicated(file.to_str().unwrap(), &["-n", "3"]);
    let (mut below, mut above) = (0, 0);
    for (key, seen) in study["measures"].as_object().unwrap() {
        let of = |end: &str| seen[end].as_f64();
        let (Some(mean), Some(half)) = (of("mean"), of("half_width")) else {
            continue;
        };
        let shares = ["utilisation", "occupancy", "fraction", "lost."];
        let is_share = shares.iter().any(|share| key.contains(share));
        let most = if is_share { 1.0 } else { f64::INFINITY };
        assert_eq!(of("low"), Some((mean - half).max(0.0)), "{key}");
        assert_eq!(of("high"), Some((mean + half).min(most)), "{key}");
        below += u32::from(mean < half);
        above += u32::from(mean + half > most);
    }
    assert!(below > 2 && above > 0, "{below} {above}");
}
