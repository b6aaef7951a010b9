//! A desk gives the same result on threads, under any schedule, and with any channel capacity; and
//! a stopped run keeps what was done.

use crate::desk_cases::{always, class, outcome, plain, server, tables};
use filas::actor::{Recorder, Recording, Runtime, Surroundings};
use filas::desk;
use filas::random::Law;
use filas::random::laws::{Geometric, Poisson};
use filas::scenario::{
    Arrivals, Desk, DeskArrivals, DeskHorizon, Dispatch, ScriptEntry, ScriptEvent,
};
use filas::station::{Happening, RequestOutcome, StepRecord};
use filas::time::Time;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A desk in which everything that can happen does.
fn busy(steps: u64, servers: usize, attendants: usize) -> Desk {
    let mut desk = plain(steps);
    desk.seed = 2026;
    desk.classes = vec![class("tecnica"), class("vendas")];
    for class in &mut desk.classes {
        class.share = 0.5;
        class.service = Law::Geometric(Geometric { mean: 1.5 });
        class.patience = Some(Law::Geometric(Geometric { mean: 3.0 }));
    }
    desk.classes[1].priority = 1;
    let mean = servers as f64 * attendants as f64 * 0.55;
    desk.arrivals = DeskArrivals::Shared(Arrivals::PerStep(Law::Poisson(Poisson { mean })));
    desk.buffer = Some(2 * (servers * attendants) as u64);
    desk.dispatch = Dispatch::PowerOfTwo;
    desk.max_attempts = Some(3);
    desk.faults.probability = 0.05;
    desk.faults.repair = Some(Law::Geometric(Geometric { mean: 4.0 }));
    desk.faults.script = vec![ScriptEntry {
        at: Time::of(steps / 3),
        server: 0,
        attendant: None,
        event: ScriptEvent::Fault {
            down_for: Some(5.0),
        },
    }];
    let skills: [&[usize]; 4] = [&[0], &[1], &[0, 1], &[0, 1]];
    let group: Vec<&[usize]> = skills.iter().copied().cycle().take(attendants).collect();
    desk.servers = (1..=servers)
        .map(|number| server(&format!("S{number}"), &group))
        .collect();
    desk.servers
        .iter_mut()
        .for_each(|server| server.capacity = Some(attendants as u64 + 2));
    desk
}

#[test]
fn fifty_schedules_and_four_channel_capacities_give_one_digest() {
    let desk = busy(40, 3, 4);
    let wanted = outcome(&desk, 0, Runtime::Inline);
    assert!(wanted.summary.faults.interrupted > 0 && wanted.summary.requests.abandoned > 0);
    for seed in 0..50 {
        let channel_capacity = [0, 1, 2, 64][seed as usize % 4];
        let runtime = Runtime::Explore {
            channel_capacity,
            seed,
        };
        assert_eq!(outcome(&desk, 0, runtime).digest, wanted.digest);
    }
    for channel_capacity in [0, 1, 2, 64] {
        let runtime = Runtime::Threads { channel_capacity };
        assert_eq!(outcome(&desk, 0, runtime).digest, wanted.digest);
    }
}

#[test]
fn five_hundred_threads_agree_with_one() {
    let desk = busy(100, 30, 16);
    let inline = outcome(&desk, 3, Runtime::Inline);
    let threads = Runtime::Threads {
        channel_capacity: 1,
    };
    let threads = outcome(&desk, 3, threads);
    assert_eq!(threads.digest, inline.digest);
    assert_eq!(threads.summary, inline.summary);
    assert!(inline.summary.requests.completed > 10_000);
}

/// Whether records are kept changes no result; seed and replication do.
#[test]
fn records_do_not_change_the_digest_and_replications_do() {
    let desk = busy(30, 2, 3);
    let kept = tables(&desk, 1, Runtime::Inline).unwrap();
    let without = outcome(&desk, 1, Runtime::Inline);
    assert_eq!(kept.outcome.digest, without.digest);
    assert_ne!(outcome(&desk, 2, Runtime::Inline).digest, without.digest);
}

/// Stops the run when a certain step has been recorded.
struct Stopper<'a> {
    at: u64,
    stop: &'a AtomicBool,
    kept: Mutex<Vec<Happening>>,
}

impl Recorder<Happening> for Stopper<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        let reached = |record: &Happening| matches!(record, Happening::Step(row) if row.time.get() as u64 >= self.at);
        if records.iter().any(reached) {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.kept.lock().unwrap().append(records);
    }
}

#[test]
fn a_run_stopped_in_the_middle_is_the_run_up_to_there() {
    let desk = busy(100, 3, 4);
    let whole = tables(&desk, 0, Runtime::Inline).unwrap();
    assert!(!whole.outcome.interrupted);
    let mut short = desk.clone();
    short.horizon = DeskHorizon::Steps(37);
    let short = outcome(&short, 0, Runtime::Inline);
    for runtime in [
        Runtime::Inline,
        Runtime::Threads {
            channel_capacity: 0,
        },
    ] {
        let stop = AtomicBool::new(false);
        let stopper = Stopper {
            at: 37,
            stop: &stop,
            kept: Mutex::default(),
        };
        let around = Surroundings {
            conductor: &stop,
            recorder: &stopper,
        };
        let outcome = desk::run(&desk, 0, runtime, Recording::Tables, around).unwrap();
        assert!(outcome.interrupted);
        assert_eq!(outcome.summary, short.summary);
        let kept = stopper.kept.into_inner().unwrap();
        let steps = kept.iter().filter_map(|record| match record {
            Happening::Step(row) => Some(*row),
            _ => None,
        });
        let steps: Vec<StepRecord> = steps.collect();
        assert_eq!(steps, whole.steps[..37]);
        let open = kept.iter().filter(|record| {
            matches!(record, Happening::Ended(row) if row.outcome == RequestOutcome::InSystem)
        });
        assert_eq!(open.count() as u64, outcome.summary.requests.in_system);
    }
}

#[test]
fn a_run_stopped_before_it_began_has_nothing_and_says_so() {
    let stop = AtomicBool::new(true);
    let around = Surroundings {
        conductor: &stop,
        recorder: &(),
    };
    let outcome = desk::run(
        &busy(10, 1, 2),
        0,
        Runtime::Inline,
        Recording::Nothing,
        around,
    )
    .unwrap();
    assert!(outcome.interrupted);
    assert_eq!(outcome.summary.steps, Some(0));
    assert_eq!(outcome.summary.buffer.mean, None);
    assert_eq!(outcome.summary.servers[0].utilisation, None);
}

#[test]
fn one_class_more_shifts_no_draw_of_another() {
    // Its services and patience do not depend on the rest of the desk.
    let mut alone = plain(50);
    alone.classes[0].arrivals = Some(Arrivals::PerStep(always(1)));
    alone.classes[0].service = Law::Geometric(Geometric { mean: 3.0 });
    alone.arrivals = DeskArrivals::PerClass;
    let (first, second): ([&[usize]; 40], [&[usize]; 40]) = ([&[0]; 40], [&[1]; 40]);
    alone.servers = vec![server("A", &first), server("B", &second)];
    let mut both = alone.clone();
    alone.servers[1] = server("B", &first);
    both.classes.push(class("more"));
    both.classes[1].arrivals = both.classes[0].arrivals.clone();
    let lengths = |desk: &Desk| -> Vec<(Time, Option<Time>)> {
        let all = tables(desk, 0, Runtime::Inline).unwrap().requests;
        let own = all.into_iter().filter(|row| row.class == 0);
        own.map(|row| (row.arrival, row.end)).collect()
    };
    assert_eq!(lengths(&alone), lengths(&both));
}
