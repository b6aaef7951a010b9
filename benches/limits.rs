//! The limits of the machine: the least cost of five exponential stages, and their cost here
//! (`cargo bench --bench limits`).
//!
//! The references are plain and short, written for this one line of single servers and nothing
//! else. "All measures" are those of the summary: tallies with quantiles of every stage and of the
//! whole line, shares of time, queue lengths, the digest.

mod turns;

use crossbeam_channel::bounded;
use filas::actor::{Recording, Runtime, Surroundings};
use filas::digest::RecordDigest;
use filas::lanes::{self, InstructionSet};
use filas::random::laws::Exponential;
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::scenario::{Horizon, LineArrivals, Stage, Tandem};
use filas::stats::{QueueLength, Tally};
use filas::tandem;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use turns::Work;

const STAGES: usize = 5;
const CUSTOMERS: usize = 100_000;
const VISITS: f64 = (STAGES * CUSTOMERS) as f64;
const GAP: f64 = 1.25;
const BLOCK: usize = 256;

fn line() -> Tandem {
    let service = Law::Exponential(Exponential { mean: 1.0 });
    let stage = |index| Stage::new(&format!("stage-{index}"), 1, service.clone());
    Tandem::new(
        "limits",
        LineArrivals::Renewal(Law::Exponential(Exponential { mean: GAP })),
        Horizon::Customers(CUSTOMERS as u64),
        (0..STAGES).map(stage).collect(),
    )
}

fn simulate(runtime: Runtime) {
    let around = Surroundings {
        conductor: &AtomicBool::new(false),
        recorder: &(),
    };
    let run = tandem::run(
        &line(),
        0,
        runtime,
        tandem::usual_chunk(runtime),
        Recording::Nothing,
        around,
    );
    black_box(run).expect("the line runs");
}

/// Draws only, one by one by a ziggurat.
fn plain_draws() {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut sum = 0.0;
    for _ in 0..(STAGES + 1) * CUSTOMERS {
        let value: f64 = Exp1.sample(&mut generator);
        sum += value;
    }
    black_box(sum);
}

/// Draws only, in blocks by inversion.
fn batched_draws() {
    let mut sampler = sampler("draws");
    let mut block = [0.0; BLOCK];
    for _ in 0..(STAGES + 1) * CUSTOMERS / BLOCK {
        sampler.fill(&mut block);
        black_box(&block);
    }
}

fn sampler(actor: &str) -> Sampler {
    let stream = Stream::new(1, 0, actor, Purpose::Service);
    Sampler::new(&Law::Exponential(Exponential { mean: 1.0 }), stream)
}

/// The plain recursion, keeping waiting and idle time only.
fn plain_recursion() {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut exponential = || -> f64 { Exp1.sample(&mut generator) };
    let (mut clock, mut free) = (0.0, [0.0_f64; STAGES]);
    let (mut waiting, mut idle) = ([0.0; STAGES], [0.0; STAGES]);
    for _ in 0..CUSTOMERS {
        clock += GAP * exponential();
        let mut time = clock;
        for stage in 0..STAGES {
            let start = time.max(free[stage]);
            waiting[stage] += start - time;
            idle[stage] += start - free[stage];
            time = start + exponential();
            free[stage] = time;
        }
    }
    black_box((waiting, idle));
}

/// Measures of one stage kept by the recursion with all measures.
#[derive(Default)]
struct Kept {
    free: f64,
    busy: f64,
    idle: f64,
    idle_longest: f64,
    waiting: Tally,
    service: Tally,
    queue: QueueLength,
    digest: RecordDigest,
}

/// The plain recursion with all measures.
fn plain_recursion_with_all() {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut exponential = || -> f64 { Exp1.sample(&mut generator) };
    let mut clock = 0.0;
    let mut stages: [Kept; STAGES] = Default::default();
    stages.iter_mut().for_each(|stage| stage.queue.open(0.0));
    let mut line: [Tally; 4] = Default::default();
    let (mut joined, mut digest) = (0, RecordDigest::default());
    for number in 1..=CUSTOMERS as u64 {
        clock += GAP * exponential();
        let (mut time, mut waiting, mut serving) = (clock, 0.0, 0.0);
        for stage in &mut stages {
            let service = exponential();
            let start = time.max(stage.free);
            let wait = start - time;
            let idle = start - stage.free;
            let end = start + service;
            stage.idle += idle;
            stage.idle_longest = stage.idle_longest.max(idle);
            stage.busy += end - start;
            stage.waiting.add(wait);
            stage.service.add(service);
            stage.queue.add(time, start);
            let [start, end] = [start, end].map(f64::to_bits);
            stage.digest.fold([number, start, end, end]);
            waiting += wait;
            serving += service;
            joined += u64::from(wait > 0.0);
            time = f64::from_bits(end);
            stage.free = time;
        }
        line[0].add(waiting);
        line[1].add(serving);
        line[2].add(0.0);
        line[3].add(time - clock);
        digest.fold([number, time.to_bits(), waiting.to_bits(), 0]);
    }
    black_box((stages.map(|stage| stage.digest), line, joined, digest));
}

/// The recursion over blocks of draws, customer by customer, keeping waiting and idle time only.
fn batched_recursion() {
    let mut samplers: [Sampler; STAGES] =
        std::array::from_fn(|stage| sampler(&format!("stage-{stage}")));
    let mut gaps = sampler("arrivals");
    let mut services = [[0.0; BLOCK + 8]; STAGES];
    let mut arrivals = [0.0; BLOCK];
    let (mut clock, mut free) = (0.0, [0.0_f64; STAGES]);
    let (mut waiting, mut idle) = ([0.0; STAGES], [0.0; STAGES]);
    for _ in 0..CUSTOMERS / BLOCK {
        gaps.fill(&mut arrivals);
        for (sampler, services) in samplers.iter_mut().zip(&mut services) {
            sampler.fill(&mut services[..BLOCK]);
        }
        for (index, gap) in arrivals.iter().enumerate() {
            clock += GAP * gap;
            let mut time = clock;
            for stage in 0..STAGES {
                let start = if time > free[stage] {
                    time
                } else {
                    free[stage]
                };
                waiting[stage] += start - time;
                idle[stage] += start - free[stage];
                time = start + services[stage][index];
                free[stage] = time;
            }
        }
    }
    black_box((waiting, idle));
}

const STEPS: usize = 200;
const ACTORS: usize = 25;

/// Steps over bare channels of capacity 1: every thread is asked once and answers once in each
/// step.
fn bare_steps() {
    std::thread::scope(|scope| {
        let ends: Vec<_> = (0..ACTORS)
            .map(|_| {
                let (ask, asked) = bounded::<u64>(1);
                let (answer, answered) = bounded::<u64>(1);
                scope.spawn(move || {
                    for number in &asked {
                        answer.send(number + 1).expect("the asker listens");
                    }
                });
                (ask, answered)
            })
            .collect();
        for step in 0..STEPS as u64 {
            for (ask, _) in &ends {
                ask.send(step).expect("the thread listens");
            }
            for (_, answered) in &ends {
                black_box(answered.recv()).expect("the thread answers");
            }
        }
    });
}

/// The same work with each instruction set of this processor.
fn with_each_set(name: &str, visits: f64, work: fn()) -> Vec<Work> {
    let with = |set: InstructionSet| {
        let name: &'static str = format!("{name}, {set}").leak();
        Work::new(name, visits, move || {
            lanes::use_only(set);
            work();
        })
    };
    InstructionSet::all_here().into_iter().map(with).collect()
}

fn main() {
    let threads = Runtime::Threads {
        channel_capacity: 4,
    };
    let mut works = vec![
        Work::new(
            "plain recursion, all measures",
            VISITS,
            plain_recursion_with_all,
        ),
        Work::new("plain recursion", VISITS, plain_recursion),
        Work::new("plain draws (1.2 a visit)", VISITS, plain_draws),
    ];
    works.extend(with_each_set("batched draws", VISITS, batched_draws));
    works.extend(with_each_set(
        "batched recursion",
        VISITS,
        batched_recursion,
    ));
    works.extend(with_each_set("filas inline", VISITS, || {
        simulate(Runtime::Inline);
    }));
    works.push(Work::new("filas threads", VISITS, move || {
        simulate(threads)
    }));
    let script =
        tandem::script(&line(), threads, tandem::usual_chunk(threads)).expect("the line runs");
    works.push(Work::new(
        "bare channels of filas threads",
        VISITS,
        move || {
            script.replay(4);
        },
    ));
    turns::table("five exponential stages", "visit", works);
    let steps = Work::new("bare barrier, 25 threads", STEPS as f64, bare_steps);
    turns::table("steps of threads", "step", vec![steps]);
}
