//! A line by the recursion of its customers, in plain arrays and without a library: each service
//! starts once the customer has arrived and the first free server is free. Only lines without
//! buffers can be simulated this way.

use crate::line::{Customer, Line, Tally};
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

pub(crate) fn run(line: &Line, seed: u64) -> Tally {
    match (line.stages, line.servers) {
        (5, 1) => recursion::<5, 1>(line, seed),
        (1, 1) => recursion::<1, 1>(line, seed),
        (1, 3) => recursion::<1, 3>(line, seed),
        other => panic!("nobody asks for a line of {other:?}"),
    }
}

fn recursion<const STAGES: usize, const SERVERS: usize>(line: &Line, seed: u64) -> Tally {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    // Not `line::exponential`, whose calls cost this recursion up to a fifth of its speed.
    let mut exponential = || -> f64 { Exp1.sample(&mut rng) };
    let mut tally = Tally::default();
    let mut free = [[0.0_f64; SERVERS]; STAGES];
    let (mut clock, gap) = (0.0, 1.0 / line.rate);
    // Idle time of each stage's servers, matching the busy time in the others' summaries.
    let mut idle = [0.0; STAGES];
    // A customer that leaves a stage of several servers before an earlier one would overtake it;
    // with only one such stage that changes nothing.
    for _ in 0..line.customers {
        clock += gap * exponential();
        let mut customer = Customer::new(clock);
        let mut time = clock;
        for (stage, idle) in free.iter_mut().zip(&mut idle) {
            let mut first = 0;
            for server in 1..SERVERS {
                if stage[server] < stage[first] {
                    first = server;
                }
            }
            let start = time.max(stage[first]);
            *idle += start - stage[first];
            customer.waited += start - time;
            customer.queues += u32::from(start > time);
            time = start + exponential();
            stage[first] = time;
        }
        tally.add(&customer, time);
    }
    std::hint::black_box(idle);
    tally
}
