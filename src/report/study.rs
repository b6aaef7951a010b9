//! The documents of studies, as JSON: `summary.json` of their results folders.

use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::{Assumption, Fit};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What all studies say first.
#[derive(Clone, Debug, Serialize)]
pub struct Head<'a> {
    filas: &'static str,
    model: &'static str,
    name: &'a str,
    /// Only where a model has a unit of time; null if the scenario names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unit: Option<Option<&'a str>>,
    seed: u64,
    engine: &'a str,
}

impl<'a> Head<'a> {
    /// The head of a study of this scenario.
    #[must_use]
    pub fn of(scenario: &'a Scenario, engine: &'a str) -> Head<'a> {
        Head {
            filas: env!("CARGO_PKG_VERSION"),
            model: scenario.model(),
            name: scenario.name(),
            time_unit: scenario.line().map(|line| line.time_unit.as_deref()),
            seed: scenario.seed(),
            engine,
        }
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }
}

/// Values under keys, in their order.
#[derive(Clone, Debug)]
pub struct Keyed<'a, T>(pub Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Keyed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// The document of `filas replicate`.
#[derive(Clone, Debug, Serialize)]
pub struct Replications<'a> {
    /// What it is of.
    #[serde(flatten)]
    pub head: Head<'a>,
    /// Which share of a study it is, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// How many replications there are.
    pub replications: u64,
    /// Of the intervals.
    pub confidence: f64,
    /// All digests, folded in order.
    #[serde(serialize_with = "as_text")]
    pub digest: Digest,
    /// Whether it was wound up before the goal.
    pub interrupted: bool,
    /// How many customers each run leaves out; null for a desk.
    pub warm_up: Option<u64>,
    /// Whether the precision asked for was reached; null if none was asked for.
    pub precision_reached: Option<bool>,
    /// An interval for every measure.
    pub measures: Keyed<'a, Interval>,
    /// What theory says of the scenario.
    pub theory: Theory<'a>,
    /// Where theory applies, for its measures whether the interval holds its value.
    pub inside: Keyed<'a, Option<bool>>,
}

/// What theory says of a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Theory<'a> {
    applies: bool,
    model: &'a str,
    approximation: bool,
    /// The first assumption that fails.
    fails: Option<&'a str>,
    assumptions: &'a [Assumption],
    measures: Keyed<'a, f64>,
}

impl<'a> Theory<'a> {
    /// As this form says.
    #[must_use]
    pub fn of(fit: &'a Fit) -> Theory<'a> {
        let measures = fit.measures.iter();
        Theory {
            applies: fit.applies,
            model: &fit.model,
            approximation: fit.approximation,
            fails: fit.fails(),
            assumptions: &fit.assumptions,
            measures: Keyed(
                measures
                    .map(|(key, value)| (key.as_str(), *value))
                    .collect(),
            ),
        }
    }
}

/// The document of `filas theory`.
#[derive(Clone, Debug, Serialize)]
pub struct TheoryOfScenario<'a> {
    filas: &'static str,
    /// The scenario's name; `model` is the closed form here.
    name: &'a str,
    #[serde(flatten)]
    theory: Theory<'a>,
}

impl<'a> TheoryOfScenario<'a> {
    /// What this form says of this scenario.
    #[must_use]
    pub fn of(scenario: &'a Scenario, fit: &'a Fit) -> TheoryOfScenario<'a> {
        TheoryOfScenario {
            filas: env!("CARGO_PKG_VERSION"),
            name: Head::of(scenario, "").name,
            theory: Theory::of(fit),
        }
    }
}

/// The document of `filas sweep`.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep<'a> {
    /// What it is of.
    #[serde(flatten)]
    pub head: Head<'a>,
    /// Which share of a study it is, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// How many replications each cell has.
    pub replications: u64,
    /// Of the intervals.
    pub confidence: f64,
    /// The digests of the cells, folded in order.
    #[serde(serialize_with = "as_text")]
    pub digest: Digest,
    /// Whether it was wound up before the end.
    pub interrupted: bool,
    /// Whether the precision asked for was reached; null if none was asked for.
    pub precision_reached: Option<bool>,
    /// The cells, the last key changing fastest.
    pub cells: Vec<GridCell<'a>>,
}

/// A cell of a grid.
#[derive(Clone, Debug, Serialize)]
pub struct GridCell<'a> {
    /// What was set.
    pub set: Keyed<'a, serde_json::Value>,
    /// How many replications there are.
    pub replications: u64,
    /// Their digests, folded in order.
    #[serde(serialize_with = "as_text")]
    pub digest: Digest,
    /// An interval for every measure.
    pub measures: Keyed<'a, Interval>,
    /// An interval for what every measure differs by from the first cell's, pair by pair.
    pub difference: Keyed<'a, Interval>,
}

/// The document of a share of a round of `filas order`, which has no answer yet.
#[derive(Clone, Debug, Serialize)]
pub struct OrderShare<'a> {
    /// What it is of.
    #[serde(flatten)]
    pub head: Head<'a>,
    /// Which share it is.
    pub shard: String,
    /// How many runs of the round are for others to do.
    pub for_others: u64,
}

fn as_text<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(digest)
}

/// A document as JSON, with a line break at its end.
#[must_use]
pub fn json(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document is plain data");
    text.push('\n');
    text
}
