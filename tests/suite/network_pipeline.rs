//! Networks without loops as a pipeline: every station runs ahead by itself, and asks for places further on where others
//! do not fill them, and what comes of it is what one clock gives, to the last visit, under any schedule, over any channels, in messages of any size and with kills. What needs one clock
//! is said by name.

use crate::network::{hold, run};
use crate::network_cases::NetworkCase;
use crate::station_cases::bytes;
use crate::station_oracle::Outcome;
use crate::station_runs::{Records, line};
use filas::actor::trial::{Schedule, Strategy as Scheduling};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::scenario::{Scenario, Tandem};
use filas::station::Happening;
use filas::tandem::{self, LineOutcome};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Runs a network once with so many customers in a turn of the source.
fn run_in(network: &Tandem, runtime: Runtime, chunk: usize) -> (LineOutcome, Vec<Happening>) {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let outcome = tandem::run(network, 0, runtime, chunk, Recording::Tables, around).unwrap();
    (outcome, records.into_records())
}

fn cases() -> impl Strategy<Value = NetworkCase> {
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    bytes.prop_filter_map("it is let in and comes to an end", |bytes| {
        NetworkCase::ahead(&bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_visit_and_measure_along_a_pipeline_is_that_of_the_oracle(
        case in cases(),
        seed in any::<u64>(),
        chunk in prop::sample::select(vec![1_usize, 3, 512]),
        channel_capacity in prop::sample::select(vec![0_usize, 1, 2, 64]),
    ) {
        prop_assert_eq!(case.network.feeds().err(), None, "{}", case.toml);
        let runtime = Runtime::Explore { channel_capacity, seed };
        let (outcome, records) = run_in(&case.network, runtime, chunk);
        hold(&case, &outcome, &records);
    }
}

#[test]
fn made_up_pipelines_reach_every_situation() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = (0..3000).filter_map(|number| NetworkCase::ahead(&bytes(number)));
    let mut made = 0;
    for case in cases {
        made += 1;
        let visits = &case.past.visits;
        let ended = |outcome| visits.iter().any(|one| one.outcome == outcome);
        // The stations from which customers reach a station at one instant, 0 for outside.
        let mut together: BTreeMap<(u64, usize), BTreeSet<usize>> = BTreeMap::new();
        for visit in visits {
            let before = visits.iter().find(|one| {
                one.customer == visit.customer
                    && one.station != visit.station
                    && one.departure == Some(visit.arrival)
            });
            let from = before.map_or(0, |one| one.station + 1);
            let to = (visit.arrival.to_bits(), visit.station);
            together.entry(to).or_default().insert(from);
        }
        let inside = |from: &&BTreeSet<usize>| from.iter().filter(|&&one| one > 0).count() > 1;
        let outside = |from: &&BTreeSet<usize>| from.len() > 1 && from.contains(&0);
        let no_time = |one: &&_| {
            let one: &crate::station_oracle::Visit = one;
            one.service_start.is_some() && one.service_start == one.service_end
        };
        let blocked = |one: &crate::station_oracle::Visit| {
            one.service_end.is_some() && one.departure > one.service_end
        };
        let feeds = case.network.feeds().unwrap();
        let against = (0..)
            .zip(&feeds)
            .any(|(at, to)| to.iter().any(|&to| to < at));
        for (what, holds) in [
            (
                "from two stations at once",
                together.values().any(|from| inside(&from)),
            ),
            (
                "from outside and inside at once",
                together.values().any(|from| outside(&from)),
            ),
            (
                "a service of no time",
                visits.iter().filter(no_time).count() > 0,
            ),
            ("against the order of the file", against),
            ("lost further on", ended(Outcome::Lost)),
            ("failed", ended(Outcome::Failed)),
            ("faults", case.toml.contains("faults")),
            ("plan", case.toml.contains("plan")),
            ("balked further on", ended(Outcome::Balked)),
            ("abandoned", ended(Outcome::Abandoned)),
            ("scrapped", ended(Outcome::Scrapped)),
            ("unfinished", ended(Outcome::Unfinished)),
            ("blocked", visits.iter().any(blocked)),
            (
                "blocked where servers fail",
                visits.iter().any(blocked) && case.toml.contains("faults"),
            ),
            (
                "blocked where people give up",
                visits.iter().any(blocked) && ended(Outcome::Abandoned),
            ),
            (
                "blocked where people are cut off",
                visits.iter().any(blocked) && case.toml.contains("preemption = \"re"),
            ),
            (
                "blocked, with a service of no time",
                visits.iter().any(blocked) && visits.iter().filter(no_time).count() > 0,
            ),
            ("route", case.toml.contains("route")),
            ("in turn", case.toml.contains("round_robin")),
            ("at random", case.toml.contains("{ random")),
            ("becomes", case.toml.contains("becomes")),
        ] {
            *seen.entry(what).or_default() += usize::from(holds);
        }
    }
    for (what, cases) in &seen {
        assert!(
            *cases >= 15,
            "`{what}` came up in {cases} of {made} cases: {seen:?}"
        );
    }
}

#[test]
fn one_result_of_pipelines_under_any_schedule_and_with_kills() {
    let mut kills = 0;
    let cases = (0..200).filter_map(|number| NetworkCase::ahead(&bytes(number)));
    for (number, case) in cases.take(40).enumerate() {
        let (whole, _) = run(&case, Runtime::Inline);
        for (strategy, seeds) in [
            (Scheduling::Random, 100),
            (Scheduling::Threads, u64::from(number % 4 == 0)),
        ] {
            for seed in 0..seeds {
                let schedule = Schedule {
                    strategy,
                    seed,
                    channel_capacity: [0, 1, 2, 64][(seed % 4) as usize],
                    chunk: [1, 3, 512][(seed % 3) as usize],
                    kills: 60,
                };
                let records = Records::default();
                let around = Surroundings {
                    conductor: &(),
                    recorder: &records,
                };
                let tried = tandem::trial(&case.network, &schedule, 200, Recording::Tables, around);
                let outcome = tried.ending;
                let outcome =
                    outcome.unwrap_or_else(|error| panic!("{error}\n{schedule:?}\n{}", case.toml));
                assert_eq!(outcome.digest, whole.digest, "{schedule:?}\n{}", case.toml);
                if seed % 8 == 0 {
                    hold(&case, &outcome, &records.into_records());
                }
                kills += tried.seen.kills as u64;
            }
        }
        if number % 4 == 0 {
            for (channel_capacity, chunk) in [(0, 1), (1, 512), (64, 3)] {
                let threads = Runtime::Threads { channel_capacity };
                let (outcome, records) = run_in(&case.network, threads, chunk);
                assert_eq!(outcome.digest, whole.digest, "{}", case.toml);
                hold(&case, &outcome, &records);
            }
        }
    }
    assert!(kills > 300, "only {kills} actors were killed");
}

/// A network of seven stations whose ways part and meet, two of them by the same station.
const FORK: &str = r#"
model = "network"
seed = 11
horizon = { customers = 4000, warm_up = 200 }
line = { blocking = "lose" }

[[classes]]
name = "rush"
priority = 2
enter = "door"
arrivals = { interarrival = { exponential = { mean = 3.0 } } }

[[classes]]
name = "plain"
enter = "gate"
arrivals = { interarrival = { gamma = { mean = 1.6, cv = 0.5 } }, batch = { poisson = { mean = 1.5 } } }

[[stations]]
name = "last"
servers = 4
faults = { every = { exponential = { mean = 40.0 } }, repair = { exponential = { mean = 6.0 } }, crew = 1, work = "requeue" }
service = { lognormal = { mean = 2.0, cv = 1.2 } }
next = "out"

[[stations]]
name = "gate"
servers = { plan = [{ from = 0.0, count = 3 }, { from = 40.0, count = 5 }], repeat = 100.0, leaving = "interrupt" }
service = { exponential = { mean = 1.2 } }
next = { by_class = { rush = "short", other = { round_robin = ["short", "long", "last"] } } }
becomes = { plain = { plain = 0.9, rush = 0.1 } }

[[stations]]
name = "short"
servers = 2
preemption = "resume"
service = { exponential = { mean = 0.8 } }
patience = { by_class = { plain = { exponential = { mean = 4.0 } } } }
next = { shared = 0.7, last = 0.2, out = 0.1 }

[[stations]]
name = "door"
service = { exponential = { mean = 1.0 } }
setup = { by_class = { rush = { constant = { value = 0.1 } } } }
next = { random = ["long", "short"] }

[[stations]]
name = "long"
servers = "unlimited"
service = { gamma = { mean = 30.0, cv = 0.4 } }
scrap = 0.05
next = "shared"

[[stations]]
name = "shared"
servers = 3
discipline = "processor-sharing"
service = { exponential = { mean = 1.5 } }
next = "final"

[[stations]]
name = "final"
servers = 2
buffer = 0
discipline = "random"
service = { exponential = { mean = 1.4 } }
next = { last = 0.5, out = 0.5 }
"#;

#[test]
fn a_network_whose_ways_part_and_meet_is_the_same_to_the_last_row() {
    same_in_messages_of_any_size(&line(FORK), |whole| whole.summary.customers.lost > 20);
    let blocks = FORK.replace("line = { blocking = \"lose\" }\n", "");
    let blocked = |whole: &LineOutcome| whole.summary.blocked.mean > Some(0.01);
    same_in_messages_of_any_size(&line(&blocks), blocked);
    // A station with places for a few in all, whom it serves all at once.
    let shares =
        |text: &str| text.replace("\ndiscipline = \"proc", "\nbuffer = 2\ndiscipline = \"proc");
    same_in_messages_of_any_size(&line(&shares(FORK)), |whole| {
        whole.summary.stages[5].lost > Some(20)
    });
    let alone = shares(&blocks).replace("shared = 0.7, last = 0.2", "last = 0.9");
    same_in_messages_of_any_size(&line(&alone), blocked);
}

/// Holds runs along the pipeline against that on one clock, which comes to what is expected.
fn same_in_messages_of_any_size(network: &Tandem, expected: impl Fn(&LineOutcome) -> bool) {
    assert_eq!(network.feeds().err(), None);
    let (whole, records) = run_in(network, Runtime::Inline, 1);
    assert!(expected(&whole), "{:#?}", whole.summary);
    for (channel_capacity, chunk) in [(0, 7), (1, 1), (2, 100), (4, 512), (64, 100_000)] {
        let (outcome, seen) = run_in(network, Runtime::Threads { channel_capacity }, chunk);
        assert_eq!(outcome.digest, whole.digest);
        assert_eq!(outcome.summary, whole.summary);
        assert!(seen == records, "other records in messages of {chunk}");
    }
}

#[test]
fn a_network_stopped_by_the_clock_is_the_same_to_the_last_row() {
    let stopped = FORK.replace(
        "customers = 4000, warm_up = 200",
        "until = 400, stop = true",
    );
    let network = line(&stopped);
    let (whole, records) = run_in(&network, Runtime::Inline, 1);
    assert!(whole.summary.customers.unfinished > Some(5));
    let (outcome, seen) = run_in(
        &network,
        Runtime::Threads {
            channel_capacity: 1,
        },
        16,
    );
    assert_eq!(outcome.summary, whole.summary);
    assert!(seen == records, "other records where the run stops");
}

#[test]
fn a_pipeline_has_a_source_a_station_each_and_a_sink() {
    let network = Scenario::Tandem(line(FORK));
    let model = Model::of(&network);
    assert_eq!(model.actors(Recording::Tables), 9);
    assert_eq!(model.actors(Recording::Everything), 8);
    let graph = model.graph(4);
    for (from, to) in [("source", "door"), ("source", "gate"), ("gate", "last")] {
        let actor = |name: &str| {
            let line = graph
                .lines()
                .find(|line| line.contains(&format!("\"{name}\"")));
            line.unwrap().trim().split(' ').next().unwrap().to_owned()
        };
        let arrow = format!("{} -> {}", actor(from), actor(to));
        assert!(graph.contains(&arrow), "{arrow}\n{graph}");
    }
}

#[test]
fn what_needs_one_clock_is_named() {
    let needs = |change: &[(&str, &str)]| {
        let text = change.iter().fold(FORK.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        line(&text).feeds().err().map(|why| why.to_string())
    };
    let loses = ("line = { blocking = \"lose\" }\n", "");
    let mut said = BTreeSet::new();
    for (change, right) in [
        (vec![], None),
        (
            vec![("next = \"final\"", "next = { gate = 0.1, final = 0.9 }")],
            Some("customers can return to `gate`"),
        ),
        (vec![loses], None),
        (
            vec![loses, ("servers = 4\n", "servers = 4\nbuffer = 9\n")],
            Some("customers from several sides wait for places at `last`"),
        ),
        (
            vec![
                loses,
                (
                    "servers = 2\nbuffer = 0",
                    "servers = 2\nbuffer = 0\njoin = [0.5]",
                ),
                ("next = \"shared\"", "next = \"out\""),
                ("discipline = \"processor-sharing\"", "join = [0.9]"),
            ],
            Some("customers may balk at `final` and at a station before it"),
        ),
        (
            vec![(
                "{ random = [\"long\", \"short\"] }",
                "{ shortest = [\"long\", \"short\"] }",
            )],
            Some("`door` sends customers where the fewest are"),
        ),
        (
            vec![(
                "name = \"door\"",
                "name = \"door\"\nservers = { plan = [{ from = 0, count = 1 }, { from = 9, count = 0 }] }",
            )],
            Some("all servers of `door` leave for good"),
        ),
        (
            vec![(
                "{ exponential = { mean = 6.0 } }",
                "{ constant = { value = 0 } }",
            )],
            Some("servers of `last` may fail again at once"),
        ),
        (
            vec![("line = {", "system_capacity = 50\nline = {")],
            Some("`system_capacity` counts everybody"),
        ),
        (
            vec![("line = {", "report = { interval = 50.0 }\nline = {")],
            Some("`report.interval` counts everybody"),
        ),
    ] {
        let why = needs(&change);
        assert_eq!(why.as_deref(), right);
        said.insert(why);
    }
    assert_eq!(said.len(), 9);
    let machines = |arrivals: &str, blocking: &str, service: &str| {
        let text = format!(
            "model = \"tandem\"\nname = \"machines\"\n[arrivals]\n{arrivals}\n[horizon]\ncustomers = 9\n\
             [line]\nblocking = \"{blocking}\"\n[[stages]]\nname = \"saw\"\nscrap = 0.1\n\
             service = {{ {service} }}\n[[stages]]\nname = \"drill\"\nbuffer = 1\n\
             service = {{ constant = {{ value = 0 }} }}\n"
        );
        line(&text).feeds().err().map(|why| why.to_string())
    };
    let comes = "interarrival = { exponential = { mean = 1.0 } }";
    let (full, after, before) = ("saturated = true", "after-service", "before-service");
    let takes_time = "exponential = { mean = 1.0 }";
    let may_not = "poisson = { mean = 1.0 }";
    assert_eq!(machines(comes, after, may_not), None);
    assert_eq!(machines(full, after, takes_time), None);
    assert_eq!(
        machines(full, after, may_not).as_deref(),
        Some("services at `saw`, which is never starved, may take no time")
    );
    assert_eq!(
        machines(comes, before, takes_time).as_deref(),
        Some("services before `drill` reserve places there")
    );
}
