//! Under any schedule, with any capacity and chunk, with kills or without, a scenario gives the
//! results of one thread; nothing is lost or repeated; and a deadlock is named.

use crate::settings::shipped;
use filas::actor::trial::{Schedule, Seen, Situation, Situations, Strategy};
use filas::actor::{Recording, RunError, Runtime, Surroundings};
use filas::scenario::Scenario;
use filas::{desk, tandem};

const AROUND: Surroundings<'static, filas::station::Happening> = Surroundings {
    conductor: &(),
    recorder: &(),
};

const AROUND_DESK: Surroundings<'static, filas::station::Happening> = Surroundings {
    conductor: &(),
    recorder: &(),
};

fn small() -> Vec<(&'static str, Scenario)> {
    let line = |name, customers| {
        let set = [("horizon.customers", customers), ("horizon.warm_up", "3")];
        (name, shipped(name, &set))
    };
    vec![
        ("desk", shipped("desk", &[("steps", "12")])),
        ("failover", shipped("failover", &[("steps", "100")])),
        ("restarts", shipped("restarts", &[("steps", "60")])),
        (
            "retry-storm",
            shipped(
                "retry-storm",
                &[("horizon.until", "25 s"), ("faults.script.0.at", "6 s")],
            ),
        ),
        (
            "call-day",
            shipped(
                "call-day",
                &[("horizon.until", "8:30"), ("report.interval", "unset")],
            ),
        ),
        line("clinic", "120"),
        line("buffers", "90"),
        line("inference", "90"),
        (
            "buffers before service",
            shipped(
                "buffers",
                &[
                    ("horizon.customers", "60"),
                    ("horizon.warm_up", "3"),
                    ("line.blocking", "before-service"),
                ],
            ),
        ),
    ]
}

fn digest(scenario: &Scenario) -> String {
    match scenario {
        Scenario::Tandem(line) => {
            let run = tandem::run(line, 0, Runtime::Inline, 256, Recording::Nothing, AROUND);
            run.unwrap().digest.to_string()
        }
        Scenario::Desk(counter) => {
            let run = desk::run(counter, 0, Runtime::Inline, Recording::Nothing, AROUND_DESK);
            run.unwrap().digest.to_string()
        }
    }
}

fn trial(scenario: &Scenario, schedule: &Schedule) -> (Result<String, RunError>, Seen) {
    match scenario {
        Scenario::Tandem(line) => {
            let tried = tandem::trial(line, schedule, 3000, Recording::Nothing, AROUND);
            (tried.ending.map(|run| run.digest.to_string()), tried.seen)
        }
        Scenario::Desk(counter) => {
            let tried = desk::trial(counter, schedule, 3000, Recording::Nothing, AROUND_DESK);
            (tried.ending.map(|run| run.digest.to_string()), tried.seen)
        }
    }
}

const CAPACITIES: [usize; 5] = [0, 1, 2, 7, 64];
const CHUNKS: [usize; 3] = [1, 3, 64];

/// The n-th of some schedules of a strategy, which differ in everything that may differ.
fn nth(strategy: Strategy, n: usize, kills: u32) -> Schedule {
    Schedule {
        strategy,
        seed: n as u64,
        channel_capacity: CAPACITIES[n % CAPACITIES.len()],
        chunk: CHUNKS[n / CAPACITIES.len() % CHUNKS.len()],
        kills,
    }
}

/// Tries `many` schedules on every small scenario, and returns the situations that arose.
fn same_under(strategies: &[Strategy], many: usize, kills: u32) -> (Situations, u64) {
    let mut situations = Situations::default();
    let mut killed = 0;
    for (name, scenario) in small() {
        let truth = digest(&scenario);
        for &strategy in strategies {
            for n in 0..many {
                let schedule = nth(strategy, n, kills);
                let (ending, seen) = trial(&scenario, &schedule);
                let seen_digest = ending.unwrap_or_else(|e| panic!("{name} {schedule}: {e}"));
                assert_eq!(seen_digest, truth, "{name} {schedule}");
                assert_eq!((seen.lost, seen.duplicated), (0, 0), "{name} {schedule}");
                situations.join(seen.situations);
                killed += seen.kills;
            }
        }
    }
    (situations, killed)
}

const EXPLORED: [Strategy; 6] = [
    Strategy::Random,
    Strategy::Pct { depth: 2 },
    Strategy::Pct { depth: 3 },
    Strategy::Pct { depth: 5 },
    Strategy::RoundRobin,
    Strategy::Exhaustive,
];

#[test]
fn every_strategy_gives_the_results_of_one_thread() {
    let (situations, killed) = same_under(&EXPLORED, 15, 0);
    assert_eq!(killed, 0);
    for situation in [
        Situation::ChannelFull,
        Situation::SendBlocked,
        Situation::ReceiveWaited,
        Situation::Met,
    ] {
        assert!(situations.has(situation), "{}", situation.name());
    }
}

#[test]
fn actors_killed_at_any_point_lose_nothing_and_repeat_nothing() {
    let (situations, killed) = same_under(&EXPLORED[..2], 30, 200);
    assert!(killed > 1000, "{killed}");
    for situation in Situation::ALL {
        assert!(situations.has(situation), "{}", situation.name());
    }
}

#[test]
fn a_thousand_schedules_in_which_two_messages_of_a_hundred_kill_give_what_peace_gives() {
    let names = ["desk", "clinic", "buffers"];
    let three = small().into_iter().filter(|(name, _)| names.contains(name));
    for (name, scenario) in three {
        let truth = digest(&scenario);
        let mut killed = 0;
        for n in 0..1000 {
            let schedule = nth(EXPLORED[n % 4], n, 200);
            let (ending, seen) = trial(&scenario, &schedule);
            let seen_digest = ending.unwrap_or_else(|e| panic!("{name} {schedule}: {e}"));
            assert_eq!(seen_digest, truth, "{name} {schedule}");
            assert_eq!((seen.lost, seen.duplicated), (0, 0), "{name} {schedule}");
            killed += seen.kills;
        }
        assert!(killed > 2000, "{name}: {killed} killed");
    }
}

#[test]
fn threads_that_are_perturbed_and_killed_give_the_same() {
    let (situations, killed) = same_under(&[Strategy::Threads], 15, 200);
    assert!(killed > 100, "{killed}");
    assert!(situations.has(Situation::KilledBetweenSends));
    assert!(situations.has(Situation::RepeatDropped));
    assert!(situations.has(Situation::ChannelFull));
    let (_, killed) = same_under(&[Strategy::Threads], 10, 0);
    assert_eq!(killed, 0);
}

#[test]
fn a_schedule_tried_again_is_the_same_schedule() {
    let (_, scenario) = small().swap_remove(4);
    for n in 0..15 {
        let schedule = nth(Strategy::Random, n, 200);
        let (first, again) = (trial(&scenario, &schedule).1, trial(&scenario, &schedule).1);
        assert_eq!(first.fingerprint, again.fingerprint);
        assert_eq!((first.moves, first.kills), (again.moves, again.kills));
        let other = nth(Strategy::Random, n + 15, 200);
        assert_ne!(first.fingerprint, trial(&scenario, &other).1.fingerprint);
    }
}
