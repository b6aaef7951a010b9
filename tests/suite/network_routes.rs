//! Stations with routes, on one clock: made-up stations that customers visit in the order of their class, some more
//! than once, are those of the oracle to every visit, on every engine.

use crate::station_cases::Case;
use crate::station_engines::visits_of;
use crate::station_oracle::{
    Blocking, Ends as OracleEnds, Past, Source, Spec, entering, simulate_within,
};
use crate::station_runs::{Records, line_of};
use filas::actor::{Recording, RunError, Runtime, Surroundings};
use filas::lockstep::{self, Ends, Run, System};
use filas::station::Happening;

/// The route of a class over this many stations: never to a station twice in a row.
fn route(stations: usize, class: usize, case: u64) -> Vec<usize> {
    let stations = stations as u64;
    let (mut here, mut state) = ((class as u64 + case) % stations, case * 7 + class as u64);
    let mut route = vec![here as usize];
    for _ in 0..2 + case % 3 {
        if stations == 1 {
            break;
        }
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        here = (here + 1 + (state >> 33) % (stations - 1)) % stations;
        route.push(here as usize);
    }
    route
}

/// A case whose customers go by routes: the system, and what the oracle says of it, if it comes to an end.
fn routed(number: u64) -> Option<(System, Past, String)> {
    let case = Case::numbered(number)?;
    let line = line_of(&case)?;
    if matches!(case.spec.source, Source::Saturated(_))
        || case.spec.blocking == Blocking::BeforeService
    {
        return None;
    }
    let stations = case.spec.stations.len();
    let mut system = System::of(&line);
    system.ends = Ends::AsBegun;
    // The routes are others than those of the line.
    system.feeds = None;
    system.loops = vec![Some(0); stations];
    let mut routes = Vec::new();
    for (class, one) in system.classes.iter_mut().enumerate() {
        let route = route(stations, class, number);
        one.enter = route[0] as u32;
        one.route = Some(route.iter().map(|&station| station as u32).collect());
        routes.push(route);
    }
    let customers = entering(&case.spec).into_iter();
    let spec = Spec {
        ends: OracleEnds::AsBegun,
        paths: customers.map(|(_, class)| routes[class].clone()).collect(),
        ..case.spec.clone()
    };
    let past = simulate_within(&spec, 3000)?;
    Some((system, past, format!("{routes:?}\n{}", case.toml)))
}

/// A run, unless a recording ends before customers do.
fn run(system: &System, runtime: Runtime) -> Option<(u64, Vec<Happening>)> {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let network = lockstep::network(system, 0, runtime, 1, Recording::Tables);
    let mut actors = runtime.run(network, around).unwrap();
    let digest = match Run::of(&mut actors) {
        Err(RunError::Trace { .. }) => return None,
        run => run.unwrap().digest().value(),
    };
    Some((digest, records.into_records()))
}

#[test]
fn customers_go_by_their_routes() {
    let (mut held, mut returned) = (0, 0);
    for number in 0..600 {
        let Some((system, past, what)) = routed(number) else {
            continue;
        };
        let Some((digest, records)) = run(&system, Runtime::Inline) else {
            continue;
        };
        let visits = visits_of(&records);
        for (at, (ours, theirs)) in visits.iter().zip(&past.visits).enumerate() {
            let mut theirs = theirs.clone();
            theirs.cut_off = 0;
            assert_eq!(
                *ours, theirs,
                "visit {at} of case {number} (ours left)\n{what}"
            );
        }
        assert_eq!(visits.len(), past.visits.len(), "case {number}\n{what}");
        held += 1;
        returned += usize::from(visits.iter().any(|visit| visit.number > 1));
        if number % 20 == 0 {
            let channel_capacity = (number / 20 % 3) as usize;
            let threads = run(&system, Runtime::Threads { channel_capacity });
            let threads = threads.map(|(digest, _)| digest);
            assert_eq!(threads, Some(digest), "case {number}\n{what}");
        }
    }
    assert!(
        held > 200 && returned > 100,
        "{held} cases, {returned} with returns"
    );
}
