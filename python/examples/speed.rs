//! Runs a shipped scenario a given number of times as a Rust program does, to its JSON document, and prints the seconds that
//! took. `speed.py` beside it does the same from Python, and compares.

use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::report::Summary;
use filas::scenario::shipped::Shipped;
use filas::scenario::{Origin, Overrides, load};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, name, engine, times] = &words[..] else {
        panic!("speed SCENARIO ENGINE TIMES");
    };
    let shipped = Shipped::named(name).expect("a shipped scenario");
    let runtime = match engine.as_str() {
        "inline" => Runtime::Inline,
        _ => Runtime::Threads {
            channel_capacity: 4,
        },
    };
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let mut length = 0;
    for _ in 0..times.parse().expect("a number") {
        let (name, text) = (shipped.shown, shipped.text);
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default());
        let scenario = loaded.expect("it is shipped").scenario;
        let around = Surroundings {
            conductor: &stop,
            recorder: &(),
        };
        let outcome = Model::of(&scenario).run(0, runtime, None, Recording::Nothing, around);
        let outcome = outcome.expect("it runs");
        length += Summary::of(&scenario, engine, &outcome).json().len();
    }
    println!("{} {length}", begun.elapsed().as_secs_f64());
}
