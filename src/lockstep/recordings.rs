//! Recordings from which each customer takes one value, in order, and checks that they are long enough for a run.
//!
//! The k-th value belongs to the k-th customer, or to the k-th of a class, whether that customer comes to the
//! station or not. The number of customers may be known only when they arrive.

use super::system::System;

/// A recording at a station.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    what: String,
    had: u64,
    /// The class of customers it is for; none for all customers.
    class: Option<u32>,
}

/// A recording that is too short.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shortage {
    /// The values it supplies, in words.
    pub(super) what: String,
    /// Number of values in it.
    pub(super) had: u64,
    /// Number of values needed, at least.
    pub(super) needed: u64,
}

/// The recordings at the stations of a system.
pub(super) fn recordings(system: &System) -> Vec<Recording> {
    let mut all = Vec::new();
    for node in &system.stations {
        for (key, law, class) in node.stage.laws_of_customers() {
            let values = match key {
                "service" => "services",
                "setup" => "set-ups",
                other => other,
            };
            let whom = class.map(|class| format!(" of class {}", system.classes[class].name));
            all.extend(law.length().map(|had| Recording {
                what: format!(
                    "the {values}{} at stage {}",
                    whom.unwrap_or_default(),
                    node.stage.name
                ),
                had,
                class: class.map(|class| class as u32),
            }));
        }
    }
    all
}

impl Recording {
    /// The number of values needed for `made` customers in all and `made_of` of each class.
    pub(super) fn needed(&self, made: u64, made_of: &[u64]) -> u64 {
        self.class.map_or(made, |class| made_of[class as usize])
    }

    /// Whether it has no value for the last of these customers.
    pub(super) fn ends_before(&self, made: u64, made_of: &[u64]) -> bool {
        self.had < self.needed(made, made_of)
    }

    /// The shortage if this many values are needed.
    pub(super) fn short_of(&self, needed: u64) -> Shortage {
        Shortage {
            what: self.what.clone(),
            had: self.had,
            needed,
        }
    }
}
