//! The watchdog on threads, timed: `cargo test --features planted --test alarms -- --nocapture`.
//!
//! Planted deadlocks are named within 250 ms, 100 times out of 100, counted from the moment at
//! which no actor could go on; 10,000 runs without a deadlock raise no alarm.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]
#![allow(
    clippy::disallowed_methods,
    reason = "how long it takes is the question"
)]

#[path = "planted/alone.rs"]
mod alone;
#[path = "suite/settings.rs"]
mod settings;

use alone::alone;
use filas::actor::trial::{Schedule, Strategy};
use filas::actor::{Recording, RunError, Surroundings, Waited, Waiting};
use filas::planted::{Fault, plant};
use filas::scenario::Scenario;
use filas::{desk, digest::Digest, tandem};
use settings::shipped;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

static NEVER: AtomicBool = AtomicBool::new(false);

/// Runs once on watched threads: plain, or perturbed and killed as a schedule says.
fn watched(
    scenario: &Scenario,
    channel_capacity: usize,
    schedule: Option<&Schedule>,
) -> Result<Digest, RunError> {
    match scenario {
        Scenario::Tandem(line) => {
            let around = Surroundings {
                conductor: &NEVER,
                recorder: &(),
            };
            let tried = match schedule {
                Some(schedule) => tandem::trial(line, schedule, 0, Recording::Nothing, around),
                None => tandem::counted(line, channel_capacity, 3, around),
            };
            Ok(tried.ending?.digest)
        }
        Scenario::Desk(desk) => {
            let around = Surroundings {
                conductor: &NEVER,
                recorder: &(),
            };
            let tried = match schedule {
                Some(schedule) => desk::trial(desk, schedule, 0, Recording::Nothing, around),
                None => desk::counted(desk, channel_capacity, around),
            };
            Ok(tried.ending?.digest)
        }
    }
}

/// The time for which all waiting actors had waited when they were named: that of the last to begin.
fn named_after(waiting: &[Waiting]) -> Duration {
    let waited = waiting.iter().map(|one| match one.waited {
        Waited::Time(time) => time,
        _ => panic!("on threads it is known for how long"),
    });
    waited.min().expect("somebody waits")
}

#[test]
fn planted_deadlocks_are_named_within_250_milliseconds_100_times_of_100() {
    let _alone = alone();
    for (fault, name, channel_capacity) in [
        (Fault::WaitForEachOther, "buffers", 2),
        (Fault::CreditOffByOne, "buffers", 0),
        (Fault::SwappedEnds, "desk", 4),
    ] {
        let scenario = shipped(name, &[]);
        plant(Some(fault));
        let (mut after, mut whole) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            let clock = Instant::now();
            let ending = watched(&scenario, channel_capacity, None);
            whole.push(clock.elapsed());
            let Err(RunError::Deadlock(waiting)) = ending else {
                panic!("{}: {ending:?}", fault.name());
            };
            after.push(named_after(&waiting));
        }
        plant(None);
        after.sort_unstable();
        whole.sort_unstable();
        println!(
            "{}: named after {:?} in the middle, {:?} at most; the whole run took {:?} and {:?}",
            fault.name(),
            after[50],
            after[99],
            whole[50],
            whole[99]
        );
        assert!(after[99] < Duration::from_millis(250));
    }
}

#[test]
fn ten_thousand_healthy_runs_raise_no_alarm() {
    let _alone = alone();
    plant(None);
    let line = |name, customers| {
        let set = [("horizon.customers", customers), ("horizon.warm_up", "0")];
        shipped(name, &set)
    };
    let scenarios = [
        shipped("desk", &[("steps", "6")]),
        line("clinic", "60"),
        line("buffers", "40"),
        line("two-stage", "40"),
    ];
    let truths: Vec<Digest> = scenarios
        .iter()
        .map(|scenario| {
            let in_one_thread = Schedule {
                strategy: Strategy::RoundRobin,
                seed: 0,
                channel_capacity: 1,
                chunk: 3,
                kills: 0,
            };
            watched(scenario, 1, Some(&in_one_thread)).unwrap()
        })
        .collect();
    for n in 0..10_000_usize {
        let channel_capacity = [0, 1, 2, 4][n / 4 % 4];
        let schedule = Schedule {
            strategy: Strategy::Threads,
            seed: n as u64,
            channel_capacity,
            chunk: 3,
            kills: if n % 32 < 4 { 200 } else { 0 },
        };
        // Every fourth run is perturbed, and every eighth has kills too.
        let schedule = (n % 16 < 4).then_some(&schedule);
        let digest = watched(&scenarios[n % 4], channel_capacity, schedule);
        let digest = digest.unwrap_or_else(|error| panic!("run {n}: {error}"));
        assert_eq!(digest, truths[n % 4], "run {n}");
    }
}
