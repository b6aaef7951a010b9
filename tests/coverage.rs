//! The coverage of intervals: `cargo test --release --test coverage`.
//!
//! A thousand studies of twenty replications each of an M/M/1 with load 0.7: of the nominal 95 %
//! intervals for the mean wait, 93 to 97 % must hold the true one.
#![allow(
    clippy::print_stdout,
    reason = "figures for the README, with --nocapture"
)]

use filas::random::Law;
use filas::random::laws::Exponential;
use filas::scenario::{Horizon, LineArrivals, Scenario, Stage, Tandem, WarmUp};
use filas::study::{ClosedForm, Conditions, Goal, InMemory, Layout, Workers, replicate};

fn queue(seed: u64) -> Scenario {
    let service = Law::Exponential(Exponential { mean: 1.0 });
    Scenario::Tandem(Tandem {
        seed,
        warm_up: WarmUp::Customers(1000),
        ..Tandem::new(
            "queue",
            LineArrivals::Renewal(Law::Exponential(Exponential { mean: 1.0 / 0.7 })),
            Horizon::Customers(6000),
            vec![Stage::new("counter", 1, service)],
        )
    })
}

#[test]
fn nominal_95_percent_intervals_hold_the_true_mean_wait_93_to_97_percent_of_the_time() {
    const STUDIES: u64 = 1000;
    let workers = Workers::new(0).unwrap();
    let truth = ClosedForm::of(&queue(0)).measure("waiting.mean").unwrap();
    assert!((truth - 0.7 / 0.3).abs() < 1e-12);
    let layout = Layout::of(&queue(0)).unwrap();
    let at = layout.find("waiting.mean").unwrap();
    let held = (0..STUDIES).filter(|&seed| {
        let study = replicate(
            &queue(seed),
            &layout,
            &Goal::Count(20),
            Conditions::by(&workers, &InMemory::default()),
        )
        .unwrap();
        let seen = study.intervals[at];
        seen.low <= Some(truth) && Some(truth) <= seen.high
    });
    let share = held.count() as f64 / STUDIES as f64;
    println!(
        "{:.1} % of {STUDIES} nominal 95 % intervals held the true mean",
        100.0 * share
    );
    assert!((0.93..=0.97).contains(&share), "{share}");
}
