//! The same work in the idiom of other Rust libraries: `peers PEER WORK SIZE` does it once and
//! prints one line of JSON with the seconds it took and the results, for `compare.py` to check and
//! tabulate.
//!
//! Works: `w1` five stages in series, `w2` one stage of three servers, `w3` the desk, `w4`
//! replications of one stage on two threads. Peers: `desque` and `nexosim`; `plain` uses no
//! library: the recursion of a line's customers, and the desk in arrays.

mod desk;
mod desk_desque;
mod desk_nexosim;
mod line;
mod line_desque;
mod line_nexosim;
mod line_plain;

use line::{Line, Tally};
use std::time::Instant;

/// Customers of each replication of `w4`.
const CUSTOMERS: u64 = 20_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [peer, work, size] = words.as_slice() else {
        panic!("usage: peers PEER WORK SIZE");
    };
    let size: u64 = size.parse().expect("SIZE is a whole number");
    let begin = Instant::now();
    let (units, answers) = match work.as_str() {
        "w1" => line(peer, &Line::new(5, 1, 0.8, size)),
        "w2" => line(peer, &Line::new(1, 3, 2.4, size)),
        "w3" => {
            let counts = match peer.as_str() {
                "plain" => desk::run(size),
                "desque" => desk_desque::run(size),
                "nexosim" => desk_nexosim::run(size),
                other => panic!("no peer is called {other}"),
            };
            (size, counts.answers())
        }
        "w4" => replicate(peer, size),
        other => panic!("no work is called {other}"),
    };
    let seconds = begin.elapsed().as_secs_f64();
    println!("{{ \"seconds\": {seconds}, \"units\": {units}, \"answers\": {{ {answers} }} }}");
}

fn simulate(peer: &str, line: &Line, seed: u64) -> Tally {
    match peer {
        "desque" => line_desque::run(line, seed),
        "nexosim" => line_nexosim::run(line, seed),
        "plain" => line_plain::run(line, seed),
        other => panic!("no peer is called {other}"),
    }
}

fn line(peer: &str, line: &Line) -> (u64, String) {
    let tally = simulate(peer, line, 1);
    (line.customers * line.stages as u64, tally.answers())
}

/// Runs half of the replications on each of two threads.
fn replicate(peer: &str, count: u64) -> (u64, String) {
    let share = |from: u64| {
        let mut all = Tally::default();
        for seed in (from..count).step_by(2) {
            all.join(&simulate(peer, &Line::new(1, 1, 0.8, CUSTOMERS), seed));
        }
        all
    };
    let all = std::thread::scope(|scope| {
        let other = scope.spawn(|| share(1));
        let mut all = share(0);
        all.join(&other.join().expect("a share comes to its end"));
        all
    });
    (count * CUSTOMERS, all.answers())
}
