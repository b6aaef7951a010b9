//! Desks for tests, and a recorder that keeps everything.

use filas::actor::trial::Schedule;
use filas::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use filas::desk::{self, DeskOutcome};
use filas::random::Law;
use filas::random::laws::Constant;
use filas::scenario::{
    Class, Desk, DeskArrivals, DeskHorizon, RecordedRequest, ServerGroup, Skill,
};
use filas::station::{FaultRecord, Happening, RequestRecord, StepRecord};
use filas::time::Time;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// A law that always yields this value.
pub(crate) fn always(value: u64) -> Law {
    Law::Constant(Constant {
        value: value as f64,
    })
}

/// A class with services of one step.
pub(crate) fn class(name: &str) -> Class {
    Class::new(name, always(1))
}

/// A server with these attendants, without limit.
pub(crate) fn server(name: &str, attendants: &[&[usize]]) -> ServerGroup {
    ServerGroup::new(
        name,
        attendants.iter().map(|skills| plainly(skills)).collect(),
    )
}

/// Skills of rank 1 and speed 1.
pub(crate) fn plainly(classes: &[usize]) -> Vec<Skill> {
    classes.iter().copied().map(Skill::from).collect()
}

/// A time as the number of a step.
pub(crate) fn step(time: Time) -> u64 {
    time.get() as u64
}

/// Requests as (step, class, service).
pub(crate) fn recorded(requests: &[(u64, usize, u64)]) -> DeskArrivals {
    let request = |&(step, class, service): &(u64, usize, u64)| RecordedRequest {
        arrival: (step - 1) as f64,
        class,
        service: Some(service as f64),
        patience: None,
    };
    DeskArrivals::Recorded(Arc::new(requests.iter().map(request).collect()))
}

/// One class, one server, one attendant, no arrivals, no faults, every default.
pub(crate) fn plain(steps: u64) -> Desk {
    Desk::new(
        "plain",
        DeskHorizon::Steps(steps),
        recorded(&[]),
        vec![class("calm")],
        vec![server("A", &[&[0]])],
    )
}

/// All records of a run, in the order of its tables.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) outcome: DeskOutcome,
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) requests: Vec<RequestRecord>,
    pub(crate) faults: Vec<FaultRecord>,
}

#[derive(Default)]
struct Keeper(Mutex<Vec<Happening>>);

impl Recorder<Happening> for Keeper {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.lock().unwrap().append(records);
    }
}

/// Runs a desk and keeps its records.
pub(crate) fn tables(desk: &Desk, replication: u64, runtime: Runtime) -> Result<Tables, RunError> {
    kept(|around| desk::run(desk, replication, runtime, Recording::Tables, around))
}

/// Runs a desk under a schedule and keeps its records.
pub(crate) fn tried(desk: &Desk, schedule: &Schedule) -> Tables {
    let run = |around: Surroundings<'_, Happening>| {
        let tried = desk::trial(desk, schedule, 3000, Recording::Tables, around);
        assert_eq!(
            (tried.seen.lost, tried.seen.duplicated),
            (0, 0),
            "{schedule}"
        );
        tried.ending
    };
    kept(run).unwrap_or_else(|error| panic!("{schedule}: {error}"))
}

fn kept(
    run: impl FnOnce(Surroundings<'_, Happening>) -> Result<DeskOutcome, RunError>,
) -> Result<Tables, RunError> {
    let keeper = Keeper::default();
    let stop = AtomicBool::new(false);
    let outcome = run(Surroundings {
        conductor: &stop,
        recorder: &keeper,
    })?;
    let (mut steps, mut requests, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for record in keeper.0.into_inner().unwrap() {
        match record {
            Happening::Step(row) => steps.push(row),
            Happening::Ended(row) => requests.push(row),
            Happening::Fault(row) => faults.push(row),
            _ => unreachable!("nobody asked for it"),
        }
    }
    requests.sort_by_key(|row| row.id);
    Ok(Tables {
        outcome,
        steps,
        requests,
        faults,
    })
}

/// Runs a desk in one thread, without records.
pub(crate) fn outcome(desk: &Desk, replication: u64, runtime: Runtime) -> DeskOutcome {
    let stop = AtomicBool::new(false);
    let around = Surroundings {
        conductor: &stop,
        recorder: &(),
    };
    desk::run(desk, replication, runtime, Recording::Nothing, around).unwrap()
}
