//! The timeline is a trace that an independent parser reads, and it agrees with the run's own
//! summary: every busy and every down step of every attendant, every visit of every stage.

use crate::cli::{bakery, filas};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Runs with a timeline: returns the summary and the events of the trace.
fn traced(words: &[&str]) -> (Value, Vec<Value>, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("trace.json");
    let file = file.to_str().unwrap();
    let more = ["--timeline", file, "--format", "json", "--quiet"];
    let output = filas(&[words, &more].concat()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let text = fs::read_to_string(file).unwrap();
    let trace: Value = serde_json::from_str(&text).expect("the trace is JSON");
    let Value::Array(events) = &trace["traceEvents"] else {
        panic!("a trace has a list of events");
    };
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the trace itself is left");
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        events.clone(),
        text,
    )
}

fn number(event: &Value, key: &str) -> f64 {
    event[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} of {event}"))
}

/// The slices of each track, by its name.
fn tracks(events: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let place = |event: &Value| (event["pid"].as_u64(), event["tid"].as_u64());
    let of = |kind: &'static str| events.iter().filter(move |event| event["ph"] == kind);
    let mut names = BTreeMap::new();
    for event in of("M").filter(|event| event["name"] == "thread_name") {
        let name = event["args"]["name"].as_str().unwrap().to_owned();
        assert!(
            names.insert(place(event), name).is_none(),
            "two names: {event}"
        );
    }
    let mut tracks: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for event in of("X") {
        let name = &names[&place(event)];
        tracks.entry(name.clone()).or_default().push(event);
    }
    tracks
}

/// Checks that slices of one track follow each other; returns the length of those of a kind, in
/// units of time.
fn length(track: &[&Value], kind: &str) -> f64 {
    let mut spells: Vec<(f64, f64)> = Vec::new();
    let mut sum = 0.0;
    for event in track {
        let (from, long) = (number(event, "ts"), number(event, "dur"));
        assert!(from >= 0.0 && long >= 0.0, "{event}");
        spells.push((from, from + long));
        if event["cat"] == kind {
            sum += long / 1e6;
        }
    }
    spells.sort_by(|one, other| one.partial_cmp(other).unwrap());
    for pair in spells.windows(2) {
        assert!(pair[0].1 <= pair[1].0 + 1e-3, "{pair:?} overlap");
    }
    sum
}

#[test]
fn a_thousand_steps_of_a_desk_are_all_in_the_trace_and_alike_on_both_engines() {
    let run = |engine| traced(&["run", "--set", "steps=1000", "--engine", engine]);
    let (summary, events, text) = run("inline");
    let (_, _, on_threads) = run("threads");
    assert!(text == on_threads, "the engines wrote different traces");
    let tracks = tracks(&events);
    let none = Vec::new();
    for server in summary["servers"].as_array().unwrap() {
        for attendant in server["attendants"].as_array().unwrap() {
            let name = attendant["name"].as_str().unwrap();
            let track = tracks.get(name).unwrap_or(&none);
            assert_eq!(
                length(track, "service"),
                number(attendant, "busy_steps"),
                "{name}"
            );
            assert_eq!(
                length(track, "outage"),
                number(attendant, "down_steps"),
                "{name}"
            );
            let completed = track
                .iter()
                .filter(|event| event["args"]["end"] == "completed");
            assert_eq!(
                completed.count() as f64,
                number(attendant, "completed"),
                "{name}"
            );
        }
    }
    let of = |kind: &'static str| events.iter().filter(move |event| event["ph"] == kind);
    let ends = |kind| -> BTreeMap<u64, f64> {
        let ids = of(kind).map(|event| (event["id"].as_u64().unwrap(), number(event, "ts")));
        ids.collect()
    };
    let (begins, ends) = (ends("s"), ends("f"));
    assert!(
        begins.len() > 100 && begins.len() == of("s").count(),
        "each arrow has its own number"
    );
    assert!(begins.keys().eq(ends.keys()), "an arrow has one end only");
    assert!(
        begins.iter().all(|(id, begin)| *begin <= ends[id]),
        "an arrow goes back in time"
    );
    let buffer = of("C").filter(|event| event["name"] == "buffer");
    let most = buffer
        .map(|event| number(&event["args"], "value"))
        .fold(0.0, f64::max);
    assert_eq!(most, number(&summary["buffer"], "max"));
}

#[test]
fn every_visit_of_a_line_is_in_the_trace_and_the_longest_queue_is_the_summarys() {
    let (_place, file) = bakery();
    let (summary, events, _) = traced(&["run", &file]);
    let tracks = tracks(&events);
    for (index, stage) in summary["stages"].as_array().unwrap().iter().enumerate() {
        let name = stage["name"].as_str().unwrap();
        let own = tracks.iter().filter(|(track, _)| track.starts_with(name));
        let sum: f64 = own.map(|(_, track)| length(track, "service")).sum();
        let wanted = number(&stage["service"], "mean") * number(&stage["service"], "n");
        assert!(
            (sum - wanted).abs() < 1e-6 * wanted,
            "{name}: {sum}, not {wanted}"
        );
        let waiting = events
            .iter()
            .filter(|event| event["ph"] == "C" && event["pid"].as_u64() == Some(index as u64 + 1));
        let levels: Vec<(f64, f64)> = waiting
            .map(|event| (number(event, "ts"), number(&event["args"], "value")))
            .collect();
        assert!(
            levels.is_sorted_by(|one, next| one.0 <= next.0),
            "{name}: a counter runs back"
        );
        let most = levels.iter().map(|level| level.1).fold(0.0, f64::max);
        assert_eq!(most, number(&stage["queue_length"], "max"), "{name}");
        assert_eq!(
            levels.last().unwrap().1,
            0.0,
            "{name}: somebody waits for ever"
        );
    }
}

#[test]
fn a_timeline_that_cannot_be_written_is_told_before_anything_runs() {
    let output = filas(&["run", "--timeline", "/no/such/folder/t.json"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("cannot write /no/such/folder/t.json"),
        "{told}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn pace_changes_no_digest_and_a_step_by_key_needs_a_terminal() {
    let digest = |words: &[&str]| {
        let output = filas(words).args(["--format", "json"]).output().unwrap();
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        summary["digest"].as_str().unwrap().to_owned()
    };
    let (_place, file) = bakery();
    for run in [vec!["run"], vec!["run", &file]] {
        let paced = [&run[..], &["--pace", "1e6"]].concat();
        assert_eq!(digest(&paced), digest(&run));
    }
    for (words, said) in [
        (["--step", "--quiet"], "there is no terminal"),
        (["--pace", "0"], "a pace is a number from"),
        (["--pace", "inf"], "a pace is a number from"),
    ] {
        let output = filas(&["run"]).args(words).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(said) && output.stdout.is_empty(), "{told}");
    }
}

#[test]
fn what_a_server_does_when_a_run_stops_lasts_until_then() {
    // Three come, at 1, 2 and 3, are served for 5 each, and the run stops at 10: the second service has begun at 6.
    let stops = "horizon = { until = 10, stop = true }\narrivals = { times = [1, 2, 3] }\n";
    let line = "model = \"tandem\"\nstages = [ { name = \"s\", service = { constant = { value = 5 } } } ]\n";
    let desk = "model = \"desk\"\nsupervisor = { queue = \"central\" }\n\
                classes = [ { name = \"c\", share = 1, service = { constant = { value = 5 } } } ]\n\
                servers = [ { name = \"A\", attendants = [ { skills = [\"c\"] } ] } ]\n";
    let place = tempfile::tempdir().unwrap();
    for (name, model) in [("line", line), ("desk", desk)] {
        let file = place.path().join(format!("{name}.toml"));
        fs::write(&file, format!("{stops}{model}")).unwrap();
        let (_, events, _) = traced(&["run", file.to_str().unwrap()]);
        let services = events.iter().filter(|event| event["cat"] == "service");
        let spells = services.map(|event| (number(event, "ts"), number(event, "dur")));
        let spells: Vec<(f64, f64)> = spells.collect();
        assert_eq!(spells, [(1e6, 5e6), (6e6, 4e6)], "{name}");
    }
}

#[test]
fn wrap_ups_last_as_long_as_the_attendant_works_on_them() {
    // Four units of work follow each service of two, and the attendant works at half its speed in the second and third
    // of the first: it lasts five. In steps a request comes in each of them.
    let place = tempfile::tempdir().unwrap();
    let each = [
        ("at", "horizon = { until = 20 }", "{ times = [1] }"),
        ("step", "steps = 20", "{ constant = { value = 1 } }"),
    ];
    let wanted = [vec![(3e6, 5e6)], vec![(2e6, 5e6), (9e6, 4e6), (15e6, 4e6)]];
    for ((when, clock, arrivals), wanted) in each.into_iter().zip(wanted) {
        let file = place.path().join(format!("{when}.toml"));
        let text = format!(
            "model = \"desk\"\n{clock}\n\
             faults = {{ script = [ {{ {when} = 4, attendant = \"A-1\", slow = 0.5, down_for = 2 }} ] }}\n\
             [[classes]]\nname = \"c\"\narrivals = {arrivals}\nservice = {{ constant = {{ value = 2 }} }}\n\
             wrap_up = {{ constant = {{ value = 4 }} }}\n\
             [[servers]]\nname = \"A\"\nattendants = [ {{ skills = [\"c\"] }} ]\n"
        );
        fs::write(&file, text).unwrap();
        let (_, events, _) = traced(&["run", file.to_str().unwrap()]);
        let slices = events.iter().filter(|event| event["cat"] == "wrap-up");
        let spells = slices.map(|event| (number(event, "ts"), number(event, "dur")));
        assert_eq!(spells.collect::<Vec<(f64, f64)>>(), wanted, "{when}");
    }
}
