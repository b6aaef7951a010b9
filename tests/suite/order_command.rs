//! `filas order` from outside: its output, its files, its errors.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

const LINE: &str = r#"
model = "tandem"
name = "abc"
[arrivals]
interarrival = { exponential = { mean = 1.0 } }
[horizon]
customers = 800

# the wild one
[[stages]]
name = "wild"
service = { hyperexponential = { probabilities = [0.9, 0.1], means = [0.4, 3.6] } }
[[stages]]
name = "calm"
service = { constant = { value = 0.72 } }
"#;

fn filas(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    fs::write(folder.join("line.toml"), LINE).unwrap();
    let mut command = Command::cargo_bin("filas").unwrap();
    let output = command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["order", "line.toml", "--format", "json"];
    all.extend(arguments);
    let (code, stdout, stderr) = filas(folder, &all);
    assert_eq!((code, stderr.as_str()), (0, ""));
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn the_document_has_the_contract_s_keys() {
    let place = tempfile::tempdir().unwrap();
    let found = json(place.path(), &[]);
    assert_eq!(found["objective"], "waiting.mean");
    assert_eq!(found["best"], serde_json::json!(["calm", "wild"]));
    assert_eq!(found["candidates"], serde_json::json!([["calm", "wild"]]));
    let orders = found["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[0]["order"], found["best"]);
    for order in orders {
        assert!(order["mean"].as_f64().unwrap() > 0.0);
        assert!(order["half_width"].as_f64().unwrap() > 0.0);
        assert!(order["replications"].as_u64().unwrap() >= 2);
    }
    assert!(orders[0]["mean"].as_f64() < orders[1]["mean"].as_f64());
    assert!(found["gain"]["fraction"].as_f64().unwrap() > 0.0);
    assert_eq!(found["published"][0]["agrees"], true);
}

#[test]
fn several_objectives_stand_in_a_list_and_the_first_on_top() {
    let place = tempfile::tempdir().unwrap();
    let found = json(
        place.path(),
        &[
            "--objective",
            "queues_joined.mean",
            "--objective",
            "sojourn.mean",
            "--jobs",
            "1",
        ],
    );
    assert_eq!(found["objective"], "queues_joined.mean");
    assert_eq!(found["objectives"][0]["best"], found["best"]);
    assert_eq!(found["objectives"][1]["objective"], "sojourn.mean");
    let again = json(
        place.path(),
        &[
            "--objective=queues_joined.mean",
            "--objective=sojourn.mean",
            "--jobs=3",
        ],
    );
    assert_eq!(found, again, "whatever --jobs");
}

#[test]
fn the_text_says_what_to_do_how_sure_and_what_it_gains() {
    let place = tempfile::tempdir().unwrap();
    let (code, stdout, _) = filas(place.path(), &["order", "line.toml"]);
    assert_eq!(code, 0);
    for part in [
        "Put them as calm",
        "95 % sure",
        "% less",
        "less variable first",
    ] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 100),
        "{stdout}"
    );
}

#[test]
fn a_folder_holds_the_table_the_summary_and_how_to_do_it_again() {
    let place = tempfile::tempdir().unwrap();
    let arguments = ["order", "line.toml", "--out", "found", "--tables", "csv"];
    let (code, _, stderr) = filas(place.path(), &arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let folder = place.path().join("found");
    let table = fs::read_to_string(folder.join("orders.csv")).unwrap();
    assert!(table.starts_with("objective,rank,order,mean,half_width,replications,candidate"));
    assert_eq!(table.lines().count(), 3);
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let words = manifest["reproduce"].as_str().unwrap().split(' ').skip(1);
    let words: Vec<&str> = words.chain(["--format", "json"]).collect();
    let (_, again, _) = filas(&folder, &words);
    assert_eq!(
        again,
        fs::read_to_string(folder.join("summary.json")).unwrap()
    );
}

#[test]
fn what_cannot_be_ordered_is_refused_and_nothing_written() {
    let place = tempfile::tempdir().unwrap();
    let refused: [&[&str]; 5] = [
        &[
            "order",
            "line.toml",
            "--set",
            "stages.0.buffer=3",
            "--out",
            "found",
        ],
        &[
            "order",
            "line.toml",
            "--objective",
            "waiting",
            "--out",
            "found",
        ],
        &["order", "line.toml", "--confidence", "1", "--out", "found"],
        &["order", "desk.toml", "--out", "found"],
        &[
            "order",
            "line.toml",
            "--indifference",
            "-1",
            "--out",
            "found",
        ],
    ];
    let desk = include_str!("../../scenarios/desk.toml");
    fs::write(place.path().join("desk.toml"), desk).unwrap();
    for arguments in refused {
        let (code, stdout, stderr) = filas(place.path(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!stderr.is_empty());
        assert!(!place.path().join("found").exists(), "{arguments:?}");
    }
}

#[test]
fn the_scenario_is_written_in_its_best_order_with_its_comments_and_never_over_a_file() {
    let place = tempfile::tempdir().unwrap();
    let write = |file: &str| {
        let words = ["order", "line.toml", "--write", file, "--format", "json"];
        filas(place.path(), &words)
    };
    let (code, stdout, _) = write("best.toml");
    assert_eq!(code, 0, "{stdout}");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    let text = fs::read_to_string(place.path().join("best.toml")).unwrap();
    let names = |text: &str| -> Vec<String> {
        let named = text.lines().filter_map(|line| line.strip_prefix("name = "));
        named
            .skip(1)
            .map(|name| name.trim_matches('"').to_owned())
            .collect()
    };
    assert_eq!(serde_json::json!(names(&text)), found["best"]);
    assert!(
        text.contains("# the wild one\n[[stages]]\nname = \"wild\""),
        "{text}"
    );
    let run = |file: &str| filas(place.path(), &["run", file, "--format", "json"]).1;
    let mean =
        |text: &str| serde_json::from_str::<Value>(text).unwrap()["waiting"]["mean"].as_f64();
    assert!(mean(&run("best.toml")) < mean(&run("line.toml")));
    // A file that is already in the best order is not changed.
    let again = ["order", "best.toml", "--write", "same.toml"];
    let (code, _, stderr) = filas(place.path(), &again);
    assert_eq!(code, 0);
    assert_eq!(stderr, "same.toml has the scenario in the order it had\n");
    assert_eq!(
        fs::read_to_string(place.path().join("same.toml")).unwrap(),
        text
    );
    for refused in ["line.toml", "best.toml", "nowhere/best.toml"] {
        let (code, stdout, stderr) = write(refused);
        assert_eq!((code, stdout.as_str()), (2, ""), "{refused}");
        assert!(stderr.contains(refused), "{stderr}");
    }
    assert_eq!(
        fs::read_to_string(place.path().join("line.toml")).unwrap(),
        LINE
    );
}

#[test]
fn stages_change_places_with_their_comments_and_buffers_stay() {
    use filas::scenario::edit::{outline, reorder};
    let text = "name = \"x\"\n\n# The first.\n[[stages]]\nname = \"a\"\n[stages.service]\nconstant = { value = 1 }\n\n\
        [horizon]\ncustomers = 3\n\n# The second.\n[[stages]]\nname = \"b\"\nbuffer = 4 # places\n";
    let other = reorder(text, &[1, 0]).unwrap();
    assert!(
        other.contains("# The second.\n[[stages]]\nname = \"b\"\n"),
        "{other}"
    );
    assert!(other.contains("buffer = 4 # places"), "{other}");
    let seen = outline(&other).unwrap();
    assert_eq!(seen["stages"][0], serde_json::json!({ "name": "b" }));
    let service = serde_json::json!({ "constant": { "value": 1 } });
    assert_eq!(
        (&seen["stages"][1]["name"], &seen["stages"][1]["buffer"]),
        (&"a".into(), &4.into())
    );
    assert_eq!(
        (&seen["stages"][1]["service"], &seen["horizon"]["customers"]),
        (&service, &3.into())
    );
    let text = "stages = [\n  { name = \"a\" }, # one\n  { name = \"b\", buffer = 2 },\n]\n";
    let seen = outline(&reorder(text, &[1, 0]).unwrap()).unwrap();
    assert_eq!(
        seen["stages"],
        serde_json::json!([{ "name": "b" }, { "name": "a", "buffer": 2 }])
    );
    assert!(reorder(text, &[0]).is_err());
}
