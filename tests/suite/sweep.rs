//! `filas sweep`: a grid in order, the same streams in every cell, differences in pairs.

use super::cli::{bakery, json, told};
use filas::stats::Interval;
use serde_json::Value;

fn swept(file: &str, words: &[&str]) -> Value {
    json(&[&["sweep", file, "--format", "json"], words].concat())
}

/// One measure in every replication of a study, from its table.
fn column(file: &str, set: &str, measure: &str) -> Vec<f64> {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let words = [
        "replicate",
        file,
        "-n",
        "6",
        "--set",
        set,
        "--tables",
        "csv",
        "--out",
    ];
    let (_, error, code) = told(&[&words[..], &[out.to_str().unwrap()]].concat());
    assert_eq!(code, 0, "{error}");
    let mut table = csv::Reader::from_path(out.join("replications.csv")).unwrap();
    let at = table
        .headers()
        .unwrap()
        .iter()
        .position(|key| key == measure);
    let cell = |row: csv::StringRecord| row[at.unwrap()].parse().unwrap();
    table.records().map(|row| cell(row.unwrap())).collect()
}

#[test]
fn cells_stand_in_order_and_are_the_replications_of_their_settings() {
    let (_place, file) = bakery();
    let vary = [
        "--vary",
        "stages.1.servers=1..2",
        "--vary",
        "stages.0.service.exponential.mean=1.0,1.5",
    ];
    let grid = swept(&file, &[&vary[..], &["-n", "6"]].concat());
    let cells = grid["cells"].as_array().unwrap();
    let sets: Vec<String> = cells.iter().map(|cell| cell["set"].to_string()).collect();
    assert_eq!(sets.len(), 4);
    assert_eq!(
        sets[0],
        r#"{"stages.1.servers":1,"stages.0.service.exponential.mean":1.0}"#
    );
    assert!(sets[1].contains("1.5") && sets[1].contains("servers\":1"));
    assert!(sets[2].contains("1.0") && sets[2].contains("servers\":2"));
    let words = [
        "replicate",
        &file,
        "-n",
        "6",
        "--format",
        "json",
        "--set",
        "stages.1.servers=2",
    ];
    let alone = json(
        &[
            &words[..],
            &["--set", "stages.0.service.exponential.mean=1.0"],
        ]
        .concat(),
    );
    assert_eq!(cells[2]["digest"], alone["digest"]);
    assert_eq!(cells[2]["measures"], alone["measures"]);
    assert_eq!(cells[2]["replications"], 6);
}

#[test]
fn differences_are_taken_replication_by_replication() {
    let (_place, file) = bakery();
    let vary = [
        "-n",
        "6",
        "--vary",
        "stages.0.service.exponential.mean=1.0,1.4",
    ];
    let grid = swept(&file, &vary);
    let of = |mean: &str| {
        let set = format!("stages.0.service.exponential.mean={mean}");
        column(&file, &set, "waiting.mean")
    };
    let pairs: Vec<f64> = of("1.4")
        .iter()
        .zip(of("1.0"))
        .map(|(a, b)| a - b)
        .collect();
    let right = serde_json::to_value(Interval::of(&pairs, 0.95)).unwrap();
    let second = &grid["cells"][1];
    assert_eq!(second["difference"]["waiting.mean"], right);
    assert_eq!(
        grid["cells"][0]["difference"]["waiting.mean"]["half_width"],
        0.0
    );
    // Common random numbers: the difference is more precise than the means.
    let half_width = |of: &Value| of["waiting.mean"]["half_width"].as_f64().unwrap();
    assert!(half_width(&second["difference"]) < half_width(&second["measures"]));
    // And no draw of the other stage differs.
    let service = |cell: &Value| cell["measures"]["stages.1.service.mean"].clone();
    assert_eq!(service(&grid["cells"][0]), service(second));
}

#[test]
fn neither_the_number_of_workers_nor_the_engine_changes_a_byte() {
    let (_place, file) = bakery();
    let said = |words: &[&str]| {
        let all = [
            "sweep",
            &file,
            "--vary",
            "stages.1.servers=1,2,3",
            "-n",
            "5",
            "--format",
            "json",
        ];
        told(&[&all[..], words].concat()).0
    };
    let one = said(&["--jobs", "1"]);
    assert_eq!(one, said(&["--jobs", "3"]));
    let threads = said(&["--engine", "threads"]);
    assert_eq!(one, threads.replace("\"threads\"", "\"inline\""));
}

#[test]
fn a_wrong_cell_is_named_before_anything_runs() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let words = [
        "sweep",
        &file,
        "--vary",
        "stages.1.servers=2,0",
        "--out",
        out.to_str().unwrap(),
    ];
    let (text, error, code) = told(&words);
    assert_eq!((text.as_str(), code), ("", 2));
    assert!(error.contains("in the cell stages.1.servers=0"), "{error}");
    assert!(!out.exists());
    for bad in [
        "stages.1.servers",
        "stages.1.servers=5..1",
        "stages.1.servers=1..90000",
        "stage.1=1",
    ] {
        let (_, _, code) = told(&["sweep", &file, "--vary", bad]);
        assert_eq!(code, 2, "{bad}");
    }
    let (_, error, code) = told(&[
        "sweep",
        &file,
        "--vary",
        "seed=1",
        "--measure",
        "waiting.men",
    ]);
    assert_eq!(code, 2);
    assert!(error.contains("waiting.mean"), "{error}");
}

#[test]
fn the_tidy_table_has_a_row_per_cell_and_measure() {
    let (place, file) = bakery();
    let out = place.path().join("out");
    let words = [
        "--vary",
        "stages.1.servers=1,2",
        "-n",
        "3",
        "--tables",
        "csv",
        "--out",
    ];
    let grid = swept(&file, &[&words[..], &[out.to_str().unwrap()]].concat());
    let mut table = csv::Reader::from_path(out.join("cells.csv")).unwrap();
    let heads = table.headers().unwrap().clone();
    assert_eq!(
        heads.iter().take(4).collect::<Vec<_>>(),
        ["cell", "stages.1.servers", "measure", "n"]
    );
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let cells = grid["cells"].as_array().unwrap();
    let measures = |cell: &Value| cell["measures"].as_object().unwrap().len();
    assert_eq!(rows.len(), cells.iter().map(measures).sum::<usize>());
    let row = rows
        .iter()
        .find(|row| &row[0] == "1" && &row[2] == "waiting.mean")
        .unwrap();
    let mean: f64 = row[4].parse().unwrap();
    assert_eq!(
        cells[1]["measures"]["waiting.mean"]["mean"].as_f64(),
        Some(mean)
    );
    for name in ["manifest.json", "scenario.toml", "summary.json"] {
        assert!(out.join(name).exists(), "{name}");
    }
}

#[test]
fn the_text_says_where_it_is_best_and_fits_a_hundred_columns() {
    let (_place, file) = bakery();
    let rate = "arrivals.interarrival.exponential.mean=1.8..2.2/0.2";
    let words = [
        "sweep",
        &file,
        "--vary",
        "stages.1.servers=1..3",
        "--vary",
        rate,
        "-n",
        "3",
    ];
    let (text, _, code) = told(&words);
    assert_eq!(code, 0);
    assert!(
        text.lines().nth(2).unwrap().contains("the mean wait"),
        "{text}"
    );
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn of_several_measures_the_answers_come_first_in_words_and_no_key_is_left() {
    let words = [
        "sweep",
        "desk",
        "--vary",
        "faults.probability=0.02,0.1",
        "-n",
        "3",
        "-q",
    ];
    let measures = [
        "--measure",
        "requests.rejected",
        "--measure",
        "waiting.mean",
    ];
    let (text, _, code) = told(&[&words[..], &measures[..]].concat());
    assert_eq!(code, 0);
    let at = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("no {part} in {text}"))
    };
    assert!(at("The number of requests rejected is least") < at("The mean wait is least"));
    assert!(at("The mean wait is least") < at("against the first, paired"));
    assert!(text.contains("mean wait, steps"), "{text}");
    assert!(
        !text.contains("waiting.mean") && !text.contains("requests.rejected"),
        "{text}"
    );
    assert!(!text.contains("\n\n\n"), "{text}");
    // So do tables of theory and of replications.
    for words in [
        &["theory", "two-stage"][..],
        &[
            "replicate",
            "clinic",
            "-n",
            "2",
            "--set",
            "horizon.customers=1000",
        ],
        &["run", "two-stage", "--set", "horizon.customers=20000"],
    ] {
        let (text, _, _) = told(words);
        let is_key = |word: &str| word.starts_with("stages.") || word.ends_with(".mean");
        assert!(!text.split_whitespace().any(is_key), "{text}");
    }
}

#[test]
fn a_list_of_ranges_is_refused_before_it_is_expanded() {
    let ranges = vec!["1..9999"; 4_000].join(",");
    let refused = filas::study::sweep::Axis::parse(&format!("stages.0.servers={ranges}"));
    assert_eq!(refused, Err("more than 10000 values".to_owned()));
}

#[test]
fn ten_thousand_cells_are_a_sweep_and_one_more_is_none() {
    use filas::study::sweep::{Axis, grid};
    let many = |values: &str| Axis::parse(&format!("seed={values}"));
    for values in ["1..10000", "0..9999/1"] {
        assert_eq!(many(values).unwrap().values.len(), 10_000, "{values}");
    }
    for values in ["0..10000", "0..10000/1"] {
        many(values).unwrap_err();
    }
    let cells = |a: &str, b: &str| grid(&[many(a).unwrap(), many(b).unwrap()]).map(|all| all.len());
    assert_eq!(cells("1..100", "1..100"), Ok(10_000));
    let colon = many("2..4:2").unwrap_err();
    assert!(colon.ends_with("here, write 2..4/2"), "{colon}");
    assert_eq!(
        cells("1..73", "1..137"),
        Err("the grid has more than 10000 cells".to_owned())
    );
}

#[test]
fn times_in_different_units_are_not_held_against_each_other() {
    let (_place, file) = bakery();
    for vary in ["time_unit=min,s", "time_unit=s"] {
        let (out, err, code) = told(&["sweep", &file, "--vary", vary, "-n", "2"]);
        assert_eq!((out.as_str(), code), ("", 2), "{err}");
        assert!(
            err.contains("the times of `bakery` are in min and those of `time_unit=s` in s"),
            "{err}"
        );
    }
    // Of one unit there is nothing to refuse.
    let (_, err, code) = told(&["sweep", &file, "--vary", "time_unit=min", "-n", "2"]);
    assert_eq!(code, 0, "{err}");
}

#[test]
fn a_key_is_varied_once_by_whatever_spelling() {
    let (_place, file) = bakery();
    for (other, says) in [
        (
            "stages.till.servers=4,5",
            "`stages.till.servers` is varied twice; name it once",
        ),
        (
            "stages.1.servers=4,5",
            "`stages.till.servers` and `stages.1.servers` are one key, varied twice; name it once",
        ),
        ("stages.\"till\".servers=4,5", "are one key, varied twice"),
    ] {
        let vary = ["--vary", "stages.till.servers=2,3", "--vary", other];
        let (out, err, code) = told(&[&["sweep", &file, "-n", "2"][..], &vary].concat());
        assert_eq!((out.as_str(), code), ("", 2), "{err}");
        assert!(err.contains(says), "{err}");
    }
}

/// One customer has no standard deviation.
#[test]
fn nothing_is_claimed_of_a_setting_without_a_value_but_that_it_has_none() {
    let (_place, file) = bakery();
    let answer = |values: &str| {
        let vary = format!("horizon.customers={values}");
        let words = ["--vary", &vary, "-n", "3", "--measure", "waiting.sd"];
        swept(&file, &words)["answer"].clone()
    };
    let two = answer("100,1");
    let headline = two["headline"].as_str().unwrap();
    assert!(
        headline.starts_with("The standard deviation of the wait is ")
            && headline.ends_with(" with horizon.customers=100."),
        "{two}"
    );
    assert_eq!(two["sureness"], Value::Null);
    assert_eq!(
        two["notes"][0],
        "The standard deviation of the wait has no value with horizon.customers=1."
    );
    let three = answer("1,100,5000");
    let sureness = three["sureness"].as_str().unwrap();
    assert!(
        sureness.contains("2 settings that have a value") && !sureness.contains('3'),
        "{three}"
    );
    let none = answer("1");
    assert!(none["headline"].as_str().unwrap().contains("has no value"));
}

/// Customers come at 1, 2 and 3; with services of 5 they wait 0, 4 and 8, with services of 2 they wait 0, 1 and 2.
#[test]
fn where_nothing_is_left_to_chance_a_setting_is_one_run_and_no_confidence_is_claimed() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("recorded.toml");
    let text = "model = \"tandem\"\narrivals = { times = [1, 2, 3] }\n[[stages]]\nname = \"s\"\n\
                service = { constant = { value = 5 } }\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let vary = "stages.s.service.constant.value=2,5";
    let answer = &swept(file, &["--vary", vary, "-n", "4"])["answer"];
    assert_eq!(
        answer["sureness"],
        "All 4 replications of a setting are one and the same run: where nothing is left to chance, one run is \
         the answer."
    );
    let headline = answer["headline"].as_str().unwrap();
    assert!(
        headline.starts_with("The mean wait is least, 1 "),
        "{headline}"
    );
    let slow = place.path().join("slow.toml");
    std::fs::write(&slow, text.replace("= 5", "= 2")).unwrap();
    let words = [
        "compare",
        file,
        slow.to_str().unwrap(),
        "-n",
        "4",
        "--format",
        "json",
    ];
    let sureness = json(&words)["answer"]["sureness"].clone();
    let sureness = sureness.as_str().unwrap();
    assert!(
        sureness.starts_with("All 4 replications of each scenario are one and the same run"),
        "{sureness}"
    );
}

#[test]
fn settings_are_named_in_words_where_there_are_some() {
    let (_place, file) = bakery();
    for (axes, least, greatest) in [
        (
            &["stages.till.servers=1,2"][..],
            "with 2 servers at till, and greatest,",
            "with 1 server at till.",
        ),
        (
            &[
                "stages.1.buffer=0,9",
                "arrivals.interarrival.exponential.mean=2.0",
            ],
            "with a buffer of 9 at till and a mean of 2.0 min between arrivals",
            "with a buffer of 0 at till and a mean of 2.0 min between arrivals",
        ),
        (
            &[
                "stages.counter.service.exponential.mean=0.5,1.9",
                "horizon.customers=400",
            ],
            "with a mean service of 0.5 min at counter and horizon.customers=400",
            "with a mean service of 1.9 min at counter and horizon.customers=400",
        ),
    ] {
        let vary = axes.iter().flat_map(|axis| ["--vary", axis]);
        let words: Vec<&str> = vary.chain(["-n", "6"]).collect();
        let study = swept(&file, &words);
        let said = study["answer"]["headline"].as_str().unwrap();
        assert!(said.contains(least) && said.contains(greatest), "{said}");
    }
}

#[test]
fn a_grid_of_networks_says_how_many_runs_blocked_themselves() {
    let words = ["--vary", "line.deadlock=stop,swap", "-n", "5"];
    let study = swept("gridlock", &words);
    let notes = study["answer"]["notes"].as_array().unwrap();
    let says = "The network blocked itself in 5 of 10 runs, in 1 of 2 settings: those ended there, in a deadlock.";
    assert!(notes.contains(&says.into()), "{notes:?}");
}
