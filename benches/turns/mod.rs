//! Times works in turn within one process, and prints the cost of each relative to a reference.
//!
//! This kind of machine changes its speed from one minute to the next: only ratios of figures taken
//! side by side are meaningful, and each figure is the best of several.

use std::time::Instant;

/// Number of rounds; each work runs once per round.
const ROUNDS: usize = 9;

/// A piece of work to be timed.
pub(crate) struct Work {
    /// Name; `cargo bench -- TEXT` runs only works whose name contains `TEXT`.
    pub(crate) name: &'static str,
    /// Number of units of work in one run.
    pub(crate) units: f64,
    /// Runs it once.
    pub(crate) run: Box<dyn Fn()>,
}

impl Work {
    /// Creates a work of this many units.
    pub(crate) fn new(name: &'static str, units: f64, run: impl Fn() + 'static) -> Work {
        let run = Box::new(run);
        Work { name, units, run }
    }
}

/// Times the works in turn and prints nanoseconds per unit, units per second, and the ratio to the
/// first work, which is the reference and always runs.
#[allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#[allow(clippy::print_stdout, reason = "a bench prints its table")]
pub(crate) fn table(title: &str, unit: &str, works: Vec<Work>) {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let reference = works[0].name;
    let chosen: Vec<&Work> = works
        .iter()
        .filter(|work| work.name == reference || work.name.contains(&wanted))
        .collect();
    let mut best = vec![f64::INFINITY; chosen.len()];
    for _ in 0..ROUNDS {
        for (best, work) in best.iter_mut().zip(&chosen) {
            let begin = Instant::now();
            (work.run)();
            *best = best.min(begin.elapsed().as_secs_f64() * 1e9 / work.units);
        }
    }
    println!(
        "{title:<32} {:>12} {:>14} {:>8}",
        format!("ns/{unit}"),
        format!("M {unit}s/s"),
        "ratio"
    );
    for (work, ns) in chosen.iter().zip(&best) {
        println!(
            "{:<32} {ns:>12.2} {:>14.3} {:>8.2}",
            work.name,
            1e3 / ns,
            ns / best[0]
        );
    }
}
