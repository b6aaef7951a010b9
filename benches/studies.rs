//! The cost of a study beyond the runs in it: `cargo bench --bench studies`.
//!
//! Compares two workers with one, and many short replications with the same runs in one loop. Each
//! figure is the best of several, all taken in turn within one process, since this kind of machine
//! changes its speed from one minute to the next: only the ratios are meaningful. Two workers are
//! also compared with two plain threads, which show the most the machine can give at that moment.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes the time and tells it"
)]

use filas::actor::{Recording, Runtime, Surroundings};
use filas::random::Law;
use filas::random::laws::Exponential;
use filas::scenario::{
    Desk, Horizon, LineArrivals, Origin, Overrides, Scenario, Stage, Tandem, load,
};
use filas::study::{Conditions, Goal, InMemory, Layout, Workers, replicate};
use filas::{desk, tandem};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const RUNS: u64 = 20;
const SHORT: u64 = 10_000;

static STOP: AtomicBool = AtomicBool::new(false);

/// A line of five stages with 100,000 customers.
fn line() -> Tandem {
    let service = Law::Exponential(Exponential { mean: 1.0 });
    let stage = |index: u32| Stage::new(&format!("stage-{index}"), 1, service.clone());
    Tandem::new(
        "bench",
        LineArrivals::Renewal(Law::Exponential(Exponential { mean: 1.25 })),
        Horizon::Customers(100_000),
        (0..5).map(stage).collect(),
    )
}

/// The shipped desk, cut to 100 steps.
fn short_desk() -> Desk {
    let name = "desk.toml";
    let text = include_str!("../scenarios/desk.toml");
    let loaded = load(Origin::Embedded { name, text }, &Overrides::default());
    match loaded.expect("it is shipped").scenario {
        Scenario::Desk(desk) => desk,
        Scenario::Tandem(_) => unreachable!("it is a desk"),
    }
}

fn study(scenario: &Scenario, workers: &Workers, replications: u64) {
    let layout = Layout::of(scenario).expect("it runs");
    let rows = InMemory::default();
    let conditions = Conditions::by(workers, &rows);
    black_box(replicate(
        scenario,
        &layout,
        &Goal::Count(replications),
        conditions,
    ))
    .expect("it runs");
}

fn lines(line: &Tandem, replications: impl Iterator<Item = u64>) {
    for replication in replications {
        let around = Surroundings {
            conductor: &STOP,
            recorder: &(),
        };
        let runtime = Runtime::Inline;
        black_box(tandem::run(
            line,
            replication,
            runtime,
            tandem::CHUNK,
            Recording::Nothing,
            around,
        ))
        .expect("it runs");
    }
}

fn two_threads(line: &Tandem) {
    std::thread::scope(|scope| {
        scope.spawn(|| lines(line, (0..RUNS).step_by(2)));
        lines(line, (1..RUNS).step_by(2));
    });
}

fn desks(desk: &Desk) {
    for replication in 0..SHORT {
        let around = Surroundings {
            conductor: &STOP,
            recorder: &(),
        };
        black_box(desk::run(
            desk,
            replication,
            Runtime::Inline,
            Recording::Nothing,
            around,
        ))
        .expect("it runs");
    }
}

/// The least time of each work in seconds; the works are timed in turn.
fn best(rounds: u32, works: &[&dyn Fn()]) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; works.len()];
    for _ in 0..rounds {
        for (least, work) in least.iter_mut().zip(works) {
            let begin = Instant::now();
            work();
            *least = least.min(begin.elapsed().as_secs_f64());
        }
    }
    least
}

/// Shows how the cost of a replication grows with their number: a hundred customers in one stage
/// each, two workers, no table.
fn growth(workers: &Workers) {
    let mut plain = line();
    plain.stages.truncate(1);
    plain.horizon = Horizon::Customers(100);
    let scenario = Scenario::Tandem(plain);
    println!("replications of 100 customers, two workers");
    for (count, rounds) in [
        (100, 9),
        (1_000, 9),
        (10_000, 5),
        (100_000, 2),
        (1_000_000, 1),
    ] {
        let least = best(rounds, &[&|| study(&scenario, workers, count)]);
        println!(
            "  {count:>9}  {:>7.2} us each",
            least[0] * 1e6 / count as f64
        );
    }
}

fn main() {
    let (one, two) = (
        Workers::new(1).expect("a thread"),
        Workers::new(2).expect("threads"),
    );
    let plain = line();
    let scenario = Scenario::Tandem(plain.clone());
    let least = best(
        9,
        &[
            &|| lines(&plain, 0..RUNS),
            &|| study(&scenario, &one, RUNS),
            &|| study(&scenario, &two, RUNS),
            &|| two_threads(&plain),
        ],
    );
    println!("{RUNS} runs of 100,000 customers x 5 stages");
    println!("  one loop            {:>7.3} s", least[0]);
    println!(
        "  one worker          {:>7.3} s   {:.2} of the loop",
        least[1],
        least[1] / least[0]
    );
    println!(
        "  two workers         {:>7.3} s   {:.2} times as fast as one",
        least[2],
        least[1] / least[2]
    );
    println!(
        "  two plain threads   {:>7.3} s   {:.2} times as fast as the loop",
        least[3],
        least[0] / least[3]
    );
    let desk = short_desk();
    let scenario = Scenario::Desk(desk.clone());
    let least = best(
        3,
        &[&|| desks(&desk), &|| study(&scenario, &one, SHORT), &|| {
            study(&scenario, &two, SHORT)
        }],
    );
    println!("{SHORT} runs of 100 steps of the desk");
    println!("  one loop            {:>7.3} s", least[0]);
    println!(
        "  one worker          {:>7.3} s   {:.2} of the loop",
        least[1],
        least[1] / least[0]
    );
    println!(
        "  two workers         {:>7.3} s   {:.2} of the loop",
        least[2],
        least[2] / least[0]
    );
    growth(&two);
}
