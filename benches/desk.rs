//! The cost of a large desk, against bare channels that carry the same messages: `cargo bench
//! --bench desk`.

mod turns;

use filas::actor::{Recording, Runtime, Surroundings};
use filas::desk;
use filas::scenario::{Origin, Overrides, Scenario, load};
use std::hint::black_box;
use turns::Work;

const STEPS: u64 = 200;

/// A desk of 30 servers of 16 attendants, about nine tenths busy.
fn large() -> filas::scenario::Desk {
    let servers: String = (0..30)
        .map(|index| {
            format!(
                "[[servers]]\nname = \"S{index}\"\ncapacity = 20\nattendants = [\n\
                 {{ skills = [\"a\"], count = 5 }}, {{ skills = [\"b\"], count = 5 }},\n\
                 {{ skills = [\"a\", \"b\"], count = 6 }} ]\n"
            )
        })
        .collect();
    let text = format!(
        "model = \"desk\"\nname = \"large\"\nseed = 1\nsteps = {STEPS}\n\
         arrivals = {{ per_step = {{ poisson = {{ mean = 260 }} }} }}\n\
         buffer = {{ capacity = 1000 }}\n\
         faults = {{ probability = 0.02, repair = {{ geometric = {{ mean = 4 }} }} }}\n\
         [[classes]]\nname = \"a\"\nshare = 0.5\nservice = {{ geometric = {{ mean = 1.5 }} }}\n\
         [[classes]]\nname = \"b\"\nshare = 0.5\nservice = {{ geometric = {{ mean = 1.5 }} }}\n\
         {servers}"
    );
    let overrides = Overrides {
        set: Vec::new(),
        ..Overrides::default()
    };
    let origin = Origin::Embedded {
        name: "large",
        text: &text,
    };
    match load(origin, &overrides)
        .expect("the text above is a scenario")
        .scenario
    {
        Scenario::Desk(desk) => desk,
        Scenario::Tandem(_) => unreachable!("it is a desk"),
    }
}

fn simulate(desk: &filas::scenario::Desk, runtime: Runtime) {
    let around = Surroundings {
        conductor: &(),
        recorder: &(),
    };
    black_box(desk::run(desk, 0, runtime, Recording::Nothing, around)).expect("the desk runs");
}

fn main() {
    let desk = large();
    let script = desk::script(&desk).expect("the desk runs");
    let run = |name, runtime| {
        let desk = desk.clone();
        Work::new(name, STEPS as f64, move || simulate(&desk, runtime))
    };
    let threads = Runtime::Threads {
        channel_capacity: 4,
    };
    let works = vec![
        Work::new("bare channels, same messages", STEPS as f64, move || {
            script.replay(4);
        }),
        run("threads", threads),
        run("inline", Runtime::Inline),
    ];
    turns::table("30 servers of 16 attendants", "step", works);
}
