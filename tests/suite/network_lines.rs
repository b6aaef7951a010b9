//! A line written as a network gives the line's records to the bit; and networks whose answer is known in another way.

use crate::station_cases::Case;
use crate::station_engines::visits_of;
use crate::station_oracle::Visit;
use crate::station_runs::{Records, line};
use filas::actor::{Conductor, Recording, RunError, Runtime, Surroundings, Wish};
use filas::scenario::{Scenario, Tandem};
use filas::station::Happening;
use filas::study::ClosedForm;
use filas::tandem::{self, LineOutcome};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The text of a line as one of a network.
fn as_network(toml: &str) -> String {
    let stages = toml.matches("[[stages]]").count();
    let mut parts = toml.split("[[stages]]");
    let head = parts.next().expect("a head");
    let mut text = head.replace("model = \"tandem\"", "model = \"network\"");
    text = text.replace("[[classes]]\n", "[[classes]]\nenter = \"FIRST\"\n");
    let names: Vec<&str> = (toml.split("[[stages]]\nname = \"").skip(1))
        .map(|stage| stage.split('"').next().expect("a name"))
        .collect();
    text = text.replace("FIRST", names[0]);
    for (index, part) in parts.enumerate() {
        let next = names.get(index + 1).filter(|_| index + 1 < stages);
        let next = next.copied().unwrap_or("out");
        text += &format!("[[stations]]\nnext = \"{next}\"{part}");
    }
    text
}

fn run(line: &Tandem, recording: Recording) -> Result<(LineOutcome, Vec<Happening>), RunError> {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let outcome = tandem::run(line, 0, Runtime::Inline, 512, recording, around)?;
    Ok((outcome, records.into_records()))
}

#[test]
fn a_made_up_line_written_as_a_network_gives_its_records_and_its_digest() {
    let mut held = 0;
    for case in (0..500).filter_map(Case::numbered) {
        let network = line(&as_network(&case.toml));
        let one = line(&case.toml);
        if one.is_plain() {
            continue;
        }
        let (Ok((line, records)), Ok((network, again))) = (
            run(&one, Recording::Tables),
            run(&network, Recording::Tables),
        ) else {
            continue;
        };
        if network.deadlocked.is_some() {
            // A line that has nothing due any more ends quietly.
            continue;
        }
        assert_eq!(records, again, "{}", case.toml);
        assert_eq!(line.digest, network.digest, "{}", case.toml);
        held += 1;
    }
    assert!(held > 300, "only {held} lines");
}

/// A line whose server leaves at 50 for good, while two customers are there, and which stops at 100.
const CLOSED: &str = r#"
model = "tandem"
horizon = { until = 100, stop = true }
arrivals = { times = [0, 48, 49] }
[[stages]]
name = "a"
service = { constant = { value = 5 } }
servers = { plan = [ { from = 0, count = 1 }, { from = 50, count = 0 } ] }
"#;

/// A line of which nobody comes to the second stage, though each service at the first reserves a place there.
const SCRAPPED: &str = r#"
model = "tandem"
horizon = { customers = 2 }
arrivals = { times = [0, 0] }
line = { blocking = "before-service" }
[[stages]]
name = "a"
servers = 2
service = { constant = { value = 1 } }
scrap = 1
[[stages]]
name = "b"
buffer = 0
service = { constant = { value = 5 } }
"#;

#[test]
fn corners_of_the_rules_are_those_of_a_line() {
    for toml in [CLOSED, SCRAPPED] {
        let (one, records) = run(&line(toml), Recording::Tables).unwrap();
        let (network, again) = run(&line(&as_network(toml)), Recording::Tables).unwrap();
        assert_eq!(records, again, "{toml}");
        assert_eq!(one.digest, network.digest, "{toml}");
        assert!(network.deadlocked.is_none());
    }
    // With `stop` the run goes on to its end, though nothing is due.
    let (closed, _) = run(&line(&as_network(CLOSED)), Recording::Nothing).unwrap();
    assert_eq!(closed.summary.clock, 100.0);
    // One place further on: one service at a time.
    let (_, records) = run(&line(&as_network(SCRAPPED)), Recording::Tables).unwrap();
    let starts: Vec<Option<f64>> = records
        .iter()
        .filter_map(|record| match record {
            Happening::Visited(visit) => Some(visit.service_start),
            _ => None,
        })
        .collect();
    assert_eq!(starts, [Some(0.0), Some(1.0)]);
}

#[test]
fn the_shipped_clinic_as_a_network_gives_every_visit_to_the_bit() {
    let text = include_str!("../../scenarios/clinic.toml");
    let text = text.replace("customers = 10000", "customers = 3000");
    for text in [
        text.clone(),
        text.replace("servers = 2", "servers = 2\nbuffer = 1"),
        text.replace("servers = 4", "servers = 4\nbuffer = 0"),
    ] {
        let (_, plain) = run(&line(&text), Recording::Tables).unwrap();
        let (_, network) = run(&line(&as_network(&text)), Recording::Tables).unwrap();
        let mut seen = visits_of(&network);
        seen.sort_by_key(|visit| (visit.customer, visit.station));
        let passages = plain.iter().filter_map(|record| match record {
            Happening::Passage(passage) => Some(&passage.visits),
            _ => None,
        });
        let mut visits: Vec<_> = passages.flatten().collect();
        visits.sort_by_key(|visit| (visit.customer, visit.stage));
        assert!(visits.len() > 2000);
        assert_eq!(visits.len(), seen.len());
        for (ours, theirs) in seen.iter().zip(visits) {
            let times = |visit: &Visit| {
                (
                    visit.arrival,
                    visit.service_start,
                    visit.service_end,
                    visit.departure,
                    visit.server,
                )
            };
            let right = (
                theirs.arrival,
                Some(theirs.service_start),
                Some(theirs.service_end),
                Some(theirs.departure),
                Some(theirs.server as usize),
            );
            assert_eq!(times(ours), right, "customer {}", theirs.customer);
        }
    }
}

/// The measure of a run, by its dotted key.
fn measure(outcome: &LineOutcome, key: &str) -> f64 {
    let summary = serde_json::to_value(&outcome.summary).unwrap();
    let place = format!("/{}", key.replace('.', "/"));
    summary
        .pointer(&place)
        .and_then(serde_json::Value::as_f64)
        .unwrap()
}

/// Every measure of theory is that of a long run, within a share of it.
fn agrees(text: &str, within: f64) -> ClosedForm {
    let network = line(text);
    let form = ClosedForm::of(&Scenario::Tandem(network.clone()));
    assert!(form.applies, "{form:?}");
    let (outcome, _) = run(&network, Recording::Nothing).unwrap();
    for (key, value) in &form.measures {
        let seen = measure(&outcome, key);
        let apart = (seen - value).abs();
        assert!(
            apart <= within * value.abs(),
            "{key}: {value} in theory, {seen} seen"
        );
    }
    form
}

#[test]
fn a_network_with_feedback_is_jacksons() {
    // Of those who leave the second station a quarter come back: 4/3 visits to each, loads 2/3 and 1/3.
    let form = agrees(
        r#"
        model = "network"
        seed = 3
        arrivals = { interarrival = { exponential = { mean = 2.0 } } }
        horizon = { customers = 150000, warm_up = 1000 }
        stations = [
            { name = "a", service = { exponential = { mean = 1.0 } }, next = "b" },
            { name = "b", servers = 2, service = { exponential = { mean = 1.0 } }, next = { a = 0.25, out = 0.75 } },
        ]
        "#,
        0.06,
    );
    let value = |key| form.measure(key).unwrap();
    let close =
        |key, right: f64| assert!((value(key) - right).abs() < 1e-9, "{key} {}", value(key));
    close("stations.0.utilisation", 2.0 / 3.0);
    close("stations.0.waiting.mean", 2.0);
    close("stations.1.utilisation", 1.0 / 3.0);
    // M/M/2 at a third: 1/8 of a service.
    close("stations.1.waiting.mean", 0.125);
    close("waiting.mean", 4.0 / 3.0 * 2.125);
    close("throughput", 0.5);
}

#[test]
fn where_servers_are_shared_only_the_mean_service_counts() {
    for law in [
        "{ constant = { value = 1.0 } }",
        "{ hyperexponential = { probabilities = [0.9, 0.1], means = [0.5, 5.5] } }",
    ] {
        let text = format!(
            r#"
            model = "network"
            seed = 5
            arrivals = {{ interarrival = {{ exponential = {{ mean = 2.0 }} }} }}
            horizon = {{ customers = 60000, warm_up = 1000 }}
            stations = [{{ name = "a", discipline = "processor-sharing", service = {law}, next = "out" }}]
            "#
        );
        let form = agrees(&text, 0.06);
        assert_eq!(form.measure("sojourn.mean"), Some(2.0));
        // By Little's law a customer is there at a time, 0.5 x 2.
        assert_eq!(form.measure("stations.0.in_service.mean"), Some(1.0));
    }
}

#[test]
fn classes_served_first_come_first_served_have_a_closed_form_where_their_services_are_alike() {
    let form = |service: &str| {
        let text = format!(
            r#"
            model = "network"
            arrivals = {{ interarrival = {{ exponential = {{ mean = 2.0 }} }} }}
            horizon = {{ customers = 60000, warm_up = 1000 }}
            classes = [{{ name = "a", share = 0.5, enter = "hall" }}, {{ name = "b", share = 0.5, enter = "hall" }}]
            stations = [{{ name = "hall", service = {{ by_class = {{ a = {{ exponential = {{ mean = 1.0 }} }}, b = {service} }} }}, next = "out" }}]
            "#
        );
        ClosedForm::of(&Scenario::Tandem(line(&text)))
    };
    let alike = form("{ exponential = { mean = 1.0 } }");
    assert!(alike.applies, "{alike:?}");
    // M/M/1 at a half.
    let wait = alike.measure("stations.0.waiting.mean").unwrap();
    assert!((wait - 1.0).abs() < 1e-12, "{wait}");
    for other in [
        "{ exponential = { mean = 1.5 } }",
        "{ constant = { value = 1.0 } }",
    ] {
        let form = form(other);
        let fails = form.fails().unwrap_or_default();
        assert!(fails.contains("alike for all classes"), "{form:?}");
    }
}

#[test]
fn a_closed_network_is_of_product_form() {
    let form = agrees(
        r#"
        model = "network"
        seed = 7
        horizon = { until = 20000.0, warm_up = { time = 500.0 } }
        classes = [{ name = "machine", population = 6, enter = "hall" }]
        stations = [
            { name = "hall", servers = "unlimited", service = { exponential = { mean = 10.0 } }, next = "crew" },
            { name = "crew", servers = 2, service = { exponential = { mean = 5.0 } }, next = "hall" },
        ]
        "#,
        0.08,
    );
    assert_eq!(form.model, "machine repair (M/M/c//N)");
}

#[test]
fn where_everything_is_recorded_each_instant_is_a_turn() {
    #[derive(Default)]
    struct Turns(Mutex<BTreeSet<u64>>);
    impl Conductor for Turns {
        fn before(&self, clock: f64) -> Wish {
            self.0.lock().unwrap().insert(clock.to_bits());
            Wish::Go
        }
    }
    let text = r#"
        model = "network"
        arrivals = { interarrival = { exponential = { mean = 2.0 } } }
        horizon = { customers = 50 }
        stations = [{ name = "a", service = { exponential = { mean = 1.0 } }, next = "out" }]
    "#;
    let (turns, records) = (Turns::default(), Records::default());
    let around = Surroundings {
        conductor: &turns,
        recorder: &records,
    };
    tandem::run(
        &line(text),
        0,
        Runtime::Inline,
        512,
        Recording::Everything,
        around,
    )
    .unwrap();
    let times = records.into_records().into_iter();
    let times: BTreeSet<u64> = times
        .filter_map(|record| match record {
            Happening::Station(event) => Some(event.time.to_bits()),
            _ => None,
        })
        .collect();
    // 50 arrivals and 50 departures.
    assert_eq!(times.len(), 100);
    let turns = turns.0.into_inner().unwrap();
    assert!(times.is_subset(&turns), "{times:?} {turns:?}");
}

#[test]
fn a_shared_server_is_blocked_while_only_those_who_cannot_go_on_are_there() {
    // Two share until 2; one goes on until 12, for whom the other waits with the server, and is served until 22.
    let text = r#"
        model = "network"
        arrivals = { times = [0.0, 0.0] }
        stations = [
            { name = "a", discipline = "processor-sharing", service = { constant = { value = 1.0 } }, next = "b" },
            { name = "b", buffer = 0, service = { constant = { value = 10.0 } }, next = "out" },
        ]
    "#;
    let (outcome, _) = run(&line(text), Recording::Nothing).unwrap();
    assert_eq!(measure(&outcome, "clock"), 22.0);
    assert_eq!(measure(&outcome, "stations.0.blocked_time"), 10.0);
    assert_eq!(measure(&outcome, "stations.0.idle_time"), 10.0);
    assert_eq!(measure(&outcome, "stations.0.utilisation"), 2.0 / 22.0);
}

#[test]
fn those_who_share_a_server_end_when_it_has_given_them_their_work() {
    // Three at once with work 1, 2 and 3 share one server: they end at 3, 5 and 6; one who comes at 5.5 with work 1
    // shares the last half of a unit, which takes one, and ends half a unit after it.
    let text = r#"
        model = "network"
        arrivals = { times = [0.0, 0.0, 0.0, 5.5] }
        stations = [{ name = "a", discipline = "processor-sharing", service = { trace = { values = [1.0, 2.0, 3.0, 1.0] } }, next = "out" }]
    "#;
    let (outcome, records) = run(&line(text), Recording::Tables).unwrap();
    let mut visits = visits_of(&records);
    visits.sort_by_key(|visit| visit.customer);
    let ends: Vec<f64> = visits.iter().filter_map(|visit| visit.departure).collect();
    let right = [3.0, 5.0, 6.5, 7.0];
    let close = ends
        .iter()
        .zip(right)
        .all(|(end, right)| (end - right).abs() < 1e-9);
    assert!(close && ends.len() == 4, "{ends:?}");
    assert!(visits.iter().all(|visit| visit.server.is_none()));
    assert_eq!(measure(&outcome, "stations.0.waiting.max"), 0.0);
    assert_eq!(measure(&outcome, "stations.0.utilisation"), 1.0);
}

#[test]
fn a_class_with_a_route_visits_its_first_station_once_where_that_is_never_starved() {
    let text = r#"
        model = "network"
        name = "routes"
        arrivals = { saturated = true }
        horizon = { customers = 300 }
        classes = [
            { name = "long", share = 0.5, route = ["saw", "drill", "out"] },
            { name = "short", share = 0.5, route = ["saw", "out"] },
        ]
        [[stations]]
        name = "saw"
        service = { exponential = { mean = 1.0 } }
        [[stations]]
        name = "drill"
        buffer = 1
        service = { exponential = { mean = 1.5 } }
    "#;
    let network = line(text);
    assert_eq!(network.feeds().err(), None);
    let (whole, records) = run(&network, Recording::Tables).unwrap();
    assert_eq!(whole.summary.stages[0].arrivals, 300);
    assert!(whole.summary.blocked.mean > Some(0.1));
    let ends = |class| {
        let of_class =
            |one: &&Happening| matches!(one, Happening::Finished(end) if end.class == class);
        records.iter().filter(of_class).count() as u64
    };
    assert_eq!(whole.summary.stages[1].arrivals, ends(0));
    for (channel_capacity, chunk) in [(0, 1), (2, 7), (64, 512)] {
        let taken = Records::default();
        let around = Surroundings {
            conductor: &(),
            recorder: &taken,
        };
        let threads = Runtime::Threads { channel_capacity };
        let outcome = tandem::run(&network, 0, threads, chunk, Recording::Tables, around);
        assert_eq!(outcome.unwrap().summary, whole.summary);
        assert!(
            taken.into_records() == records,
            "other records in messages of {chunk}"
        );
    }
}
