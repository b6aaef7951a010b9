//! The explanation of a life: checked by hand for a small desk and a small line, and for every
//! request of a busy desk its outcome, its waits without a gap and a reason for each server.

use crate::cli::{filas, json, told};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A results folder of this scenario.
fn results(place: &Path, scenario: &str) -> String {
    let file = place.join("it.toml");
    fs::write(&file, scenario).unwrap();
    let out = place.join("results");
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    filas(&["run", file, "--out", out]).assert().success();
    out.to_owned()
}

/// Time, event and reasons of each chapter.
fn chapters(life: &Value) -> Vec<(f64, String, Vec<String>)> {
    let reason = |reason: &Value| {
        let text = |key: &str| reason[key].as_str().unwrap().to_owned();
        format!("{}: {}", text("server"), text("text"))
    };
    let chapter = |chapter: &Value| {
        let none = Vec::new();
        let reasons = chapter["reasons"].as_array().unwrap_or(&none);
        (
            chapter["from"].as_f64().unwrap(),
            chapter["text"].as_str().unwrap().to_owned(),
            reasons.iter().map(reason).collect(),
        )
    };
    life["chapters"]
        .as_array()
        .unwrap()
        .iter()
        .map(chapter)
        .collect()
}

const DESK: &str = r#"
model = "desk"
name = "two"
steps = 12
classes = [ { name = "calm", service = { constant = { value = 3 } } } ]
supervisor = { rebalance = true }
servers = [
  { name = "A", capacity = 1, attendants = [ { skills = ["calm"] } ] },
  { name = "B", capacity = 2, attendants = [ { skills = ["calm"] } ] },
]
[arrivals.trace]
file = "day.csv"
arrival = "step"
[faults]
script = [ { step = 3, attendant = "A-1", down_for = 2 } ]
"#;

#[test]
fn a_small_desk_worked_out_by_hand_is_told_so() {
    // 1 starts at A, 2 at B, 3 waits at B. In step 3 A-1 goes down and 1 is handed over; B is full. In step 4
    // 1 goes to B, where it comes before 3 and is served by B-1, free again. In step 5 A-1 takes 3 over.
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("day.csv"), "step\n0.5\n0.5\n0.5\n").unwrap();
    let out = results(place.path(), DESK);
    let told = |n: &str| {
        chapters(&json(&[
            "explain",
            &out,
            "--request",
            n,
            "--format",
            "json",
        ]))
    };
    let first = told("1");
    let at = |step: f64| -> Vec<&(f64, String, Vec<String>)> {
        first.iter().filter(|chapter| chapter.0 == step).collect()
    };
    assert!(
        at(3.0)[0].1.starts_with(
            "A-1 goes down and interrupts it; the 2 steps of work done are done again"
        )
    );
    assert_eq!(
        at(3.0)[1].1,
        "At the end of the step it waits with the supervisor, ahead of the buffer, nobody ahead of it."
    );
    assert_eq!(
        at(3.0)[1].2,
        [
            "A: nobody with its skill is up (A-1 down)",
            "B: full: holds 2 of 2, 1 in service and 1 waiting"
        ]
    );
    assert_eq!(
        at(4.0)[0].1,
        "It goes to server B, which then holds 2 of 2."
    );
    assert_eq!(
        at(4.0)[1].1,
        "B-1 begins to serve it, attempt 2: 3 steps of work."
    );
    assert_eq!(
        at(6.0)[0].1,
        "B-1 completes it. It waited 0 steps and was 6 steps at the desk in all."
    );
    let third = told("3");
    assert_eq!(third[1].1, "It goes to server B, which then holds 2 of 2.");
    assert_eq!(
        third[2].1,
        "At the end of each step it waits at server B, nobody ahead of it."
    );
    assert_eq!(third[2].2, ["A: A-1 serves #1", "B: B-1 serves #2"]);
    assert_eq!(third[3].2, ["A: A-1 is down", "B: B-1 serves #2"]);
    assert_eq!(
        third[4].1,
        "At the end of the step it waits at server B, nobody ahead of it."
    );
    assert_eq!(third[4].2, ["A: A-1 is down", "B: B-1 serves #1"]);
    assert_eq!(
        third[5].1,
        "A-1 of server A has nothing to do and takes it over from the queue at B."
    );
}

#[test]
fn a_wait_in_which_only_fewer_are_ahead_is_told_once() {
    // A-1 and B-1 serve 1 and 2; B-1 goes down at 1 and fails 2. Then A-1 serves the others one by one, from 5 on.
    let scenario = r#"
model = "desk"
horizon = { until = 60.0 }
arrivals = { times = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] }
classes = [ { name = "c", service = { constant = { value = 5 } } } ]
servers = [
  { name = "A", attendants = [ { skills = ["c"] } ] },
  { name = "B", attendants = [ { skills = ["c"] } ] },
]
[supervisor]
queue = "central"
[faults]
work = "lost"
script = [ { at = 1.0, attendant = "B-1", down_for = 50.0 } ]
"#;
    let waits = |scenario: &str| {
        let place = tempfile::tempdir().unwrap();
        let out = results(place.path(), scenario);
        let life = json(&["explain", &out, "--request", "6", "--format", "json"]);
        let chapters = chapters(&life).into_iter();
        let waits = chapters.filter(|(_, text, _)| text.starts_with("It waits"));
        waits.collect::<Vec<_>>()
    };
    let told = |at: f64, text: &str, why: [&str; 2]| {
        (at, text.to_owned(), why.map(str::to_owned).to_vec())
    };
    let all_busy = "A: nobody with its skill is free (A-1 busy)";
    assert_eq!(
        waits(scenario),
        [
            told(
                0.0,
                "It waits in the buffer, behind #3, #4 and #5.",
                [all_busy, "B: nobody with its skill is free (B-1 busy)"]
            ),
            told(
                1.0,
                "It waits in the buffer, behind #3, #4 and #5; in the end nobody is ahead of it.",
                [all_busy, "B: nobody with its skill is up (B-1 down)"]
            ),
        ]
    );
    // One server, where those ahead change while its attendant is always busy.
    let alone = "  { name = \"B\", attendants = [ { skills = [\"c\"] } ] },\n";
    let one = scenario
        .replace(alone, "")
        .replace("\"central\"", "\"servers\"");
    let one = &one[..one.find("[faults]").unwrap()];
    let text = "It waits at server A, behind #2, #3, #4 and #5; in the end nobody is ahead of it.";
    let why = vec!["A: A-1 serves others".to_owned()];
    assert_eq!(waits(one), [(0.0, text.to_owned(), why)]);
}

#[test]
fn every_request_of_a_busy_desk_has_a_life_without_gaps() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    let run = ["run", "--set", "steps=25", "--out", out, "--tables", "csv"];
    filas(&run).assert().success();
    let table = fs::read_to_string(place.path().join("results/requests.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let (mut waited, mut full) = (0, 0);
    let steps_table = fs::read_to_string(place.path().join("results/steps.csv")).unwrap();
    let mut steps_table = csv::Reader::from_reader(steps_table.as_bytes());
    let head = steps_table.headers().unwrap().clone();
    let of_step: Vec<csv::StringRecord> = steps_table.records().map(Result::unwrap).collect();
    let in_row = |step: u64, key: &str| -> u64 {
        let column = head.iter().position(|name| name == key).unwrap();
        of_step[step as usize - 1][column].parse().unwrap()
    };
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    for row in rows.iter().step_by(9) {
        let life = json(&["explain", out, "--request", &row[0], "--format", "json"]);
        assert_eq!(life["class"], row[1]);
        assert_eq!(life["outcome"], row[5]);
        assert_eq!(life["attempts"].to_string(), row[6]);
        let mut steps = 0;
        for chapter in life["chapters"].as_array().unwrap() {
            if chapter["event"] == "starts" {
                break;
            }
            if chapter["event"] == "waits" {
                let at = |key: &str| chapter[key].as_u64().unwrap();
                steps += at("until") - at("from") + 1;
                let reasons = chapter["reasons"].as_array().unwrap();
                assert!(!reasons.is_empty(), "nobody says why: {chapter}");
                assert!(
                    reasons.iter().all(|reason| reason["text"] != ""),
                    "{chapter}"
                );
                // Where all servers were full, what is said of them adds up to the row of the step.
                let said = reasons.iter().filter_map(|reason| {
                    let text = reason["text"].as_str()?.strip_prefix("full: holds ")?;
                    let numbers = text.split_once(", ")?.1;
                    let (in_service, waiting) = numbers.split_once(" in service and ")?;
                    let waiting = waiting.strip_suffix(" waiting")?;
                    Some((
                        in_service.parse::<u64>().ok()?,
                        waiting.parse::<u64>().ok()?,
                    ))
                });
                let said: Vec<(u64, u64)> = said.collect();
                if said.len() == 3 {
                    let step = at("from");
                    let sum = said
                        .iter()
                        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                    let row = (
                        in_row(step, "in_service"),
                        in_row(step, "waiting_at_servers"),
                    );
                    assert_eq!(sum, row, "{chapter}");
                    full += 1;
                }
            }
        }
        let start = row[3].parse::<u64>();
        if let Ok(start) = start {
            assert_eq!(
                steps,
                start - row[2].parse::<u64>().unwrap(),
                "#{}",
                &row[0]
            );
            waited += steps;
        }
    }
    assert!(waited > 20 && full > 3, "nobody waited");
}

const LINE: &str = r#"
model = "tandem"
name = "short"
time_unit = "min"
arrivals = { times = { file = "times.csv", column = "arrival" } }
horizon = { customers = 4 }
[[stages]]
name = "cut"
service = { constant = { value = 2.0 } }
[[stages]]
name = "glue"
buffer = 0
service = { constant = { value = 5.0 } }
"#;

#[test]
fn a_small_line_worked_out_by_hand_is_told_so_also_from_another_folder() {
    // 1: cut 0-2, glue 2-7. 2: cut 2-4, blocked until 7, glue 7-12. 3 arrives at 3 and waits until 7.
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("times.csv"), "arrival\n0\n1\n3\n3\n").unwrap();
    let out = results(place.path(), LINE);
    let told = |n: &str| {
        chapters(&json(&[
            "explain",
            &out,
            "--customer",
            n,
            "--format",
            "json",
        ]))
    };
    let second = told("2");
    assert_eq!(second[1].1, "It waits 1 min at cut, nobody ahead of it.");
    assert_eq!(second[1].2, ["cut 1: serves #1 until 2"]);
    assert_eq!(
        second[3].1,
        "It is served, and holds the server for 3 min more: none of the 1 place of glue is free until #1 \
         leaves there."
    );
    let fourth = told("4");
    assert_eq!(fourth[1].1, "It waits 9 min at cut, behind #3.");
    assert_eq!(
        fourth[1].2,
        [
            "cut 1: serves #2 until 4, then held by it until 7 and #3 until 9, then held by it until 12"
        ]
    );
    let text = told_text(&["explain", &out, "--customer", "4"]);
    assert!(text.contains("It waits 9 min at cut, behind #3."), "{text}");
}

fn told_text(words: &[&str]) -> String {
    let (out, err, code) = told(words);
    assert_eq!(code, 0, "{err}");
    out
}

#[test]
fn what_cannot_be_explained_is_refused_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("results");
    let out = out.to_str().unwrap();
    filas(&["run", "--set", "steps=5", "--out", out])
        .assert()
        .success();
    let refusal = |words: &[&str]| {
        let (stdout, stderr, code) = told(words);
        assert!(stdout.is_empty(), "{stdout}");
        (stderr, code)
    };
    let (said, code) = refusal(&["explain", out, "--request", "100000"]);
    assert!(
        said.contains("there is no request 100000: they run from 1 to "),
        "{said}"
    );
    assert_eq!(code, 2);
    let (said, code) = refusal(&["explain", out, "--customer", "1"]);
    assert!(said.contains("use `--request N`") && code == 2, "{said}");
    let (said, code) = refusal(&["explain", place.path().to_str().unwrap(), "--request", "1"]);
    assert!(
        said.contains("is not the results folder of a finished run") && code == 2,
        "{said}"
    );
    // Results that were edited are recognised as not those of the run.
    let manifest = place.path().join("results/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let mut changed: Value = serde_json::from_str(&text).unwrap();
    changed["digest"] = "0123456789abcdef".into();
    fs::write(&manifest, changed.to_string()).unwrap();
    let (said, code) = refusal(&["explain", out, "--request", "1"]);
    assert!(
        said.contains("its results have 0123456789abcdef") && code == 1,
        "{said}"
    );
}

/// The customers of whom a service began, by the table of visits; none of a desk, which has none.
fn visits_begun(out: &str) -> BTreeSet<String> {
    let Ok(mut rows) = csv::Reader::from_path(format!("{out}/visits.csv")) else {
        return BTreeSet::new();
    };
    let head = rows.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|one| one == name).unwrap();
    let (customer, start) = (at("customer"), at("service_start"));
    let rows = rows.records().map(Result::unwrap);
    let begun = rows.filter(|row| !row[start].is_empty());
    begun.map(|row| row[customer].to_owned()).collect()
}

#[test]
fn the_longest_wait_and_the_first_loss_are_those_of_the_tables() {
    // Scenario, table, and the columns of number, wait (or first start) and outcome.
    for (scenario, table, flag) in [
        ("desk", "requests", "request"),
        ("clinic", "customers", "customer"),
        ("emergency-room", "customers", "customer"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let out = out.to_str().unwrap();
        let words = ["run", scenario, "--tables", "csv", "--out", out];
        filas(&words).assert().success();
        let mut rows = csv::Reader::from_path(format!("{out}/{table}.csv")).unwrap();
        let head = rows.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        let cell = |row: &csv::StringRecord, name: &str| {
            let at = head.iter().position(|one| one == name);
            at.map_or(String::new(), |at| row[at].to_owned())
        };
        let number = |row: &csv::StringRecord, name: &str| cell(row, name).parse::<f64>().ok();
        let began = visits_begun(out);
        let wait = |row: &csv::StringRecord| {
            let waited = number(row, "waiting").filter(|_| began.contains(&row[0]));
            waited.or_else(|| Some(number(row, "first_start")? - number(row, "arrival")?))
        };
        let id = |row: &csv::StringRecord| number(row, flag).or(number(row, "id")).unwrap();
        let mut longest: Option<(f64, f64)> = None;
        for row in &rows {
            if let Some(wait) = wait(row)
                && longest.is_none_or(|(most, one)| wait > most || wait == most && id(row) < one)
            {
                longest = Some((wait, id(row)));
            }
        }
        let life = json(&["explain", out, "--longest", "--format", "json"]);
        let (_, expected) = longest.unwrap();
        assert_eq!(life[flag].as_f64(), Some(expected), "{scenario}");
        let ends = [
            "departed",
            "served",
            "completed",
            "in-system",
            "unfinished",
            "",
        ];
        let lost = rows.iter().filter(|row| {
            let lost = cell(row, "lost");
            let outcome = cell(row, "outcome");
            lost == "true" || !ends.contains(&outcome.as_str())
        });
        let end =
            |row: &csv::StringRecord| number(row, "end").or(number(row, "departure")).unwrap();
        let first = lost.min_by(|a, b| end(a).total_cmp(&end(b)).then(id(a).total_cmp(&id(b))));
        let (_, error, code) = told(&["explain", out, "--lost"]);
        match first {
            Some(row) => {
                let life = json(&["explain", out, "--lost", "--format", "json"]);
                assert_eq!(life[flag].as_f64(), Some(id(row)), "{scenario}");
            }
            None => {
                assert_eq!(code, 2);
                assert!(error.contains("was lost"), "{error}");
            }
        }
    }
}

/// One attendant, slowed from 2 to 6, off duty from 12 to 20; two units of work after a service.
const STAFF: &str = r#"
model = "desk"
horizon = { until = 40.0 }
faults = { script = [ { at = 2.0, attendant = "A-1", slow = 0.5, down_for = 4.0 } ] }
[[classes]]
name = "calls"
arrivals = { times = [1.0, 1.5, 10.0] }
service = { constant = { value = 4.0 } }
wrap_up = { constant = { value = 2.0 } }
timeout = { after = { constant = { value = 6.0 } } }
retry = { after = ["timed-out"], delay = { constant = { value = 2.0 } }, most = 2 }
[[shifts]]
name = "early"
spells = [ [0, 12], [20, 40] ]
leaving = "hand-over"
[[servers]]
name = "A"
attendants = [ { skills = ["calls"], shift = "early" } ]
"#;

#[test]
fn slow_downs_wrap_ups_time_outs_and_ends_of_spells_are_told() {
    let place = tempfile::tempdir().unwrap();
    let out = results(place.path(), STAFF);
    let life = |request: &str| {
        let life = json(&["explain", &out, "--request", request, "--format", "json"]);
        chapters(&life)
    };
    // Four units of work: one done until 2, two until 6, the last until 7.
    let first = life("1");
    let told = |life: &[(f64, String, Vec<String>)], at: f64, words: &str| {
        let found = life.iter().any(|chapter| {
            let (text, reasons) = (&chapter.1, chapter.2.join("; "));
            chapter.0 == at && (text.contains(words) || reasons.contains(words))
        });
        assert!(found, "at {at} `{words}` is not in {life:#?}");
    };
    told(&first, 2.0, "A-1 is slowed, and goes on with it for longer");
    told(&first, 6.0, "at its own speed again");
    told(&first, 7.0, "A-1 completes it");
    told(&first, 7.0, "2 units of time of work after it");
    // It waits while that lasts, until 9; its client waits until 7.5, and comes again at 9.5.
    let second = life("2");
    told(&second, 1.5, "A-1 serves #1");
    told(&second, 7.0, "A-1 is at work after a service");
    told(&second, 7.5, "the work goes on for nobody");
    told(&second, 7.5, "comes again 2 units of time later: try 2");
    told(&second, 9.0, "A-1 begins to serve it");
    told(&second, 12.0, "A-1 goes off duty and interrupts it");
    told(&second, 12.0, "off duty");
    told(&second, 20.0, "attempt 2");
    let text = |chapter: &(f64, String, Vec<String>)| (chapter.0, chapter.1.clone());
    // The further try at 9.5 is a request of its own, and comes before the client of 10.
    let again: Vec<_> = ["3", "4"]
        .map(life)
        .iter()
        .map(|life| text(&life[1]))
        .collect();
    let right = "Its client has come again, 2 units of time after #2: try 2.";
    let found = again
        .iter()
        .filter(|(time, text)| *time == 9.5 && text == right);
    assert_eq!(found.count(), 1, "{again:#?}");
}

#[test]
fn a_study_has_no_life_to_tell() {
    let (place, file) = crate::cli::bakery();
    let out = place.path().join("study");
    let out = out.to_str().unwrap();
    for study in [
        &["replicate", &file][..],
        &["sweep", &file, "--vary", "stages.counter.servers=1,2"],
    ] {
        let (_, err, code) = told(&[study, &["-n", "2", "--out", out, "--overwrite"]].concat());
        assert_eq!(code, 0, "{err}");
        let (said, err, code) = told(&["explain", out, "--customer", "3"]);
        assert_eq!((said.as_str(), code), ("", 2), "{err}");
        assert!(
            err.contains("holds a study of many runs") && err.contains("filas run"),
            "{err}"
        );
    }
}

/// Some come, at 1, 2, 3 and in steps in every one, to one server whose services take 5, until 10, or step 9: the second
/// waits for 4 and is in service then, the third still waits.
const STOPPED: [(&str, &str); 4] = [
    (
        "customer",
        "model = \"tandem\"\nhorizon = { until = 10, stop = true }\narrivals = { times = [1, 2, 3] }\n\
         [[stages]]\nname = \"s\"\nservice = { constant = { value = 5 } }\n",
    ),
    (
        "customer",
        "model = \"network\"\nhorizon = { until = 10, stop = true }\n\
         [[classes]]\nname = \"c\"\narrivals = { times = [1, 2, 3] }\nenter = \"s\"\n\
         [[stations]]\nname = \"s\"\nnext = \"out\"\nservice = { constant = { value = 5 } }\n",
    ),
    (
        "request",
        "model = \"desk\"\nhorizon = { until = 10, stop = true }\narrivals = { times = [1, 2, 3] }\n\
         classes = [ { name = \"c\", service = { constant = { value = 5 } } } ]\n\
         servers = [ { name = \"A\", attendants = [ { skills = [\"c\"] } ] } ]\n",
    ),
    (
        "request",
        "model = \"desk\"\nsteps = 9\narrivals = { per_step = { constant = { value = 1 } } }\n\
         classes = [ { name = \"c\", service = { constant = { value = 5 } } } ]\n\
         servers = [ { name = \"A\", attendants = [ { skills = [\"c\"] } ] } ]\n",
    ),
];

#[test]
fn the_longest_wait_may_be_of_one_who_is_still_there() {
    for (flag, scenario) in STOPPED {
        let place = tempfile::tempdir().unwrap();
        let out = results(place.path(), scenario);
        let life = json(&["explain", &out, "--longest", "--format", "json"]);
        assert_eq!(life[flag], 2, "{scenario}");
        let text = told_text(&["explain", &out, "--longest"]);
        let head = format!("The longest wait of the 2 {flag}s whose service began:");
        assert!(text.starts_with(&head), "{text}");
    }
}

#[test]
fn the_run_ends_at_its_clock_for_those_who_are_still_there() {
    for (flag, scenario) in STOPPED {
        let place = tempfile::tempdir().unwrap();
        let out = results(place.path(), scenario);
        for number in ["2", "3"] {
            let flag = format!("--{flag}");
            let life = json(&["explain", &out, &flag, number, "--format", "json"]);
            let (time, text, _) = chapters(&life).pop().unwrap();
            assert!(text.starts_with("The run ends"), "{text}");
            let end = if scenario.contains("steps") {
                9.0
            } else {
                10.0
            };
            assert_eq!(time, end, "{scenario}");
        }
    }
}

#[test]
fn where_nobody_waited_no_wait_is_called_the_longest() {
    for (times, expected) in [
        (
            "[1, 7]",
            "None of the 2 customers whose service began waited; the first of them:",
        ),
        (
            "[1]",
            "The only customer whose service began, which did not wait:",
        ),
    ] {
        let place = tempfile::tempdir().unwrap();
        let out = results(place.path(), &STOPPED[0].1.replace("[1, 2, 3]", times));
        let text = told_text(&["explain", &out, "--longest"]);
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("#1 "), "{text}");
    }
}

#[test]
fn nobody_waited_is_said_only_where_nobody_did() {
    let headline = |scenario: &str| {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("it.toml"), scenario).unwrap();
        let file = place.path().join("it.toml");
        let run = json(&["run", file.to_str().unwrap(), "--format", "json"]);
        run["answer"]["headline"].as_str().unwrap().to_owned()
    };
    for (flag, scenario) in &STOPPED[..2] {
        let said = headline(scenario);
        assert!(
            said.starts_with(&format!("No {flag} who was served waited;")),
            "{said}"
        );
        let alone = headline(&scenario.replace("[1, 2, 3]", "[1]"));
        assert_eq!(alone, "No customer waited.");
    }
    // The second request of a desk that stops at 4 still waits.
    let desk = STOPPED[2]
        .1
        .replace("[1, 2, 3]", "[1, 2]")
        .replace("until = 10", "until = 4");
    let said = headline(&desk);
    assert!(
        said.contains("; no request whose service began had to wait"),
        "{said}"
    );
    assert!(!said.contains("no request waited"), "{said}");
}
