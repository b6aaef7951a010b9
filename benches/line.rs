//! What the line costs: `cargo bench --bench line`.
//!
//! Each figure is the best of nine, all taken in turns within one process, since this kind of machine
//! changes its speed from one minute to the next: only the ratios mean anything.

use filas::actor::{Runtime, Surroundings};
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::scenario::{Blocking, Horizon, LineArrivals, Stage, Tandem};
use filas::tandem;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const CUSTOMERS: u64 = 400_000;

/// What all others are held against.
const REFERENCE: &str = "plain recursion";

fn line(customers: u64, servers: u32, buffer: Option<u64>, arrivals: LineArrivals) -> Tandem {
    Tandem {
        name: "bench".to_owned(),
        seed: 1,
        time_unit: None,
        arrivals,
        horizon: Horizon::Customers(customers),
        warm_up: 0,
        blocking: Blocking::AfterService,
        stages: (0..5)
            .map(|index| Stage {
                name: format!("stage-{index}"),
                servers,
                buffer: buffer.filter(|_| index > 0),
                service: Law::Exponential {
                    mean: f64::from(servers),
                },
            })
            .collect(),
    }
}

fn poisson() -> LineArrivals {
    LineArrivals::Renewal(Law::Exponential { mean: 1.25 })
}

fn simulate(line: &Tandem, runtime: Runtime, chunk: usize) {
    let around = Surroundings {
        stop: &AtomicBool::new(false),
        recorder: &(),
    };
    black_box(tandem::run(line, 0, runtime, chunk, false, around)).expect("the line runs");
}

/// The plain recursion with the same draws, keeping waiting, idle time and the clock.
fn plain() {
    let sampler = |actor: &str, purpose| {
        Sampler::new(
            &Law::Exponential { mean: 1.0 },
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

/// The draws alone.
fn draws() {
    let law = Law::Exponential { mean: 1.0 };
    let mut sampler = Sampler::new(&law, Stream::new(1, 0, "draws", Purpose::Service));
    let mut block = [0.0; tandem::CHUNK];
    for _ in 0..6 * CUSTOMERS / tandem::CHUNK as u64 {
        sampler.fill(&mut block);
        black_box(&block);
    }
}

fn main() {
    let threads = Runtime::Threads {
        channel_capacity: 4,
    };
    let unlimited = line(CUSTOMERS, 1, None, poisson());
    let three = line(CUSTOMERS / 4, 3, None, poisson());
    let limited = |places| line(CUSTOMERS / 20, 1, Some(places), LineArrivals::Saturated);
    let (none, some, many) = (limited(0), limited(4), limited(1000));
    let visits = |customers: u64| (5 * customers) as f64;
    let run = |line: &'static Tandem, runtime| {
        let Horizon::Customers(customers) = line.horizon else {
            unreachable!("the lines above end after so many customers")
        };
        let work: Box<dyn Fn()> = Box::new(move || simulate(line, runtime, tandem::CHUNK));
        (visits(customers), work)
    };
    let keep = |line: Tandem| -> &'static Tandem { Box::leak(Box::new(line)) };
    let (unlimited, three) = (keep(unlimited), keep(three));
    let (none, some, many) = (keep(none), keep(some), keep(many));
    let works: Vec<(&str, (f64, Box<dyn Fn()>))> = vec![
        ("draws only", (visits(CUSTOMERS), Box::new(draws))),
        (REFERENCE, (visits(CUSTOMERS), Box::new(plain))),
        ("inline, 1 server a stage", run(unlimited, Runtime::Inline)),
        ("threads, 1 server a stage", run(unlimited, threads)),
        ("inline, 3 servers a stage", run(three, Runtime::Inline)),
        ("threads, 3 servers a stage", run(three, threads)),
        ("inline, no buffers", run(none, Runtime::Inline)),
        ("inline, 4 places", run(some, Runtime::Inline)),
        ("inline, 1000 places", run(many, Runtime::Inline)),
        ("threads, 4 places", run(some, threads)),
        ("threads, 1000 places", run(many, threads)),
    ];
    // `cargo bench --bench line -- inline` measures only what has `inline` in its name.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let works: Vec<_> = works
        .into_iter()
        .filter(|(name, _)| {
            wanted
                .as_ref()
                .is_none_or(|wanted| name.contains(wanted.as_str()))
        })
        .collect();
    // `cargo bench --bench line -- inline` measures what has `inline` in its name, and the reference.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let works: Vec<_> = works
        .into_iter()
        .filter(|(name, _)| *name == REFERENCE || name.contains(&wanted))
        .collect();
    let mut best = vec![f64::INFINITY; works.len()];
    for _ in 0..9 {
        for (best, (_, (_, work))) in best.iter_mut().zip(&works) {
            let begin = Instant::now();
            work();
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }
    let per_visit: Vec<f64> = best
        .iter()
        .zip(&works)
        .map(|(best, (_, (visits, _)))| best * 1e9 / visits)
        .collect();
    let reference = works
        .iter()
        .zip(&per_visit)
        .find(|((name, _), _)| *name == REFERENCE)
        .map_or(f64::NAN, |(_, ns)| *ns);
    println!(
        "{:<28} {:>10} {:>12} {:>8}",
        "five stages", "ns/visit", "M visits/s", "ratio"
    );
    for ((name, _), ns) in works.iter().zip(&per_visit) {
        let ratio = ns / reference;
        println!("{name:<28} {ns:>10.2} {:>12.2} {ratio:>8.2}", 1e3 / ns);
    }
}
