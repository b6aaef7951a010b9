//! The cost of the line against the plain recursion with the same draws, and its growth with
//! stages, servers and customers: `cargo bench --bench line`.

mod turns;

use filas::actor::{Recording, Runtime, Surroundings};
use filas::random::laws::Exponential;
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::scenario::{
    Discipline, FaultClock, FaultWork, Horizon, LineArrivals, PerClass, Stage, StageFaults, Tandem,
};
use filas::tandem;
use std::hint::black_box;
use turns::Work;

const CUSTOMERS: u64 = 400_000;

fn line(customers: u64, servers: u32, buffer: Option<u64>, arrivals: LineArrivals) -> Tandem {
    stages(5, customers, servers, buffer, arrivals)
}

fn stages(
    count: usize,
    customers: u64,
    servers: u32,
    buffer: Option<u64>,
    arrivals: LineArrivals,
) -> Tandem {
    let mean = f64::from(servers);
    let service = Law::Exponential(Exponential { mean });
    let stage = |index| Stage {
        buffer: buffer.filter(|_| index > 0),
        ..Stage::new(&format!("stage-{index}"), servers, service.clone())
    };
    Tandem::new(
        "bench",
        arrivals,
        Horizon::Customers(customers),
        (0..count).map(stage).collect(),
    )
}

fn poisson() -> LineArrivals {
    LineArrivals::Renewal(Law::Exponential(Exponential { mean: 1.25 }))
}

fn simulate(line: &Tandem, runtime: Runtime, chunk: usize) {
    let around = Surroundings {
        conductor: &(),
        recorder: &(),
    };
    black_box(tandem::run(
        line,
        0,
        runtime,
        chunk,
        Recording::Nothing,
        around,
    ))
    .expect("the line runs");
}

/// The plain recursion with the same draws, keeping waiting, idle time and the clock.
fn plain() {
    let sampler = |actor: &str, purpose| {
        Sampler::new(
            &Law::Exponential(Exponential { mean: 1.0 }),
            Stream::new(1, 0, actor, purpose),
        )
    };
    let mut gaps = sampler("arrivals", Purpose::Arrivals);
    let mut stages: Vec<_> = (0..5)
        .map(|index| sampler(&format!("stage-{index}"), Purpose::Service))
        .collect();
    let (mut clock, mut waiting, mut idle) = (0.0, 0.0, 0.0);
    let mut free = [0.0_f64; 5];
    let mut arrivals = [0.0; tandem::CHUNK];
    let mut services = [0.0; tandem::CHUNK];
    for _ in 0..CUSTOMERS / tandem::CHUNK as u64 {
        gaps.fill(&mut arrivals);
        for arrival in &mut arrivals {
            clock += 1.25 * *arrival;
            *arrival = clock;
        }
        for (stage, free) in stages.iter_mut().zip(&mut free) {
            stage.fill(&mut services);
            for (arrival, service) in arrivals.iter_mut().zip(&services) {
                let start = arrival.max(*free);
                waiting += start - *arrival;
                idle += start - *free;
                *free = start + service;
                *arrival = *free;
            }
        }
    }
    black_box((waiting, idle));
}

/// Draws only.
fn draws() {
    let law = Law::Exponential(Exponential { mean: 1.0 });
    let mut sampler = Sampler::new(&law, Stream::new(1, 0, "draws", Purpose::Service));
    let mut block = [0.0; tandem::CHUNK];
    for _ in 0..6 * CUSTOMERS / tandem::CHUNK as u64 {
        sampler.fill(&mut block);
        black_box(&block);
    }
}

/// Creates a work that simulates this line.
fn work(name: &'static str, line: &Tandem, runtime: Runtime) -> Work {
    let Horizon::Customers(customers) = line.horizon else {
        unreachable!("these lines end after so many customers")
    };
    let line = line.clone();
    let visits = (customers * line.stages.len() as u64) as f64;
    Work::new(name, visits, move || {
        simulate(&line, runtime, tandem::usual_chunk(runtime))
    })
}

/// Creates a work that sends the same messages over bare channels.
fn bare(name: &'static str, line: &Tandem, runtime: Runtime) -> Work {
    let Runtime::Threads { channel_capacity } = runtime else {
        unreachable!("only threads have channels")
    };
    let script =
        tandem::script(line, runtime, tandem::usual_chunk(runtime)).expect("the line runs");
    let visits = (CUSTOMERS / 20 * line.stages.len() as u64) as f64;
    Work::new(name, visits, move || script.replay(channel_capacity))
}

/// Creates a work with this many customers, stages, and servers per stage, at load 0.8.
fn grown(customers: u64, count: usize, servers: u32) -> Work {
    let line = stages(count, customers, servers, None, poisson());
    let name = format!("{customers} x {count} stages x {servers}");
    work(name.leak(), &line, Runtime::Inline)
}

/// Shows how the cost of a visit grows.
fn growth() {
    let by_stages = [1, 2, 5, 20, 50, 200];
    let works = by_stages.map(|count| grown(20_000, count, 1));
    turns::table("by stages", "visit", works.into());
    let by_servers = [1, 2, 3, 8, 9, 30, 100, 300, 1000];
    let works = by_servers.map(|servers| grown(CUSTOMERS, 1, servers));
    turns::table("by servers", "visit", works.into());
    let by_customers = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    let works = by_customers.map(|customers| grown(customers, 5, 1));
    turns::table("by customers", "visit", works.into());
}

/// Shows what limits cost: W5 and M/M/3 beside the same without buffers.
fn limits(inline: Runtime, threads: Runtime) {
    let w1 = line(CUSTOMERS, 1, None, poisson());
    let mut w5 = line(CUSTOMERS / 4, 1, Some(5), poisson());
    w5.stages[0].buffer = Some(5);
    let mut on_threads = w5.clone();
    on_threads.horizon = Horizon::Customers(CUSTOMERS / 20);
    let unlimited = stages(1, CUSTOMERS, 3, None, poisson());
    let with_buffer = |places| {
        let mut line = unlimited.clone();
        line.stages[0].buffer = Some(places);
        line
    };
    let works = vec![
        work("W1", &w1, inline),
        work("W5, five places a stage", &w5, inline),
        work("W5 on threads", &on_threads, threads),
        work("M/M/3", &unlimited, inline),
        work(
            "M/M/3, a buffer that never fills",
            &with_buffer(1_000_000),
            inline,
        ),
        work("M/M/3, five places", &with_buffer(5), inline),
    ];
    turns::table("limits", "visit", works);
}

/// Shows what people and machines cost: patience, and faults on a clock of busy time, beside W1.
fn people(inline: Runtime) {
    let w1 = line(CUSTOMERS, 1, None, poisson());
    let mut impatient = line(CUSTOMERS / 10, 1, None, poisson());
    let exponential = |mean| Law::Exponential(Exponential { mean });
    for stage in &mut impatient.stages {
        stage.patience = PerClass::Same(Some(exponential(10.0)));
    }
    let mut failing = impatient.clone();
    for stage in &mut failing.stages {
        stage.faults = Some(StageFaults {
            every: exponential(50.0),
            clock: FaultClock::Busy,
            repair: exponential(5.0),
            crew: None,
            work: FaultWork::Resume,
            slow: None,
        });
    }
    let mut lifo = line(CUSTOMERS / 10, 1, None, poisson());
    for stage in &mut lifo.stages {
        stage.discipline = Discipline::Lifo;
    }
    let works = vec![
        work("W1", &w1, inline),
        work("last come, first served", &lifo, inline),
        work("patience", &impatient, inline),
        work("patience and faults", &failing, inline),
    ];
    turns::table("people and machines", "visit", works);
}

fn main() {
    let inline = Runtime::Inline;
    let threads = Runtime::Threads {
        channel_capacity: 4,
    };
    let one = line(CUSTOMERS, 1, None, poisson());
    let three = line(CUSTOMERS / 4, 3, None, poisson());
    let limited = |places| line(CUSTOMERS / 20, 1, Some(places), LineArrivals::Saturated);
    let visits = (5 * CUSTOMERS) as f64;
    let works = vec![
        Work::new("plain recursion", visits, plain),
        Work::new("draws only", visits, draws),
        work("inline, 1 server a stage", &one, inline),
        work("threads, 1 server a stage", &one, threads),
        work("inline, 3 servers a stage", &three, inline),
        work("threads, 3 servers a stage", &three, threads),
        work("inline, no buffers", &limited(0), inline),
        work("inline, 4 places", &limited(4), inline),
        work("inline, 1000 places", &limited(1000), inline),
        bare("bare channels, 4 places", &limited(4), threads),
        work("threads, 4 places", &limited(4), threads),
        bare("bare channels, 1000 places", &limited(1000), threads),
        work("threads, 1000 places", &limited(1000), threads),
    ];
    turns::table("five exponential stages", "visit", works);
    limits(inline, threads);
    people(inline);
    growth();
}
