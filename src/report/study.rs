//! The documents of studies, as JSON: `summary.json` of their results folders.

use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::Interval;
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
        let (model, name, time_unit, seed) = match scenario {
            Scenario::Tandem(line) => (
                "tandem",
                &line.name,
                Some(line.time_unit.as_deref()),
                line.seed,
            ),
            Scenario::Desk(desk) => ("desk", &desk.name, None, desk.seed),
        };
        Head {
            filas: env!("CARGO_PKG_VERSION"),
            model,
            name,
            time_unit,
            seed,
            engine,
        }
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
    /// How many replications there are.
    pub replications: u64,
    /// Of the intervals.
    pub confidence: f64,
    /// All digests, folded in order.
    #[serde(serialize_with = "as_text")]
    pub digest: Digest,
    /// Whether it was wound up before the goal.
    pub interrupted: bool,
    /// Whether the precision asked for was reached; null if none was asked for.
    pub precision_reached: Option<bool>,
    /// An interval for every measure.
    pub measures: Keyed<'a, Interval>,
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
