//! Situations of a line with people and machines: those that its scenario allows, and whether each arose in a run.

use super::subject::Met;
use crate::scenario::{FaultWork, Leaving, PerClass, Preemption, Servers, Stage, Tandem};
use crate::station::{CutOff, Happening, Onward, StationEvent, StationEventKind as Event};
use crate::tandem::LineOutcome;
use std::collections::{BTreeMap, BTreeSet};

/// A situation that can arise.
type Name = &'static str;

/// The situations of a run, and whether each arose in these records of every change of state.
pub(super) fn met(line: &Tandem, outcome: &LineOutcome, records: &[Happening]) -> Met {
    let mut seen = Seen::default();
    for record in records {
        match record {
            Happening::Station(event) => seen.take(line, event),
            // The bit patterns of non-negative times are in the order of the times.
            Happening::Visited(visit)
                if !seen.arrivals.insert((visit.stage, visit.arrival.to_bits())) =>
            {
                seen.arose.insert("two customers tied");
            }
            _ => {}
        }
    }
    let summary = &outcome.summary;
    let positive = |most: Option<f64>| most.is_some_and(|most| most > 0.0);
    for (name, arose) in [
        ("a customer waited", positive(summary.waiting.max)),
        ("a customer was blocked", positive(summary.blocked.max)),
        (
            "customers were there at the end",
            summary.customers.unfinished.is_some_and(|left| left > 0),
        ),
    ] {
        if arose {
            seen.arose.insert(name);
        }
    }
    let possible = possible(line).into_iter();
    possible
        .map(|name| (name, seen.arose.contains(name)))
        .collect()
}

/// The situations that a line allows.
fn possible(line: &Tandem) -> Vec<Name> {
    let stages = &line.stages;
    let any = |has: &dyn Fn(&Stage) -> bool| stages.iter().any(has);
    let blocks = stages.iter().skip(1).any(|stage| stage.buffer.is_some());
    let setup = any(&|stage| stage.setup != PerClass::Same(None));
    let faults = |has: &dyn Fn(&crate::scenario::StageFaults) -> bool| {
        any(&|stage| stage.faults.as_ref().is_some_and(has))
    };
    let stops = faults(&|faults| faults.slow.is_none());
    let work = |work| faults(&|faults| faults.slow.is_none() && faults.work == work);
    let plan = |leaving| {
        any(&|stage| matches!(&stage.servers, Servers::Plan(plan) if plan.leaving == leaving))
    };
    let preempts = any(&|stage| stage.preemption != Preemption::None);
    [
        ("a customer waited", true),
        ("a customer was blocked", blocks),
        ("a customer was lost", stages[0].buffer.is_some()),
        ("two customers tied", true),
        (
            "a customer did not join",
            any(&|stage| !stage.join.is_empty()),
        ),
        (
            "a customer gave up",
            any(&|stage| stage.patience != PerClass::Same(None)),
        ),
        ("a customer took the server of another", preempts),
        ("a set-up was preempted", preempts && setup),
        ("a server was set up", setup),
        ("a fault cut off a service", stops),
        ("a fault cut off a set-up", stops && setup),
        ("an idle server failed", stops),
        (
            "a server failed whose customer was blocked",
            stops && blocks,
        ),
        (
            "a failed server kept its customer",
            work(FaultWork::Resume) || work(FaultWork::Restart),
        ),
        (
            "work cut off by a fault went to the queue",
            work(FaultWork::Requeue),
        ),
        ("a customer failed with its server", work(FaultWork::Lost)),
        (
            "a server was slowed",
            faults(&|faults| faults.slow.is_some()),
        ),
        (
            "a repair waited for its crew",
            faults(&|faults| faults.crew.is_some()),
        ),
        ("a plan cut off a service", plan(Leaving::Interrupt)),
        ("a server finished after its duty", plan(Leaving::Finish)),
        ("a customer left as scrap", any(&|stage| stage.scrap > 0.0)),
        ("customers were there at the end", line.stop),
    ]
    .into_iter()
    .filter_map(|(name, possible)| possible.then_some(name))
    .collect()
}

/// Whether servers of a stage finish their service before they go off duty.
fn finishes(line: &Tandem, stage: u32) -> bool {
    let servers = &line.stages[stage as usize].servers;
    matches!(servers, Servers::Plan(plan) if plan.leaving == Leaving::Finish)
}

/// The activity of a server for its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    SetUp,
    Service,
    Blocked,
}

/// Observations so far.
#[derive(Debug, Default)]
struct Seen {
    arose: BTreeSet<Name>,
    arrivals: BTreeSet<(u32, u64)>,
    /// Activities by stage and server.
    doing: BTreeMap<(u32, u32), Doing>,
    /// Failed servers of each stage.
    failed: BTreeMap<u32, u64>,
}

impl Seen {
    fn take(&mut self, line: &Tandem, event: &StationEvent) {
        let at = event.server.map(|server| (event.stage, server));
        let doing = at.and_then(|at| self.doing.get(&at).copied());
        let now = match event.kind {
            Event::SetUp { .. } => Some(Doing::SetUp),
            Event::Began { .. } | Event::Resumed { .. } => Some(Doing::Service),
            Event::Blocked => Some(Doing::Blocked),
            Event::CutOff { stays: true, .. } => doing,
            Event::CutOff { .. } | Event::Left { .. } | Event::Failed => None,
            _ => doing,
        };
        let name = match (event.kind, doing) {
            (Event::Lost, _) => Some("a customer was lost"),
            (Event::Balked { .. }, _) => Some("a customer did not join"),
            (Event::GaveUp { .. }, _) => Some("a customer gave up"),
            (Event::SetUp { .. }, _) => Some("a server was set up"),
            (Event::Slowed { .. }, _) => Some("a server was slowed"),
            (Event::Failed, _) => Some("a customer failed with its server"),
            (Event::OffDuty, Some(_)) if finishes(line, event.stage) => {
                Some("a server finished after its duty")
            }
            (
                Event::Left {
                    to: Onward::Scrap, ..
                },
                _,
            ) => Some("a customer left as scrap"),
            (Event::CutOff { by, stays }, _) => {
                match (by, stays) {
                    (CutOff::Fault, true) => self.arose.insert("a failed server kept its customer"),
                    (CutOff::Fault, false) => self
                        .arose
                        .insert("work cut off by a fault went to the queue"),
                    (CutOff::Plan, _) => self.arose.insert("a plan cut off a service"),
                    (CutOff::Preemption, _) => {
                        self.arose.insert("a customer took the server of another")
                    }
                };
                (by == CutOff::Preemption && doing == Some(Doing::SetUp))
                    .then_some("a set-up was preempted")
            }
            (Event::Down, None) => Some("an idle server failed"),
            (Event::Down, Some(Doing::SetUp)) => Some("a fault cut off a set-up"),
            (Event::Down, Some(Doing::Service)) => Some("a fault cut off a service"),
            (Event::Down, Some(Doing::Blocked)) => {
                Some("a server failed whose customer was blocked")
            }
            _ => None,
        };
        self.arose.extend(name);
        self.count_failed(line, event);
        if let Some(at) = at {
            match now {
                Some(doing) => self.doing.insert(at, doing),
                None => self.doing.remove(&at),
            };
        }
    }

    /// Counts failed servers of a stage; if there are more than its crew repairs at once, one waits.
    fn count_failed(&mut self, line: &Tandem, event: &StationEvent) {
        let failed = self.failed.entry(event.stage).or_default();
        match event.kind {
            Event::Down | Event::Slowed { .. } => *failed += 1,
            Event::Up => *failed -= 1,
            _ => {}
        }
        let faults = line.stages[event.stage as usize].faults.as_ref();
        let crew = faults.and_then(|faults| faults.crew);
        if crew.is_some_and(|crew| *failed > u64::from(crew)) {
            self.arose.insert("a repair waited for its crew");
        }
    }
}
