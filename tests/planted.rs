//! Faults planted in the product's own code, one at a time, each found by `filas stress` within
//! 1,000 schedules, with a replay that fails 100 times out of 100. `cargo test --features planted`.
#![allow(
    clippy::print_stdout,
    reason = "figures for the README, with --nocapture"
)]

#[path = "planted/alone.rs"]
mod alone;
#[path = "suite/settings.rs"]
mod settings;

use alone::alone;
use filas::actor::Surroundings;
use filas::planted::{Fault, plant};
use filas::scenario::Scenario;
use filas::stress::{self, Conduct, Effort, Failure, Family, Report, Verdict};
use filas::{desk, tandem};
use settings::shipped;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

/// The kind of run in which a fault shows.
fn scenario_for(fault: Fault) -> Scenario {
    match fault {
        Fault::RepliesByCompletion => {
            let longer = ("classes.0.service.geometric.mean", "8");
            shipped("desk", &[("faults.work", "lost"), longer])
        }
        Fault::HashOrder => shipped("desk", &[("buffer.capacity", "5")]),
        Fault::UnsortedTies | Fault::SwappedEnds => shipped("desk", &[]),
        Fault::LostOnRestart | Fault::TwiceOnRestart => shipped("desk", &[]),
        Fault::SharedGenerator | Fault::ParallelSum | Fault::BlindDigest => shipped("clinic", &[]),
        Fault::CreditOffByOne | Fault::WaitForEachOther => shipped("buffers", &[]),
    }
}

static NEVER: AtomicBool = AtomicBool::new(false);

const CONDUCT: Conduct<'static> = Conduct {
    stop: &NEVER,
    progress: &|| {},
};

fn stressed(scenario: &Scenario, family: Family) -> Report {
    let effort = Effort {
        time: None,
        schedules: Some(match family {
            Family::Threads => 200,
            _ => 1_000,
        }),
        family,
        first: 0,
        whole: false,
    };
    stress::stress(scenario, &effort, CONDUCT).unwrap()
}

/// Tries a fault under random schedules, then under PCT's.
fn hunted(scenario: &Scenario) -> Report {
    let report = stressed(scenario, Family::Random);
    match report.failure {
        Some(_) => report,
        None => stressed(scenario, Family::Pct),
    }
}

#[test]
fn every_planted_fault_is_caught_and_its_replay_fails_again_100_times_of_100() {
    let _alone = alone();
    let mut alone_too = Vec::new();
    for fault in Fault::ALL {
        let scenario = scenario_for(fault);
        plant(Some(fault));
        let report = stressed(&scenario, Family::Random);
        let failure = report.failure.as_ref();
        let failure = failure.unwrap_or_else(|| panic!("{} was not caught", fault.name()));
        println!(
            "{}: {} after {} schedules: {}",
            fault.name(),
            report.verdict.name(),
            report.schedules.explored,
            failure.what.chars().take(200).collect::<String>()
        );
        assert_ne!(report.verdict, Verdict::Same, "{}", fault.name());
        let Some(schedule) = failure.schedule else {
            // It shows in one thread, without any schedule; the waiting actors are reported all the
            // same.
            assert!(failure.what.starts_with("even in one thread"));
            assert_eq!(report.verdict, Verdict::Deadlock);
            assert!(failure.waiting.len() > 1 && failure.reproduced.is_none());
            alone_too.push(fault);
            plant(None);
            continue;
        };
        assert!(report.schedules.explored <= 1_000);
        // What the books at the end of a run find, no actor has just done.
        let of_an_actor = !failure.what.contains("actor audit");
        assert!(!of_an_actor || failure.last.iter().any(|(_, last)| !last.is_empty()));
        if report.verdict == Verdict::Diverged {
            assert!(failure.first_difference.is_some(), "{}", fault.name());
        }
        let mut again = failure.reproduced.unwrap();
        for _ in 1..10 {
            let replayed = stress::replay(&scenario, &schedule, false, CONDUCT).unwrap();
            let failure = replayed.failure.expect("a replay fails as the first did");
            again += failure.reproduced.unwrap();
        }
        assert_eq!(
            again,
            10 * Failure::TRIED_AGAIN,
            "{} {schedule}",
            fault.name()
        );
        plant(None);
    }
    assert_eq!(alone_too, [Fault::WaitForEachOther, Fault::SwappedEnds]);
}

/// Output and exit code of the program run in the project's folder.
fn told(words: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_filas"));
    let output = command
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code(),
    )
}

#[test]
fn the_fault_of_the_readme_is_missed_by_plain_threads_and_found_as_the_readme_shows() {
    let _alone = alone();
    let scenario = scenario_for(Fault::CreditOffByOne);
    plant(Some(Fault::CreditOffByOne));
    let shows = shows_on_plain_threads(&scenario, 20);
    plant(None);
    assert!(!shows, "plain threads do not jam");

    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, rest) = readme
        .split_once("$ cargo run --features planted -- ")
        .expect("the README plants a fault");
    let (block, _) = rest.split_once("```").unwrap();
    let (command, shown) = block.split_once('\n').unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    let (said, code) = told(&words);
    assert_eq!(code, Some(3), "{said}");
    for line in shown.lines().filter(|line| line.trim() != "...") {
        assert!(said.contains(line), "the README shows\n{line}\nbut\n{said}");
    }
    // Replaying the schedule finds it again; without the fault it finds nothing.
    let replay = shown.split_once("--replay ").unwrap().1.trim();
    let again = [&words[..], &["--replay", replay]].concat();
    assert_eq!(told(&again).1, Some(3));
    let sound = ["stress", words[1], "--replay", replay];
    assert_eq!(told(&sound).1, Some(0));
}

#[test]
fn what_fails_in_one_thread_already_is_told_as_that() {
    let words = [
        "stress",
        "scenarios/buffers.toml",
        "--plant",
        "wait-for-each-other",
    ];
    let (said, code) = told(&words);
    assert_eq!(code, Some(3), "{said}");
    for line in [
        "  Deadlock in one thread already: no schedule is needed.",
        "  to see it again:  filas stress scenarios/buffers.toml --plant wait-for-each-other --schedules 1",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(said.contains(" waits to receive from "), "{said}");
    let (json, _) = told(&[&words[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["replay"].is_null() && json["failure"]["waiting"].is_array());
}

#[test]
fn nothing_is_found_where_nothing_is_planted() {
    let _alone = alone();
    plant(None);
    for name in ["desk", "clinic", "buffers"] {
        let report = hunted(&shipped(name, &[]));
        assert_eq!(
            report.verdict,
            Verdict::Same,
            "{name}: {:?}",
            report.failure
        );
        assert!(report.kills > 0 && report.blocked_sends > 0);
    }
}

/// Whether the same number of runs on plain threads agree with one thread; they are watched, so
/// that they end.
fn shows_on_plain_threads(scenario: &Scenario, times: usize) -> bool {
    let around = Surroundings {
        conductor: &NEVER,
        recorder: &(),
    };
    let around_desk = Surroundings {
        conductor: &NEVER,
        recorder: &(),
    };
    let truth = stress::replay(
        scenario,
        &"rr-0-c4-m256-k0".parse().unwrap(),
        false,
        CONDUCT,
    );
    let Ok(report) = truth else { return true };
    let short = report.scenario.clone();
    (0..times).any(|_| {
        let digest = match &short {
            Scenario::Tandem(line) => tandem::counted(line, 4, 256, around)
                .ending
                .map(|o| o.digest),
            Scenario::Desk(desk) => desk::counted(desk, 4, around_desk).ending.map(|o| o.digest),
        };
        digest.ok() != Some(report.digest)
    })
}

#[test]
fn plain_threads_miss_some_of_what_stress_finds() {
    let _alone = alone();
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        let scenario = scenario_for(fault);
        plant(Some(fault));
        if !shows_on_plain_threads(&scenario, 20) {
            missed.push(fault);
        }
        plant(None);
    }
    println!("missed by 20 plain runs: {missed:?}");
    // A plain run has no kills.
    assert!(missed.contains(&Fault::LostOnRestart) && missed.contains(&Fault::TwiceOnRestart));
}

#[test]
fn a_planted_deadlock_is_named_on_threads_too() {
    let _alone = alone();
    plant(Some(Fault::WaitForEachOther));
    let Scenario::Tandem(line) = shipped(
        "buffers",
        &[("horizon.customers", "200"), ("horizon.warm_up", "10")],
    ) else {
        panic!("buffers is a line");
    };
    for _ in 0..100 {
        let around = Surroundings {
            conductor: &NEVER,
            recorder: &(),
        };
        let tried = tandem::counted(&line, 2, 256, around);
        let Err(filas::actor::RunError::Deadlock(waiting)) = tried.ending else {
            panic!("the deadlock was not seen");
        };
        let (first, second) = (&waiting[0], &waiting[1]);
        assert_eq!((&first.actor, &first.peer), (&second.peer, &second.actor));
        let filas::actor::Waited::Time(waited) = first.waited else {
            panic!("on threads it is known for how long");
        };
        assert!(first.channel.is_some() && waited.as_secs() < 60);
    }
    plant(None);
}
