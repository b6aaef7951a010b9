//! The text summary of a run, in at most 100 columns.
//!
//! One question is answered first, then the reasons are given, then the commands for more. Numbers are rounded to their
//! precision and aligned on the decimal point; each unit is given once.

mod comparison;
mod desk;
mod finding;
mod fit;
mod life;
mod line;
mod paper;
mod stress;
mod study;
mod table;
mod theory;

pub use comparison::comparison;
pub use finding::finding;
pub use fit::fit;
pub use life::{customer_life, request_life};
pub use paper::{Ink, Paper};
pub use stress::stress;
pub use study::{StudyTelling, orders, replications, sweep};
pub(super) use table::wrapped;
pub use theory::theory;

use crate::model::{Model, Outcome};
use crate::number;
use crate::report::page;
use crate::scenario::Scenario;
use crate::stats::Statistics;
use crate::study::ClosedForm;
use crate::study::answer;
use std::time::Duration;

/// The facts that the text states about a run beside its results.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The seed it ran from.
    pub seed: u64,
    /// The engine, and whether it was chosen automatically.
    pub engine: &'static str,
    /// Number of threads that the engine used.
    pub threads: usize,
    /// Duration by the wall clock.
    pub took: Duration,
    /// The digest of the results.
    pub digest: String,
}

impl Telling {
    /// The parts of the title that all models share.
    fn title(&self) -> [String; 3] {
        let engine = match self.engine {
            "threads" => number::of_them(self.threads as u64, "thread"),
            engine => engine.to_owned(),
        };
        [
            format!("seed {}", self.seed),
            engine,
            number::duration(self.took),
        ]
    }

    /// The last line: the digest.
    fn close(&self, paper: &Paper) -> String {
        let digest = paper.paint(Ink::Strong, &self.digest);
        format!("  digest {digest}   the same on every engine\n")
    }
}

/// The text summary of a run.
///
/// # Panics
/// If the outcome is of another model than the scenario.
#[must_use]
pub fn run(scenario: &Scenario, outcome: &Outcome, telling: &Telling, paper: &Paper) -> String {
    let answer = answer::run(scenario, outcome);
    let results = match (Model::of(scenario), outcome) {
        (Model::Line(line), Outcome::Line(outcome)) => {
            line::line(line, outcome, &answer, telling, paper)
        }
        (Model::Desk(desk), Outcome::Desk(outcome)) => {
            desk::desk(desk, outcome, &answer, telling, paper)
        }
        _ => unreachable!("an outcome is of its scenario's model"),
    };
    let theory = theory::beside_run(scenario, &ClosedForm::of(scenario), outcome, paper);
    results + &theory + &telling.close(paper)
}

/// A row per measure: mean, deviation, quantiles and the greatest, each column aligned.
fn statistics(unit: &str, measures: &[(impl AsRef<str>, Statistics)], paper: &Paper) -> String {
    let rows = measures
        .iter()
        .map(|(name, seen)| (name.as_ref().to_owned(), *seen));
    let rows: Vec<(String, Statistics)> = rows.collect();
    let mut table = page::statistics(String::new(), "mean|sd|p50|p95|p99|most", &rows);
    table.head[0] = unit.to_owned();
    paper.table(&table, 0..rows.len())
}
