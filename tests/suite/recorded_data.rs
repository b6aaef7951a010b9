//! Recorded data as people have it: formats, times, origins, and what is refused.
//!
//! The first cases are small files that failed once; what is right was worked out by hand.

use crate::line::run;
use filas::actor::Runtime;
use filas::random::Law;
use filas::random::laws::{Constant, Empirical, Exponential, Hyperexponential, Trace};
use filas::scenario::{
    DeskArrivals, Horizon, LineArrivals, Loaded, Origin, Overrides, PerClass, RatePiece,
    RecordedRequest, Scenario, Service, Tandem, estimate, load, normalised,
};
use filas::station::Passage;
use filas::tandem::CHUNK;
use proptest::prelude::*;
use std::fmt::Write as _;
use tempfile::TempDir;

/// A folder with a scenario and data files.
fn folder(scenario: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("x.toml"), scenario).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn try_load(scenario: &str, files: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = folder(scenario, files);
    let path = folder.path().join("x.toml");
    let shown = format!("{}/", folder.path().display());
    load(Origin::File(&path), &Overrides::default())
        .map_err(|error| error.plain().replace(&shown, ""))
}

fn line(scenario: &str, files: &[(&str, &str)]) -> (Tandem, Vec<String>) {
    let loaded = try_load(scenario, files).unwrap();
    let Scenario::Tandem(line) = loaded.scenario else {
        panic!("it is a line");
    };
    (line, loaded.warnings)
}

fn refusal(scenario: &str, files: &[(&str, &str)]) -> String {
    match try_load(scenario, files) {
        Ok(_) => "no error".to_owned(),
        Err(message) => message,
    }
}

fn times(line: &Tandem) -> &[f64] {
    match &line.arrivals {
        LineArrivals::Times(times) => times,
        other => panic!("{other:?}"),
    }
}

fn services(line: &Tandem, stage: usize) -> &[f64] {
    match line.stages[stage].expect_plain().service {
        Law::Trace(Trace { values, .. }) | Law::Empirical(Empirical { values }) => values,
        other => panic!("{other:?}"),
    }
}

/// The waits at a stage, by customer.
fn waits(line: &Tandem, stage: usize) -> Vec<f64> {
    let (_, passages) = run(line, Runtime::Inline, CHUNK);
    let wait = |passage: &Passage| {
        let visit = &passage.visits[stage];
        visit.service_start - visit.arrival
    };
    passages.iter().map(wait).collect()
}

/// A line of one stage whose arrivals and services are columns `a` and `s` of a file.
fn columns(file: &str) -> String {
    format!(
        "model = \"tandem\"\narrivals = {{ times = {{ file = \"{file}\", column = \"a\" }} }}\n\
         stages = [ {{ name = \"till\", service = {{ trace = {{ file = \"{file}\", column = \"s\" }} }} }} ]\n"
    )
}

#[test]
fn a_file_that_excel_or_python_wrote_is_read() {
    let (line, _) = line(
        &columns("d.csv"),
        &[("d.csv", "\u{feff}a,s\r\n1,2\r\n2,2\r\n6,1\r\n")],
    );
    assert_eq!(waits(&line, 0), [0.0, 1.0, 0.0]);
}

#[test]
fn semicolons_part_cells_with_decimal_commas() {
    let (line, _) = line(
        &columns("d.csv"),
        &[("d.csv", "a;s\n0,5;1,5\n1,0;1,5\n4,25;0,75\n")],
    );
    assert_eq!(times(&line), [0.5, 1.0, 4.25]);
    assert_eq!(waits(&line, 0), [0.0, 1.0, 0.0]);
}

const CLOCK: &str = r#"
model = "tandem"
time_unit = "min"
start = "8:30"
arrivals = { times = { file = "d.csv", column = "in" } }
stages = [ { name = "window", service = { trace = { file = "d.csv", column = "end", minus = "begin" } } } ]
"#;

#[test]
fn times_of_day_count_from_the_start_and_differences_are_durations() {
    let day = "in,begin,end\n9:00,9:00,9:04:30\n9:02,9:04:30,9:10\n9:20,9:20,9:21\n";
    let (line, warnings) = line(CLOCK, &[("d.csv", day)]);
    assert_eq!(times(&line), [30.0, 32.0, 50.0]);
    assert_eq!(services(&line, 0), [4.5, 5.5, 1.0]);
    assert_eq!(waits(&line, 0), [0.0, 2.5, 0.0]);
    assert!(warnings.is_empty(), "{warnings:?}");
    let night = "in,begin,end\n23:59,23:59:30,0:01\n8:00,8:00,8:10\n";
    let (line, _) = self::line(CLOCK, &[("d.csv", night)]);
    assert_eq!(times(&line), [929.0, 1410.0]);
    assert_eq!(services(&line, 0), [1.5, 10.0]);
}

#[test]
fn a_key_of_json_lines_is_read_for_two_things_as_a_column_is() {
    let text = format!("{DESK}\n").replace(
        "class = \"class\"",
        "class = \"class\", service = \"s\", patience = \"s\", where = { column = \"class\", is = \"A\" }",
    );
    let json = "{\"t\":0,\"class\":\"A\",\"s\":2}\n{\"t\":1,\"class\":\"B\",\"s\":3}\n{\"t\":2,\"class\":\"A\",\"s\":4}\n";
    for (name, rows) in [
        ("d.csv", "t,class,s\n0,A,2\n1,B,3\n2,A,4\n"),
        ("d.jsonl", json),
    ] {
        let loaded = try_load(&text.replace("d.csv", name), &[(name, rows)]).unwrap();
        let DeskArrivals::Recorded(requests) = &loaded.scenario.desk().unwrap().arrivals else {
            panic!("they are recorded");
        };
        let read = requests
            .iter()
            .map(|one| (one.arrival, one.service, one.patience));
        let read: Vec<_> = read.collect();
        assert_eq!(
            read,
            [(0.0, Some(2.0), Some(2.0)), (2.0, Some(4.0), Some(4.0))],
            "{name}"
        );
    }
}

#[test]
fn rows_are_chosen_by_numbers_with_decimal_commas() {
    let scenario = columns("d.csv").replace(
        "column = \"a\"",
        "column = \"a\", where = { column = \"p\", is = 1.5 }",
    );
    let scenario = scenario.replace(
        "column = \"s\"",
        "column = \"s\", where = { column = \"p\", is = 1.5 }",
    );
    let (line, _) = line(
        &scenario,
        &[("d.csv", "a;s;p\n0,5;1,5;1,5\n1,0;1,5;2,0\n4,25;0,75;1,50\n")],
    );
    assert_eq!(times(&line), [0.5, 4.25]);
    assert_eq!(services(&line, 0), [1.5, 0.75]);
}

#[test]
fn durations_have_hours_minutes_and_seconds() {
    let scenario = CLOCK.replace("column = \"end\", minus = \"begin\"", "column = \"took\"");
    let day = "in,took\n9:00,0:04:30\n9:02,1:00:00.6\n9:20,2\n";
    let (line, _) = line(&scenario, &[("d.csv", day)]);
    assert_eq!(services(&line, 0), [4.5, 60.01, 2.0]);
}

#[test]
fn instants_count_from_the_first() {
    let day = "a,s\n2024-05-10 00:00:00.500+00:00,2\n2024-05-10T00:00:01.500Z,2\n2024-05-10 02:00:09.000+02:00,1\n";
    let scenario = format!("time_unit = \"s\"\n{}", columns("d.csv"));
    let (line, warnings) = line(&scenario, &[("d.csv", day)]);
    assert_eq!(times(&line), [0.0, 1.0, 8.5]);
    assert_eq!(waits(&line, 0), [0.0, 1.0, 0.0]);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn json_lines_are_read_and_scaled() {
    let rows = "{\"timestamp\": 0, \"input_length\": 4000, \"output_length\": 10, \"hash_ids\": [1, 2]}\n\
                {\"timestamp\": 100, \"input_length\": 1000, \"output_length\": 50}\n\
                {\"timestamp\": 5000, \"input_length\": 500, \"output_length\": 5}\n";
    let scenario = r#"
model = "tandem"
time_unit = "ms"
arrivals = { times = { file = "d.jsonl", column = "timestamp" } }
[[stages]]
name = "prefill"
service = { trace = { file = "d.jsonl", column = "input_length", scale = 0.1 } }
[[stages]]
name = "decode"
service = { trace = { file = "d.jsonl", column = "output_length", scale = 20 } }
"#;
    let (line, _) = line(scenario, &[("d.jsonl", rows)]);
    assert_eq!(waits(&line, 0), [0.0, 300.0, 0.0]);
    assert_eq!(waits(&line, 1), [0.0, 100.0, 0.0]);
}

#[test]
fn the_window_of_absolute_times_opens_at_the_first_arrival() {
    let epoch = "a,s\n1715300000,4\n1715300002,4\n1715300010,4\n";
    let (line, warnings) = line(&columns("d.csv"), &[("d.csv", epoch)]);
    let (outcome, _) = run(&line, Runtime::Inline, CHUNK);
    let stage = &outcome.summary.stages[0];
    assert_eq!(stage.utilisation, Some(12.0 / 14.0));
    assert_eq!(stage.idle_time, Some(2.0));
    assert_eq!(
        warnings,
        [
            "`arrivals.times` begin at 1715300000, more than ten times the 10 they last: `origin = \"first\"` \
          counts from the first"
        ]
    );
    let scenario = columns("d.csv").replacen("\"a\"", "\"a\", origin = \"first\"", 1);
    let (line, warnings) = self::line(&scenario, &[("d.csv", epoch)]);
    assert_eq!(times(&line), [0.0, 2.0, 10.0]);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn services_that_vanish_in_the_clock_are_warned_of() {
    let late = "a,s\n1e17,4\n1e17,4\n";
    let (_, warnings) = line(&columns("d.csv"), &[("d.csv", late)]);
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("vanish in times as large as 1e17")),
        "{warnings:?}"
    );
}

#[test]
fn a_column_goes_by_its_number_and_a_first_line_of_values_is_a_row() {
    let numbered = columns("d.csv").replace("\"a\"", "1").replace("\"s\"", "3");
    for rows in ["0,x,2\n1,y,3\n", "0;x;2\n1;y;3\n"] {
        let headed = format!("a{0}b{0}s\n{rows}", &rows[1..2]);
        let (line, warnings) = line(&numbered, &[("d.csv", &headed)]);
        assert_eq!(services(&line, 0), [2.0, 3.0]);
        assert!(!warnings.iter().any(|warning| warning.contains("line 1")));
    }
    let (bare, _) = line(&numbered, &[("d.csv", "0,9,2\n1,9,3\n")]);
    assert_eq!(services(&bare, 0), [2.0, 3.0]);
    let scenario = format!("time_unit = \"h\"\n{numbered}");
    let (clock, _) = line(&scenario, &[("d.csv", "8:00,9,2\n9:30,9,3\n")]);
    assert_eq!(times(&clock), [8.0, 9.5]);
    // Not all of the first line is numbers, so it is names; that a row may be lost is said.
    let (_, warnings) = line(&numbered, &[("d.csv", "0,x,2\n1,y,3\n")]);
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("line 1 of `d.csv` is taken as the names"))
    );
}

/// Two classes whose arrivals are rows of one file, on a stage whose services take 3.
fn two_classes(more: &str, times: &str) -> String {
    let class = |name: &str| {
        format!(
            "[[classes]]\nname = \"{name}\"\narrivals = {{ times = {{ file = \"d.csv\", column = \"t\", \
             where = {{ column = \"c\", is = \"{name}\" }}{times} }} }}\n"
        )
    };
    format!(
        "model = \"tandem\"\ntime_unit = \"min\"\n{more}\n{}{}[[stages]]\nname = \"s\"\n\
         service = {{ constant = {{ value = 3 }} }}\n",
        class("u"),
        class("v")
    )
}

/// The times of each class.
fn times_by_class(line: &Tandem) -> Vec<Vec<f64>> {
    let LineArrivals::PerClass(flows) = &line.arrivals else {
        panic!("{:?}", line.arrivals);
    };
    let times = flows.iter().map(|flow| match &flow.arrivals {
        LineArrivals::Times(times) => times.to_vec(),
        other => panic!("{other:?}"),
    });
    times.collect()
}

#[test]
fn recordings_of_one_scenario_count_from_the_first_of_all() {
    let day = "t,c\n2024-01-01T08:00:00,v\n2024-01-01T08:20:00,u\n2024-01-01T08:30:00,u\n";
    let files = [("d.csv", day)];
    let (both, warnings) = line(&two_classes("", ""), &files);
    assert_eq!(times_by_class(&both), [vec![20.0, 30.0], vec![0.0]]);
    assert!(warnings.is_empty(), "{warnings:?}");
    // What names its origin keeps it.
    let (own, _) = line(&two_classes("", ", origin = \"first\""), &files);
    assert_eq!(times_by_class(&own), [vec![0.0, 10.0], vec![0.0]]);
    // Only as many rows as the run needs, but from the same origin.
    let (first, _) = line(&two_classes("horizon = { until = 25 }", ""), &files);
    assert_eq!(times_by_class(&first)[0][0], 20.0);
}

#[test]
fn a_start_at_another_time_of_day_than_the_recording_is_warned_of() {
    let day = "a,s\n2024-05-10T08:05:00,1\n2024-05-10T09:06:00,1\n";
    let scenario = format!(
        "time_unit = \"min\"\nstart = \"8:00\"\n{}",
        columns("d.csv")
    );
    let (first, warnings) = line(&scenario, &[("d.csv", day)]);
    assert_eq!(times(&first), [0.0, 61.0]);
    let remedy = "origin = \"2024-05-10T08:00\"";
    assert!(
        warnings[0].contains("2024-05-10T08:05:00") && warnings[0].contains(remedy),
        "{warnings:?}"
    );
    let followed = scenario.replacen("\"a\"", &format!("\"a\", {remedy}"), 1);
    let (line, warnings) = line(&followed, &[("d.csv", day)]);
    assert_eq!(times(&line), [5.0, 66.0]);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn services_of_a_class_follow_their_rows_however_these_are_chosen() {
    let rows = "t,c,s\n3,u,30\n1,u,10\n2,v,20\n0,v,5\n";
    let trace = |class: &str| {
        format!(
            "{class} = {{ trace = {{ file = \"d.csv\", column = \"s\", where = {{ column = \"c\", is = \"{class}\" }} }} }}"
        )
    };
    let scenario = format!(
        "model = \"tandem\"\narrivals = {{ trace = {{ file = \"d.csv\", arrival = \"t\", class = \"c\", sort = true }} }}\n\
         classes = [ {{ name = \"u\" }}, {{ name = \"v\" }} ]\n\
         stages = [ {{ name = \"s\", service = {{ by_class = {{ {}, {} }} }} }} ]\n",
        trace("u"),
        trace("v")
    );
    let (line, _) = line(&scenario, &[("d.csv", rows)]);
    assert!(
        matches!(&line.arrivals, LineArrivals::Recorded { times, classes }
        if times[..] == [0.0, 1.0, 2.0, 3.0] && classes[..] == [1, 0, 1, 0])
    );
    let Service::PerClass(PerClass::Each(laws)) = &line.stages[0].service else {
        panic!("{:?}", line.stages[0].service);
    };
    let values = laws.iter().map(|law| match law {
        Law::Trace(trace) => trace.values.to_vec(),
        other => panic!("{other:?}"),
    });
    assert_eq!(values.collect::<Vec<_>>(), [[10.0, 30.0], [5.0, 20.0]]);
}

#[test]
fn an_event_log_of_several_kinds_of_lines_is_read() {
    let log = "{\"ev\": \"boot\", \"ver\": \"1.2\"}\n{\"ev\": \"arrival\", \"t\": 1}\n{\"ev\": \"arrival\", \"t\": 3}\n";
    let scenario = "model = \"tandem\"\n\
        arrivals = { times = { file = \"d.jsonl\", column = \"t\", where = { column = \"ev\", is = \"arrival\" } } }\n\
        stages = [ { name = \"s\", service = { constant = { value = 1 } } } ]\n";
    let files = [("d.jsonl", log)];
    let (line, _) = line(scenario, &files);
    assert_eq!(times(&line), [1.0, 3.0]);
    let message = refusal(&scenario.replace("\"t\"", "\"tt\""), &files);
    assert!(
        message.contains("no column `tt` in line 2") && message.contains("`ev`, `t`"),
        "{message}"
    );
}

#[test]
fn a_column_that_no_row_chosen_has_is_named() {
    let log = "{\"ev\": \"boot\"}\n{\"ev\": \"a\", \"t\": 1, \"service\": 2}\n{\"ev\": \"a\", \"t\": 3}\n";
    let desk = |service: &str| {
        format!(
            "model = \"desk\"\nhorizon = {{ until = 9 }}\n[arrivals]\ntrace = {{ file = \"d.jsonl\", arrival = \"t\", \
             service = \"{service}\", where = {{ column = \"ev\", is = \"a\" }} }}\n[[classes]]\nname = \"c\"\n\
             service = {{ constant = {{ value = 1 }} }}\n[[servers]]\nname = \"s\"\nattendants = [ {{ skills = [\"c\"] }} ]\n"
        )
    };
    let files = [("d.jsonl", log)];
    assert!(try_load(&desk("service"), &files).is_ok());
    let message = refusal(&desk("servce"), &files);
    assert!(
        message.contains("no row chosen of `d.jsonl` has a column `servce`"),
        "{message}"
    );
}

#[test]
fn what_is_drawn_from_a_file_needs_no_time_in_its_rows() {
    let rows = "t,k,s\n2,a,1\n1,a,2\n,b,7\n";
    let arrivals = "arrivals = { times = { file = \"d.csv\", column = \"t\", sort = true, where = { column = \"k\", is = \"a\" } } }";
    for law in ["empirical", "trace"] {
        let scenario = format!(
            "model = \"tandem\"\n{arrivals}\nstages = [ {{ name = \"x\", service = {{ {law} = {{ file = \"d.csv\", column = \"s\" }} }} }} ]\n"
        );
        let (line, _) = line(&scenario, &[("d.csv", rows)]);
        let right: &[f64] = if law == "trace" {
            &[1.0, 2.0]
        } else {
            &[1.0, 2.0, 7.0]
        };
        assert_eq!(services(&line, 0)[..right.len()], *right);
    }
}

#[test]
fn instants_with_and_without_a_zone_have_no_first_in_common() {
    let rows = "t,c\n2024-01-01T08:00:00Z,v\n2024-01-01T08:20:00,u\n";
    let message = refusal(&two_classes("", ""), &[("d.csv", rows)]);
    assert!(
        message.contains("name a zone") && message.contains("`origin`"),
        "{message}"
    );
}

#[test]
fn arrivals_less_than_what_is_subtracted_are_said_to_be() {
    let scenario = columns("d.csv").replacen("\"a\"", "\"a\", minus = \"s\"", 1);
    let message = refusal(&scenario, &[("d.csv", "a,s\n1,2\n")]);
    let right = "is `1`, less than the `2` that is subtracted";
    assert!(message.contains(right), "{message}");
}

#[test]
fn the_load_of_recordings_is_that_of_all_of_them_together() {
    // 15 of work in 2,000.
    let rows = "t,c\n0,v\n500,v\n1000,u\n1001,u\n2000,v\n";
    let (_, warnings) = line(&two_classes("", ""), &[("d.csv", rows)]);
    let of_load = |warning: &&String| warning.contains("load");
    assert_eq!(warnings.iter().find(of_load), None);
}

#[test]
fn epochs_in_the_scenario_are_warned_of_too() {
    for times in [
        "[1715300000, 1715300010]",
        "{ values = [1715300000, 1715300010] }",
    ] {
        let scenario = format!(
            "model = \"tandem\"\narrivals = {{ times = {times} }}\n\
             stages = [ {{ name = \"s\", service = {{ constant = {{ value = 1 }} }} }} ]\n"
        );
        let (_, warnings) = line(&scenario, &[]);
        assert!(warnings[0].contains("begin at 1715300000"), "{warnings:?}");
    }
}

#[test]
fn times_that_pass_midnight_lead_to_the_start_of_the_day() {
    let night = "in,begin,end\n22:30,22:30,22:40\n23:50,23:50,23:55\n00:10,0:10,0:20\n";
    let message = refusal(&CLOCK.replace("8:30", "0:00"), &[("d.csv", night)]);
    assert!(
        message.contains("is `00:10`, before the `23:50` it follows")
            && message.contains("`start`"),
        "{message}"
    );
}

#[test]
fn rows_are_chosen_sorted_and_counted_from_an_origin() {
    let rows = "a,s,type\n10,1,conv\n30,2,code\n20,3,code\n25,4,conv\n";
    let chosen = "where = { column = \"type\", is = \"code\" }";
    let scenario = columns("d.csv")
        .replacen(
            "\"a\"",
            &format!("\"a\", {chosen}, sort = true, origin = 10"),
            1,
        )
        .replacen("\"s\"", &format!("\"s\", {chosen}"), 1);
    let (line, _) = line(&scenario, &[("d.csv", rows)]);
    assert_eq!(times(&line), [10.0, 20.0]);
    // The services follow their rows.
    assert_eq!(services(&line, 0), [3.0, 2.0]);
    let message = refusal(&scenario.replace("sort = true, ", ""), &[("d.csv", rows)]);
    assert!(
        message.contains("line 4 column 1 (`a`) is 20, before the 30 it follows"),
        "{message}"
    );
    assert!(message.contains("`sort = true`"), "{message}");
    let message = refusal(&scenario.replace("\"code\"", "\"cod\""), &[("d.csv", rows)]);
    assert!(
        message.contains("no row of `d.csv` has `cod` there"),
        "{message}"
    );
    assert!(message.contains("did you mean `code`?"), "{message}");
}

#[test]
fn a_recording_stands_inline_wherever_a_file_may() {
    let scenario = r#"
model = "tandem"
time_unit = "min"
arrivals = { times = { values = ["8:30", "9:00", 545], origin = "first" } }
stages = [ { name = "a", service = { trace = { values = ["90 s", 2, 3], scale = 2 } } } ]
"#;
    let (line, _) = line(scenario, &[]);
    assert_eq!(times(&line), [0.0, 30.0, 35.0]);
    assert_eq!(services(&line, 0), [3.0, 4.0, 6.0]);
}

#[test]
fn a_trace_that_repeats_begins_again_and_is_never_too_short() {
    let scenario = r#"
model = "tandem"
arrivals = { interarrival = { trace = { values = [2, 1], repeat = true } } }
horizon = { customers = 5 }
stages = [ { name = "a", service = { trace = { file = "d.csv", column = "s", repeat = true } } } ]
"#;
    let files = [("d.csv", "s\n3\n1\n")];
    let (five, _) = line(scenario, &files);
    // They come at 2, 3, 5, 6 and 8, and are served for 3, 1, 3, 1 and 3.
    assert_eq!(waits(&five, 0), [0.0, 2.0, 1.0, 3.0, 2.0]);
    let folder = folder(scenario, &files);
    let path = folder.path().join("x.toml");
    let loaded = load(Origin::File(&path), &Overrides::default()).unwrap();
    let text = loaded.normalised();
    assert!(text.contains("column = \"s\", repeat = true"), "{text}");
    assert!(
        text.contains("values = [2.0, 1.0], repeat = true"),
        "{text}"
    );
    std::fs::write(&path, text).unwrap();
    let again = load(Origin::File(&path), &Overrides::default()).unwrap();
    assert_eq!(again.scenario, loaded.scenario);

    let until = scenario.replace("customers = 5", "until = 6");
    assert_eq!(waits(&line(&until, &files).0, 0), [0.0, 2.0, 1.0, 3.0]);
    let endless = scenario.replace("horizon = { customers = 5 }\n", "");
    assert!(refusal(&endless, &files).contains("missing horizon"));
    let once = scenario.replace("\"s\", repeat = true", "\"s\"");
    let short = refusal(&once, &files);
    assert!(
        short.contains("has 2 values, but 5 are needed") && short.contains("`repeat = true`"),
        "{short}"
    );
    let elsewhere = scenario.replace("{ trace =", "{ empirical =");
    assert!(refusal(&elsewhere, &files).contains("unknown key `repeat`"));

    let desk = r#"
model = "desk"
steps = 12
arrivals = { per_step = { constant = { value = 1 } } }
classes = [ { name = "A", service = { trace = { values = [1, 2], repeat = true } } } ]
servers = [ { name = "acd", attendants = [ { skills = ["A"], count = 2 } ] } ]
"#;
    let desk = try_load(desk, &[]).unwrap().scenario;
    let around = filas::actor::Surroundings {
        conductor: &(),
        recorder: &(),
    };
    let nothing = filas::actor::Recording::Nothing;
    let outcome = filas::desk::run(desk.desk().unwrap(), 0, Runtime::Inline, nothing, around);
    // Request k is done in step k, or k + 1 where k is even: all but the twelfth.
    assert_eq!(outcome.unwrap().summary.requests.completed, 11);
}

#[test]
fn counts_per_piece_are_rates() {
    let scenario = r#"
model = "tandem"
time_unit = "min"
arrivals = { rates = { file = "d.csv", column = "calls", every = "1 h" } }
horizon = { until = "10 h" }
stages = [ { name = "a", service = { constant = { value = 1 } } } ]
"#;
    let (from_file, _) = line(scenario, &[("d.csv", "hour,calls\n8,30\n9,120\n")]);
    let piece = |until, rate| RatePiece { until, rate };
    let pieces = vec![piece(60.0, 0.5), piece(120.0, 2.0)];
    assert_eq!(from_file.arrivals, LineArrivals::Rates(pieces));
    assert_eq!(from_file.horizon, Horizon::Until(600.0));
    let inline = scenario.replace("file = \"d.csv\", column = \"calls\"", "values = [30, 120]");
    assert_eq!(line(&inline, &[]).0.arrivals, from_file.arrivals);
    let texts = "rates = [{ until = \"1:00\", rate = \"30 per h\" }, { until = \"2:00\", rate = \"2 per min\" }]";
    let inline = scenario.replace(
        "rates = { file = \"d.csv\", column = \"calls\", every = \"1 h\" }",
        texts,
    );
    assert_eq!(line(&inline, &[]).0.arrivals, from_file.arrivals);
}

#[test]
fn a_line_takes_its_arrivals_from_a_recording() {
    let scenario = columns("d.csv").replace(
        "times = { file = \"d.csv\", column = \"a\" }",
        "trace = { file = \"d.csv\", arrival = \"a\" }",
    );
    let (line, _) = line(&scenario, &[("d.csv", "a,s\n1,2\n2,2\n6,1\n")]);
    assert_eq!(waits(&line, 0), [0.0, 1.0, 0.0]);
}

const DESK: &str = r#"
model = "desk"
steps = 12
arrivals = { trace = { file = "d.csv", arrival = "t", class = "class" } }
classes = [ { name = "A", service = { constant = { value = 4 } } }, { name = "B", service = { constant = { value = 4 } } } ]
servers = [ { name = "acd", attendants = [ { skills = ["A"] }, { skills = ["B"] } ] } ]
"#;

#[test]
fn a_desks_recording_stands_in_any_format_and_inline() {
    let request = |arrival, class| RecordedRequest {
        arrival,
        class,
        service: None,
        patience: None,
    };
    let expected = [request(0.0, 0), request(0.0, 0), request(1.0, 1)];
    let recorded = |scenario: &str, files: &[(&str, &str)]| {
        let loaded = try_load(scenario, files).unwrap();
        let Scenario::Desk(desk) = &loaded.scenario else {
            panic!("it is a desk");
        };
        // The normalised form needs no file.
        let text = normalised(&loaded.scenario);
        let again = load(
            Origin::Embedded {
                name: "x",
                text: &text,
            },
            &Overrides::default(),
        );
        let again = again.unwrap().scenario;
        match (&desk.arrivals, again) {
            (DeskArrivals::Recorded(requests), Scenario::Desk(again)) => {
                assert_eq!(again.arrivals, desk.arrivals);
                requests.to_vec()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        recorded(DESK, &[("d.csv", "t,class\n0,A\n0,A\n1,B\n")]),
        expected
    );
    let inline = DESK.replace(
        "file = \"d.csv\"",
        "values = [{ t = 0, class = \"A\" }, { t = 0, class = \"A\" }, { t = 1, class = \"B\" }]",
    );
    assert_eq!(recorded(&inline, &[]), expected);
    let timed = format!("time_unit = \"min\"\n{DESK}")
        .replace("class = \"class\"", "class = \"class\", service = \"took\"");
    let took = "t,class,took\n0,A,0:03:00\n0,A,\n1,B,2\n";
    let services = recorded(&timed, &[("d.csv", took)]);
    let services: Vec<Option<f64>> = services.iter().map(|request| request.service).collect();
    assert_eq!(services, [Some(3.0), None, Some(2.0)]);
    let sorted = DESK.replace("class = \"class\"", "class = \"class\", sort = true");
    assert_eq!(
        recorded(&sorted, &[("d.csv", "t,class\n1,B\n0,A\n0,A\n")]),
        expected
    );
    let clock = format!("time_unit = \"min\"\nstart = \"8:00\"\n{DESK}");
    assert_eq!(
        recorded(&clock, &[("d.csv", "t;class\n8:00;A\n8:00:30;A\n8:01;B\n")]),
        expected
    );
    let message = refusal(
        &inline.replace("t = 1, class = \"B\"", "t = 1, class = \"C\""),
        &[],
    );
    assert!(
        message.contains("`arrivals.trace.values.2.class` is `C`, which is not a class"),
        "{message}"
    );
}

#[test]
fn no_more_is_read_of_a_file_than_is_needed() {
    let mut rows = "a,s\n1,2\n2,2\n6,1\n".to_owned();
    rows.push_str("this, is, no row\n");
    let scenario = format!("horizon = {{ customers = 3 }}\n{}", columns("d.csv"));
    let loaded = try_load(&scenario, &[("d.csv", &rows)]).unwrap();
    assert_eq!(loaded.files[0].bytes, 16);
    let scenario = format!("horizon = {{ until = 5 }}\n{}", columns("d.csv"));
    let loaded = try_load(&scenario, &[("d.csv", &rows)]).unwrap();
    assert_eq!(loaded.files[0].bytes, 16);
    assert!(refusal(&columns("d.csv"), &[("d.csv", &rows)]).contains("line 5 has 3 columns"));
}

/// Rows of two columns in each format: equal numbers, whatever parts them.
fn formats(rows: &[(f64, f64)]) -> Vec<(&'static str, String)> {
    let delimited = |separator: &str, end: &str, comma: bool, mark: &str| {
        let mut text = format!("{mark}a{separator}note{separator}s{end}");
        for (arrival, service) in rows {
            let cell = |number: &f64| {
                let text = number.to_string();
                if comma { text.replace('.', ",") } else { text }
            };
            let (arrival, service) = (cell(arrival), cell(service));
            write!(
                text,
                "{arrival}{separator}\"x{separator} \"\"y\"\"\"{separator}{service}{end}"
            )
            .unwrap();
        }
        text
    };
    let json: String = rows
        .iter()
        .map(|(arrival, service)| {
            format!("{{\"s\": {service}, \"note\": {{\"x\": []}}, \"a\": \"{arrival}\"}}\n")
        })
        .collect();
    vec![
        ("d.csv", delimited(",", "\n", false, "")),
        ("d.csv", delimited(",", "\r\n", false, "\u{feff}")),
        ("d.csv", delimited(";", "\r\n", true, "")),
        ("d.csv", delimited(";", "\n", false, "\u{feff}")),
        ("d.tsv", delimited("\t", "\n", true, "")),
        ("d.jsonl", json.clone()),
        ("d.ndjson", json.replace('\n', "\r\n")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_same_rows_in_each_format_give_one_digest(
        rows in prop::collection::vec((0.0..10.0f64, 0.0..5.0f64), 1..20),
    ) {
        let mut clock = 0.0;
        let rows: Vec<(f64, f64)> = rows.iter().map(|(gap, service)| { clock += gap; (clock, *service) }).collect();
        let digests: Vec<_> = formats(&rows)
            .iter()
            .map(|(name, text)| {
                let (line, _) = line(&columns(name), &[(name, text)]);
                run(&line, Runtime::Inline, CHUNK).0.digest
            })
            .collect();
        prop_assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", digests);
    }
}

#[test]
fn hostile_and_mistaken_files_are_refused_with_place_and_remedy() {
    let long = format!("a,s\n1,{}\n", "9".repeat(2 << 20));
    for (name, text, what, remedy) in [
        ("d.csv", "", "`d.csv` has nothing in its first line", ""),
        (
            "d.csv",
            "\n1,2\n",
            "`d.csv` has nothing in its first line",
            "",
        ),
        (
            "d.csv",
            "{\"a\": 1, \"s\": 2}\n",
            "`d.csv` holds JSON",
            "call a file of one object a line `d.jsonl`",
        ),
        (
            "d.csv",
            "[{\"a\": 1, \"s\": 2}]\n",
            "`d.csv` is a list of JSON",
            "jq -c '.[]'",
        ),
        (
            "d.jsonl",
            "[{\"a\": 1, \"s\": 2}]\n",
            "`d.jsonl` line 1 is not a line of JSON",
            "each line of a `.jsonl`",
        ),
        (
            "d.jsonl",
            "a,s\n1,2\n",
            "`d.jsonl` line 1 is not a line of JSON",
            "each line of a `.jsonl`",
        ),
        (
            "d.jsonl",
            "{\"a\": 1, \"s\": 2}\n{\"a\": 1,\n",
            "d.jsonl:2:",
            "each line of a `.jsonl`",
        ),
        (
            "d.jsonl",
            "{\"a\": 1, \"s\": 2}\n\n{\"a\": 1}\n",
            "line 2 is empty",
            "",
        ),
        (
            "d.jsonl",
            "{\"a\": 1, \"s\": [2]}\n",
            "line 1 key `s` is `a list or an object`, not a number",
            "",
        ),
        (
            "d.jsonl",
            "{\"a\": 1, \"s\": 2}\n{\"a\": 1}\n",
            "d.jsonl:2:1: `d.jsonl` line 2 key `s` is empty",
            "",
        ),
        (
            "d.jsonl",
            "{\"a\": 1, \"s\": \"0,5\"}\n",
            "key `s` is `0,5`, not a number",
            "decimals of JSON",
        ),
        (
            "d.csv",
            "a\rs\r1\r2\r",
            "lines that end with a carriage return alone",
            "LF",
        ),
        (
            "d.csv",
            "a,s\n1,\"0,5\"\n",
            "column 2 (`s`) is `\"0,5\"`",
            "semicolons or tabs",
        ),
        (
            "d.csv",
            "a,s\n0,5,1,5\n",
            "line 2 has 4 columns, but the first line has 2",
            "decimals stand after a point",
        ),
        (
            "d.csv",
            "a;s\n1;2\n1;2;3\n",
            "d.csv:3:1: `d.csv` line 3 has 3 columns",
            "",
        ),
        (
            "d.csv",
            "b;c\n1;2\n",
            "`d.csv` has no column `a`",
            "its columns are parted by semicolons",
        ),
        (
            "d.csv",
            "1,2\n1,2\n",
            "its first line is a row of values",
            "name a column by its number",
        ),
        (
            "d.csv",
            "a,s\n1,\"2\n",
            "line 2 has a quote that is not closed",
            "on one line",
        ),
        (
            "d.csv",
            "a,s\n8:00,2\n",
            "is `8:00`, a time of day, but the unit of time is not known",
            "`time_unit` must be",
        ),
        (
            "d.csv",
            "a,s\n5/10/2024 8:00,2\n",
            "is `5/10/2024 8:00`, not a number",
            "2024-05-10T08:30:00Z",
        ),
        (
            "d.csv",
            "a,s\n1,2\n2024-01-01,2\n",
            "but the unit of time is not known",
            "`time_unit` must be",
        ),
        (
            "d.csv",
            &long,
            "more than 1048576 bytes (1 MiB) in line 2",
            "a row is a line",
        ),
    ] {
        let message = refusal(&columns(name), &[(name, text)]);
        assert!(
            message.contains(what)
                || message
                    .replace("\"0,5\"", "0,5")
                    .contains(&what.replace("\"0,5\"", "0,5")),
            "{text:.60}\n{message}"
        );
        assert!(message.contains(remedy), "{text:.60}\n{message}");
    }
    let unit = format!("time_unit = \"s\"\n{}", columns("d.csv"));
    for (text, what, remedy) in [
        (
            "a,s\n1,2\n8:00,2\n",
            "line 3 column 1 (`a`) is a time of day, where the rows before have a number",
            "",
        ),
        (
            "a,s\n2024-01-01T00:00Z,1\n2024-01-01T00:01,1\n",
            "is an instant without a zone, where the rows before have",
            "",
        ),
        (
            "a,s\n1,8:00\n",
            "column 2 (`s`) is `8:00`, a time of day, where a duration is needed",
            "`minus` names",
        ),
        (
            "a,s\n9:00,1\n8:00,1\n",
            "is `8:00`, before the `09:00` it follows",
            "`sort = true`",
        ),
        (
            "a,s\n2024-01-02T00:00,1\n2024-01-01T00:00,1\n",
            "is `2024-01-01T00:00`, before the `2024-01-02T00:00:00` it follows",
            "`sort = true`",
        ),
    ] {
        let message = refusal(&unit, &[("d.csv", text)]);
        assert!(message.contains(what), "{text}\n{message}");
        assert!(message.contains(remedy), "{text}\n{message}");
    }
    let not_text: &[u8] = b"\xff\xfea\0,\0s\0\n\0";
    let place = folder(&columns("d.csv"), &[]);
    std::fs::write(place.path().join("d.csv"), not_text).unwrap();
    let error = load(
        Origin::File(&place.path().join("x.toml")),
        &Overrides::default(),
    )
    .unwrap_err();
    assert!(
        error.plain().contains("is not UTF-8 text: line 1"),
        "{}",
        error.plain()
    );
}

#[test]
fn a_column_is_held_within_the_memory_allowed() {
    let mut rows = "a,s\n".to_owned();
    for row in 0..200_000 {
        writeln!(rows, "{row},1").unwrap();
    }
    let place = folder(&columns("d.csv"), &[("d.csv", &rows)]);
    let mut overrides = Overrides::default();
    overrides.limits.max_memory = 1 << 20;
    let error = load(Origin::File(&place.path().join("x.toml")), &overrides).unwrap_err();
    assert!(
        error
            .plain()
            .contains("has more values than 1 MiB of memory hold"),
        "{}",
        error.plain()
    );
    assert!(error.plain().contains("--max-memory"), "{}", error.plain());
}

#[test]
fn columns_are_held_within_the_memory_allowed_together() {
    let mut rows = "a,s\n".to_owned();
    for row in 0..100_000 {
        writeln!(rows, "{row},1").unwrap();
    }
    let text = columns("d.csv");
    let place = folder(&text, &[("d.csv", &rows)]);
    let mut overrides = Overrides::default();
    // Room for one column of 100,000 values, of 8 bytes each, and not for two.
    overrides.limits.max_memory = 1 << 20;
    let error = load(Origin::File(&place.path().join("x.toml")), &overrides).unwrap_err();
    assert!(
        error.plain().contains("more values than 1 MiB"),
        "{}",
        error.plain()
    );
}

#[test]
fn the_estimate_counts_what_is_read() {
    let mut rows = "a,s\n".to_owned();
    for row in 0..100_000 {
        writeln!(rows, "{row},1").unwrap();
    }
    let memory = |text: &str| {
        let place = folder(text, &[("d.csv", &rows)]);
        let file = place.path().join("x.toml");
        let loaded = load(Origin::File(&file), &Overrides::default()).unwrap();
        estimate(&loaded.scenario).memory_bytes
    };
    let line = |arrivals: &str, service: &str| {
        format!(
            "model = \"tandem\"\nhorizon = {{ customers = 100 }}\narrivals = {{ {arrivals} }}\n\
             [[stages]]\nname = \"s\"\nservice = {{ {service} }}\n"
        )
    };
    let desk = |arrivals: &str, service: &str| {
        format!(
            "model = \"desk\"\nhorizon = {{ until = 200000.0 }}\narrivals = {{ {arrivals} }}\n\
             [[classes]]\nname = \"a\"\nservice = {{ {service} }}\n\
             [[servers]]\nname = \"S\"\nattendants = [ {{ skills = [\"a\"] }} ]\n"
        )
    };
    let poisson = "rates = [ { until = 1.0, rate = 0.5 } ]";
    let constant = "constant = { value = 1.0 }";
    let column = "empirical = { file = \"d.csv\", column = \"s\" }";
    let bare = memory(&line(poisson, constant));
    assert_eq!(memory(&line(poisson, column)) - bare, 800_000);
    let bare =
        memory(&desk(poisson, constant).replace("name = \"a\"", "name = \"a\"\nshare = 1.0"));
    let drawn = memory(&desk(poisson, column).replace("name = \"a\"", "name = \"a\"\nshare = 1.0"));
    assert_eq!(drawn - bare, 800_000);
    // A recorded request: when, which class, two times that it may have, and while it is read its time once more.
    let recorded = "trace = { file = \"d.csv\", arrival = \"a\", service = \"s\" }";
    assert_eq!(memory(&desk(recorded, constant)) - bare, 5_600_000);
}

#[test]
fn texts_name_times_where_the_unit_is_known() {
    let scenario = r#"
model = "tandem"
time_unit = "min"
start = 08:30:00
arrivals = { interarrival = { exponential = { rate = "100 per 30 min" } } }
horizon = { until = "17:00" }
stages = [ { name = "a", service = { hyperexponential = { probabilities = [0.5, 0.5], means = ["90 s", 1] } } } ]
"#;
    let (line, _) = line(scenario, &[]);
    assert_eq!(line.horizon, Horizon::Until(510.0));
    let rate = LineArrivals::Renewal(Law::Exponential(Exponential {
        mean: 1.0 / (100.0 / 30.0),
    }));
    assert_eq!(line.arrivals, rate);
    let means = vec![1.5, 1.0];
    let law = Law::Hyperexponential(Hyperexponential {
        probabilities: vec![0.5, 0.5],
        means,
    });
    assert_eq!(line.stages[0].service, law.into());
    assert_eq!(line.start.unwrap().at(0.0), "08:30");
    let text = normalised(&Scenario::Tandem(line.clone()));
    assert_eq!(self::line(&text, &[]).0, line);

    let message = refusal(
        &scenario
            .replace("\"min\"", "\"turns\"")
            .replace("start = 08:30:00\n", ""),
        &[],
    );
    assert!(
        message.contains("`arrivals.interarrival.exponential.rate` is the text `100 per 30 min`"),
        "{message}"
    );
    assert!(
        message.contains("a text may name a unit where `time_unit` is one of `ns`"),
        "{message}"
    );
    let message = refusal(&scenario.replace("\"min\"", "\"turns\""), &[]);
    assert!(
        message.contains("`start` is a time of day, but the unit of time is not known"),
        "{message}"
    );
    let message = refusal(&scenario.replace("90 s", "90 sec"), &[]);
    assert!(
        message.contains("means.0` is the text `90 sec`"),
        "{message}"
    );
    assert!(
        message.contains("such as \"90 s\" or \"1.5 h\""),
        "{message}"
    );
    let message = refusal(&scenario.replace("08:30:00", "\"half past eight\""), &[]);
    assert!(
        message.contains("`start` is `half past eight`, not a time of day"),
        "{message}"
    );
    let desk = DESK.replace(
        "trace = { file = \"d.csv\", arrival = \"t\", class = \"class\" }",
        "per_step = { constant = { value = \"2 s\" } }",
    );
    let message = refusal(&format!("time_unit = \"s\"\n{desk}"), &[]);
    assert!(
        message.contains("this law counts arrivals, which have no unit of time"),
        "{message}"
    );
}

#[test]
fn options_take_texts_too() {
    let scenario = "model = \"tandem\"\ntime_unit = \"min\"\narrivals = { interarrival = { constant = { value = 1 } } }\n\
                    horizon = { customers = 5 }\nstages = [ { name = \"a\", service = { constant = { value = 1 } } } ]\n";
    let place = folder(scenario, &[]);
    let set = [
        ("stages.a.service.constant.value", "30 s"),
        ("start", "08:30:15"),
        ("arrivals.interarrival.constant.value", "0.5 h"),
    ];
    let overrides = Overrides {
        set: set
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
        ..Overrides::default()
    };
    let loaded = load(Origin::File(&place.path().join("x.toml")), &overrides).unwrap();
    let Scenario::Tandem(line) = loaded.scenario else {
        panic!("it is a line");
    };
    assert_eq!(
        line.stages[0].service,
        Law::Constant(Constant { value: 0.5 }).into()
    );
    assert_eq!(
        line.arrivals,
        LineArrivals::Renewal(Law::Constant(Constant { value: 30.0 }))
    );
    assert_eq!(line.start.unwrap().to_string(), "08:30:15");
}

/// A sound line, to be spoilt.
const LINE: &str = "model = \"tandem\"\narrivals = { interarrival = { exponential = { mean = 2.0 } } }\n\
    horizon = { customers = 5 }\nstages = [ { name = \"a\", service = { constant = { value = 1 } } } ]\n";

#[test]
fn what_people_write_by_mistake_leads_to_the_remedy() {
    for (right, wrong, remedy) in [
        (
            "mean = 2.0",
            "mean = 0,75",
            "decimals stand after a point: write `0.75`",
        ),
        (
            "mean = 2.0",
            "mean = 2.5 min",
            "a number with a unit goes in quotes, where the key takes one: write `\"2.5 min\"`",
        ),
        (
            "name = \"a\"",
            "name = \"a\", servers = inf",
            "write `\"unlimited\"` where nobody ever waits",
        ),
        (
            "name = \"a\"",
            "name = \"a\", buffer = inf",
            "leave the key out for no limit",
        ),
        (
            "name = \"a\"",
            "name = \"a\", overflow = 3",
            "`buffer.overflow` is a key of a desk (`model = \"desk\"`)",
        ),
        (
            "horizon",
            "steps = 5\nhorizon",
            "`steps` is a key of a desk",
        ),
    ] {
        let message = refusal(&LINE.replacen(right, wrong, 1), &[]);
        assert!(message.contains(remedy), "{wrong}\n{message}");
    }
    let message = refusal(
        &DESK.replace("steps = 12", "steps = 12\nhorizon = { customers = 3 }"),
        &[("d.csv", "t,class\n0,A\n")],
    );
    assert!(
        message.contains("`horizon.customers` is a key of a tandem"),
        "{message}"
    );
}

#[test]
fn a_load_of_exactly_one_grows_no_queue_where_nothing_varies() {
    let constant = LINE.replace("exponential = { mean = 2.0 }", "constant = { value = 1 }");
    assert!(line(&constant, &[]).1.is_empty());
    let varied = LINE.replace("mean = 2.0", "mean = 1.0");
    let (_, warnings) = line(&varied, &[]);
    assert!(warnings[0].contains("load of 1.00"), "{warnings:?}");
    // Nor is there a rate where all come at once, or more of those who are recorded than these.
    for (times, says) in [
        ("[3.0]", None),
        ("[1.0, 2.0]", None),
        ("[1.0, 2.0, 2.5]", Some("while its recording lasts")),
    ] {
        let recorded = LINE
            .replace(
                "arrivals = { interarrival = { exponential = { mean = 2.0 } } }",
                &format!("arrivals = {{ times = {times} }}"),
            )
            .replace("horizon = { customers = 5 }", "");
        let (_, warnings) = line(&recorded, &[]);
        assert_eq!(warnings.len(), says.iter().len(), "{times}: {warnings:?}");
        assert!(
            says.is_none_or(|says| warnings[0].contains(says)),
            "{warnings:?}"
        );
    }
}

#[test]
fn options_find_stages_by_name_and_take_keys_away() {
    let scenario = LINE.replace(
        "name = \"a\"",
        "name = \"1\", buffer = 3, service = { constant = { value = 1 } } }, { name = \"a.b\", servers = 2",
    );
    let place = folder(&scenario, &[]);
    let with = |key: &str, value: &str| {
        let overrides = Overrides {
            set: vec![(key.to_owned(), value.to_owned())],
            ..Overrides::default()
        };
        load(Origin::File(&place.path().join("x.toml")), &overrides)
            .map(|loaded| match loaded.scenario {
                Scenario::Tandem(line) => line,
                Scenario::Desk(_) => panic!("it is a line"),
            })
            .map_err(|error| error.plain())
    };
    // The stage called 1 is at index 0: an index goes before a name.
    let service = with("stages.1.service", "{ constant = { value = 9 } }");
    let scenario_service = |line: &Tandem, stage: usize| line.stages[stage].service.clone();
    let nine = Law::Constant(Constant { value: 9.0 });
    assert_eq!(scenario_service(&service.unwrap(), 1), nine.into());
    let quoted = with("stages.\"a.b\".servers", "5").unwrap();
    assert_eq!(quoted.stages[1].servers.most(), Some(5));
    let message = with("stages.a.b.servers", "5").unwrap_err();
    assert!(message.contains("a name with a dot is quoted"), "{message}");
    assert_eq!(
        with("stages.0.buffer", "unset").unwrap().stages[0].buffer,
        None
    );
    let message = with("stages.0.bufer", "unset").unwrap_err();
    assert!(
        message.contains("`stages.0.bufer` is not there, so it cannot be taken away"),
        "{message}"
    );
    let message = with("horizon", "unset").unwrap_err();
    assert!(message.contains("missing horizon"), "{message}");
}

#[test]
fn measures_go_by_the_names_of_stages_too() {
    let line = line(&LINE.replace("name = \"a\"", "name = \"a.b\""), &[]).0;
    let layout = filas::study::Layout::of(&Scenario::Tandem(line)).unwrap();
    let numbered = layout.find("stages.0.waiting.mean").unwrap();
    assert_eq!(layout.find("stages.\"a.b\".waiting.mean"), Ok(numbered));
    assert!(layout.find("stages.a.b.waiting.mean").is_err());
    let Scenario::Desk(desk) = try_load(DESK, &[("d.csv", "t,class\n0,A\n")])
        .unwrap()
        .scenario
    else {
        panic!("it is a desk");
    };
    let layout = filas::study::Layout::of(&Scenario::Desk(desk)).unwrap();
    for (name, number) in [
        ("classes.B.waiting.mean", "classes.1.waiting.mean"),
        (
            "servers.acd.attendants.acd-2.completed",
            "servers.0.attendants.1.completed",
        ),
    ] {
        assert_eq!(layout.find(name), layout.find(number), "{name}");
        assert!(layout.find(name).is_ok(), "{name}");
    }
}

#[test]
fn a_step_of_several_units_does_not_go_with_times_of_day_that_it_does_not_divide() {
    let desk = r#"model = "desk"
time_unit = "min"
start = "22:00"
steps = 270
[arrivals]
trace = { file = "d.csv", arrival = "t", step = 2 }
[[classes]]
name = "u"
service = { constant = { value = 5 } }
[[servers]]
name = "A"
attendants = [ { skills = ["u"] } ]
"#;
    let data = [("d.csv", "t\n22:30\n23:00\n")];
    let message = refusal(desk, &data);
    assert!(
        message.contains("x.toml:6:") && message.contains("`arrivals.trace.step` is 2, but"),
        "{message}"
    );
    assert!(message.contains("leave `step` out"), "{message}");
    // A spell of a shift names times of day as well as the start does.
    let spells = "[[shifts]]\nname = \"n\"\nspells = [ [\"23:00\", \"6:00\"] ]\n[[servers]]";
    let shifts = desk.replace("start = \"22:00\"\n", "");
    let message = refusal(&shifts.replace("[[servers]]", spells), &data);
    assert!(message.contains("leave `step` out"), "{message}");
    // With all else in steps, and with numbers in place of times of day, it goes.
    let steps = shifts.replace("steps = 270", "steps = 800");
    let numbers = [("d.csv", "t\n30\n60\n")];
    for (text, data) in [(&steps[..], &data), (desk, &numbers)] {
        try_load(text, data).unwrap();
    }
}
