//! Desks in continuous time against the formulas of Erlang, with service levels; and small scenarios that once went
//! wrong.

use crate::desk_cases::{outcome, tables};
use filas::actor::Runtime;
use filas::desk::DeskSummary;
use filas::scenario::{Desk, Origin, Overrides, Scenario, load};
use filas::time::Time;

fn desk(text: &str) -> (Desk, Vec<String>) {
    let loaded = load(Origin::Embedded { name: "x", text }, &Overrides::default());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}", error.plain()));
    match loaded.scenario {
        Scenario::Desk(desk) => (desk, loaded.warnings),
        Scenario::Tandem(_) => panic!("it is a desk"),
    }
}

/// A measure: its name, how it is read off a summary, and its expected value.
type Expected<'a> = (&'a str, fn(&DeskSummary) -> Option<f64>, f64);

/// Checks the mean of a measure over some replications: within five standard errors.
fn agrees(desk: &Desk, replications: u64, measures: &[Expected<'_>]) {
    let runs: Vec<DeskSummary> = (0..replications)
        .map(|replication| outcome(desk, replication, Runtime::Inline).summary)
        .collect();
    for (name, of, expected) in measures {
        let values: Vec<f64> = runs.iter().map(|run| of(run).unwrap()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        assert!(
            (mean - expected).abs() <= 5.0 * error && error < 0.1 * expected,
            "{name}: {mean} +- {error}, not {expected}"
        );
    }
}

const MINUTES: &str = r#"
model = "desk"
time_unit = "min"
horizon = { until = "200 h", warm_up = "5 h" }
supervisor = { queue = "central" }
[[classes]]
name = "calls"
arrivals = { interarrival = { exponential = { rate = "60 per 30 min" } } }
service = { exponential = { mean = "4 min" } }
service_level = { within = "20 s" }
[[servers]]
name = "centre"
attendants = [ { skills = ["calls"], count = 10 } ]
"#;

#[test]
fn calls_in_minutes_wait_as_erlang_says() {
    // M/M/10 at an offered load of 8.
    let (desk, warnings) = desk(MINUTES);
    assert_eq!(warnings, Vec::<String>::new());
    agrees(
        &desk,
        16,
        &[
            ("had to wait", |run| run.waited_fraction, 0.40918),
            ("waiting", |run| run.waiting.mean, 49.10 / 60.0),
            ("in time", |run| run.service_level?.of_offered, 0.65364),
            ("occupancy", |run| run.occupancy, 0.8),
        ],
    );
}

#[test]
fn callers_who_hang_up_do_as_often_as_erlang_says() {
    let text = MINUTES.replace("count = 10", "count = 9").replace(
        "service_level = { within = \"20 s\" }",
        "patience = { exponential = { mean = 3.0 } }",
    );
    let (desk, _) = desk(&text);
    agrees(
        &desk,
        16,
        &[
            ("abandoned", |run| run.lost.abandoned, 0.09696),
            ("had to wait", |run| run.waited_fraction, 0.38443),
            ("occupancy", |run| run.occupancy, 0.80271),
            (
                "wait of all",
                |run| {
                    let (served, gone) = (run.waiting, run.time_to_abandon);
                    let sum = served.mean? * served.n as f64 + gone.mean? * gone.n as f64;
                    Some(sum / (served.n + gone.n) as f64)
                },
                0.29087,
            ),
        ],
    );
}

#[test]
fn whole_steps_keep_means_and_are_warned_of_where_they_are_coarse() {
    // The mean service comes out at 4.115 steps, and the wait of M/M/10 at about 1.08.
    let (desk, warnings) = desk(
        r#"
model = "desk"
steps = 12000
classes = [ { name = "calls", arrivals = { poisson = { mean = 2.0 } }, service = { exponential = { mean = 4.0 } } } ]
servers = [ { name = "centre", attendants = [ { skills = ["calls"], count = 10 } ] } ]
"#,
    );
    let coarse = |warning: &String| {
        warning.contains("steps are coarse")
            && warning.contains("4.115")
            && warning.contains("until")
    };
    assert!(warnings.iter().any(coarse), "{warnings:?}");
    let mut waits = 0.0;
    let mut services = 0.0;
    for replication in 0..12 {
        let run = outcome(&desk, replication, Runtime::Inline).summary;
        waits += run.waiting.mean.unwrap() / 12.0;
        services += run.service.mean.unwrap() / 12.0;
    }
    assert!((services - 4.115).abs() < 0.03, "{services}");
    assert!((waits - 1.08).abs() < 0.12, "{waits}");
}

#[test]
fn no_request_of_a_central_queue_waits_beside_an_idle_attendant() {
    let text = |queue: &str| {
        format!(
            r#"
model = "desk"
steps = 12
arrivals = {{ trace = {{ arrival = "t", class = "class", values = [
  {{ t = 0, class = "A" }}, {{ t = 0, class = "A" }}, {{ t = 1, class = "B" }} ] }} }}
supervisor = {{ queue = "{queue}" }}
classes = [ {{ name = "A", service = {{ constant = {{ value = 4 }} }} }}, {{ name = "B", service = {{ constant = {{ value = 4 }} }} }} ]
servers = [ {{ name = "acd", capacity = 2, attendants = [ {{ skills = ["A"] }}, {{ skills = ["B"] }} ] }} ]
"#
        )
    };
    let (central, warnings) = desk(&text("central"));
    assert_eq!(warnings, Vec::<String>::new());
    let got = tables(&central, 0, Runtime::Inline).unwrap();
    assert_eq!(got.requests[2].first_start, Some(Time::of(2)));
    // The same without it: B waits behind an A who waits, and the remedy is said.
    let (servers, warnings) = desk(&text("servers"));
    let got = tables(&servers, 0, Runtime::Inline).unwrap();
    assert_eq!(got.requests[2].first_start, Some(Time::of(5)));
    let remedy = |warning: &String| warning.contains("server `acd`") && warning.contains("central");
    assert!(warnings.iter().any(remedy), "{warnings:?}");
}

#[test]
fn many_agents_wait_as_erlang_says() {
    // Offered loads of 45 to 50 agents, and of 190 to 200; P(wait > 0) and the mean wait of Erlang C.
    for (agents, rate, waits, mean) in
        [(50, 11.25, 0.36386, 0.29109), (200, 47.5, 0.36527, 0.14611)]
    {
        let text = MINUTES
            .replace("200 h", "100 h")
            .replace("rate = \"60 per 30 min\"", &format!("rate = {rate}"))
            .replace("count = 10", &format!("count = {agents}"));
        let (desk, _) = desk(&text);
        agrees(
            &desk,
            8,
            &[
                ("had to wait", |run| run.waited_fraction, waits),
                ("waiting", |run| run.waiting.mean, mean),
            ],
        );
    }
}

/// M/M/3/3 of which seven in ten of those rejected come again after an exponential time.
const REDIAL: &str = r#"
model = "desk"
time_unit = "min"
system_capacity = 3
horizon = { until = "500 h", warm_up = "10 h" }
[[classes]]
name = "calls"
arrivals = { interarrival = { exponential = { rate = 1.0 } } }
service = { exponential = { mean = 2.0 } }
retry = { after = ["rejected"], probability = 0.7, delay = { exponential = { mean = 2.0 } }, most = 1000 }
[[servers]]
name = "centre"
attendants = [ { skills = ["calls"], count = 3 } ]
"#;

#[test]
fn callers_who_come_again_do_as_often_as_the_chain_says() {
    let (redial, _) = desk(REDIAL);
    agrees(
        &redial,
        12,
        &[
            ("tries", |run| run.tries_per_client, 1.29385),
            ("rejected", |run| run.lost.rejected, 0.32445),
            ("busy", |run| run.occupancy, 0.58271),
            (
                "clients lost",
                |run| Some(1.0 - run.completed_in_time as f64 / run.clients as f64),
                0.12594,
            ),
        ],
    );
    // Without redial it is Erlang B: a load of 2 at 3 attendants.
    let once: Vec<&str> = REDIAL
        .lines()
        .filter(|line| !line.starts_with("retry"))
        .collect();
    let (once, _) = desk(&once.join("\n"));
    agrees(&once, 12, &[("lost", |run| run.lost.rejected, 0.21053)]);
}

#[test]
fn steps_that_keep_the_mean_are_not_said_to_change_it() {
    // A gamma time of mean 20 and sd 2 is practically never under 1.
    let (_, warnings) = desk(
        r#"
model = "desk"
steps = 100
classes = [ { name = "calls", arrivals = { poisson = { mean = 0.1 } }, service = { gamma = { mean = 20.0, cv = 0.1 } } } ]
servers = [ { name = "centre", attendants = [ { skills = ["calls"], count = 10 } ] } ]
"#,
    );
    let coarse = warnings.iter().find(|warning| warning.contains("coarse"));
    let coarse = coarse.expect("it is rounded");
    assert!(coarse.contains("keeps the mean of 20.000"), "{coarse}");
    assert!(!coarse.contains("comes out at"), "{coarse}");
}
