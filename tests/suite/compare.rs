//! `filas compare`: pairs under common random numbers, each difference with its interval, and what chance
//! alone would make of many measures; scenarios, folders, shards, and everything that cannot be compared.

use super::cli::{bakery, told};
use filas::stats::Interval;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The bakery and a copy of it with these replacements.
fn two(changes: &[(&str, &str)]) -> (tempfile::TempDir, String, String) {
    let (place, file) = bakery();
    let text = fs::read_to_string(&file).unwrap();
    let other = changes.iter().fold(text.clone(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let path = place.path().join("other.toml");
    fs::write(&path, other).unwrap();
    let other = path.to_str().unwrap().to_owned();
    (place, file, other)
}

fn json_of(words: &[&str]) -> Value {
    let (out, err, code) = told(&[words, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{words:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

fn refused(words: &[&str], parts: &[&str]) {
    let (out, err, code) = told(words);
    assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
    for part in parts {
        assert!(err.contains(part), "{words:?}: no {part:?} in {err}");
    }
}

/// A column of a table of replications, by its name.
fn column(folder: &Path, name: &str) -> Vec<f64> {
    let text = fs::read_to_string(folder.join("replications.csv")).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = head.iter().position(|key| *key == name).unwrap();
    let value = |line: &str| line.split(',').nth(at).unwrap().parse().unwrap();
    lines.map(value).collect()
}

const SLOWER: (&str, &str) = ("mean = 1.5", "mean = 1.6");

#[test]
fn differences_are_those_of_two_tables_of_replications_pair_by_pair() {
    let (place, one, other) = two(&[SLOWER]);
    let found = json_of(&["compare", &one, &other, "-n", "24"]);
    let folder = |file: &str, name: &str| {
        let out = place.path().join(name);
        let words = ["replicate", file, "-n", "24", "--tables", "csv", "--out"];
        told(&[&words[..], &[out.to_str().unwrap()]].concat());
        out
    };
    let (a, b) = (folder(&one, "a"), folder(&other, "b"));
    for key in [
        "waiting.mean",
        "stages.0.utilisation",
        "sojourn.p95",
        "clock",
    ] {
        let (a, b) = (column(&a, key), column(&b, key));
        let differences: Vec<f64> = b.iter().zip(&a).map(|(b, a)| b - a).collect();
        let right = Interval::of(&differences, 0.95);
        let seen = &found["measures"][key];
        let near = |mine: &Value, right: f64| {
            let mine = mine.as_f64().unwrap();
            assert!(
                (mine - right).abs() <= 1e-9 * right.abs().max(1.0),
                "{key}: {mine} {right}"
            );
        };
        near(&seen["difference"]["mean"], right.mean.unwrap());
        near(&seen["difference"]["half_width"], right.half_width.unwrap());
        near(&seen["difference"]["low"], right.low.unwrap());
        near(&seen["a"], Interval::of(&a, 0.95).mean.unwrap());
        near(&seen["b"], Interval::of(&b, 0.95).mean.unwrap());
    }
    assert_eq!(found["replications"], 24);
    // Ten per cent more work at common random numbers is more waiting in every pair.
    assert_eq!(found["measures"]["waiting.mean"]["clear"], true);
    let folders = json_of(&["compare", a.to_str().unwrap(), b.to_str().unwrap()]);
    assert_eq!(
        folders["measures"], found["measures"],
        "folders or scenarios"
    );
    assert_eq!(folders["changed"], found["changed"]);
}

#[test]
fn what_was_changed_is_listed_and_other_spellings_are_no_change() {
    let (_place, one, other) = two(&[
        SLOWER,
        (
            "name = \"counter\"",
            "name = \"counter\"\nservers = 1\nbuffer = 7",
        ),
        ("customers = 500", "customers = 500\nwarm_up = 0"),
    ]);
    let found = json_of(&["compare", &one, &other, "-n", "2"]);
    let right = json!({
        "stages.0.service.exponential.mean": [1.5, 1.6],
        "stages.0.buffer": [null, 7],
    });
    assert_eq!(found["changed"], right);
    let found = json_of(&["compare", &other, &one, "-n", "2"]);
    let right = json!({
        "stages.0.service.exponential.mean": [1.6, 1.5],
        "stages.0.buffer": [7, null],
    });
    assert_eq!(found["changed"], right);
}

#[test]
fn of_long_values_the_part_that_differs_is_named() {
    let law = |last: &str| {
        format!(
            "empirical = {{ values = [{}{last}, 1.5] }}",
            "1.0, 2.0, ".repeat(9)
        )
    };
    let (_place, one, other) = two(&[("exponential = { mean = 1.5 }", &law("1.25"))]);
    let third = other.replace("other", "third");
    let text = fs::read_to_string(&other).unwrap();
    fs::write(&third, text.replace("1.25", "1.75")).unwrap();
    let changed = |a: &str, b: &str| -> String {
        let found = json_of(&["compare", a, b, "-n", "2"]);
        let notes = found["answer"]["notes"].as_array().unwrap();
        let mut notes = notes.iter().map(|note| note.as_str().unwrap());
        notes
            .find(|note| note.starts_with("Changed: "))
            .unwrap()
            .to_owned()
    };
    let said = changed(&other, &third);
    let key = "stages.0.service.empirical.values";
    let right = format!("Changed: {key} from …0,1.0,2.0,1.25,1.5] to …0,1.0,2.0,1.75,1.5].");
    assert_eq!(said, right);
    assert!(changed(&one, &other).contains("values from unset to [1.0,2.0,"));
}

#[test]
fn shares_differ_by_percentage_points() {
    let (_place, one, other) = two(&[SLOWER]);
    let key = "stages.counter.utilisation";
    let found = json_of(&["compare", &one, &other, "-n", "8", "--measure", key]);
    let said = found["answer"]["headline"].as_str().unwrap();
    assert!(said.contains(" percentage points more, "), "{said}");
    let points = 100.0
        * found["measures"][key]["difference"]["mean"]
            .as_f64()
            .unwrap();
    assert!(said.contains(&format!(": {points:.1}")), "{points}: {said}");
}

#[test]
fn where_nobody_has_a_wait_the_answer_is_about_what_both_have() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, service: f64| {
        let file = place.path().join(name);
        let text = format!(
            "model = 'tandem'\narrivals = {{ interarrival = {{ constant = {{ value = 1.0 }} }} }}\n\
             horizon = {{ until = 10.0, stop = true }}\n\
             stages = [{{ name = 's', service = {{ constant = {{ value = {service} }} }} }}]"
        );
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (long, longer) = (file("long.toml", 100.0), file("longer.toml", 200.0));
    let both = json_of(&["compare", &long, &longer, "-n", "4"]);
    assert_eq!(both["answer"]["measure"], "throughput", "{both:#}");
}

#[test]
fn a_scenario_does_not_differ_from_itself_whatever_its_seed() {
    let (_place, one, other) = two(&[("seed = 11", "seed = 99")]);
    let found = json_of(&["compare", &one, &other, "-n", "5"]);
    assert_eq!(found["changed"], json!({}));
    assert_eq!(found["looked_at"], 0);
    for (key, seen) in found["measures"].as_object().unwrap() {
        assert_eq!(seen["clear"], false, "{key}");
        assert_eq!(seen["a"], seen["b"], "{key}");
    }
    let (text, ..) = told(&["compare", &one, &other, "-n", "5"]);
    assert!(text.contains("the same in every pair"), "{text}");
}

#[test]
fn chance_seldom_makes_any_measure_clear_though_many_are_looked_at() {
    // A stage of another name draws from other streams: nothing differs but by chance.
    let (_place, one, other) = two(&[("\"counter\"", "\"desk\"")]);
    let (mut alarms, mut alone, mut looked_at) = (0, 0, 0);
    for seed in 1..=40 {
        let seed = seed.to_string();
        let found = json_of(&["compare", &one, &other, "-n", "12", "--seed", &seed]);
        let measures = found["measures"].as_object().unwrap();
        let is_clear = |seen: &Value| seen["clear"] == true;
        alarms += u64::from(measures.values().any(is_clear));
        looked_at += found["looked_at"].as_u64().unwrap();
        let is_beyond = |seen: &&Value| {
            let end = |key: &str| seen["difference"][key].as_f64().unwrap_or(0.0);
            end("low") > 0.0 || end("high") < 0.0
        };
        alone += measures.values().filter(is_beyond).count() as u64;
    }
    // At 95 % two of forty are allowed; measures are alike, so chance strikes many at once or none.
    assert!(alarms <= 5, "{alarms}");
    let share = alone as f64 / looked_at as f64;
    assert!((0.01..0.12).contains(&share), "{share}");
}

#[test]
fn a_precision_is_reached_or_the_exit_says_not() {
    let (_place, one, other) = two(&[SLOWER]);
    let words = [
        "compare",
        &one,
        &other,
        "--measure",
        "waiting.mean",
        "--precision",
    ];
    let found = json_of(&[&words[..], &["0.05", "--max", "2000"]].concat());
    assert_eq!(found["precision_reached"], true);
    let seen = &found["measures"]["waiting.mean"];
    let half = seen["difference"]["half_width"].as_f64().unwrap();
    assert!(half <= 0.05 * seen["b"].as_f64().unwrap());
    let (out, err, code) = told(&[&words[..], &["0.0001", "--max", "30"]].concat());
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("raise --max"), "{err}");
}

#[test]
fn shards_and_a_resumed_study_come_to_the_same() {
    let (place, one, other) = two(&[SLOWER]);
    let study = ["compare", &one, &other, "-n", "11"];
    let out = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let json = ["--format", "json"];
    let folder = out("whole");
    let (whole, _, code) = told(&[&study[..], &json, &["--out", &folder]].concat());
    assert_eq!(code, 0);
    for share in 1..=3 {
        let (share, folder) = (format!("{share}/3"), out(&format!("{share}")));
        let (_, err, code) = told(&[&study[..], &["--shard", &share, "--out", &folder]].concat());
        assert_eq!(code, 0, "{err}");
    }
    let shards = ["1", "2", "3"].map(out);
    let shards = shards.each_ref().map(String::as_str);
    let joined = [&["merge"][..], &shards, &json].concat();
    assert_eq!(told(&joined).0, whole);
    fs::remove_file(place.path().join("whole/manifest.json")).unwrap();
    let again = [&study[..], &json, &["--out", &folder, "--resume"]].concat();
    assert_eq!(told(&again).0, whole);
    let filed = fs::read_to_string(place.path().join("whole/summary.json")).unwrap();
    assert_eq!(filed, whole);
    assert!(place.path().join("whole/other.toml").exists());
    let (path, err, code) = told(&["report", &out("whole")]);
    assert_eq!(code, 0, "{err}");
    let page = fs::read_to_string(path.trim()).unwrap();
    assert!(page.contains("The mean wait") && page.contains("B against A"));
    let place = |text: &str| page.rfind(text).unwrap();
    assert!(place("clear of chance one by one") > place(">What it changes</h2>"));
}

#[test]
fn the_folder_of_a_run_stands_for_its_scenario() {
    let (place, one, other) = two(&[SLOWER]);
    let out = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    for (file, name) in [(&one, "a"), (&other, "b")] {
        let (_, err, code) = told(&["run", file, "--out", &out(name)]);
        assert_eq!(code, 0, "{err}");
    }
    let of = |a: &str, b: &str| json_of(&["compare", a, b, "-n", "5"]);
    let scenarios = of(&one, &other);
    assert_ne!(
        scenarios["measures"]["waiting.mean"]["difference"],
        json!(null)
    );
    // Also where it reads a file, which is not beside it.
    let rows = "t,s\n1,2\n2,2\n6,1\n";
    fs::write(place.path().join("d.csv"), rows).unwrap();
    let replay = "model = \"tandem\"\narrivals = { times = { file = \"d.csv\", column = \"t\" } }\n\
        stages = [ { name = \"x\", service = { trace = { file = \"d.csv\", column = \"s\" } } } ]\n";
    let file = out("replay.toml");
    fs::write(&file, replay).unwrap();
    let (_, err, code) = told(&["run", &file, "--out", &out("r")]);
    assert_eq!(code, 0, "{err}");
    let (_, err, code) = told(&["compare", &out("r"), &file, "-n", "2"]);
    assert_eq!(code, 0, "{err}");
    for (a, b) in [
        (out("a"), out("b")),
        (one.clone(), out("b")),
        (out("a"), other),
    ] {
        let folders = of(&a, &b);
        for key in ["measures", "changed", "digest"] {
            assert_eq!(folders[key], scenarios[key], "{key} of {a} and {b}");
        }
    }
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_remedy() {
    let (place, one, other) = two(&[SLOWER]);
    refused(&["compare", &one], &["<B>"]);
    refused(&["compare", &one, "desk"], &["tandem", "desk", "one model"]);
    let (_other, first, seconds) = two(&[("\"min\"", "\"s\"")]);
    refused(
        &["compare", &first, &seconds],
        &["in min", "in s", "time_unit"],
    );
    refused(
        &["compare", &one, &other, "--measure", "waiting.mode"],
        &["waiting.mode", "waiting.mean"],
    );
    refused(&["compare", &one, "nowhere.toml"], &["nowhere.toml"]);
    let out = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let replicate = |file: &str, n: &str, seed: &str, name: &str| {
        let words = ["replicate", file, "-n", n, "--seed", seed, "--out"];
        let (_, err, code) = told(&[&words[..], &[&out(name)]].concat());
        assert_eq!(code, 0, "{err}");
    };
    replicate(&one, "4", "1", "a");
    replicate(&other, "5", "1", "b");
    replicate(&other, "4", "2", "c");
    refused(
        &["compare", &out("a"), &out("b")],
        &["4 and 5", "-n 5 --resume"],
    );
    refused(
        &["compare", &out("a"), &out("c")],
        &["seeds", "1 and 2", "--seed 1"],
    );
    refused(&["compare", &out("a"), &other], &["scenario.toml"]);
    refused(
        &["compare", &out("a"), &out("a"), "--seed", "3"],
        &["--seed"],
    );
    told(&["run", &one, "--out", &out("run")]);
    refused(
        &["compare", &out("run"), &out("a")],
        &["holds replications", "a/scenario.toml"],
    );
    for (file, from, to) in [
        ("summary.json", "\"replications\": 4", "\"replications\": 3"),
        ("scenario.toml", "1.5", "1.7"),
        ("rows/study.json", "1.5", "1.7"),
    ] {
        replicate(&one, "4", "1", "altered");
        let path = place.path().join("altered").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        refused(&["compare", &out("a"), &out("altered")], &[file]);
        fs::remove_dir_all(place.path().join("altered")).unwrap();
    }
}

/// The tables of stages, the second before the first.
fn turned(text: &str) -> String {
    let parts: Vec<&str> = text.split("[[stages]]").collect();
    let [head, first, second] = parts.as_slice() else {
        panic!("two stages");
    };
    format!("{head}[[stages]]{second}\n[[stages]]{first}")
}

#[test]
fn stages_are_paired_by_name_whatever_their_order() {
    let (place, one) = bakery();
    let text = fs::read_to_string(&one).unwrap();
    let other = place.path().join("turned.toml");
    fs::write(&other, turned(&text)).unwrap();
    let other = other.to_str().unwrap();
    let found = json_of(&["compare", &one, other, "-n", "6"]);
    let replicate = |file: &str| json_of(&["replicate", file, "-n", "6"]);
    let (a, b) = (replicate(&one), replicate(other));
    for (mine, theirs) in [(0, 1), (1, 0)] {
        for end in ["waiting.mean", "utilisation", "service.mean"] {
            let seen = &found["measures"][format!("stages.{mine}.{end}")];
            let mean = |study: &Value, at: usize| {
                study["measures"][format!("stages.{at}.{end}")]["mean"].clone()
            };
            assert_eq!(seen["a"], mean(&a, mine), "{mine} {end}");
            assert_eq!(seen["b"], mean(&b, theirs), "{mine} {end}");
        }
    }
    assert_eq!(
        found["changed"],
        json!({ "stages": [["counter", "till"], ["till", "counter"]] })
    );
    // By the key that was asked for.
    let key = "stages.till.utilisation";
    let asked = json_of(&["compare", &one, other, "-n", "6", "--measure", key]);
    assert_eq!(
        asked["measures"][key]["b"],
        found["measures"]["stages.1.utilisation"]["b"]
    );
    assert_eq!(asked["answer"]["measure"], key);
    assert_eq!(asked["measures"].as_object().unwrap().len(), 1);
}

#[test]
fn classes_and_servers_of_a_desk_are_paired_by_name() {
    let text = |classes: &str| {
        format!(
            "model = \"desk\"\nhorizon = {{ until = 200.0 }}\n{classes}\
             [[servers]]\nname = \"A\"\nattendants = [ {{ skills = [\"few\", \"many\"], count = 2 }} ]\n"
        )
    };
    let class = |name: &str, mean: f64| {
        format!(
            "[[classes]]\nname = \"{name}\"\n\
             arrivals = {{ interarrival = {{ exponential = {{ mean = {mean:?} }} }} }}\n\
             service = {{ exponential = {{ mean = 1.0 }} }}\n"
        )
    };
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, classes: String| {
        let file = place.path().join(name);
        fs::write(&file, text(&classes)).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let one = write("one.toml", class("few", 10.0) + &class("many", 2.0));
    let other = write("other.toml", class("many", 2.0) + &class("few", 10.0));
    let found = json_of(&["compare", &one, &other, "-n", "4"]);
    let seen = &found["measures"]["classes.0.requests.generated"];
    // About 20 of the one class and 100 of the other.
    assert!(seen["a"].as_f64().unwrap() < 40.0, "{seen}");
    assert!(seen["b"].as_f64().unwrap() < 40.0, "{seen}");
    assert_eq!(
        found["changed"],
        json!({ "classes": [["few", "many"], ["many", "few"]] })
    );
}

#[test]
fn a_stage_that_only_one_has_is_left_out_and_said() {
    let (place, one) = bakery();
    let text = fs::read_to_string(&one).unwrap();
    let packing =
        "\n[[stages]]\nname = \"packing\"\nservers = 3\nservice = { constant = { value = 1.0 } }\n";
    let other = place.path().join("longer.toml");
    let longer = text.replacen("[[stages]]", &format!("{packing}[[stages]]"), 1);
    fs::write(&other, longer).unwrap();
    let other = other.to_str().unwrap();
    let found = json_of(&["compare", &one, other, "-n", "2"]);
    let keys = found["measures"].as_object().unwrap();
    assert!(keys.contains_key("stages.1.utilisation"));
    assert!(!keys.contains_key("stages.2.utilisation"));
    let changed = json!({
        "stages.packing.name": [null, "packing"],
        "stages.packing.servers": [null, 3],
        "stages.packing.service.constant.value": [null, 1.0],
    });
    assert_eq!(found["changed"], changed);
    let (text, ..) = told(&["compare", &one, other, "-n", "2"]);
    assert!(text.contains("that only B has (of packing)"), "{text}");
    refused(
        &[
            "compare",
            &one,
            other,
            "--measure",
            "stages.packing.waiting.mean",
        ],
        &[
            "only B has",
            "stages.packing.waiting.mean",
            "by their names",
        ],
    );
}

#[test]
fn what_is_many_times_as_much_is_said_to_be() {
    let fast = ("mean = 1.5", "mean = 0.1");
    let (_place, slow, fast) = two(&[fast]);
    let words = [
        "compare",
        &fast,
        &slow,
        "-n",
        "5",
        "--measure",
        "stages.counter.waiting.mean",
    ];
    let study = json_of(&words);
    let seen = &study["measures"]["stages.counter.waiting.mean"];
    let times = seen["b"].as_f64().unwrap() / seen["a"].as_f64().unwrap();
    assert!(times > 100.0, "{times}");
    let said = study["answer"]["headline"].as_str().unwrap();
    assert!(
        said.ends_with(&format!("min more, {times:.0} times as much.")),
        "{said}"
    );
    // In the table it stands in percent, thousands apart.
    let (text, ..) = told(&words);
    let percent = format!("{:.0}", 100.0 * (times - 1.0));
    let (thousands, rest) = percent.split_at(percent.len() - 3);
    assert!(text.contains(&format!("+{thousands} {rest} %")), "{text}");
}

#[test]
fn networks_that_blocked_themselves_are_named() {
    let place = tempfile::tempdir().unwrap();
    let text = include_str!("../../scenarios/gridlock.toml");
    let swap = text.replace("deadlock = \"stop\"", "deadlock = \"swap\"");
    let [a, b] = [("a.toml", text), ("b.toml", &swap)].map(|(name, text)| {
        fs::write(place.path().join(name), text).unwrap();
        place.path().join(name).to_str().unwrap().to_owned()
    });
    let study = json_of(&["compare", &a, &b, "-n", "4"]);
    let notes = study["answer"]["notes"].as_array().unwrap();
    let says = "The network blocked itself in 4 of 8 runs, 4 of A and 0 of B: those ended there, in a deadlock.";
    assert!(notes.contains(&says.into()), "{notes:?}");
}
