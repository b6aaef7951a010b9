//! What every scenario has, whichever its model: a name, a seed, a model; and the doors for what only one
//! model knows.

use super::{Desk, Scenario, Tandem};

impl Scenario {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Scenario::Tandem(line) => &line.name,
            Scenario::Desk(desk) => &desk.name,
        }
    }

    /// From which all chance follows.
    #[must_use]
    pub fn seed(&self) -> u64 {
        match self {
            Scenario::Tandem(line) => line.seed,
            Scenario::Desk(desk) => desk.seed,
        }
    }

    /// The key `model` of its file.
    #[must_use]
    pub fn model(&self) -> &'static str {
        match self {
            Scenario::Tandem(_) => "tandem",
            Scenario::Desk(_) => "desk",
        }
    }

    /// The unit of its times: the steps of a desk, what a line's file names.
    #[must_use]
    pub fn time_unit(&self) -> Option<&str> {
        match self {
            Scenario::Tandem(line) => line.time_unit.as_deref(),
            Scenario::Desk(_) => Some("steps"),
        }
    }

    /// The line, for what only a line has: orders of its stages, a warm-up.
    #[must_use]
    pub fn line(&self) -> Option<&Tandem> {
        match self {
            Scenario::Tandem(line) => Some(line),
            Scenario::Desk(_) => None,
        }
    }

    /// The line, to be changed.
    pub fn line_mut(&mut self) -> Option<&mut Tandem> {
        match self {
            Scenario::Tandem(line) => Some(line),
            Scenario::Desk(_) => None,
        }
    }

    /// The desk, for what only a desk has: attendants to take down, a buffer.
    #[must_use]
    pub fn desk(&self) -> Option<&Desk> {
        match self {
            Scenario::Tandem(_) => None,
            Scenario::Desk(desk) => Some(desk),
        }
    }
}
