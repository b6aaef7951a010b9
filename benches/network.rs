//! The cost of stations on one clock beside the line without people and machines (W1): the line of people and
//! machines, and W7, a Jackson network of ten stations with feedback: `cargo bench --bench network`.

mod turns;

use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::scenario::{Origin, Overrides, load};
use std::hint::black_box;
use turns::Work;

/// The work of W1.
const W1: &str = include_str!("peers/scenarios/w1.toml");

/// The work of W7.
const W7: &str = include_str!("peers/scenarios/w7.toml");

/// Visits at a station that a customer of W7 makes: one in five comes again.
const VISITS: f64 = 1.25;

/// Keys of every stage that add patience, and those that add faults on a clock of busy time.
const PATIENCE: &str = "patience = { exponential = { mean = 10.0 } }";
const FAULTS: &str = "faults = { every = { exponential = { mean = 50.0 } }, clock = \"busy\", repair = { exponential = { mean = 5.0 } } }";

/// One inline run of this scenario as a work, with this number of customers and of visits each makes.
fn work(name: &'static str, text: &str, customers: u64, visits: f64) -> Work {
    let overrides = Overrides {
        set: vec![("horizon.customers".to_owned(), customers.to_string())],
        ..Overrides::default()
    };
    let loaded = load(Origin::Embedded { name, text }, &overrides).expect("the scenario is right");
    Work::new(name, customers as f64 * visits, move || {
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let model = Model::of(&loaded.scenario);
        black_box(model.run(0, Runtime::Inline, None, Recording::Nothing, around))
            .expect("the model runs");
    })
}

/// W1 with these keys at every stage.
fn with(keys: &[&str]) -> String {
    let keys = keys.join("\n");
    W1.replace("name = \"w1\"", "name = \"people\"")
        .replace("[[stages]]", &format!("[[stages]]\n{keys}"))
}

fn main() {
    let works = vec![
        work("W1", W1, 400_000, 5.0),
        work("W1 with patience", &with(&[PATIENCE]), 20_000, 5.0),
        work(
            "W1 with patience and faults",
            &with(&[PATIENCE, FAULTS]),
            20_000,
            5.0,
        ),
        work("W7", W7, 10_000, 10.0 * VISITS),
    ];
    turns::table("stations on one clock", "visit", works);
}
