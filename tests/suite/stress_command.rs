//! `filas stress` from outside: its output, its files, its errors, its exit codes.

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
fn the_answer_is_one_in_the_terminal_the_document_and_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let words = ["stress", DESK, "--schedules", "40", "--quiet", "--report"];
    let words = [&words[..], &["--out", out.to_str().unwrap()]].concat();
    let (said, error, code) = told(&words);
    assert_eq!(code, 0, "{error}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&read("summary.json")).unwrap();
    let headline = summary["answer"]["headline"].as_str().unwrap();
    assert!(
        headline.starts_with("The same result every time: "),
        "{headline}"
    );
    let page = read("report.html");
    assert!(
        said.contains(headline) && page.contains(headline),
        "{headline}"
    );
    for part in [
        "no actor ever chooses between its inputs",
        "cut to 13 of 100 steps",
    ] {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(part) && page.contains(part), "{part}");
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
    assert!(error.contains("is not a schedule"), "{error}");
}

#[test]
fn what_blocked_nobody_and_killed_nobody_is_no_stress() {
    // Eight customers may pass in one message or in eight, along three stages, with kills or
    // without.
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
        (
            r#"{ "name": "other" }"#,
            "the report is of other, not of clinic",
        ),
        (r#"{ "name": "clinic" }"#, "has no throughput"),
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

#[test]
fn actors_that_are_killed_by_plan_make_no_noise() {
    let words = ["stress", DESK, "--strategy", "threads", "--schedules", "6"];
    let (said, noise, code) = told(&[&words[..], &["--quiet"]].concat());
    assert_eq!((noise.as_str(), code), ("", 0));
    assert!(said.contains(" actors killed, "), "{said}");
}

#[test]
fn the_manifest_lists_what_was_tried_and_names_what_was_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = |name: &str, words: &[&str]| {
        let out = folder.path().join(name);
        let out = out.to_str().unwrap();
        told(&[&["stress", CLINIC, "--quiet", "--out", out], words].concat());
        let manifest = std::fs::read_to_string(format!("{out}/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest["runtime"].clone()
    };
    let many = runtime("many", &["--strategy", "rr", "--schedules", "3"]);
    let all = serde_json::json!({ "channel_capacity": [0, 1, 2, 7, 64], "chunk": [1, 3, 64] });
    assert_eq!(many, all);
    let one = runtime("one", &["--replay", "rr-1-c2-m7-k0"]);
    assert_eq!(
        one,
        serde_json::json!({ "channel_capacity": 2, "chunk": 7 })
    );
}

#[test]
fn throughput_that_was_lost_since_an_earlier_report_is_told_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    // No machine simulates a billion billion customers a second; every machine does more than none.
    let cell =
        |capacity, low| format!(r#"{{ "capacity": {capacity}, "chunk": 16, "low": {low} }}"#);
    let cells = [cell(4, "1e18"), cell(16, "0.0")].join(", ");
    let text = format!(r#"{{ "name": "clinic", "throughput": {{ "cells": [{cells}] }} }}"#);
    std::fs::write(&old, text).unwrap();
    let old = old.to_str().unwrap();
    let out = folder.path().join("now");
    let out = out.to_str().unwrap();
    let words = ["stress", CLINIC, "--schedules", "64", "--quiet", "--report"];
    let set = [
        "--set",
        "horizon.customers=60",
        "--set",
        "horizon.warm_up=0",
    ];
    let (said, _, code) = told(&[&words[..], &set, &["--baseline", old, "--out", out]].concat());
    assert_eq!(code, 1, "{said}");
    assert_eq!(said.matches("slower").count(), 1, "{said}");
    let now: Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{out}/summary.json")).unwrap())
            .unwrap();
    let lost = now["throughput"]["losses"].as_array().unwrap();
    assert_eq!((lost.len(), lost[0]["capacity"].as_u64()), (1, Some(4)));
    // The contents of a report, in all three of its forms.
    let page = std::fs::read_to_string(format!("{out}/report.html")).unwrap();
    for (text, json, html) in [
        ("strategy", "strategies", "Strategies"),
        ("channels hold 256", "cells", "Cells"),
        ("pays less than a tenth", "knee", "Knee"),
        ("channels of 4", "channels", "Channels"),
        ("p99", "blocked_p99_ms", "blocked p99 ms"),
        ("held", "high_water", "high water"),
        ("running", "running", "running"),
        ("longest wait", "longest_wait_ms", "longest wait ms"),
        ("fairness", "fairness", "fairness"),
        ("was back after", "restarts", "Restarts"),
        ("not reached", "not_reached", "not reached"),
        (
            "two customers tied",
            "two customers tied",
            "two customers tied",
        ),
        ("0 lost", "lost", "lost"),
        ("given again", "redone", "redone"),
        ("o proof", "no proof", "no proof"),
        ("because no actor", "because no actor", "because no actor"),
    ] {
        assert!(said.contains(text), "{text}: {said}");
        assert!(now.to_string().contains(json), "{json}: {now}");
        assert!(page.contains(html), "{html}");
    }
}
