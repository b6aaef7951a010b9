//! CSV files beside a scenario are read; those that are malformed, elsewhere or too short are
//! refused.

use filas::random::Law;
use filas::random::laws::Trace;
use filas::scenario::{
    DeskArrivals, LineArrivals, Loaded, Origin, Overrides, RecordedRequest, Scenario, Tandem, load,
};
use std::path::Path;
use tempfile::TempDir;

const LINE: &str = r#"model = "tandem"

[arrivals]
times = { file = "day.csv", column = "arrival" }

[[stages]]
name = "only"
service = { trace = { file = "day.csv", column = "service" } }
"#;

const DESK: &str = r#"model = "desk"
steps = 3

[arrivals]
trace = { file = "day.csv", arrival = "arrival", class = "kind", service = "service", step = 10 }

[[classes]]
name = "red"
service = { constant = { value = 2 } }

[[classes]]
name = "blue"
service = { constant = { value = 2 } }

[[servers]]
name = "A"
attendants = [{ skills = ["red", "blue"] }]
"#;

const DAY: &str = "arrival,service,kind\n0.5,3,red\n 2.5 , 4 ,blue\n2.5,0.25,red\n";

fn folder(scenario: &str, day: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    std::fs::write(folder.path().join("x.toml"), scenario).expect("it can be written");
    std::fs::write(folder.path().join("day.csv"), day).expect("it can be written");
    folder
}

fn load_in(folder: &Path) -> Result<Loaded, String> {
    let path = folder.join("x.toml");
    let loaded = load(Origin::File(&path), &Overrides::default());
    let shown = format!("{}/", folder.display());
    loaded.map_err(|error| error.plain().replace(&shown, ""))
}

fn line(scenario: &str, day: &str) -> Result<(Tandem, Loaded), String> {
    let loaded = load_in(folder(scenario, day).path())?;
    match &loaded.scenario {
        Scenario::Tandem(tandem) => Ok((tandem.clone(), loaded)),
        Scenario::Desk(_) => Err("a desk".to_owned()),
    }
}

fn refusal(scenario: &str, day: &str) -> String {
    match load_in(folder(scenario, day).path()) {
        Ok(_) => "no error".to_owned(),
        Err(message) => message,
    }
}

#[test]
fn columns_are_read_and_the_file_is_named_in_what_was_read() {
    let (tandem, loaded) = line(LINE, DAY).expect("it is sound");
    assert_eq!(
        tandem.name, "x",
        "the file's name stands in for a missing one"
    );
    let LineArrivals::Times(times) = &tandem.arrivals else {
        panic!("{:?}", tandem.arrivals);
    };
    assert_eq!(**times, [0.5, 2.5, 2.5]);
    let Law::Trace(Trace { values, .. }) = tandem.stages[0].expect_plain().service else {
        panic!("{:?}", tandem.stages);
    };
    assert_eq!(**values, [3.0, 4.0, 0.25]);
    assert_eq!(tandem.horizon, filas::scenario::Horizon::Customers(3));
    assert_eq!(loaded.files.len(), 1, "each file is read once");
    assert_eq!(loaded.files[0].bytes, DAY.len() as u64);
}

#[test]
fn the_normalised_form_keeps_references_to_files_or_writes_their_values() {
    for (scenario, inline_too) in [(LINE, true), (DESK, false)] {
        let folder = folder(scenario, DAY);
        let first = load_in(folder.path()).expect("it is sound");
        let text = first.normalised();
        assert!(text.contains("\"day.csv\""), "{text}");
        std::fs::write(folder.path().join("x.toml"), &text).expect("it can be written");
        let second = load_in(folder.path()).expect("the normalised form is sound");
        assert_eq!(first.scenario, second.scenario);
        if inline_too {
            let text = filas::scenario::normalised(&first.scenario);
            let origin = Origin::Embedded {
                name: "x",
                text: &text,
            };
            let third = load(origin, &Overrides::default()).expect("no file is needed");
            assert_eq!(first.scenario, third.scenario);
        }
    }
}

#[test]
fn a_file_that_begins_with_a_byte_order_mark_is_read() {
    let marked = format!("\u{feff}{DAY}");
    assert!(line(LINE, &marked).is_ok());
    assert!(line(&format!("\u{feff}{LINE}"), DAY).is_ok());
}

#[test]
fn a_recorded_day_falls_into_steps_and_its_late_requests_are_left_out() {
    let day = format!("{DAY}29.9,20,blue\n30,1,red\n");
    let loaded = load_in(folder(DESK, &day).path()).expect("it is sound");
    let Scenario::Desk(desk) = &loaded.scenario else {
        panic!("not a desk");
    };
    let request = |arrival, class, service| RecordedRequest {
        arrival,
        class,
        service: Some(service),
        patience: None,
    };
    let expected = [
        request(0.0, 0, 0.3),
        request(0.0, 1, 0.4),
        request(0.0, 0, 0.025),
        request(2.0, 1, 2.0),
    ];
    let DeskArrivals::Recorded(requests) = &desk.arrivals else {
        panic!("{:?}", desk.arrivals);
    };
    assert_eq!(**requests, expected);
    let late = "`day.csv` has requests after the end: they are left out";
    assert!(loaded.warnings.iter().any(|warning| warning == late));
}

#[test]
fn a_bad_cell_is_named_by_file_line_and_column() {
    let expected = "day.csv:3:8: `day.csv` line 3 column 2 (`service`) is `four`, not a number
 3 |  2.5 , four ,blue
   |        ^^^^
 = help: every row that is read needs a value: fill it in, or choose rows with `where` beside `column`";
    assert_eq!(refusal(LINE, &DAY.replace(" 4 ", " four ")), expected);
    for (cell, remedy) in [
        ("\"1,000.5\"", "without signs between thousands"),
        ("2 min", "`scale` beside `column`"),
    ] {
        let message = refusal(LINE, &DAY.replace(" 4 ", cell));
        assert!(message.contains(remedy), "{message}");
    }
    for (bad, what) in [
        (
            "-4",
            "is `-4`, but must be a finite number that is not negative",
        ),
        (
            "inf",
            "is `inf`, but must be a finite number that is not negative",
        ),
        (
            "NaN",
            "is `NaN`, but must be a finite number that is not negative",
        ),
        (
            "1e999",
            "is `1e999`, but must be a finite number that is not negative",
        ),
        ("", "is empty, not a number"),
    ] {
        let message = refusal(LINE, &DAY.replace(" 4 ", bad));
        let start = format!("day.csv:3:7: `day.csv` line 3 column 2 (`service`) {what}\n");
        assert!(message.starts_with(&start), "{message}\n{start}");
    }
}

#[test]
fn a_bad_row_is_named_by_file_and_line() {
    let message = refusal(LINE, &DAY.replace(",blue", ""));
    let start = "day.csv:3:1: `day.csv` line 3 has 2 columns, but the first line has 3\n";
    assert!(message.starts_with(start), "{message}");
    let message = refusal(LINE, "arrival,service,kind\n0.5,1.0,red\n2.5\n");
    let start = "day.csv:3:1: `day.csv` line 3 has 1 column, but the first line has 3\n";
    assert!(message.starts_with(start), "{message}");
    let message = refusal(LINE, &DAY.replace("2.5,0.25", "2.25,0.25"));
    let start =
        "day.csv:4:1: `day.csv` line 4 column 1 (`arrival`) is 2.25, before the 2.5 it follows\n";
    assert!(message.starts_with(start), "{message}");
    let message = refusal(LINE, &DAY.replace("2.5,0.25", "\n\n2.5,0.25"));
    assert!(
        message.starts_with("day.csv:4:1: `day.csv` line 4 is empty\n"),
        "{message}"
    );
    let message = refusal(LINE, &DAY.replace(",blue", ",\"blue"));
    assert!(
        message.contains("line 3 has a quote that is not closed\n"),
        "{message}"
    );
    let message = refusal(LINE, &DAY.replace("kind", "service"));
    assert!(
        message.contains("`day.csv` has more than one column `service`"),
        "{message}"
    );
    let message = refusal(DESK, &DAY.replace("blue", "blu"));
    let start = "day.csv:3:11: `day.csv` line 3 column 3 (`kind`) is `blu`, which is not a class\n";
    assert!(message.starts_with(start), "{message}");
    assert!(
        message.ends_with("did you mean `blue`? allowed here: `red`, `blue`"),
        "{message}"
    );
    let message = refusal(DESK, &DAY.replace("blue", ""));
    let start =
        "day.csv:3:11: `day.csv` line 3 column 3 (`kind`) is empty, but must name a class\n";
    assert!(message.starts_with(start), "{message}");
}

#[test]
fn a_missing_column_is_shown_in_the_scenario_with_the_nearest() {
    let expected = "x.toml:4:38: `day.csv` has no column `arival`
 4 | times = { file = \"day.csv\", column = \"arival\" }
   |                                      ^^^^^^^^
 = help: did you mean `arrival`? allowed here: `arrival`, `service`, `kind`";
    let scenario = LINE.replace("\"arrival\"", "\"arival\"");
    assert_eq!(refusal(&scenario, DAY), expected);
}

#[test]
fn a_trace_that_is_too_short_says_how_many_values_were_needed() {
    let scenario = format!("{LINE}\n[horizon]\ncustomers = 5\n");
    let message = refusal(&scenario, DAY);
    assert!(
        message.contains("`arrivals.times` has 3 values, but 5 are needed"),
        "{message}"
    );
    let scenario = scenario.replace(
        "times = { file = \"day.csv\", column = \"arrival\" }",
        "interarrival = { constant = { value = 1 } }",
    );
    let message = refusal(&scenario, DAY);
    let expected = "`stages.0.service` has 3 values, but 5 are needed, one for each customer";
    assert!(message.contains(expected), "{message}");
    let message = refusal(&scenario.replace("customers = 5", "until = 4.5"), DAY);
    let expected = "`stages.0.service` has 3 values, but 4 are needed, one for each customer";
    assert!(message.contains(expected), "{message}");
    assert_eq!(
        refusal(&scenario.replace("customers = 5", "until = 3.5"), DAY),
        "no error"
    );
}

#[test]
fn times_that_end_before_the_horizon_are_all_who_come() {
    let scenario = format!("{LINE}\n[horizon]\nuntil = 1000\n");
    assert_eq!(refusal(&scenario, DAY), "no error");
}

#[test]
fn a_file_outside_the_folder_is_refused_also_through_a_link() {
    for path in ["../day.csv", "/etc/passwd", "a/../../day.csv", ""] {
        let message = refusal(&LINE.replacen("day.csv", path, 1), DAY);
        assert!(
            message.contains("may leave the scenario's folder"),
            "{path}: {message}"
        );
    }
    let outside = folder(LINE, DAY);
    let inside = folder(LINE, DAY);
    std::fs::remove_file(inside.path().join("day.csv")).expect("it can be removed");
    let link = inside.path().join("day.csv");
    std::os::unix::fs::symlink(outside.path().join("day.csv"), &link).expect("links can be made");
    let message = load_in(inside.path()).map(|_| ()).unwrap_err();
    assert!(
        message.contains("`day.csv` is a link that leaves the scenario's folder"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_missing_or_a_folder_is_refused() {
    let message = refusal(&LINE.replace("day.csv", "dy.csv"), DAY);
    assert!(
        message.contains("`dy.csv` cannot be read: there is no such file"),
        "{message}"
    );
    let message = refusal(&LINE.replace("day.csv", "./"), DAY);
    assert!(message.contains("`./` is not a regular file"), "{message}");
    let message = refusal(LINE, "arrival,service\n");
    assert!(
        message.contains("`day.csv` has no rows after its first line"),
        "{message}"
    );
}

#[test]
fn a_scenario_file_that_is_no_text_or_too_large_is_refused() {
    let place = folder(LINE, DAY);
    let path = place.path().join("x.toml");
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("it can be written");
        load_in(place.path()).map(|_| ()).unwrap_err()
    };
    let message = refused(b"model = \"tandem\"\nname = \"caf\xe9\"\n");
    assert!(message.contains("is not UTF-8 text"), "{message}");
    assert!(message.starts_with("x.toml:2:12: "), "{message}");
    let message = refused(&vec![b'#'; 4 * 1024 * 1024 + 1]);
    assert!(message.contains("larger than 4194304 bytes"), "{message}");
    let nowhere = load(
        Origin::File(&place.path().join("y.toml")),
        &Overrides::default(),
    );
    let message = nowhere.map(|_| ()).unwrap_err().to_string();
    assert!(message.ends_with("there is no such file"), "{message}");
    let folder = load(Origin::File(place.path()), &Overrides::default());
    let message = folder.map(|_| ()).unwrap_err().to_string();
    assert!(message.ends_with("it is a folder"), "{message}");
}
