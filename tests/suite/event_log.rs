//! `--events`: the steps of every case, in order, as the other tables of the run have them.

use super::cli::told;
use std::collections::BTreeMap;
use std::path::Path;

/// The records of a table.
fn rows(folder: &Path, table: &str) -> Vec<csv::StringRecord> {
    let mut table = csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap();
    table.records().map(Result::unwrap).collect()
}

/// The activities of each case, in the order of the file.
fn cases(folder: &Path) -> BTreeMap<u64, Vec<String>> {
    let mut cases: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for row in rows(folder, "events") {
        let activities = cases.entry(row[0].parse().unwrap()).or_default();
        activities.push(row[1].to_owned());
    }
    cases
}

fn run(words: &[&str], out: &Path) {
    let out = out.to_str().unwrap();
    let results = ["--out", out, "--tables", "csv", "--events", "--overwrite"];
    let (_, err, code) = told(&[&["run"], words, &results].concat());
    assert_eq!(code, 0, "{err}");
}

#[test]
fn each_case_of_a_line_passes_its_stages_and_times_are_those_of_the_visits() {
    let place = tempfile::tempdir().unwrap();
    let words = [
        "clinic",
        "--set",
        "horizon.customers=500",
        "--set",
        "horizon.warm_up=0",
    ];
    run(&words, place.path());
    let stages: Vec<String> = rows(place.path(), "visits")
        .iter()
        .take(3)
        .map(|visit| visit[1].to_owned())
        .collect();
    let cases = cases(place.path());
    assert_eq!(cases.len(), 500);
    assert!(cases.values().all(|activities| *activities == stages));
    let events = rows(place.path(), "events");
    let times: Vec<&str> = events.iter().map(|row| &row[2]).collect();
    assert!(times.is_sorted());
    // 1970-01-01T00:13:15.116273142Z is minute 13.25..., rounded down to the nanosecond.
    let visits = rows(place.path(), "visits");
    for event in &events {
        let mut visits = visits.iter();
        let visit = visits.find(|visit| visit[0] == event[0] && visit[1] == event[1]);
        let visit = visit.unwrap();
        let clock: Vec<f64> = event[2][11..29]
            .split(':')
            .map(|n| n.parse().unwrap())
            .collect();
        let day: f64 = event[2][8..10].parse::<f64>().unwrap() - 1.0;
        let minutes = day * 1440.0 + clock[0] * 60.0 + clock[1] + clock[2] / 60.0;
        assert!(
            (minutes - visit[3].parse::<f64>().unwrap()).abs() < 1e-9,
            "{event:?}"
        );
        assert_eq!(event[3], format!("{}-{}", &event[1], &visit[6]));
    }
}

#[test]
fn each_case_of_a_desk_arrives_first_and_ends_as_its_row_says_on_every_engine() {
    let place = tempfile::tempdir().unwrap();
    for engine in ["inline", "threads"] {
        let out = place.path().join(engine);
        run(&["desk", "--engine", engine], &out);
        let cases = cases(&out);
        for request in rows(&out, "requests") {
            let activities = &cases[&request[0].parse().unwrap()];
            assert_eq!(activities[0], "arrived");
            let outcome = &request[5];
            let last = activities.last().unwrap();
            assert_eq!(
                last == outcome,
                outcome != "in-system",
                "{request:?} {activities:?}"
            );
            let starts = activities.iter().filter(|name| *name == "started").count();
            assert_eq!(starts.to_string(), request[6]);
        }
    }
    let text =
        |engine| std::fs::read_to_string(place.path().join(engine).join("events.csv")).unwrap();
    assert_eq!(text("inline"), text("threads"));
}

/// The number of rows of an activity.
fn count(folder: &Path, activity: &str) -> usize {
    let events = rows(folder, "events");
    events.iter().filter(|row| &row[1] == activity).count()
}

#[test]
fn clients_who_go_or_come_again_and_wrap_ups_are_steps_of_their_requests() {
    let place = tempfile::tempdir().unwrap();
    let (day, storm) = (place.path().join("day"), place.path().join("storm"));
    run(&["call-day"], &day);
    assert_eq!(count(&day, "wrap-up"), count(&day, "completed"));
    for activities in cases(&day).values() {
        let completed = activities.iter().position(|name| name == "completed");
        let wrapped = activities.iter().position(|name| name == "wrap-up");
        assert_eq!(completed.map(|at| at + 1), wrapped, "{activities:?}");
    }
    run(&["retry-storm", "--set", "horizon.until=90"], &storm);
    let mut requests = csv::Reader::from_path(storm.join("requests.csv")).unwrap();
    let requests: Vec<BTreeMap<String, String>> =
        requests.deserialize().map(Result::unwrap).collect();
    let gone = requests
        .iter()
        .filter(|row| !row["gone"].is_empty())
        .count();
    assert_eq!(count(&storm, "client gone"), gone);
    // A try that would begin after the end of the run is none.
    let tries = requests.iter().filter(|row| row["try"] != "1").count();
    let again = count(&storm, "comes again");
    assert!(
        tries > 0 && (tries..=gone).contains(&again),
        "{tries} {again} {gone}"
    );
}

#[test]
fn customers_who_are_not_served_end_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    run(&["emergency-room"], place.path());
    let cases = cases(place.path());
    let mut ends = BTreeMap::<String, u64>::new();
    for customer in rows(place.path(), "customers") {
        let outcome = customer
            .iter()
            .find(|cell| ["abandoned", "balked", "failed", "lost", "scrapped"].contains(cell));
        if let Some(outcome) = outcome {
            let last = cases[&customer[0].parse().unwrap()].last();
            assert_eq!(last.map(String::as_str), Some(outcome), "{customer:?}");
            *ends.entry(outcome.to_owned()).or_default() += 1;
        }
    }
    assert!(ends.contains_key("abandoned"), "{ends:?}");
}

#[test]
fn an_event_log_needs_a_folder_and_a_form() {
    let (_, err, code) = told(&["run", "desk", "--events"]);
    assert_eq!(code, 2);
    assert!(err.contains("--out"), "{err}");
    let (_, err, code) = told(&["run", "desk", "--events", "--out", "x", "--tables", "none"]);
    assert_eq!(code, 2);
    assert!(err.contains("--tables none"), "{err}");
    assert!(!Path::new("x").exists());
}

#[test]
fn at_one_instant_of_continuous_time_services_end_before_clients_time_out() {
    // At 2 the first is done, and right after it the second and, a step later in the rule, its client's further try.
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    let text = r#"
model = "desk"
horizon = { until = 10.0 }
[[classes]]
name = "a"
arrivals = { times = { values = [0.0, 0.0] } }
service = { constant = { value = 2.0 } }
timeout = { after = { constant = { value = 2.0 } }, withdraw = true }
wrap_up = { constant = { value = 1.0 } }
[[servers]]
name = "S"
attendants = [ { skills = ["a"], count = 1 } ]
"#;
    std::fs::write(&file, text).unwrap();
    for engine in ["inline", "threads"] {
        let out = place.path().join(engine);
        run(&[file.to_str().unwrap(), "--engine", engine], &out);
        let events = rows(&out, "events");
        let told: Vec<(&str, &str)> = events.iter().map(|row| (&row[0], &row[1])).collect();
        let at = |case: &str, activity: &str| {
            let found = told.iter().position(|one| *one == (case, activity));
            found.unwrap_or_else(|| panic!("no {activity} of {case}: {told:?}"))
        };
        assert!(at("1", "completed") < at("2", "timed-out"), "{told:?}");
        assert!(at("1", "wrap-up") < at("2", "timed-out"), "{told:?}");
    }
}

/// One request a step; one attendant serves each for two steps, and one may wait.
const STEPS: &str = r#"
model = "desk"
time_unit = "min"
start = "8:00"
steps = 5
buffer = { capacity = 1 }
supervisor = { queue = "central" }
arrivals = { per_step = { constant = { value = 1 } } }
classes = [ { name = "c", share = 1, service = { constant = { value = 2 } }, wrap_up = { constant = { value = 1 } } } ]
servers = [ { name = "A", attendants = [ { skills = ["c"] } ] } ]
"#;

#[test]
fn a_service_of_a_desk_in_steps_lasts_until_its_last_step_is_over() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("steps.toml");
    std::fs::write(&file, STEPS).unwrap();
    let out = place.path().join("out");
    run(&[file.to_str().unwrap()], &out);
    // Request 1 is served in steps 1 and 2, from 8:00 to 8:02, with wrap-up in step 3; request 2 in steps 4 and 5.
    let events = rows(&out, "events");
    let of = |case: &str| -> Vec<(String, String)> {
        let rows = events.iter().filter(|row| &row[0] == case);
        let row = |row: &csv::StringRecord| (row[1].to_owned(), row[2][11..16].to_owned());
        rows.map(row).collect()
    };
    let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        let pair = |&(what, when): &(&str, &str)| (what.to_owned(), when.to_owned());
        all.iter().map(pair).collect()
    };
    let first = [
        ("arrived", "08:00"),
        ("started", "08:00"),
        ("completed", "08:02"),
        ("wrap-up", "08:02"),
    ];
    assert_eq!(of("1"), pairs(&first));
    let second = [
        ("arrived", "08:01"),
        ("started", "08:03"),
        ("completed", "08:05"),
        ("wrap-up", "08:05"),
    ];
    assert_eq!(of("2"), pairs(&second));
    assert_eq!(
        of("3"),
        pairs(&[("arrived", "08:02"), ("rejected", "08:02")])
    );
    let times: Vec<&str> = events.iter().map(|row| &row[2]).collect();
    assert!(times.is_sorted(), "{times:?}");
    // The table of requests has the same times of day.
    let mut table = csv::Reader::from_path(out.join("requests.csv")).unwrap();
    let table = table.deserialize().map(Result::unwrap);
    let table: Vec<BTreeMap<String, String>> = table.collect();
    let ends = |id: &str| {
        let row = table.iter().find(|row| row["id"] == id).unwrap();
        (row["end"].clone(), row["end_clock"].clone())
    };
    let of = |end: &str, clock: &str| (end.to_owned(), clock.to_owned());
    assert_eq!(ends("1"), of("2", "08:02"));
    assert_eq!(ends("2"), of("5", "08:05"));
    assert_eq!(ends("3"), of("3", "08:02"));
}
