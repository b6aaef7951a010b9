//! The cost of counting messages and waits, over channels that hold 256 messages: `cargo bench
//! --bench counting`.

#[path = "../tests/suite/settings.rs"]
mod settings;
mod turns;

use filas::actor::{Recording, Runtime, Surroundings};
use filas::scenario::Scenario;
use filas::{desk, tandem};
use settings::shipped;
use std::hint::black_box;
use turns::Work;

const CAPACITY: usize = 256;

/// A run on threads, plain or counted.
fn simulate(scenario: &Scenario, chunk: usize, counted: bool) {
    let runtime = Runtime::Threads {
        channel_capacity: CAPACITY,
    };
    match scenario {
        Scenario::Tandem(line) => {
            let around = Surroundings {
                conductor: &(),
                recorder: &(),
            };
            let outcome = match counted {
                true => tandem::counted(line, CAPACITY, chunk, around).ending,
                false => tandem::run(line, 0, runtime, chunk, Recording::Nothing, around),
            };
            black_box(outcome).expect("the line runs");
        }
        Scenario::Desk(desk) => {
            let around = Surroundings {
                conductor: &(),
                recorder: &(),
            };
            let outcome = match counted {
                true => desk::counted(desk, CAPACITY, around).ending,
                false => desk::run(desk, 0, runtime, Recording::Nothing, around),
            };
            black_box(outcome).expect("the desk runs");
        }
    }
}

fn compare(title: &str, unit: &str, units: f64, chunk: usize, scenario: &Scenario) {
    let work = |name, counted| {
        let scenario = scenario.clone();
        Work::new(name, units, move || simulate(&scenario, chunk, counted))
    };
    turns::table(
        title,
        unit,
        vec![work("plain", false), work("counted", true)],
    );
}

fn main() {
    let clinic = shipped("clinic", &[("horizon.customers", "200000")]);
    compare("clinic, 256 a message", "customer", 2e5, 256, &clinic);
    compare("clinic, 16 a message", "customer", 2e5, 16, &clinic);
    let desk = shipped("desk", &[("steps", "400")]);
    compare("desk", "step", 400.0, 256, &desk);
}
