//! Made-up networks on every engine: every visit, every end and every measure are those of the oracle, and one digest
//! whatever the engine, the schedule, the channels and the kills.

use crate::network_cases::NetworkCase;
use crate::station_cases::{NAMES, bytes};
use crate::station_engines::{outcome_of, visits_of};
use crate::station_oracle::measures::measure;
use crate::station_oracle::summary::{differences, summary};
use crate::station_oracle::{Outcome, Visit};
use crate::station_runs::Records;
use filas::actor::trial::{Schedule, Strategy as Scheduling};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::scenario::{Origin, Overrides, Scenario, load, normalised};
use filas::station::{CustomerEnd, Happening};
use filas::tandem::{self, LineOutcome};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Runs a case, a customer a message.
pub(crate) fn run(case: &NetworkCase, runtime: Runtime) -> (LineOutcome, Vec<Happening>) {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let outcome = tandem::run(&case.network, 0, runtime, 1, Recording::Tables, around);
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}\n{}", case.toml));
    (outcome, records.into_records())
}

/// Holds the records and the summary of a run against the oracle.
pub(crate) fn hold(case: &NetworkCase, outcome: &LineOutcome, records: &[Happening]) {
    let toml = &case.toml;
    let visits = visits_of(records);
    for (at, (ours, theirs)) in visits.iter().zip(&case.past.visits).enumerate() {
        let theirs = Visit {
            cut_off: 0,
            ..theirs.clone()
        };
        assert_eq!(*ours, theirs, "visit {at} (ours left)\n{toml}");
    }
    assert_eq!(visits.len(), case.past.visits.len(), "{toml}");
    let ends = records.iter().filter_map(|record| match record {
        Happening::Finished(end) => Some(end),
        _ => None,
    });
    let mut ends: Vec<&CustomerEnd> = ends.collect();
    ends.sort_by_key(|end| end.customer);
    let ends = ends.iter();
    let ends = ends.map(|end| (end.class as usize, end.arrival, outcome_of(end.outcome)));
    let theirs = case.past.customers.iter();
    let theirs = theirs.map(|one| (one.class, one.arrival, one.outcome));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        theirs.collect::<Vec<_>>(),
        "{toml}"
    );
    let deadlocked = outcome.deadlocked.as_ref();
    let deadlocked = deadlocked.map(|end| {
        let stations = end.stations.iter().map(|&station| station as usize);
        (end.time, stations.collect::<Vec<_>>())
    });
    assert_eq!(deadlocked, case.past.deadlocked, "{toml}");
    let swaps = outcome
        .summary
        .deadlock
        .map(|deadlock| deadlock.swaps as usize);
    assert_eq!(swaps, Some(case.past.swaps), "{toml}");
    let names = &NAMES[..case.network.classes.len()];
    let mut right = summary(&case.spec, &measure(&case.spec, &case.past), names);
    let stages = right["stages"].take();
    let right = right.as_object_mut().expect("a table");
    right.remove("stages");
    right.insert("stations".to_owned(), stages);
    let seen = serde_json::to_value(&outcome.summary).unwrap();
    let found = differences(&serde_json::Value::Object(right.clone()), &seen);
    assert!(found.is_empty(), "{found:#?}\n{toml}\n{seen:#}");
}

fn cases() -> impl Strategy<Value = NetworkCase> {
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    bytes.prop_filter_map("it is let in and comes to an end", |bytes| {
        NetworkCase::of(&bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn every_visit_and_measure_of_a_made_up_network_is_that_of_the_oracle(case in cases()) {
        let (outcome, records) = run(&case, Runtime::Inline);
        hold(&case, &outcome, &records);
        let name = "again.toml";
        let text = &normalised(&Scenario::Tandem(case.network.clone()));
        let again = load(Origin::Embedded { name, text }, &Overrides::default());
        let again = again.unwrap_or_else(|error| panic!("{}\n{text}", error.plain()));
        prop_assert_eq!(again.scenario, Scenario::Tandem(case.network), "{}", text);
    }
}

#[test]
fn made_up_networks_reach_every_situation() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut made = 0;
    for case in (0..6000).filter_map(|number| NetworkCase::of(&bytes(number))) {
        made += 1;
        let (past, text) = (&case.past, &case.toml);
        let ended = |outcome| past.customers.iter().any(|one| one.outcome == outcome);
        let visits = |outcome| past.visits.iter().any(|one| one.outcome == outcome);
        for (what, holds) in [
            ("served", ended(Outcome::Served)),
            ("lost", ended(Outcome::Lost)),
            ("lost further on", visits(Outcome::Lost)),
            ("balked further on", visits(Outcome::Balked)),
            ("abandoned", ended(Outcome::Abandoned)),
            ("scrapped", ended(Outcome::Scrapped)),
            ("failed", ended(Outcome::Failed)),
            ("unfinished", ended(Outcome::Unfinished)),
            ("a return", past.visits.iter().any(|one| one.number > 1)),
            ("deadlock", past.deadlocked.is_some()),
            ("swap", past.swaps > 0),
            ("population", text.contains("population")),
            ("route", text.contains("route")),
            ("shortest of stations", text.contains("{ shortest")),
            ("in turn", text.contains("round_robin")),
            ("at random", text.contains("{ random")),
            ("becomes", text.contains("becomes")),
            ("before service", text.contains("before-service")),
            ("capacity", text.contains("system_capacity")),
        ] {
            *seen.entry(what).or_default() += usize::from(holds);
        }
    }
    for (what, cases) in &seen {
        assert!(
            *cases >= 30,
            "`{what}` came up in {cases} of {made} cases: {seen:?}"
        );
    }
}

#[test]
fn one_result_of_networks_on_threads_under_any_schedule_and_with_kills() {
    let mut kills = 0;
    let cases = (0..400).filter_map(|number| NetworkCase::of(&bytes(number)));
    for (number, case) in cases.take(90).enumerate() {
        let (whole, _) = run(&case, Runtime::Inline);
        for (strategy, seeds) in [
            (Scheduling::Random, 40),
            (Scheduling::Threads, u64::from(number % 3 == 0)),
        ] {
            for seed in 0..seeds {
                let schedule = Schedule {
                    strategy,
                    seed,
                    channel_capacity: [0, 1, 2, 64][(seed % 4) as usize],
                    chunk: 1,
                    kills: 20,
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
                hold(&case, &outcome, &records.into_records());
                kills += tried.seen.kills as u64;
            }
        }
        if number % 3 == 0 {
            for channel_capacity in [0, 1, 64] {
                let (outcome, records) = run(&case, Runtime::Threads { channel_capacity });
                assert_eq!(outcome.digest, whole.digest, "{}", case.toml);
                hold(&case, &outcome, &records);
            }
        }
    }
    assert!(kills > 1000, "only {kills} actors were killed");
}
