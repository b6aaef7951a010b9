//! Networks that nobody leaves: cycles per unit of time counted by hand from the visits, and what studies say where no
//! customer is ever served to the end.

use super::cli::{json, told};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Six cards go round three machines.
const CARDS: &str = r#"
model = "network"
name = "cards"
time_unit = "min"
seed = 4
[[classes]]
name = "card"
population = 6
enter = "cut"
[horizon]
until = 2000.0
warm_up = { time = 200.0 }
[[stations]]
name = "cut"
service = { exponential = { mean = 1.0 } }
next = "weld"
[[stations]]
name = "weld"
service = { exponential = { mean = 1.2 } }
next = "paint"
[[stations]]
name = "paint"
service = { exponential = { mean = 0.9 } }
next = "cut"
"#;

fn cards() -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("cards.toml");
    fs::write(&file, CARDS).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (place, file)
}

/// The departures from the station `cut` in a folder of results.
fn departures(folder: &Path) -> Vec<f64> {
    let text = fs::read_to_string(folder.join("visits.csv")).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| head.iter().position(|key| *key == name).unwrap();
    let (stage, departure) = (at("stage"), at("departure"));
    lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells[stage] == "cut")
        .filter_map(|cells| cells[departure].parse().ok())
        .collect()
}

#[test]
fn the_rate_of_cycles_is_the_departures_from_the_entry_over_the_measured_time() {
    let (place, file) = cards();
    let out = place.path().join("out");
    let folder = out.to_str().unwrap();
    for engine in ["inline", "threads"] {
        let words = [
            "run", &file, "--format", "json", "--tables", "csv", "--out", folder,
        ];
        let run = json(&[&words[..], &["--engine", engine, "--overwrite"]].concat());
        let left = departures(&out);
        let measured = left.iter().filter(|&&at| at >= 200.0).count();
        let rate = run["classes"][0]["cycle_rate"].as_f64().unwrap();
        assert!((rate - measured as f64 / 1800.0).abs() < 1e-12, "{rate}");
        // Nobody is ever served to the end.
        assert_eq!(run["throughput"], 0.0);
        assert_eq!(run["lost"]["total"], Value::Null);
    }
}

#[test]
fn theory_has_the_rate_of_cycles_as_population_over_cycle_time() {
    let (_place, file) = cards();
    let theory = json(&["theory", &file, "--format", "json"]);
    let of = |key: &str| theory["measures"][key].as_f64().unwrap();
    let rate = of("classes.0.cycle_rate");
    assert!((rate * of("classes.0.cycle_time.mean") - 6.0).abs() < 1e-9);
    // Three machines in a ring: the rate is G(5) / G(6), with G the sum of all products of so many service times.
    let mut g = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    for service in [1.0, 1.2, 0.9] {
        for n in 1..g.len() {
            g[n] += service * g[n - 1];
        }
    }
    assert!((rate - g[5] / g[6]).abs() < 1e-9, "{rate}");
    let study = json(&["replicate", &file, "-n", "12", "--format", "json"]);
    let seen = study["measures"]["classes.0.cycle_rate"]["mean"]
        .as_f64()
        .unwrap();
    assert!((seen / rate - 1.0).abs() < 0.02, "{seen} {rate}");
}

#[test]
fn studies_answer_with_cycles_where_nobody_leaves() {
    let (place, file) = cards();
    let (text, _, code) = told(&["replicate", &file, "-n", "3", "--quiet"]);
    assert_eq!(code, 0);
    assert!(text.contains("A cycle takes on average: card 8."), "{text}");
    assert!(text.contains("cycles on average"), "{text}");
    assert!(!text.contains("was measured"), "{text}");
    let key = "classes.0.cycle_time.mean";
    let vary = ["sweep", &file, "--vary", "stations.weld.servers=1,2"];
    let json_of = |words: &[&str]| json(&[words, &["-n", "3", "--format", "json"]].concat());
    let sweep = json_of(&vary);
    assert_eq!(sweep["answer"]["measure"], key);
    assert!(sweep["ends"][0]["least"][0].is_u64(), "{sweep}");
    let other = place.path().join("faster.toml");
    fs::write(&other, CARDS.replace("mean = 1.2", "mean = 1.0")).unwrap();
    let compared = json_of(&["compare", &file, other.to_str().unwrap()]);
    assert_eq!(compared["answer"]["measure"], key);
    let seen = &compared["measures"][key]["difference"];
    assert!(seen["mean"].as_f64().unwrap() < 0.0);
    let out = place.path().join("study");
    told(&[
        "replicate",
        &file,
        "-n",
        "3",
        "--out",
        out.to_str().unwrap(),
    ]);
    let (page, ..) = told(&["report", out.to_str().unwrap()]);
    let page = fs::read_to_string(page.trim()).unwrap();
    assert!(page.contains("A cycle takes on average"));
    assert!(!page.contains("No customer was measured"));
}

#[test]
fn more_cards_are_found_to_make_more_cycles_and_a_measure_without_values_is_refused() {
    let (_place, file) = cards();
    let choose = ["find", &file, "--choose", "classes.card.population=1..4"];
    let rate = ["--maximise", "classes.card.cycle_rate", "--format", "json"];
    let found = json(&[&choose[..], &rate].concat());
    assert_eq!(found["best"]["classes.card.population"], 4);
    // By the key that was asked for.
    assert!(found["measures"]["classes.card.cycle_rate"]["mean"].is_f64());
    let wait = ["--require", "waiting.mean <= 1"];
    let fewest = ["--minimise", "classes.card.population"];
    let (out, err, code) = told(&[&choose[..], &wait, &fewest].concat());
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    for part in [
        "had no value in any of the first",
        "classes.0.cycle_time.mean",
    ] {
        assert!(err.contains(part), "{err}");
    }
    // It is 0 whatever is chosen.
    let (out, err, code) = told(&[&choose[..], &["--maximise", "throughput"]].concat());
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("`throughput` is no measure"), "{err}");
}
