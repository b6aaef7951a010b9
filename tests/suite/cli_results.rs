//! The files of a run: complete, reproducible, and never overwriting anything else.

use super::cli::{bakery, json, told};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn manifest(results: &str) -> Value {
    let text = fs::read_to_string(Path::new(results).join("manifest.json"));
    serde_json::from_str(&text.unwrap()).unwrap()
}

#[test]
fn a_message_carries_more_between_threads_unless_told_otherwise() {
    let (place, file) = bakery();
    for (number, (command, options, chunk)) in [
        ("run", &["--engine", "threads"][..], 2048),
        ("run", &["--engine", "inline"], 1024),
        ("run", &["--engine", "threads", "--chunk", "77"], 77),
        ("replicate", &["--engine", "threads", "-n", "2"], 2048),
        ("replicate", &["--engine", "inline", "-n", "2"], 1024),
    ]
    .into_iter()
    .enumerate()
    {
        let out = place.path().join(number.to_string());
        let out = out.to_str().unwrap();
        let mut arguments = vec![command, file.as_str(), "--out", out, "--quiet"];
        arguments.extend(options);
        let (_, err, code) = told(&arguments);
        assert_eq!((err.as_str(), code), ("", 0));
        assert_eq!(manifest(out)["runtime"]["chunk"], chunk, "{arguments:?}");
    }
}

#[test]
fn results_are_whole_and_say_how_to_get_them_again() {
    let (place, file) = bakery();
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    let (_, err, code) = told(&[
        "run", &file, "--out", out, "--tables", "both", "--seed", "5",
    ]);
    assert_eq!((err.as_str(), code), ("", 0));
    let mut names: Vec<String> = fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "customers.csv",
        "customers.parquet",
        "manifest.json",
        "scenario.toml",
        "summary.json",
        "visits.csv",
        "visits.parquet",
    ];
    assert_eq!(names, expected);
    let manifest = manifest(out);
    assert_eq!(manifest["seed"], 5);
    let again = Path::new(out).join("scenario.toml");
    let summary = json(&["run", again.to_str().unwrap(), "--format", "json"]);
    assert_eq!(summary["digest"], manifest["digest"]);
    assert_eq!(summary["seed"], 5);
    let visits = fs::read_to_string(Path::new(out).join("visits.csv")).unwrap();
    assert_eq!(visits.lines().count(), 1 + 2 * 500);
}

#[test]
fn the_tables_of_a_desk_are_the_same_on_every_engine() {
    let place = tempfile::tempdir().unwrap();
    let folders = ["inline", "threads"].map(|engine| {
        let out = place.path().join(engine);
        let words = ["run", "--engine", engine, "--tables", "csv", "--quiet"];
        let out_words = ["--out", out.to_str().unwrap()];
        assert_eq!(told(&[&words[..], &out_words].concat()).2, 0);
        out
    });
    for table in ["steps", "requests", "faults"] {
        let [inline, threads] = folders
            .each_ref()
            .map(|folder| fs::read_to_string(folder.join(format!("{table}.csv"))).unwrap());
        assert!(inline == threads, "{table} differs between the engines");
        assert!(inline.lines().count() > 50);
    }
    let summary = fs::read_to_string(folders[0].join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let requests = fs::read_to_string(folders[0].join("requests.csv")).unwrap();
    let generated = summary["requests"]["generated"].as_u64().unwrap();
    assert_eq!(requests.lines().count() as u64, 1 + generated);
    let completed = requests.lines().filter(|row| row.contains(",completed,"));
    assert_eq!(summary["requests"]["completed"], completed.count());
}

#[test]
fn nothing_is_lost_in_a_folder_that_holds_something() {
    let (place, file) = bakery();
    let folder = place.path().to_str().unwrap();
    let (_, err, code) = told(&["run", &file, "--out", folder, "--overwrite"]);
    assert_eq!(code, 2);
    assert!(err.contains("not results of filas"), "{err}");
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    assert_eq!(told(&["run", &file, "--out", out]).2, 0);
    let before = fs::read(Path::new(out).join("manifest.json")).unwrap();
    let (_, err, code) = told(&["run", &file, "--out", out]);
    assert_eq!(code, 2);
    assert!(err.contains("--overwrite"), "{err}");
    assert_eq!(
        fs::read(Path::new(out).join("manifest.json")).unwrap(),
        before
    );
    let csv = ["run", &file, "--out", out, "--overwrite", "--tables", "csv"];
    assert_eq!(told(&csv).2, 0);
    assert!(!Path::new(out).join("visits.parquet").exists());
    assert!(Path::new(out).join("visits.csv").exists());
}

#[test]
fn the_share_lost_is_of_those_who_came_after_the_warm_up() {
    // Of the first five three are lost, of the other five one.
    let rest = "name = 's', buffer = 0, service = { trace = { values = [3.5, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 3.5, 1] } }";
    for (model, stages) in [
        ("tandem", format!("stages = [{{ {rest} }}]")),
        (
            "network",
            format!("stations = [{{ next = 'out', {rest} }}]"),
        ),
    ] {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("x.toml");
        let text = format!(
            "model = '{model}'\narrivals = {{ interarrival = {{ constant = {{ value = 1.0 }} }} }}\n\
             horizon = {{ customers = 10, warm_up = 5 }}\n{stages}\n"
        );
        fs::write(&file, text).unwrap();
        let words = ["run", file.to_str().unwrap(), "--format", "json", "--quiet"];
        for (warm_up, right) in [
            ("5", 0.2),
            ("0", 0.4),
            ("{ time = 5.5 }", 0.2),
            ("{ time = 0.0 }", 0.4),
        ] {
            let set = format!("horizon.warm_up={warm_up}");
            let summary = json(&[&words[..], &["--set", &set]].concat());
            assert_eq!(summary["lost"]["total"], right, "{model}, {warm_up}");
            assert_eq!(summary["customers"]["lost"], 4, "{model}");
        }
    }
}

#[test]
fn a_deadlock_is_found_though_others_go_on_and_who_waits_would_give_up() {
    // At 1 the only customers of a and b want each other's place; nobody waits, and c goes on until 11.
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("x.toml");
    let class = |name: &str, route: &str, times: &str| {
        format!("{{ name = '{name}', route = {route}, arrivals = {{ times = {times} }} }}")
    };
    let station = |name: &str, more: &str| {
        format!("{{ name = '{name}', service = {{ constant = {{ value = 1 }} }}{more} }}")
    };
    let impatient = ", buffer = 0, patience = { constant = { value = 5 } }";
    let text = format!(
        "model = 'network'\nhorizon = {{ until = 20 }}\nclasses = [{}, {}, {}]\nstations = [{}, {}, {}]\n",
        class("p", "['a', 'b', 'out']", "[0]"),
        class("q", "['b', 'a', 'out']", "[0]"),
        class("r", "['c', 'out']", "[0, 10]"),
        station("a", impatient),
        station("b", impatient),
        station("c", ""),
    );
    fs::write(&file, text).unwrap();
    for engine in ["inline", "threads"] {
        let words = ["run", file.to_str().unwrap(), "--engine", engine];
        let (said, err, code) = told(&[&words[..], &["--format", "json", "--quiet"]].concat());
        assert_eq!(code, 1, "{err}");
        let summary: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(summary["deadlock"]["time"], 1.0, "{engine}");
    }
}
