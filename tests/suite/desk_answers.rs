//! What a run and replications of a desk say: whether targets are met, and why requests are left at the end.

use super::cli::{json, told};
use std::fs;

fn written(text: &str) -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (place, file)
}

/// One attendant; `rest` holds the arrivals and more keys of the one class.
fn desk(horizon: &str, rest: &str) -> (tempfile::TempDir, String) {
    written(&format!(
        "model = \"desk\"\nname = \"few\"\nhorizon = {{ {horizon} }}\n\
         classes = [ {{ name = \"calls\", {rest} }} ]\n\
         servers = [ {{ name = \"A\", attendants = [ {{ skills = [\"calls\"] }} ] }} ]\n"
    ))
}

#[test]
fn a_target_of_which_some_replications_know_nothing_is_null_there() {
    let rest = "arrivals = { interarrival = { exponential = { mean = 1.0 } } }, \
                service = { constant = { value = 0.5 } }, service_level = { within = 0.1, target = 0.5 }";
    let (_place, file) = desk("until = 1.0", rest);
    let study = json(&["replicate", &file, "-n", "40", "--format", "json"]);
    // In about one of e replications nobody comes.
    let answered = &study["measures"]["service_level.of_offered"];
    let n = answered["n"].as_u64().unwrap();
    assert!((15..40).contains(&n), "{n}");
    let mut met = Vec::new();
    for seed in 1..20 {
        let seed = seed.to_string();
        let run = json(&["run", &file, "--seed", &seed, "--format", "json"]);
        let level = run["service_level"].as_object().unwrap();
        assert_eq!(level["of_offered"].is_null(), level["met"].is_null());
        met.push(level["met"].as_bool());
        assert!(
            run["classes"][0]["service_level"]
                .as_object()
                .unwrap()
                .contains_key("met")
        );
    }
    assert!(met.contains(&None) && met.contains(&Some(true)), "{met:?}");
}

#[test]
fn replications_say_whether_a_target_is_met() {
    for (target, verdict) in [("0.2", "is met"), ("0.95", "is not met")] {
        let rest = format!(
            "arrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }} }}, \
             service = {{ exponential = {{ mean = 0.5 }} }}, service_level = {{ within = 0.1, target = {target} }}"
        );
        let (_place, file) = desk("until = 500.0", &rest);
        let (text, _, _) = told(&["replicate", &file, "-n", "8"]);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("are answered in time; the target of") && text.contains(verdict),
            "{text}"
        );
    }
}

#[test]
fn a_run_that_ends_with_requests_left_says_why() {
    let times = "arrivals = { times = [ 0.0, 1.0 ] }, service = { constant = { value = 100.0 } }";
    let (_a, stopped) = desk("until = 2.0, stop = true", times);
    let (_b, long) = desk("until = 2.0", times);
    let (_c, nobody) = desk("until = 2.0", times);
    let down = "--set=faults.script=[{ at = 1.5, server = \"A\" }]";
    for (file, more, why) in [
        (
            &stopped,
            "--quiet",
            "2 requests were still in the system at time 2, where the run was to stop",
        ),
        (
            &long,
            "--quiet",
            "2 requests were still in the system when ten times the time of the last arrival had passed",
        ),
        (
            &nobody,
            down,
            "2 requests were still in the system at the end: no attendant who is left can serve them",
        ),
    ] {
        let (text, _, _) = told(&["run", file, more]);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn those_who_gave_up_did_wait_where_nobody_served_had_to() {
    // One comes at 0 and is served until 10; the other comes at 1, waits for 2 and gives up.
    let rest = "arrivals = { times = { values = [0.0, 1.0] } }, \
                service = { constant = { value = 10.0 } }, patience = { constant = { value = 2.0 } }";
    let (_place, file) = desk("until = 20.0", rest);
    let (text, ..) = told(&["run", &file, "--quiet"]);
    assert!(
        text.contains("no request whose service began had to wait"),
        "{text}"
    );
    // Alone nobody waits.
    let (text, ..) = told(&[
        "run",
        &file,
        "--quiet",
        "--set",
        "classes.0.arrivals.times.values=[0.0]",
    ]);
    assert!(text.contains("no request waited"), "{text}");
}
