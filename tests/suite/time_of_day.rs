//! A scenario that gives its `start` is told by the clock in the log, the tables, the timeline, the
//! explanation, the terminal view and the charts. Times of the line are those of three recorded
//! customers, worked out by hand; a step of the desk begins one minute after the one before.

use crate::cli::{filas, json, told};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::observe::control::Reading;
use filas::observe::log::Said;
use filas::observe::room::Watch;
use filas::observe::view::{Look, View};
use filas::scenario::{Origin, Overrides, load};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// At the window from 9:00 to 9:04:30; waits from 9:02 to 9:04:30; comes at 23:59 for two minutes.
const LINE: &str = r#"
model = "tandem"
name = "window"
time_unit = "min"
start = "8:30"
arrivals = { times = [ "9:00", "9:02", "23:59" ] }
stages = [ { name = "till", service = { trace = { values = [ 4.5, 5.5, 2.0 ] } } } ]
"#;

/// One request a step, each served for two steps by the only attendant, who is down in step 4.
const DESK: &str = r#"
model = "desk"
name = "window"
time_unit = "min"
start = "23:57"
steps = 6
arrivals = { per_step = { constant = { value = 1 } } }
classes = [ { name = "calm", service = { constant = { value = 2 } } } ]
faults = { script = [ { step = 4, attendant = "A-1", down_for = 1 } ] }
servers = [ { name = "A", attendants = [ { skills = ["calm"] } ] } ]
"#;

/// A folder with this scenario, and the paths of the file and of a place for results.
fn place(scenario: &str) -> (tempfile::TempDir, String, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("x.toml");
    fs::write(&file, scenario).unwrap();
    let out = place.path().join("results");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let (file, out) = (path(&file), path(&out));
    (place, file, out)
}

fn table(out: &str, name: &str) -> String {
    fs::read_to_string(Path::new(out).join(format!("{name}.csv"))).unwrap()
}

#[test]
fn tables_hold_times_of_day_beside_the_instants() {
    let (_place, file, out) = place(LINE);
    filas(&["run", &file, "--out", &out, "--tables", "csv"])
        .assert()
        .success();
    assert_eq!(
        table(&out, "visits"),
        "customer,stage,arrival,arrival_clock,service_start,service_start_clock,service_end,service_end_clock,\
         departure,departure_clock,server\n\
         1,till,30.0,09:00,30.0,09:00,34.5,09:04:30,34.5,09:04:30,1\n\
         2,till,32.0,09:02,34.5,09:04:30,40.0,09:10,40.0,09:10,1\n\
         3,till,929.0,23:59,929.0,23:59,931.0,00:01 +1 d,931.0,00:01 +1 d,1\n"
    );
    let customers = table(&out, "customers");
    assert!(
        customers.starts_with("customer,arrival,arrival_clock,departure,departure_clock,waiting,"),
        "{customers}"
    );

    let (_place, file, out) = place(DESK);
    filas(&["run", &file, "--out", &out, "--tables", "csv"])
        .assert()
        .success();
    let requests = table(&out, "requests");
    let lines: Vec<&str> = requests.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "id,class,arrival,arrival_clock,first_start,first_start_clock,end,end_clock,outcome,attempts,server,attendant,client,try,gone,gone_clock",
            "1,calm,1,23:57,1,23:57,2,23:59,completed,1,A,A-1,1,1,,",
            "2,calm,2,23:58,3,23:59,6,00:03 +1 d,completed,2,A,A-1,2,1,,",
        ]
    );
    assert_eq!(
        lines[3], "3,calm,3,23:59,,,,,in-system,0,,,3,1,,",
        "no time of day where there is no instant"
    );
    assert_eq!(
        table(&out, "faults"),
        "step,step_clock,server,attendant,event,request\n\
         4,00:00 +1 d,A,A-1,fault,2\n5,00:01 +1 d,A,A-1,repair,\n"
    );
}

#[test]
fn without_a_start_there_is_no_time_of_day_and_with_one_the_digest_is_the_same() {
    let bare = LINE
        .replace("start = \"8:30\"\n", "")
        .replace("\"9:00\", \"9:02\", \"23:59\"", "30, 32, 929");
    let (_place, file, out) = place(&bare);
    let written = json(&[
        "run", &file, "--out", &out, "--tables", "csv", "--format", "json",
    ]);
    assert!(!table(&out, "visits").contains("clock"));
    let (_other, file, _) = place(LINE);
    let timed = json(&["run", &file, "--format", "json"]);
    assert_eq!(written["digest"], timed["digest"]);
}

#[test]
fn parquet_holds_the_same_times_of_day() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let (_place, file, out) = place(LINE);
    filas(&["run", &file, "--out", &out]).assert().success();
    let visits = fs::File::open(Path::new(&out).join("visits.parquet")).unwrap();
    let rows = SerializedFileReader::new(visits).unwrap();
    let ends = rows.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        let (_, end) = row
            .get_column_iter()
            .find(|(name, _)| *name == "service_end_clock")
            .expect("the column is there");
        end.to_string()
    });
    let ends: Vec<String> = ends.collect();
    assert_eq!(ends, ["\"09:04:30\"", "\"09:10\"", "\"00:01 +1 d\""]);
}

#[test]
fn the_log_tells_times_of_day() {
    let (_place, file, _) = place(LINE);
    let log = |format: &str, filter: &str| {
        let words = ["run", &file, "--log", filter, "--log-format", format];
        told(&words).1
    };
    assert_eq!(
        log("pretty", "customer=2"),
        "    09:04:30 till         ▶ #2 at server 1, waited 2.500\n\
         \x20      09:10 till         ✔ #2 leaves server 1\n"
    );
    let compact = log("compact", "customer=2");
    assert!(
        compact.starts_with("DEBUG 09:04:30 filas::line till ▶ #2"),
        "{compact}"
    );
    let event: Value =
        serde_json::from_str(log("json", "customer=2").lines().next().unwrap()).unwrap();
    assert_eq!(
        (&event["time"], &event["clock"]),
        (&34.5.into(), &"09:04:30".into())
    );
    // The time of day is a field like any other.
    assert_eq!(log("pretty", "clock=09:10").lines().count(), 1);

    let (_place, file, _) = place(DESK);
    let (_, log, _) = told(&["run", &file, "--quiet", "--log", "filas::faults=info"]);
    assert_eq!(
        log,
        "  00:00 +1 d A-1          ✕ down for 1 step, interrupts #2\n  00:01 +1 d A-1          ▲ up after 1 step\n"
    );
}

#[test]
fn the_timeline_bears_times_of_day() {
    for (scenario, name, from, to) in [
        (LINE, "#2", "09:04:30", "09:10"),
        (DESK, "#1 calm", "23:57", "23:59"),
    ] {
        let (place, file, _) = place(scenario);
        let trace = place.path().join("trace.json");
        let words = ["run", &file, "--timeline", trace.to_str().unwrap()];
        filas(&words).assert().success();
        let trace: Value = serde_json::from_str(&fs::read_to_string(&trace).unwrap()).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let slice = events.iter().find(|event| event["name"] == name).unwrap();
        assert_eq!(slice["args"]["from"], from);
        assert_eq!(slice["args"]["to"], to);
        let start = if name == "#2" { "08:30" } else { "23:57" };
        assert_eq!(trace["otherData"]["start"], start);
    }
}

#[test]
fn a_life_is_told_by_the_clock() {
    let (_place, file, out) = place(LINE);
    filas(&["run", &file, "--out", &out]).assert().success();
    let (said, _, _) = told(&["explain", &out, "--customer", "2"]);
    for part in [
        "     09:02  #2 reaches the line, at stage till.",
        "            till 1: serves #1 until 09:04:30",
        "  09:04:30  Server 1 of till begins to serve it, for 5.5 min.",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    let life = json(&["explain", &out, "--customer", "2", "--format", "json"]);
    let waits = &life["chapters"][1];
    assert_eq!(waits["clock"], serde_json::json!(["09:02", "09:04:30"]));

    let (_place, file, out) = place(DESK);
    filas(&["run", &file, "--out", &out]).assert().success();
    let (said, _, _) = told(&["explain", &out, "--request", "2"]);
    assert!(said.contains("step 2, 23:58"), "{said}");
    assert!(said.contains("step 5, 00:01 +1 d"), "{said}");
}

#[test]
fn the_view_shows_times_of_day() {
    for (text, clock, title, log) in [
        (LINE, 33.0, "window   09:03", "       09:00 till"),
        (
            DESK,
            2.0,
            "window   step 6/6, 00:02 +1 d",
            "       23:57 till",
        ),
    ] {
        let name = "x.toml";
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).unwrap();
        let watch = Watch::new(&loaded.scenario);
        let around = Surroundings {
            conductor: &(),
            recorder: &watch,
        };
        let model = filas::model::Model::of(&loaded.scenario);
        model
            .run(0, Runtime::Inline, Some(1), Recording::Everything, around)
            .unwrap();
        let look = Look {
            unicode: true,
            colour: false,
        };
        let mut view = View::new(look, loaded.scenario.clock());
        let time = if loaded.scenario.line().is_some() {
            30.0
        } else {
            1.0
        };
        let said = Said {
            time,
            level: "debug".to_owned(),
            actor: "till".to_owned(),
            text: "▶ #1".to_owned(),
            names: Vec::new(),
        };
        view.hear([said], 0);
        let reading = Reading {
            clock,
            pace: None,
            paused: false,
            stopped: false,
            over: false,
        };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let room = watch.room(clock);
        terminal
            .draw(|frame| view.draw(frame, &room, &reading))
            .unwrap();
        let screen = terminal.backend().to_string();
        for part in [title, log] {
            assert!(screen.contains(part), "{part:?} is not in\n{screen}");
        }
    }
}

#[test]
fn the_charts_of_a_far_origin_begin_there() {
    let (_place, file, out) = place(&LINE.replace("start = \"8:30\"\n", "").replace(
        "\"9:00\", \"9:02\", \"23:59\"",
        "1715299980, 1715299981, 1715299984",
    ));
    filas(&["run", &file, "--out", &out]).assert().success();
    filas(&["report", &out]).assert().success();
    let page = fs::read_to_string(Path::new(&out).join("report.html")).unwrap();
    let (_, chart) = page.split_once("Customers and queues over time").unwrap();
    let chart = chart.split("</svg>").next().unwrap();
    let labels: Vec<f64> = chart
        .split("</text>")
        .filter_map(|text| {
            text.rsplit('>')
                .next()?
                .replace([' ', '\u{202f}', ','], "")
                .parse()
                .ok()
        })
        .filter(|&label: &f64| label > 100.0)
        .collect();
    assert!(!labels.is_empty(), "{chart}");
    assert!(
        labels.iter().all(|&label| label > 1_715_299_979.0),
        "{labels:?}"
    );
}
