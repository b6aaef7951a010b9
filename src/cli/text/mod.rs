//! The text summary: what a run has to say at a glance, in at most 100 columns.
//!
//! One question is answered first, then shown why, then how to get the rest. Numbers are rounded to
//! what they are worth and aligned on the decimal point; units stand once.

mod desk;
mod life;
mod line;
mod order;
mod paper;
mod stress;
mod study;
mod sweep;
mod theory;

pub use life::{customer_life, request_life};
pub use order::{OrderTelling, order};
pub use paper::{Ink, Paper};
pub use stress::stress;
pub use study::{StudyTelling, replications};
pub use sweep::sweep;
pub use theory::{inside, theory};

use crate::model::{Model, Outcome};
use crate::report::number;
use crate::scenario::Scenario;
use crate::stats::Statistics;
use std::time::Duration;

/// What the text tells of a run beside its results.
#[derive(Clone, Debug)]
pub struct Telling<'a> {
    /// The seed it ran from.
    pub seed: u64,
    /// The engine.
    pub engine: &'static str,
    /// How many threads the engine used.
    pub threads: usize,
    /// How long it took, by the wall clock.
    pub took: Duration,
    /// Whether it was wound up before its end.
    pub interrupted: bool,
    /// The digest of the results.
    pub digest: String,
    /// What to do next; commands that exist.
    pub next: &'a [String],
}

impl Telling<'_> {
    /// The parts of the title all models share.
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

    /// The last lines: whether it is whole, the digest, what next.
    fn close(&self, paper: &Paper) -> String {
        let mut text = String::new();
        if self.interrupted {
            let word = paper.paint(Ink::Failed, "interrupted");
            text += &format!("  {word}: these are the results up to there\n");
        }
        let digest = paper.paint(Ink::Strong, &self.digest);
        text += &format!("  digest {digest}   the same on every engine\n");
        for next in self.next {
            text += &format!("  {}\n", paper.paint(Ink::Faint, next));
        }
        text
    }
}

/// The text summary of a run.
///
/// # Panics
/// If the outcome is of another model than the scenario.
#[must_use]
pub fn run(scenario: &Scenario, outcome: &Outcome, telling: &Telling<'_>, paper: &Paper) -> String {
    match (Model::of(scenario), outcome) {
        (Model::Line(line), Outcome::Line(outcome)) => line::line(line, outcome, telling, paper),
        (Model::Desk(desk), Outcome::Desk(outcome)) => desk::desk(desk, outcome, telling, paper),
        _ => unreachable!("an outcome is of its scenario's model"),
    }
}

/// A row per measure: mean, deviation, quantiles and the greatest, each column aligned.
fn statistics(unit: &str, measures: &[(&str, Statistics)], paper: &Paper) -> String {
    type Pick = fn(&Statistics) -> Option<f64>;
    let columns: [(&str, Pick); 6] = [
        ("mean", |s| s.mean),
        ("sd", |s| s.sd),
        ("p50", |s| s.p50),
        ("p95", |s| s.p95),
        ("p99", |s| s.p99),
        ("most", |s| s.max),
    ];
    let mut lines = vec![format!("  {unit:<13}")];
    lines.extend(measures.iter().map(|(name, _)| format!("  {name:<13}")));
    for (head, pick) in columns {
        let values: Vec<Option<f64>> = measures.iter().map(|(_, s)| pick(s)).collect();
        let cells = number::column(&values, paper.none());
        lines[0] += &format!("{head:>10}");
        for (line, cell) in lines[1..].iter_mut().zip(cells) {
            *line += &format!("{cell:>10}");
        }
    }
    lines[0] = paper.paint(Ink::Faint, &lines[0]);
    lines.join("\n") + "\n"
}
