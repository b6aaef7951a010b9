//! Tests: an actor with nothing to do in a step is not woken.

use super::{DeskActor, Happening, Message, network};
use crate::actor::{Actor, Input, Outbox, Recorder, Recording, Runtime, Surroundings, Wants};
use crate::random::Law;
use crate::random::laws::{Geometric, Poisson};
use crate::scenario::{
    Arrivals, Class, Desk, DeskArrivals, DeskHorizon, Dispatch, Faults, RecordedRequest,
    ServerGroup,
};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// An actor that counts how often it is woken.
#[derive(Clone)]
struct Counted {
    actor: DeskActor,
    woken: u64,
}

impl Actor for Counted {
    type Message = Message;
    type Record = Happening;

    fn name(&self) -> &str {
        self.actor.name()
    }

    fn wants(&self) -> Wants {
        self.actor.wants()
    }

    fn handle(&mut self, input: Input<Message>, outbox: &mut Outbox<Message, Happening>) {
        self.woken += 1;
        self.actor.handle(input, outbox);
    }
}

#[derive(Default)]
struct Keeper(Mutex<Vec<Happening>>);

impl Recorder<Happening> for Keeper {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.lock().unwrap().append(records);
    }
}

/// The number of times each actor was woken, and the records.
fn count(scenario: &Desk) -> (Vec<(String, u64)>, Vec<Happening>) {
    let plain = network(scenario, 0, Recording::Tables);
    let counted = plain.map(|(_, actor)| Counted { actor, woken: 0 });
    let keeper = Keeper::default();
    let stop = AtomicBool::new(false);
    let around = Surroundings {
        conductor: &stop,
        recorder: &keeper,
    };
    let actors = Runtime::Inline.run(counted, around).unwrap();
    let wakes = actors
        .iter()
        .map(|counted| (counted.name().to_owned(), counted.woken));
    (wakes.collect(), keeper.0.into_inner().unwrap())
}

pub(super) fn desk(steps: u64, arrivals: DeskArrivals, probability: f64) -> Desk {
    let class = Class::new("calm", Law::Geometric(Geometric { mean: 3.0 }));
    let server = |name: &str| ServerGroup::new(name, vec![vec![0.into()], vec![0.into()]]);
    Desk {
        seed: 5,
        dispatch: Dispatch::FirstAvailable,
        faults: Faults {
            probability,
            repair: Some(Law::Geometric(Geometric { mean: 4.0 })),
            ..Faults::default()
        },
        ..Desk::new(
            "quiet",
            DeskHorizon::Steps(steps),
            arrivals,
            vec![class],
            vec![server("A"), server("B")],
        )
    }
}

#[test]
fn who_has_nothing_to_do_is_not_woken() {
    let request = RecordedRequest {
        arrival: 9.0,
        class: 0,
        service: Some(5.0),
        patience: None,
    };
    let arrivals = DeskArrivals::Recorded(vec![request].into());
    let (wakes, _) = count(&desk(1000, arrivals, 0.0));
    let wanted = [
        // One turn per step, the requests of step 10, the results of steps 10 and 14.
        ("coordinator", 1000 + 1 + 2),
        // Step 10, the end.
        ("generator", 1 + 1),
        ("faults", 1),
        // Steps 10 and 14: its own wake and A's answer; the end.
        ("supervisor", 2 * 2 + 1),
        ("A", 2 * 2 + 1),
        // Start, finish, the end.
        ("A-1", 2 + 1),
        ("A-2", 1),
        ("B", 1),
        ("B-1", 1),
        ("B-2", 1),
    ];
    let wanted: Vec<(String, u64)> = wanted.map(|(who, n)| (who.to_owned(), n)).into();
    assert_eq!(wakes, wanted);
}

#[test]
fn attendants_are_woken_only_at_start_finish_fault_and_repair() {
    let arrivals = DeskArrivals::Shared(Arrivals::PerStep(Law::Poisson(Poisson { mean: 0.8 })));
    let (wakes, records) = count(&desk(2000, arrivals, 0.02));
    let attendants = wakes.iter().filter(|(name, _)| name.contains('-'));
    let woken: u64 = attendants.map(|(_, woken)| woken).sum();
    let events: u64 = records
        .iter()
        .map(|record| match record {
            Happening::Ended(row) => row.attempts + u64::from(row.end.is_some()),
            Happening::Fault(_) => 1,
            _ => 0,
        })
        .sum();
    assert!(
        woken <= events + 4,
        "{woken} wakes, but {events} events and an end for each of 4"
    );
    assert!(woken > events / 2);
}
