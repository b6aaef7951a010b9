//! The models side by side: every operation on a scenario, for any model. This is the only place that chooses
//! between the models; code that runs, tries, times or draws a scenario calls it.

mod length;
mod outcome;

pub use outcome::Outcome;

use crate::actor::trial::{Schedule, Tried};
use crate::actor::{Recording, RunError, Runtime, Surroundings};
use crate::desk;
use crate::scenario::{Desk, Intervals, Scenario, Tandem};
use crate::station::Happening;
use crate::tandem;

/// The model of a scenario.
#[derive(Clone, Copy, Debug)]
pub enum Model<'a> {
    /// Customers pass stages in series.
    Line(&'a Tandem),
    /// Requests are served by attendants who may fail.
    Desk(&'a Desk),
}

impl<'a> Model<'a> {
    /// The model of this scenario.
    #[must_use]
    pub fn of(scenario: &'a Scenario) -> Model<'a> {
        match scenario {
            Scenario::Tandem(line) => Model::Line(line),
            Scenario::Desk(desk) => Model::Desk(desk),
        }
    }

    /// Runs one replication. `chunk` is the maximum number of customers in a message of a line; without it, the
    /// usual number for the runtime.
    ///
    /// # Errors
    /// See [`RunError`].
    pub fn run(
        self,
        replication: u64,
        runtime: Runtime,
        chunk: Option<usize>,
        recording: Recording,
        around: Surroundings<'_, Happening>,
    ) -> Result<Outcome, RunError> {
        match self {
            Model::Line(line) => {
                let chunk = chunk.unwrap_or_else(|| tandem::usual_chunk(runtime));
                let outcome = tandem::run(line, replication, runtime, chunk, recording, around)?;
                Ok(Outcome::Line(Box::new(outcome)))
            }
            Model::Desk(desk) => {
                let outcome = desk::run(desk, replication, runtime, recording, around)?;
                Ok(Outcome::Desk(Box::new(outcome)))
            }
        }
    }

    /// Runs it once under a schedule; `moves` is roughly its length. See [`trial::run`](crate::actor::trial::run).
    pub fn trial(
        self,
        schedule: &Schedule,
        moves: u64,
        recording: Recording,
        around: Surroundings<'_, Happening>,
    ) -> Tried<Outcome> {
        match self {
            Model::Line(line) => {
                let tried = tandem::trial(line, schedule, moves, recording, around);
                tried.map(|outcome| Outcome::Line(Box::new(outcome)))
            }
            Model::Desk(desk) => {
                let tried = desk::trial(desk, schedule, moves, recording, around);
                tried.map(|outcome| Outcome::Desk(Box::new(outcome)))
            }
        }
    }

    /// Runs it once on threads, and counts messages and waiting; see
    /// [`trial::counted`](crate::actor::trial::counted).
    pub fn counted(
        self,
        channel_capacity: usize,
        chunk: usize,
        around: Surroundings<'_, Happening>,
    ) -> Tried<Outcome> {
        match self {
            Model::Line(line) => {
                let tried = tandem::counted(line, channel_capacity, chunk, around);
                tried.map(|outcome| Outcome::Line(Box::new(outcome)))
            }
            Model::Desk(desk) => {
                let tried = desk::counted(desk, channel_capacity, around);
                tried.map(|outcome| Outcome::Desk(Box::new(outcome)))
            }
        }
    }

    /// The graph of its actors and channels of this capacity, in the Graphviz language.
    #[must_use]
    pub fn graph(self, channel_capacity: usize) -> String {
        match self {
            Model::Line(line) => tandem::graph(line, channel_capacity),
            Model::Desk(desk) => desk::graph(desk),
        }
    }

    /// The number of its actors on threads, each on a thread of its own, with this recording.
    #[must_use]
    pub fn actors(self, recording: Recording) -> usize {
        match self {
            Model::Line(line) => tandem::actors(line, recording),
            Model::Desk(desk) => desk::actors(desk),
        }
    }

    /// Whether a source generates its customers, some each turn; otherwise a coordinator or a generator takes the
    /// turns.
    #[must_use]
    pub fn has_source(self, runtime: Runtime, recording: Recording) -> bool {
        match self {
            Model::Line(line) => line.is_plain() || tandem::runs_ahead(line, runtime, recording),
            Model::Desk(_) => false,
        }
    }

    /// The word for customers or requests, at the beginning of a sentence.
    #[must_use]
    pub fn served(self) -> &'static str {
        match self {
            Model::Line(_) => "Customers",
            Model::Desk(_) => "Requests",
        }
    }

    /// The number of stages of a line; 0 for a desk.
    #[must_use]
    pub fn stages(self) -> usize {
        match self {
            Model::Line(line) => line.stages.len(),
            Model::Desk(_) => 0,
        }
    }

    /// The intervals that it reports.
    #[must_use]
    pub fn intervals(self) -> Option<Intervals> {
        match self {
            Model::Line(line) => line.intervals,
            Model::Desk(desk) => desk.intervals,
        }
    }

    /// Whether its messages carry several customers, so that their number affects speed.
    #[must_use]
    pub fn has_chunks(self) -> bool {
        matches!(self, Model::Line(_))
    }
}
