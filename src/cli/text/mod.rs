//! The text summary: what a run has to say at a glance, in at most 100 columns.
//!
//! One question is answered first, then shown why, then how to get the rest. Numbers are rounded to
//! what they are worth and aligned on the decimal point; units stand once.

mod line;
mod number;
mod order;
mod paper;

pub use line::line;
pub use number::{count, percent, plain};
pub use order::{OrderTelling, order};
pub use paper::{Ink, Paper};

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
        let threads = match self.threads {
            1 => "1 thread".to_owned(),
            n => format!("{n} threads"),
        };
        [
            format!("seed {}", self.seed),
            format!("{}, {threads}", self.engine),
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
