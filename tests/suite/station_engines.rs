//! Made-up lines of people and machines on every engine: every visit, every end and every measure are those of the
//! oracle, and one digest whatever the engine, the schedule, the channels and the kills.

use crate::station_cases::{Case, cases};
use crate::station_oracle::measures::measure;
use crate::station_oracle::summary::{differences, summary};
use crate::station_oracle::{self as oracle, Outcome};
use crate::station_runs::{Records, line, line_of, run};
use filas::actor::trial::{Schedule, Strategy as Scheduling};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::scenario::Tandem;
use filas::station::{CustomerEnd, Happening, StationVisit, VisitOutcome};
use filas::tandem::{self, LineOutcome};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) fn outcome_of(outcome: VisitOutcome) -> Outcome {
    match outcome {
        VisitOutcome::Next => Outcome::Next,
        VisitOutcome::Served => Outcome::Served,
        VisitOutcome::Scrapped => Outcome::Scrapped,
        VisitOutcome::Abandoned => Outcome::Abandoned,
        VisitOutcome::Failed => Outcome::Failed,
        VisitOutcome::Lost => Outcome::Lost,
        VisitOutcome::Balked => Outcome::Balked,
        VisitOutcome::Unfinished => Outcome::Unfinished,
    }
}

fn visit_of(visit: &StationVisit) -> oracle::Visit {
    oracle::Visit {
        customer: visit.customer as usize,
        station: visit.stage as usize,
        class: visit.class as usize,
        number: visit.visit as usize,
        arrival: visit.arrival,
        service_start: visit.service_start,
        service_end: visit.service_end,
        departure: visit.departure,
        server: visit.server.map(|server| server as usize),
        setup: visit.setup,
        service: visit.service,
        outcome: outcome_of(visit.outcome),
        cut_off: 0,
    }
}

/// The visits among some records.
pub(crate) fn visits_of(records: &[Happening]) -> Vec<oracle::Visit> {
    let visits = records.iter().filter_map(|record| match record {
        Happening::Visited(visit) => Some(visit_of(visit)),
        _ => None,
    });
    visits.collect()
}

/// Holds the records and the summary of a run against the oracle.
pub(crate) fn hold(case: &Case, line: &Tandem, (outcome, records): (&LineOutcome, &[Happening])) {
    let visits = visits_of(records);
    for (at, (ours, theirs)) in visits.iter().zip(&case.past.visits).enumerate() {
        let theirs = oracle::Visit {
            cut_off: 0,
            ..theirs.clone()
        };
        assert_eq!(*ours, theirs, "visit {at} (ours left)\n{}", case.toml);
    }
    assert_eq!(visits.len(), case.past.visits.len(), "{}", case.toml);
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
        "{}",
        case.toml
    );
    let classes: Vec<&str> = line
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    let right = summary(&case.spec, &measure(&case.spec, &case.past), &classes);
    let seen = serde_json::to_value(&outcome.summary).unwrap();
    let found = differences(&right, &seen);
    assert!(found.is_empty(), "{found:#?}\n{}\n{seen:#}", case.toml);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_visit_and_measure_is_that_of_the_oracle(case in cases()) {
        if let Some(line) = line_of(&case) {
            let (outcome, records) = run(&line, Runtime::Inline, Recording::Tables);
            hold(&case, &line, (&outcome, &records));
        }
    }
}

/// Holds a trial of the case under this schedule against the run in one thread; gives the number of actors killed.
fn hold_trial(case: &Case, line: &Tandem, schedule: &Schedule, whole: &LineOutcome) -> u64 {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let tried = tandem::trial(line, schedule, 200, Recording::Tables, around);
    let outcome = tried
        .ending
        .unwrap_or_else(|error| panic!("{error}\n{schedule:?}\n{}", case.toml));
    assert_eq!(outcome.digest, whole.digest, "{schedule:?}\n{}", case.toml);
    let records = records.into_records();
    hold(case, line, (&outcome, &records));
    tried.seen.kills as u64
}

#[test]
fn one_result_on_threads_under_any_schedule_and_with_kills() {
    let mut kills = 0;
    let lines = (0..90).filter_map(Case::numbered);
    let lines = lines.filter_map(|case| Some((line_of(&case)?, case)));
    for (number, (line, case)) in lines.enumerate() {
        let (whole, _) = run(&line, Runtime::Inline, Recording::Tables);
        for (strategy, seeds) in [
            (Scheduling::Random, 100),
            (Scheduling::Threads, u64::from(number % 3 == 0)),
        ] {
            for seed in 0..seeds {
                let schedule = Schedule {
                    strategy,
                    seed,
                    channel_capacity: [0, 1, 2, 64][(seed % 4) as usize],
                    chunk: [1, 3, 512][(seed % 3) as usize],
                    kills: 30,
                };
                kills += hold_trial(&case, &line, &schedule, &whole);
            }
        }
        if number % 3 == 0 {
            for channel_capacity in [0, 1, 2, 64] {
                let (outcome, records) = run(
                    &line,
                    Runtime::Threads { channel_capacity },
                    Recording::Tables,
                );
                assert_eq!(outcome.digest, whole.digest, "{}", case.toml);
                hold(&case, &line, (&outcome, &records));
            }
        }
    }
    assert!(kills > 1000, "only {kills} actors were killed");
}

#[test]
fn lines_whose_customers_block_each_other_run_ahead_to_the_same_visits() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..6000 {
        let Some(case) = Case::numbered(number) else {
            continue;
        };
        let ahead = line_of(&case).filter(|line| line.feeds().is_ok());
        let Some(line) = ahead else {
            continue;
        };
        let visits = &case.past.visits;
        let blocked = |one: &&oracle::Visit| one.departure > one.service_end;
        let blocked = |one: &&oracle::Visit| one.service_end.is_some() && blocked(one);
        let blocked: Vec<&oracle::Visit> = visits.iter().filter(blocked).collect();
        if blocked.is_empty() {
            continue;
        }
        let (whole, _) = run(&line, Runtime::Inline, Recording::Tables);
        for seed in 0..2 {
            let schedule = Schedule {
                strategy: Scheduling::Random,
                seed: number * 2 + seed,
                channel_capacity: [0, 1, 2, 64][((number + seed) % 4) as usize],
                chunk: [1, 3, 512][((number + seed) % 3) as usize],
                kills: 0,
            };
            hold_trial(&case, &line, &schedule, &whole);
        }
        let ended = |outcome| visits.iter().any(|one| one.outcome == outcome);
        // At the instant at which a blocked customer leaves, a customer leaves the next stage in this way.
        let let_go = |outcome| {
            blocked.iter().any(|one| {
                let next = |other: &&oracle::Visit| other.station == one.station + 1;
                let mut others = visits.iter().filter(next);
                let same = |other: &oracle::Visit| other.departure == one.departure;
                others.any(|other| same(other) && other.outcome == outcome)
            })
        };
        for (what, holds) in [
            ("customers were blocked", true),
            ("let go by patience", let_go(Outcome::Abandoned)),
            ("let go by a fault", let_go(Outcome::Failed)),
            ("let go where one is scrapped", let_go(Outcome::Scrapped)),
            ("balked further on", ended(Outcome::Balked)),
            ("stopped by the clock", ended(Outcome::Unfinished)),
            ("preemption", case.toml.contains("preemption = \"re")),
            ("plan", case.toml.contains("plan =")),
            ("faults", case.toml.contains("faults =")),
            ("set-ups", case.toml.contains("setup =")),
        ] {
            *seen.entry(what).or_default() += usize::from(holds);
        }
    }
    for (what, cases) in &seen {
        assert!(*cases >= 5, "`{what}` came up in {cases} cases: {seen:?}");
    }
}

#[test]
fn machines_that_are_never_starved_run_ahead_to_the_same_visits() {
    let text = include_str!("../../scenarios/machining.toml");
    let text = text.replace(
        "customers = 50000\nwarm_up = 1000",
        "customers = 3000\nwarm_up = 100",
    );
    for text in [
        text.clone(),
        text.replace("customers = 3000", "until = 900"),
        text.replace("buffer = 5", "buffer = 0"),
        text.replace("customers = 3000\n", "until = 900\nstop = true\n"),
    ] {
        let line = line(&text);
        assert_eq!(line.feeds().err(), None);
        let (whole, records) = run(&line, Runtime::Inline, Recording::Tables);
        assert!(whole.summary.blocked.mean > Some(0.1));
        for (channel_capacity, chunk) in [(0, 1), (1, 3), (64, 512)] {
            let taken = Records::default();
            let around = Surroundings {
                conductor: &(),
                recorder: &taken,
            };
            let threads = Runtime::Threads { channel_capacity };
            let outcome = tandem::run(&line, 0, threads, chunk, Recording::Tables, around);
            assert_eq!(outcome.unwrap().summary, whole.summary);
            assert!(
                taken.into_records() == records,
                "others in messages of {chunk}"
            );
        }
    }
}
