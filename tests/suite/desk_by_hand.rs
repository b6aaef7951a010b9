//! Small desks without randomness, whose results were worked out by hand.

use crate::cli::filas;
use crate::desk_cases::{Tables, always, class, plain, recorded, server, step, tables};
use filas::actor::{RunError, Runtime};
use filas::random::Law;
use filas::random::laws::Trace;
use filas::scenario::ServiceLevel;
use filas::scenario::{
    Arrivals, Desk, DeskArrivals, Dispatch, InterruptedWork, Overflow, ScriptEntry, ScriptEvent,
};
use filas::station::{RequestOutcome, RequestRecord, StepRecord};
use filas::time::Time;

fn run(desk: &Desk) -> Tables {
    tables(desk, 0, Runtime::Inline).unwrap()
}

fn fault(step: u64, server: usize, attendant: usize, down_for: Option<u64>) -> ScriptEntry {
    ScriptEntry {
        at: Time::of(step),
        server,
        attendant: Some(attendant),
        event: ScriptEvent::Fault {
            down_for: down_for.map(|steps| steps as f64),
        },
    }
}

fn column(tables: &Tables, of: fn(&StepRecord) -> u64) -> Vec<u64> {
    tables.steps.iter().map(of).collect()
}

fn each<T>(tables: &Tables, of: fn(&RequestRecord) -> T) -> Vec<T> {
    tables.requests.iter().map(of).collect()
}

#[test]
fn two_requests_at_one_attendant() {
    // Request 1 works in steps 1 and 2; request 2 starts in step 3, the attendant being free again.
    let mut desk = plain(4);
    desk.arrivals = recorded(&[(1, 0, 2), (1, 0, 1)]);
    desk.classes[0].service_level = Some(ServiceLevel {
        within: 1.0,
        target: None,
    });
    let got = run(&desk);
    assert_eq!(each(&got, |r| r.first_start.map(step)), [Some(1), Some(3)]);
    assert_eq!(each(&got, |r| r.end.map(step)), [Some(2), Some(3)]);
    assert_eq!(column(&got, |s| s.in_service), [1, 1, 1, 0]);
    assert_eq!(column(&got, |s| s.waiting_at_servers), [1, 1, 0, 0]);
    let summary = &got.outcome.summary;
    assert_eq!(
        (summary.waiting.mean, summary.sojourn.mean),
        (Some(1.0), Some(2.5))
    );
    assert_eq!(summary.servers[0].held.mean, Some(5.0 / 4.0));
    assert_eq!(summary.servers[0].utilisation, Some(0.75));
    // Request 1 is answered at once, request 2 after two steps.
    let level = summary.classes[0].service_level.unwrap();
    assert_eq!(level.of_offered, Some(0.5));
}

#[test]
fn an_outage_restarts_resumes_or_loses_the_work() {
    let end = |work| {
        let mut desk = plain(6);
        desk.arrivals = recorded(&[(1, 0, 3)]);
        desk.faults.script = vec![fault(2, 0, 0, Some(1))];
        desk.faults.work = work;
        let got = run(&desk);
        let row = got.requests[0];
        (row.outcome, row.end.map(step), row.attempts)
    };
    let completed = RequestOutcome::Completed;
    assert_eq!(end(InterruptedWork::Restart), (completed, Some(5), 2));
    assert_eq!(end(InterruptedWork::Resume), (completed, Some(4), 2));
    let failed = RequestOutcome::Failed;
    assert_eq!(end(InterruptedWork::Lost), (failed, Some(2), 1));
}

#[test]
fn a_whole_server_dies_and_the_other_takes_over() {
    // A's two attendants serve 1 and 2, of four steps each; 3 waits there.
    let mut desk = plain(8);
    desk.dispatch = Dispatch::FirstAvailable;
    desk.servers = vec![server("A", &[&[0], &[0]]), server("B", &[&[0]])];
    desk.servers[0].capacity = Some(3);
    desk.rebalance = false;
    desk.arrivals = recorded(&[(1, 0, 4), (1, 0, 4), (1, 0, 4)]);
    desk.faults.script = vec![ScriptEntry {
        at: Time::of(2),
        server: 0,
        attendant: None,
        event: ScriptEvent::Fault {
            down_for: Some(2.0),
        },
    }];
    let stuck = run(&desk);
    // All three are handed over in step 2 and stay at B: 1 in steps 2 to 5, then 2.
    assert_eq!(each(&stuck, |r| r.end.map(step)), [Some(5), None, None]);

    desk.rebalance = true;
    let got = run(&desk);
    // 3 moves over to B in step 1, before the outage, and ends there in step 4. 1 and 2 go to B in step
    // 2 and wait there, until A is up again in step 4 and takes them over, from the start.
    assert_eq!(each(&got, |r| r.server), [Some(0), Some(0), Some(1)]);
    assert_eq!(column(&got, |s| s.reallocated), [1, 2, 0, 2, 0, 0, 0, 0]);
    assert_eq!(column(&got, |s| s.interrupted), [0, 2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(column(&got, |s| s.attendants_up), [3, 1, 1, 3, 3, 3, 3, 3]);
    assert_eq!(each(&got, |r| r.end.map(step)), [Some(7), Some(7), Some(4)]);
    let a = &got.outcome.summary.servers[0];
    assert_eq!((a.faults, a.repairs, a.outage_longest), (2, 2, Some(2.0)));
    assert_eq!(
        (a.repair_time_mean, a.availability),
        (Some(2.0), Some(0.75))
    );
    assert_eq!(got.outcome.summary.servers[1].outage_longest, None);
}

#[test]
fn a_full_buffer_rejects_or_ends_the_run() {
    let mut desk = plain(3);
    desk.buffer = Some(1);
    desk.arrivals = recorded(&[(1, 0, 1), (1, 0, 1), (1, 0, 1), (2, 0, 9)]);
    let got = run(&desk);
    let counts = got.outcome.summary.requests;
    assert_eq!((counts.generated, counts.completed), (4, 1));
    assert_eq!((counts.rejected, counts.in_system), (2, 1));
    assert_eq!(got.outcome.summary.lost.rejected, Some(0.5));
    assert_eq!(got.outcome.summary.buffer.full_steps, 1);
    desk.overflow = Overflow::Stop;
    let got = run(&desk);
    assert_eq!((got.outcome.summary.steps, got.steps.len()), (Some(1), 1));
    assert_eq!(got.outcome.summary.requests.generated, 3);
    assert!(!got.outcome.interrupted);
}

#[test]
fn patience_ends_where_service_never_began() {
    // 1 works in steps 1 and 2, 2 starts in step 3 just in time, 3 gives up in step 3.
    let mut desk = plain(5);
    desk.servers[0].capacity = Some(2);
    desk.classes[0].patience = Some(always(2));
    desk.arrivals = recorded(&[(1, 0, 2), (1, 0, 2), (1, 0, 2)]);
    for rebalance in [true, false] {
        desk.rebalance = rebalance;
        let got = run(&desk);
        assert_eq!(each(&got, |r| r.end.map(step)), [Some(2), Some(4), Some(3)]);
        assert_eq!(column(&got, |s| s.abandoned), [0, 0, 1, 0, 0]);
        assert_eq!(got.requests[2].outcome, RequestOutcome::Abandoned);
    }
}

#[test]
fn laws_per_class_enter_by_turns() {
    let mut desk = plain(1);
    desk.arrivals = DeskArrivals::PerClass;
    desk.classes = vec![class("a"), class("b"), class("c")];
    for (class, count) in desk.classes.iter_mut().zip([1, 3, 2]) {
        class.arrivals = Some(Arrivals::PerStep(always(count)));
    }
    desk.servers = vec![server("A", &[&[0, 1, 2]])];
    assert_eq!(each(&run(&desk), |r| r.class), [0, 1, 2, 1, 2, 1]);
}

#[test]
fn a_trace_too_short_says_how_many_values_were_needed() {
    let mut desk = plain(4);
    desk.classes[0].service = Law::Trace(Trace {
        values: vec![1.0, 2.0].into(),
        repeat: false,
    });
    desk.arrivals = DeskArrivals::Shared(Arrivals::PerStep(always(3)));
    let Err(RunError::Trace { what, had, needed }) = tables(&desk, 0, Runtime::Inline) else {
        panic!("12 requests need 12 values");
    };
    assert_eq!((what.as_str(), had, needed), ("the service of calm", 2, 12));
    desk.arrivals = recorded(&[]);
    assert!(tables(&desk, 0, Runtime::Inline).is_ok());
}

#[test]
fn the_summary_has_the_keys_of_the_contract() {
    let mut desk = plain(2);
    desk.arrivals = recorded(&[(1, 0, 1)]);
    let got = run(&desk);
    let json = serde_json::to_value(&got.outcome.summary).unwrap();
    for (place, keys) in [
        (
            "",
            "steps requests waiting sojourn classes buffer faults servers",
        ),
        (
            "/requests",
            "generated completed rejected abandoned failed in_system",
        ),
        ("/waiting", "n mean sd min max p50 p90 p95 p99"),
        ("/classes/0", "name requests waiting sojourn"),
        ("/buffer", "mean max final"),
        (
            "/faults",
            "count repairs interrupted reallocated availability",
        ),
        (
            "/servers/0",
            "name completed utilisation availability held attendants",
        ),
        ("/servers/0/held", "mean max"),
        (
            "/servers/0/attendants/0",
            "name skills completed faults busy_steps idle_steps down_steps",
        ),
    ] {
        let object = json.pointer(place).unwrap();
        for key in keys.split(' ') {
            assert!(object.get(key).is_some(), "{place} has no {key}");
        }
    }
    assert_eq!(json["servers"][0]["attendants"][0]["skills"][0], "calm");
    let back: filas::desk::DeskSummary = serde_json::from_value(json).unwrap();
    assert_eq!(back, got.outcome.summary);
}

/// One request of three steps; its attendant is down in step 2.
const INTERRUPTED: &str = r#"
model = "desk"
steps = 5
arrivals = { trace = { file = "day.csv", arrival = "at", class = "class", service = "service" } }
classes = [{ name = "calm", service = { constant = { value = 1 } } }]
faults = { script = [{ step = 2, attendant = "A-1", down_for = 1 }] }
servers = [{ name = "A", attendants = [{ skills = ["calm"] }] }]
"#;

/// Runs in a process of its own, since logging is set for the whole process.
#[test]
fn the_log_tells_who_did_what_in_which_step() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("interrupted.toml");
    std::fs::write(&file, INTERRUPTED).unwrap();
    std::fs::write(place.path().join("day.csv"), "at,class,service\n0,calm,3\n").unwrap();
    let words = [
        "run",
        "--engine",
        "inline",
        "--log",
        "trace",
        "--log-format",
    ];
    let run = filas(&words).args(["compact"]).arg(file).output().unwrap();
    let text = String::from_utf8(run.stderr).unwrap();
    let mut lines = text.lines();
    for line in [
        "TRACE 1 filas::generator + #1 calm arrives request=1 class=calm",
        "DEBUG 1 filas::supervisor → #1 calm to A request=1 class=calm server=A",
        "DEBUG 1 filas::attendant A-1 ▶ #1 calm, 3 steps of work request=1 class=calm server=A attendant=A-1",
        "INFO 1 filas::coordinator · 1 new, 0 completed",
        "INFO 2 filas::faults A-1 ✕ down for 1 step, interrupts #1 request=1 server=A attendant=A-1",
        "DEBUG 2 filas::supervisor ⇄ #1 calm back from A-1 request=1 class=calm server=A attendant=A-1",
        "INFO 3 filas::faults A-1 ▲ up after 1 step server=A attendant=A-1",
        "DEBUG 3 filas::attendant A-1 ▶ #1 calm, 3 steps of work, attempt 2",
        "DEBUG 5 filas::attendant A-1 ✔ #1 calm, waited 0",
    ] {
        let found = lines.any(|said| said.starts_with(line));
        assert!(
            found,
            "no line begins with \"{line}\" after the others:\n{text}"
        );
    }
    assert_eq!(
        text.matches("down").count(),
        1,
        "a fault is told once:\n{text}"
    );
}

#[test]
fn entries_of_a_script_for_one_instant_happen_in_the_order_of_the_file() {
    let fault = "{ AT = 3, attendant = \"A-1\" }";
    let repair = "{ AT = 3, attendant = \"A-1\", event = \"repair\" }";
    for (horizon, at, arrivals, all) in [
        (
            "horizon = { until = 7 }",
            "at",
            "times = { values = [0, 0, 4] }",
            3,
        ),
        ("steps = 7", "step", "constant = { value = 1 }", 7),
    ] {
        for (script, completed) in [([fault, repair], all), ([repair, fault], 2)] {
            let script = script.join(", ").replace("AT", at);
            let text = format!(
                "model = \"desk\"\n{horizon}\n\
                 classes = [{{ name = \"a\", arrivals = {{ {arrivals} }}, \
                 service = {{ constant = {{ value = 1 }} }} }}]\n\
                 faults = {{ script = [{script}] }}\n\
                 servers = [{{ name = \"A\", attendants = [{{ skills = [\"a\"] }}] }}]\n"
            );
            let place = tempfile::tempdir().unwrap();
            let file = place.path().join("script.toml");
            std::fs::write(&file, &text).unwrap();
            for engine in ["inline", "threads"] {
                let words = ["run", "--format", "json", "--quiet", "--engine", engine];
                let run = filas(&words).arg(&file).output().unwrap();
                let said: serde_json::Value =
                    serde_json::from_slice(&run.stdout).expect("a summary");
                assert_eq!(said["requests"]["completed"], completed, "{text}");
            }
        }
    }
}
