//! `filas stress` from outside: what it says, what it writes, what it refuses, how it exits.

use super::cli::{json, told};
use serde_json::Value;

const CLINIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/clinic.toml");
const DESK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/desk.toml");

#[test]
fn a_scenario_gives_one_digest_under_every_kind_of_schedule() {
    for (kind, explored, threaded) in [("random", 12, 0), ("pct", 12, 0), ("threads", 0, 12)] {
        let words = ["stress", DESK, "--strategy", kind, "--schedules", "12"];
        let seen = json(&[&words[..], &["--format", "json", "--quiet"]].concat());
        assert_eq!(seen["verdict"], "same");
        assert_eq!(seen["schedules"]["explored"], explored);
        assert_eq!(seen["schedules"]["threaded"], threaded);
        for none in ["lost", "duplicated", "deadlocks"] {
            assert_eq!(seen[none], 0, "{none}");
        }
        assert!(seen["kills"].as_u64() > Some(0) && seen["blocked_sends"].as_u64() > Some(0));
        assert!(seen["replay"].is_null() && seen["failure"].is_null());
        assert_eq!(seen["model"], "desk");
        assert!(seen["shortened"]["to"].as_f64() < Some(100.0));
    }
}

#[test]
fn a_schedule_is_tried_again_by_its_name_and_a_wrong_name_is_refused() {
    let (said, _, _) = told(&[
        "stress",
        CLINIC,
        "--replay",
        "pct3-17-c2-m7-k200",
        "--quiet",
    ]);
    assert!(
        said.contains("The same result under this schedule."),
        "{said}"
    );
    assert!(said.contains("pct3"), "{said}");
    let (_, error, code) = told(&["stress", CLINIC, "--replay", "pct3-17"]);
    assert_eq!(code, 2);
    assert!(error.contains("names no schedule"), "{error}");
}

#[test]
fn what_blocked_nobody_and_killed_nobody_is_no_stress() {
    // Eight customers may pass in one message or in eight, along three stages, killed or not.
    let set = ["--set", "horizon.customers=8", "--set", "horizon.warm_up=0"];
    let exits: Vec<i32> = (0..12)
        .map(|first| {
            let first = first.to_string();
            let words = ["stress", CLINIC, "--schedules", "1", "--strategy", "random"];
            let (said, _, code) = told(&[&words[..], &set, &["--first", &first]].concat());
            assert_eq!(said.contains("Not stressed"), code == 1, "{said}");
            code
        })
        .collect();
    assert!(exits.contains(&0) && exits.contains(&1), "{exits:?}");
}

#[test]
fn an_earlier_report_that_is_none_is_refused_before_anything_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    for (text, what) in [
        ("{}", "not a report"),
        (r#"{ "name": "other" }"#, "a report of other, not of clinic"),
        (r#"{ "name": "clinic" }"#, "without throughput"),
    ] {
        std::fs::write(&old, text).unwrap();
        let (_, error, code) = told(&["stress", CLINIC, "--baseline", old.to_str().unwrap()]);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_report_is_left_in_the_results_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("stress");
    let words = [
        "stress",
        CLINIC,
        "--strategy",
        "random",
        "--schedules",
        "5",
        "--out",
    ];
    told(&[&words[..], &[out.to_str().unwrap()]].concat());
    let summary = std::fs::read_to_string(out.join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["schedules"]["explored"], 5);
    assert!(out.join("manifest.json").exists() && out.join("scenario.toml").exists());
}

#[test]
fn the_graph_is_printed_with_its_answers() {
    let buffers = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/buffers.toml");
    let (graph, _, _) = told(&["check", buffers, "--graph", "--quiet"]);
    assert!(graph.starts_with("digraph filas {") && graph.ends_with("}\n"));
    assert!(graph.contains("a0 -> a1;"), "{graph}");
    assert!(
        graph.contains("a1 -> a0 [style=dashed, label=\"9\"];"),
        "{graph}"
    );
}
