//! The outcome of a run, for any model. A renderer of one model's summary matches on it.

use crate::desk::DeskOutcome;
use crate::digest::Digest;
use crate::lockstep::Deadlocked;
use crate::scenario::Scenario;
use crate::stats::{BatchMeans, Statistics};
use crate::tandem::LineOutcome;
use serde::{Serialize, Serializer};

/// The outcome of a run; serialised, it is the summary.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The outcome of a line.
    Line(Box<LineOutcome>),
    /// The outcome of a desk.
    Desk(Box<DeskOutcome>),
}

impl Outcome {
    /// The fingerprint of the records and the summary.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Outcome::Line(outcome) => outcome.digest,
            Outcome::Desk(outcome) => outcome.digest,
        }
    }

    /// Whether the run was wound up before its end.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        match self {
            Outcome::Line(outcome) => outcome.interrupted,
            Outcome::Desk(outcome) => outcome.interrupted,
        }
    }

    /// The stations of a network that blocked each other permanently, if any did.
    #[must_use]
    pub fn deadlocked(&self) -> Option<&Deadlocked> {
        match self {
            Outcome::Line(outcome) => outcome.deadlocked.as_ref(),
            Outcome::Desk(_) => None,
        }
    }

    /// The statistics of the waits of all measured customers or requests, and these waits in batches.
    #[must_use]
    pub fn waiting(&self) -> (Statistics, &BatchMeans) {
        match self {
            Outcome::Line(outcome) => (outcome.summary.waiting, &outcome.waiting_batches),
            Outcome::Desk(outcome) => (outcome.summary.waiting, &outcome.waiting_batches),
        }
    }

    /// The time at which it ended, on the clock of its records; for a desk in steps, the end of the last step.
    #[must_use]
    pub fn end(&self) -> f64 {
        match self {
            Outcome::Line(outcome) => outcome.summary.clock,
            Outcome::Desk(outcome) => outcome.end,
        }
    }

    /// Customers who arrived, steps done, or the time of the end.
    #[must_use]
    pub fn length(&self) -> f64 {
        match self {
            Outcome::Line(outcome) => outcome.summary.customers.arrived as f64,
            Outcome::Desk(outcome) => match outcome.summary.steps {
                Some(steps) => steps as f64,
                None => outcome.end,
            },
        }
    }

    /// The options of `filas run`, with a space before each, by which a run of this scenario ends where this one
    /// was stopped; empty if it came to its end.
    #[must_use]
    pub fn ending(&self, scenario: &Scenario) -> String {
        if !self.interrupted() {
            return String::new();
        }
        let end = self.length();
        match (scenario, self) {
            // A scenario has at least one step; a run may have been stopped before it.
            (Scenario::Desk(desk), _) if desk.steps().is_some() && end > 0.0 => {
                format!(" --set steps={end}")
            }
            // Other settings would change what depends on the horizon: its intervals, and whether its warm-up fits.
            (Scenario::Tandem(line), Outcome::Line(outcome)) if line.has_population() => {
                format!(" --stop-after {}", outcome.summary.clock)
            }
            _ => format!(" --stop-after {end}"),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Outcome::Line(outcome) => outcome.summary.serialize(serializer),
            Outcome::Desk(outcome) => outcome.summary.serialize(serializer),
        }
    }
}
