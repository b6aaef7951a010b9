//! A run of a line of people and machines says how customers ended and what the servers' time went into, the same in
//! the terminal, the summary, the tables and the report.

use crate::cli::told;
use filas::number::{count, percent};
use filas::report::page;
use filas::tandem::LineSummary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const CLINIC: &str = r#"
model = "tandem"
name = "emergency"
time_unit = "min"
arrivals = { interarrival = { exponential = { mean = 4.0 } } }
horizon = { until = 4000, stop = true }

[[classes]]
name = "urgent"
share = 0.2
priority = 1

[[classes]]
name = "walk-in"
share = 0.8

[[stages]]
name = "triage"
servers = 2
buffer = 6
service = { exponential = { mean = 6.0 } }
join = [1.0, 1.0, 0.8, 0.5]

[[stages]]
name = "doctor"
servers = { plan = [ { from = 0, count = 5 }, { from = "8 h", count = 2 } ], repeat = "24 h", leaving = "interrupt" }
service = { exponential = { mean = 12.0 } }
setup = { constant = { value = 0.5 } }
preemption = "resume"
patience = { by_class = { walk-in = { exponential = { mean = 60.0 } } } }
faults = { every = { exponential = { mean = 300.0 } }, repair = { exponential = { mean = 20.0 } }, work = "lost" }
scrap = 0.05

[[stages]]
name = "ward"
servers = "unlimited"
service = { exponential = { mean = 200.0 } }
"#;

/// How many customers of each class ended in which way, counted in the table of customers.
fn counted(folder: &Path) -> BTreeMap<(String, String), u64> {
    let text = fs::read_to_string(folder.join("customers.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let [class, outcome] = [column("class"), column("outcome")];
    let mut counted = BTreeMap::new();
    for row in lines {
        let one = (row[class].to_owned(), row[outcome].to_owned());
        *counted.entry(one).or_insert(0) += 1;
    }
    counted
}

#[test]
fn a_run_says_how_customers_ended_and_why_servers_did_not_work() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("emergency.toml");
    fs::write(&file, CLINIC).unwrap();
    let out = place.path().join("results");
    let words = ["run", file.to_str().unwrap(), "--tables", "csv", "--out"];
    let (terminal, err, code) = told(&[&words[..], &[out.to_str().unwrap()]].concat());
    assert_eq!(code, 0, "{err}");
    let summary = fs::read_to_string(out.join("summary.json")).unwrap();
    let json: Value = serde_json::from_str(&summary).unwrap();
    let summary: LineSummary = serde_json::from_str(&summary).unwrap();
    let report = page::document(&out).unwrap();

    // The headline stands everywhere, and its shares are those of the table of customers.
    let headline = json["answer"]["headline"].as_str().unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&terminal).contains(headline), "{terminal}");
    assert!(report.answer.starts_with(headline));
    let table = counted(&out);
    let number = |end: &str| -> u64 {
        let of_end = table.iter().filter(|((_, one), _)| one == end);
        of_end.map(|(_, number)| number).sum()
    };
    let arrived: u64 = table.values().sum();
    let share = |number: u64| percent(number as f64 / arrived as f64);
    for (end, says) in [
        ("lost", "found no place and were lost"),
        ("balked", "did not join a queue"),
        ("abandoned", "gave up waiting"),
        ("failed", "failed with their server"),
        ("scrapped", "left as scrap"),
        ("unfinished", "were still there at the end"),
    ] {
        assert!(number(end) > 0, "{table:?}");
        let says = format!("{} {says}", share(number(end)));
        assert!(headline.contains(&says), "{says}: {headline}");
    }
    let unserved = arrived - number("served") - number("unfinished");
    let says = format!(
        "; {} of {} customers were not served: ",
        share(unserved),
        count(arrived)
    );
    assert!(headline.contains(&says), "{headline}");

    // The table by class, in the terminal and in the report.
    let ends = page::ends(&summary).unwrap();
    let head = ends.head.clone();
    let section = report.sections.iter();
    let mut section = section.filter(|one| one.title == "How customers ended");
    let section = section.next().unwrap();
    assert_eq!(section.tables[0], ends);
    for row in &ends.rows {
        let line = terminal
            .lines()
            .map(|line| line.split_whitespace().collect::<String>());
        let wanted: String = row.concat().split_whitespace().collect();
        assert!(
            line.into_iter().any(|line| line == wanted),
            "{row:?}\n{terminal}"
        );
        let of_class = |end: &str| table.get(&(row[0].clone(), end.to_owned())).copied();
        if row[0] != "all" {
            let ends = [
                "served",
                "lost",
                "balked",
                "abandoned",
                "failed",
                "scrapped",
                "unfinished",
            ];
            let arrived: u64 = ends.iter().filter_map(|end| of_class(end)).sum();
            assert_eq!(row[1], count(arrived));
            for (at, end) in (2..).zip(ends) {
                let share = of_class(end).unwrap_or(0) as f64 / arrived as f64;
                assert_eq!((&*head[at], &row[at]), (end, &percent(share)));
            }
        }
    }

    // The servers' time is divided among all that it went into.
    let doctor = summary.stages[1].time_shares().unwrap();
    let parts = [
        doctor.busy,
        doctor.blocked,
        doctor.setup,
        doctor.down,
        doctor.off,
        doctor.idle,
    ];
    assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{parts:?}");
    let wanted = ["setup_time", "down_time", "off_time", "idle_time"];
    let times = wanted.map(|key| json["stages"][1][key].as_f64().unwrap());
    let window = json["clock"].as_f64().unwrap();
    let shares = [doctor.setup, doctor.down, doctor.off, doctor.idle];
    for (time, share) in times.iter().zip(shares) {
        assert!(
            share > 0.0 && (time / window - share).abs() < 0.01,
            "{times:?} {shares:?}"
        );
    }
    assert!(summary.stages[2].time_shares().is_none());
    let mean = json["stages"][2]["in_service"]["mean"].as_f64().unwrap();
    let says = format!("{} in service", filas::number::plain(mean));
    assert!(terminal.contains(&says), "{terminal}");
    assert!(
        terminal.lines().all(|line| line.chars().count() <= 100),
        "{terminal}"
    );
}

#[test]
fn a_line_where_all_are_served_says_nothing_of_the_others() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("batches.toml");
    let text = r#"
        model = "tandem"
        name = "batches"
        arrivals = { interarrival = { constant = { value = 4.0 } }, batch = { constant = { value = 2 } } }
        horizon = { customers = 200 }
        stages = [ { name = "press", service = { constant = { value = 1.0 } } } ]
    "#;
    fs::write(&file, text).unwrap();
    let (terminal, err, code) = told(&["run", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    // The second of each pair waits for the first.
    assert!(
        terminal.contains("Customers wait 0.500 on average;"),
        "{terminal}"
    );
    for word in [
        "served", "lost", "balked", "scrap", "down", "off duty", "set-up",
    ] {
        assert!(!terminal.contains(word), "{word}: {terminal}");
    }
    assert!(terminal.contains("starved 50 %"), "{terminal}");
}

/// Three customers at one press: one is preempted, one overtaken and held up by a repair, one urgent.
const PRESS: &str = r#"
model = "tandem"
name = "workshop"
time_unit = "min"
horizon = { until = 100 }

[[classes]]
name = "calm"
arrivals = { times = [1.0, 2.0, 3.0] }

[[classes]]
name = "urgent"
priority = 1
arrivals = { times = [5.0] }

[[stages]]
name = "press"
service = { by_class = { calm = { constant = { value = 6.0 } }, urgent = { constant = { value = 3.0 } } } }
preemption = "resume"
setup = { by_class = { calm = { constant = { value = 0.5 } } } }
patience = { by_class = { calm = { constant = { value = 9.0 } } } }
faults = { every = { constant = { value = 11.0 } }, repair = { constant = { value = 2.0 } } }
"#;

/// The life of a customer of a run, as sentences with their times.
fn life(folder: &Path, customer: &str) -> Vec<(f64, f64, String)> {
    let words = [
        "explain",
        folder.to_str().unwrap(),
        "--customer",
        customer,
        "--format",
        "json",
    ];
    let (out, err, code) = told(&words);
    assert_eq!(code, 0, "{err}");
    let life: Value = serde_json::from_str(&out).unwrap();
    let chapters = life["chapters"].as_array().unwrap();
    let chapter = |chapter: &Value| {
        let time = |key: &str| chapter[key].as_f64().unwrap();
        let mut text = chapter["text"].as_str().unwrap().to_owned();
        for reason in chapter["reasons"].as_array().into_iter().flatten() {
            let word = |key: &str| reason[key].as_str().unwrap().to_owned();
            text += &format!(" [{}: {}]", word("server"), word("text"));
        }
        (time("from"), time("until"), text)
    };
    chapters.iter().map(chapter).collect()
}

#[test]
fn lives_worked_out_by_hand_are_told_so() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("workshop.toml");
    fs::write(&file, PRESS).unwrap();
    let out = place.path().join("results");
    let words = [
        "run",
        file.to_str().unwrap(),
        "-q",
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(told(&words).2, 0);
    let same = |number: &str, wanted: &[(f64, f64, &str)]| {
        let told = life(&out, number);
        let told: Vec<(f64, f64, &str)> = told
            .iter()
            .map(|(from, until, text)| (*from, *until, text.as_str()))
            .collect();
        assert_eq!(told, wanted, "#{number}");
    };
    // The urgent one comes last and is number 4. Set for it, the press is set up anew for the calm ones.
    same(
        "1",
        &[
            (1.0, 1.0, "#1 reaches the line, at stage press."),
            (
                1.0,
                1.0,
                "Server 1 of press begins to serve it, 6 min of work.",
            ),
            (
                5.0,
                5.0,
                "#4, of higher priority, takes server 1 of press; it waits again, at the head of its own priority.",
            ),
            (
                5.0,
                8.0,
                "It waits 3 min at press, nobody ahead of it. [press 1: serves #4 until 8]",
            ),
            (8.0, 8.0, "Server 1 of press is set up for it, for 0.5 min."),
            (
                8.5,
                8.5,
                "Server 1 of press goes on with it, 2 min of work left.",
            ),
            (
                10.5,
                10.5,
                "It leaves the line: 0 min waited, 6 min in service, 0 min blocked.",
            ),
        ],
    );
    same(
        "2",
        &[
            (2.0, 2.0, "#2 reaches the line, at stage press."),
            (
                2.0,
                10.5,
                "It waits 8.5 min at press, behind #1; #4 came later and went first. \
                 [press 1: serves #1 until 5, serves #4 until 8, set up for #1 until 8.5 and 1 more spell]",
            ),
            (
                10.5,
                10.5,
                "Server 1 of press begins to serve it, 6 min of work.",
            ),
            (
                11.0,
                13.0,
                "Its server goes down and keeps it for 2 min, until it is repaired.",
            ),
            (
                13.0,
                13.0,
                "Server 1 of press goes on with it, 5.5 min of work left.",
            ),
            (
                18.5,
                18.5,
                "It leaves the line: 8.5 min waited, 6 min in service, 0 min blocked.",
            ),
        ],
    );
    same(
        "3",
        &[
            (3.0, 3.0, "#3 reaches the line, at stage press."),
            (
                3.0,
                12.0,
                "It waits 9 min at press, behind #1 and #2; #4 came later and went first. \
                 [press 1: serves #1 until 5, serves #4 until 8, set up for #1 until 8.5 and 3 more spells]",
            ),
            (
                12.0,
                12.0,
                "Its patience of 9 min ends, and it leaves the line.",
            ),
        ],
    );
    same(
        "4",
        &[
            (5.0, 5.0, "#4 reaches the line, at stage press."),
            (
                5.0,
                5.0,
                "Server 1 of press begins to serve it, 3 min of work.",
            ),
            (
                8.0,
                8.0,
                "It leaves the line: 0 min waited, 3 min in service, 0 min blocked.",
            ),
        ],
    );
    let (said, err, code) = told(&["explain", out.to_str().unwrap(), "--customer", "3"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        said.starts_with("#3 · abandoned · times in min\n"),
        "{said}"
    );
}

#[test]
fn the_log_is_the_same_on_every_engine_and_says_what_happens() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("workshop.toml");
    fs::write(&file, PRESS).unwrap();
    let log = |engine: &str| {
        let path = place.path().join(engine);
        let log = path.to_str().unwrap();
        let file = file.to_str().unwrap();
        let words = [
            "run",
            file,
            "-q",
            "--engine",
            engine,
            "--log",
            "trace",
            "--log-file",
            log,
        ];
        assert_eq!(told(&words).2, 0);
        fs::read_to_string(path).unwrap()
    };
    let log = [log("inline"), log("threads")];
    assert_eq!(log[0], log[1]);
    let lines = log[0]
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let wanted = [
        "1.000 press + #1 calm arrives",
        "1.000 press ▶ #1 calm at server 1, waited 0.000",
        "2.000 press + #2 calm arrives",
        "3.000 press + #3 calm arrives",
        "5.000 press + #4 urgent arrives",
        "5.000 press ⇄ #1 calm cut off at server 1 by a higher priority, waits again",
        "5.000 press ▶ #4 urgent at server 1, waited 0.000",
        "8.000 press ✔ #4 urgent leaves server 1",
        "8.000 press ▶ #1 calm at server 1, set-up of 0.500",
        "8.500 press ▶ #1 calm at server 1, goes on with 2.000 of work",
        "10.500 press ✔ #1 calm leaves server 1",
        "10.500 press ▶ #2 calm at server 1, waited 8.500",
        "11.000 press ✕ server 1 down",
        "11.000 press ⇄ #2 calm cut off at server 1 by a fault, stays there",
        "12.000 press ⊘ #3 calm gave up after 9.000",
        "13.000 press ▲ server 1 up",
        "13.000 press ▶ #2 calm at server 1, goes on with 5.500 of work",
        "18.500 press ✔ #2 calm leaves server 1",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), wanted);
}

#[test]
fn the_timeline_has_what_the_summary_says_of_the_servers_time() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("emergency.toml");
    fs::write(&file, CLINIC).unwrap();
    let trace = place.path().join("trace.json");
    let words = [
        "run",
        file.to_str().unwrap(),
        "--set",
        "horizon.stop=false",
        "--format",
        "json",
        "--timeline",
        trace.to_str().unwrap(),
    ];
    let (out, err, code) = told(&words);
    assert_eq!(code, 0, "{err}");
    let summary: Value = serde_json::from_str(&out).unwrap();
    let trace: Value = serde_json::from_str(&fs::read_to_string(trace).unwrap()).unwrap();
    let mut spent: BTreeMap<(u64, String), f64> = BTreeMap::new();
    let mut instants: BTreeMap<String, u64> = BTreeMap::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        let Some(kind) = event["cat"].as_str() else {
            continue;
        };
        match event["dur"].as_f64() {
            Some(length) => {
                let stage = event["pid"].as_u64().unwrap();
                *spent.entry((stage, kind.to_owned())).or_insert(0.0) += length / 1e6;
            }
            None => *instants.entry(kind.to_owned()).or_insert(0) += 1,
        }
    }
    for (stage, servers) in [(1, 2.0), (2, 5.0)] {
        let summary = &summary["stages"][stage as usize - 1];
        for (kind, key) in [
            ("blocked", "blocked_time"),
            ("set-up", "setup_time"),
            ("down", "down_time"),
            ("off duty", "off_time"),
        ] {
            let told = spent.get(&(stage, kind.to_owned())).copied().unwrap_or(0.0);
            let filed = servers * summary[key].as_f64().unwrap();
            assert!(
                (told - filed).abs() < 1e-3,
                "{kind} at {stage}: {told} {filed}"
            );
        }
    }
    let customers = &summary["customers"];
    // All who were lost found no place at the first stage.
    assert_eq!(summary["stages"][0]["lost"], customers["lost"]);
    assert_eq!(summary["stages"][1]["lost"], 0);
    for (kind, key) in [
        ("loss", "lost"),
        ("balking", "balked"),
        ("abandonment", "abandoned"),
        ("failure", "failed"),
        ("scrap", "scrapped"),
    ] {
        let filed = customers[key].as_u64().unwrap();
        assert!(filed > 0, "{customers}");
        assert_eq!(instants.get(kind), Some(&filed), "{kind}");
    }
}

/// Servers that a plan sends off, and one that fails at 70, when nobody is there any more.
const QUIET: &str = r#"
model = "MODEL"
horizon = { until = 100, stop = true }
arrivals = { times = [0, 10] }

[[TABLE]]
name = "planned"
servers = { plan = [{ from = 0, count = 2 }, { from = 60, count = 1 }] }
service = { constant = { value = 5 } }
NEXT

[[TABLE]]
name = "faulty"
service = { constant = { value = 5 } }
faults = { every = { constant = { value = 70 } }, repair = { constant = { value = 20 } } }
LAST
"#;

#[test]
fn until_a_run_is_stopped_servers_come_and_go_though_nobody_is_there() {
    let place = tempfile::tempdir().unwrap();
    for (model, table, next, last) in [
        ("tandem", "stages", "", ""),
        ("network", "stations", "next = \"faulty\"", "next = \"out\""),
    ] {
        let text = QUIET.replace("MODEL", model).replace("TABLE", table);
        let text = text.replace("NEXT", next).replace("LAST", last);
        let file = place.path().join(format!("{model}.toml"));
        fs::write(&file, text).unwrap();
        for engine in ["inline", "threads"] {
            let words = ["run", file.to_str().unwrap(), "--engine", engine];
            let (said, err, code) = told(&[&words[..], &["--format", "json", "--quiet"]].concat());
            assert_eq!(code, 0, "{err}");
            let run: Value = serde_json::from_str(&said).unwrap();
            assert_eq!(run["clock"], 100.0);
            let of = |stage: usize, key: &str| run[table][stage][key].as_f64().unwrap();
            // Of two servers one is off from 60 on; both are means of the two.
            assert_eq!(
                (of(0, "off_time"), of(0, "idle_time")),
                (20.0, 75.0),
                "{engine}"
            );
            assert_eq!(
                (of(1, "down_time"), of(1, "idle_time")),
                (20.0, 70.0),
                "{engine}"
            );
        }
    }
}

/// Runs a scenario of these lines on an engine: the summary on stdout, stderr and the exit code.
fn summary(text: &str, engine: &str, more: &[&str]) -> (Value, String, i32) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("case.toml");
    fs::write(&file, text).unwrap();
    let words = ["run", file.to_str().unwrap(), "--engine", engine];
    let json = ["--format", "json", "--quiet"];
    let (said, err, code) = told(&[&words[..], &json, more].concat());
    (serde_json::from_str(&said).unwrap_or_default(), err, code)
}

/// A line whose first station closes for good after two customers of six.
const CLOSING: &str = r#"
model = "tandem"
arrivals = { times = { values = [0, 1, 4, 4, 5, 7] } }
horizon = { until = 8 }

[[stages]]
name = "desk"
servers = { plan = [{ from = 0, count = 1 }, { from = 3, count = 0 }] }
service = { constant = { value = 1 } }

[[stages]]
name = "exit"
SECOND
service = { constant = { value = 1 } }
"#;

/// The same as a network.
fn as_network(line: &str) -> String {
    let text = line.replace("\"tandem\"", "\"network\"");
    let text = text.replace("[[stages]]", "[[stations]]");
    let text = text.replace(
        "arrivals = ",
        "classes = [{ name = \"a\", enter = \"desk\", arrivals = ",
    );
    let text = text.replace("5, 7] } }", "5, 7] } } }]");
    let text = text.replace(
        "name = \"desk\"\nservers",
        "name = \"desk\"\nnext = \"exit\"\nservers",
    );
    text + "next = \"out\"\n"
}

#[test]
fn a_run_ends_where_nobody_left_will_ever_be_served_whatever_servers_come_and_go() {
    let coming_and_going = [
        "servers = { plan = [{ from = 0, count = 1 }, { from = 1, count = 2 }], repeat = 8 }",
        "faults = { every = { constant = { value = 5 } }, repair = { constant = { value = 1 } } }",
    ];
    for second in ["", coming_and_going[0], coming_and_going[1]] {
        let line = CLOSING.replace("SECOND", second);
        for text in [as_network(&line), line] {
            for engine in ["inline", "threads"] {
                let (run, err, code) = summary(&text, engine, &[]);
                assert_eq!(code, 1, "{text}{err}");
                assert_eq!(run["clock"], 7.0, "{text}");
                let customers = &run["customers"];
                let ends = (&customers["departed"], &customers["unfinished"]);
                assert_eq!(ends, (&2.into(), &4.into()), "{text}");
            }
        }
    }
    // A first station that is never starved makes no more customers once it has closed: three were served by then.
    let arrivals = "arrivals = { times = { values = [0, 1, 4, 4, 5, 7] } }";
    let saturated = CLOSING.replace(arrivals, "arrivals = { saturated = true }");
    let saturated = saturated.replace("until = 8", "customers = 9");
    for second in coming_and_going {
        let (run, err, code) = summary(&saturated.replace("SECOND", second), "inline", &[]);
        let customers = (&run["customers"]["arrived"], &run["customers"]["departed"]);
        assert_eq!((code, customers), (0, (&3.into(), &3.into())), "{err}");
    }
    // Where a run is stopped by the clock it goes on until then.
    let stopped = CLOSING
        .replace("SECOND", "")
        .replace("until = 8", "until = 8, stop = true");
    let (run, err, code) = summary(&stopped, "inline", &[]);
    assert_eq!((code, &run["clock"]), (0, &8.0.into()), "{err}");
}

#[test]
fn nobody_need_ever_leave_a_line_that_closes() {
    let servers = "servers = { plan = [{ from = 0, count = 1 }, { from = 4, count = 0 }] }";
    let stage = format!("{servers}\nservice = {{ constant = {{ value = 4 }} }}");
    let text = format!(
        "model = \"tandem\"\nhorizon = {{ until = 9 }}\narrivals = {{ times = {{ values = [0] }} }}\n\
         [[stages]]\nname = \"s1\"\n{stage}\n[[stages]]\nname = \"s2\"\n{stage}\n"
    );
    for engine in ["inline", "threads"] {
        let (run, err, code) = summary(&text, engine, &[]);
        assert_eq!(code, 1, "{err}");
        // Served at the first until 4, the customer waits at the second for ever.
        assert_eq!(
            (&run["clock"], &run["customers"]["unfinished"]),
            (&4.0.into(), &1.into())
        );
        assert_eq!(
            (
                &run["stages"][0]["utilisation"],
                &run["stages"][1]["off_time"]
            ),
            (&1.0.into(), &0.0.into())
        );
    }
}

#[test]
fn who_is_blocked_is_not_in_service_any_more() {
    // Two are served from 0 to 1; the second waits at its server until 5 for the one place of the next stage.
    let text = r#"
        model = "tandem"
        arrivals = { times = { values = [0, 0] } }
        horizon = { customers = 2 }
        [[stages]]
        name = "many"
        servers = "unlimited"
        service = { constant = { value = 1 } }
        [[stages]]
        name = "one"
        buffer = 0
        service = { constant = { value = 4 } }
    "#;
    for engine in ["inline", "threads"] {
        let (run, err, code) = summary(text, engine, &[]);
        assert_eq!((code, &run["clock"]), (0, &9.0.into()), "{err}");
        assert_eq!(run["stages"][0]["in_service"]["mean"], 2.0 / 9.0);
    }
}

#[test]
fn a_shared_station_holds_servers_and_buffer_and_is_busy_in_each_interval() {
    // M/M/1 with three places at load 1, whose servers are shared: a quarter is lost, 1.5 are there on average.
    let text = r#"
        model = "network"
        horizon = { customers = 40000 }
        classes = [{ name = "a", enter = "s", arrivals = { interarrival = { exponential = { mean = 1.0 } } } }]
        [[stations]]
        name = "s"
        buffer = 2
        discipline = "processor-sharing"
        service = { exponential = { mean = 1.0 } }
        next = "out"
    "#;
    for engine in ["inline", "threads"] {
        let (run, err, code) = summary(text, engine, &[]);
        assert_eq!(code, 0, "{err}");
        let lost = run["customers"]["lost"].as_f64().unwrap() / 40_000.0;
        assert!((lost - 0.25).abs() < 0.02, "{lost}");
        let mean = run["stations"][0]["in_service"]["mean"].as_f64().unwrap();
        assert!((mean - 1.5).abs() < 0.1, "{mean}");
    }
    // Busy from 0 to 2, and from 6 until the run is stopped.
    let text = r#"
        model = "network"
        horizon = { until = 10, stop = true }
        report = { interval = 5 }
        classes = [{ name = "a", enter = "s", arrivals = { times = { values = [0, 0, 6] } } }]
        [[stations]]
        name = "s"
        discipline = "processor-sharing"
        service = { trace = { values = [1, 1, 9] } }
        next = "out"
    "#;
    let (run, err, code) = summary(text, "inline", &[]);
    assert_eq!(code, 0, "{err}");
    for (interval, busy) in [(0, 0.4), (1, 0.8)] {
        assert_eq!(run["intervals"][interval]["utilisation"], busy);
    }
}

#[test]
fn rows_of_customers_say_how_long_those_who_gave_up_waited_and_nothing_of_the_lost() {
    let text = r#"
        model = "tandem"
        arrivals = { times = { values = [0, 0, 1, 2] } }
        horizon = { until = 10 }
        [[stages]]
        name = "s"
        buffer = 1
        service = { constant = { value = 5 } }
        patience = { constant = { value = 1 } }
    "#;
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let more = ["--tables", "csv", "--out", out.to_str().unwrap()];
    for engine in ["inline", "threads"] {
        let (_, err, code) = summary(text, engine, &more);
        assert_eq!(code, 0, "{err}");
        let rows = fs::read_to_string(out.join("customers.csv")).unwrap();
        let rows: Vec<&str> = rows.lines().skip(1).collect();
        assert_eq!(
            rows,
            [
                "2,,0.0,1.0,1.0,0.0,0.0,1.0,1,abandoned,s",
                "3,,1.0,,,,,,,lost,s",
                "4,,2.0,3.0,1.0,0.0,0.0,1.0,1,abandoned,s",
                "1,,0.0,5.0,0.0,5.0,0.0,5.0,0,served,s",
            ]
        );
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn work_that_never_ends_is_stopped_at_a_limit_and_an_instant_that_never_ends_names_its_stations() {
    let text = r#"
        model = "tandem"
        arrivals = { interarrival = { constant = { value = 10 } } }
        horizon = { customers = 2 }
        [[stages]]
        name = "a"
        service = { constant = { value = 4 } }
        faults = { every = { constant = { value = 2 } }, repair = { constant = { value = 1 } }, work = "restart" }
    "#;
    for engine in ["inline", "threads"] {
        let (run, err, code) = summary(text, engine, &["--max-events", "1000"]);
        assert_eq!((code, &run["interrupted"]), (1, &true.into()), "{err}");
    }
    let text = r#"
        model = "network"
        horizon = { until = 10 }
        classes = [{ name = "p", population = 1, enter = "cut", route = ["cut"] }]
        [[stations]]
        name = "cut"
        service = { constant = { value = 0 } }
    "#;
    let (_, err, code) = summary(text, "inline", &[]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("again and again, at `cut`"), "{err}");
}

#[test]
fn recorded_arrivals_may_all_come_after_the_end() {
    for arrivals in ["times = { values = [50] }", "times = { values = [50, 60] }"] {
        let text = format!(
            "model = \"tandem\"\nhorizon = {{ until = 10 }}\narrivals = {{ {arrivals} }}\n\
             [[stages]]\nname = \"s\"\nservice = {{ constant = {{ value = 1 }} }}\n"
        );
        for engine in ["inline", "threads"] {
            let (run, err, code) = summary(&text, engine, &[]);
            assert_eq!(
                (code, &run["customers"]["arrived"]),
                (0, &0.into()),
                "{text}{err}"
            );
        }
    }
}

#[test]
fn what_a_network_loses_is_said_to_be_lost_where_it_was() {
    // At 0 come five. The first is at `b` from 1 to 11, where the second and the third find no place at 2 and 3; the
    // others have given up at `a` at 2.
    let text = "model = \"network\"\nhorizon = { customers = 5 }\nline = { blocking = \"lose\" }\n\
        [[classes]]\nname = \"c\"\narrivals = { times = [0, 0, 0, 0, 0] }\nenter = \"a\"\n\
        [[stations]]\nname = \"a\"\nservice = { constant = { value = 1 } }\n\
        patience = { constant = { value = 2 } }\nnext = \"b\"\n\
        [[stations]]\nname = \"b\"\nbuffer = 0\nservice = { constant = { value = 10 } }\nnext = \"out\"\n";
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("wards.toml");
    fs::write(&file, text).unwrap();
    let (out, err, code) = told(&["run", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let summary: Value = serde_json::from_str(&out).unwrap();
    let headline = summary["answer"]["headline"].as_str().unwrap();
    for says in [
        "40 % found no place and were lost (at b)",
        "40 % gave up waiting (at a)",
    ] {
        assert!(headline.contains(says), "{headline}");
    }
    let summary: LineSummary = serde_json::from_str(&out).unwrap();
    let table = page::ends_at(&summary).unwrap();
    assert_eq!(table.head[2], "lost");
    assert_eq!(table.rows[0][2], "0");
    assert_eq!(table.rows[1][2], "2");
}
